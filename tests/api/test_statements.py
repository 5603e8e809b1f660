"""Statements of reasons: why a comment or a commenter is blocked, as facts and as sentences."""

from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import UUID, uuid4

from sqlalchemy import delete, select, update

from moderation import (
    commenter_blocks,
    commenters,
    comments,
    decisions,
    flags,
    site_settings,
    stories,
)
from moderation.decisions import Seen
from moderation.models import Commenter, CommenterBlock, Decision, Scope, Site, Status
from moderation.queue import expiry
from moderation.staff.pseudonyms import pseudonym
from moderation.submission import FlagReport
from tests.api.conftest import SECRET, Caller, key_of, posted, problem
from tests.newsroom import NOON, POLICY, Newsroom, later, unrecorded


def blocked_by_ana(
    newsroom: Newsroom,
    comment_id: UUID,
    *,
    revision: int = 1,
    status: Status = Status.HELD,
    minutes: float = 10,
) -> UUID:
    with newsroom.db.transaction() as session:
        return decisions.block(
            session,
            newsroom.daily.id,
            Seen(comment_id=comment_id, revision=revision, status=status),
            clause="personal-attacks",
            note="for the desk alone",
            moderator_id=newsroom.ana.id,
            now=later(minutes),
        )


def blocked_by_the_policy(newsroom: Newsroom) -> UUID:
    comment_id = newsroom.receive("Damn you all, and your trams.")
    newsroom.judge({"obscene": 0.99})
    return comment_id


def flagged(newsroom: Newsroom, comment_id: UUID, *readers: str, minutes: float = 5) -> None:
    with newsroom.db.transaction() as session:
        for reader in readers:
            report = FlagReport(reader=reader, reason="insult", text="He means Omar.")
            flags.flag(session, newsroom.daily.id, comment_id, report, now=later(minutes))


def stated(daily: Caller, comment_id: UUID) -> dict[str, Any]:
    response = daily.get(f"/comments/{comment_id}/statement")
    assert response.status_code == 200, response.text
    body: dict[str, Any] = response.get_json()
    return body


def test_blocked_by_the_policy(daily: Caller, newsroom: Newsroom) -> None:
    comment_id = blocked_by_the_policy(newsroom)
    newsroom.post_policy(POLICY.replace("Keep it clean.", "Keep it very clean."))

    body = stated(daily, comment_id)

    with newsroom.db.reading() as session:
        decision = session.scalars(select(Decision)).one()
    assert body["reference"] == str(decision.id)
    assert (body["restriction"], body["where"]) == ("comment-not-shown", "everywhere")
    assert (body["since"], body["until"]) == ("2026-05-04T12:00:00Z", None)
    assert (body["policy_version"], body["policy_title"]) == (1, "What we print")
    assert body["clause"] == {"key": "profanity", "title": "Profanity", "text": "Keep it clean."}
    assert body["decision"] == {
        "automated": True,
        "by": "policy",
        "moderator": None,
        "on_notice": False,
        "at": "2026-05-04T12:00:00Z",
        "expired": False,
    }
    assert body["detection"]["automated"] is True
    [violation] = body["detection"]["violations"]
    assert (violation["attribute"], violation["score"], violation["threshold"]) == (
        "obscene",
        0.99,
        0.95,
    )
    at = newsroom.comment(comment_id).posted_at
    assert "\n".join(body["sentences"]) == (
        f"Your comment of {at.day} {at:%B %Y}, {at:%H:%M} UTC under “Tram line 7 reopens” is not"
        " shown to the readers of The Daily. That holds everywhere, and for as long as the decision"
        " stands.\n"
        "It breaks the site's policy “What we print” (version 1), in the clause “Profanity”: “Keep"
        " it clean.”\n"
        "This was decided automatically, without a person, on 4 May 2026, 12:00 UTC.\n"
        "An automatic check found this in it:\n"
        "– obscene: 0.99 on a scale from 0 to 1; from 0.95 on it is blocked automatically.\n"
        "If you think that this is wrong, you can appeal it at The Daily, once, until 4 November"
        " 2026, 12:00 UTC. A person will look at it again, and not the one who decided it if the"
        f" site has another. Name this reference: {decision.id}.\n"
        "You can also go to a court and, where the law provides for it, to a body that settles"
        " disputes out of court."
    )
    assert body["sentences"][-2:] == body["redress"]
    assert (body["appeal_until"], body["appeal"]) == ("2026-11-04T12:00:00Z", None)


