"""What each role may do at a site, at every address that there is; another site's are not there."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any
from uuid import UUID

import pytest
from flask import Flask
from sqlalchemy import select
from sqlalchemy.orm import Session
from werkzeug.routing import Rule

from moderation import commenter_blocks, commenters, notes
from moderation.decisions import Seen
from moderation.models import (
    Base,
    Comment,
    Decision,
    Delivery,
    DeliveryOutcome,
    Event,
    Moderator,
    Role,
    SavedReply,
    SignIn,
    Site,
    Status,
    Tray,
    new_id,
)
from moderation.queue import together, trays
from moderation.redress import appeals, notices
from moderation.sealing import Sealing
from moderation.staff import moderators, people
from moderation.staff.roles import MAY, Right
from moderation.submission import ABUSE_OF_MINORS, AppealText, IllegalContent
from moderation.webhooks import receivers
from moderation.webhooks.outgoing import Trouble
from tests.desk.conftest import SECRET, at_desk, words
from tests.desk.pages import Things, looks, path_of, rules
from tests.desk.visitor import Visitor
from tests.newsroom import Newsroom

NEEDS = {
    "desk.post_policy": Right.POLICY,
    "desk.set_spot_check": Right.FIGURES,
    "desk.saved_replies": Right.POLICY,
    "desk.save_reply": Right.POLICY,
    "desk.change_reply": Right.POLICY,
    "desk.remove_reply": Right.POLICY,
    "desk.set_hold_budget": Right.FIGURES,
    "desk.compare": Right.FIGURES,
    "desk.set_figures_of_others": Right.PEOPLE,
    "desk.people": Right.PEOPLE,
    "desk.invite": Right.PEOPLE,
    "desk.withdraw_invitation": Right.PEOPLE,
    "desk.change_role": Right.PEOPLE,
    "desk.remove_moderator": Right.PEOPLE,
    "desk.audit": Right.AUDIT,
    "desk.webhooks": Right.WEBHOOKS,
    "desk.add_webhook": Right.WEBHOOKS,
    "desk.change_webhook": Right.WEBHOOKS,
    "desk.rotate_webhook": Right.WEBHOOKS,
    "desk.end_webhook_secret": Right.WEBHOOKS,
    "desk.remove_webhook": Right.WEBHOOKS,
    "desk.check_webhook": Right.WEBHOOKS,
    "desk.embedding": Right.EMBEDDING,
    "desk.set_embedding": Right.EMBEDDING,
    "desk.make_embed_secret": Right.EMBEDDING,
    "desk.end_embed_secret": Right.EMBEDDING,
    "desk.deliveries": Right.WEBHOOKS,
    "desk.send_again": Right.WEBHOOKS,
    "desk.send_all_again": Right.WEBHOOKS,
}
"""The addresses of a site that are not for everybody who works there."""
FORM: dict[str, Any] = {
    "revision": "1",
    "status": "held",
    "clause": "profanity",
    "reason": "because",
    "role": "lead",
    "email": "eva@daily.example",
    "act": "approve",
    "title": "Mild",
    "text": "Please.",
}
"""Enough for every form to get as far as the thing that it is about."""


@dataclass(frozen=True)
class Address:
    """One of the desk's addresses about a site, and how it is asked for."""

    rule: Rule
    method: str

    def asked_by(self, visitor: Visitor, slug: str, things: Things, **form: Any) -> int:
        path = path_of(self.rule, slug, things)
        if self.method == "GET":
            return visitor.get(path).status_code
        form = {"csrf_token": visitor.token} | FORM | form
        return visitor.client.open(path, method=self.method, data=form).status_code

    def __str__(self) -> str:
        return f"{self.method} {self.rule.rule}"


def of_sites(desk: Flask) -> Iterator[Address]:
    """Every address of the desk that is about one site."""
    for rule in rules(desk):
        if "slug" in rule.arguments:
            for method in sorted((rule.methods or set()) - {"HEAD", "OPTIONS"}):
                yield Address(rule, method)


def known(session: Any, name: str, site: Site) -> Moderator:
    moderator = moderators.add(session, f"{name}@{site.slug}.example", "0123456789", now=NOW)
    moderators.assign(session, moderator, site)
    return moderator


NOW = datetime.now(UTC)


