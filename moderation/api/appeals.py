"""Appeals: posted by the site for its readers, and what became of them."""

from datetime import UTC, datetime
from typing import Annotated
from uuid import UUID

from flask import url_for
from pydantic import BaseModel, ConfigDict, Field
from sqlalchemy.orm import Session

from config.logs import log
from moderation import secret_key
from moderation.api.answers import AppealAnswer, Appeals, AppealTaken, appeal_fields
from moderation.api.auth import caller, needs, of_site
from moderation.api.decisions import FeedQuery
from moderation.models import Scope, Site
from moderation.redress import appeals
from moderation.redress.appeals import Filed
from moderation.services import services
from moderation.submission import AppealText

bp = of_site("appeals", "Appeals")

EXAMPLE = {"text": "I did not mean Tom: I quoted what he had called me."}
REFUSED = {
    404: "There is no such comment or reader, or there is no block to appeal.",
    409: "The block has been appealed before, the time to appeal is over, the comment has been"
    " deleted, or the key was used for another appeal.",
}
TAKEN = "Taken in, now or by an earlier post of the same (`repeat`)."


class AppealHeaders(BaseModel):
    """What may be sent beside an appeal."""

    model_config = ConfigDict(frozen=True)

    idempotency_key: Annotated[str, Field(max_length=255, pattern=r"^[\x20-\x7e]+$")] | None = (
        Field(
            None,
            alias="Idempotency-Key",
            description="Chosen by the site, 1..255 printable ASCII characters. Posting again with"
            " the same key and the same body answers the first appeal; with another body it is"
            " refused (409). Keys do not expire.",
            examples=["appeal-of-88121"],
        )
    )


@bp.post("/comments/<uuid:comment_id>/appeal")
@needs(bp, Scope.SUBMIT, responses=REFUSED)
@bp.input(AppealHeaders, location="headers", arg_name="headers")
@bp.input(AppealText, arg_name="words", example=EXAMPLE)
@bp.output(AppealTaken, status_code=202, description=TAKEN)
def appeal_comment(
    comment_id: UUID, headers: AppealHeaders, words: AppealText
) -> tuple[AppealTaken, int, dict[str, str]]:
    """Appeal the block of a comment.

    For its commenter, of the block that it is under now, once, and for as long as its statement of
    reasons says. A person looks at it who has not made the block, if the site has another. What
    becomes of it is in the feed of appeals; a comment that is let through is in the feed of
    decisions, too.
    """
    with services().db.transaction() as session:
        filed = appeals.of_comment(
            session,
            caller().site_id,
            comment_id,
            words,
            key=headers.idempotency_key,
            days=services().settings.appeal_days,
            now=datetime.now(UTC),
        )
        return _taken(session, filed)


@bp.post("/commenters/<external_id:commenter>/appeal")
@needs(bp, Scope.SUBMIT, responses=REFUSED)
@bp.input(AppealHeaders, location="headers", arg_name="headers")
@bp.input(AppealText, arg_name="words", example=EXAMPLE)
@bp.output(AppealTaken, status_code=202, description=TAKEN)
def appeal_commenter(
    commenter: str, headers: AppealHeaders, words: AppealText
) -> tuple[AppealTaken, int, dict[str, str]]:
    """Appeal the block of a reader.

    As of a comment. Where the appeal overturns it, the reader may comment again.
    """
    with services().db.transaction() as session:
        filed = appeals.of_commenter(
            session,
            caller().site_id,
            commenter,
            words,
            key=headers.idempotency_key,
            days=services().settings.appeal_days,
            now=datetime.now(UTC),
        )
        return _taken(session, filed)


def _taken(session: Session, filed: Filed) -> tuple[AppealTaken, int, dict[str, str]]:
    appeal = filed.appeal
    if not filed.repeat:
        log.info("appeal_received", site=caller().site, appeal=str(appeal.id))
    base = services().settings.public_url.rstrip("/")
    path = url_for(
        "appeals.get_appeal", site=caller().site, appeal_id=appeal.id, _external=not base
    )
    told = appeals.told(session, caller().site_id, appeal.id)
    answer = AppealTaken.model_validate(
        appeal_fields(told, _site(session), _key()) | {"url": base + path, "repeat": filed.repeat}
    )
    return answer, 202, {"Location": answer.url}


@bp.get("/appeals/<uuid:appeal_id>")
@needs(bp, Scope.READ)
@bp.output(AppealAnswer, description="The appeal.")
def get_appeal(appeal_id: UUID) -> AppealAnswer:
    """Read what became of an appeal.

    `sentences` say it to the commenter, with the reason that the moderator has written for them.
    """
    with services().db.reading() as session:
        told = appeals.told(session, caller().site_id, appeal_id)
        return AppealAnswer.of(told, _site(session), _key())


@bp.get("/appeals")
@needs(bp, Scope.READ)
@bp.input(FeedQuery, location="query", arg_name="page")
@bp.output(Appeals, description="A page of the feed.")
def list_appeals(page: FeedQuery) -> Appeals:
    """Follow what becomes of appeals.

    An appeal is in it once it has ended, in the order in which that happened, none left out. A
    moderator may take an answer back: the appeal is in the feed again then, under a higher number,
    with no outcome. Keep `next`, and come back with it.
    """
    with services().db.reading() as session:
        told = appeals.feed(session, caller().site_id, after=page.after, limit=page.limit + 1)
        site, shown = _site(session), told[: page.limit]
        answers = [AppealAnswer.of(one, site, _key()) for one in shown]
    return Appeals(
        appeals=answers,
        next=(answers[-1].seq or page.after) if answers else page.after,
        more=len(told) > page.limit,
    )


def _site(session: Session) -> Site:
    return session.get_one(Site, caller().site_id)


def _key() -> str:
    return secret_key.secret_key(services().settings)
