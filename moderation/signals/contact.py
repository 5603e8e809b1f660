"""Links, and what reaches or identifies a person: phone, e-mail, street address, card number.

Every pattern is anchored on something rare (a dot, an at sign, a digit, a street word) and looks
a bounded distance to both sides, so that no text makes it slow.
"""

import re
from collections.abc import Iterable, Iterator

from moderation.folding import without_invisible
from moderation.signals.kinds import PersonalData, Signal, SignalKind, Span

_WIDE = str.maketrans(
    {chr(0xFF01 + n): chr(0x21 + n) for n in range(94)} | {"\u3002": ".", "\u2024": "."}
)
"""Full-width forms and the dots that browsers take for a dot; one character for one."""


def _plain(text: str) -> tuple[str, list[int] | None]:
    plain, offsets = without_invisible(text)
    return plain if plain.isascii() else plain.translate(_WIDE), offsets


def _as_written(spans: Iterable[Span], offsets: list[int] | None) -> tuple[Span, ...]:
    if offsets is None:
        return tuple(sorted(spans))
    return tuple(sorted((offsets[start], offsets[end - 1] + 1) for start, end in spans))


def _blanked(text: str, spans: Iterable[Span]) -> str:
    """The text with these spans overwritten, so that nothing in them is found again."""
    parts: list[str] = []
    at = 0
    for start, end in sorted(spans):
        if start >= at:
            parts += [text[at:start], "\x00" * (end - start)]
            at = end
    return "".join([*parts, text[at:]])


# --- links ----------------------------------------------------------------------------------

_DOMAINS = """
com org net info biz edu gov mil int io co tv me cc gg ly ai app dev xyz top site online shop store
club live news blog link click pro vip bet casino win loan porn sex xxx tk ml ga cf
am ru su tr az ge ir ua by kz uz kg tj tm md ro bg rs hr si sk cz pl hu de at ch li fr be nl lu es
pt it gr cy mt uk ie dk se no fi ee lv lt eu us ca mx br ar cl pe ve au nz jp kr cn tw hk sg my th
vn ph id in pk bd lk il ae sa qa eg ma za ng ke рф рус укр бел հայ გე
"""
_ALSO_WORDS = frozenset(
    ["am", "at", "be", "by", "do", "id", "in", "is", "it", "me", "my", "no", "so", "to", "us"]
)
"""Endings that a missing blank after a full stop makes as well ("he knew.It was"): a link only
where the name before them looks like one."""

_ENDINGS = "|".join(sorted(map(re.escape, _DOMAINS.split()), key=len, reverse=True))
_SCHEME = re.compile(r"(?:h(?:tt|xx)ps?|ftp)://[^\s<>\"']{1,2000}", re.IGNORECASE)
_WWW = re.compile(r"(?<![\w.@-])www\.[^\s<>\"']{2,2000}", re.IGNORECASE)
_BARE = re.compile(
    r"(?<![\w.@-])((?:[^\W_](?:[\w-]{0,61}[^\W_])?\.){1,6})"
    rf"(?:({_ENDINGS})(?![\w-])(?!\.[^\W\d_])(/[^\s<>\"']{{0,2000}})?|[^\W\d_]{{2,18}}/[\w?=&%#.-]+)",
    re.IGNORECASE,
)
_SPELLED = re.compile(
    r"(?<![\w.@-])[\w-]{2,63}[ \t]{0,2}(?:\[\.\]|\(\.\)|[\[(]dot[\])]|[ \t]dot[ \t])[ \t]{0,2}"
    rf"(?:{_ENDINGS})(?![\w-])",
    re.IGNORECASE,
)
_TRAILING = ".,;:!?)]}»”’…*_"
_MAYBE_LINK = re.compile(r"[.]\S|://|dot", re.IGNORECASE)
"""What every link has in it, and few texts. The patterns above look at each word."""


def _link_spans(plain: str) -> list[Span]:
    spans: list[Span] = []
    if _MAYBE_LINK.search(plain) is None:
        return spans
    for pattern in (_SCHEME, _WWW, _BARE, _SPELLED):
        found: list[Span] = []
        for match in pattern.finditer(plain):
            if pattern is _BARE and not _is_domain(match):
                continue
            found.append((match.start(), match.end() - _tail(match.group())))
        spans += found
        plain = _blanked(plain, found)
    return spans


def _tail(link: str) -> int:
    return len(link) - len(link.rstrip(_TRAILING))


