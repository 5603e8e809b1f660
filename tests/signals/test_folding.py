"""Disguises undone, and plain text left alone."""

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from moderation.folding import fold, lower, normalise, script_of, without_invisible

ANY_TEXT = st.text(st.characters(exclude_categories=()))
"""Every code point, lone surrogates and unassigned ones too."""
TRICKY = st.text(
    st.sampled_from("aeioIİı aоеԱօᏴꓮ\u0301\u0316\u0334\u20dd\u200b\u200d\ufe0f❤🅰\ud800\x00>.й́ﷺ")
)


@pytest.mark.parametrize(
    ("written", "plain"),
    [
        ("idi\u043et", "idiot"),  # a Cyrillic o
        ("\u0434\u0443\u0440a\u043a", "дурак"),  # a Latin a
        ("ապnւշ", "ապnւշ".replace("n", "ո")),  # a Latin n
        ("ｉｄｉｏｔ", "idiot"),
        ("𝓲𝓭𝓲𝓸𝓽", "idiot"),
        ("ⓘⓓⓘⓞⓣ", "idiot"),
        ("ɪᴅɪᴏᴛ", "idiot"),
        ("🅸🅳🅸🅾🆃", "IDIOT"),
        ("ꓲꓓꓲꓳꓔ", "IDIOT"),
        ("id\u200bi\u00ado\u2060t", "idiot"),
        ("\u202eidiot\u202c", "idiot"),
        ("i\u0334d\u0337i\u0336o\u0338t\u0334", "idiot"),
        ("i\U000e0041diot", "idiot"),
        ("id\ud800iot\x00", "idiot"),
        ("a\u00a0b\u2028c", "a b\nc"),
    ],
)
def test_a_disguise_is_undone(written: str, plain: str) -> None:
    assert normalise(written) == plain


def test_a_word_of_two_alphabets_is_read_like_its_neighbours() -> None:
    mixed = "рathetіс"  # four letters are Cyrillic, the others can be
    assert normalise(f"you {mixed} man") == "you pathetic man"
    assert normalise(f"ты {mixed} тип") == "ты ратнетіс тип"
    assert normalise(f"you man\n{mixed}") == f"you man\n{normalise(mixed)}"


@pytest.mark.parametrize(
    "text",
    [
        "The minister's naïve plan — “5,000 jobs” by 2030?",
        "сука и соседи: рост ВВП",
        "Հայաստանի Հանրապետություն",
        "İstanbul'da sık sık ağır yük",
        "ЧатGPT и SMSки",
        "می\u200cخواهم",
        "❤\ufe0f\u200d🔥",
        "line one\n\n\tline two",
        "Việt Nam, Ελλάδα, 東京, ไทย",
    ],
)
def test_plain_text_stays(text: str) -> None:
    assert normalise(text) == text


def test_piled_up_accents_are_taken_off() -> None:
    assert normalise("n" + "\u0300\u0316" * 500 + "o") == "ǹ\u0316o"


@given(st.one_of(ANY_TEXT, TRICKY))
@example("e\u0316\u0301\u200b\u0301")
def test_normalising_twice_changes_nothing(text: str) -> None:
    once = normalise(text)
    assert normalise(once) == once


@given(st.one_of(ANY_TEXT, TRICKY))
def test_normalised_text_can_be_encoded_and_keeps_its_letters(text: str) -> None:
    plain = normalise(text)
    plain.encode("utf-8")
    visible = [c for c in without_invisible(text)[0] if c.isalpha()]
    assert not visible or any(c.isalpha() for c in plain)


@given(st.lists(st.one_of(ANY_TEXT, TRICKY).map(lambda text: "".join(text.split()))))
def test_words_folded_together_are_words_folded_apart(words: list[str]) -> None:
    words = [word for word in words if word]
    for language in ("en", "tr", "ru", "hy"):
        together = fold("\n".join(words), language).split("\n")
        assert together == [fold(word, language) for word in words] or not words


@pytest.mark.parametrize(
    ("text", "language", "lowered"),
    [
        ("SIKI İSTANBUL", "tr", "sıkı istanbul"),
        ("SIKI İSTANBUL", "az", "sıkı istanbul"),
        ("I\u0307yi", "tr", "iyi"),
        ("SIKI", "en", "siki"),
        ("Straße", "de", "strasse"),
        ("ԱՊՈՒՇ", "hy", "ապուշ"),
        ("ДУРАК", "ru", "дурак"),
    ],
)
def test_case_is_folded_by_language(text: str, language: str, lowered: str) -> None:
    assert lower(text, language) == lowered


@pytest.mark.parametrize(
    ("text", "language", "folded"),
    [
        ("Crème Brûlée", "en", "creme brulee"),
        ("Łódź, Ørsted", "en", "lodz, orsted"),
        ("SIK ŞEREFSİZ", "tr", "sık şerefsiz"),
        ("ёлка, мой", "ru", "елка, мой"),
        ("c\u043ec", "ru", "сос"),
        ("c\u043ec", "en", "coc"),
        ("\u0441\u043e\u0440", "en", "cop"),  # a whole word passes for another alphabet
        ("привет", "en", "привет"),
    ],
)
def test_folding_goes_further(text: str, language: str, folded: str) -> None:
    assert fold(text, language) == folded


def test_scripts_are_told_apart() -> None:
    assert [script_of(c) for c in "a1я"] == ["Latin", None, "Cyrillic"]
    assert script_of("") is None
