"""Appeals: posted by the site for its readers, and what became of them."""

from datetime import UTC, datetime
from uuid import UUID

from sqlalchemy.orm import Session

from moderation.api.answers import AppealAnswer, Appeals, AppealTaken
from moderation.api.auth import caller, needs, of_site
from moderation.api.bodies import PostHeaders
from moderation.api.decisions import FeedQuery
from moderation.api.redress import confirmed, key_of_pseudonyms, site_that_asks
from moderation.models import Scope
from moderation.redress import appeals
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


@bp.post("/comments/<uuid:comment_id>/appeal")
@needs(bp, Scope.SUBMIT, responses=REFUSED)
@bp.input(PostHeaders, location="headers", arg_name="headers")
@bp.input(AppealText, arg_name="words", example=EXAMPLE)
@bp.output(AppealTaken, status_code=202, description=TAKEN)
def appeal_comment(
    comment_id: UUID, headers: PostHeaders, words: AppealText
) -> tuple[AppealTaken, int, dict[str, str]]:
    """Appeal the block of a comment.

    For its commenter, of the block that it is under now, once, and for as long as its statement of
    reasons says. A person looks at it who has not made the block, if the site has another. What
    becomes of it is in the feed of appeals; a comment that is let through is in the feed of
    decisions, too.
    """
    with services().db.transaction() as session:
        taken = appeals.of_comment(
            session,
            caller().site_id,
            comment_id,
            words,
            key=headers.idempotency_key,
            days=services().settings.appeal_days,
            now=datetime.now(UTC),
        )
        answer = _answer(session, taken.complaint.id)
    return confirmed(AppealTaken, answer, taken.repeat, noun="appeal")


@bp.post("/commenters/<external_id:commenter>/appeal")
@needs(bp, Scope.SUBMIT, responses=REFUSED)
@bp.input(PostHeaders, location="headers", arg_name="headers")
@bp.input(AppealText, arg_name="words", example=EXAMPLE)
@bp.output(AppealTaken, status_code=202, description=TAKEN)
def appeal_commenter(
    commenter: str, headers: PostHeaders, words: AppealText
) -> tuple[AppealTaken, int, dict[str, str]]:
    """Appeal the block of a reader.

    As of a comment. Where the appeal overturns it, the reader may comment again.
    """
    with services().db.transaction() as session:
        taken = appeals.of_commenter(
            session,
            caller().site_id,
            commenter,
            words,
            key=headers.idempotency_key,
            days=services().settings.appeal_days,
            now=datetime.now(UTC),
        )
        answer = _answer(session, taken.complaint.id)
    return confirmed(AppealTaken, answer, taken.repeat, noun="appeal")


def _answer(session: Session, appeal_id: UUID) -> AppealAnswer:
    told = appeals.told(session, caller().site_id, appeal_id)
    return AppealAnswer.of(told, site_that_asks(session), key_of_pseudonyms())


@bp.get("/appeals/<uuid:appeal_id>")
@needs(bp, Scope.READ)
@bp.output(AppealAnswer, description="The appeal.")
def get_appeal(appeal_id: UUID) -> AppealAnswer:
    """Read what became of an appeal.

    `sentences` say it to the commenter, with the reason that the moderator has written for them.
    """
    with services().db.reading() as session:
        return _answer(session, appeal_id)


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
        site, key = site_that_asks(session), key_of_pseudonyms()
        answers = [AppealAnswer.of(one, site, key) for one in told[: page.limit]]
    return Appeals(appeals=answers, **page.goes_on(one.appeal.seq for one in told))
