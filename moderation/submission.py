"""What a site may post: the request models and their limits.

Types are strict (a boolean is not an id, a number is not a text) and unknown fields are refused, so
that a misspelt optional field is an error and not a silent loss.
"""

import hashlib
import json
import re
from datetime import UTC, datetime, timedelta
from typing import Annotated, Any, Literal
from urllib.parse import urlsplit
from uuid import UUID

from pydantic import (
    AfterValidator,
    AwareDatetime,
    BaseModel,
    BeforeValidator,
    ConfigDict,
    Field,
    JsonValue,
    ValidationInfo,
    field_validator,
)
from pydantic_core import PydanticCustomError

TEXT_MAX = "text_max"
BATCH_MAX = "batch_max"
"""Keys of the validation context: what the operator set. Without them the ceilings hold."""
TEXT_CEILING = 100_000
"""No setting allows a longer comment (characters)."""
BATCH_CEILING = 500
"""No setting allows more comments in a batch."""
APPEAL_MAX = 5000
REPORT_MAX = 1000
"""Characters of an appeal, and of a notice."""
ABUSE_OF_MINORS = "sexual-abuse-of-minors"
"""The kind of notice that may come from nobody (DSA, article 16, paragraph 2 c)."""
NAME_MAX = 200
ID_MAX = 200
GUEST = "embed-guest:"
"""How the id of a reader begins whom no site knows. No site can post as one."""
IMPORTED_GUEST = "guest:"
"""How the id begins that an import makes for a guest of the system before."""
CLOCK_SKEW = timedelta(minutes=5)
OLDEST = datetime(1970, 1, 1, tzinfo=UTC)
RFC_3339 = re.compile(
    r"\d{4}-\d\d-\d\d[Tt ]\d\d:\d\d:\d\d(\.\d{1,9})?([Zz]|[+-]\d\d:\d\d)", re.ASCII
)
LONE_SURROGATE = re.compile("[\ud800-\udfff]")
"""JSON can escape one; neither UTF-8 nor a database can hold it."""
INVISIBLE = (
    r"\u0000-\u0020\u007f-\u00a0\u00ad\u034f\u061c\u115f\u1160\u1680\u17b4\u17b5\u180b-\u180f"
    r"\u2000-\u200f\u2028-\u202f\u205f-\u206f\u2800\u3000\u3164\ufe00-\ufe0f\ufeff\uffa0"
    "\ufff9-\ufffb\U0001bca0-\U0001bca3\U0001d173-\U0001d17a\U000e0000-\U000e0fff"
)
"""Spaces, controls and everything else that shows nothing, as ranges of a character class."""
VISIBLE = re.compile(f"[^{INVISIBLE}]")
# For the reader of the schema: what the validators below refuse.
SOMETHING = r"^[^\u0000]*" + VISIBLE.pattern + r"[^\u0000]*$"
UNMARKED: dict[str, JsonValue] = {"pattern": r"^[^\u0000]*$"}


def _storable(value: str) -> str:
    if "\0" in value:
        raise ValueError("must not contain the character NUL")
    if not value.isascii() and LONE_SURROGATE.search(value):
        raise ValueError("must not contain half of a surrogate pair")
    return value


def _not_blank(value: str) -> str:
    if not VISIBLE.search(value):
        raise ValueError("must not be blank")
    return value


def _not_a_guest(value: str) -> str:
    if value.startswith(GUEST):
        raise ValueError(f"must not begin with {GUEST}")
    return value


def _not_too_long(value: str, info: ValidationInfo) -> str:
    limit = (info.context or {}).get(TEXT_MAX, TEXT_CEILING)
    if len(value) > limit:
        raise PydanticCustomError("string_too_long", "", {"max_length": limit})
    return value


def _not_too_many(value: Any, info: ValidationInfo) -> Any:
    limit = (info.context or {}).get(BATCH_MAX, BATCH_CEILING)
    if isinstance(value, list) and len(value) > limit:
        raise PydanticCustomError(
            "too_long", "", {"max_length": limit, "actual_length": len(value)}
        )
    return value


def _written_as_text(value: Any) -> Any:
    # Pydantic would take numbers, and digits as text, for seconds since 1970.
    if not isinstance(value, str) or not RFC_3339.fullmatch(value):
        raise ValueError("must be a moment such as 2026-05-04T12:00:00Z, with its time zone")
    return value


