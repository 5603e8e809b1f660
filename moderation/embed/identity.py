"""Who writes: a reader whom the site vouches for by a token, or a guest.

No cookies. A site signs its tokens (JWT, HS256) with a secret of its own; a guest has one of ours,
which their page keeps: by it they are known again as the writer of what they wrote with it.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any
from uuid import uuid4

from flask import request
from itsdangerous import BadSignature, URLSafeSerializer
from joserfc import jwt
from joserfc.errors import JoseError
from joserfc.jwk import OctKey
from pydantic import ValidationError
from sqlalchemy.orm import Session

from moderation import commenters, embed_secrets, secret_key
from moderation.embed.wording import Code, Turned
from moderation.models import Site
from moderation.sealing import Sealing
from moderation.services import services
from moderation.submission import GUEST, CommenterRef, GuestRef

LONGEST_LIFE = timedelta(minutes=10)
"""From when a token was made until it ends."""
CLOCKS_DIFFER = timedelta(seconds=30)
"""By so much a site's clock may be ahead of ours, or behind it."""
TOKEN_LONGEST = 4096
ALGORITHM = "HS256"
"""The only one. A token that names another, or none, is not even looked at."""
GUESTS = "comment moderation: guests on readers' pages"


@dataclass(frozen=True, slots=True)
class Writer:
    """Somebody on a page, under the id that their comments have. A guest's is ours."""

    ref: CommenterRef

    @property
    def is_guest(self) -> bool:
        """Whether no site vouches for them."""
        return commenters.is_guest(self.ref.id)


def of_request(session: Session, site: Site, *, now: datetime) -> Writer | None:
    """Who sends this: by the site's token or by our own. None: nobody has said.

    `Turned` when a token is given that is not in force.
    """
    if token := _given("bearer", "token"):
        return _vouched_for(session, site, token, now)
    if token := _given("guest", "guest"):
        return _known_again(site, token)
    return None


def _given(scheme: str, field: str) -> str:
    """What stands in the header, as our script sends it, or in the form, as the plain page does."""
    header = request.authorization
    if header is not None and header.type == scheme:
        return header.token or ""
    return request.form.get(field, "")


# --- vouched for by the site ----------------------------------------------------------------


def _vouched_for(session: Session, site: Site, token: str, now: datetime) -> Writer:
    sealing = Sealing(secret_key.in_force(services().settings))
    secrets = embed_secrets.in_force(session, site.id, sealing, now=now)
    claims = claims_of(token, secrets, audience=site.slug, now=now)
    if claims is None:
        raise Turned(Code.TOKEN_REFUSED)
    try:
        ref = CommenterRef.model_validate({"id": claims["sub"], "name": claims["name"]})
    except ValidationError:
        raise Turned(Code.TOKEN_REFUSED) from None
    if commenters.name_key(ref.name or "") is None:
        raise Turned(Code.TOKEN_REFUSED)
    return Writer(ref)


def claims_of(
    token: str, secrets: Sequence[str], *, audience: str, now: datetime
) -> dict[str, Any] | None:
    """What a token says that one of the secrets has signed, for this audience, and that is in
    force; None for any other."""
    if len(token) > TOKEN_LONGEST:
        return None
    for secret in secrets:
        try:
            claims = jwt.decode(token, OctKey.import_key(secret), algorithms=[ALGORITHM]).claims
            _in_force(audience, now).validate(claims)
            return claims if _lives_short(claims) else None
        # What is no token at all, too, and numbers beyond those that there are: JSON may have both.
        except (JoseError, ValueError, OverflowError, RecursionError):
            continue
    return None


def _in_force(audience: str, now: datetime) -> jwt.JWTClaimsRegistry:
    return jwt.JWTClaimsRegistry(
        now=int(now.timestamp()),
        leeway=int(CLOCKS_DIFFER.total_seconds()),
        aud={"essential": True, "value": audience},
        exp={"essential": True},
        iat={"essential": True},
        sub={"essential": True},
        name={"essential": True},
    )


def _lives_short(claims: dict[str, Any]) -> bool:
    # Asked so that what compares with nothing (NaN) does not pass.
    return bool(0 < claims["exp"] - claims["iat"] <= LONGEST_LIFE.total_seconds())


# --- guests ---------------------------------------------------------------------------------


def new_guest(site: Site) -> str:
    """A token for somebody whom nobody has seen before, good at this site."""
    return _guests().dumps([site.id.hex, f"{GUEST}{uuid4().hex}"])


def new_key() -> str:
    """For a form: sent twice, it is one comment."""
    return uuid4().hex


def _known_again(site: Site, token: str) -> Writer:
    try:
        of_site, guest = _guests().loads(token)
    except BadSignature:
        raise Turned(Code.GUEST_UNKNOWN) from None
    if of_site != site.id.hex:
        raise Turned(Code.GUEST_UNKNOWN)
    return Writer(GuestRef(id=guest))


def _guests() -> URLSafeSerializer:
    newest_last = secret_key.in_force(services().settings)[::-1]
    return URLSafeSerializer(newest_last, salt=GUESTS)
