"""Finding listed words that somebody has disguised. Everything found here is a guess.

Look-alike letters (`idi\u043et` with a Cyrillic o), full-width, circled and other dressed-up
letters, digits and signs for letters (`1d1ot`), invisible characters inside a word, letters held
down (`idiooot`), letters starred out (`id*ot`), hyphens and dots inside (`id-iot`), letters set
apart (`i d i o t`), accents left out (`serefsiz`). Not found: one letter and three stars (`f***`),
a word in two halves (`id iot`), words turned upside down or backwards.
"""

import itertools
import re
import unicodedata
from collections import defaultdict
from collections.abc import Collection, Iterable, Iterator, Sequence
from functools import lru_cache, partial

from moderation.folding import (
    Script,
    bare,
    fold,
    fold_normalised,
    has_own_letters,
    invisible_in,
    lower,
    main_script,
    marks_in,
    normalise,
    script_of,
)
from moderation.signals.entries import TURKIC, Entry, Index, Known, parts_of
from moderation.signals.kinds import Span, WordList

_SOFT = r"@$!|+€£¢¡.\-_'’`´~^•·*#?%‐‑–"
"""Signs that may stand inside a disguised word, for a regex class."""
_EDGES = ".-_'’`´~^•·?!*#%‐‑–"
_LEADING = "@$+€£¢¡|"
_DIGITS = "0123456789"
_STAR_EDGES = "'’`´~^?!.-_‐‑–"
_BETWEEN = re.compile(r"[.\-_'’`´~^•·*|+‐‑–]+")
_JOINTS = re.compile(r"[.\-_‐‑–]+")
_MASK = re.compile(r"[*#?•·%.\-_‐‑–@$!]")
_STARS = re.compile(r"[*#•·?%]")
_PLAIN_WORD = re.compile(r"[A-Za-z]+")
_ACCENTS = re.compile(r"[çğıöşüəÇĞİÖŞÜƏ]")
_ASCII_LETTER = re.compile(r"[a-z]")
_HELD = re.compile(r"(.)\1{3,}", re.DOTALL)
_DOUBLED = re.compile(r"(.)\1+", re.DOTALL)
_SPELLED = re.compile(r"(?<![^\W_])[^\W_](?:[\W_]{1,3}[^\W_](?![^\W_])){2,}")
_LETTER = re.compile(r"[^\W_]")

_LONGEST = 100
"""Longer pieces are no word, however they are read (letters held down are counted three times)."""
_LONGEST_STARRED = 40

_SIGNS: dict[Script, dict[int, int]] = {
    Script.LATIN: str.maketrans("03456789@$€£¢+1!¡|", "oeasgtbgaselctiiii"),
    Script.CYRILLIC: str.maketrans("03468@$€", "озчбвасе"),
    Script.ARMENIAN: str.maketrans("0$", "օտ"),
}
"""What digits and signs are written for; 1 and its like are an i here, an l in the other table."""
_SIGNS_AS_L = {**_SIGNS[Script.LATIN], **str.maketrans("1!¡|", "llll")}