def test_blocked_by_a_person_who_has_a_pseudonym(daily: Caller, newsroom: Newsroom) -> None:
    comment_id = newsroom.held()
    decision_id = blocked_by_ana(newsroom, comment_id)

    response = daily.get(f"/comments/{comment_id}/statement")

    body, called = response.get_json(), pseudonym(SECRET, newsroom.daily.id, newsroom.ana.id)
    assert body["reference"] == str(decision_id)
    assert body["decision"] == {
        "automated": False,
        "by": "moderator",
        "moderator": called,
        "on_notice": False,
        "at": "2026-05-04T12:10:00Z",
        "expired": False,
    }
    assert body["clause"]["text"] == "Argue with what was said, not with who said it."
    # Found by a machine, decided by a person.
    assert body["detection"]["automated"] is True
    assert body["detection"]["violations"][0]["score"] == 0.83
    said = "\n".join(body["sentences"])
    decided = f"A person decided this on 4 May 2026, 12:10 UTC: {called}, which is a pseudonym."
    assert decided in said
    assert "An automatic check had brought it before the moderators." in said
    assert "– insult: 0.83 on a scale from 0 to 1; from 0.6 on a moderator looks." in said
    for never in ("Ana", "ana@", str(newsroom.ana.id), "for the desk alone", "fool"):
        assert never not in response.text


def test_a_person_came_upon_it(daily: Caller, newsroom: Newsroom) -> None:
    comment_id = newsroom.approved()
    blocked_by_ana(newsroom, comment_id, status=Status.APPROVED)

    body = stated(daily, comment_id)

    assert body["comment"]["was_public"] is True
    assert "is no longer shown to the readers" in body["sentences"][0]
    assert (body["detection"]["automated"], body["detection"]["at"]) == (False, None)
    assert "No automatic check had found anything in it." in body["sentences"]


def test_readers_reports_count_and_nobody_is_named(daily: Caller, newsroom: Newsroom) -> None:
    comment_id = newsroom.approved()
    flagged(newsroom, comment_id, "reader-1", "reader-2")
    blocked_by_ana(newsroom, comment_id)
    flagged(newsroom, comment_id, "reader-3", minutes=20)

    response = daily.get(f"/comments/{comment_id}/statement")

    body = response.get_json()
    assert (body["detection"]["automated"], body["detection"]["reports"]) == (False, 2)
    assert "By then 2 readers had reported it." in body["sentences"]
    assert "No automatic check had found anything in it." in body["sentences"]
    for never in ("reader-", "Omar"):
        assert never not in response.text


def test_what_brought_it_before_a_person_beside_the_clauses(
    daily: Caller, newsroom: Newsroom
) -> None:
    comment_id = newsroom.receive("Ду́рак.")
    newsroom.judge(language=None)
    blocked_by_ana(newsroom, comment_id)

    body = stated(daily, comment_id)

    assert body["detection"]["automated"] is False
    assert body["detection"]["reasons"] == ["language-unreadable"]
    assert "It is in a language that the automatic check cannot read." in body["sentences"]


