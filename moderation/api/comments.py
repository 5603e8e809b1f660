"""Comments: posted one by one or in a batch, read, edited, deleted, flagged."""

from collections.abc import Sequence
from datetime import UTC, datetime
from typing import Any
from uuid import UUID

from moderation import comments, flags, limits, metrics, reading, trail
from moderation.api import addresses
from moderation.api.answers import (
    EXAMPLE_ID,
    EXAMPLE_URL,
    Accepted,
    BatchAnswer,
    BatchItem,
    CommentAnswer,
    Edited,
    Flagged,
    ProblemDetails,
)
from moderation.api.auth import caller, needs, of_site
from moderation.api.bodies import KEY_HEADER, PostHeaders
from moderation.api.problems import Fault, Kind, Problem
from moderation.comments import Received, Refused
from moderation.models import Scope, Status
from moderation.services import services
from moderation.submission import CLOCK_SKEW, Batch, Edit, FlagReport, Submission

bp = of_site("comments", "Comments")

KINDS = {
    comments.Reason.COMMENTER_BLOCKED: Kind.COMMENTER_BLOCKED,
    comments.Reason.STORY_CLOSED: Kind.STORY_CLOSED,
    comments.Reason.UNKNOWN_PARENT: Kind.UNKNOWN_PARENT,
    comments.Reason.FROM_THE_FUTURE: Kind.FROM_THE_FUTURE,
    comments.Reason.KEY_REUSED: Kind.KEY_REUSED,
}
POSTED = {
    "story": {
        "id": "tram-7",
        "url": "https://daily.example/tram-7",
        "title": "Tram line 7 reopens",
        "section": "City",
    },
    "commenter": {"id": "rita", "name": "Rita"},
    "text": "A fair point, well made.",
    "external_id": "daily-88121",
}
ACCEPTED = {
    "id": EXAMPLE_ID,
    "status": "received",
    "revision": 1,
    "url": EXAMPLE_URL,
    "repeat": False,
}
TO_THE_COMMENT = {
    "readComment": {
        "operationId": "get_comment",
        "parameters": {"site": "$request.path.site", "comment_id": "$response.body#/id"},
    },
    "editComment": {
        "operationId": "edit_comment",
        "parameters": {"site": "$request.path.site", "comment_id": "$response.body#/id"},
    },
    "deleteComment": {
        "operationId": "delete_comment",
        "parameters": {"site": "$request.path.site", "comment_id": "$response.body#/id"},
    },
}


@bp.post("/comments")
@needs(
    bp,
    Scope.SUBMIT,
    responses={
        403: "The commenter is blocked, or the key lacks the scope.",
        409: "The key was used for another comment, the story is closed, or the comment was"
        " posted before and has been deleted.",
    },
)
@bp.input(PostHeaders, location="headers", arg_name="headers")
@bp.input(Submission, arg_name="submission", example=POSTED)
@bp.output(
    Accepted,
    status_code=202,
    description="Taken in, now or by an earlier post of the same (`repeat`).",
    example=ACCEPTED,
    links=TO_THE_COMMENT,
)
def post_comment(headers: PostHeaders, submission: Submission) -> tuple[Any, int, dict[str, str]]:
    """Post a comment.

    Stored before it is answered, and judged soon after. A repeat (the same `Idempotency-Key`, or
    the same `external_id`, with the same body) is answered 202 like the first post, with
    `repeat: true` and the comment's status by now. How many comments of one commenter are taken in
    a while is limited.
    """
    limits.count_commenter(
        services().settings.rate_per_commenter, caller().site_id, submission.commenter.id
    )
    with services().db.transaction() as session:
        [answer] = comments.receive(
            session,
            caller().site_id,
            [submission],
            keys=[headers.idempotency_key],
            now=datetime.now(UTC),
            request_id=trail.request_id(),
        )
    services().bell.ring()
    metrics.received(caller().site, _new([answer]))
    accepted = _accepted(answer)
    return accepted, 202, {"Location": accepted.url}


@bp.post("/comments:batch")
@needs(bp, Scope.SUBMIT)
@bp.input(PostHeaders, location="headers", arg_name="headers")
@bp.input(Batch, arg_name="batch", example={"comments": [POSTED]})
@bp.output(
    BatchAnswer,
    description="What became of each.",
    example={"comments": [{"index": 0, "comment": ACCEPTED, "problem": None}]},
)
def post_batch(headers: PostHeaders, batch: Batch) -> BatchAnswer:
    """Post several comments.

    In one transaction. A body that does not fit is refused as a whole, and nothing of it is
    stored. Otherwise each comment is taken in or refused by itself, and a later one may reply to an
    earlier one by its external id. A repeat is safe by the external ids, or by the batch's
    `Idempotency-Key`, which holds for each comment at its place. A batch counts as one request of
    its key; comments in it are not counted on their commenters, so that an archive can be brought
    in.
    """
    with services().db.transaction() as session:
        answers = comments.receive(
            session,
            caller().site_id,
            batch.comments,
            keys=_keys(headers.idempotency_key, len(batch.comments)),
            now=datetime.now(UTC),
            request_id=trail.request_id(),
        )
    services().bell.ring()
    metrics.received(caller().site, _new(answers))
    return BatchAnswer(comments=[_item(*entry) for entry in enumerate(answers)])