class Disguises:
    """Word lists, ready to be looked for in any disguise."""

    def __init__(self, lists: Iterable[WordList]) -> None:
        groups: dict[tuple[str | None, Script], _Group] = {}
        for words in lists:
            home = main_script(words.language)
            for written in words.entries:
                script = next(filter(None, map(script_of, written)), home)
                own = script is home and has_own_letters(words.language)
                language = words.language if own else None
                group = groups.setdefault((language, script), _Group(language, script))
                group.add(words, written)
        self._groups = list(groups.values())
        self._known: dict[tuple[str | None, bool], Known[_Suspicion]] = {}

    def find(
        self, text: str, pieces: set[str], pattern: re.Pattern[str], detected: str | None
    ) -> Iterator[tuple[WordList, Span]]:
        """Every place where an entry may be meant. Also finds what is not disguised at all.

        `pieces` are what `pattern` (`piece_in`) finds in the text, each once. Where they stand is
        asked only when one is suspected. `detected` is the text's language; None: cannot tell.
        """
        accents = has_accents(text)
        known = self.known(detected, accents)
        cut = _cut(text, pattern) if known.about(pieces) else []
        suspects = known.about({piece for piece, _ in cut})
        for at, (piece, span) in enumerate(cut):
            for group, entries in suspects.get(piece, ()):
                for entry in entries:
                    rest = cut[at + 1 : at + len(entry.parts)]
                    if group.goes_on(entry, [other for other, _ in rest], detected, accents):
                        last = rest[-1] if rest else (piece, span)
                        yield entry.words, _inner((piece, span), last)
        if spelled := _spelled_runs(text):
            for group in self._groups:
                yield from group.in_runs(spelled, detected)

    def known(self, detected: str | None, accents: bool) -> "Known[_Suspicion]":
        """The entries that a piece may be or begin: that hangs on the language of the text, and on
        whether it `has_accents`."""
        if (detected, accents) not in self._known:
            self._known[detected, accents] = Known(partial(self._suspicions, detected, accents))
        return self._known[detected, accents]

    def _suspicions(
        self, detected: str | None, accents: bool, pieces: Collection[str]
    ) -> dict[str, "_Suspicion"]:
        """The entries, group by group, that each piece may be or begin.

        A chain is suspected with any of its links.
        """
        chains = {piece: [link for link, _ in _chain(piece, (0, 0))] for piece in pieces}
        read = _Pieces([*pieces, *itertools.chain.from_iterable(chains.values())], accents=accents)
        found: dict[str, _Suspicion] = defaultdict(list)
        for group in self._groups:
            for piece, entries in group.suspects(read, detected).items():
                found[piece].append((group, entries))
        suspected = set(found)
        return found | {p: found[p] for p, links in chains.items() if suspected.intersection(links)}


def has_accents(text: str) -> bool:
    """Whether the writer's keyboard has Turkish letters."""
    return _ACCENTS.search(text) is not None


def piece_in(text: str) -> re.Pattern[str]:
    """What lies between blanks and hard punctuation in this text."""
    extras = re.escape(marks_in(text) + invisible_in(text) + _pictured(text))
    return re.compile(rf"[\w{_SOFT}{extras}]+")


def _cut(text: str, pattern: re.Pattern[str]) -> list[tuple[str, Span]]:
    """The pieces and where they stand; the links of chains follow at the end."""
    cut = [(match.group(), match.span()) for match in pattern.finditer(text)]
    return [*cut, *(link for piece in cut for link in _chain(*piece))]


class _Pieces:
    """Pieces of a text, and what may be left of each.

    `accents`: as of `has_accents`. Then a capital I is a dotless one.
    """

    def __init__(self, pieces: Iterable[str], *, accents: bool) -> None:
        self.accents = accents
        self.plain: list[str] = []
        self.cores: dict[str, tuple[str, ...]] = {}
        self.starred: dict[str, str] = {}
        for piece in dict.fromkeys(pieces):
            if _PLAIN_WORD.fullmatch(piece):
                self.plain.append(piece)
                continue
            short = _HELD.sub(r"\1\1\1", piece)
            star = short.strip(_STAR_EDGES)
            if star[:1].isalpha() and len(star) <= _LONGEST_STARRED and _MASK.search(star):
                self.starred[piece] = star
            if cores := tuple(core for core in _cores(short) if 0 < len(core) <= _LONGEST):
                self.cores[piece] = cores
        asked = dict.fromkeys([*itertools.chain(*self.cores.values()), *self.starred.values()])
        self._asked = list(asked)
        self._normalised = normalise("\n".join(asked))
        self._folded: dict[tuple[str | None, Script], dict[str, str]] = {}

    def folded(self, language: str | None, script: Script) -> dict[str, str]:
        """Every core and starred spelling in its plainest look, all in one call."""
        if not self._asked:
            return {}
        if (language, script) not in self._folded:
            lines = fold_normalised(self._normalised, language, script).split("\n")
            self._folded[language, script] = dict(zip(self._asked, lines, strict=True))
        return self._folded[language, script]


