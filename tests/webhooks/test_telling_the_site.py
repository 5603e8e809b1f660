"""What a site's receiver is told: of which events, in which words, signed how."""

from typing import Any

from sqlalchemy import func, select

from moderation import commenter_blocks, commenters, comments, decisions
from moderation.api import events
from moderation.decisions import Seen
from moderation.models import Delivery, Event, Status
from moderation.redress import appeals
from moderation.submission import AppealText
from tests.newsroom import NOON, Newsroom, later, submission, unrecorded
from tests.webhooks.conftest import Told
from tests.webhooks.receiver import Receiver


def by_ana(newsroom: Newsroom) -> dict[str, Any]:
    return {"moderator_id": newsroom.ana.id, "now": NOON}


def seen(comment_id: Any, status: Status) -> Seen:
    return Seen(comment_id=comment_id, revision=1, status=status)


def test_a_verdict_is_told_as_the_feed_tells_it(
    newsroom: Newsroom, told: Told, receiver: Receiver
) -> None:
    comment_id = newsroom.held(external_id="c-17")
    told.send()

    [got] = receiver.got
    assert got.says["type"] == "comment.held"
    assert got.says["site"] == "the-daily"
    assert got.says["timestamp"] == "2026-05-04T12:00:00Z"
    data = got.says["data"]
    assert data["comment_id"] == str(comment_id)
    assert (data["external_id"], data["story"], data["commenter"]) == ("c-17", "tram-7", "rita")
    assert (data["status_before"], data["status"], data["by"]) == ("received", "held", "policy")
    assert data["clause"] == {"key": "personal-attacks", "title": "Personal attacks"}
    assert data["seq"] == got.says["seq"]
    assert "fool" not in got.body.decode()
    assert got.headers["content-type"] == "application/json"


def test_it_is_signed(newsroom: Newsroom, told: Told, receiver: Receiver) -> None:
    newsroom.approved("Was für eine schöne Straßenbahn – ja!")
    told.send()

    [got] = receiver.got
    assert got.is_signed_with(told.secret)
    assert not got.is_signed_with("whsec_" + "A" * 44)
    assert got.headers["webhook-timestamp"] == str(int(NOON.timestamp()))


def test_a_block_that_is_lifted_is_told_twice(
    newsroom: Newsroom, told: Told, receiver: Receiver
) -> None:
    comment_id, by = newsroom.held(), by_ana(newsroom)
    with newsroom.db.transaction() as session:
        held = seen(comment_id, Status.HELD)
        decisions.block(session, newsroom.daily.id, held, clause="profanity", **by)
    with newsroom.db.transaction() as session:
        decisions.approve(session, newsroom.daily.id, seen(comment_id, Status.BLOCKED), **by)
    told.send()

    assert receiver.told() == [
        "comment.held",
        "comment.blocked",
        "comment.approved",
        "comment.overturned",
    ]
    assert receiver.got[-1].says["data"] == receiver.got[-2].says["data"]


def test_a_decision_that_is_taken_back_is_told(
    newsroom: Newsroom, told: Told, receiver: Receiver
) -> None:
    comment_id, by = newsroom.receive(), by_ana(newsroom)
    with newsroom.db.transaction() as session:
        received = seen(comment_id, Status.RECEIVED)
        made = decisions.approve(session, newsroom.daily.id, received, **by)
    with newsroom.db.transaction() as session:
        decisions.undo(session, newsroom.daily.id, made, **by)
    told.send()

    assert receiver.told() == ["comment.approved", "comment.reopened"]
    assert receiver.got[1].says["data"]["undoes"] == str(made)


def test_an_approved_comment_that_is_edited_is_told_as_withdrawn(
    newsroom: Newsroom, told: Told, receiver: Receiver
) -> None:
    comment_id, site_id = newsroom.approved(external_id="c-17"), newsroom.daily.id
    for words in ("A fair point, badly made.", "A point."):
        with newsroom.db.transaction() as session:
            comments.edit(session, site_id, comment_id, words, now=NOON)
    newsroom.judge()
    told.send()

    assert receiver.told() == ["comment.approved", "comment.withdrawn", "comment.approved"]
    before, withdrawn, after = (got.says for got in receiver.got)
    assert withdrawn["data"] == {
        "comment_id": str(comment_id),
        "external_id": "c-17",
        "story": "tram-7",
        "commenter": "rita",
        "revision": 1,
    }
    assert withdrawn["timestamp"] == "2026-05-04T12:00:00Z"
    assert before["seq"] < withdrawn["seq"] < after["seq"]
    assert after["data"]["revision"] == 3