def _new(answers: Sequence[Received | Refused]) -> int:
    """How many were taken in now."""
    return sum(isinstance(answer, Received) and not answer.repeat for answer in answers)


def _keys(key: str | None, count: int) -> list[str | None]:
    """A key for each comment of a batch. The line break keeps them apart from any single key."""
    return [key and f"{key}\n{index}" for index in range(count)]


def _item(index: int, answer: Received | Refused) -> BatchItem:
    try:
        return BatchItem(
            index=index, comment=_accepted(answer, f"comments[{index}]."), problem=None
        )
    except Problem as problem:
        told = ProblemDetails.model_validate(problem.as_json())
        return BatchItem(index=index, comment=None, problem=told)


def _accepted(answer: Received | Refused, under: str = "") -> Accepted:
    """What is told of a comment that was taken in; a Problem when it was not."""
    if isinstance(answer, Refused):
        field = answer.field if answer.field == KEY_HEADER else under + answer.field
        limit = int(CLOCK_SKEW.total_seconds()) if answer.field == "created_at" else None
        raise Problem(KINDS[answer.reason], errors=[Fault(field, answer.detail, limit)])
    if answer.erased:
        raise Problem(Kind.COMMENT_DELETED)
    return Accepted(
        id=answer.comment_id,
        status=Status(answer.status),
        revision=answer.revision,
        url=addresses.of_comment(caller().site, answer.comment_id),
        repeat=answer.repeat,
    )


@bp.get("/comments/<uuid:comment_id>")
@needs(bp, Scope.READ)
@bp.output(CommentAnswer, description="The comment.")
def get_comment(comment_id: UUID) -> CommentAnswer:
    """Read one comment.

    With its scores, and the decision in force with the clause and the policy version. A deleted
    comment is not found; its decisions stay in the feed.
    """
    with services().db.reading() as session:
        return CommentAnswer.of(reading.comment(session, caller().site_id, comment_id))


@bp.put("/comments/<uuid:comment_id>")
@needs(bp, Scope.SUBMIT)
@bp.input(Edit, arg_name="edit", example={"text": "A fair point, and well made."})
@bp.output(Edited, status_code=202, description="The new words wait to be judged.")
def edit_comment(comment_id: UUID, edit: Edit) -> Edited:
    """Edit a comment.

    Its words become a new revision. An approved comment is withdrawn from readers until that is
    approved; a held or blocked one keeps its status.
    """
    with services().db.transaction() as session:
        comment = comments.edit(
            session,
            caller().site_id,
            comment_id,
            edit.text,
            now=datetime.now(UTC),
            request_id=trail.request_id(),
        )
    services().bell.ring()
    return Edited(id=comment.id, status=Status(comment.status), revision=comment.revision)


@bp.delete("/comments/<uuid:comment_id>")
@needs(
    bp,
    Scope.SUBMIT,
    responses={204: "Its words are gone; what was decided of it stays in the log."},
)
def delete_comment(comment_id: UUID) -> tuple[str, int]:
    """Delete a comment.

    Every word of it is erased, in all revisions, notes and reports.
    """
    with services().db.transaction() as session:
        comments.erase(
            session,
            caller().site_id,
            comment_id,
            record=services().journal.record,
            now=datetime.now(UTC),
        )
    return "", 204


@bp.post("/comments/<uuid:comment_id>/flags")
@needs(bp, Scope.SUBMIT)
@bp.input(FlagReport, arg_name="report", example={"reader": "omar", "reason": "insult"})
@bp.output(Flagged, description="Counted, once for each reader.")
def flag_comment(comment_id: UUID, report: FlagReport) -> Flagged:
    """Report a comment.

    A reader's report. Where the policy has a rule on flags, enough of them hold an approved
    comment, unless a person approved it. What the reader writes is for the moderator alone.
    """
    with services().db.transaction() as session:
        flagged = flags.flag(session, caller().site_id, comment_id, report, now=datetime.now(UTC))
    if flagged.held_by is not None:
        trail.tell_decision(caller().site, flagged.held_by)
    comment = flagged.comment
    return Flagged(id=comment.id, status=Status(comment.status), flags=comment.flags)
