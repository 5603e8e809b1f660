"""The door: three addresses, a key in the address, Google's errors whatever happens."""

import json
from collections.abc import Mapping, Sequence
from datetime import UTC, datetime
from typing import Any

from flask import Blueprint, Response, g, request
from werkzeug.exceptions import HTTPException, RequestEntityTooLarge

from config.logs import log
from moderation import failures, limits, site_keys, suggestions
from moderation.db import is_away
from moderation.interactive import NotScored, Scored, Sentence
from moderation.limits import TooMany
from moderation.models import Scope
from moderation.services import services
from moderation.site_keys import Caller
from moderation.standin.perspective import asked, discovery, errors, partial, scale
from moderation.standin.perspective.asked import (
    PROBABILITY,
    AnalyzeCommentRequest,
    SuggestCommentScoreRequest,
)
from moderation.standin.perspective.errors import Object, Refused
from moderation.standin.perspective.names import Attribute
from moderation.standin.perspective.partial import BadFields, Path

ROOT = f"/{discovery.VERSION}/"
ANY = ["GET", "POST", "PUT", "PATCH", "DELETE"]
OMIT = "omit"
FALSE = {"false", "0"}

bp = Blueprint("perspective", __name__)


@bp.post(f"{ROOT}comments:analyze")
def analyze() -> Response:
    """Score a comment, attribute by attribute. Nothing of it is kept."""
    _authenticated("AnalyzeComment")
    wanted = _wanted_fields()
    given = asked.read(AnalyzeCommentRequest)
    given.check()
    attributes = _scored_ones(given.attributes(), given)
    readable = _claimed_and_readable(given, attributes)
    if readable is None:
        return _answer(_with_token({}, given.client_token), wanted)
    scored = _scored(given)
    if scored.language is None and not readable:
        raise errors.language_unknown()
    detected = [] if scored.language is None else [scored.language]
    read = readable or detected
    if detected and scored.language not in services().model.languages:
        _refuse_language(given, attributes, detected, requested=False)
        attributes, read = [], []
    answered: Object = {
        "attributeScores": _attribute_scores(given, attributes, scored),
        "languages": read,
        "detectedLanguages": detected,
    }
    return _answer(_with_token(answered, given.client_token), wanted)


@bp.post(f"{ROOT}comments:suggestscore")
def suggest_score() -> Response:
    """Hear what a comment should score, and keep it if the site consents."""
    _authenticated("SuggestCommentScore")
    wanted = _wanted_fields()
    given = asked.read(SuggestCommentScoreRequest)
    given.check()
    scores = {one.ours: value for one, value in given.verdicts().items() if one.ours}
    if scores and _consents():
        _keep(given, scores)
    answered: Object = {"requestedLanguages": given.languages}
    return _answer(_with_token(answered, given.client_token), wanted)


@bp.get("/$discovery/rest")
def describe() -> Response:
    """The discovery document, with the address under which it was asked for."""
    if request.args.get("version", discovery.VERSION) != discovery.VERSION:
        raise errors.no_method()
    root = services().settings.public_url.rstrip("/") or request.host_url.rstrip("/")
    return _answer(discovery.document(f"{root}/"), partial.EVERYTHING)


@bp.route(f"{ROOT}<path:_anything>", methods=ANY)
@bp.route("/$discovery/<path:_anything>", methods=ANY)
def no_such_method(_anything: str) -> Response:
    """Every other address, and these with another method."""
    raise errors.no_method()


# --- who calls, and what for ------------------------------------------------------------------


def _authenticated(method: str) -> None:
    """Let a caller through whose key has the scope, and counts against its rate. Refused before
    anything of the body is read."""
    secret = request.args.get("key") or request.headers.get("X-Goog-Api-Key")
    if not secret:
        raise errors.no_key()
    with services().db.asking() as connection:
        known = site_keys.authenticate(connection, secret, now=datetime.now(UTC))
    if known is None:
        raise errors.bad_key()
    g.caller = known
    if not known.may(Scope.ANALYZE):
        raise errors.key_not_for_this(method, known.site)
    limits.count(services().settings.rate_per_key, str(known.key_id), "key")


def _consents() -> bool:
    with services().db.reading() as session:
        return suggestions.are_wanted(session, g.caller.site_id)


def _keep(given: SuggestCommentScoreRequest, scores: Mapping[str, float]) -> None:
    with services().db.transaction() as session:
        suggestions.keep(
            session,
            g.caller.site_id,
            given.comment.text,
            scores,
            token=given.client_token,
            now=datetime.now(UTC),
        )


def _wanted_fields() -> list[Path]:
    if request.args.get("alt", "json") != "json":
        raise errors.unfit("The only value of the parameter alt is json.")
    fields = request.args.get("fields")
    try:
        return partial.paths(fields) if fields else partial.EVERYTHING
    except BadFields:
        raise errors.unfit("Invalid field selection") from None


