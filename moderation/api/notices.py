"""Notices of illegal content: posted for whoever gives them, and what became of them."""

from datetime import UTC, datetime
from uuid import UUID

from moderation import sites
from moderation.api.answers import NoticeAnswer, Notices, NoticeTaken
from moderation.api.auth import caller, needs, of_site
from moderation.api.bodies import PostHeaders
from moderation.api.decisions import FeedQuery
from moderation.api.redress import confirmed, key_of_pseudonyms, site_that_asks
from moderation.models import Notice, Scope
from moderation.redress import notices
from moderation.services import services
from moderation.submission import IllegalContent

bp = of_site("notices", "Notices of illegal content")

EXAMPLE = {
    "kind": "defamation",
    "text": "It says that I was in prison. I never was.",
    "notifier": {"name": "Omar", "email": "omar@reader.example"},
    "good_faith": True,
}


@bp.post("/comments/<uuid:comment_id>/notices")
@needs(
    bp,
    Scope.SUBMIT,
    responses={409: "The comment has been deleted, or the key was used for another notice."},
)
@bp.input(PostHeaders, location="headers", arg_name="headers")
@bp.input(IllegalContent, arg_name="given", example=EXAMPLE)
@bp.output(
    NoticeTaken,
    status_code=202,
    description="Taken in, now or by an earlier post of the same (`repeat`).",
)
def give_notice(
    comment_id: UUID, headers: PostHeaders, given: IllegalContent
) -> tuple[NoticeTaken, int, dict[str, str]]:
    """Give notice of a comment as illegal.

    The answer confirms the receipt. A moderator looks at it, whatever had been decided about the
    comment before; until then the comment stays as it is. What becomes of it is in the feed of
    notices, with a reason.
    """
    with services().db.transaction() as session:
        taken = notices.receive(
            session,
            caller().site_id,
            comment_id,
            given,
            key=headers.idempotency_key,
            now=datetime.now(UTC),
        )
        answer = NoticeAnswer.of(taken.complaint, site_that_asks(session), key_of_pseudonyms())
    return confirmed(NoticeTaken, answer, taken.repeat, noun="notice")


@bp.get("/notices/<uuid:notice_id>")
@needs(bp, Scope.READ)
@bp.output(NoticeAnswer, description="The notice.")
def get_notice(notice_id: UUID) -> NoticeAnswer:
    """Read what became of a notice.

    `sentences` say it to whoever gave it, with the reason that the moderator has written for them.
    """
    with services().db.reading() as session:
        notice = sites.owned(session, Notice, caller().site_id, notice_id)
        return NoticeAnswer.of(notice, site_that_asks(session), key_of_pseudonyms())


@bp.get("/notices")
@needs(bp, Scope.READ)
@bp.input(FeedQuery, location="query", arg_name="page")
@bp.output(Notices, description="A page of the feed.")
def list_notices(page: FeedQuery) -> Notices:
    """Follow what becomes of notices.

    As the feed of appeals: each is in it once it has ended, and again, under a higher number, when
    it waits again.
    """
    with services().db.reading() as session:
        told = notices.feed(session, caller().site_id, after=page.after, limit=page.limit + 1)
        site, key = site_that_asks(session), key_of_pseudonyms()
        answers = [NoticeAnswer.of(one, site, key) for one in told[: page.limit]]
    return Notices(notices=answers, **page.goes_on(one.seq for one in told))
