"""What a reader's page asks for and sends: the thread, and what becomes of what they write."""

import json
from datetime import UTC, datetime
from uuid import UUID, uuid4

import pytest
from sqlalchemy import func, select

from moderation import commenter_blocks, commenters, decisions, site_settings, sites, stories
from moderation.decisions import Seen
from moderation.models import Comment, Flag, Status
from moderation.policy import Mode
from moderation.submission import GUEST
from tests.desk.test_queue import counted
from tests.embed.conftest import Reader, app_of, let_in, signed, writer_of
from tests.newsroom import Newsroom, later

TOLD = {"id", "status", "says", "reason", "appealed", "may_appeal", "posted_at", "text"}
"""All that a writer is told of their comment."""


def block(
    newsroom: Newsroom, comment_id: UUID, *, explanation: str = "", minutes: float = 0
) -> None:
    """Ana blocks it for an insult."""
    comment = newsroom.comment(comment_id)
    seen = Seen(comment_id=comment_id, revision=comment.revision, status=Status(comment.status))
    with newsroom.db.transaction() as session:
        decisions.block(
            session,
            newsroom.daily.id,
            seen,
            clause="personal-attacks",
            explanation=explanation,
            moderator_id=newsroom.ana.id,
            now=datetime.now(UTC),
        )


def test_the_thread_as_readers_see_it(newsroom: Newsroom, omar: Reader) -> None:
    first = newsroom.approved("See https://daily.example/a.", external_id="secret-id")
    newsroom.held("You are a fool, Tom.")
    newsroom.approved("Indeed.", parent=str(first), commenter={"id": "tom", "name": "Tom"})
    block(newsroom, first)

    found = omar.reads()

    assert (found["count"], found["counted"]) == (1, "1 comment")
    tombstone, reply = found["comments"]
    assert tombstone["gone"] == "This comment was removed by a moderator or by the policy."
    assert (tombstone["parts"], tombstone["name"]) == ([], None)
    assert (reply["name"], reply["depth"], reply["parent"]) == ("Tom", 1, str(first))
    assert reply["parts"] == [["Indeed.", None]]
    assert [clause["title"] for clause in found["policy"]["clauses"]] == [
        "Profanity",
        "Personal attacks",
    ]
    told = json.dumps(found)
    assert "secret-id" not in told
    assert '"rita"' not in told


def test_pages_follow_each_other(newsroom: Newsroom, omar: Reader) -> None:
    written = [
        newsroom.receive(f"Number {n}.", created_at=later(n - 55).isoformat()) for n in range(55)
    ]
    newsroom.judge()
    first = omar.reads()
    second = omar.reads(after=first["next"])
    shown = [comment["id"] for comment in first["comments"] + second["comments"]]
    assert shown == [str(one) for one in written]
    assert second["next"] is None
    assert omar.call("GET", query_string={"story": "tram-7", "after": "no"}).status_code == 422


def test_a_story_that_nobody_has_written_about(omar: Reader) -> None:
    found = omar.reads("never-heard-of")
    assert (found["count"], found["comments"], found["closed"]) == (0, [], False)
    assert found["policy"]["title"] == "What we print"


@pytest.mark.parametrize("story", ["", "a\0b", "s" * 201])
def test_what_no_story_can_be_called(omar: Reader, story: str) -> None:
    answer = omar.call("GET", query_string={"story": story})
    assert (answer.status_code, answer.get_json()["why"]) == (422, "unreadable")


def test_a_guest_writes_and_learns_what_became_of_it(newsroom: Newsroom, omar: Reader) -> None:
    answer = omar.posts("Well said.")
    assert answer.status_code == 202
    own = answer.get_json()
    assert own["says"] == "Your comment has come in, and is being checked."
    newsroom.judge()
    own = omar.call("GET", f"/{own['id']}").get_json()
    assert (own["status"], own["says"]) == ("approved", "Your comment is published.")
    [shown] = omar.reads()["comments"]
    assert (shown["name"], shown["guest"]) == ("Omar", True)
    writer = writer_of(newsroom, UUID(own["id"]))
    assert writer.external_id.startswith(GUEST)


