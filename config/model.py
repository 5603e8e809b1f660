"""What the web side must know of the model, read from `model.json` without any model runtime."""

import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

BUNDLED = Path(__file__).parent / "models" / "bundled"


class ModelError(ValueError):
    """A model folder that cannot be used; the message names the file and what is wrong with it."""


@dataclass(frozen=True)
class ModelFacts:
    """Name, version and abilities of a model.

    `version` is a content hash: other weights or another tokenizer give another version.
    `attributes` are what the model scores, in its own order; `languages` what it reads (ISO 639-1).
    """

    name: str
    version: str
    attributes: tuple[str, ...]
    languages: frozenset[str]
    suggested_thresholds: Mapping[str, float] = field(
        default_factory=dict, hash=False, compare=False
    )
    """Hold thresholds chosen on validation comments, 0..1; empty where nobody chose any."""


def load_facts(directory: Path) -> ModelFacts:
    """The facts of the model in `directory`. Raises ModelError for a missing or unfit file."""
    return facts_of(read_card(directory), directory / "model.json")


def read_card(directory: Path) -> dict[str, Any]:
    """`model.json` as it stands. Raises ModelError where it is missing or not a JSON object."""
    path = directory / "model.json"
    try:
        card = json.loads(path.read_text(encoding="utf-8"))
    except OSError as error:
        raise ModelError(f"{path}: {error.strerror or 'cannot be read'}") from None
    except ValueError:
        raise ModelError(f"{path}: not JSON") from None
    if not isinstance(card, dict):
        raise ModelError(f"{path}: not a JSON object")
    return card


def facts_of(card: Mapping[str, Any], path: Path) -> ModelFacts:
    """The facts that a card states. Raises ModelError naming the key that is absent or unfit."""
    name, version = _text(card, "name", path), _text(card, "version", path)
    attributes = tuple(_texts(card, "attributes", path))
    if not attributes or len(set(attributes)) < len(attributes):
        raise ModelError(f"{path}: attributes must be one or more different names")
    suggested = card.get("suggested_thresholds", {})
    if not isinstance(suggested, dict) or not set(suggested) <= set(attributes):
        raise ModelError(f"{path}: suggested_thresholds must name attributes of the model")
    return ModelFacts(
        name,
        version,
        attributes,
        frozenset(_texts(card, "languages", path)),
        dict(suggested),
    )


def _text(card: Mapping[str, Any], key: str, path: Path) -> str:
    value = card.get(key)
    if not isinstance(value, str) or not value:
        raise ModelError(f"{path}: {key} must be a text")
    return value


def _texts(card: Mapping[str, Any], key: str, path: Path) -> list[str]:
    value = card.get(key)
    if not isinstance(value, list) or not all(isinstance(item, str) and item for item in value):
        raise ModelError(f"{path}: {key} must be a list of texts")
    return value


DETOXIFY = "detoxify:"

_ORIGINAL = ("toxicity", "severe_toxicity", "obscene", "threat", "insult", "identity_attack")
_UNBIASED = (
    "toxicity",
    "severe_toxicity",
    "obscene",
    "identity_attack",
    "insult",
    "threat",
    "sexual_explicit",
)
_ENGLISH = frozenset({"en"})

OFFICIAL: Mapping[str, ModelFacts] = {
    facts.name.removeprefix(DETOXIFY): facts
    for facts in (
        ModelFacts("detoxify:original", "c1212f89", _ORIGINAL, _ENGLISH),
        ModelFacts("detoxify:original-small", "0e1d6498", _ORIGINAL, _ENGLISH),
        ModelFacts("detoxify:unbiased", "c7548aa0", _UNBIASED, _ENGLISH),
        ModelFacts("detoxify:unbiased-small", "c8519128", _UNBIASED, _ENGLISH),
        ModelFacts(
            "detoxify:multilingual",
            "0b549669",
            _UNBIASED,
            frozenset({"en", "fr", "es", "it", "pt", "tr", "ru"}),
        ),
    )
}
"""Detoxify's own models. Their version is the content hash in the name of the released file, which
the library's download is checked against."""


def facts_for(model: str) -> ModelFacts:
    """The facts of what `MODERATION_MODEL` names, without loading it.

    A Detoxify checkpoint has them in a `model.json` beside it, which
    `moderation model show --save` writes. Raises ModelError where they cannot be had.
    """
    if model == "bundled":
        return load_facts(BUNDLED)
    if not model.startswith(DETOXIFY):
        return load_facts(Path(model))
    name = model.removeprefix(DETOXIFY)
    return OFFICIAL[name] if name in OFFICIAL else load_facts(Path(name).parent)
