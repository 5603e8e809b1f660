"""The admins' pages of what the site is told: addresses, secrets, tests, dead letters."""

import re
from collections.abc import Iterator
from typing import Any

import pytest
from flask import Flask
from sqlalchemy import select, update

from moderation import secret_key
from moderation.models import AuditEntry, Delivery, DeliveryOutcome, Event, Role, Webhook
from moderation.staff import moderators
from moderation.webhooks import receivers, sending
from tests.desk.conftest import app_of, at_desk, words
from tests.desk.visitor import Visitor
from tests.newsroom import NOON, Newsroom
from tests.webhooks.receiver import LOOPBACK, Receiver, listening

PAGE = "/sites/the-daily/webhooks"


@pytest.fixture
def desk(newsroom: Newsroom) -> Flask:
    """The service, whose operator allows loopback."""
    return app_of(newsroom, webhook_networks=LOOPBACK)


@pytest.fixture
def ana(newsroom: Newsroom, desk: Flask) -> Visitor:
    """Ana at her desk, an admin of The Daily."""
    with newsroom.db.transaction() as session:
        moderators.assign(session, newsroom.ana, newsroom.daily, Role.ADMIN)
    return at_desk(desk, newsroom.ana)


@pytest.fixture
def receiver() -> Iterator[Receiver]:
    with listening() as receiver:
        yield receiver


def rows(newsroom: Newsroom) -> list[Webhook]:
    with newsroom.db.reading() as session:
        return list(session.scalars(select(Webhook).order_by(Webhook.created_at)))


def audited(newsroom: Newsroom) -> list[AuditEntry]:
    with newsroom.db.reading() as session:
        entries = session.scalars(select(AuditEntry).order_by(AuditEntry.at))
        return [one for one in entries if one.event.startswith(("webhook", "deliver"))]


def added(ana: Visitor, url: str, *events: Event) -> str:
    """A new webhook; answers the secret that the page shows."""
    answer = ana.post(PAGE, url=url, events=[str(event) for event in events or Event])
    found = re.search(r'value="(whsec_[^"]+)"', answer.text)
    assert found, words(answer)
    return found[1]


def test_a_webhook_from_nothing_to_a_test(
    newsroom: Newsroom, ana: Visitor, receiver: Receiver
) -> None:
    assert "None yet." in words(ana.get(PAGE))
    secret = added(ana, receiver.url, Event.HELD)
    [webhook] = rows(newsroom)
    assert webhook.events == ["comment.held"]
    assert secret not in ana.get(PAGE).text
    assert secret not in webhook.secret

    answer = ana.post(f"{PAGE}/{webhook.id}/test")

    assert "The test was taken: answered 200." in words(answer)
    assert "heard" in words(answer)
    [got] = receiver.got
    assert got.says["type"] == sending.TEST
    assert got.is_signed_with(secret)
    assert {one.event for one in audited(newsroom)} == {"webhook_added"}
    assert receiver.url not in str([one.subject for one in audited(newsroom)])


def test_a_test_that_is_not_taken_says_why(
    newsroom: Newsroom, ana: Visitor, receiver: Receiver
) -> None:
    added(ana, receiver.url)
    added(ana, "https://192.168.1.1/inside")
    receiver.answers = lambda _: 401
    ours, inside = rows(newsroom)
    said = words(ana.post(f"{PAGE}/{ours.id}/test"))
    assert "The test was not taken: answered 401, it does not take it." in said
    said = words(ana.post(f"{PAGE}/{inside.id}/test"))
    assert "The test was not taken: the address leads into a private network." in said


def test_a_test_that_is_taken_wakes_what_waits(
    newsroom: Newsroom, ana: Visitor, receiver: Receiver
) -> None:
    added(ana, receiver.url)
    newsroom.held()
    with newsroom.db.transaction() as session:
        in_hours = NOON.replace(year=2999)
        session.execute(update(Webhook).values(failures=9, rests_until=in_hours))
        session.execute(update(Delivery).values(next_try=in_hours, attempts=9))
    [webhook] = rows(newsroom)
    assert "9 tries failed in a row" in words(ana.get(PAGE))

    ana.post(f"{PAGE}/{webhook.id}/test")

    [webhook] = rows(newsroom)
    assert webhook.rests_until is None
    with newsroom.db.reading() as session:
        assert session.scalars(select(Delivery.next_try)).one() < in_hours


def test_a_secret_is_rotated_and_the_former_one_ended(
    newsroom: Newsroom, ana: Visitor, receiver: Receiver
) -> None:
    old = added(ana, receiver.url)
    [webhook] = rows(newsroom)
    answer = ana.post(f"{PAGE}/{webhook.id}/secret")
    found = re.search(r'value="(whsec_[^"]+)"', answer.text)
    assert found
    assert found[1] != old
    assert "The former secret signs, too, until" in words(answer)
    ana.post(f"{PAGE}/{webhook.id}/test")
    assert all(receiver.got[-1].is_signed_with(one) for one in (old, found[1]))

    ana.post(f"{PAGE}/{webhook.id}/secret/end")
    ana.post(f"{PAGE}/{webhook.id}/test")
    assert receiver.got[-1].is_signed_with(found[1])
    assert not receiver.got[-1].is_signed_with(old)
    events = [one.event for one in audited(newsroom)]
    assert events == ["webhook_added", "webhook_secret_rotated", "webhook_secret_ended"]


