"""The door for Coral: its external moderation phase (`POST /coral/<site>/moderate`).

Coral asks before it saves a comment, and waits. Whatever is not answered 200 or 204 it takes for no
answer, and goes on without: then the comment is published. So everything that fails here, a
signature too, is answered 200 with PREMOD, which waits for a moderator in Coral's own queue. What a
stranger is told by that is always the same, and nothing is stored (`elsewhere`): a request that is
sent again by somebody who overheard it changes nothing. Coral signs no time.
"""

import hashlib
import hmac
import time
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from enum import StrEnum
from typing import Any
from uuid import UUID

from flask import Blueprint, Response, jsonify, request
from gunicorn.http.errors import ParseException
from pydantic import BaseModel, ConfigDict, ValidationError
from werkzeug.exceptions import HTTPException

from config.logs import log
from moderation import coral_secrets, elsewhere, failures, metrics, policy, secret_key, sites
from moderation.court import mode_in_force
from moderation.interactive import NotScored
from moderation.services import services
from moderation.signals import SignalKind
from moderation.submission import TEXT_MAX, CommentText, ExternalId

bp = Blueprint("coral", __name__, url_prefix="/coral")

SIGNED = "X-Coral-Signature"
SCHEME = "sha256="
SIGNATURES = 10
"""Looked at in one request. Coral sends one for each secret that it has in force."""


class _Part(BaseModel):
    # What a later Coral sends beside these is none of ours.
    model_config = ConfigDict(extra="ignore", frozen=True, strict=True)


class AskedComment(_Part):
    """Coral sends the parent's id as well; its words are not known here."""

    body: CommentText


class Known(_Part):
    """An author, or a story, by Coral's id."""

    id: ExternalId


class Asked(_Part):
    """What Coral sends for a comment that is new, or (alike) for one that is edited."""

    comment: AskedComment
    author: Known
    story: Known


class Unjudged(StrEnum):
    """Why a comment is held without a verdict. Coral drops the word; whoever tries by hand reads
    it."""

    SIGNATURE = "signature"
    UNREADABLE = "unreadable"
    NOT_SCORED = "not-scored"
    LATE = "late"
    FAILED = "failed"


class _Held(Exception):
    """A person has to look, for this reason."""

    def __init__(self, why: Unjudged) -> None:
        super().__init__(why.value)
        self.why = why


@dataclass(frozen=True, slots=True)
class _Site:
    """Whom the path names, and whose secrets were looked up."""

    id: UUID
    slug: str
    in_shadow: bool


def is_signed(body: bytes, header: str, secrets: Sequence[str]) -> bool:
    """Whether one of the signatures (`sha256=<hex>`, with commas between) is of these bytes, by one
    of the secrets. Takes as long for a wrong one as for a right one."""
    given = [
        one.strip().removeprefix(SCHEME).lower()
        for one in header.split(",", SIGNATURES)[:SIGNATURES]
        if one.strip().startswith(SCHEME) and one.isascii()
    ]
    found = False
    for secret in secrets:
        expected = hmac.new(secret.encode(), body, hashlib.sha256).hexdigest()
        for one in given:
            found |= hmac.compare_digest(one, expected)
    return found


@bp.post("/<site>/moderate")
def moderate(site: str) -> Response:
    """Tell Coral what to do with a comment that somebody is about to post, or has edited."""
    began = time.perf_counter()
    whose = None
    try:
        whose = _signed_by(site)
        judged, said = _judged(whose, began)
        if time.perf_counter() - began > _seconds():
            raise _Held(Unjudged.LATE)
    except _Held as held:
        judged, said = held.why.value, _premod(held.why)
    except Exception as error:  # noqa: BLE001 - whatever fails, Coral would publish
        failures.tell(error)
        judged, said = Unjudged.FAILED.value, _premod(Unjudged.FAILED)
    if whose is None:  # not told whom the path named: it is a stranger's word
        log.warning("coral_refused", why=judged)
        return jsonify(said)
    if whose.in_shadow:
        said = None
    answer = str(said["status"]) if said else "none"
    metrics.coral_answered(whose.slug, judged, answer)
    log.info("coral_answered", site=whose.slug, judged=judged, answer=answer)
    return jsonify(said) if said else Response(status=204)


