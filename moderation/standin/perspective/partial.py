"""Partial answers: the parameter `fields`, as Google's services take it.

`languages,attributeScores/TOXICITY/summaryScore(value)`: paths with commas between them, what lies
below a name behind a slash or in brackets; `*` is every name of its level.
"""

import re
from collections import deque
from typing import Any

Path = tuple[str, ...]
"""Names from the top of an answer downwards; all that lies below the last one is wanted."""
EVERYTHING: list[Path] = [()]
LONGEST = 500
"""Characters. Every bracket is a call within a call."""
_TOKEN = re.compile(r"[A-Za-z0-9_@.*-]+|[,/()]")
_SIGNS = frozenset(",/()")


class BadFields(ValueError):
    """No such selection of fields."""


def paths(fields: str) -> list[Path]:
    """The fields that are named. BadFields for what names none."""
    tokens = deque(_TOKEN.findall(fields) if len(fields) <= LONGEST else [])
    if "".join(tokens) != "".join(fields.split()):
        raise BadFields
    found = _several(tokens)
    if tokens:
        raise BadFields
    return found


def _several(tokens: deque[str]) -> list[Path]:
    found = _one(tokens)
    while _is_next(",", tokens):
        found += _one(tokens)
    return found


def _one(tokens: deque[str]) -> list[Path]:
    if not tokens or tokens[0] in _SIGNS:
        raise BadFields
    name = tokens.popleft()
    below: list[Path] = [()]
    if _is_next("/", tokens):
        below = _one(tokens)
    elif _is_next("(", tokens):
        below = _several(tokens)
        if not _is_next(")", tokens):
            raise BadFields
    return [(name, *path) for path in below]


def _is_next(sign: str, tokens: deque[str]) -> bool:
    """Whether it is; then it is taken."""
    found = bool(tokens) and tokens[0] == sign
    if found:
        tokens.popleft()
    return found


def chosen(answer: Any, wanted: list[Path]) -> Any:
    """What is wanted of an answer; of a list, the same of each member."""
    if () in wanted or not isinstance(answer, dict | list):
        return answer
    if isinstance(answer, list):
        return [chosen(one, wanted) for one in answer]
    below = {name: [path[1:] for path in wanted if path[0] in (name, "*")] for name in answer}
    return {name: chosen(value, below[name]) for name, value in answer.items() if below[name]}