def _in_utc(value: datetime) -> datetime:
    try:
        moment = value.astimezone(UTC)
    except OverflowError:  # the last hours of the year 9999, west of Greenwich
        raise ValueError("must be before the year 10000") from None
    if moment < OLDEST:
        raise ValueError("must not be before 1970")
    return moment


def _of_a_page(value: str) -> str:
    try:
        host = urlsplit(value).hostname
    except ValueError:  # brackets that do not close, and the like: no browser would follow it
        host = None
    if not host:
        raise ValueError("must be a web address such as https://daily.example/tram-7")
    return value


# Pydantic's own constraints stand before the functions: after one, they would speak of "items".
Storable = AfterValidator(_storable)
Visible = AfterValidator(_not_blank)
ExternalId = Annotated[
    str,
    Field(min_length=1, max_length=ID_MAX, json_schema_extra={"pattern": SOMETHING}),
    Storable,
    Visible,
]
ReaderId = Annotated[
    str,
    Field(
        min_length=1,
        max_length=ID_MAX,
        json_schema_extra={"pattern": f"^(?!{GUEST}){SOMETHING.removeprefix('^')}"},
    ),
    Storable,
    Visible,
    AfterValidator(_not_a_guest),
]
CommentText = Annotated[
    str,
    Field(
        min_length=1,
        json_schema_extra={"maxLength": TEXT_CEILING, "pattern": SOMETHING},
    ),
    AfterValidator(_not_too_long),
    Storable,
    Visible,
]
Language = Annotated[str, Field(max_length=16, pattern=r"^[A-Za-z]{2,3}(-[A-Za-z0-9]{2,8}){0,3}$")]
Moment = Annotated[
    AwareDatetime,
    Field(strict=False),
    BeforeValidator(_written_as_text),
    AfterValidator(_in_utc),
]
WebAddress = Annotated[
    str,
    Field(max_length=2000, pattern=r"^https?://[^\x00-\x20\x7f-\x9f]+$"),
    Storable,
    AfterValidator(_of_a_page),
]


class Request(BaseModel):
    """What every request body shares."""

    model_config = ConfigDict(strict=True, extra="forbid", frozen=True)


class StoryFacts(Request):
    """What the site says of a story. A field that is left out stays as it was."""

    url: WebAddress | None = Field(None, examples=["https://daily.example/tram-7"])
    title: Annotated[str, Field(max_length=500, json_schema_extra=UNMARKED), Storable] | None = (
        Field(None, examples=["Tram line 7 reopens"])
    )
    section: Annotated[str, Field(max_length=200, json_schema_extra=UNMARKED), Storable] | None = (
        Field(None, examples=["City"])
    )


class StoryRef(StoryFacts):
    """The story a comment stands under. The first comment makes it known; later ones update it."""

    id: ExternalId = Field(description="The site's own id of the story.", examples=["tram-7"])


class CommenterRef(Request):
    """The reader who wrote it, under the site's own id."""

    id: ReaderId = Field(description="The site's own id of the reader.", examples=["rita"])
    name: (
        Annotated[str, Field(max_length=NAME_MAX, json_schema_extra=UNMARKED), Storable] | None
    ) = Field(None, description="As readers see it.", examples=["Rita"])


class GuestRef(CommenterRef):
    """A reader whom no site knows, under an id that we gave them."""

    id: ExternalId


class Submission(Request):
    """One comment, as a site posts it."""

    story: StoryRef
    commenter: CommenterRef
    text: CommentText
    parent: ExternalId | None = Field(
        None,
        description="The comment it replies to: our id, or the site's external id.",
    )
    external_id: ExternalId | None = Field(
        None,
        description="The site's own id of the comment. Posting the same one again answers the"
        " first comment.",
    )
    created_at: Moment | None = Field(
        None, description="When the reader wrote it; empty: now. The order of reading."
    )
    language: Language | None = Field(
        None, description="What the site takes it to be written in (BCP 47). A hint."
    )

    def body_hash(self) -> str:
        """SHA-256 over what was posted: the same body gives the same hash, whatever its layout."""
        body = self.model_dump(mode="json", exclude_none=True)
        return hashlib.sha256(json.dumps(body, sort_keys=True).encode()).hexdigest()


class Batch(Request):
    """Several comments, received in one transaction."""

    comments: Annotated[
        list[Submission],
        Field(min_length=1, json_schema_extra={"maxItems": BATCH_CEILING}),
        # Before anything is read: half a million wrong entries take a minute and a gigabyte.
        BeforeValidator(_not_too_many),
    ]


