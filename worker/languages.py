"""Which language a comment is in.

In Latin letters it is the words that tell. English ones are looked up (in our own list of common
words, then in a dictionary), and so are those that give another language away. The identifier,
which goes by sequences of letters, is asked where the words leave it open.
"""

import re
from functools import cache, lru_cache

from py3langid.langid import MODEL_FILE, LanguageIdentifier
from simplemma import is_known

from moderation.folding import bare, normalise
from worker.common_english import COMMON
from worker.common_foreign import ABUSE, FOREIGN, ROMANISED

LANGUAGES = """
ar az bg cs da de el en es fa fi fr he hi hu hy it ja ka kk ko lt nl no pl pt ro
ru sr sv th tr uk ur vi zh
""".split()
"""The languages told apart (ISO 639-1): those of the region, and the great ones of the web."""

CONFIDENT = 0.7
"""The least probability at which the identifier is believed of a text in Latin letters."""

CONFIDENT_OF_ENGLISH = 0.4
"""The same where it says English: romanised Armenian and Russian stay under 0.2 (measured)."""

CONFIDENT_BY_ALPHABET = 0.4
"""The same for other alphabets, which few of the languages share."""

_FOREIGN_SHARE = 0.2
"""A text with so large a share of non-Latin letters, or of words that give away another language
(two at least, either way), is not English."""

_FOREIGN_RUN = 4
"""Nor is one with so many words in a row that are not English, one of which gives it away: the
sentence at the end of a long comment."""

_SHORTEST, _LONGEST = 4, 30
"""The letters that a word has which is looked up in the dictionary."""

_CUT = 64
"""Letters of a word that are kept: words once looked up are remembered, and of whole texts without
a blank that would be gigabytes."""

_FEW = 3
"""In texts of so many words it pays to look whether one is made up of two: "knucklehead"."""

_ADDRESS = re.compile(r"(?:https?://|www\.)\S+|@\w+", re.IGNORECASE)
_LINK = re.compile(r"(?:https?://|www\.)\w\S*", re.IGNORECASE)
_TAG = re.compile(r"#\w+")
_HUMP = re.compile(r"(?<=[a-z])(?=[A-Z])")
_LATIN_WORD = re.compile(r"[a-zà-öø-ÿā-ɏ]+(?:['\u2019][a-zà-ÿ]+)?", re.IGNORECASE)
_LAUGHTER = re.compile(r"[bmw]?[aeo]?(?:h+[aeo]+){2,}h*|(?:lo)+l+|lma+o+|rofl")
_HELD = re.compile(r"([a-z])\1{2,}")
"""A letter held down: "soooo"."""


def detect(text: str) -> str | None:
    """The language as ISO 639-1, or None when it cannot be told.

    None is for a text without letters (digits, emoji), one with too few of them, a doubtful one,
    and for languages written in another's alphabet, such as romanised Armenian and Russian: a
    person must look at it if it has any letters. A text that is partly in a non-Latin alphabet
    counts as all of that language, so that foreign words among English ones are not overlooked.
    A comment that is nothing but links, which speak no other language, counts as English: what a
    policy says of links judges it.
    """
    text = normalise(text)
    prose = _ADDRESS.sub(" ", text)
    letters = [] if prose.isascii() else [c for c in prose if c.isalpha()]
    foreign = [c for c in letters if c > "\u024f"]
    if foreign and len(foreign) >= max(2, _FOREIGN_SHARE * len(letters)):
        text = "".join(c if c > "\u024f" or not c.isalpha() else " " for c in prose)
        language, probability = _classify(text)
        return language if probability >= CONFIDENT_BY_ALPHABET else None
    words = _words(prose)
    written = words if prose == text else _words(text)  # an address can be an insult, too
    if words:
        in_english = ABUSE.isdisjoint(written) and _is_in_english(words, prose)
        return "en" if in_english else _other_in_latin(words, prose)
    beside, links = _LINK.subn(" ", text)
    if not links or any(map(str.isalpha, beside)):  # "@du @bist @ein ..." speaks to nobody
        return None
    telling = sum(word in FOREIGN and not _is_english(word) for word in written)
    return "en" if telling < 2 and ABUSE.isdisjoint(written) else None


