"""What moderators note about a commenter, for colleagues. The words go with the commenter."""

from datetime import datetime
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.orm import Session

from moderation import audit, sites
from moderation.commenters import erased_name
from moderation.models import Commenter, CommenterNote, new_id
from moderation.sites import NotFound

NOTE_MAX = 2000
"""Characters of a note."""


def write(
    session: Session,
    site_id: UUID,
    commenter_id: UUID,
    text: str,
    *,
    moderator_id: UUID,
    now: datetime,
) -> UUID:
    """Note something about the site's commenter; answers the note's id.

    NotFound when the site has none such, or has erased them.
    """
    # Locked as by a comment of theirs: a note that comes while they are erased would outlive them.
    known_as = session.scalar(
        select(Commenter.external_id)
        .where(Commenter.site_id == site_id, Commenter.id == commenter_id)
        .with_for_update(read=True, key_share=True)
    )
    if known_as is None or known_as == erased_name(commenter_id):
        raise NotFound("commenter")
    note = CommenterNote(
        site_id=site_id,
        id=new_id(),
        commenter_id=commenter_id,
        moderator_id=moderator_id,
        text=text,
        written_at=now,
    )
    session.add(note)
    _log(session, "commenter_noted", note, moderator_id, now)
    return note.id


def erase(
    session: Session, site_id: UUID, note_id: UUID, *, moderator_id: UUID, now: datetime
) -> None:
    """Erase the words of a note; that there was one stays. NotFound when the site has none such, or
    it is another moderator's."""
    note = sites.owned(session, CommenterNote, site_id, note_id)
    if note.moderator_id != moderator_id:
        raise NotFound("note")
    if note.text is not None:
        note.text = None
        _log(session, "commenter_note_erased", note, moderator_id, now)


def _log(
    session: Session, event: str, note: CommenterNote, moderator_id: UUID, now: datetime
) -> None:
    subject = {"commenter": str(note.commenter_id), "note": str(note.id)}
    audit.record(session, note.site_id, event, subject, moderator_id=moderator_id, now=now)