def things(newsroom: Newsroom, desk: Flask) -> Things:
    """One of everything that an address at The Daily can name. The site is told of it at addresses
    that nothing is sent to."""
    webhook_id, another = told_at(newsroom, "one"), told_at(newsroom, "two")
    delivery_id = dead_letter(newsroom, another)
    decided, held, later, many = (
        newsroom.held(f"Fool {number}.") for number in ("one", "two", "three", "four")
    )
    newsroom.held("Fool five.", commenter={"id": "lea"})
    at_desk(desk, newsroom.ana).act("approve", decided, site=newsroom.daily.slug)
    with newsroom.db.transaction() as session:
        mia = known(session, "mia", newsroom.daily)
        invitation, _ = people.invite(
            session, newsroom.daily.id, "kim@x.example", Role.LEAD, by=newsroom.ana.id, now=NOW
        )
        decision_id = session.scalars(
            select(Decision.id).where(
                Decision.comment_id == decided, Decision.moderator_id == newsroom.ana.id
            )
        ).one()
        comment = session.scalars(select(Comment).where(Comment.id == held)).one()
        note_id = notes.write(
            session,
            newsroom.daily.id,
            comment.commenter_id,
            "Kind on the telephone.",
            moderator_id=newsroom.ana.id,
            now=NOW,
        )
        by: dict[str, Any] = {"moderator_id": newsroom.ana.id, "now": NOW}
        move_id = trays.move(session, newsroom.daily.id, seen(later), Tray.LATER, **by)
        done = together.decide(session, newsroom.daily.id, [seen(many)], Status.APPROVED, **by)
        reply = SavedReply(
            site_id=newsroom.daily.id, clause="profanity", title="Mild", text="-", changed_at=NOW
        )
        session.add(reply)
        session.flush()
        sign_in = select(SignIn.token_hash).where(SignIn.moderator_id == newsroom.ana.id)
        token_hash = session.scalars(sign_in).one()
        appeal_id = appealed(session, newsroom, "lea", by)
        given = IllegalContent(kind=ABUSE_OF_MINORS, text="Look at it.", good_faith=True)
        notice_id = notices.receive(session, newsroom.daily.id, held, given, now=NOW).complaint.id
    return {
        "comment_id": held,
        "decision_id": decision_id,
        "commenter_id": comment.commenter_id,
        "story_id": comment.story_id,
        "moderator_id": mia.id,
        "invitation_id": invitation.id,
        "note_id": note_id,
        "move_id": move_id,
        "reply_id": reply.id,
        "together_id": done.together,
        "token_hash": token_hash,
        "appeal_id": appeal_id,
        "notice_id": notice_id,
        "webhook_id": webhook_id,
        "delivery_id": delivery_id,
    }


def told_at(newsroom: Newsroom, path: str) -> UUID:
    """A webhook of The Daily's, of everything."""
    with newsroom.db.transaction() as session:
        webhook, _ = receivers.add(
            session,
            newsroom.daily.id,
            f"https://127.0.0.1/{path}",
            list(Event),
            sealing=Sealing([SECRET]),
            allowed=[],
            now=NOW,
        )
        return webhook.id


def dead_letter(newsroom: Newsroom, webhook_id: UUID) -> UUID:
    """What it was never told."""
    id_ = new_id()
    with newsroom.db.transaction() as session:
        session.add(
            Delivery(
                site_id=newsroom.daily.id,
                id=id_,
                webhook_id=webhook_id,
                event=Event.BLOCKED,
                seq=0,
                subject_id=new_id(),
                about_id=new_id(),
                happened_at=NOW,
                waits_since=NOW,
                attempts=9,
                next_try=NOW,
                last_status=500,
                last_trouble=Trouble.STATUS,
                outcome=DeliveryOutcome.DEAD,
                ended_at=NOW,
            )
        )
    return id_


def appealed(session: Session, newsroom: Newsroom, who: str, by: dict[str, Any]) -> UUID:
    """A commenter's appeal of the block that they are under."""
    site_id, words = newsroom.daily.id, AppealText(text="It was a quotation.")
    commenter = commenters.named(session, site_id, who)
    commenter_blocks.block(session, commenter, reason="Insults.", until=None, **by)
    return appeals.of_commenter(session, site_id, who, words, days=9, now=NOW).complaint.id


def seen(comment_id: UUID) -> Seen:
    return Seen(comment_id=comment_id, revision=1, status=Status.HELD, tray=Tray.WAITING)


def at_the_post(newsroom: Newsroom) -> Newsroom:
    """The same scene with the papers' places changed: what happens, happens to the other one."""
    return Newsroom(newsroom.db, newsroom.post, newsroom.daily, newsroom.ben, newsroom.ana, "", "")


def given(newsroom: Newsroom, role: Role) -> None:
    with newsroom.db.transaction() as session:
        moderators.assign(session, newsroom.ana, newsroom.daily, role)