def test_the_decision_that_blocks_it_is_the_one_that_an_undo_brought_back(
    daily: Caller, newsroom: Newsroom
) -> None:
    comment_id = newsroom.held()
    decision_id = blocked_by_ana(newsroom, comment_id)
    seen = Seen(comment_id=comment_id, revision=1, status=Status.BLOCKED)
    with newsroom.db.transaction() as session:
        approval = decisions.approve(
            session, newsroom.daily.id, seen, moderator_id=newsroom.ana.id, now=later(20)
        )
    problem(daily.get(f"/comments/{comment_id}/statement"), 404, "not-blocked")
    with newsroom.db.transaction() as session:
        decisions.undo(
            session, newsroom.daily.id, approval, moderator_id=newsroom.ana.id, now=later(30)
        )

    body = stated(daily, comment_id)

    assert (body["reference"], body["since"]) == (str(decision_id), "2026-05-04T12:10:00Z")
    assert body["clause"]["key"] == "personal-attacks"


def test_new_words_that_nobody_has_read(daily: Caller, newsroom: Newsroom) -> None:
    comment_id = newsroom.held()
    decision_id = blocked_by_ana(newsroom, comment_id)
    with newsroom.db.transaction() as session:
        comments.edit(session, newsroom.daily.id, comment_id, "A fair point.", now=later(20))
    newsroom.judge()

    body = stated(daily, comment_id)

    assert (body["reference"], body["comment"]["revision"]) == (str(decision_id), 1)
    assert "what you have changed since does not lift it by itself" in body["sentences"][1]


def test_a_deleted_comment_still_has_its_statement(daily: Caller, newsroom: Newsroom) -> None:
    comment_id = newsroom.held("You are a fool, Tom.")
    blocked_by_ana(newsroom, comment_id)
    before = stated(daily, comment_id)
    with newsroom.db.transaction() as session:
        comments.erase(session, newsroom.daily.id, comment_id, record=unrecorded, now=later(60))

    after = stated(daily, comment_id)
    for changed in ("appeal_until", "redress", "sentences"):  # nobody can look at it again
        assert after.pop(changed) != before.pop(changed)
    assert after == before
    assert "fool" not in str(before)


def test_what_is_not_blocked_has_none(daily: Caller, newsroom: Newsroom) -> None:
    for comment_id in (newsroom.held(), newsroom.approved(), newsroom.receive("Waits.")):
        problem(daily.get(f"/comments/{comment_id}/statement"), 404, "not-blocked")
    problem(daily.get("/commenters/rita/statement"), 404, "not-blocked")
    problem(daily.get(f"/comments/{uuid4()}/statement"), 404, "not-found")
    problem(daily.get("/commenters/nobody/statement"), 404, "not-found")


def test_another_papers_are_not_found_and_a_key_must_read(
    daily: Caller, evening_post: Caller, newsroom: Newsroom
) -> None:
    comment_id = blocked_by_the_policy(newsroom)
    daily.post("/commenters/rita/block", {"reason": "Insults."})
    submits = Caller(daily.client, key_of(newsroom, Scope.SUBMIT))
    for path in (f"/comments/{comment_id}/statement", "/commenters/rita/statement"):
        assert daily.get(path).status_code == 200
        problem(evening_post.get(path), 404, "not-found")
        problem(submits.get(path), 403, "scope-missing")


def test_a_commenter_blocked_by_the_site(daily: Caller, newsroom: Newsroom) -> None:
    posted(daily)
    until = datetime.now(UTC) + timedelta(days=1)
    block = {"reason": "Insults under three stories.", "until": until.isoformat()}
    daily.post("/commenters/rita/block", {"reason": "an earlier one"})
    daily.post("/commenters/rita/block", block)
    newsroom.post_policy(POLICY)

    body = daily.get("/commenters/rita/statement").get_json()

    assert (body["restriction"], body["commenter"]) == ("comments-not-taken", "rita")
    assert datetime.fromisoformat(body["until"]) == until
    assert (body["comment"], body["clause"], body["detection"]) == (None, None, None)
    assert body["reason"] == "Insults under three stories."
    decided = body["decision"]
    assert (decided["automated"], decided["by"], decided["moderator"]) == (None, "site", None)
    said = body["sentences"]
    assert said[0].startswith("The Daily has taken no comments from you since ")
    assert said[1] == "The reason given: “Insults under three stories.”"
    assert "and not at the moderators' desk" in said[3]
    assert said[-2:] == body["redress"]


