"""What webhooks say: of each event what the API's feeds say of it, made when it is sent."""

from collections.abc import Callable, Iterator, Mapping
from datetime import datetime
from typing import Any, Literal, TypeAlias
from uuid import UUID

from pydantic import Field
from sqlalchemy.orm import Session

from moderation import decision_log, reading, sites
from moderation.api.answers import (
    EXAMPLE_ID,
    Answer,
    AppealAnswer,
    Block,
    FedDecision,
    NoticeAnswer,
)
from moderation.api.answers.answer import NOON
from moderation.models import (
    Comment,
    Commenter,
    CommenterBlock,
    Decision,
    Delivery,
    Event,
    Notice,
    Site,
    Story,
)
from moderation.redress import appeals
from moderation.sites import NotFound


class CommenterNow(Answer):
    """A reader whom the site has blocked, or takes comments from again."""

    id: str = Field(description="The site's own id.", examples=["rita"])
    block: Block | None = Field(description="The block; null where it was lifted.")


class WithdrawnComment(Answer):
    """A comment that was approved, and is edited: readers see none of it until its new words are
    approved."""

    comment_id: UUID = Field(examples=[EXAMPLE_ID])
    external_id: str | None = Field(description="The site's id of the comment.")
    story: str = Field(description="The site's id of the story.", examples=["tram-7"])
    commenter: str = Field(description="The site's id of the reader.", examples=["rita"])
    revision: int = Field(
        description="The revision that was shown until then; the next one waits to be judged.",
        examples=[1],
    )


class _Told(Answer):
    """What is the same in whatever a webhook says."""

    type: Event
    timestamp: datetime = Field(description="When it happened.", examples=[NOON])
    site: str = Field(description="The site's name in addresses.", examples=["the-daily"])
    seq: int = Field(
        description="Counts up per site, in the order in which things happened. What is told of one"
        " comment or reader later has a higher one: of two, believe the higher.",
        examples=[41],
    )


class CommentTold(_Told):
    """What became of a comment."""

    type: Literal[Event.APPROVED, Event.HELD, Event.BLOCKED, Event.REOPENED, Event.OVERTURNED] = (
        Field(examples=["comment.approved"])
    )
    data: FedDecision = Field(description="The decision, as the feed of decisions has it.")


class WithdrawnTold(_Told):
    """That a comment is not shown for now."""

    type: Literal[Event.WITHDRAWN]
    data: WithdrawnComment


class CommenterTold(_Told):
    """What became of a reader."""

    type: Literal[Event.COMMENTER_BLOCKED, Event.COMMENTER_UNBLOCKED]
    data: CommenterNow


class AppealTold(_Told):
    """What became of an appeal."""

    type: Literal[Event.APPEAL_ENDED]
    data: AppealAnswer = Field(
        description="The appeal as it stands when this is sent; `outcome` is null when its answer"
        " was taken back."
    )


class NoticeTold(_Told):
    """What became of a notice."""

    type: Literal[Event.NOTICE_ENDED]
    data: NoticeAnswer = Field(
        description="The notice as it stands when this is sent; `outcome` is null when it waits"
        " again."
    )


Told: TypeAlias = CommentTold | WithdrawnTold | CommenterTold | AppealTold | NoticeTold
TOLD: tuple[type[Told], ...] = (
    CommentTold,
    WithdrawnTold,
    CommenterTold,
    AppealTold,
    NoticeTold,
)


def body(session: Session, delivery: Delivery, site: Site, key: str) -> bytes:
    """What the receiver is sent, as JSON. `key` makes the pseudonyms.

    Words that were erased since it happened are not in it. NotFound when what it is about is not
    there, as after a backup was restored.
    """
    told = _MADE[Event(delivery.event)](session, delivery, site, key)
    return told.model_dump_json().encode()


def _comment(session: Session, delivery: Delivery, site: Site, _key: str) -> Told:
    before = delivery.seq - 1
    found = decision_log.feed(session, site.id, after=before, limit=1)
    if not found or found[0].decision.id != delivery.about_id:
        raise NotFound("decision")
    [quoted] = reading.quoted(session, site.id, [found[0].decision])
    return CommentTold.model_validate(
        _same(delivery, site) | {"data": FedDecision.of_fed(found[0], quoted)}
    )


def _withdrawn(session: Session, delivery: Delivery, site: Site, _key: str) -> Told:
    stood = sites.owned(session, Decision, site.id, delivery.about_id)
    comment = sites.owned(session, Comment, site.id, delivery.subject_id)
    data = WithdrawnComment(
        comment_id=comment.id,
        external_id=comment.external_id,
        story=sites.owned(session, Story, site.id, comment.story_id).external_id,
        commenter=sites.owned(session, Commenter, site.id, comment.commenter_id).external_id,
        revision=stood.revision,
    )
    return WithdrawnTold.model_validate(_same(delivery, site) | {"data": data})


