"""What every reader makes of its file: comments, blocks of commenters, and what it leaves out."""

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from typing import Any, TypeAlias, TypeVar

from pydantic import AwareDatetime, Field, ValidationError
from pydantic_core import ErrorDetails

from moderation.submission import (
    IMPORTED_GUEST,
    NAME_MAX,
    CommenterRef,
    CommentText,
    ExternalId,
    Moment,
    Request,
    StoryRef,
)

TITLE_MAX = 500


class Unreadable(ValueError):
    """The file cannot be read on: which file, which line, and why. Never with what stands there."""

    def __init__(self, file: str, line: int, reason: str) -> None:
        super().__init__(f"{file}, line {line}: {reason}")


class Stood(StrEnum):
    """How a comment stood in the system that it comes from."""

    APPROVED = "approved"
    PENDING = "pending"
    REJECTED = "rejected"
    SPAM = "spam"
    TRASH = "trash"
    DELETED = "deleted"
    """By whom is not known, its writer perhaps: its words do not come along."""
    UNKNOWN = "unknown"
    """The export says something else. It is held."""


class Why(StrEnum):
    """Why something of a file is left out."""

    PINGBACK = "pingback"
    TRACKBACK = "trackback"
    OTHER_KIND = "of another kind"
    """A review of a product, a note beside an order: not a comment on a story."""
    NO_WORDS = "without words"
    """Nothing is left of it as text: a lone picture, say."""
    NOT_PUBLIC = "not public"
    """It stands under what readers do not see there, or only by a password: here they would."""
    NO_STORY = "without a story"
    """The export does not have the story that it names."""


class BroughtStory(StoryRef):
    """A story of an export."""

    closed: bool = False


class Brought(Request):
    """One comment of an export. `id` and `parent` are the ids that it has there."""

    id: ExternalId
    story: BroughtStory
    commenter: CommenterRef
    text: CommentText | None = None
    """None where it was deleted."""
    parent: ExternalId | None = None
    created_at: Moment
    decided_at: Moment | None = None
    stood: Stood
    file: str
    line: int

    @property
    def settled_at(self) -> AwareDatetime:
        """When it came to stand as it does; the export may know no better than when it came."""
        return max(self.decided_at or self.created_at, self.created_at)


class Block(Request):
    """That a commenter was, or is, blocked."""

    commenter: CommenterRef
    reason: str = Field(max_length=500)
    blocked_at: Moment
    until: Moment | None = None
    ended_at: Moment | None = None


@dataclass(frozen=True, slots=True)
class LeftOut:
    """Something that is no comment of a reader on a story."""

    why: Why
    line: int


Record: TypeAlias = Brought | Block | LeftOut
Checked = TypeVar("Checked", Brought, Block)


def comment(fields: Mapping[str, Any], *, file: str, line: int) -> Brought:
    """The comment of these fields, which stands on that line. Unreadable when one of them cannot be
    kept, by its name."""
    return _checked(Brought, {**fields, "file": file, "line": line}, file, line)


def block(fields: Mapping[str, Any], *, file: str, line: int) -> Block:
    """The block of these fields; Unreadable as of `comment`."""
    return _checked(Block, fields, file, line)


def _checked(kind: type[Checked], fields: Mapping[str, Any], file: str, line: int) -> Checked:
    try:
        return kind.model_validate(fields)
    except ValidationError as error:
        raise Unreadable(file, line, _in_words(error.errors(include_input=False)[0])) from None


def _in_words(error: ErrorDetails) -> str:
    name = ".".join(str(part) for part in error["loc"])
    match error["type"]:
        case "string_too_long":
            said = f"is longer than {error['ctx']['max_length']} characters"
        case "string_too_short":
            said = "is empty"
        case "missing":
            said = "is missing"
        case "extra_forbidden":
            said = "is no field of this format"
        case "value_error":
            said = str(error["ctx"]["error"])
        case _:
            said = error["msg"][:1].lower() + error["msg"][1:]
    return f"{name} {said}"


def short(name: str, most: int = NAME_MAX) -> str:
    """A name or a title, cut where it is too long to be kept: that is no reason to stop."""
    return name.strip()[:most]


def of_guest(site: str, name: str, address: str) -> str:
    """The id of a guest: by the e-mail address that they left, or else by their name."""
    return of_mail(site, address) if address else of_name(site, name)


def of_mail(site: str, address: str) -> str:
    """The id of a guest who left an e-mail address, which is not kept: whoever has it can make the
    id again, so that the site can go on naming the same reader by it."""
    return f"{IMPORTED_GUEST}mail:{_hash(site, address.strip().lower())}"


def of_name(site: str, name: str) -> str:
    """The id of a guest of whom nothing is known but a name that anybody may have taken."""
    return f"{IMPORTED_GUEST}name:{_hash(site, name.strip())}"


def _hash(site: str, what: str) -> str:
    return hashlib.sha256(f"{site}:{what}".encode()).hexdigest()[:32]


def page(address: str) -> str | None:
    """The address of a story's page; None for what is none: that is no reason to stop either."""
    try:
        return StoryRef.model_validate({"id": "?", "url": address.strip()}).url
    except ValidationError:
        return None
