"""What is held when it is written plainly is held in disguise as well, and what looks like a
disguise and is none is not held for that."""

import pytest

from config.model import BUNDLED
from tests.obfuscation import CLEAN, FORMS, held, kept, understood
from worker.scorers import onnx
from worker.scorers.onnx import OnnxScorer

LEAST = 0.9
"""Of the recall on plain lines; of the lines, how many must be read as they were meant."""


@pytest.fixture(scope="module")
def scorer() -> OnnxScorer:
    return OnnxScorer(BUNDLED)


@pytest.mark.parametrize("form", FORMS)
def test_a_disguised_line_is_held_like_the_plain_one(scorer: OnnxScorer, form: str) -> None:
    assert kept(scorer, form, seeds=1) >= LEAST


@pytest.mark.parametrize("form", FORMS)
def test_a_disguised_line_is_read_as_it_was_meant(form: str) -> None:
    assert understood(form, seeds=4) >= LEAST


def test_no_clean_line_is_held_because_of_what_was_read_into_it(
    scorer: OnnxScorer, monkeypatch: pytest.MonkeyPatch
) -> None:
    with_readings = held(scorer, CLEAN)
    monkeypatch.setattr(onnx, "readings", lambda text: [text])
    as_written = held(scorer, CLEAN)
    assert [
        line for line, a, b in zip(CLEAN, as_written, with_readings, strict=True) if b and not a
    ] == []