# --- scores -------------------------------------------------------------------------------------


def _scored_ones(attributes: Sequence[Attribute], given: AnalyzeCommentRequest) -> list[Attribute]:
    """Those that the model scores. The others are refused, or left out where the operator or the
    client wants that; none is made up."""
    scored = [one for one in attributes if one.ours in services().model.attributes]
    others = [one.asked for one in attributes if one not in scored]
    omitted = given.drop_unsupported_attributes or services().settings.perspective_unscored == OMIT
    if others and not omitted:
        raise errors.unknown_attribute(others[0])
    return scored


def _claimed_and_readable(
    given: AnalyzeCommentRequest, attributes: Sequence[Attribute]
) -> list[str] | None:
    """Of the languages that the client names, those that the model reads; none when it names none.

    None when it names others alone, and wants such attributes left out. Otherwise that is Refused.
    """
    readable = [one for one in given.languages if _code(one) in services().model.languages]
    if readable or not given.languages:
        return readable
    _refuse_language(given, attributes, given.languages, requested=True)
    return None


def _code(language: str) -> str:
    """`en` of `en-GB`."""
    return language.replace("_", "-").partition("-")[0].lower()


def _refuse_language(
    given: AnalyzeCommentRequest,
    attributes: Sequence[Attribute],
    languages: Sequence[str],
    *,
    requested: bool,
) -> None:
    if attributes and not given.drop_unsupported_attributes:
        raise errors.language_not_supported(attributes[0].asked, languages, requested=requested)


def _scored(given: AnalyzeCommentRequest) -> Scored:
    try:
        scored = services().interactive.score(
            given.comment.text, whole=True, sentences=given.span_annotations
        )
    except NotScored:
        raise errors.unavailable() from None
    if scored.model_version != services().model.version:
        # Its scores mean something else than the web side says of them.
        log.error("worker_has_another_model", version=scored.model_version)
        raise errors.unavailable()
    return scored


def _attribute_scores(
    given: AnalyzeCommentRequest, attributes: Sequence[Attribute], scored: Scored
) -> Object:
    text = given.comment.text
    whole = Sentence(0, len(text), scored.scores)
    parts = scored.sentences or (whole,)
    places = [(_units(text[: one.start]), _units(text[: one.end])) for one in parts]
    found = {}
    for attribute in attributes:
        threshold = given.requested_attributes[attribute.asked].score_threshold
        summary = _score(attribute, whole, scored.model_version)
        if threshold is not None and summary["value"] < threshold:
            continue
        found[attribute.asked] = {
            "spanScores": [
                {"begin": begin, "end": end}
                | {"score": _score(attribute, one, scored.model_version)}
                for (begin, end), one in zip(places, parts, strict=True)
            ],
            "summaryScore": summary,
        }
    return found


def _score(attribute: Attribute, part: Sentence, model: str) -> Object:
    ours = part.scores[str(attribute.ours)]
    value = scale.current().value(model, attribute.plain, ours)
    return {"value": round(value, 8), "type": PROBABILITY}


def _units(text: str) -> int:
    """Its length in UTF-16 code units."""
    return len(text) + sum(character > "\uffff" for character in text)


# --- answers --------------------------------------------------------------------------------------


def _with_token(answered: Object, token: str | None) -> Object:
    """The answer with the client's token, and without what is empty, as Google leaves it out."""
    return {name: value for name, value in answered.items() if value} | (
        {"clientToken": token} if token else {}
    )


def _answer(answered: Any, wanted: list[Path], code: int = 200) -> Response:
    pretty = request.args.get("prettyPrint", "true").lower() not in FALSE
    body = json.dumps(
        partial.chosen(answered, wanted),
        ensure_ascii=False,
        indent=2 if pretty else None,
        separators=None if pretty else (",", ":"),
    )
    response = Response(f"{body}\n", code, content_type="application/json; charset=UTF-8")
    response.headers["Cache-Control"] = "no-store"
    return response


@bp.errorhandler(Refused)
def _refused(refused: Refused) -> Response:
    return _answer(refused.as_json(), partial.EVERYTHING, refused.code)


@bp.errorhandler(HTTPException)
def _on_http(error: HTTPException) -> Response:
    if isinstance(error, TooMany):
        caller: Caller = g.caller
        return _refused(errors.too_many(error.limit, caller.site))
    if isinstance(error, RequestEntityTooLarge):
        return _refused(errors.too_large(services().settings.body_max))
    return _refused(errors.unfit("Request contains an invalid argument."))


@bp.errorhandler(Exception)
def _on_anything(error: Exception) -> Response:
    failures.tell(error)
    return _refused(errors.unavailable() if is_away(error) else errors.broken())
