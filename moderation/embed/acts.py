"""What readers do on a page of comments: read, write, edit, report, appeal.

Each is one function behind both doors, the script's and the plain page's: what is sent comes as the
fields of a form either way. `wording.Turned` when something is not taken.
"""

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, TypeVar
from uuid import UUID

from flask import request
from pydantic import BaseModel, ValidationError
from sqlalchemy.orm import Session

from config.logs import log
from moderation import (
    commenters,
    comments,
    flags,
    metrics,
    posted_policies,
    reading,
    stories,
    trail,
)
from moderation.comments import Refused
from moderation.complaints import WordsGone
from moderation.embed import door, identity
from moderation.embed.identity import Writer
from moderation.embed.wording import REFUSED, REPORTS, Code, Turned
from moderation.models import Comment, Site, Status, Story
from moderation.posted_policies import Posted
from moderation.reading import Own, StoryPage
from moderation.redress import appeals
from moderation.redress.statements import NotBlocked
from moderation.services import services
from moderation.sites import NotFound
from moderation.submission import (
    APPEAL_MAX,
    NAME_MAX,
    REPORT_MAX,
    TEXT_MAX,
    AppealText,
    Edit,
    FlagReport,
    GuestRef,
    StoryFacts,
    StoryRef,
    Submission,
)
from moderation.threads import Place

PAGE = 50
"""Comments shown at once."""
KEY_LONGEST = 100
Model = TypeVar("Model", bound=BaseModel)


@dataclass(frozen=True, slots=True, kw_only=True)
class Thread:
    """What somebody sees under a story: the comments, and what became of their own.

    `page` is None for a story that nobody has heard of: its first comment makes it known.
    """

    page: StoryPage | None
    policy: Posted | None
    writer: Writer | None
    refused: Turned | None
    """Why whoever reads is not the one that the site's token says. A guest who is not known again
    is anybody."""
    own: Sequence[Own]

    @property
    def closed(self) -> bool:
        """Whether the story takes no more comments."""
        return self.page is not None and self.page.story.closed_at is not None


def read(site: Site, story_id: str, *, after: Place | None) -> Thread:
    """The thread from one place on, as whoever asks sees it: also who is not known can read."""
    _checked(StoryRef, id=story_id)
    writer, refused = None, None
    with services().db.reading() as session:
        try:
            writer = identity.of_request(session, site, now=door.now())
        except Turned as turned:
            refused = turned if turned.why is Code.TOKEN_REFUSED else None
        try:
            page = reading.under_story(session, site.id, story_id, after=after, limit=PAGE)
        except NotFound:
            page = None
        own: Sequence[Own] = ()
        if writer is not None:
            own = reading.own_comments(session, site.id, writer.ref.id, story=story_id)
        return Thread(
            page=page,
            policy=page.policy if page else posted_policies.current(session, site.id),
            writer=writer,
            refused=refused,
            own=own,
        )


def longest() -> dict[str, int]:
    """How many characters each field may have, by what is written in it."""
    return {
        "comment": services().settings.text_max,
        "name": NAME_MAX,
        "report": REPORT_MAX,
        "appeal": APPEAL_MAX,
    }


def own(site: Site, comment_id: UUID) -> Own:
    """What became of one's own comment."""
    with services().db.reading() as session:
        writer = _somebody(session, site, door.now())
        return _mine(session, site, writer, comment_id)


def may_appeal(own: Own) -> bool:
    """Whether the block of one's own comment can be appealed, as far as can be told beforehand."""
    if own.comment.status != Status.BLOCKED or own.decision is None:
        return False
    if own.appeal is not None and own.appeal.outcome is None:
        return False
    days = timedelta(days=services().settings.appeal_days)
    return door.now() < own.decision.decision.decided_at + days


# --- write ----------------------------------------------------------------------------------


def post(site: Site, story_id: str) -> Own:
    """Take a comment in."""
    now = door.now()
    with services().db.reading() as session:
        writer = _somebody(session, site, now)
        door.count(site, writer, story_id, at=now)
        writer = _under_a_name(session, site, writer)
        story = _story(session, site, story_id)
    submission = _checked(
        Submission,
        story=story,
        commenter=writer.ref,
        text=_field("text"),
        parent=_field("parent") or None,
    )
    with services().db.transaction() as session:
        [answer] = comments.receive(
            session,
            site.id,
            [submission],
            keys=[_key(writer)],
            now=now,
            request_id=trail.request_id(),
        )
    if isinstance(answer, Refused):
        raise Turned(REFUSED.get(answer.reason, Code.UNREADABLE))
    services().bell.ring()
    metrics.received(site.slug, int(not answer.repeat))
    return own(site, answer.comment_id)


def edit(site: Site, comment_id: UUID) -> Own:
    """Give one's own comment new words."""
    now = door.now()
    with services().db.reading() as session:
        writer = _somebody(session, site, now)
        _may_write(site, writer)
        mine = _mine(session, site, writer, comment_id)
        _not_blocked(session, site, writer, now)
    words = _checked(Edit, text=_field("text"))
    door.count(site, writer, mine.story, at=now)
    try:
        with services().db.transaction() as session:
            comments.edit(
                session, site.id, comment_id, words.text, now=now, request_id=trail.request_id()
            )
    except NotFound:
        raise Turned(Code.NOT_HERE) from None
    services().bell.ring()
    return own(site, comment_id)


def _under_a_name(session: Session, site: Site, writer: Writer) -> Writer:
    """The same; a guest under the name that they give, which must be nobody's whom the site knows,
    nor the site's own."""
    if not writer.is_guest:
        return writer
    _may_write(site, writer)
    name = _field("name")
    key = commenters.name_key(name)
    if key is None:
        raise Turned(Code.NAME_MISSING)
    if key == commenters.name_key(site.name) or commenters.is_taken(session, site.id, name):
        raise Turned(Code.NAME_TAKEN)
    return Writer(_checked(GuestRef, id=writer.ref.id, name=name))


