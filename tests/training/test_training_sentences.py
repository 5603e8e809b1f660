"""Our own labelled sentences, and what is kept out of training."""

from collections import Counter, defaultdict
from pathlib import Path

import pytest

from worker.training import bias, sentences
from worker.training.examples import ATTRIBUTES, Example, without_repeats


@pytest.fixture(scope="module")
def ours() -> list[Example]:
    return sentences.read()


def test_every_line_is_labelled_and_filled(ours: list[Example]) -> None:
    assert len({line.family for line in ours}) > 5_000
    for line in ours:
        assert line.text.strip()
        assert "{" not in line.text
        assert set(line.labels) <= set(ATTRIBUTES)
        assert all(0 <= share <= 1 for share in line.labels.values())


def test_how_severe_an_attack_is_is_not_said(ours: list[Example]) -> None:
    for line in ours:
        bad = max(line.labels.values()) >= 0.5
        assert ("severe_toxicity" in line.labels) is not bad


def test_a_line_is_held_out_in_all_its_fillings(ours: list[Example]) -> None:
    families = defaultdict(set)
    for line in ours:
        families[line.family].add((line.held_out, line.for_fitting))
    assert all(len(seen) == 1 for seen in families.values())


def test_of_a_kind_that_is_held_back_nothing_is_trained_on(ours: list[Example]) -> None:
    kinds = {line.kind for line in ours}
    assert kinds >= sentences.HELD_BACK, sorted(sentences.HELD_BACK - kinds)
    assert all(line.held_out for line in ours if line.kind in sentences.HELD_BACK)
    bad = Counter(
        max(line.labels.values()) >= 0.5 for line in ours if line.kind in sentences.HELD_BACK
    )
    assert min(bad.values()) > 100


def test_what_is_held_out_is_about_one_line_in_fifteen(ours: list[Example]) -> None:
    rest = {line.family: line.held_out for line in ours if line.kind not in sentences.HELD_BACK}
    assert 1 / 20 < sum(rest.values()) / len(rest) < 1 / 11


@pytest.mark.parametrize(
    ("group", "said"),
    [
        (
            'labels = { anger = 1.0 }\ntexts = "Grr."',
            r"some\.toml, a kind: no attribute \['anger'\]",
        ),
        ('labels = {}\ntexts = "{planet} is far."', r"no list in slots\.toml for \['planet'\]"),
    ],
)
def test_a_mistake_is_named(tmp_path: Path, group: str, said: str) -> None:
    (tmp_path / "slots.toml").write_text('people = ["Turks", "Armenians"]')
    (tmp_path / "some.toml").write_text(f'[[group]]\nkind = "a kind"\n{group}\n')
    with pytest.raises(ValueError, match=said):
        sentences.read(tmp_path)


def test_texts_that_are_only_reported_on_are_left_out_whatever_their_capitals() -> None:
    kept = without_repeats(
        [Example(text, {}, "x") for text in ("One.", "Two", "TWO!", "Three")], but=["three"]
    )
    assert [each.text for each in kept] == ["One.", "Two"]


def test_every_group_is_said_the_same_of(ours: list[Example]) -> None:
    terms, said = bias.sentences()
    assert len(set(terms)) == len(terms) >= 30
    assert len({len(texts) for texts in said}) == 1
    known = {line.text for line in ours}
    assert not known & {text for texts in said for text in texts}