def test_the_former_secret_ends_by_itself_in_a_day(
    newsroom: Newsroom, ana: Visitor, desk: Flask, receiver: Receiver
) -> None:
    old = added(ana, receiver.url)
    [webhook] = rows(newsroom)
    ana.post(f"{PAGE}/{webhook.id}/secret")
    [webhook] = rows(newsroom)
    assert webhook.previous_until is not None
    sealing = secret_key.sealing(desk.extensions["moderation"].settings)
    in_force = receivers.secrets_in_force(webhook, sealing, webhook.previous_until)
    assert len(in_force) == 1
    assert old not in in_force


@pytest.mark.parametrize(
    ("url", "events", "said"),
    [
        ("http://", ["comment.held"], "An address begins with https://"),
        ("https://a:b@daily.example/", ["comment.held"], "no password"),
        ("https://daily.example/hook", [], "Choose what it is told of."),
        ("https://daily.example/hook", ["made.up"], "Choose what it is told of."),
        ("https://daily.example/there", ["comment.held"], "at this address already"),
    ],
)
def test_what_cannot_be_is_said_and_stays_typed(
    newsroom: Newsroom, ana: Visitor, url: str, events: list[str], said: str
) -> None:
    added(ana, "https://daily.example/there")
    answer = ana.post(PAGE, url=url, events=events)
    assert answer.status_code == 422
    assert said in words(answer)
    assert f'value="{url}"' in answer.text
    assert len(rows(newsroom)) == 1


def test_a_site_has_ten_at_most(newsroom: Newsroom, ana: Visitor) -> None:
    for number in range(10):
        added(ana, f"https://daily.example/{number}")
    answer = ana.post(PAGE, url="https://daily.example/10", events=["comment.held"])
    assert "A site has at most 10 webhooks." in words(answer)


def test_it_is_changed_switched_off_and_removed(
    newsroom: Newsroom, ana: Visitor, receiver: Receiver
) -> None:
    added(ana, receiver.url)
    newsroom.held()
    [webhook] = rows(newsroom)
    there = f"{PAGE}/{webhook.id}"
    ana.post(f"{there}/change", url=receiver.url + "?two", events=["comment.blocked"])
    [webhook] = rows(newsroom)
    assert (webhook.url, webhook.events) == (receiver.url + "?two", ["comment.blocked"])
    assert not webhook.enabled
    assert "Off: it is told nothing" in words(ana.get(PAGE))

    ana.post(f"{there}/remove")
    assert rows(newsroom) == []
    with newsroom.db.reading() as session:
        assert session.scalars(select(Delivery)).all() == []


def test_dead_letters_are_sent_again(newsroom: Newsroom, ana: Visitor) -> None:
    added(ana, "https://daily.example/hook")
    for number in range(3):
        newsroom.held(f"You are a fool, number {number}.")
    there = "/sites/the-daily/deliveries"
    assert words(ana.get(there)).count("a comment is held ·") == 3
    with newsroom.db.transaction() as session:
        dead = {"outcome": DeliveryOutcome.DEAD, "last_status": 500, "last_trouble": "status"}
        session.execute(update(Delivery).values(attempts=9, ended_at=NOON, **dead))
        one = session.scalars(select(Delivery.id)).first()
    shown = words(ana.get(f"{there}?show=dead"))
    assert shown.count("9 tries: answered 500, it does not take it") == 3

    ana.post(f"{there}/{one}/again")
    assert "Send all 2 again" in words(ana.get(f"{there}?show=dead"))
    ana.post(f"{there}/again")

    assert "Nothing like that yet." in words(ana.get(f"{there}?show=dead"))
    assert words(ana.get(there)).count("not tried yet") == 3
    again = [one.subject for one in audited(newsroom)][1:]
    assert again == [{"deliveries": 1}, {"deliveries": 2}]


def test_a_comments_case_says_what_the_site_was_told(
    newsroom: Newsroom, ana: Visitor, receiver: Receiver
) -> None:
    added(ana, "https://hooks.daily.example/a-password-of-theirs")
    comment_id = newsroom.held()
    case = ana.get(f"/sites/the-daily/comments/{comment_id}/case")
    assert "What the site was told a comment is held" in words(case)
    assert "hooks.daily.example · not taken yet · not tried yet" in words(case)
    assert "a-password-of-theirs" not in case.text


def test_the_audit_log_says_it_in_words(newsroom: Newsroom, ana: Visitor) -> None:
    added(ana, "https://daily.example/hook", Event.HELD, Event.BLOCKED)
    said: Any = words(ana.get("/sites/the-daily/audit"))
    assert "added a webhook (comment.blocked comment.held)" in said
