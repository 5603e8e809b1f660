"""A receiver that does not take what it is sent: nothing is lost, and the order is kept."""

import threading
import time
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

import pytest
from sqlalchemy import select, update

from config.settings import Settings
from moderation import decisions
from moderation.decisions import Seen
from moderation.models import Delivery, DeliveryOutcome, Status, Webhook, new_id
from moderation.sql import insert_all
from moderation.webhooks import deliveries, tries
from moderation.webhooks.outgoing import Reply, Trouble
from tests.newsroom import NOON, Newsroom, later
from tests.processes import SECONDS, until
from tests.webhooks.conftest import Told
from tests.webhooks.receiver import Got, Receiver, listening
from worker import delivery
from worker.delivery import Postman


def all_of(newsroom: Newsroom) -> list[Delivery]:
    with newsroom.db.reading() as session:
        return list(session.scalars(select(Delivery).order_by(Delivery.seq, Delivery.event)))


def approve(newsroom: Newsroom, comment_id: UUID) -> None:
    with newsroom.db.transaction() as session:
        held = Seen(comment_id=comment_id, revision=1, status=Status.HELD)
        by_ana: dict[str, Any] = {"moderator_id": newsroom.ana.id, "now": NOON}
        decisions.approve(session, newsroom.daily.id, held, **by_ana)


def test_two_days_of_500_lose_nothing(newsroom: Newsroom, told: Told, receiver: Receiver) -> None:
    receiver.answers = lambda _: 500
    held = [newsroom.held(f"You are a fool, number {number}.") for number in range(20)]
    for comment_id in held[:10]:
        approve(newsroom, comment_id)
    now = NOON
    while now < NOON + timedelta(days=2):
        told.send(now)
        now += timedelta(minutes=15)
    tries = len(receiver.got)
    assert tries <= 4 * 24 * 2  # one at a time, each quarter of an hour, however many wait
    receiver.answers = lambda _: 200
    told.send(now)

    taken = receiver.got[tries:]
    assert len(taken) == len({got.id for got in taken}) == 30
    of_first = [got.says["type"] for got in taken if got.says["data"]["comment_id"] == str(held[0])]
    assert of_first == ["comment.held", "comment.approved"]
    assert {one.outcome for one in all_of(newsroom)} == {DeliveryOutcome.DELIVERED}
    assert told.row.failures == 0


def test_it_is_sent_again_under_the_same_id(
    newsroom: Newsroom, told: Told, receiver: Receiver
) -> None:
    receiver.answers = lambda _: 503
    newsroom.held()
    assert told.send() == 1
    assert told.send(later(0.05)) == 0  # three seconds later is too early
    receiver.answers = lambda _: 204
    assert told.send(later(0.2)) == 1

    first, second = receiver.got
    assert first.id == second.id
    assert first.body == second.body
    assert first.headers["webhook-timestamp"] != second.headers["webhook-timestamp"]
    assert second.is_signed_with(told.secret)
    [one] = all_of(newsroom)
    assert (one.attempts, one.last_status, one.outcome) == (2, 204, DeliveryOutcome.DELIVERED)


def test_what_a_receiver_cannot_take_holds_nothing_else_up(
    newsroom: Newsroom, told: Told, receiver: Receiver
) -> None:
    held = newsroom.held()
    receiver.answers = lambda got: 500 if str(held) in got.body.decode() else 200
    newsroom.held("And you are another.")
    approve(newsroom, held)
    for minute in range(10):
        told.send(later(minute))

    waiting = [one.event for one in all_of(newsroom) if one.outcome is None]
    assert waiting == ["comment.held", "comment.approved"]
    assert [one.attempts for one in all_of(newsroom)][-1] == 0  # it waits for the one before
    receiver.answers = lambda _: 200
    told.send(later(60))
    assert receiver.told()[-2:] == ["comment.held", "comment.approved"]


