"""What is answered about a text that is only analysed."""

from pydantic import Field

from moderation.api.answers.answer import Answer


class Analysis(Answer):
    """What the model makes of a text."""

    language: str | None = Field(
        description="The language it is in (ISO 639-1); null when nobody can tell.", examples=["en"]
    )
    readable: bool = Field(
        description="Whether the model reads that language. Where it does not, the scores say"
        " nothing.",
        examples=[True],
    )
    scores: dict[str, float] = Field(
        description="Each attribute, 0..1, of the writer's own words.",
        examples=[{"toxicity": 0.91, "insult": 0.88}],
    )
    quoted: dict[str, float] | None = Field(
        description="The same of words quoted from others (after `>`); null without any."
    )
    model: str = Field(examples=["moderation-minilm-en"])
    model_version: str = Field(examples=["3b80adb2905a"])