def load() -> None:
    """Load dictionary and identifier, which the first text would wait for: half a second."""
    _in_dictionary("dictionary")
    _identifier()


def _words(text: str) -> list[str]:
    """The words in Latin letters, small, without accents, signs and the genitive's 's.

    Letters set apart are taken together ("s h i t"); other single ones say nothing.
    """
    if "#" in text:
        text = _TAG.sub(lambda tag: _HUMP.sub(" ", tag.group()), text)
    words: list[str] = []
    apart = ""
    for word in _LATIN_WORD.findall(text if text.isascii() else bare(text)):
        if len(word) == 1:
            apart += word
            continue
        words += [apart, word] if len(apart) > 2 else [word]
        apart = ""
    if len(apart) > 2 or (apart and not words):
        words.append(apart)
    return [word[:_CUT].lower().replace("\u2019", "'").removesuffix("'s") for word in words]


def _is_in_english(words: list[str], text: str) -> bool:
    """Whether more than half of the words are English, and none or few give another language away.

    The identifier is asked where it is more than a third, and nothing gives another one away.
    """
    known = [_is_english(word) for word in words]
    telling = [word in FOREIGN for word in words]
    given_away = sum(t and not k for k, t in zip(known, telling, strict=True))
    if given_away:
        many = given_away >= max(2, _FOREIGN_SHARE * len(words))
        if many or _has_foreign_run(known, telling):
            return False
        # "die", "was" and "her" are English words in English company only.
        known = [k and not t for k, t in zip(known, telling, strict=True)]
    english = sum(known)
    if english * 2 > len(words):
        return True
    if given_away:
        return False
    if len(words) <= _FEW:
        english = sum(_is_english(word) or _is_compound(word) for word in words)
        if english * 2 > len(words):
            return True
    if english * 3 <= len(words):
        return False
    language, probability = _classify(text)
    return language == "en" and probability >= CONFIDENT_OF_ENGLISH


def _has_foreign_run(known: list[bool], telling: list[bool]) -> bool:
    length = found = 0
    for is_english, tells in zip(known, telling, strict=True):
        if not is_english:
            length, found = length + 1, found + tells
        elif not tells:
            length = found = 0
        if found and length >= _FOREIGN_RUN:
            return True
    return False


def _other_in_latin(words: list[str], text: str) -> str | None:
    """Which language other than English. None where romanised words stand: by its sequences of
    letters the identifier would take them for Spanish or Turkish, which a model may read."""
    romanised = sum(word in ROMANISED and not _is_english(word) for word in words)
    if romanised and romanised >= _FOREIGN_SHARE * len(words):
        return None
    language, probability = _classify(text)
    return language if language != "en" and probability >= CONFIDENT else None


@lru_cache(maxsize=1 << 15)
def _is_english(word: str) -> bool:
    if word in COMMON or _in_dictionary(word) or _LAUGHTER.fullmatch(word):
        return True
    once, twice = (_HELD.sub(letters, word) for letters in (r"\1", r"\1\1"))
    return 1 < len(once) < len(word) and (_is_english(once) or _is_english(twice))


def _in_dictionary(word: str) -> bool:
    """Short words are left to our own list: in the dictionary, nearly any three letters are one."""
    return _SHORTEST <= len(word) <= _LONGEST and is_known(word, "en")


def _is_compound(word: str) -> bool:
    """Whether two English words of three letters or more make it up."""
    return len(word) <= _LONGEST and any(
        _is_english(word[:i]) and _is_english(word[i:]) for i in range(3, len(word) - 2)
    )


def _classify(text: str) -> tuple[str, float]:
    language, probability = _identifier().classify(" ".join(text.split()))
    return language, probability


@cache
def _identifier() -> LanguageIdentifier:
    identifier = LanguageIdentifier.from_model_file(MODEL_FILE, norm_probs=True)
    identifier.set_languages(LANGUAGES)
    return identifier