def _commenter(session: Session, delivery: Delivery, site: Site, _key: str) -> Told:
    commenter = sites.owned(session, Commenter, site.id, delivery.subject_id)
    block = None
    if delivery.event == Event.COMMENTER_BLOCKED:
        row = sites.owned(session, CommenterBlock, site.id, delivery.about_id)
        block = Block(reason=row.reason or "", since=row.blocked_at, until=row.until)
    data = CommenterNow(id=commenter.external_id, block=block)
    return CommenterTold.model_validate(_same(delivery, site) | {"data": data})


def _appeal(session: Session, delivery: Delivery, site: Site, key: str) -> Told:
    told = appeals.told(session, site.id, delivery.about_id)
    data = AppealAnswer.of(told, site, key)
    return AppealTold.model_validate(_same(delivery, site) | {"data": data})


def _notice(session: Session, delivery: Delivery, site: Site, key: str) -> Told:
    notice = sites.owned(session, Notice, site.id, delivery.about_id)
    data = NoticeAnswer.of(notice, site, key)
    return NoticeTold.model_validate(_same(delivery, site) | {"data": data})


def _same(delivery: Delivery, site: Site) -> dict[str, Any]:
    return {
        "type": Event(delivery.event),
        "timestamp": delivery.happened_at,
        "site": site.slug,
        "seq": delivery.seq,
    }


_MADE: Mapping[Event, Callable[[Session, Delivery, Site, str], Told]] = {
    Event.APPROVED: _comment,
    Event.HELD: _comment,
    Event.BLOCKED: _comment,
    Event.REOPENED: _comment,
    Event.WITHDRAWN: _withdrawn,
    Event.OVERTURNED: _comment,
    Event.COMMENTER_BLOCKED: _commenter,
    Event.COMMENTER_UNBLOCKED: _commenter,
    Event.APPEAL_ENDED: _appeal,
    Event.NOTICE_ENDED: _notice,
}


# --- in the API's description -----------------------------------------------------------------

SAID: Mapping[Event, str] = {
    Event.APPROVED: "A comment is let through",
    Event.HELD: "A comment waits for a moderator",
    Event.BLOCKED: "A comment is blocked",
    Event.REOPENED: "What was decided of a comment is taken back: it waits to be judged",
    Event.WITHDRAWN: "A comment that was approved is edited: it waits to be judged",
    Event.OVERTURNED: "The block of a comment is lifted",
    Event.COMMENTER_BLOCKED: "A reader is blocked",
    Event.COMMENTER_UNBLOCKED: "The block of a reader is lifted",
    Event.APPEAL_ENDED: "An appeal is answered, or has ended otherwise, or waits again",
    Event.NOTICE_ENDED: "A notice is answered, or has ended otherwise, or waits again",
}
_SIGNED = (
    ("webhook-id", "The same each time this is sent: drop what you have had.", EXAMPLE_ID),
    ("webhook-timestamp", "When it was sent, in seconds since 1970.", "1777896060"),
    (
        "webhook-signature",
        "`v1,` and an HMAC-SHA256 in base64: docs/webhooks.md. Several while a secret changes.",
        "v1,K5oZfzN95Z9UVu1EsfQmfVNQhnkZ2pj9o9NDN/H/pI4=",
    ),
)


def described(reference: str) -> dict[str, Any]:
    """The webhooks of the API's description; `reference` is where a schema of it is found."""
    return {event.value: {"post": _operation(event, reference)} for event in Event}


def _operation(event: Event, reference: str) -> dict[str, Any]:
    [told] = (one for one in TOLD if event in _types(one))
    return {
        "operationId": event.replace(".", "_"),
        "summary": SAID[event],
        "tags": ["Webhooks"],
        "security": [],
        "parameters": [
            {
                "name": name,
                "in": "header",
                "required": True,
                "description": said,
                "schema": {"type": "string"},
                "example": example,
            }
            for name, said, example in _SIGNED
        ],
        "requestBody": {
            "required": True,
            "content": {
                "application/json": {"schema": {"$ref": reference.format(model=told.__name__)}}
            },
        },
        "responses": {
            "2XX": {"description": "Taken. Anything else, or no answer in time, is tried again."}
        },
    }


def _types(told: type[Told]) -> Iterator[Event]:
    yield from told.model_fields["type"].annotation.__args__  # type: ignore[union-attr]
