"""What commenters are told of a block: the texts that a site keeps, and what a form says."""

from uuid import UUID

from flask import abort, get_template_attribute, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext
from sqlalchemy.orm import Session

from moderation import posted_policies, saved_replies
from moderation.desk import forms
from moderation.desk.door import desk, needs, now, own_site, person, see_other, tell
from moderation.desk.forms import Slip
from moderation.models import Site
from moderation.saved_replies import MOST, TEXT_MAX, TITLE_MAX, Full
from moderation.services import services
from moderation.sites import NotFound
from moderation.staff.roles import Right


def explanation(session: Session, site: Site, clause: str) -> str:
    """What the form of a block for `clause` says that the commenter is told: what is written there,
    or the saved reply that is chosen. Slip when it cannot be."""
    too_long = gettext(
        "What a commenter is told has at most %(number)s characters.", number=TEXT_MAX
    )
    written = forms.text("explanation", TEXT_MAX, too_long, least=0)
    if written or not request.form.get("reply"):
        return written
    try:
        meant_for, text = saved_replies.text_of(session, site.id, UUID(request.form["reply"]))
    except (ValueError, NotFound):
        raise Slip(gettext("That saved reply is gone: choose another one.")) from None
    if meant_for != clause:
        raise Slip(gettext("That saved reply is for another clause: nothing was decided."))
    return text


@desk.get("/sites/<slug>/saved-replies/text")
def saved_reply_text(slug: str) -> ResponseReturnValue:
    """The field of an explanation, with the words of the saved reply that was chosen."""
    site, chosen = own_site(slug), request.args.get("reply", "")
    text = ""
    if chosen:
        try:
            with services().db.reading() as session:
                _, text = saved_replies.text_of(session, site.id, UUID(chosen))
        except (ValueError, NotFound):
            abort(404)
    explanation = get_template_attribute("desk/explain.html", "explanation")
    return str(explanation(text, request.args.get("form")))


@desk.get("/sites/<slug>/saved-replies", endpoint="saved_replies")
@needs(Right.POLICY)
def show_saved_replies(slug: str) -> ResponseReturnValue:
    """Those that the site has, by clause."""
    return _page(own_site(slug))


@desk.post("/sites/<slug>/saved-replies")
@needs(Right.POLICY)
def save_reply(slug: str) -> ResponseReturnValue:
    """Keep another one."""
    site = own_site(slug)
    try:
        title, text = _title(), _text()
        with services().db.transaction() as session:
            saved_replies.add(
                session,
                site.id,
                clause=request.form.get("clause", ""),
                title=title,
                text=text,
                moderator_id=person().moderator.id,
                now=now(),
            )
    except Slip as slip:
        return _page(site, str(slip))
    except Full:
        return _page(site, gettext("A site has at most %(number)s saved replies.", number=MOST))
    except NotFound:
        return _page(site, gettext("Choose the clause that it is for."))
    return _done(site, gettext("The reply is saved."))


@desk.post("/sites/<slug>/saved-replies/<uuid:reply_id>/change")
@needs(Right.POLICY)
def change_reply(slug: str, reply_id: UUID) -> ResponseReturnValue:
    """Write one anew. What was told before stays as it was told."""
    site = own_site(slug)
    try:
        title, text = _title(), _text()
        with services().db.transaction() as session:
            saved_replies.change(
                session,
                site.id,
                reply_id,
                title=title,
                text=text,
                moderator_id=person().moderator.id,
                now=now(),
            )
    except Slip as slip:
        return _page(site, str(slip), reply_id)
    return _done(site, gettext("The reply is changed."))


@desk.post("/sites/<slug>/saved-replies/<uuid:reply_id>/remove")
@needs(Right.POLICY)
def remove_reply(slug: str, reply_id: UUID) -> ResponseReturnValue:
    """Offer one no more."""
    site = own_site(slug)
    with services().db.transaction() as session:
        saved_replies.remove(
            session, site.id, reply_id, moderator_id=person().moderator.id, now=now()
        )
    return _done(site, gettext("The reply is removed."))


def _title() -> str:
    no_title = gettext(
        "Give it a title of one line, at most %(number)s characters.", number=TITLE_MAX
    )
    title = forms.text("title", TITLE_MAX, no_title)
    if not title.isprintable():
        raise Slip(no_title)
    return title


def _text() -> str:
    no_text = gettext("A reply has 1 to %(number)s characters.", number=TEXT_MAX)
    return forms.text("text", TEXT_MAX, no_text)


def _done(site: Site, says: str) -> ResponseReturnValue:
    tell(says)
    return see_other(url_for("desk.saved_replies", slug=site.slug))


def _page(site: Site, wrong: str = "", about: UUID | None = None) -> ResponseReturnValue:
    """`wrong` is about the reply of that id, or about the new one; what was typed stays."""
    with services().db.reading() as session:
        posted = posted_policies.current(session, site.id)
        saved = saved_replies.of_sites(session, [site.id], with_texts=True).get(site.id, [])
    page = render_template(
        "desk/saved_replies.html",
        site=site,
        clauses=posted.policy.clauses if posted else (),
        saved=saved,
        title_max=TITLE_MAX,
        text_max=TEXT_MAX,
        most=MOST,
        wrong=wrong,
        about=about,
    )
    return page, 422 if wrong else 200
