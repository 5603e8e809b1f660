"""Readers: their standing and history, blocked and unblocked by the site."""

from datetime import UTC, datetime

from sqlalchemy.orm import Session

from moderation import commenter_blocks, commenters, erasures
from moderation.api.answers import CommenterAnswer
from moderation.api.auth import caller, needs, of_site
from moderation.api.problems import Fault, Kind, Problem
from moderation.models import Commenter, Scope
from moderation.services import services
from moderation.submission import CommenterBlock

bp = of_site("commenters", "Commenters")


@bp.get("/commenters/<last_external_id:commenter>")
@needs(bp, Scope.READ)
@bp.output(CommenterAnswer, description="The reader.")
def get_commenter(commenter: str) -> CommenterAnswer:
    """Read what is known of a reader."""
    with services().db.reading() as session:
        row = commenters.named(session, caller().site_id, commenter)
        return _answer(session, row, datetime.now(UTC))


@bp.post("/commenters/<external_id:commenter>/block")
@needs(bp, Scope.MODERATE)
@bp.input(CommenterBlock, arg_name="block", example={"reason": "Insults under three stories."})
@bp.output(CommenterAnswer, description="The reader, blocked.")
def block_commenter(commenter: str, block: CommenterBlock) -> CommenterAnswer:
    """Block a reader from commenting.

    Comments of theirs are refused from now on, until a date or without an end. What they wrote
    before stays as it is. Blocking again replaces reason and date.
    """
    now = datetime.now(UTC)
    if block.until is not None and block.until <= now:
        raise Problem(Kind.INVALID, errors=[Fault("until", "must lie in the future")])
    with services().db.transaction() as session:
        row = commenters.named(session, caller().site_id, commenter)
        commenter_blocks.block(
            session, row, reason=block.reason, until=block.until, moderator_id=None, now=now
        )
        return _answer(session, row, now)


@bp.post("/commenters/<external_id:commenter>/unblock")
@needs(bp, Scope.MODERATE)
@bp.output(CommenterAnswer, description="The reader, free to comment.")
def unblock_commenter(commenter: str) -> CommenterAnswer:
    """Take a reader's comments again."""
    now = datetime.now(UTC)
    with services().db.transaction() as session:
        row = commenters.named(session, caller().site_id, commenter)
        commenter_blocks.unblock(session, row, moderator_id=None, now=now)
        return _answer(session, row, now)


@bp.delete("/commenters/<last_external_id:commenter>")
@needs(
    bp,
    Scope.MODERATE,
    responses={204: "They are forgotten; what was decided of their comments stays in the log."},
)
def erase_commenter(commenter: str) -> tuple[str, int]:
    """Forget a reader.

    Their name, this id, every word of their comments and of their reports is erased. The comments
    and the decisions about them stay, without words, under an id that begins with `erased-`. A
    block ends with it: whoever posts under this id from now on is a new reader.
    """
    with services().db.transaction() as session:
        row = commenters.named(session, caller().site_id, commenter)
        erasures.commenter(
            session,
            row.site_id,
            row.id,
            record=services().journal.record,
            now=datetime.now(UTC),
        )
    return "", 204


def _answer(session: Session, row: Commenter, now: datetime) -> CommenterAnswer:
    key = (row.site_id, row.id)
    strikes = commenters.strikes_of(session, [key], now).get(key, 0)
    return CommenterAnswer.of(row, commenters.standing_of(row, strikes), strikes, now)