def test_after_five_days_it_is_a_dead_letter_and_can_be_sent_again(
    newsroom: Newsroom, told: Told, receiver: Receiver
) -> None:
    receiver.answers = lambda _: 404
    newsroom.held()
    now = NOON
    while all_of(newsroom)[0].outcome is None:
        told.send(now)
        now += timedelta(hours=1)
    [dead] = all_of(newsroom)
    assert dead.outcome == DeliveryOutcome.DEAD
    assert timedelta(days=5) < now - NOON < timedelta(days=5, hours=2)
    assert (dead.last_status, dead.last_trouble) == (404, Trouble.STATUS)
    assert dead.attempts <= 24 * 5 + 1
    assert told.send(now) == 0

    receiver.answers = lambda _: 200
    site_id = newsroom.daily.id
    with newsroom.db.transaction() as session:
        assert deliveries.send_again(session, newsroom.post.id, now=now) == 0
        assert deliveries.send_again(session, site_id, [new_id()], now=now) == 0
        assert deliveries.send_again(session, site_id, [dead.id], now=now) == 1
    assert told.send(now) == 1  # although the receiver had failed: somebody says that it is up
    assert receiver.got[-1].id == str(dead.id)


def test_what_waits_behind_a_receiver_that_never_comes_back_ends_too(
    newsroom: Newsroom, told: Told, receiver: Receiver
) -> None:
    receiver.answers = lambda _: 500
    for number in range(10):
        newsroom.held(f"You are a fool, number {number}.")
    for minute in range(3):
        told.send(later(minute))
    told.send(later(10 * 24 * 60 + 3))
    assert len(receiver.got) == 4
    assert {one.outcome for one in all_of(newsroom)} == {DeliveryOutcome.DEAD}


def test_a_dead_letter_lets_the_later_ones_go(
    newsroom: Newsroom, told: Told, receiver: Receiver
) -> None:
    receiver.answers = lambda got: 400 if got.says["type"] == "comment.held" else 200
    approve(newsroom, newsroom.held())
    for hour in (*range(4), *range(5 * 24, 5 * 24 + 4)):
        told.send(later(60 * hour))
    assert [one.outcome for one in all_of(newsroom)] == ["dead", "delivered"]


def test_many_that_wait_make_a_claim_no_slower(
    newsroom: Newsroom, told: Told, receiver: Receiver
) -> None:
    row: dict[str, Any] = {"site_id": newsroom.daily.id, "webhook_id": told.id, "attempts": 0}
    moments = dict.fromkeys(("happened_at", "waits_since", "next_try"), NOON)
    with newsroom.db.transaction() as session:
        insert_all(
            session,
            Delivery,
            [
                row
                | moments
                | {"id": new_id(), "event": "comment.held", "seq": seq}
                | {"subject_id": new_id(), "about_id": new_id()}
                for seq in range(20_000)
            ],
        )
    began = time.monotonic()
    first = claimed_at(newsroom, told, NOON)
    assert first is not None
    assert first.delivery.seq == 0
    assert time.monotonic() - began < 2  # looking for what came earlier of each took six seconds


def test_one_slow_receiver_holds_no_other_up(
    newsroom: Newsroom, settings: Settings, told: Told, receiver: Receiver
) -> None:
    waited = threading.Event()
    with listening() as slow:
        slow.answers = lambda _: 200 if waited.wait(SECONDS) else 500
        Told(newsroom, settings, slow.url)
        newsroom.held()
        newsroom.held("And you are another.")
        postman = Postman(settings, newsroom.db)
        postman.start()
        try:
            until(lambda: len(receiver.got) == 2)
            until(lambda: slow.got)
            assert len(slow.got) == 1  # one at a time
            waited.set()
            until(lambda: len(slow.got) == 2)
        finally:
            waited.set()
            postman.stop(time.monotonic() + SECONDS)
    until(lambda: all(one.outcome for one in all_of(newsroom)))