def _pictured(text: str) -> str:
    """The letters in the text that are pictures of letters (circled, squared)."""
    if text.isascii():
        return ""
    signs = [c for c in set(text) if c > "\u2000" and unicodedata.category(c) == "So"]
    plain = normalise("\n".join(signs)).split("\n")
    return "".join(c for c, letter in zip(signs, plain, strict=False) if letter.isalpha())


def _chain(piece: str, span: Span) -> Iterator[tuple[str, Span]]:
    """The links of a chain such as `you_are_an_1diot`, which is also looked at as a whole."""
    if len(piece) <= 6 or not _JOINTS.search(piece):
        return
    at = 0
    for joint in [*_JOINTS.finditer(piece), None]:
        end = len(piece) if joint is None else joint.start()
        if end - at > 2 and end - at < len(piece):
            yield piece[at:end], (span[0] + at, span[0] + end)
        at = end if joint is None else joint.end()


def _cores(piece: str) -> Iterator[str]:
    """The piece without the signs around it; "$" and the like may be its first or last letter."""
    core = piece.strip(_EDGES)
    yield core
    inner = core.strip(_EDGES + _LEADING)
    if inner != core:
        yield inner
    letters = inner.strip(_DIGITS)
    if letters != inner:
        yield letters.strip(_EDGES + _LEADING)