@pytest.mark.parametrize(
    ("scores", "says"),
    [
        ({"insult": 0.83}, "Your comment waits for a moderator."),
        ({"obscene": 0.97}, "Your comment was not published: “Profanity”."),
    ],
)
def test_neither_scores_nor_thresholds_are_told(
    newsroom: Newsroom, omar: Reader, scores: dict[str, float], says: str
) -> None:
    comment_id = omar.posted()
    newsroom.judge(scores)
    answer = omar.call("GET", f"/{comment_id}")
    assert answer.get_json()["says"] == says
    [own] = omar.reads()["own"]
    assert own == answer.get_json()
    assert set(own) == TOLD
    words = json.dumps([own[name] for name in TOLD - {"id", "posted_at"}])
    assert not any(word in words for word in ("0.", "insult", "obscene"))


def test_a_reader_whom_the_site_knows_is_the_one_of_its_api(
    newsroom: Newsroom, rita: Reader
) -> None:
    before = newsroom.comment(newsroom.receive()).commenter_id
    assert rita.reads()["you"] == "Rita"
    after = newsroom.comment(rita.posted("Again.")).commenter_id
    assert after == before


def test_an_answer_stands_below_what_it_answers(newsroom: Newsroom, omar: Reader) -> None:
    first = newsroom.approved()
    reply = omar.posted("I agree.", parent=str(first))
    newsroom.judge()
    assert [one["id"] for one in omar.reads()["comments"]] == [str(first), str(reply)]
    turned = omar.posts("I agree.", parent=str(uuid4()))
    assert (turned.status_code, turned.get_json()["why"]) == (422, "parent-gone")


def test_what_is_sent_twice_is_one_comment(newsroom: Newsroom, omar: Reader) -> None:
    first = omar.posted("Once.", key="k")
    assert omar.posted("Once.", key="k") == first
    assert omar.posted("Something else.", key="k") != first


def test_a_key_of_a_page_is_none_of_the_api(newsroom: Newsroom, omar: Reader) -> None:
    omar.posted("Mine.", key="daily-1")
    other = Reader(omar.client)
    other.reads()
    other.posted("Mine.", key="daily-1", name="Nora")
    assert len({newsroom.comment(one).id for one in _all(newsroom)}) == 2


def _all(newsroom: Newsroom) -> list[UUID]:
    with newsroom.db.reading() as session:
        return list(session.scalars(select(Comment.id)))


@pytest.mark.parametrize(
    ("fields", "status", "why"),
    [
        ({"text": " \n"}, 422, "text-missing"),
        ({"text": "x" * 10_001}, 422, "too-long"),
        ({"name": ""}, 422, "name-missing"),
        ({"name": "..."}, 422, "name-missing"),
        ({"name": "n" * 201}, 422, "too-long"),
        ({"name": "RITA"}, 409, "name-taken"),
        ({"name": "The  Daily"}, 409, "name-taken"),
        ({"story": ""}, 422, "unreadable"),
        ({"story": "s" * 201}, 422, "unreadable"),
        ({"text": "\ud800".encode("utf-8", "surrogatepass").decode("latin-1")}, 202, None),
    ],
)
def test_what_does_not_fit_is_said(
    newsroom: Newsroom, omar: Reader, fields: dict[str, str], status: int, why: str | None
) -> None:
    newsroom.receive()
    answer = omar.posts(**({"text": "Well said."} | fields))
    assert (answer.status_code, answer.get_json().get("why")) == (status, why)
    if why is not None:
        assert answer.get_json()["says"]


def test_a_closed_story_takes_nothing(newsroom: Newsroom, omar: Reader) -> None:
    newsroom.approved()
    with newsroom.db.transaction() as session:
        stories.close(session, newsroom.daily.id, "tram-7", now=later(1))
    assert omar.reads()["closed"]
    turned = omar.posts()
    assert (turned.status_code, turned.get_json()["why"]) == (409, "story-closed")


def test_whoever_is_blocked_writes_edits_and_reports_nothing(
    newsroom: Newsroom, rita: Reader
) -> None:
    other = newsroom.approved(commenter={"id": "tom", "name": "Tom"})
    mine = rita.posted()
    with newsroom.db.transaction() as session:
        row = commenters.named(session, newsroom.daily.id, "rita")
        commenter_blocks.block(
            session, row, reason="Spam.", until=None, moderator_id=None, now=later(1)
        )
    for answer in (
        rita.posts(),
        rita.says(f"/{mine}", text="Other words."),
        rita.says(f"/{other}/report", reason="spam"),
    ):
        assert (answer.status_code, answer.get_json()["why"]) == (403, "commenter-blocked")
    assert "blocked" not in rita.posts().get_json()["says"]