def _is_domain(match: re.Match[str]) -> bool:
    """Whether this is a host name and no abbreviation, number or forgotten blank."""
    name, ending, path = match.group(1), match.group(2), match.group(3)
    labels = name[:-1].split(".")
    if all(label.isdigit() for label in labels) and not path:
        return False  # "8.am", "3.in"
    if ending is None:  # an unknown ending, but a path follows: bit.ly/x, youtu.be/x
        ending = match.group()[len(name) :].split("/")[0]
        return len(labels[-1]) > 1 and ending.islower() and len(ending) <= 6
    if not (ending.islower() or (ending.isupper() and labels[-1].isupper())):
        return False  # "ended.In": a sentence begins
    if ending.lower() not in _ALSO_WORDS or path:
        return len(labels[-1]) > 1 or path is not None or ending.lower() in ("com", "org", "net")
    # news.am and t.me have no path here; "of it.so" and "you.me" have not either
    return ending.lower() == "am" and len(labels[-1]) > 1 and labels[-1].lower() != "i"


def links(text: str) -> list[Signal]:
    """Web addresses: with a scheme, with www., or as a bare name with a known ending.

    The name of a site in an e-mail address is no link.
    """
    plain, offsets = _plain(text)
    if _MAYBE_LINK.search(plain) is None:
        return []
    spans = _link_spans(_blanked(plain, _emails(plain)))
    if not spans:
        return []
    return [Signal(SignalKind.LINKS, float(len(spans)), _as_written(spans, offsets))]


# --- personal data --------------------------------------------------------------------------


def personal_data(text: str) -> list[Signal]:
    """E-mail addresses, card numbers, phone numbers and street addresses, one signal a kind."""
    plain, offsets = _plain(text)
    if _MAYBE_PERSONAL.search(plain) is None:
        return []
    signals: list[Signal] = []
    for kind, find in (
        (PersonalData.EMAIL, _emails),
        ("", _link_spans),  # digits in a link are no phone number
        (PersonalData.CARD, _cards),
        (PersonalData.PHONE, _phones),
        (PersonalData.ADDRESS, _addresses),
    ):
        spans = find(plain)
        plain = _blanked(plain, spans)
        if spans and kind:
            places = _as_written(spans, offsets)
            signals.append(Signal(SignalKind.PERSONAL_DATA, float(len(spans)), places, label=kind))
    return signals


_MAYBE_PERSONAL = re.compile(r"[\d@\[({]|dot", re.IGNORECASE)
"""What every e-mail address, number and street address has in it."""
_AT = re.compile(
    r"@|[ \t]{0,3}[\[({]\s{0,2}(?:at|@)\s{0,2}[\])}][ \t]{0,3}|[ \t]at[ \t]", re.IGNORECASE
)
_LOCAL = re.compile(r"[\w.+%-]{1,64}\Z")
_HOST = re.compile(r"[^\W_][\w-]{0,62}(?:\.[\w-]{1,63}){1,6}")
_SPELLED_HOST = re.compile(
    r"[^\W_][\w-]{0,62}"
    r"(?:(?:\.|[ \t]{0,3}[\[({]\s{0,2}(?:dot|\.)\s{0,2}[\])}][ \t]{0,3}|[ \t]dot[ \t])"
    r"[\w-]{1,63}){1,6}",
    re.IGNORECASE,
)


def _emails(plain: str) -> list[Span]:
    spans: list[Span] = []
    for at in _AT.finditer(plain):
        sign = at.group().strip()
        local = _LOCAL.search(plain, max(0, at.start() - 64), at.start())
        if local is None or not any(map(str.isalnum, local.group())):
            continue
        host = (_HOST if sign == "@" else _SPELLED_HOST).match(plain, at.end())
        if host is None:
            continue
        ending = re.split(r"[\s.\[\](){}]", host.group().rstrip("-_"))[-1]
        if not 2 <= len(ending) <= 18 or not ending.isalpha():
            continue
        if sign.lower() == "at" and not re.search(
            r"[ \t]dot[ \t]|[\[({]", host.group(), re.IGNORECASE
        ):
            continue  # "we met at example.com" names a place, not a person
        spans.append((local.start(), host.end()))
    return _apart(spans)


def _apart(spans: list[Span]) -> list[Span]:
    """Without those that begin before the one in front of them ends."""
    kept: list[Span] = []
    for span in sorted(spans):
        if not kept or span[0] >= kept[-1][1]:
            kept.append(span)
    return kept


