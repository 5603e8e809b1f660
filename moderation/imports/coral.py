"""Coral: a folder with what mongoexport makes of its collections, an object a line."""

import json
from collections.abc import Iterator, Mapping, Sequence
from datetime import UTC, datetime
from pathlib import Path
from typing import IO, Any

from moderation.imports import json_lines, records
from moderation.imports.plain_text import plain
from moderation.imports.records import (
    TITLE_MAX,
    Block,
    LeftOut,
    Record,
    Stood,
    Unreadable,
    Why,
    of_name,
    page,
    short,
)
from moderation.imports.shelf import Shelf
from moderation.policy import PolicyError, parse

SOURCE = "coral"
FILES = ("stories.json", "users.json", "comments.json")
"""What must lie in the folder."""
TENANTS = "tenants.json"
"""What may lie there: the settings, with the word lists."""
STOOD = {
    "NONE": Stood.APPROVED,  # published without anybody having looked
    "APPROVED": Stood.APPROVED,
    "REJECTED": Stood.REJECTED,
    "PREMOD": Stood.PENDING,
    "SYSTEM_WITHHELD": Stood.PENDING,
}
Object = Mapping[str, Any]


def read(files: Sequence[IO[bytes]], *, site: str) -> Iterator[Record]:
    """The blocks of users and the comments in these files, opened in the order of FILES, for the
    site of that slug. Unreadable for a line that is no such object."""
    stories, users, comments = files
    with Shelf() as shelf:
        for line, row in _objects(stories, FILES[0]):
            shelf.lay("story", _named(row, "id", FILES[0], line), _story(row))
        for line, row in _objects(users, FILES[1]):
            person = _user(row, FILES[1], line)
            shelf.lay("user", _named(row, "id", FILES[1], line), person)
            yield from _blocks(row, person, line)
        for line, row in _objects(comments, FILES[2]):
            yield _comment(row, shelf, site, line)


def _objects(file: IO[bytes], name: str) -> Iterator[tuple[int, Object]]:
    first = file.read(1)
    file.seek(0)
    if first == b"[":
        raise Unreadable(name, 1, "made with --jsonArray: export it without, an object a line")
    yield from json_lines.objects(file, name)


def _named(row: Object, key: str, file: str, line: int) -> str:
    value = row.get(key)
    if not isinstance(value, str) or not value:
        raise Unreadable(file, line, f"{key} is missing")
    return value


def _within(row: Object, *keys: str) -> Any:
    """What lies that deep in an object; None where nothing does."""
    found: Any = row
    for key in keys:
        if not isinstance(found, Mapping):
            return None
        found = found.get(key)
    return found


def _listed(value: Any) -> list[Any]:
    return value if isinstance(value, list) else []


def _text(row: Object, *keys: str) -> str:
    value = _within(row, *keys)
    return value if isinstance(value, str) else ""


def _moment(value: Any) -> str | None:
    """A date of MongoDB's extended JSON as the API takes one; None where there is none. It is a
    text, or a number of milliseconds, which may be a text in an object of its own."""
    if isinstance(value, Mapping):
        value = value.get("$date")
    if isinstance(value, Mapping):
        value = value.get("$numberLong")
    if isinstance(value, str) and not value.removeprefix("-").isdecimal():
        return value
    if value is None or isinstance(value, bool):
        return None
    try:
        return datetime.fromtimestamp(int(value) / 1000, UTC).isoformat()
    except (TypeError, ValueError, OverflowError, OSError):
        return "?"


def _story(row: Object) -> dict[str, Any]:
    return {
        "id": row["id"],
        "url": page(_text(row, "url")),
        "title": short(_text(row, "metadata", "title"), TITLE_MAX),
        "section": short(_text(row, "metadata", "section")),
        "closed": _moment(row.get("closedAt")) is not None,
    }


def _user(row: Object, file: str, line: int) -> dict[str, str]:
    """By the site's own id, where it has signed them in."""
    own = [
        profile["id"]
        for profile in _listed(row.get("profiles"))
        if _within(profile, "type") == "sso" and _text(profile, "id")
    ]
    return {
        "id": (own or [_named(row, "id", file, line)])[0],
        "name": short(_text(row, "username")),
    }