def test_a_new_story_is_as_its_page_says_and_a_known_one_as_the_site_does(
    newsroom: Newsroom, omar: Reader
) -> None:
    omar.posted(story="new", url="https://daily.example/new", title="New")
    omar.posted(story="new", url="https://daily.example/other", title="Other")
    omar.posted(story="away", url="https://evil.example/x", title="T")
    omar.posted(story="script", url="javascript:alert(1)", title="\0")
    newsroom.receive()
    omar.posted(url="https://daily.example/tram-8", title="Tram line 8")

    with newsroom.db.reading() as session:

        def said(name: str) -> tuple[str, str]:
            story = stories.named(session, newsroom.daily.id, name)
            return story.url, story.title

        assert said("new") == ("https://daily.example/new", "New")
        assert said("away") == ("", "T")
        assert said("script") == ("", "")
        assert said("tram-7") == ("https://daily.example/tram-7", "Tram line 7 reopens")


def test_many_comments_cost_as_many_queries_as_two(newsroom: Newsroom, rita: Reader) -> None:
    def asked() -> int:
        with counted(newsroom.db) as sent:
            rita.reads()
        return len(sent)

    def write(count: int) -> None:
        for nth in range(count):
            newsroom.receive(f"Number {nth} of {count}.")
        newsroom.judge()
        newsroom.held(f"You are a fool, number {count}.")

    write(2)
    few = asked()
    write(40)
    assert asked() == few


# --- one's own ------------------------------------------------------------------------------


def test_own_words_are_edited_and_are_judged_again(newsroom: Newsroom, omar: Reader) -> None:
    comment_id = omar.posted()
    newsroom.judge()
    answer = omar.says(f"/{comment_id}", text="Better said.")
    assert (answer.status_code, answer.get_json()["status"]) == (202, "received")
    assert omar.reads()["comments"] == []
    newsroom.judge()
    [shown] = omar.reads()["comments"]
    assert (shown["parts"], shown["edited"]) == ([["Better said.", None]], True)


def test_nobody_elses_comment_is_theirs(newsroom: Newsroom, omar: Reader, rita: Reader) -> None:
    ritas, held = newsroom.approved(), newsroom.held()
    other = Reader(omar.client)
    other.reads()
    omars = omar.posted()
    for reader, comment_id in ((omar, ritas), (omar, held), (other, omars), (rita, omars)):
        for answer in (
            reader.call("GET", f"/{comment_id}"),
            reader.says(f"/{comment_id}", text="Mine now."),
            reader.says(f"/{comment_id}/appeal", text="Why?"),
        ):
            assert (answer.status_code, answer.get_json()["why"]) == (404, "not-here")
    assert rita.call("GET", f"/{ritas}").status_code == 200


def test_a_block_is_told_with_its_reason_and_appealed_once(
    newsroom: Newsroom, omar: Reader
) -> None:
    comment_id = omar.posted("You are a fool, Tom.")
    newsroom.judge({"insult": 0.83})
    block(newsroom, comment_id, explanation="Leave Tom alone.")

    own = omar.call("GET", f"/{comment_id}").get_json()
    assert own["says"] == "Your comment was not published: “Personal attacks”."
    assert (own["reason"], own["may_appeal"]) == ("Leave Tom alone.", True)
    answer = omar.says(f"/{comment_id}/appeal", text="It was a quotation.")
    assert answer.status_code == 202
    assert answer.get_json()["appealed"] == "You have appealed: a person will look at it again."
    assert not answer.get_json()["may_appeal"]
    again = omar.says(f"/{comment_id}/appeal", text="It was a quotation.")
    assert (again.status_code, again.get_json()["why"]) == (409, "already-appealed")


def test_what_is_not_blocked_is_not_appealed(omar: Reader) -> None:
    answer = omar.says(f"/{omar.posted()}/appeal", text="Why?")
    assert (answer.status_code, answer.get_json()["why"]) == (409, "not-blocked")


# --- reports --------------------------------------------------------------------------------


def reports(newsroom: Newsroom) -> int:
    with newsroom.db.reading() as session:
        return session.scalars(select(func.count()).select_from(Flag)).one()


