"""How well the found words are those that people marked: what counts as marked, and the figures."""

import csv
from collections.abc import Sequence
from pathlib import Path

import pytest
from click.testing import CliRunner

from worker.training.__main__ import training
from worker.training.data import marked_comments
from worker.training.examples import Example

Votes = Sequence[Sequence[tuple[int, int]]]
"""What each annotator marked in one comment."""


def held_out(begins: str) -> str:
    """A text that begins so, and that no training ever saw."""
    return next(text for n in range(999) if Example(text := f"{begins} {n}", {}, "civil").held_out)


FOOL, CALM, SPLIT, TORN = map(held_out, ("You fool, bus", "A bus", "You fool, tram", "You clown"))
LEARNT = next(
    text for n in range(9) if not Example(text := f"You fool, car {n}", {}, "civil").held_out
)


@pytest.fixture
def labelled(tmp_path: Path) -> Path:
    """A folder as the measuring reads it."""
    votes: dict[str, Votes] = {
        FOOL: [[(4, 8)], [(0, 8)], [(4, 8)]],
        CALM: [[], [], [(0, 1)]],
        SPLIT: [[(0, 8)], [(4, 99)], []],
        TORN: [[(0, 3)], [(4, 9)], [(10, 11)]],
        LEARNT: [[(4, 8)], [(4, 8)], [(4, 8)]],
    }
    files: dict[str, list[tuple[object, ...]]] = {
        "civil_comments.csv": [("comment_id", "text"), *enumerate(votes)],
        "civil_annotations.csv": [("annotation", "comment_id")],
        "civil_spans.csv": [("annotation", "type", "start", "end")],
    }
    for number, cast in enumerate(votes.values()):
        for nth, places in enumerate(cast):
            name = f"{number}-{nth}"
            files["civil_annotations.csv"].append((name, number))
            files["civil_spans.csv"] += [(name, "Insult", *place) for place in places]
    for file, rows in files.items():
        with (tmp_path / file).open("w", encoding="utf-8", newline="") as lines:
            csv.writer(lines).writerows(rows)
    return tmp_path


def test_what_half_of_those_marked_who_marked_anything(labelled: Path) -> None:
    found = dict(marked_comments(labelled))
    assert found == {FOOL: {4, 5, 6, 7}, SPLIT: frozenset(range(len(SPLIT)))}


def test_the_figures_are_of_characters(labelled: Path) -> None:
    answer = CliRunner().invoke(training, ["spans", "--data", str(labelled)])
    assert answer.exit_code == 0, answer.output
    lines = answer.output.splitlines()
    assert lines[0] == "2 comments"
    figures = {line[:45].strip(): sorted(map(float, line[45:].split())) for line in lines[1:]}
    of_fool = round(2 * 4 / (len(FOOL) + 4), 3)
    assert figures["everything"] == [of_fool, 1.0]
    assert figures["words from 0.6 of the strongest"][1] > of_fool
