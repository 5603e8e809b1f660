"""Which language a comment is in."""

import re
from functools import cache

from py3langid.langid import MODEL_FILE, LanguageIdentifier

from moderation.folding import normalise
from worker.common_english import SHARED, UNMISTAKABLE

LANGUAGES = [
    "ar",
    "az",
    "bg",
    "cs",
    "da",
    "de",
    "el",
    "en",
    "es",
    "fa",
    "fi",
    "fr",
    "he",
    "hi",
    "hu",
    "hy",
    "it",
    "ja",
    "ka",
    "kk",
    "ko",
    "lt",
    "nl",
    "no",
    "pl",
    "pt",
    "ro",
    "ru",
    "sr",
    "sv",
    "th",
    "tr",
    "uk",
    "ur",
    "vi",
    "zh",
]
"""The languages told apart (ISO 639-1): those of the region, and the great ones of the web."""

CONFIDENT = 0.7
"""The least probability at which the identifier is believed of a text in Latin letters."""

CONFIDENT_OF_ENGLISH = 0.4
"""The same where it says English: romanised Armenian and Russian stay under 0.2 (measured)."""

CONFIDENT_BY_ALPHABET = 0.4
"""The same for other alphabets, which few of the languages share."""

_FOREIGN_SHARE = 0.2
"""A text with so large a share of non-Latin letters is of the language of those letters."""

_ENGLISH_ENDINGS = (
    "ing",
    "ness",
    "ght",
    "ally",
    "ously",
    "ful",
    "less",
    "'s",
    "ism",
    "ship",
    "shed",
)

_ADDRESS = re.compile(r"(?:https?://|www\.)\S+|[@#]\w+")
_LATIN_WORD = re.compile(r"[a-zà-öø-ÿā-ɏ]+(?:['\u2019][a-zà-ÿ]+)?", re.IGNORECASE)


def detect(text: str) -> str | None:
    """The language as ISO 639-1, or None when it cannot be told.

    None is for a text without letters (digits, emoji), one with too few of them, a doubtful one,
    and for languages written in another's alphabet, such as romanised Armenian and Russian: a
    person must look at it if it has any letters. A text that is partly in a non-Latin alphabet
    counts as all of that language, so that foreign words among English ones are not overlooked.
    """
    text = _ADDRESS.sub(" ", normalise(text))
    letters = [character for character in text if character.isalpha()]
    if not letters:
        return None
    foreign = [character for character in letters if character > "\u024f"]
    if len(foreign) >= max(2, _FOREIGN_SHARE * len(letters)):
        text = "".join(c if c > "\u024f" or not c.isalpha() else " " for c in text)
        language, probability = _classify(text)
        return language if probability >= CONFIDENT_BY_ALPHABET else None
    return _latin(text)


def _latin(text: str) -> str | None:
    words = [word.lower().replace("\u2019", "'") for word in _LATIN_WORD.findall(text)]
    if not words:
        return None
    sure = sum(word in UNMISTAKABLE for word in words)
    share = (sure + sum(word in SHARED or _looks_english(word) for word in words)) / len(words)
    if sure and share >= 0.4:
        return "en"
    language, probability = _classify(text)
    if language == "en":
        # A long English text has at least a few of English's commonest words.
        believed = probability >= CONFIDENT_OF_ENGLISH and (len(words) < 8 or share >= 0.15)
        return "en" if believed else None
    return language if probability >= CONFIDENT else None


def _looks_english(word: str) -> bool:
    return len(word) > 4 and word.endswith(_ENGLISH_ENDINGS) and word not in UNMISTAKABLE


def _classify(text: str) -> tuple[str, float]:
    language, probability = _identifier().classify(" ".join(text.split()))
    return language, probability


@cache
def _identifier() -> LanguageIdentifier:
    identifier = LanguageIdentifier.from_model_file(MODEL_FILE, norm_probs=True)
    identifier.set_languages(LANGUAGES)
    return identifier
