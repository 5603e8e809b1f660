"""Appeals and notices alike: the list of them, the page of one, and the answer that is given."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from flask import abort, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import lazy_gettext
from sqlalchemy.orm import Session

from moderation import complaints, decisions, metrics
from moderation.complaints import AlreadyEnded
from moderation.desk import forms
from moderation.desk.acting import Done
from moderation.desk.door import by_htmx, own_path, own_site, see_other, tell
from moderation.desk.forms import Slip
from moderation.desk.tabs import shown_sites
from moderation.desk.wording import ago, ended
from moderation.models import Actor, Complaint, Site
from moderation.paging import Key, Page
from moderation.redress.appeals import OwnBlock
from moderation.redress.complaint_cards import ComplaintCard
from moderation.services import services

AnyCard = ComplaintCard[Any]
REASON_MAX = 1000
NOT_YOURS = lazy_gettext(
    "You have blocked this yourself: a colleague decides. Your decision was not taken."
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Noun:
    """What is answered: `name` is in the addresses, the templates and the tab. `no_reason` is said
    to whoever gives none, `changed` to whoever answers what has changed under their eyes."""

    name: str
    rows: type[Complaint]
    cards: Callable[[Session, Sequence[Key]], Sequence[AnyCard]]
    no_reason: Any
    changed: Any

    def address(self, site: Site, row_id: UUID, act: str = "") -> str:
        """Of one, or of an act on it."""
        endpoint = f".{act}_{self.name}" if act else f".{self.name}"
        named: dict[str, Any] = {f"{self.name}_id": row_id}
        return url_for(endpoint, slug=site.slug, **named)


def show_list(noun: Noun) -> str:
    """Those that wait at the moderator's sites, or at the one that `site` names; with
    `show=answered` those that have ended. 404 for anything else."""
    show = request.args.get("show", "")
    if show not in {"", "answered"}:
        abort(404)
    answered, place = bool(show), forms.place("before" if show else "after")
    with services().db.reading() as session:
        shown = shown_sites(session)
        found = complaints.listed(session, noun.rows, shown.ids, answered=answered, place=place)
        page = Page(noun.cards(session, found.items), found.next)
    return render_template(
        f"desk/{noun.name}s.html",
        noun=noun,
        page=page,
        answered=answered,
        place=place,
        shown=shown,
        reason_max=REASON_MAX,
    )


def show_one(noun: Noun, slug: str, row_id: UUID) -> ResponseReturnValue:
    """One, whatever became of it."""
    return _page(noun, _card(noun, own_site(slug), row_id))


def answer(
    noun: Noun, site: Site, row_id: UUID, act: Callable[[Session], Done], *, which: str = ""
) -> ResponseReturnValue:
    """Do something about one, in one transaction, and answer with its card: as it is then, or as it
    was left, with the reason why and with what was typed for `which` act."""
    try:
        with services().db.transaction() as session:
            done = act(session)
    except Slip as slip:
        return _page(noun, _card(noun, site, row_id), str(slip), 422, which)
    except decisions.UnknownClause:
        return _page(noun, _card(noun, site, row_id), str(forms.NO_CLAUSE), 422, which)
    except OwnBlock:
        return _page(noun, _card(noun, site, row_id), str(NOT_YOURS), 409, which)
    except (AlreadyEnded, decisions.AlreadyDecided):
        card = _card(noun, site, row_id)
        return _page(noun, card, _what_happened(noun, card), 409, which)
    if done.status is not None:
        metrics.decided(site.slug, done.status, Actor.MODERATOR)
    if by_htmx():
        return _page(noun, _card(noun, site, row_id))
    tell(done.says, undo=done.undo)
    return see_other(own_path(request.form.get("back")))


def reason(noun: Noun) -> str:
    """What whoever waits is told."""
    return forms.text("reason", REASON_MAX, noun.no_reason)


def _what_happened(noun: Noun, card: AnyCard) -> str:
    """Why nothing was done, after a look at what is there now."""
    if card.waits:
        return f"{noun.changed} {forms.NOT_TAKEN}"
    when = ago(card.complaint.ended_at) if card.complaint.ended_at else ""
    return f"{ended(card.complaint, card.ended_by)}, {when}. {forms.NOT_TAKEN}"


def _card(noun: Noun, site: Site, row_id: UUID) -> AnyCard:
    with services().db.reading() as session:
        found = noun.cards(session, [(site.id, row_id)])
    return found[0] if found else abort(404)


def _page(
    noun: Noun, card: AnyCard, says: str = "", status: int = 200, which: str = ""
) -> ResponseReturnValue:
    """The card: alone for htmx, which puts it in the place of the old one, else on its page.

    `says` is what has just happened here.
    """
    typed = {which: forms.typed("reason")} if which and status != 200 else {}
    page = render_template(
        f"desk/{noun.name}.html" if by_htmx() else f"desk/{noun.name}_page.html",
        noun=noun,
        one=card,
        says=says,
        typed=typed,
        back=own_path(request.form.get("back") or url_for(f".{noun.name}s")),
        alone=not by_htmx(),
        reason_max=REASON_MAX,
    )
    return page, status