def _comment(row: Object, shelf: Shelf, site: str, line: int) -> Record:
    file = FILES[2]
    story = shelf.take("story", _text(row, "storyID"))
    if story is None:
        return LeftOut(Why.NO_STORY, line)
    gone = row.get("deletedAt")
    deleted = (_moment(gone) or "?") if gone else None
    stood = Stood.DELETED if deleted else STOOD.get(_text(row, "status"), Stood.UNKNOWN)
    [newest] = _listed(row.get("revisions"))[-1:] or [{}]
    text = plain(_text(newest, "body"), breaks=True) or None
    if text is None and not deleted:
        return LeftOut(Why.NO_WORDS, line)
    author = _text(row, "authorID")
    nobody = {"id": author or of_name(site, ""), "name": ""}
    return records.comment(
        {
            "id": _named(row, "id", file, line),
            "story": story,
            "commenter": shelf.take("user", author) or nobody,
            "text": text,
            "parent": _text(row, "parentID") or None,
            "created_at": _moment(row.get("createdAt")),
            "decided_at": deleted,
            "stood": stood,
        },
        file=file,
        line=line,
    )


# --- who is blocked -------------------------------------------------------------------------


def _blocks(row: Object, person: Mapping[str, str], line: int) -> Iterator[Block]:
    for fields in [*_bans(row), *_suspensions(row)]:
        yield records.block({"commenter": person} | fields, file=FILES[1], line=line)


def _history(row: Object, kind: str) -> list[Object]:
    history = _listed(_within(row, "status", kind, "history"))
    entries = [one for one in history if isinstance(one, Mapping)]
    return sorted(entries, key=lambda one: _moment(one.get("createdAt")) or "")


def _bans(row: Object) -> list[dict[str, Any]]:
    """Bans from everywhere; those from single sites of a Coral are of that Coral."""
    bans: list[dict[str, Any]] = []
    for entry in _history(row, "ban"):
        if entry.get("siteIDs"):
            continue
        at = _moment(entry.get("createdAt"))
        if bans and "ended_at" not in bans[-1]:
            if not entry.get("active"):
                bans[-1]["ended_at"] = at
        elif entry.get("active"):
            bans.append({"reason": _reason(entry, "Banned in Coral"), "blocked_at": at})
    if not bans and _within(row, "status", "ban", "active") is True:
        since = _moment(row.get("createdAt"))
        bans.append({"reason": "Banned in Coral", "blocked_at": since})
    return bans


def _suspensions(row: Object) -> list[dict[str, Any]]:
    return [
        {
            "reason": _reason(entry, "Suspended in Coral"),
            "blocked_at": _moment(_within(entry, "from", "start")),
            "until": _moment(_within(entry, "from", "finish")),
        }
        for entry in _history(row, "suspension")
    ]


def _reason(entry: Object, usual: str) -> str:
    return short(_text(entry, "message"), 500) or usual


# --- word lists -----------------------------------------------------------------------------


def word_lists(folder: Path) -> str:
    """The word lists in Coral's settings as rules of a policy, to be laid under one of its clauses.

    What no rule can have is there as a comment. Unreadable as of `read`, and where there are none.
    """
    with (folder / TENANTS).open("rb") as file:
        rows = [row for _, row in _objects(file, TENANTS)]
    lists = {
        kind: sorted(
            {
                word.strip()
                for row in rows
                for word in _listed(_within(row, "wordList", kind))
                if isinstance(word, str) and word.strip()
            }
        )
        for kind in ("banned", "suspect")
    }
    return "\n".join(
        [
            "# The word lists of Coral, as rules of a policy: lay them under one of its clauses.",
            "# Coral rejects a banned word by itself, and shows a suspect one to a moderator.",
            *_rule("banned-in-coral", lists["banned"], ['outcome = "block"']),
            *_rule("suspect-in-coral", lists["suspect"], []),
            "",
        ]
    )


def _rule(key: str, words: Sequence[str], also: Sequence[str]) -> Iterator[str]:
    fitting = [word for word in words if _fits(word)]
    yield ""
    if fitting:
        yield from ["[[clauses.rules]]", f'key = "{key}"', *also, "[clauses.rules.words]"]
        yield f'"*" = [{", ".join(_quoted(word) for word in fitting)}]'
    else:
        yield f"# {key}: there are none."
    for word in words:
        if word not in fitting:
            yield f"# {key}: no whole word, stem or phrase: {_quoted(word)}"


def _quoted(word: str) -> str:
    return json.dumps(word, ensure_ascii=False)


def _fits(word: str) -> bool:
    """Whether a word list of a policy takes it."""
    clause = f'key = "a"\ntitle = "?"\ntext = "?"\nrules = [{{words = [{_quoted(word)}]}}]'
    try:
        parse(f'title = "?"\ntext = "?"\n[[clauses]]\n{clause}')
    except PolicyError:
        return False
    return True
