"""A large XML file, element by element.

By expat itself, and not by defusedxml, which puts its refusals around the same parser: here they
are one handler, the line is at hand, and no tree is built that would have to be cleared again. A
file with a DOCTYPE is refused as it stands, so that there is no entity to expand and none to fetch.
"""

from collections.abc import Callable, Collection, Iterator, Mapping
from dataclasses import dataclass, field
from typing import IO
from xml.parsers import expat

from moderation.imports.records import Unreadable

CHUNK = 65_536
TEXT_MAX = 1_000_000
"""Characters of one element that is read: more are no comment."""
DEPTH_MAX = 100
AT_THE_END = {
    expat.errors.codes[said]
    for said in (
        expat.errors.XML_ERROR_NO_ELEMENTS,
        expat.errors.XML_ERROR_UNCLOSED_TOKEN,
        expat.errors.XML_ERROR_UNCLOSED_CDATA_SECTION,
        expat.errors.XML_ERROR_PARTIAL_CHAR,
    )
}
"""What expat says of a file that was not copied to its end, in words of something else."""


@dataclass(frozen=True, slots=True)
class Element:
    """An element that has been read whole: its path from the root, as `rss/channel/item/title`, its
    text and attributes, and the line on which it began."""

    path: str
    text: str
    attributes: Mapping[str, str]
    line: int


def read(
    file: IO[bytes],
    name: str,
    *,
    texts: Collection[str],
    around: Collection[str],
    called: Callable[[str], str],
) -> Iterator[Element]:
    """The elements with these paths, as they end: `texts` with what stands in them, and those
    `around` them without. `called` makes the name in a path of `namespace name`.

    Unreadable for what is not well-formed XML, or not of the root that the paths begin with.
    """
    parser = expat.ParserCreate(namespace_separator=" ")
    parser.buffer_text = True
    reading = _Reading(name, parser, texts, around, called)
    parser.StartElementHandler = reading.start
    parser.EndElementHandler = reading.end
    parser.CharacterDataHandler = reading.take
    parser.StartDoctypeDeclHandler = reading.refuse_doctype
    more = True
    while more:
        chunk = file.read(CHUNK)
        more = bool(chunk)
        try:
            parser.Parse(chunk, not more)
        except expat.ExpatError as error:
            said = f"not XML: {expat.ErrorString(error.code) or 'cannot be read'}"
            if not more and error.code in AT_THE_END:
                said = "the file ends here, in the middle of it: is it whole?"
            raise Unreadable(name, error.lineno, said) from None
        except (LookupError, ValueError) as error:
            if isinstance(error, Unreadable):
                raise
            raise Unreadable(name, 1, "in an encoding that is not known here") from None
        yield from reading.taken()


@dataclass(slots=True)
class _Open:
    """An element that has begun. `path` is None where nobody wants it, nor anything in it."""

    path: str | None
    line: int
    attributes: Mapping[str, str]
    parts: list[str] = field(default_factory=list)
    length: int = 0


class _Reading:
    """Expat's handlers, and what they have read."""

    def __init__(
        self,
        name: str,
        parser: expat.XMLParserType,
        texts: Collection[str],
        around: Collection[str],
        called: Callable[[str], str],
    ) -> None:
        self._name = name
        self._parser = parser
        self._texts = frozenset(texts)
        self._wanted = self._texts | frozenset(around)
        self._called = called
        # Every step that leads to something wanted: whatever else a file has is not looked at.
        self._steps = {
            path[: place or len(path)]
            for path in self._wanted
            for place in [0, *(i for i, sign in enumerate(path) if sign == "/")]
        }
        self._open: list[_Open] = []
        self._read: list[Element] = []

    def start(self, name: str, attributes: dict[str, str]) -> None:
        if len(self._open) == DEPTH_MAX:
            raise self._unreadable(f"elements lie more than {DEPTH_MAX} deep")
        above = self._open[-1].path if self._open else ""
        path = None
        if above is not None:
            step = f"{above}/{self._called(name)}" if above else self._called(name)
            path = step if step in self._steps else None
        if not self._open and path is None:
            raise self._unreadable("not an export of this kind")
        line = self._parser.CurrentLineNumber
        self._open.append(_Open(path, line, attributes if path in self._wanted else {}))

    def take(self, text: str) -> None:
        current = self._open[-1]
        if current.path not in self._texts:
            return
        current.length += len(text)
        if current.length > TEXT_MAX:
            raise self._unreadable(f"a text is longer than {TEXT_MAX} characters")
        current.parts.append(text)

    def end(self, _name: str) -> None:
        done = self._open.pop()
        if done.path in self._wanted:
            self._read.append(
                Element(str(done.path), "".join(done.parts), done.attributes, done.line)
            )

    def refuse_doctype(self, *_: object) -> None:
        raise self._unreadable("has a DOCTYPE, which no export has: it may define entities")

    def taken(self) -> list[Element]:
        """What has been read since this was asked."""
        taken, self._read = self._read, []
        return taken

    def _unreadable(self, reason: str) -> Unreadable:
        return Unreadable(self._name, self._parser.CurrentLineNumber, reason)
