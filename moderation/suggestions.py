"""What moderators elsewhere say that comments should have scored: kept where the site consents.

They come with `suggestscore` of Perspective's clients. To measure the model by them the words are
needed, so these are kept, for no longer than those of blocked comments; and nobody reads them but
by `moderation suggestions export`.
"""

from collections.abc import Iterator, Mapping
from datetime import datetime
from uuid import UUID

from sqlalchemy import ColumnElement, Select, delete, select
from sqlalchemy.orm import Session

from moderation.models import Revision, Site, Suggestion

TOKEN_MAX = 200
"""Characters of a client's name for a comment; one that is longer names none."""
NUL = "\0"
"""No database holds it."""
ROWS_AT_ONCE = 500


def are_wanted(session: Session, site_id: UUID) -> bool:
    """Whether the site consents to their being kept."""
    return bool(session.scalar(_consent(site_id)))


def _consent(site_id: UUID) -> Select[bool]:
    return select(Site.keep_suggestions).where(Site.id == site_id)


def keep(
    session: Session,
    site_id: UUID,
    text: str,
    scores: Mapping[str, float],
    *,
    token: str | None,
    now: datetime,
) -> None:
    """Keep a verdict, if the site consents, in place of an earlier one of the same comment."""
    # Locked, so that nothing is kept behind a consent that is just withdrawn.
    consent = _consent(site_id).with_for_update(read=True)
    if not session.scalar(consent):
        return
    if token and (len(token) > TOKEN_MAX or NUL in token):
        token = None
    if token:
        erase(session, site_id, token)
    session.add(
        Suggestion(
            site_id=site_id,
            text=text.replace(NUL, "\ufffd"),
            scores=dict(scores),
            token=token,
            received_at=now,
        )
    )


def of_site(session: Session, site_id: UUID) -> Iterator[Suggestion]:
    """The site's, oldest first."""
    yield from session.scalars(
        select(Suggestion)
        .where(Suggestion.site_id == site_id)
        .order_by(Suggestion.received_at, Suggestion.id)
        .execution_options(yield_per=ROWS_AT_ONCE)
    )


def erase(session: Session, site_id: UUID, token: str) -> int:
    """Erase what was said of the comment that the client calls so; answers how many rows."""
    return _erase(session, Suggestion.site_id == site_id, Suggestion.token == token)


def erase_all(session: Session, site_id: UUID) -> int:
    """Erase all of the site's: it no longer consents."""
    return _erase(session, Suggestion.site_id == site_id)


def erase_old(session: Session, before: datetime) -> int:
    """Erase what came before, at any site."""
    return _erase(session, Suggestion.received_at < before)


def erase_words_of(session: Session, site_id: UUID, which: ColumnElement[bool]) -> None:
    """Erase what was said of texts that stand in these revisions of comments, too. Called before
    the revisions lose them."""
    texts = select(Revision.text).where(which, Revision.text.is_not(None))
    _erase(session, Suggestion.site_id == site_id, Suggestion.text.in_(texts))


def _erase(session: Session, *which: ColumnElement[bool]) -> int:
    gone = session.scalars(
        delete(Suggestion).where(*which).returning(Suggestion.id),
        execution_options={"synchronize_session": False},
    )
    return len(gone.all())
