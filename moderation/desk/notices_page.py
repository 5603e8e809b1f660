"""Notices of illegal content: those that wait, and what a moderator decides about them."""

from collections.abc import Sequence
from uuid import UUID

from flask import request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext, lazy_gettext
from sqlalchemy.orm import Session

from moderation.desk import complaints, forms
from moderation.desk.acting import Done
from moderation.desk.complaints import REASON_MAX, Noun
from moderation.desk.door import desk, now, own_site, person
from moderation.models import Notice, Status
from moderation.paging import Key
from moderation.redress import notice_cards, notices
from moderation.redress.notice_cards import NoticeCard


def _cards(session: Session, keys: Sequence[Key]) -> list[NoticeCard]:
    return notice_cards.of(session, keys, now=now())


NOTICE = Noun(
    name="notice",
    rows=Notice,
    cards=_cards,
    no_reason=lazy_gettext(
        "Give the notifier a reason, at most %(number)s characters: nothing was decided.",
        number=REASON_MAX,
    ),
    changed=lazy_gettext("The comment has changed since you saw it: this is how it stands now."),
)


@desk.get("/notices", endpoint="notices")
def show_notices() -> str:
    """Those that wait, or that have ended."""
    return complaints.show_list(NOTICE)


@desk.get("/sites/<slug>/notices/<uuid:notice_id>")
def notice(slug: str, notice_id: UUID) -> ResponseReturnValue:
    """One notice, whatever became of it."""
    return complaints.show_one(NOTICE, slug, notice_id)


@desk.post("/sites/<slug>/notices/<uuid:notice_id>/leave")
def leave_notice(slug: str, notice_id: UUID) -> ResponseReturnValue:
    """Leave the comment as it is, and say why."""
    site = own_site(slug)

    def act(session: Session) -> Done:
        notices.leave(
            session,
            site.id,
            notice_id,
            revision=_revision(),
            reason=complaints.reason(NOTICE),
            moderator_id=person().moderator.id,
            now=now(),
        )
        undo = NOTICE.address(site, notice_id, "undo")
        return Done(gettext("The comment stays as it is."), undo)

    return complaints.answer(NOTICE, site, notice_id, act, which="leave")


@desk.post("/sites/<slug>/notices/<uuid:notice_id>/block")
def follow_notice(slug: str, notice_id: UUID) -> ResponseReturnValue:
    """Block the comment for breaking a clause, and say why."""
    site = own_site(slug)

    def act(session: Session) -> Done:
        made = notices.block(
            session,
            site.id,
            notice_id,
            revision=_revision(),
            status=forms.status(),
            clause=request.form.get("clause", ""),
            reason=complaints.reason(NOTICE),
            moderator_id=person().moderator.id,
            now=now(),
        )
        # Taken back in the log of decisions, and the notice waits again with it.
        undo = url_for("desk.undo", slug=site.slug, decision_id=made)
        return Done(gettext("Blocked."), undo, Status.BLOCKED)

    return complaints.answer(NOTICE, site, notice_id, act, which="follow")


@desk.post("/sites/<slug>/notices/<uuid:notice_id>/undo")
def undo_notice(slug: str, notice_id: UUID) -> ResponseReturnValue:
    """Take one's own answer back: the notice waits again, and the site is told again."""
    site = own_site(slug)

    def act(session: Session) -> Done:
        by = person().moderator.id
        notices.take_back(session, site.id, notice_id, moderator_id=by, now=now())
        return Done(gettext("Taken back: the notice waits again."))

    return complaints.answer(NOTICE, site, notice_id, act)


def _revision() -> int:
    return forms.revision(request.form.get("revision", ""))
