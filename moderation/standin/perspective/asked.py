"""What a client of Perspective may send, and what of it is refused in which words.

The messages are read as Google's services read theirs: names as `doNotStore` or `do_not_store`,
null as not given, a number also as a text. Unknown fields are passed over.
"""

from typing import Annotated, Any, Literal, TypeVar

from pydantic import (
    AfterValidator,
    BaseModel,
    BeforeValidator,
    ConfigDict,
    Field,
    ValidationError,
    model_validator,
)
from pydantic.alias_generators import to_camel
from pydantic_core import PydanticCustomError

from moderation import strict_json
from moderation.standin.perspective import errors, names
from moderation.standin.perspective.errors import Refused
from moderation.standin.perspective.names import Attribute
from moderation.strict_json import UnfitJson
from moderation.submission import LONE_SURROGATE, VISIBLE

LONGEST = 20_480
"""Bytes of a comment in UTF-8."""
MOST_ATTRIBUTES = 100
"""Asked for at once, versions too: each is answered once more for every sentence, and a body holds
names enough for gigabytes of an answer."""
MOST_FAULTS = 20
PROBABILITY = "PROBABILITY"
UNSPECIFIED = {None, "SCORE_TYPE_UNSPECIFIED"}

Wanted = TypeVar("Wanted", bound="Message")


def _no_boolean(value: Any) -> Any:
    if isinstance(value, bool):
        raise PydanticCustomError("float_type", "")  # pydantic takes true for 1
    return value


def _whole_pairs(value: str) -> str:
    if not value.isascii() and LONE_SURROGATE.search(value):
        raise PydanticCustomError("string_type", "")
    return value


Number = Annotated[float, Field(strict=False, allow_inf_nan=False), BeforeValidator(_no_boolean)]
Text = Annotated[str, AfterValidator(_whole_pairs)]
TextType = Literal["TEXT_TYPE_UNSPECIFIED", "PLAIN_TEXT", "HTML"]
ScoreType = Literal["SCORE_TYPE_UNSPECIFIED", "PROBABILITY", "STD_DEV_SCORE", "PERCENTILE", "RAW"]


class Message(BaseModel):
    """Something that a client sends, or a part of it."""

    model_config = ConfigDict(
        alias_generator=to_camel, validate_by_name=True, extra="ignore", strict=True, frozen=True
    )

    @model_validator(mode="before")
    @classmethod
    def _without_nulls(cls, given: Any) -> Any:
        if not isinstance(given, dict):
            return given
        return {name: value for name, value in given.items() if value is not None}


class TextEntry(Message):
    text: Text = ""
    type: TextType = "PLAIN_TEXT"


class ArticleAndParentComment(Message):
    article: TextEntry = TextEntry()
    parent_comment: TextEntry = TextEntry()


class Context(Message):
    entries: list[TextEntry] = []
    article_and_parent_comment: ArticleAndParentComment | None = None


class AttributeParameters(Message):
    score_type: ScoreType | None = None
    score_threshold: Number | None = None


class Score(Message):
    value: Number | None = None
    type: ScoreType | None = None


class SpanScore(Message):
    begin: int = 0
    end: int = 0
    score: Score = Score()


class AttributeScores(Message):
    summary_score: Score = Score()
    span_scores: list[SpanScore] = []


class AboutComment(Message):
    """What both methods are told of a comment."""

    comment: TextEntry = TextEntry()
    context: Context = Context()
    languages: list[Text] = []
    client_token: Text | None = None
    session_id: Text | None = None
    community_id: Text | None = None

    def check(self) -> None:
        """Refused when there is no comment in it that could be scored."""
        if not VISIBLE.search(self.comment.text):
            raise errors.empty()
        if len(self.comment.text.encode()) > LONGEST:
            raise errors.too_long()
        if self.comment.type == "HTML":
            raise errors.unfit("Currently, only 'PLAIN_TEXT' comments are supported")
        if self.context.entries and self.context.article_and_parent_comment:
            raise errors.unfit(
                "Context can have either entries or article_and_parent_comment, but both fields"
                " were populated."
            )


class AnalyzeCommentRequest(AboutComment):
    requested_attributes: dict[str, AttributeParameters] = {}
    do_not_store: bool = True
    drop_unsupported_attributes: bool = False
    span_annotations: bool = False

    def attributes(self) -> list[Attribute]:
        """Those that are asked for. Refused when there are none, too many, or one that never
        was."""
        if not self.requested_attributes:
            raise errors.no_attributes()
        if len(self.requested_attributes) > MOST_ATTRIBUTES:
            raise errors.unfit(f"Too many requested attributes: {MOST_ATTRIBUTES} at most")
        found = [_known(name) for name in self.requested_attributes]
        for name, wanted in self.requested_attributes.items():
            if wanted.score_type not in UNSPECIFIED | {PROBABILITY}:
                raise errors.unfit(
                    f"Requested score type {wanted.score_type} is not supported by attribute {name}"
                )
        return found


class SuggestCommentScoreRequest(AboutComment):
    attribute_scores: dict[str, AttributeScores] = {}

    def verdicts(self) -> dict[Attribute, float]:
        """For each attribute what the comment as a whole should score, 0..1; of one that was given
        for parts of it alone, the highest of these. Refused when there is none, or no number."""
        if not self.attribute_scores:
            raise errors.unfit("Missing attribute_scores")
        found = {}
        for name, given in self.attribute_scores.items():
            parts = [one.score.value for one in given.span_scores]
            values = [given.summary_score.value, *parts]
            said = [value for value in values if value is not None]
            if not said or not all(0 <= value <= 1 for value in said):
                raise errors.unfit(f"Attribute {name} needs scores of 0..1")
            whole = given.summary_score.value
            found[_known(name)] = max(said) if whole is None else whole
        return found


def _known(name: str) -> Attribute:
    found = names.find(name)
    if found is None:
        raise errors.unknown_attribute(name)
    return found


def read(kind: type[Wanted]) -> Wanted:
    """The body of the current request as such a message; Refused when it is none."""
    try:
        return kind.model_validate(strict_json.of_request())
    except UnfitJson as error:
        raise errors.unfit(f"Invalid JSON payload received. The body {error}.") from None
    except ValidationError as error:
        raise _unfit(error) from None


KINDS = {
    "string_type": "TYPE_STRING",
    "bool_type": "TYPE_BOOL",
    "int_type": "TYPE_INT32",
    "float_type": "TYPE_FLOAT",
    "float_parsing": "TYPE_FLOAT",
    "literal_error": "TYPE_ENUM",
}
"""Pydantic's kinds of error, as what Google's services expected."""


def _unfit(error: ValidationError) -> Refused:
    faults = error.errors(include_url=False, include_input=False, include_context=False)
    return errors.unfit_fields(
        [
            (_path(one["loc"]), KINDS.get(one["type"], "TYPE_MESSAGE"))
            for one in faults[:MOST_FAULTS]
        ]
    )


def _path(places: tuple[int | str, ...]) -> str:
    """`comment.text`; empty for the body as a whole."""
    return ".".join(str(place)[: errors.NAME_LONGEST] for place in places)