_DIGITS = re.compile(r"\d+")


def _groups(plain: str) -> Iterator[list[re.Match[str]]]:
    """Runs of digit groups with nothing but one blank or hyphen between them."""
    run: list[re.Match[str]] = []
    for match in _DIGITS.finditer(plain):
        if run and plain[run[-1].end() : match.start()] not in (" ", "-", "\u00a0", "."):
            yield run
            run = []
        run.append(match)
    if run:
        yield run


_FIRST_DIGITS = frozenset("234569") | frozenset(map(chr, range(0x660, 0x66A)))


def _cards(plain: str) -> list[Span]:
    """13 to 19 digits of a known issuer whose check digit is right (Luhn)."""
    spans: list[Span] = []
    for run in _groups(plain):
        first = 0
        while first < len(run):
            last = _card(run, first)
            if last is not None:
                spans.append((run[first].start(), run[last].end()))
            first = first + 1 if last is None else last + 1
    return spans


def _card(run: list[re.Match[str]], first: int) -> int | None:
    """The index of the group with which a card number ends that begins at `first`."""
    if run[first].group()[0] not in _FIRST_DIGITS:
        return None
    digits = ""
    for last in range(first, min(first + 6, len(run))):  # printed in four or five groups
        digits += run[last].group()
        if len(digits) > 19:
            return None
        if len(digits) >= 13 and _is_card(digits):
            return last
    return None


def _is_card(digits: str) -> bool:
    numbers = [int(digit) for digit in digits]  # any script's digits
    plain = "".join(map(str, numbers))
    length, two, four = len(plain), int(plain[:2]), int(plain[:4])
    issued = (
        (plain[0] == "4" and length in (13, 16, 19))
        or (length == 16 and (51 <= two <= 55 or 2221 <= four <= 2720))
        or (length == 16 and (2200 <= four <= 2204 or four in {9051, 9792}))
        or (length == 15 and two in (34, 37))
        or (length in (16, 19) and (four == 6011 or two in (62, 65) or plain[:3] == "644"))
        or (length > 12 and two in (50, 56, 57, 58, 63, 67))
    )
    if not issued or len(set(plain)) < 2:
        return False
    doubled = [2 * n - 9 * (n > 4) if at % 2 else n for at, n in enumerate(reversed(numbers))]
    return sum(doubled) % 10 == 0


_PHONE = re.compile(
    r"(?<![\w#$€£₽֏₺№+])(?<!\d[.,:=/])\+?[ ]?\(?\d[\d \t\u00a0().\-‐‑–/]{6,60}\d(?![\w%])"
)
_DATE = re.compile(
    r"(?:[0-3]?\d[./-][01]?\d[./-](?:\d{4}|\d\d)|\d{4}[./-][01]?\d[./-][0-3]?\d)(?!\d)"
)
_DECIMALS = re.compile(r"\d{1,3}\.\d{3,}[ ,]+-?\d{1,3}\.\d{3,}")
_ISBN = re.compile(r"(?:ISBN|ISSN|DOI|IBAN)[ :-]{0,3}\Z", re.IGNORECASE)


def _phones(plain: str) -> list[Span]:
    spans: list[Span] = []
    for match in _PHONE.finditer(plain):
        run, start = match.group(), match.start()
        if _ISBN.search(plain, max(0, start - 10), start):
            continue
        if _is_phone(run):
            spans.append(match.span())
        else:
            spans += [(start + first, start + last) for first, last in _phones_in(run)]
    return spans


def _phones_in(run: str) -> Iterator[Span]:
    """Numbers side by side with only a blank between them, each beginning with a 0."""
    if _DATE.search(run):
        return
    groups = [match.span() for match in _DIGITS.finditer(run)]
    at = 0
    while at < len(groups):
        start, end = groups[at][0], 0
        if run[start] == "0":
            ends = [e for _, e in groups[at : at + 6] if _is_phone(run[start:e])]
            end = next(iter(ends), 0)
        if end:
            yield start, end
        at = at + 1 if not end else next(n for n, (_, e) in enumerate(groups) if e == end) + 1