class OutsideDecision(Request):
    """What another system decided of a comment."""

    comment: ExternalId = Field(
        description="Our id of the comment, or the site's external id.", examples=["daily-88121"]
    )
    status: Literal["approved", "held", "blocked"] = Field(
        description="How it stands there; `held` waits for somebody."
    )


class OutsideDecisions(Request):
    """Decisions of another system; of several about one comment the last one counts."""

    verdicts: Annotated[
        list[OutsideDecision],
        Field(min_length=1, json_schema_extra={"maxItems": BATCH_CEILING}),
        BeforeValidator(_not_too_many),  # as of `Batch`
    ]


class Edit(Request):
    """New words for a comment."""

    text: CommentText


class TextToScore(Request):
    """A text whose scores are wanted, and nothing else."""

    text: CommentText


class FlagReport(Request):
    """A reader's report of a comment."""

    reader: ExternalId = Field(description="The site's id of the reader; each counts once.")
    reason: Annotated[str, Field(pattern=r"^[a-z][a-z0-9-]{0,31}$"), Storable] = "other"
    text: (
        Annotated[str, Field(max_length=REPORT_MAX, json_schema_extra=UNMARKED), Storable] | None
    ) = None


class AppealText(Request):
    """A commenter's appeal of a block."""

    text: Annotated[
        str,
        Field(
            min_length=1,
            max_length=APPEAL_MAX,
            description="What the commenter says against it. Read by moderators alone.",
            json_schema_extra={"pattern": SOMETHING},
        ),
        Storable,
        Visible,
    ]

    def body_hash(self, about: str) -> str:
        """SHA-256 over what is appealed and what was posted."""
        return hashlib.sha256(f"{about}\n{self.text}".encode()).hexdigest()


class Notifier(Request):
    """Who gives a notice. For the moderators' eyes alone."""

    name: Annotated[
        str,
        Field(min_length=1, max_length=NAME_MAX, json_schema_extra={"pattern": SOMETHING}),
        Storable,
        Visible,
    ] = Field(examples=["Omar"])
    email: Annotated[str, Field(max_length=254, pattern=r"^[^@\s\x00]+@[^@\s\x00]+$"), Storable] = (
        Field(examples=["omar@reader.example"])
    )


class IllegalContent(Request):
    """A notice that a comment is illegal."""

    kind: Annotated[str, Field(pattern=r"^[a-z][a-z0-9-]{0,31}$"), Storable] = Field(
        description="What it is about, in the site's own words: `defamation`, `threat` ... With"
        f" `{ABUSE_OF_MINORS}` the notifier may be left out.",
        examples=["defamation"],
    )
    text: Annotated[
        str,
        Field(
            min_length=1,
            max_length=APPEAL_MAX,
            description="Why it is illegal.",
            json_schema_extra={"pattern": SOMETHING},
        ),
        Storable,
        Visible,
    ]
    notifier: Notifier | None = Field(
        None,
        validate_default=True,
        description="Who says so. Kept for the moderators, and never told to the commenter.",
    )
    good_faith: Annotated[
        Literal[True],
        # 1 and 1.0 equal it, and would be taken for it.
        BeforeValidator(lambda given: given is True),
        Field(
            description="That whoever gives the notice believes in good faith that it is right and"
            " complete. Must be `true`."
        ),
    ]

    @field_validator("notifier")
    @classmethod
    def _somebody(cls, notifier: Notifier | None, others: ValidationInfo) -> Notifier | None:
        # A `kind` that does not fit is missing here: that is its own fault, and the only one.
        if notifier is None and others.data.get("kind", ABUSE_OF_MINORS) != ABUSE_OF_MINORS:
            raise PydanticCustomError("no_notifier", "", {})
        return notifier

    def body_hash(self, comment_id: UUID) -> str:
        """SHA-256 over the comment and what was posted."""
        body = self.model_dump(mode="json") | {"comment": str(comment_id)}
        return hashlib.sha256(json.dumps(body, sort_keys=True).encode()).hexdigest()


class CommenterBlock(Request):
    """The site blocks a reader from commenting."""

    reason: Annotated[
        str,
        Field(min_length=1, max_length=500, json_schema_extra={"pattern": SOMETHING}),
        Storable,
        Visible,
    ]
    until: Moment | None = Field(None, description="Empty: without an end.")


class PolicySource(Request):
    """A policy as its TOML source."""

    toml: Annotated[
        str, Field(min_length=1, max_length=262_144, json_schema_extra=UNMARKED), Storable
    ]
