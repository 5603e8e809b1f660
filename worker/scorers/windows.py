"""How long a text a transformer can read at once, and how a longer one is cut."""

from collections.abc import Iterator, Sequence
from typing import Any


def longest_input(config: Any) -> int:
    """Tokens that an architecture's positions allow, from its transformers config.

    RoBERTa and XLM-R count positions from behind the padding token's number, and lose those before.
    """
    positions = int(config.max_position_embeddings)
    if config.model_type in ("roberta", "xlm-roberta"):
        return positions - int(config.pad_token_id) - 1
    return positions


def windows(readings: Sequence[Sequence[int]], room: int, overlap: int) -> list[tuple[int, ...]]:
    """What a model must see of a text's readings, given as token ids: each window once.

    A window has at most `room` tokens and shares `overlap` of them with the next, so that a word of
    no more tokens is whole in one of them. The first reading is cut from end to end. Of another
    only those windows count in which it differs from the first: what was read once is not read
    again because it stands a few tokens further on. Readings that differ in nothing that the
    tokenizer sees (capitals, say) are one.
    """
    first, *others = readings
    found = dict.fromkeys(_cut(first, room, overlap, 0, len(first)))
    for other in others:
        if list(first) != list(other):
            found |= dict.fromkeys(_cut(other, room, overlap, *_difference(first, other)))
    return list(found)


def windows_by(tokenizer: Any, text: str, window: int, overlap: int) -> list[list[int]]:
    """The text as a tokenizer of transformers cuts it, from end to end: token ids, the tokenizer's
    own marks around each window counted in its length."""
    cut: list[list[int]] = tokenizer(
        [text],
        truncation=True,
        max_length=window,
        stride=overlap,
        return_overflowing_tokens=True,
    )["input_ids"]
    return cut


def _cut(
    ids: Sequence[int], room: int, overlap: int, start: int, end: int
) -> Iterator[tuple[int, ...]]:
    """The windows that have any of the tokens from `start` to `end`; at least one."""
    step = room - overlap
    last = max(0, -(-(len(ids) - room) // step))
    nearest = max(0, -(-(start + 1 - room) // step))
    for number in range(min(nearest, last), last + 1):
        if number * step >= end and number > nearest:
            break
        yield tuple(ids[number * step : number * step + room])


def _difference(first: Sequence[int], other: Sequence[int]) -> tuple[int, int]:
    """From where to where `other` differs: what is before and behind stands in `first` as well."""
    most = min(len(first), len(other))
    start = next((at for at in range(most) if first[at] != other[at]), most)
    behind = 0
    while behind < most - start and first[-1 - behind] == other[-1 - behind]:
        behind += 1
    return start, len(other) - behind