def _is_phone(run: str) -> bool:
    """Whether a run of digits and separators is a phone number: 9 to 15 digits, grouped like one.

    Not dates, years, amounts with blanks or dots in thousands, addresses of machines, coordinates.
    """
    groups = [match.group() for match in _DIGITS.finditer(run)]
    digits = "".join(groups)
    international = run.startswith("+") or digits.startswith("00")
    if not (8 if international else 9) <= len(digits) <= 15:
        return False
    if _DATE.match(run) or _DECIMALS.match(run) or len(set(digits)) < 3:
        return False
    if international:
        return True
    if all(len(group) == 4 and group[0] in "12" for group in groups):
        return False  # 1914-1918 1939-1945
    if len(groups) == 4 and run.count(".") == 3 and all(int(group) < 256 for group in groups):
        return False  # 192.168.100.200
    if len(groups) == 1:
        return digits[0] == "0" or (10 <= len(digits) <= 12 and not digits.endswith("0000"))
    if all(len(group) == 1 for group in groups):
        return digits[0] in "08"  # spelled out digit by digit, and not counting to ten
    thousands = len(groups[0]) <= 3 and all(len(group) == 3 for group in groups[1:])
    if thousands and digits[0] != "0" and "(" not in run and "-" not in run:
        return False  # 331 002 651
    return all(2 <= len(group) <= 7 for group in groups[1:]) and len(groups) <= 6


_STREET = re.compile(
    r"\b(street|avenue|ave|road|rd|lane|drive|boulevard|blvd|square|crescent|terrace|court|"
    r"ул|улица|улице|улицы|проспект|проспекте|пр-т|пр-кт|переулок|переулке|шоссе|бульвар|набережная|"
    r"sokak|sokağı|sokağında|sok|sk|cadde|caddesi|caddesinde|cad|cd|bulvarı|mahallesi|mah|"
    r"փողոց|փողոցի|փող|պողոտա|պողոտայի|պող|խճուղի)\b",
    re.IGNORECASE,
)
_BEFORE_ENGLISH = re.compile(
    r"(?<![\w.,$€£])\d{1,5}[A-Za-z]?,?[ \t]+((?:[A-Za-z][\w.'’-]{0,29}[ \t]+){1,3})\Z"
)
_BEFORE = re.compile(r"(?:[^\W\d_][\w.-]{1,29}[ \t]+){1,2}\Z")
_NUMBER_AFTER = re.compile(
    r"[.]?[ \t]*,?[ \t]*(?:(?:no|numara|дом|д|շենք|շ|տուն|տ|թիվ)\b[ .:]{0,3})?(\d{1,4})(?![\d%])",
    re.IGNORECASE,
)
_NAME_THEN_NUMBER = re.compile(
    r"[.]?[ \t]{1,2}(?:[^\W\d_][\w.-]{1,29}[ \t]?){1,3},?[ \t]*"
    r"(?:(?:дом|д)\b[ .]{0,3})?(\d{1,4})(?!\d)",
    re.IGNORECASE,
)
_TURKISH = frozenset(
    ["sokak", "sok", "sk", "cadde", "caddesi", "caddesinde", "cad", "cd", "mahallesi", "mah"]
)
_RUSSIAN = re.compile(r"[а-я]", re.IGNORECASE)
_FAMOUS = frozenset({"10 downing street", "1600 pennsylvania avenue", "11 downing street"})
"""Offices that the news calls by their address."""


def _addresses(plain: str) -> list[Span]:
    """A house number and a street word, in English, Russian, Turkish or Armenian order."""
    spans: list[Span] = []
    for street in _STREET.finditer(plain):
        word = street.group().lower()
        before = max(0, street.start() - 100)
        if word.isascii() and word not in _TURKISH:
            found = _BEFORE_ENGLISH.search(plain, before, street.start())
            if found is not None and _is_street_name(found.group(1), word):
                span = (found.start(), street.end())
                if " ".join(plain[slice(*span)].lower().split()) not in _FAMOUS:
                    spans.append(span)
            continue
        after = _NUMBER_AFTER.match(plain, street.end())
        name = _BEFORE.search(plain, before, street.start())
        if after is not None and name is not None:
            spans.append((name.start(), after.end(1)))
        elif _RUSSIAN.match(word):
            after = _NAME_THEN_NUMBER.match(plain, street.end())
            if after is not None:
                spans.append((street.start(), after.end(1)))
    return _apart(spans)


def _is_street_name(name: str, street: str) -> bool:
    """Names are capitalised; in small letters only one word before a sure street word counts."""
    words = name.split()
    if all(word[0].isupper() for word in words):
        return True
    sure = street in ("street", "avenue", "boulevard", "lane")
    return sure and len(words) == 1 and words[0].lower() not in ("way", "percent", "lane", "main")
