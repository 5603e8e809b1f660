"""A story's page: the discussion, what readers do not see marked in it, closed and opened."""

from datetime import UTC, datetime
from uuid import UUID

from sqlalchemy import select

from moderation import comments
from moderation.models import AuditEntry, Story
from tests.desk.conftest import words
from tests.desk.test_queue import counted
from tests.desk.visitor import Visitor
from tests.newsroom import Newsroom, later, submission, unrecorded


def story_of(newsroom: Newsroom, name: str = "tram-7") -> str:
    """The address of a story's page."""
    with newsroom.db.reading() as session:
        story = session.scalars(select(Story).where(Story.external_id == name)).one()
    return f"/sites/the-daily/stories/{story.id}"


def say(newsroom: Newsroom, text: str, minute: float, **fields: str) -> UUID:
    written = later(minute - 100).isoformat()
    return newsroom.receive(text, external_id=text, created_at=written, **fields)


def test_the_discussion_stands_in_reading_order_whatever_its_status(
    newsroom: Newsroom, ana: Visitor
) -> None:
    say(newsroom, "second thread", 50)
    say(newsroom, "first thread", 10)
    say(newsroom, "later reply", 40, parent="first thread")
    newsroom.judge()
    say(newsroom, "rude reply", 20, parent="first thread")
    newsroom.judge({"insult": 0.83})
    say(newsroom, "answer to it", 30, parent="rude reply")
    newsroom.judge()
    say(newsroom, "not judged yet", 60)

    page = ana.get(story_of(newsroom))

    said = words(page)
    order = ["first thread", "rude reply", "answer to it", "later reply", "second thread"]
    places = [page.text.index(f'dir="auto">{text}<') for text in [*order, "not judged yet"]]
    assert places == sorted(places)
    for depth in (0, 1, 2):
        assert f'<li class="depth-{depth} ' in page.text
    assert "held" in said[said.index("rude reply") - 60 : said.index("rude reply")]
    assert "Readers do not see it. Held by the policy" in said
    assert "approved, below one that never was public" in said
    assert "waiting to be judged" in said
    for name, value in (("Approved", 4), ("Held", 1), ("Blocked", 0), ("Waiting to be judged", 1)):
        assert f"<dt>{name}</dt><dd>{value}</dd>" in page.text


def test_a_blocked_one_with_replies_is_a_tombstone_to_readers(
    newsroom: Newsroom, ana: Visitor
) -> None:
    blocked = say(newsroom, "You are a fool.", 1)
    say(newsroom, "Calm down.", 2, parent="You are a fool.")
    erased = say(newsroom, "Words that go.", 3)
    newsroom.judge()
    ana.act("block", blocked, status="approved", clause="personal-attacks", note="He knows why")
    with newsroom.db.transaction() as session:
        comments.erase(session, newsroom.daily.id, erased, record=unrecorded, now=later(4))
    said = words(ana.get(story_of(newsroom)))
    assert "You are a fool." in said
    assert "Readers see that a comment stood here. Blocked by you for Personal attacks" in said
    assert "Words that go." not in said
    assert "deleted by the site" in said


def test_pages_follow_each_other_without_gap_or_repeat(newsroom: Newsroom, ana: Visitor) -> None:
    for number in range(60):
        parent = {"parent": f"n{number - 1}."} if number % 3 else {}
        say(newsroom, f"n{number}.", number, **parent)
    newsroom.judge({"insult": 0.83})
    first = ana.get(story_of(newsroom))
    following = first.text.partition('class="next" href="')[2].partition('"')[0]
    second = ana.get(following)
    seen = [page.text.count('<blockquote class="excerpt"') for page in (first, second)]
    assert seen == [50, 10]
    for number in range(60):
        texts = first.text + second.text
        assert texts.count(f'dir="auto">n{number}.<') == 1
    assert 'class="next"' not in second.text
    for place in ("x", "1-2", "9" * 40 + "-" + "0" * 32):
        assert ana.get(story_of(newsroom), query_string={"after": place}).status_code == 404


def test_fifty_comments_cost_as_many_queries_as_one(newsroom: Newsroom, ana: Visitor) -> None:
    say(newsroom, "The only one", 0)
    newsroom.judge({"insult": 0.83})
    path = story_of(newsroom)
    with counted(newsroom.db) as one:
        ana.get(path)
    for number in range(60):
        say(newsroom, f"n{number}.", number + 1, parent="The only one")
    newsroom.judge({"insult": 0.83})
    with counted(newsroom.db) as many:
        ana.get(path)
    assert len(one) <= 10
    # One more: whether a comment that has replies was public before.
    assert len(many) <= len(one) + 1


def test_a_closed_story_turns_comments_away_until_it_is_opened(
    newsroom: Newsroom, ana: Visitor
) -> None:
    newsroom.approved()
    path = story_of(newsroom)

    def post() -> object:
        with newsroom.db.transaction() as session:
            now = datetime.now(UTC)
            [answer] = comments.receive(session, newsroom.daily.id, [submission()], now=now)
            return answer

    ana.get(path)
    assert ana.post(f"{path}/close").location == path
    assert "The story takes no more comments." in (said := words(ana.get(path)))
    assert "new comments are turned away" in said
    assert isinstance(post(), comments.Refused)
    ana.post(f"{path}/close")  # a double click
    assert ana.post(f"{path}/open", back=path).location == path
    assert isinstance(post(), comments.Received)
    with newsroom.db.reading() as session:
        entries = session.execute(
            select(AuditEntry.event, AuditEntry.moderator_id).where(
                AuditEntry.event.startswith("story_")
            )
        ).all()
    assert sorted(entries) == [
        ("story_closed", newsroom.ana.id),
        ("story_opened", newsroom.ana.id),
    ]


def test_it_can_be_reached_from_card_log_case_and_commenter(
    newsroom: Newsroom, ana: Visitor
) -> None:
    held = newsroom.held()
    link = f'href="{story_of(newsroom)}"'
    for path in (
        "/queue",
        "/decisions?by=policy",
        f"/sites/the-daily/comments/{held}/case",
        f"/sites/the-daily/commenters/{newsroom.comment(held).commenter_id}",
    ):
        assert link in ana.get(path).text, path


def test_another_papers_story_is_not_found(newsroom: Newsroom, ana: Visitor, ben: Visitor) -> None:
    newsroom.held()
    own = story_of(newsroom)
    nothing = f"/sites/the-daily/stories/{newsroom.daily.id}"
    for path in (own, own.replace("the-daily", "the-evening-post")):
        assert ben.get(path).status_code == 404
        for act in ("close", "open"):
            assert ben.post(f"{path}/{act}").status_code == 404
    for act in ("close", "open"):
        assert ana.post(f"{nothing}/{act}").status_code == 404
    assert ana.get(nothing).status_code == 404