def _story(session: Session, site: Site, story_id: str) -> StoryRef:
    """The story that is written about.

    What its page says of it is believed of a new one alone, and its address only where it lies at
    the site: what comes from a reader's browser, anybody could have written.
    """
    story = _checked(StoryRef, id=story_id)
    try:
        stories.named(session, site.id, story_id)
    except NotFound:
        url = _field("url")
        at_the_site = any(url.startswith(f"{origin}/") for origin in site.embed_origins)
        try:
            said = StoryFacts(url=url if at_the_site else None, title=_field("title") or None)
        except ValidationError:
            return story
        return StoryRef(id=story_id, url=said.url, title=said.title)
    return story


def _key(writer: Writer) -> str | None:
    """An idempotency key of the form: the same words sent twice are one comment, others another,
    also when the reader has gone back to the form.

    With two line breaks in a row it is none that a site could send by the API, and with the writer
    in it none of somebody else's.
    """
    given = _field("key")[:KEY_LONGEST]
    words = hashlib.sha256(f"{_field('parent')}\n{_field('text')}".encode()).hexdigest()
    return f"page\n\n{writer.ref.id}\n{given}\n{words}" if given else None


# --- report, appeal -------------------------------------------------------------------------


def report(site: Site, comment_id: UUID) -> None:
    """Report a comment that is shown: once by each reader whom the site knows, and by guests once a
    day from each address."""
    now = door.now()
    with services().db.reading() as session:
        writer = _somebody(session, site, now)
        _may_write(site, writer)
        _not_blocked(session, site, writer, now)
        comment = session.get(Comment, (site.id, comment_id))
        if comment is None or comment.status != Status.APPROVED or comment.erased_at is not None:
            raise Turned(Code.NOT_HERE)
        story = session.get_one(Story, (site.id, comment.story_id))
    if _field("reason") not in REPORTS:
        raise Turned(Code.UNREADABLE)
    said = _checked(
        FlagReport,
        reader=writer.ref.id,
        reason=_field("reason"),
        text=_field("text") or None,
    )
    door.count(site, writer, story.external_id, at=now)
    if writer.is_guest and not door.is_first_report(comment_id, at=now):
        return
    try:
        with services().db.transaction() as session:
            flagged = flags.flag(session, site.id, comment_id, said, now=now)
    except NotFound:
        raise Turned(Code.NOT_HERE) from None
    if flagged.held_by is not None:
        trail.tell_decision(site.slug, flagged.held_by)


def appeal(site: Site, comment_id: UUID) -> Own:
    """Appeal the block of one's own comment."""
    now, days = door.now(), services().settings.appeal_days
    with services().db.reading() as session:
        writer = _somebody(session, site, now)
        mine = _mine(session, site, writer, comment_id)
    words = _checked(AppealText, text=_field("text"))
    door.count(site, writer, mine.story, at=now)
    try:
        with services().db.transaction() as session:
            taken = appeals.of_comment(session, site.id, comment_id, words, days=days, now=now)
    except NotBlocked:
        raise Turned(Code.NOT_BLOCKED) from None
    except appeals.AlreadyAppealed:
        raise Turned(Code.APPEALED) from None
    except appeals.TooLate:
        raise Turned(Code.TOO_LATE) from None
    except (WordsGone, NotFound):
        raise Turned(Code.NOT_HERE) from None
    log.info("appeal_received", site=site.slug, appeal=str(taken.complaint.id))
    return own(site, comment_id)


# --- who, and what they sent ----------------------------------------------------------------


def _somebody(session: Session, site: Site, now: datetime) -> Writer:
    writer = identity.of_request(session, site, now=now)
    if writer is None:
        raise Turned(Code.NO_GUESTS)
    return writer


def _may_write(site: Site, writer: Writer) -> None:
    """Turn a guest away where the site takes nothing from guests any more. They are still told what
    became of what they wrote, and can appeal."""
    if writer.is_guest and not site.embed_guests:
        raise Turned(Code.NO_GUESTS)


def _mine(session: Session, site: Site, writer: Writer, comment_id: UUID) -> Own:
    found = reading.own_comments(session, site.id, writer.ref.id, comment_id=comment_id)
    if not found:
        raise Turned(Code.NOT_HERE)
    return found[0]


def _not_blocked(session: Session, site: Site, writer: Writer, now: datetime) -> None:
    """`comments.receive` looks at it by itself, for what is new."""
    commenter = commenters.find(session, site.id, writer.ref.id)
    if commenter is not None and commenter.is_blocked(now):
        raise Turned(Code.BLOCKED)


def _field(name: str) -> str:
    """What stands in a field. Its line ends travel as CRLF, whatever they were."""
    return request.form.get(name, "").replace("\r\n", "\n").strip()


def _checked(kind: type[Model], **fields: Any) -> Model:
    """The model of these fields; Turned says what is wrong with one that does not fit."""
    try:
        return kind.model_validate(fields, context={TEXT_MAX: services().settings.text_max})
    except ValidationError as error:
        wrong = error.errors(include_url=False)[0]
        raise Turned(_why(wrong["type"], str(wrong["loc"][0]))) from None


def _why(kind: str, field: str) -> Code:
    if kind == "string_too_long" and field != "id":
        return Code.TOO_LONG
    return {"text": Code.TEXT_MISSING, "parent": Code.PARENT_GONE}.get(field, Code.UNREADABLE)
