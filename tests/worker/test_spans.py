"""Which words carry a score: found by asking a model about pieces of the text, as it was sent."""

from collections.abc import Mapping, Sequence

import pytest
from hypothesis import given
from hypothesis import strategies as st

from worker.spans import LEFT_OUT, PIECES, SENTENCE, WORDS, carriers, sentences

RUDE = {"fool": 0.8, "f o o l": 0.8, "f00l": 0.8, "clown": 0.75, "трус": 0.7}


class Reader:
    """A model that finds as much insult in a text as its rudest word has, and a little more for
    each other one; and some toxicity in every text."""

    def __init__(self) -> None:
        self.asked: list[str] = []

    def __call__(self, texts: Sequence[str]) -> list[Mapping[str, float]]:
        self.asked += texts
        return [{"insult": self.insult(text), "toxicity": 0.02} for text in texts]

    def insult(self, text: str) -> float:
        found = sorted(value for word, value in RUDE.items() if word in text.lower())
        return min(1.0, found[-1] + 0.05 * (len(found) - 1)) if found else 0.01


def marked(text: str, parent: str | None = None, name: str = "insult") -> list[str]:
    found = carriers(Reader(), text, ["insult"], parent).get(name, [])
    return [text[span.start : span.end] for span in found]


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("You are a fool, Tom.", ["fool"]),
        ("You are a FOOL!", ["FOOL"]),
        ("What a (fool) he is. The trams were late.", ["fool"]),
        ("👍🏽 \u202eyou\u200b are a fool", ["fool"]),
        ("Well.\r\n\r\nA fool, and a clown.", ["fool", "clown"]),
        ("The fool clown speaks", ["fool clown"]),
        ("You f o o l, Tom.", ["f o o l"]),
        ("You f00l", ["f00l"]),
        ("Ты трус, Том", ["трус"]),
        ("fool", ["fool"]),
        ("you", []),
        ("", []),
        (" \n\t", []),
        ("!!! ...", []),
    ],
)
def test_the_words_that_carry_a_score(text: str, expected: list[str]) -> None:
    assert marked(text) == expected


def test_shares_are_of_the_whole_score() -> None:
    text = "A fool, and another fool, both late."
    spans = carriers(Reader(), text, ["insult"])["insult"]
    assert [text[span.start : span.end] for span in spans] == ["fool", "fool"]
    assert spans[0].share == spans[1].share
    assert 0.9 < sum(span.share for span in spans) <= 1.0


def test_each_attribute_has_words_of_its_own() -> None:
    def ask(texts: Sequence[str]) -> list[Mapping[str, float]]:
        return [
            {"insult": 0.9 * ("fool" in text), "threat": 0.2 * ("find" in text)} for text in texts
        ]

    text = "We will find this fool"
    found = carriers(ask, text, ["threat", "insult"])
    words = {name: [text[s.start : s.end] for s in spans] for name, spans in found.items()}
    assert words == {"threat": ["find"], "insult": ["fool"]}
    assert carriers(ask, "A fine day", ["threat", "insult"]) == {}


def test_quoted_words_are_not_the_commenters_own() -> None:
    parent = "you are a fool and always were one"
    assert marked("> You are a fool\nYou clown, Tom.") == ["clown"]
    assert marked(f"Tom said {parent} and I call him a clown", parent) == ["clown"]
    assert marked("> You are a fool") == ["fool"]  # nothing else is there: then it is theirs


def test_a_long_text_is_searched_where_it_is_worst() -> None:
    calm = "The tram was late again and nobody said a word about it. " * 60
    for text in (f"{calm}You fool. {calm}", f"You fool. {calm}", f"{calm}{calm}{calm}You fool."):
        assert marked(text) == ["fool"]


@pytest.mark.parametrize(
    "text",
    [
        "word " * 20_000,
        "x" * 100_000,
        "One fool. " * 10_000,
        "a fool\n" * 14_000,
        "a " * 50_000,
        "….!?" * 25_000,
        "many different words " + " ".join(map(str, range(15_000))),
    ],
    ids=lambda text: text[:10],
)
def test_however_long_a_text_is_it_is_asked_about_few_times(text: str) -> None:
    model = Reader()
    carriers(model, text, ["insult", "toxicity"])
    assert len(model.asked) <= 1 + PIECES + WORDS + LEFT_OUT == 64
    assert len(model.asked) == len(set(model.asked))
    assert sum(map(len, model.asked)) <= 3 * len(text) + 64 * SENTENCE


@given(st.text(max_size=300), st.text(max_size=80) | st.none())
def test_spans_lie_in_the_text_apart_from_each_other(text: str, parent: str | None) -> None:
    found = carriers(Reader(), text, ["insult", "toxicity"], parent)
    for spans in found.values():
        end = 0
        for span in spans:
            assert end <= span.start < span.end <= len(text)
            assert 0.0 <= span.share <= 1.0
            end = span.end


def test_sentences_have_scores_of_their_own() -> None:
    text = "The tram was late. You fool!\nWell…  "
    found = sentences(Reader(), text)
    assert [text[one.start : one.end] for one in found] == [
        "The tram was late.",
        "You fool!",
        "Well…",
    ]
    assert [one.scores["insult"] for one in found] == [0.01, 0.8, 0.01]
    assert sentences(Reader(), "") == []


def test_of_many_sentences_the_worst_stands_alone() -> None:
    text = "Late again. " * 100 + "You fool. " + "Late again. " * 100
    found = sentences(Reader(), text)
    assert len(found) <= PIECES
    [worst] = [one for one in found if one.scores["insult"] > 0.5]
    assert "You fool." in text[worst.start : worst.end]
    assert len(worst.places) < 201 / 7
    places = [place for one in found for place in one.places]
    assert places == sorted(places)
    assert len(places) == 201


def test_what_the_model_raises_is_raised() -> None:
    def ask(texts: Sequence[str]) -> list[Mapping[str, float]]:
        raise RuntimeError("the model has failed")

    with pytest.raises(RuntimeError, match="has failed"):
        carriers(ask, "You fool", ["insult"])