def test_a_commenter_blocked_by_a_person(daily: Caller, newsroom: Newsroom) -> None:
    block(newsroom, minutes=10)

    body = daily.get("/commenters/rita/statement").get_json()

    called = pseudonym(SECRET, newsroom.daily.id, newsroom.ana.id)
    assert (body["decision"]["automated"], body["decision"]["moderator"]) == (False, called)
    assert (body["policy_version"], body["policy_title"]) == (1, "What we print")
    assert body["sentences"][0].endswith(
        "since 4 May 2026, 12:10 UTC, without an end date. That holds for all of its stories."
        " What you wrote before stays as it is."
    )


def block(newsroom: Newsroom, *, minutes: float) -> None:
    """Ana blocks Rita."""
    newsroom.approved()
    with newsroom.db.transaction() as session:
        rita = commenters.named(session, newsroom.daily.id, "rita")
        commenter_blocks.block(
            session,
            rita,
            reason="Insults.",
            until=None,
            moderator_id=newsroom.ana.id,
            now=later(minutes),
        )


def test_a_block_from_before_the_log_of_blocks(daily: Caller, newsroom: Newsroom) -> None:
    block(newsroom, minutes=10)
    with newsroom.db.transaction() as session:
        session.execute(delete(CommenterBlock))

    body = daily.get("/commenters/rita/statement").get_json()

    assert (body["reason"], body["decision"]["by"], body["decision"]["automated"]) == (None,) * 3
    assert "Insults." not in str(body)


def test_a_forgotten_commenter_is_stated_without_words(daily: Caller, newsroom: Newsroom) -> None:
    block(newsroom, minutes=10)
    daily.delete("/commenters/rita")
    problem(daily.get("/commenters/rita/statement"), 404, "not-found")
    with newsroom.db.reading() as session:
        name = session.scalars(select(Commenter.external_id)).one()

    body = daily.get(f"/commenters/{name}/statement").get_json()

    assert (body["reason"], body["decision"]["by"]) == (None, "moderator")


def test_a_block_that_has_run_out(daily: Caller, newsroom: Newsroom) -> None:
    block(newsroom, minutes=10)
    with newsroom.db.transaction() as session:
        session.execute(update(Commenter).values(blocked_until=NOON))

    problem(daily.get("/commenters/rita/statement"), 404, "not-blocked")


def test_expired_unreviewed(daily: Caller, newsroom: Newsroom) -> None:
    comment_id = newsroom.held()
    with newsroom.db.transaction() as session:
        site = session.get_one(Site, newsroom.daily.id)
        site_settings.change(session, site, expire_days=14, now=NOON)
        stories.close(session, newsroom.daily.id, "tram-7", now=NOON)
    long_after = NOON + timedelta(days=15)
    expiry.apply_to_all(newsroom.db.transaction, now=long_after)

    body = stated(daily, comment_id)

    assert body["clause"] is None
    decision = body["decision"]
    assert (decision["automated"], decision["by"], decision["expired"]) == (True, "site", True)
    said = " ".join(body["sentences"])
    assert "It has not been found to break the site's policy." in said
    assert "It does not count against you." in said
    assert "This was decided automatically, without a person, on 19 May 2026" in said
    assert "An automatic check had brought it before the moderators." in said
    # The feed says the same.
    [told] = daily.get("/decisions?after=1").get_json()["decisions"]
    assert (told["by"], told["reason"], told["status"]) == ("site", "expired-unreviewed", "blocked")
    assert (told["clause"], told["reasons"]) == (None, [])
