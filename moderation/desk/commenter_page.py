"""A commenter: their history at a site, and the site's block."""

from datetime import datetime
from uuid import UUID

from flask import get_template_attribute, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext

from moderation import commenter_blocks, history, notes, sites
from moderation.desk import forms
from moderation.desk.clock import midnight
from moderation.desk.door import by_htmx, desk, now, own_path, own_site, person, see_other, tell
from moderation.desk.forms import Slip
from moderation.models import Commenter, Site
from moderation.services import services

REASON_MAX = 500


@desk.get("/sites/<slug>/commenters/<uuid:commenter_id>")
def commenter(slug: str, commenter_id: UUID) -> ResponseReturnValue:
    """What they wrote, newest first, what became of it, and what is counted on them."""
    return _page(own_site(slug), commenter_id)


@desk.post("/sites/<slug>/commenters/<uuid:commenter_id>/block")
def block_commenter(slug: str, commenter_id: UUID) -> ResponseReturnValue:
    """Refuse their comments from now on, until a date or without an end."""
    site, moment = own_site(slug), now()
    no_reason = gettext("Give a reason, at most %(number)s characters.", number=REASON_MAX)
    try:
        reason, until = forms.text("reason", REASON_MAX, no_reason), _until()
    except Slip as slip:
        return _answer(site, commenter_id, wrong=str(slip))
    if until is not None and until <= moment:
        return _answer(site, commenter_id, wrong=gettext("The block would be over already."))
    with services().db.transaction() as session:
        commenter_blocks.block(
            session,
            sites.owned(session, Commenter, site.id, commenter_id),
            reason=reason,
            until=until,
            moderator_id=person().moderator.id,
            now=moment,
        )
    return _answer(site, commenter_id, says=gettext("The commenter is blocked."))


@desk.post("/sites/<slug>/commenters/<uuid:commenter_id>/unblock")
def unblock_commenter(slug: str, commenter_id: UUID) -> ResponseReturnValue:
    """Take their comments again."""
    site = own_site(slug)
    with services().db.transaction() as session:
        commenter_blocks.unblock(
            session,
            sites.owned(session, Commenter, site.id, commenter_id),
            moderator_id=person().moderator.id,
            now=now(),
        )
    return _answer(site, commenter_id, says=gettext("The commenter may write again."))


@desk.post("/sites/<slug>/commenters/<uuid:commenter_id>/notes")
def note_commenter(slug: str, commenter_id: UUID) -> ResponseReturnValue:
    """Note something about them, for colleagues."""
    site = own_site(slug)
    no_note = gettext("A note has 1 to %(number)s characters.", number=notes.NOTE_MAX)
    try:
        text = forms.text("text", notes.NOTE_MAX, no_note)
        with services().db.transaction() as session:
            notes.write(
                session,
                site.id,
                commenter_id,
                text,
                moderator_id=person().moderator.id,
                now=now(),
            )
    except Slip as slip:
        return _page(site, commenter_id, wrong_note=str(slip), note=forms.typed("text"))
    tell(gettext("Noted."))
    return see_other(url_for("desk.commenter", slug=slug, commenter_id=commenter_id))


@desk.post("/sites/<slug>/commenters/<uuid:commenter_id>/notes/<uuid:note_id>/erase")
def erase_note(slug: str, commenter_id: UUID, note_id: UUID) -> ResponseReturnValue:
    """Erase the words of one's own note."""
    site = own_site(slug)
    with services().db.transaction() as session:
        notes.erase(session, site.id, note_id, moderator_id=person().moderator.id, now=now())
    tell(gettext("The note is erased."))
    return see_other(url_for("desk.commenter", slug=slug, commenter_id=commenter_id))


def _until() -> datetime | None:
    """When a block is to end; None for never. Slip for what is no date."""
    try:
        return midnight(request.form.get("until", ""))
    except ValueError:
        raise Slip(gettext("That is not a date.")) from None


def _answer(
    site: Site, commenter_id: UUID, *, says: str = "", wrong: str = ""
) -> ResponseReturnValue:
    if not by_htmx():
        if wrong:
            return _page(site, commenter_id, wrong)
        tell(says)
        return see_other(own_path(request.form.get("back")))
    with services().db.reading() as session:
        who = sites.owned(session, Commenter, site.id, commenter_id)
    commenter_block = get_template_attribute("desk/commenter_block.html", "commenter_block")
    back = own_path(request.form.get("back"))
    page = commenter_block(site, who, back, unfolded=True, wrong=wrong, says=says)
    return page, 422 if wrong else 200


def _page(
    site: Site, commenter_id: UUID, wrong: str = "", *, wrong_note: str = "", note: str = ""
) -> ResponseReturnValue:
    """`note` is what was typed and not taken."""
    before = forms.place("before")
    with services().db.reading() as session:
        profile = history.profile(session, site.id, commenter_id, now=now())
        page = history.written(session, site.id, commenter_id, before=before)
    page_html = render_template(
        "desk/commenter.html",
        site=site,
        profile=profile,
        page=page,
        before=before,
        wrong=wrong,
        wrong_note=wrong_note,
        note=note,
        note_max=notes.NOTE_MAX,
        rated=sum(profile.rates.values()),
    )
    return page_html, 422 if wrong or wrong_note else 200