def test_there_is_no_guarded_address_that_this_test_does_not_know(desk: Flask) -> None:
    assert {address.rule.endpoint for address in of_sites(desk)} >= set(NEEDS)
    assert MAY[Role.MODERATOR] == {Right.MODERATE}
    assert MAY[Role.LEAD] == {Right.MODERATE, Right.POLICY, Right.FIGURES}
    assert MAY[Role.ADMIN] == set(Right)


@pytest.mark.parametrize("role", Role)
def test_every_address_of_a_site_asks_for_its_right(
    newsroom: Newsroom, desk: Flask, role: Role
) -> None:
    mine = things(newsroom, desk)
    given(newsroom, role)
    ana = at_desk(desk, newsroom.ana)

    for address in of_sites(desk):
        status = address.asked_by(ana, "the-daily", mine)

        refused = NEEDS.get(address.rule.endpoint, Right.MODERATE) not in MAY[role]
        assert (status == 403) == refused, (str(address), status)
        # A form without its token is a 400: no form may be refused so here.
        of_forms = {200, 303, 403, 409, 422}
        assert status in (of_forms if address.method == "POST" else of_forms | {400}), (
            str(address),
            status,
        )


@pytest.mark.parametrize("role", Role)
def test_another_sites_things_are_nowhere(newsroom: Newsroom, desk: Flask, role: Role) -> None:
    theirs = things(at_the_post(newsroom), desk)
    given(newsroom, role)
    ana = at_desk(desk, newsroom.ana)

    for address in of_sites(desk):
        assert address.asked_by(ana, "the-evening-post", theirs) == 404, str(address)
        assert address.asked_by(ana, "no-such-site", theirs) == 404, str(address)
        if address.rule.arguments == {"slug"}:
            continue
        status = address.asked_by(ana, "the-daily", theirs)
        refused = NEEDS.get(address.rule.endpoint, Right.MODERATE) not in MAY[role]
        assert status == (403 if refused else 404), (str(address), status)


def test_ids_of_another_site_name_nothing_in_an_address(newsroom: Newsroom, desk: Flask) -> None:
    theirs = things(at_the_post(newsroom), desk)
    given(newsroom, Role.ADMIN)
    ana = at_desk(desk, newsroom.ana)

    for _, path in looks(desk, theirs):
        said = words(ana.get(path))
        assert not [word for word in ("Fool ", "Evening", "Rita", "Tram") if word in said], path


def test_ids_of_another_site_name_nothing_in_a_form(newsroom: Newsroom, desk: Flask) -> None:
    theirs = things(at_the_post(newsroom), desk)
    given(newsroom, Role.ADMIN)
    ana = at_desk(desk, newsroom.ana)
    before = rows_of_the_post(newsroom)
    their = f"{theirs['comment_id']}:1:waiting"
    form = {**theirs, "story": theirs["story_id"], "seen": their, "picked": their}

    for address in of_sites(desk):
        if address.rule.arguments == {"slug"} and address.method != "GET":
            status = address.asked_by(ana, "the-daily", {}, **form)

            assert status < 500, str(address)
            assert rows_of_the_post(newsroom) == before, str(address)


def rows_of_the_post(newsroom: Newsroom) -> list[str]:
    with newsroom.db.reading() as session:
        return [
            str(
                session.execute(
                    select(table)
                    .where(table.c.site_id == newsroom.post.id)
                    .order_by(*table.primary_key)
                ).all()
            )
            for table in Base.metadata.sorted_tables
            if "site_id" in table.c
        ]


def test_a_role_that_is_missing_is_said_calmly(newsroom: Newsroom, ana: Visitor) -> None:
    answer = ana.get("/sites/the-daily/people")

    assert answer.status_code == 403
    assert "Your role at this site does not include that" in words(answer)
    assert "To the queue" in words(answer)
    assert 'href="/sites/the-daily/people"' not in ana.get("/queue").text


def test_a_role_holds_at_its_own_site_alone(newsroom: Newsroom, desk: Flask) -> None:
    with newsroom.db.transaction() as session:
        moderators.assign(session, newsroom.ana, newsroom.daily, Role.ADMIN)
        moderators.assign(session, newsroom.ana, newsroom.post, Role.LEAD)
    ana = at_desk(desk, newsroom.ana)

    assert ana.get("/sites/the-daily/people").status_code == 200
    assert ana.get("/sites/the-evening-post/people").status_code == 403


def test_nobody_signed_in_sees_nothing_of_a_site(newsroom: Newsroom, desk: Flask) -> None:
    mine = things(newsroom, desk)
    visitor = Visitor(desk.test_client())
    visitor.get("/login")
    for address in of_sites(desk):
        assert address.asked_by(visitor, "the-daily", mine) == 303, str(address)