def test_what_readers_did_not_see_is_not_withdrawn(
    newsroom: Newsroom, told: Told, receiver: Receiver
) -> None:
    """Nor what is edited in a transaction that comes to nothing."""
    held, shown, waits = newsroom.held(), newsroom.approved("So."), newsroom.receive("Not judged.")
    with newsroom.db.transaction() as session:
        for comment_id in (held, waits):
            comments.edit(session, newsroom.daily.id, comment_id, "Other words.", now=NOON)
    with newsroom.db.transaction() as session:
        comments.edit(session, newsroom.daily.id, shown, "Other words.", now=NOON)
        session.rollback()
    told.send()

    assert "comment.withdrawn" not in receiver.told()


def test_blocks_of_commenters_and_what_comes_of_appeals(
    newsroom: Newsroom, told: Told, receiver: Receiver
) -> None:
    newsroom.receive()
    by, site_id = by_ana(newsroom), newsroom.daily.id
    with newsroom.db.transaction() as session:
        rita = commenters.named(session, site_id, "rita")
        commenter_blocks.block(session, rita, reason="Insults.", until=later(60), **by)
    with newsroom.db.transaction() as session:
        words = AppealText(text="It was a quotation.")
        appeals.of_commenter(session, site_id, "rita", words, days=9, now=NOON)
    with newsroom.db.transaction() as session:
        rita = commenters.named(session, site_id, "rita")
        commenter_blocks.unblock(session, rita, **by)
    told.send()

    assert receiver.told() == ["commenter.blocked", "appeal.ended", "commenter.unblocked"]
    blocked, appeal, lifted = (got.says for got in receiver.got)
    assert blocked["data"] == {
        "id": "rita",
        "block": {
            "reason": "Insults.",
            "since": "2026-05-04T12:00:00Z",
            "until": "2026-05-04T13:00:00Z",
        },
    }
    assert appeal["data"]["outcome"] == "lifted"
    assert lifted["data"] == {"id": "rita", "block": None}
    assert blocked["seq"] < appeal["seq"] < lifted["seq"]


def test_only_what_it_wants_to_hear_of_is_kept(
    newsroom: Newsroom, settings: Any, receiver: Receiver
) -> None:
    told = Told(newsroom, settings, receiver.url, Event.BLOCKED)
    newsroom.held()
    newsroom.receive("Another one.")
    newsroom.judge({"obscene": 0.99})
    told.send()

    assert receiver.told() == ["comment.blocked"]
    assert kept(newsroom) == 1


def test_without_a_webhook_nothing_is_kept(newsroom: Newsroom, told: Told) -> None:
    with newsroom.db.transaction() as session:
        [posted] = comments.receive(session, newsroom.post.id, [submission()], now=NOON)
    newsroom.judge()
    assert isinstance(posted, comments.Received)
    assert kept(newsroom) == 0


def kept(newsroom: Newsroom) -> int:
    with newsroom.db.reading() as session:
        return session.scalar(select(func.count()).select_from(Delivery)) or 0


def test_what_is_rolled_back_is_not_told(newsroom: Newsroom, told: Told) -> None:
    comment_id = newsroom.held()
    before = kept(newsroom)
    held = seen(comment_id, Status.HELD)
    with newsroom.db.transaction() as session:
        decisions.approve(session, newsroom.daily.id, held, **by_ana(newsroom))
        session.rollback()
    assert kept(newsroom) == before


def test_words_that_were_erased_meanwhile_are_not_told(
    newsroom: Newsroom, told: Told, receiver: Receiver
) -> None:
    comment_id, by = newsroom.held(), by_ana(newsroom)
    with newsroom.db.transaction() as session:
        held = seen(comment_id, Status.HELD)
        words: dict[str, Any] = {"clause": "profanity", "explanation": "Tom is no fool."}
        decisions.block(session, newsroom.daily.id, held, **words, **by)
    with newsroom.db.transaction() as session:
        comments.erase(session, newsroom.daily.id, comment_id, record=unrecorded, now=later(1))
    told.send()

    blocked = receiver.got[1].says["data"]
    assert blocked["status"] == "blocked"
    assert blocked["explanation"] is None


def test_every_event_has_its_words() -> None:
    assert set(events.SAID) == set(events.described("{model}")) == {*Event}
    assert set(events._MADE) == {*Event}
