"""Which pages of a site show its comments, and who may write there: for its admins."""

from datetime import timedelta
from typing import Any

from flask import render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext

from moderation import embed_secrets, secret_key, site_settings
from moderation.desk.door import desk, needs, now, own_site, person, see_other, tell
from moderation.models import Site
from moderation.services import services
from moderation.site_settings import ORIGIN_MAX, ORIGINS_MAX, NotAnOrigin, TooManyOrigins
from moderation.staff.roles import Right

FORMER_LASTS = timedelta(days=1)
"""How long the secret is good that another one replaces, unless it is ended: as by command."""


@desk.get("/sites/<slug>/embedding")
@needs(Right.EMBEDDING)
def embedding(slug: str) -> ResponseReturnValue:
    """The pages, and the secret by which readers are known there."""
    return _page(own_site(slug))


@desk.post("/sites/<slug>/embedding")
@needs(Right.EMBEDDING)
def set_embedding(slug: str) -> ResponseReturnValue:
    """Say which pages, and whether guests may write there."""
    site = own_site(slug)
    try:
        with services().db.transaction() as session:
            site_settings.change(
                session,
                session.get_one(Site, site.id),
                embed_origins=request.form.get("origins", "").split(),
                embed_guests="guests" in request.form,
                **_by(),
            )
    except NotAnOrigin as error:
        wrong = gettext(
            "“%(origin)s” is not how an address begins, as https://daily.example: in small letters,"
            " with nothing behind host and port, not even a slash.",
            origin=error.origin[:ORIGIN_MAX],
        )
        return _page(site, wrong=wrong), 422
    except TooManyOrigins:
        return _page(site, wrong=gettext("At most %(number)s lines.", number=ORIGINS_MAX)), 422
    tell(gettext("Set."))
    return _back(site)


@desk.post("/sites/<slug>/embedding/secret")
@needs(Right.EMBEDDING)
def make_embed_secret(slug: str) -> ResponseReturnValue:
    """Make a secret, and show it, this once; the former one is good, too, for a day."""
    site, sealing = own_site(slug), secret_key.sealing(services().settings)
    by = _by()
    with services().db.transaction() as session:
        secret = embed_secrets.make(
            session, site.id, sealing, ends_at=by["now"] + FORMER_LASTS, **by
        )
    return _page(site, secret=secret)


@desk.post("/sites/<slug>/embedding/secret/end")
@needs(Right.EMBEDDING)
def end_embed_secret(slug: str) -> ResponseReturnValue:
    """Take the former secret no more."""
    site = own_site(slug)
    with services().db.transaction() as session:
        embed_secrets.end_former(session, site.id, **_by())
    tell(gettext("The former secret is good for nothing any more."))
    return _back(site)


def _by() -> dict[str, Any]:
    return {"moderator_id": person().moderator.id, "now": now()}


def _back(site: Site) -> ResponseReturnValue:
    return see_other(url_for("desk.embedding", slug=site.slug))


def _page(site: Site, *, wrong: str = "", secret: str = "") -> str:
    """`wrong` is about what was typed, which stays; `secret` is one that was just made."""
    with services().db.reading() as session:
        kept = embed_secrets.kept(session, site.id, now=now())
    return render_template(
        "desk/embedding.html",
        site=site,
        kept=kept,
        wrong=wrong,
        secret=secret,
        base=(services().settings.public_url or request.host_url).rstrip("/"),
        most=ORIGINS_MAX,
    )
