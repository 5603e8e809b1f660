"""The web addresses in a comment, so that they can be followed: the words stay words."""

import re
from typing import NamedTuple
from urllib.parse import urlsplit

ADDRESS = re.compile(r"\bhttps?://[^\s<>\"'`{}|\\^\x00-\x1f\x7f]+", re.IGNORECASE)
TRAILING = ".,;:!?…»”’)]*_~"
"""Signs that end the sentence around an address, and not the address."""


class Part(NamedTuple):
    """A piece of a text. `href` is where it leads, if anywhere."""

    text: str
    href: str | None = None


def parts(text: str) -> list[Part]:
    """The text in pieces, that make the whole of it again when they are put together."""
    found: list[Part] = []
    end = 0
    for match in ADDRESS.finditer(text):
        address = _without_trailing(match[0])
        if not _leads_somewhere(address):
            continue
        if match.start() > end:
            found.append(Part(text[end : match.start()]))
        found.append(Part(address, address))
        end = match.start() + len(address)
    if end < len(text):
        found.append(Part(text[end:]))
    return found


def _without_trailing(address: str) -> str:
    shorter = address.rstrip(TRAILING)
    # https://en.wikipedia.org/wiki/Tram_(vehicle) has its own.
    return shorter + ")" if shorter.count("(") > shorter.count(")") else shorter


def _leads_somewhere(address: str) -> bool:
    try:
        return bool(urlsplit(address).hostname)
    except ValueError:  # brackets that do not close, and the like
        return False