class _Group:
    """Entries of one alphabet, folded by one language's letters (None: no letters of its own)."""

    def __init__(self, language: str | None, script: Script) -> None:
        self.language = language
        self.script = script
        self.plain = Index()
        """By their letters without doubles, so that stretched spellings come near."""
        self.bare = Index()
        """The ones with accents of their own, as they are typed without."""
        self.joined: dict[str, list[Entry]] = {}
        """Each in one word."""
        self.by_shape: dict[tuple[str, int], list[Entry]] = {}
        """Each in one word, by first letter and length."""
        self._readings: dict[tuple[str | None, bool], Known[tuple[str, ...]]] = {}
        """By detected language and accents: what the words behind the first of a phrase may say.
        Many comments have a "you" that might begin one."""

    def add(self, words: WordList, written: str) -> None:
        """Files one entry."""
        stem = written.endswith("*")
        form = fold(written.rstrip("*"), self.language, self.script)
        phrase = tuple("".join(parts_of(part)) for part in form.split())
        joined = "".join(phrase)
        for parts in {phrase, (joined,)}:
            self.plain.add(_undoubled(parts[0]), Entry(words, parts, stem))
        simple = tuple(map(bare, phrase))
        if simple != phrase and len("".join(simple)) >= 4:
            for parts in {simple, ("".join(simple),)}:
                self.bare.add(_undoubled(parts[0]), Entry(words, parts, stem))
        entry = Entry(words, (joined,), stem)
        self.joined.setdefault(joined, []).append(entry)
        self.by_shape.setdefault((joined[:1], len(joined)), []).append(entry)

    # --- words ---

    def suspects(self, pieces: _Pieces, detected: str | None) -> dict[str, list[Entry]]:
        """The pieces that may be an entry or its first word, and those entries."""
        found = {
            piece: entries
            for piece, readings in self._forms(pieces, self._likely(pieces), detected).items()
            if (entries := self._candidates(readings, detected))
        }
        for piece, star in pieces.starred.items():
            folded = pieces.folded(self.language, self.script)
            if entries := self._starred(star, folded[star]):
                found[piece] = [*found.get(piece, ()), *entries]
        return found

    def _likely(self, pieces: _Pieces) -> list[str]:
        """Of the plain words those that an entry comes near, however its capitals are read.

        They are looked up all at once: nearly all new words of a text end here.
        """
        if not pieces.plain or self.script is not Script.LATIN:
            return []
        written = "\n".join(pieces.plain)
        readings = {written.lower(), lower(written, self.language)}
        keys = [_undoubled(form).split("\n") for form in readings | set(map(bare, readings))]
        return [
            piece
            for piece, *near in zip(pieces.plain, *keys, strict=True)
            if any(self.plain.candidates(key) or self.bare.candidates(key) for key in near)
        ]

    def _forms(
        self, pieces: _Pieces, plain: Collection[str], detected: str | None
    ) -> dict[str, tuple[str, ...]]:
        """What these plain words and all other pieces may say in this alphabet; those that can say
        nothing are left out."""
        forms: dict[str, tuple[str, ...]] = {}
        ascii_typed = self.language in TURKIC and not pieces.accents
        if self.script is Script.LATIN:
            for piece in plain:
                form = lower(piece, self.language)
                forms[piece] = (form, piece.lower()) if ascii_typed else (form,)
        for piece, cores in pieces.cores.items():
            if _is_own_word(piece, self.script, detected):
                continue
            folded = pieces.folded(self.language, self.script)
            typed = pieces.folded(None, self.script) if ascii_typed else {}
            readings: dict[str, None] = {}
            for core in cores:
                for form in {folded[core], typed.get(core, folded[core])}:
                    # letters that no entry of this alphabet can have
                    if (_ASCII_LETTER.search(form) is None) is (self.script is Script.LATIN):
                        continue
                    readings.update(dict.fromkeys(_decoded(form, self.script)))
            if readings:
                forms[piece] = tuple(readings)
        return forms

    def _candidates(self, readings: tuple[str, ...], detected: str | None) -> list[Entry]:
        found: dict[Entry, None] = {}
        for form in readings:
            for entry in self.plain.candidates(_undoubled(form)):
                if _is_stretched(form, entry.parts[0], entry.stem and len(entry.parts) == 1):
                    found[entry] = None
            if not self.bare:
                continue
            simple = bare(form)
            for entry in self.bare.candidates(_undoubled(simple)):
                if detected is not None and entry.words.language not in ("*", detected):
                    continue
                if _is_stretched(simple, entry.parts[0], entry.stem and len(entry.parts) == 1):
                    found[entry] = None
        return list(found)

    def goes_on(
        self, entry: Entry, following: Sequence[str], detected: str | None, accents: bool
    ) -> bool:
        """Whether the pieces after the first one are the rest of the phrase.

        They are read one after the other: mostly the first one is another word already.
        """
        rest = entry.parts[1:]
        if len(following) < len(rest):
            return False
        for at, (part, piece) in enumerate(zip(rest, following, strict=True), 1):
            stem = entry.stem and at == len(rest)
            readings = self._read(piece, detected, accents)
            if not any(_is_stretched(f, part, stem) for r in readings for f in (r, bare(r))):
                return False
        return True

    def _read(self, piece: str, detected: str | None, accents: bool) -> tuple[str, ...]:
        """What one piece may say in this alphabet."""

        def look(words: Collection[str]) -> dict[str, tuple[str, ...]]:
            pieces = _Pieces(words, accents=accents)
            return self._forms(pieces, pieces.plain, detected)

        if (detected, accents) not in self._readings:
            self._readings[detected, accents] = Known(look)
        return self._readings[detected, accents].about({piece}).get(piece, ())

    def _starred(self, written: str, folded: str) -> list[Entry]:
        """Entries that a word with letters starred out may stand for: "id*ot", "f**king".

        The first letter must be there and one more. A hyphen, dot or other sign in the place of a
        letter needs a word of four; it is otherwise too common.
        """
        shape = [None if _MASK.fullmatch(character) else character for character in folded]
        visible = sum(1 for character in shape if character and character.isalpha())
        if shape[0] is None or visible < 2 or visible + shape.count(None) < len(shape):
            return []
        if not _STARS.search(written) and len(shape) < 4:
            return []
        found: list[Entry] = []
        for length in range(3, len(shape) + 1):
            entries = self.by_shape.get((shape[0], length))
            if not entries or None not in shape[:length]:
                continue  # stars behind the stem change nothing: the plain comparison is enough
            for entry in entries:
                if length < len(shape) and not entry.stem:
                    continue
                pairs = zip(shape, entry.parts[0], strict=False)
                if all(seen is None or seen == letter for seen, letter in pairs):
                    found.append(entry)
        return found

    # --- letters set apart ---

    def in_runs(
        self, runs: list[list[tuple[str, int]]], detected: str | None
    ) -> Iterator[tuple[WordList, Span]]:
        """Entries in runs of single letters; those of three letters only by themselves."""
        signs = _SIGNS.get(self.script, {})
        lengths = sorted({len(word) for word in self.joined if len(word) >= 3})
        every = "\n".join(letter for letters in runs for letter, _ in letters)
        lines = iter(fold(every, self.language, self.script).split("\n"))
        for letters in runs:
            read = [next(lines)[:1] or "\n" for _ in letters]
            run = "".join(read).translate(signs)
            if _is_own_word(run, self.script, detected):
                continue
            for length in lengths:
                if length > len(run) or (length < 4 and length != len(run)):
                    continue
                for at in range(len(run) - length + 1):
                    for entry in self.joined.get(run[at : at + length], ()):
                        yield entry.words, (letters[at][1], letters[at + length - 1][1] + 1)


