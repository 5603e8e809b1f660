"""Logging in with an OpenID Connect provider, where the operator names one, in place of the
password. One-time codes that somebody has set up here are asked for all the same.

Authlib keeps state, nonce and verifier in the form's cookie between the two requests, and checks
what the provider signed.
"""

from collections.abc import Mapping
from typing import Any

from flask import Flask, abort, current_app, render_template, request, session, url_for
from flask.typing import ResponseReturnValue
from flask_babel import lazy_gettext
from requests.exceptions import RequestException

from config.logs import log
from config.settings import Settings
from moderation.desk.door import desk, now, own_path
from moderation.desk.signing_in import count_try, second_step
from moderation.services import EXTENSION, services
from moderation.staff import identities

PROVIDER = "moderation.provider"
NEXT = "sso_next"
CLAIM_MAX = 255
"""Of a subject, as OpenID Connect has it; no address is longer."""
SECONDS = 5
"""How long the provider may take for an answer."""
NOT_KNOWN = lazy_gettext(
    "Nobody here has the address that you have there. Take up an invitation to your site first."
)
FAILED = lazy_gettext("That did not work out. Try again, or log in with your password.")
AWAY = lazy_gettext(
    "The single sign-on does not answer. Try again in a minute, or log in with your password."
)


def set_up(app: Flask) -> None:
    """Know the provider, if there is one; it is asked for what it can do at the first log-in."""
    settings: Settings = app.extensions[EXTENSION].settings
    app.add_template_global(is_offered, "single_sign_on")
    if not settings.oidc_issuer:
        return
    from authlib.integrations.flask_client import OAuth

    app.extensions[PROVIDER] = OAuth(app).register(
        "sso",
        server_metadata_url=f"{settings.oidc_issuer.rstrip('/')}/.well-known/openid-configuration",
        client_id=settings.oidc_client_id,
        client_secret=settings.oidc_client_secret,
        client_kwargs={
            "scope": "openid email",
            "code_challenge_method": "S256",
            "default_timeout": SECONDS,
        },
    )


def is_offered() -> bool:
    """Whether there is a provider."""
    return PROVIDER in current_app.extensions


@desk.get("/login/sso")
def single_sign_on() -> ResponseReturnValue:
    """Go and ask the provider."""
    count_try()
    provider = _provider()
    session[NEXT] = own_path(request.args.get("next"))
    base = services().settings.public_url or request.host_url
    try:
        answer: ResponseReturnValue = provider.authorize_redirect(
            base.rstrip("/") + url_for("desk.single_sign_on_back")
        )
    except RequestException as error:
        return _away(error)
    return answer


@desk.get("/login/sso/back")
def single_sign_on_back() -> ResponseReturnValue:
    """Take what the provider says, and sign in whom it names."""
    from authlib.common.errors import AuthlibBaseError
    from joserfc.errors import JoseError

    count_try()
    provider, issuer = _provider(), services().settings.oidc_issuer
    back = own_path(session.pop(NEXT, None))
    try:
        named = provider.authorize_access_token(
            claims_options={"iss": {"essential": True, "values": [issuer]}}
        ).get("userinfo")
    except RequestException as error:
        return _away(error)
    except (AuthlibBaseError, JoseError, KeyError, ValueError) as error:
        log.warning("single_sign_on_failed", error=type(error).__name__)
        return _refused(FAILED, 403)
    subject = _claim(named, "sub")
    if subject is None:
        return _refused(FAILED, 403)
    email = _claim(named, "email") if named.get("email_verified") is True else None
    with services().db.transaction() as writing:
        moderator = identities.account_of(writing, issuer, subject, email=email, now=now())
    if moderator is None:
        return _refused(NOT_KNOWN, 403)
    return second_step(moderator, back)


def _claim(named: Mapping[str, Any] | None, name: str) -> str | None:
    """What the provider says there; None for what no database would keep."""
    said = str((named or {}).get(name) or "")
    return said if said.isprintable() and 0 < len(said) <= CLAIM_MAX else None


def _provider() -> Any:
    return current_app.extensions.get(PROVIDER) or abort(404)


def _away(error: Exception) -> ResponseReturnValue:
    log.warning("single_sign_on_away", error=type(error).__name__)
    return _refused(AWAY, 503)


def _refused(says: str, code: int) -> ResponseReturnValue:
    return render_template("desk/login.html", wrong=says), code
