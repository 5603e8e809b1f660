"""Disqus: the file of its Export (XML), threads first, then posts."""

from collections.abc import Iterator
from functools import lru_cache
from typing import IO, Any

from moderation.imports import elements, records
from moderation.imports.elements import Element
from moderation.imports.plain_text import plain
from moderation.imports.records import (
    TITLE_MAX,
    LeftOut,
    Record,
    Stood,
    Unreadable,
    Why,
    of_guest,
    page,
    short,
)
from moderation.imports.shelf import Shelf

SOURCE = "disqus"
ID = "http://disqus.com/disqus-internals id"
THREAD = "disqus/thread"
POST = "disqus/post"
OF_THREAD = [f"{THREAD}/{name}" for name in ("id", "link", "title", "isClosed")]
OF_POST = [
    f"{POST}/{name}"
    for name in (
        "message",
        "createdAt",
        "isApproved",
        "isDeleted",
        "isSpam",
        "thread",
        "parent",
        "author/name",
        "author/email",
        "author/username",
        "author/isAnonymous",
    )
]


def read(file: IO[bytes], name: str, *, site: str) -> Iterator[Record]:
    """The posts of an export, for the site of that slug. Unreadable as of `elements.read`, and for
    a post that lacks what it must have."""
    found = elements.read(
        file, name, texts=[*OF_THREAD, *OF_POST], around=[THREAD, POST], called=_called
    )
    inside: dict[str, Element] = {}
    with Shelf() as shelf:
        for element in found:
            if element.path == THREAD:
                shelf.lay("thread", _id(element, name), _story(element, inside))
                inside = {}
            elif element.path == POST:
                yield _post(shelf, element, inside, site, name)
                inside = {}
            else:
                inside[element.path.removeprefix(f"{THREAD}/").removeprefix(f"{POST}/")] = element


@lru_cache(maxsize=1000)
def _called(name: str) -> str:
    namespace, _, local = name.rpartition(" ")
    return local if namespace in {"", "http://disqus.com"} else f"?{local}"


def _id(element: Element, name: str) -> str:
    found = element.attributes.get(ID, "").strip()
    if not found:
        raise Unreadable(name, element.line, "there is no dsq:id")
    return found


def _text(inside: dict[str, Element], name: str) -> str:
    return inside[name].text.strip() if name in inside else ""


def _story(element: Element, inside: dict[str, Element]) -> dict[str, Any]:
    """By the id that the site has given it, or else by its address."""
    link = _text(inside, "link")
    return {
        "id": _text(inside, "id") or link or f"{SOURCE}:{element.attributes[ID]}",
        "url": page(link),
        "title": short(plain(_text(inside, "title")), TITLE_MAX),
        "closed": _text(inside, "isClosed") == "true",
    }


def _post(
    shelf: Shelf, element: Element, inside: dict[str, Element], site: str, name: str
) -> Record:
    thread = inside["thread"].attributes.get(ID, "") if "thread" in inside else ""
    story = shelf.take("thread", thread)
    if story is None:
        return LeftOut(Why.NO_STORY, element.line)
    stood = _stood(inside)
    text = plain(_text(inside, "message")) or None
    if text is None and stood != Stood.DELETED:
        return LeftOut(Why.NO_WORDS, element.line)
    parent = inside["parent"].attributes.get(ID, "") if "parent" in inside else ""
    return records.comment(
        {
            "id": _id(element, name),
            "story": story,
            "commenter": _commenter(inside, site),
            "text": text,
            "parent": parent or None,
            "created_at": _text(inside, "createdAt"),
            "stood": stood,
        },
        file=name,
        line=element.line,
    )


def _stood(inside: dict[str, Element]) -> Stood:
    """Approved only where everything says so; `isApproved` is there in some exports alone."""
    said = {
        kind: _text(inside, kind) or usual
        for kind, usual in (("isDeleted", ""), ("isSpam", ""), ("isApproved", "true"))
    }
    if said["isDeleted"] == "true":
        return Stood.DELETED
    if said["isSpam"] == "true":
        return Stood.SPAM
    if said["isApproved"] == "false":
        return Stood.PENDING
    clear = said == {"isDeleted": "false", "isSpam": "false", "isApproved": "true"}
    return Stood.APPROVED if clear else Stood.UNKNOWN


def _commenter(inside: dict[str, Element], site: str) -> dict[str, str]:
    """A user of Disqus by the name that is theirs alone; a guest by what they left."""
    name, user = _text(inside, "author/name"), _text(inside, "author/username")
    if user and _text(inside, "author/isAnonymous") != "true":
        return {"id": f"{SOURCE}:{user}", "name": short(name)}
    mail = _text(inside, "author/email")
    return {"id": of_guest(site, name, mail), "name": short(name)}
