"""A policy's file as TOML: tables with values, each of its kind, and mistakes by their place."""

import difflib
import math
import re
import tomllib
from collections.abc import Mapping, Sequence
from enum import StrEnum
from typing import TypeVar

from moderation.policy.rules import PolicyError, Problem

MAX_SOURCE_BYTES = 256 * 1024

_BARE_KEY = re.compile(r"[A-Za-z0-9_*-]{1,60}")
_DEEP_HEADER = re.compile(r"\s*\[+(?:[^.\]]*\.){16}")
_DEEP_KEY = re.compile(r"""(?<![\w"'-])(?:[\w"'-]+[ \t]*\.[ \t]*){200}""")
_LINE = re.compile(r"\(at line (\d+), column (\d+)\)")

Table = Mapping[str, object]
_Choice = TypeVar("_Choice", bound=StrEnum)


def tables_of(source: str) -> Table:
    """What stands in this TOML text; `PolicyError` with the line that is none."""
    source = source.removeprefix("\ufeff")
    size = len(source.encode("utf-8", "surrogatepass"))
    if size > MAX_SOURCE_BYTES:
        reason = f"{size:,} bytes, the limit is {MAX_SOURCE_BYTES:,}"
        raise PolicyError([Problem("file", reason)])
    for number, line in enumerate(source.split("\n"), 1):
        if any("\ud800" <= character <= "\udfff" for character in line):
            raise PolicyError([Problem(f"line {number}", "is not valid Unicode text")])
        if _DEEP_HEADER.match(line) or _DEEP_KEY.search(line):
            # tomllib walks the whole path again for each part of such a key, and for every key
            # below such a header: minutes for a file of the size allowed
            raise PolicyError([Problem(f"line {number}", "is nested too deep")])
    try:
        return tomllib.loads(source)
    except RecursionError:
        raise PolicyError([Problem("file", "is nested too deep")]) from None
    except ValueError as error:  # TOMLDecodeError, or Python's own of a number of 5,000 digits
        raise PolicyError([_syntax(str(error), source)]) from None


def _syntax(message: str, source: str) -> Problem:
    found = _LINE.search(message)
    if found is not None:
        reason = f"{_LINE.sub('', message).strip()} (column {found[2]})"
        return Problem(f"line {found[1]}", reason)
    if "at end of document" in message:
        last = source.rstrip("\n").count("\n") + 1
        return Problem(f"line {last}", message.replace("(at end of document)", "").strip())
    return Problem("file", message)


class Values:
    """Reads the values of tables; collects what is wrong with them, each with its place."""

    def __init__(self) -> None:
        self.problems: list[Problem] = []

    def wrong(self, where: str, reason: str) -> None:
        """Note a mistake; what could not be read is left out."""
        self.problems.append(Problem(where, reason))

    def only(self, table: Table, where: str, known: tuple[str, ...], note: str = "") -> None:
        """Refuses keys that nobody would read."""
        for key in table:
            if key in known:
                continue
            also = f"; {note}" if note else ""
            self.wrong(_path(where, key), f"is not known here{_meant(key, known)}{also}")

    def string(self, table: Table, where: str, key: str, limit: int) -> str:
        """Some text, at most `limit` characters of it; empty where there is none."""
        place = _path(where, key)
        if key not in table:
            self.wrong(place, "is missing")
            return ""
        value = table[key]
        if not isinstance(value, str):
            self.wrong(place, f"must be text in quotes, not {kind_of(value)}")
            return ""
        value = value.strip()
        if not value:
            self.wrong(place, "is empty")
        elif len(value) > limit:
            self.wrong(place, f"{len(value):,} characters, the limit is {limit:,}")
            return ""
        elif any((ord(c) < 32 and c not in "\n\r\t") or 127 <= ord(c) < 160 for c in value):
            self.wrong(place, "has a control character in it")
        return value

    def number(self, table: Table, where: str, key: str, least: float, most: float) -> float | None:
        """A number within these bounds; None where there is none."""
        place = _path(where, key)
        if key not in table:
            self.wrong(place, "is missing")
            return None
        value = table[key]
        if isinstance(value, bool) or not isinstance(value, int | float):
            self.wrong(place, f"must be a number from {least:g} to {most:g}, not {kind_of(value)}")
            return None
        if not math.isfinite(value) or not least <= value <= most:
            self.wrong(place, f"must be from {least:g} to {most:g}")
            return None
        return float(value)

    def strings(self, table: Table, where: str, key: str, limit: int) -> list[tuple[str, str]]:
        """The texts of a list that must not be empty, each with its place."""
        place = _path(where, key)
        value = table.get(key)
        if not isinstance(value, list) or not value:
            self.wrong(place, "must be a list of texts with at least one in it")
            return []
        if len(value) > limit:
            self.wrong(place, f"over {limit:,} entries")
            return []
        texts: list[tuple[str, str]] = []
        for n, item in enumerate(value):
            if isinstance(item, str) and item.strip():
                texts.append((f"{place}[{n}]", item.strip()))
            else:
                self.wrong(f"{place}[{n}]", "must be text in quotes, and not empty")
        return texts

    def choices(
        self, table: Table, where: str, key: str, kind: type[_Choice]
    ) -> tuple[_Choice, ...]:
        """Members of an enum, from one text or a list of them."""
        if isinstance(table[key], str):
            table = {key: [table[key]]}
        known = [member.value for member in kind]
        chosen: list[_Choice] = []
        for place, text in self.strings(table, where, key, 100):
            if text in known:
                chosen.append(kind(text))
            else:
                self.wrong(place, f"must be one of {', '.join(known)}{_meant(text, known)}")
        return tuple(dict.fromkeys(chosen))

    def tables(self, table: Table, where: str, key: str, limit: int) -> list[tuple[str, Table]]:
        """The tables under a key, each with its place; none where the key is absent."""
        place = _path(where, key)
        value = table.get(key, [])
        if not isinstance(value, list):
            self.wrong(place, f"must be written [[{_path(_bare(where), key)}]]")
            return []
        if len(value) > limit:
            self.wrong(place, f"{len(value):,} of them, the limit is {limit}")
            return []
        tables: list[tuple[str, Table]] = []
        for n, item in enumerate(value):
            if isinstance(item, dict):
                tables.append((f"{place}[{n}]", item))
            else:
                self.wrong(f"{place}[{n}]", f"must be a table, not {kind_of(item)}")
        return tables


def _meant(text: str, known: Sequence[str]) -> str:
    """Asks whether the one that it is nearly was meant."""
    near = difflib.get_close_matches(text, known, n=1)
    return f"; did you mean {near[0]!r}?" if near else ""


def _path(where: str, key: str) -> str:
    if not _BARE_KEY.fullmatch(key):
        key = repr(key[:60])
    return f"{where}.{key}" if where else key


def _bare(where: str) -> str:
    return re.sub(r"\[\d+\]", "", where)


def kind_of(value: object) -> str:
    """What a TOML value is, in an editor's words."""
    if isinstance(value, bool):
        return "true or false"
    if isinstance(value, int | float):
        return "a number"
    if isinstance(value, str):
        return "text"
    if isinstance(value, list):
        return "a list"
    if isinstance(value, dict):
        return "a table"
    return "a date"
