"""Appeals: those that wait, and what a moderator decides about them."""

from collections.abc import Sequence
from uuid import UUID

from flask import request
from flask.typing import ResponseReturnValue
from flask_babel import gettext, lazy_gettext
from sqlalchemy.orm import Session

from moderation.desk import complaints, forms
from moderation.desk.acting import Done
from moderation.desk.complaints import REASON_MAX, Noun
from moderation.desk.door import desk, now, own_site, person
from moderation.models import Appeal, Status
from moderation.paging import Key
from moderation.redress import appeal_cards, appeals
from moderation.redress.appeal_cards import AppealCard


def _cards(session: Session, keys: Sequence[Key]) -> list[AppealCard]:
    return appeal_cards.of(session, keys, moderator_id=person().moderator.id, now=now())


APPEAL = Noun(
    name="appeal",
    rows=Appeal,
    cards=_cards,
    no_reason=lazy_gettext(
        "Give the commenter a reason, at most %(number)s characters: nothing was decided.",
        number=REASON_MAX,
    ),
    changed=lazy_gettext(
        "The commenter has edited this comment since you saw it: these are the new words."
    ),
)


@desk.get("/appeals", endpoint="appeals")
def show_appeals() -> str:
    """Those that wait, or that have ended."""
    return complaints.show_list(APPEAL)


@desk.get("/sites/<slug>/appeals/<uuid:appeal_id>")
def appeal(slug: str, appeal_id: UUID) -> ResponseReturnValue:
    """One appeal, whatever became of it."""
    return complaints.show_one(APPEAL, slug, appeal_id)


@desk.post("/sites/<slug>/appeals/<uuid:appeal_id>/uphold")
def uphold_appeal(slug: str, appeal_id: UUID) -> ResponseReturnValue:
    """Leave the block as it is, and say why."""
    site = own_site(slug)

    def act(session: Session) -> Done:
        appeals.uphold(
            session,
            site.id,
            appeal_id,
            reason=complaints.reason(APPEAL),
            moderator_id=person().moderator.id,
            now=now(),
        )
        return Done(gettext("The block is upheld."), APPEAL.address(site, appeal_id, "undo"))

    return complaints.answer(APPEAL, site, appeal_id, act, which="uphold")


@desk.post("/sites/<slug>/appeals/<uuid:appeal_id>/overturn")
def overturn_appeal(slug: str, appeal_id: UUID) -> ResponseReturnValue:
    """Lift the block, and say why."""
    site = own_site(slug)

    def act(session: Session) -> Done:
        seen = _revision()
        appeals.overturn(
            session,
            site.id,
            appeal_id,
            revision=seen or 0,
            reason=complaints.reason(APPEAL),
            moderator_id=person().moderator.id,
            now=now(),
        )
        undo = APPEAL.address(site, appeal_id, "undo")
        return Done(gettext("The block is overturned."), undo, Status.APPROVED if seen else None)

    return complaints.answer(APPEAL, site, appeal_id, act, which="overturn")


@desk.post("/sites/<slug>/appeals/<uuid:appeal_id>/undo")
def undo_appeal(slug: str, appeal_id: UUID) -> ResponseReturnValue:
    """Take one's own answer back: the appeal waits again, and the site is told again."""
    site = own_site(slug)

    def act(session: Session) -> Done:
        by = person().moderator.id
        appeals.take_back(session, site.id, appeal_id, moderator_id=by, now=now())
        return Done(gettext("Taken back: the appeal waits again."))

    return complaints.answer(APPEAL, site, appeal_id, act)


def _revision() -> int | None:
    """Which words the moderator had before their eyes; None where it is about no comment."""
    given = request.form.get("revision")
    return forms.revision(given) if given else None