def test_one_address_reports_a_comment_once_a_day_however_many_guests_it_is(
    newsroom: Newsroom, omar: Reader
) -> None:
    comment_id = newsroom.approved()
    for _ in range(3):
        guest = Reader(omar.client)
        guest.reads()
        answer = guest.says(f"/{comment_id}/report", reason="insult", text="Rude.")
        assert answer.get_json()["says"] == "Thank you. It is reported to the moderators."
        # Nor is it told that a second one from there counts for nothing.
        assert int(answer.headers["X-RateLimit-Remaining"]) > 0
    assert reports(newsroom) == 1
    elsewhere = Reader(omar.client, address="192.0.2.2")
    elsewhere.reads()
    elsewhere.says(f"/{comment_id}/report", reason="insult")
    assert newsroom.comment(comment_id).status == "held"  # the policy's rule: two


def test_readers_whom_the_site_knows_report_each_for_themselves(
    newsroom: Newsroom, rita: Reader, secret: str
) -> None:
    comment_id = newsroom.approved(commenter={"id": "tom", "name": "Tom"})
    colleague = Reader(rita.client, token=signed(secret, sub="nora", name="Nora"))
    for reader in (rita, rita, colleague):
        reader.says(f"/{comment_id}/report", reason="insult")
    assert reports(newsroom) == 2


def test_only_what_is_shown_is_reported(newsroom: Newsroom, omar: Reader) -> None:
    for comment_id in (newsroom.held(), uuid4()):
        answer = omar.says(f"/{comment_id}/report", reason="insult")
        assert (answer.status_code, answer.get_json()["why"]) == (404, "not-here")
    answer = omar.says(f"/{newsroom.approved()}/report", reason="made-up")
    assert (answer.status_code, answer.get_json()["why"]) == (422, "unreadable")


def test_a_site_that_only_looks_on_says_so(newsroom: Newsroom, omar: Reader) -> None:
    with newsroom.db.transaction() as session:
        site = sites.named(session, "the-daily")
        site_settings.change(session, site, mode=Mode.SHADOW, now=later(0))
    comment_id = omar.posted()

    def told() -> str:
        own = omar.call("GET", f"/{comment_id}").get_json()
        assert own["status"] == "received"
        return str(own["says"])

    assert told() == "Your comment has come in, and is being checked."
    newsroom.judge()
    assert told() == "Your comment has come in. For now, new comments are not published here."


# --- guests ---------------------------------------------------------------------------------


def test_without_guests_only_known_readers_write_and_report(newsroom: Newsroom) -> None:
    secret = let_in(newsroom, "https://daily.example", guests=False)
    app = app_of(newsroom)
    comment_id = newsroom.approved(commenter={"id": "tom", "name": "Tom"})
    nobody = Reader(app.test_client())
    found = nobody.reads()
    assert (found["guests"], found["guest"], found["you"]) == (False, None, None)
    for answer in (nobody.posts(), nobody.says(f"/{comment_id}/report", reason="spam")):
        assert (answer.status_code, answer.get_json()["why"]) == (401, "no-guests")
    rita = Reader(app.test_client(), token=signed(secret))
    rita.posted()
    assert rita.says(f"/{comment_id}/report", reason="spam").status_code == 200


def test_guests_write_no_more_once_they_are_switched_off(newsroom: Newsroom, omar: Reader) -> None:
    """Also those who have a token. What became of theirs they are told, and can appeal."""
    published, waits = omar.posted("A fair point."), omar.posted("Another one.")
    newsroom.judge()
    let_in(newsroom, "https://daily.example", guests=False)

    for answer in (
        omar.says(f"/{published}", text="Other words."),
        omar.posts(),
        omar.says(f"/{waits}/report", reason="spam"),
    ):
        assert (answer.status_code, answer.get_json()["why"]) == (401, "no-guests")
    assert newsroom.comment(published).revision == 1
    assert {own["id"] for own in omar.reads()["own"]} == {str(published), str(waits)}


def test_a_guests_token_is_good_at_its_site_alone(newsroom: Newsroom, omar: Reader) -> None:
    let_in(newsroom, "https://daily.example", site="the-evening-post")
    there = Reader(omar.client, guest=omar.guest, site="the-evening-post")
    answer = there.posts()
    assert (answer.status_code, answer.get_json()["why"]) == (401, "guest-unknown")
    there.guest = omar.guest[:-2] + "xx"
    assert there.posts().get_json()["why"] == "guest-unknown"
    found = there.reads()  # they read on, as anybody, and can be known again
    assert (found["refused"], bool(found["guest"])) == (None, True)


def test_too_much_at_once_is_said(omar: Reader) -> None:
    answer = omar.posts("x" * 1_100_000)
    assert (answer.status_code, answer.get_json()["why"]) == (413, "too-large")
    assert answer.headers["Access-Control-Allow-Origin"] == omar.origin
