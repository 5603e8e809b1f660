"""A comment's HTML as text: what made it readable stays, as signs that plain text has for it.

nh3 first makes sense of it as a browser would, and leaves the few elements that mean something
here, balanced; what scripts and styles say goes with them.
"""

import re
from html.parser import HTMLParser

import nh3

from moderation.submission import TEXT_CEILING

BLOCKS = frozenset({"p", "div", "blockquote", "ul", "ol", "pre"})
CLEANER = nh3.Cleaner(
    tags={*BLOCKS, "a", "br", "li"},
    attributes={"a": {"href"}},
    url_schemes={"http", "https", "mailto"},
    link_rel=None,
)
GAP = "\n\n"
HTML_MAX = 2 * TEXT_CEILING
"""Characters. More is not made sense of, and refused as too long where a comment is made of it: the
time that this takes grows with the square of the depth, which nothing else limits."""
QUOTES_MAX = 10
"""Quotes within quotes that are told apart: each puts its sign before every line again."""


def plain(html: str, *, breaks: bool = False) -> str:
    """The text of `html`: paragraphs apart by a blank line, `> ` before what is quoted, `- ` before
    an entry of a list, a link's address in brackets behind its words.

    `breaks`: line breaks of the source are line breaks, as WordPress shows them.
    """
    if len(html) > HTML_MAX:
        return html
    if "<" in html or "&" in html:
        writing = _Writing(breaks=breaks)
        writing.feed(CLEANER.clean(html))
        writing.close()
        html = writing.text()
    elif not breaks:
        html = " ".join(html.split())
    return _even(html)


class _Writing(HTMLParser):
    """Writes the text of balanced HTML."""

    def __init__(self, *, breaks: bool) -> None:
        super().__init__(convert_charrefs=True)
        self._breaks = breaks
        self._quotes: list[list[str]] = [[]]
        """What is written, and in what is quoted, and quoted in that."""
        self._deeper = 0
        self._links: list[tuple[str, int]] = []
        self._broke = False

    def text(self) -> str:
        return "".join(self._quotes[0])

    def handle_starttag(self, tag: str, attributes: list[tuple[str, str | None]]) -> None:
        if tag in BLOCKS:
            self._write(GAP)
        if tag == "blockquote" and len(self._quotes) > QUOTES_MAX:
            self._deeper += 1
        elif tag == "blockquote":
            self._quotes.append([])
        elif tag == "br":
            self._write("\n")
            self._broke = True
        elif tag == "li":
            self._write("\n- ")
        elif tag == "a":
            self._links.append((dict(attributes).get("href") or "", len(self._quotes[-1])))

    def handle_endtag(self, tag: str) -> None:
        if tag == "a" and self._links:
            address, place = self._links.pop()
            words = "".join(self._quotes[-1][place:]).strip()
            if address and address.removeprefix("mailto:") != words:
                self._write(f" ({address})" if words else address)
        elif tag == "blockquote" and self._deeper:
            self._deeper -= 1
        elif tag == "blockquote" and len(self._quotes) > 1:
            quoted = _even("".join(self._quotes.pop()))
            self._write("\n".join(f"> {line}".rstrip() for line in quoted.split("\n")))
        if tag in BLOCKS:
            self._write(GAP)

    def handle_data(self, text: str) -> None:
        if not self._breaks:
            text = re.sub(r"\s+", " ", text)
        elif self._broke:  # "<br>" at the end of a line is one break, and not two
            text = re.sub(r"\A\r?\n", "", text)
        self._write(text)

    def _write(self, text: str) -> None:
        self._quotes[-1].append(text)
        self._broke = False


def _even(text: str) -> str:
    """Without spaces at the ends of lines, and without more than one blank line."""
    lines = text.replace("\r\n", "\n").replace("\r", "\n").split("\n")
    return re.sub(r"\n{3,}", GAP, "\n".join(line.strip() for line in lines)).strip()