def test_slow_receivers_give_their_lanes_up_in_turn(
    newsroom: Newsroom,
    settings: Settings,
    told: Told,
    receiver: Receiver,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    def take_long(_: Got) -> int:
        time.sleep(0.3)
        return 200

    monkeypatch.setattr(delivery, "LANES", 1)
    monkeypatch.setattr(delivery, "TURN_SECONDS", 0.2)
    with listening() as other:
        receiver.answers = other.answers = take_long
        Told(newsroom, settings, other.url)
        for number in range(3):
            newsroom.held(f"You are a fool, number {number}.")
        postman = Postman(settings, newsroom.db)
        for _ in range(4):
            postman.look(later(minutes=1))
            until(lambda: not any(one.name == "lane" for one in threading.enumerate()))
        assert (len(receiver.got), len(other.got)) == (2, 2)


def test_two_workers_send_each_thing_once(
    newsroom: Newsroom, settings: Settings, told: Told, receiver: Receiver
) -> None:
    for number in range(30):
        newsroom.held(f"You are a fool, number {number}.")
    postmen = [Postman(settings, newsroom.db) for _ in range(2)]
    for postman in postmen:
        postman.start()
    until(lambda: all(one.outcome for one in all_of(newsroom)))
    for postman in postmen:
        postman.stop(time.monotonic() + SECONDS)
    assert len(receiver.got) == len({got.id for got in receiver.got}) == 30
    assert len({got.came_from for got in receiver.got}) < 10  # a call for each lane, not for each


def claimed_at(newsroom: Newsroom, told: Told, now: datetime) -> tries.Claimed | None:
    with newsroom.db.transaction() as session:
        of = (session, newsroom.daily.id, told.id)
        return tries.claim(*of, worker=new_id(), now=now)


def test_what_a_killed_worker_had_is_free_once_its_lease_has_run_out(
    newsroom: Newsroom, told: Told, receiver: Receiver
) -> None:
    newsroom.held()
    assert claimed_at(newsroom, told, NOON) is not None
    assert claimed_at(newsroom, told, NOON) is None
    assert told.send() == 0
    with newsroom.db.transaction() as session:
        session.execute(update(Delivery).values(leased_until=NOON))
    assert told.send() == 1
    [one] = all_of(newsroom)
    assert one.attempts == 2


def test_who_lost_the_lease_changes_nothing_more(
    newsroom: Newsroom, settings: Settings, told: Told, receiver: Receiver
) -> None:
    newsroom.held()
    lost = claimed_at(newsroom, told, NOON)
    assert lost is not None
    with newsroom.db.transaction() as session:
        session.execute(update(Delivery).values(leased_until=NOON))
    told.send()
    with newsroom.db.transaction() as session:
        failed = Reply(trouble=Trouble.SLOW)
        worker = lost.delivery.leased_by
        assert worker is not None
        assert tries.record(session, lost, failed, worker=worker, now=NOON) is None
    [one] = all_of(newsroom)
    assert one.outcome == DeliveryOutcome.DELIVERED


def test_a_webhook_that_is_switched_off_is_told_nothing(
    newsroom: Newsroom, told: Told, receiver: Receiver
) -> None:
    newsroom.held()
    with newsroom.db.transaction() as session:
        session.execute(update(Webhook).values(enabled=False))
    newsroom.held("And you are another.")
    assert told.send() == 0
    assert len(all_of(newsroom)) == 1
    with newsroom.db.transaction() as session:
        session.execute(update(Webhook).values(enabled=True))
    assert told.send() == 1


def test_a_secret_that_no_key_opens_sends_nothing(
    newsroom: Newsroom, settings: Settings, told: Told, receiver: Receiver
) -> None:
    newsroom.held()
    told.settings = Settings(
        secret_key="another key, as long as it has to be", webhook_networks="0.0.0.0/0"
    )
    told.send()
    assert receiver.got == []
    [one] = all_of(newsroom)
    assert (one.last_trouble, one.outcome) == (Trouble.SECRET, None)
    told.settings = settings
    assert told.send(later(1)) == 1


def test_what_has_ended_is_forgotten_after_its_days(
    newsroom: Newsroom, told: Told, receiver: Receiver
) -> None:
    newsroom.held()
    told.send()
    receiver.answers = lambda _: 500
    newsroom.held("And you are another.")
    told.send(later(1))

    def thrown_away(days: int) -> int:
        now = NOON + timedelta(days=days)
        return deliveries.throw_away_of_all(newsroom.db.transaction, days=30, now=now)

    assert thrown_away(29) == 0
    assert thrown_away(31) == 1
    [left] = all_of(newsroom)
    assert left.outcome is None


def test_what_is_about_nothing_any_more_is_not_sent_half(
    newsroom: Newsroom, settings: Settings, told: Told, receiver: Receiver
) -> None:
    newsroom.held()
    with newsroom.db.transaction() as session:
        session.execute(update(Delivery).values(about_id=new_id()))
    told.send()
    assert receiver.got == []
    [one] = all_of(newsroom)
    assert one.last_trouble == Trouble.UNSAID
    assert told.row.failures == 0  # it is not the receiver's fault


@pytest.mark.parametrize(("failures", "seconds"), [(1, 5), (2, 30), (9, 21_600), (50, 21_600)])
def test_the_pauses_grow_and_differ(failures: int, seconds: int) -> None:
    pauses = {tries.pause(failures).total_seconds() for _ in range(50)}
    assert len(pauses) > 40
    assert all(0.8 * seconds <= pause <= 1.2 * seconds for pause in pauses)