def _spelled_runs(text: str) -> list[list[tuple[str, int]]]:
    """Runs of three or more single letters set apart, each letter with its offset.

    At least half must be letters: counting to ten is no word.
    """
    runs = [
        [(letter.group(), match.start() + letter.start()) for letter in _LETTER.finditer(run)]
        for match in _SPELLED.finditer(text)
        if (run := match.group())
    ]
    return [run for run in runs if 2 * sum(letter.isalpha() for letter, _ in run) >= len(run)]


def _inner(first: tuple[str, Span], last: tuple[str, Span]) -> Span:
    """From the first piece to the last, without the punctuation around them."""
    before = len(first[0]) - len(first[0].lstrip(_EDGES))
    behind = len(last[0]) - len(last[0].rstrip(_EDGES))
    return first[1][0] + before, last[1][1] - behind


def _is_own_word(piece: str, script: Script, detected: str | None) -> bool:
    """A word wholly in the alphabet of the detected language, where this group's is another:
    in a Russian text, a Russian word is not a disguised English one."""
    if detected is None or main_script(detected) is script:
        return False
    home = main_script(detected)
    letters = [found for found in map(script_of, piece) if found is not None]
    return bool(letters) and all(found is home for found in letters)


def _decoded(form: str, script: Script) -> Iterator[str]:
    """The form itself where it is letters only; else with signs left out, or read as letters."""
    if form.isalpha():
        yield form
        return
    joined = _BETWEEN.sub("", form)
    if joined.isalpha():
        yield joined
    for version in dict.fromkeys((form, joined)):
        letters = sum(map(str.isalpha, version))
        digits = sum(map(str.isdigit, version))
        if letters <= digits and (letters < 2 or len(version) < 4):
            continue  # A55 is a road, 455 a number
        read = version.translate(_SIGNS.get(script, {}))
        if read.isalpha():
            yield read
            if script is Script.LATIN and (other := version.translate(_SIGNS_AS_L)) != read:
                yield other


@lru_cache(maxsize=1024)
def _lengths(word: str) -> tuple[tuple[str, int], ...]:
    """Each letter and how many times it stands there in a row."""
    return tuple((letter, len(list(run))) for letter, run in itertools.groupby(word))


def _undoubled(word: str) -> str:
    return _DOUBLED.sub(r"\1", word)


def _is_stretched(form: str, entry: str, stem: bool) -> bool:
    """Whether the form is the entry (or begins with it), with letters held down at most.

    A letter may stand three times or more for one or two; in entries of five different letters
    and more, twice for once. Never once for twice: the name of a country is not a slur.
    """
    if form == entry or (stem and form.startswith(entry)):
        return True
    want = _lengths(entry)
    have = tuple((letter, len(list(run))) for letter, run in itertools.groupby(form))
    if len(have) < len(want) or (len(have) > len(want) and not stem):
        return False
    for at, ((letter, n), (wanted, m)) in enumerate(zip(have, want, strict=False), 1):
        goes_on = stem and at == len(want)
        held = n >= max(3, m) or (n > m and (len(want) >= 5 or goes_on))
        if letter != wanted or (n != m and not held):
            return False
    return True


_Suspicion = list[tuple[_Group, list[Entry]]]
"""What a piece may be: the groups in which it may be something, and those entries."""