def _seconds() -> float:
    return services().settings.coral_answer_ms / 1000


def _signed_by(slug: str) -> _Site:
    """The site of that name, whose Coral has signed the request."""
    sealing = secret_key.sealing(services().settings)
    with services().db.reading() as session:
        found = sites.find(session, slug)
        secrets = coral_secrets.in_force(session, found.id, sealing) if found else []
    site = None
    if found is not None:
        mode = mode_in_force(found.mode, found.hold_everything)
        site = _Site(found.id, found.slug, mode is policy.Mode.SHADOW)
    try:
        body = request.get_data()
    except (HTTPException, OSError, ParseException):  # too large, or it broke off
        raise _Held(Unjudged.UNREADABLE) from None
    if site is None or not is_signed(body, request.headers.get(SIGNED, ""), secrets):
        raise _Held(Unjudged.SIGNATURE)
    return site


def _judged(site: _Site, began: float) -> tuple[str, dict[str, Any] | None]:
    """What became of it, in a word for the log, and what Coral is told."""
    limits = {TEXT_MAX: services().settings.text_max}
    try:
        asked = Asked.model_validate_json(request.get_data(), context=limits)
    except ValidationError:
        raise _Held(Unjudged.UNREADABLE) from None
    with services().db.reading() as session:
        hearing = elsewhere.hearing(
            session,
            site.id,
            commenter=asked.author.id,
            story=asked.story.id,
            model=services().model,
            now=datetime.now(UTC),
        )
    if hearing.commenter_blocked:
        return "commenter-blocked", rejected("Blocked", "This site has blocked the commenter.")
    left = _seconds() - (time.perf_counter() - began)
    try:
        scored = services().interactive.score(asked.comment.body, within=left)
    except NotScored:
        raise _Held(Unjudged.NOT_SCORED) from None
    verdict = hearing.verdict(
        asked.comment.body, language=scored.language, scores=scored.scores, quoted=scored.quoted
    )
    posted = hearing.court.posted
    return verdict.outcome.value, told(verdict, posted.policy if posted else None)


def told(verdict: policy.Verdict, posted: policy.Policy | None) -> dict[str, Any] | None:
    """A verdict in Coral's words; None (204) when nothing is wrong, and Coral goes on as it is set
    up."""
    if verdict.outcome is policy.Outcome.APPROVE:
        return None
    said: dict[str, Any] = {"status": "PREMOD"}
    broken = verdict.primary
    clause = posted.clause(broken.clause) if posted and broken else None
    if verdict.outcome is policy.Outcome.BLOCK:
        said = rejected(clause.title, clause.text) if clause else {"status": "REJECTED"}
    flags = {flag for violation in verdict.violations if (flag := _flag(violation))}
    if flags:
        said["actions"] = [{"actionType": "FLAG", "reason": flag} for flag in sorted(flags)]
    return said


def _flag(violation: policy.Violation) -> str | None:
    """What Coral's moderators see on the comment: its two flags, where they say what was found. A
    listed word may be anything."""
    if violation.attribute:
        return "COMMENT_DETECTED_TOXIC"
    spam = {SignalKind.LINKS, SignalKind.REPEAT}
    return "COMMENT_DETECTED_SPAM" if violation.signal in spam else None


def rejected(reason: str, explanation: str) -> dict[str, Any]:
    """REJECTED, with a reason of the site's own words beside those that Coral knows by a code."""
    return {
        "status": "REJECTED",
        "moderationAction": {
            "status": "REJECTED",
            "rejectionReason": {"code": "OTHER", "customReason": reason}
            # Coral refuses the whole answer when a text in it is empty.
            | ({"detailedExplanation": explanation} if explanation else {}),
        },
    }


def _premod(why: Unjudged) -> dict[str, Any]:
    return {"status": "PREMOD", "unjudged": why.value}
