"""WordPress: the file of Tools > Export (WXR 1.0 to 1.2)."""

import re
from collections.abc import Iterator
from functools import lru_cache
from typing import IO, Any

from moderation.imports import elements, records
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

SOURCE = "wordpress"
NAMESPACE = re.compile(r"http://wordpress\.org/export/1\.\d+/")
ITEM = "rss/channel/item"
COMMENT = f"{ITEM}/wp:comment"
OF_STORY = [
    f"{ITEM}/{name}"
    for name in (
        "title",
        "link",
        "wp:post_id",
        "wp:comment_status",
        "wp:status",
        "wp:post_password",
    )
]
OF_COMMENT = [
    f"{COMMENT}/wp:comment_{name}"
    for name in (
        "id",
        "author",
        "author_email",
        "user_id",
        "date_gmt",
        "content",
        "approved",
        "type",
        "parent",
    )
]
STOOD = {
    "1": Stood.APPROVED,
    "0": Stood.PENDING,
    "spam": Stood.SPAM,
    "trash": Stood.TRASH,
    "post-trashed": Stood.TRASH,
}
HIDDEN = {"private", "draft", "pending", "future"}
"""How a post stands that readers do not see; of one in the trash the comments are there as well."""
LEFT_OUT = {"pingback": Why.PINGBACK, "trackback": Why.TRACKBACK}
COMMENTS = {"", "comment"}
DATE = re.compile(r"(\d{4}-\d\d-\d\d) (\d\d:\d\d:\d\d)", re.ASCII)


def read(file: IO[bytes], name: str, *, site: str) -> Iterator[Record]:
    """The comments of an export, for the site of that slug. Unreadable as of `elements.read`, and
    for a comment that lacks what it must have."""
    item: dict[str, str] = {}
    story: dict[str, Any] | None = None
    comment: dict[str, str] = {}
    found = elements.read(
        file, name, texts=[*OF_STORY, *OF_COMMENT], around=[ITEM, COMMENT], called=_called
    )
    for element in found:
        if element.path == ITEM:
            item, story = {}, None
        elif element.path == COMMENT:
            story = story or _story(item, name, element.line)
            if _is_public(item):
                yield _comment(story, comment, site, name, element.line)
            else:
                yield LeftOut(Why.NOT_PUBLIC, element.line)
            comment = {}
        else:
            around, _, leaf = element.path.rpartition("/")
            (comment if around == COMMENT else item)[leaf.removeprefix("wp:")] = element.text


@lru_cache(maxsize=1000)
def _called(name: str) -> str:
    namespace, _, local = name.rpartition(" ")
    if not namespace:
        return local
    return f"wp:{local}" if NAMESPACE.fullmatch(namespace) else f"?{local}"


def _story(item: dict[str, str], name: str, line: int) -> dict[str, Any]:
    """The story of an item, as its first comment comes."""
    if "post_id" not in item:
        raise Unreadable(name, line, "a comment stands before the wp:post_id of its story")
    return {
        "id": item["post_id"].strip(),
        "url": page(item.get("link", "")),
        "title": short(plain(item.get("title", "")), TITLE_MAX),
        "closed": item.get("comment_status", "").strip() == "closed",
    }


def _is_public(item: dict[str, str]) -> bool:
    """Whether readers see the item, without a password; a status that a plugin made they do."""
    return item.get("status", "").strip() not in HIDDEN and not item.get("post_password")


def _comment(
    story: dict[str, Any], comment: dict[str, str], site: str, name: str, line: int
) -> Record:
    of = {key.removeprefix("comment_"): text.strip() for key, text in comment.items()}
    kind = of.get("type", "")
    if kind not in COMMENTS:
        return LeftOut(LEFT_OUT.get(kind, Why.OTHER_KIND), line)
    text = plain(of.get("content", ""), breaks=True)
    if not text:
        return LeftOut(Why.NO_WORDS, line)
    parent = of.get("parent", "")
    return records.comment(
        {
            "id": of.get("id", ""),
            "story": story,
            "commenter": {"id": _commenter(of, site), "name": short(of.get("author", ""))},
            "text": text,
            "parent": parent if parent not in {"", "0"} else None,
            "created_at": DATE.sub(r"\1T\2Z", of.get("date_gmt", "")),
            "stood": STOOD.get(of.get("approved", ""), Stood.UNKNOWN),
        },
        file=name,
        line=line,
    )


def _commenter(of: dict[str, str], site: str) -> str:
    """A user by the id that the site knows them by; a guest by what they left."""
    user = of.get("user_id", "")
    if user not in {"", "0"}:
        return user
    return of_guest(site, of.get("author", ""), of.get("author_email", ""))
