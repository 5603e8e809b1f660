"""Statements of reasons: what a site tells a reader whose comment, or who, is blocked."""

from datetime import UTC, datetime
from uuid import UUID

from moderation import casefile
from moderation.api.answers import StatementAnswer
from moderation.api.auth import caller, needs, of_site
from moderation.api.redress import key_of_pseudonyms, site_that_asks
from moderation.models import Scope
from moderation.redress import statements
from moderation.services import services

bp = of_site("statements", "Statements of reasons")


@bp.get("/comments/<uuid:comment_id>/statement")
@needs(bp, Scope.READ, responses={404: "There is no such comment, or it is not blocked."})
@bp.output(StatementAnswer, description="The statement.")
def get_comment_statement(comment_id: UUID) -> StatementAnswer:
    """State why a comment is blocked.

    Of the decision that blocks it now: clause and text as of the policy version that it was decided
    under, what was found, who decided. A deleted comment's is there as well: no words of a comment
    stand in it. `not-blocked` where there is nothing to state.
    """
    with services().db.reading() as session:
        file = casefile.case_file(session, caller().site_id, comment_id)
        stated = statements.of_comment(
            site_that_asks(session),
            file,
            key=key_of_pseudonyms(),
            appeal_days=services().settings.appeal_days,
        )
        return StatementAnswer.of(stated)


@bp.get("/commenters/<external_id:commenter>/statement")
@needs(bp, Scope.READ, responses={404: "There is no such reader, or they are not blocked."})
@bp.output(StatementAnswer, description="The statement.")
def get_commenter_statement(commenter: str) -> StatementAnswer:
    """State why a reader is blocked.

    Of the block in force. `not-blocked` where there is nothing to state.
    """
    now = datetime.now(UTC)
    with services().db.reading() as session:
        stated = statements.of_commenter(
            session,
            site_that_asks(session),
            commenter,
            key=key_of_pseudonyms(),
            appeal_days=services().settings.appeal_days,
            now=now,
        )
        return StatementAnswer.of(stated)
