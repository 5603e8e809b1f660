"""What a text may say behind its disguises; and what is only itself."""

import json
import time

import pytest
from hypothesis import given
from hypothesis import strategies as st

from config.model import BUNDLED
from worker.common_english import COMMON
from worker.scorers.pictures import spoken, without_harmless
from worker.scorers.readings import readings
from worker.scorers.rude_words import meant_by, rude_words
from worker.scorers.undisguised import undisguised

ANY_TEXT = st.text(st.characters(exclude_categories=()))


def test_readings_begin_with_the_text_as_written() -> None:
    assert readings("I disagree.") == ["I disagree."]
    assert readings("s t u p i d") == ["s t u p i d", "stupid"]
    assert readings("\ud800") == ["?", ""]


@pytest.mark.parametrize(
    ("written", "meant"),
    [
        # letters set apart
        ("you are an i d i o t", "you are an idiot"),
        ("such a m o r o n", "such a moron"),
        ("y o u a r e a n i d i o t", "you are an idiot"),
        ("f.u.c.k off", "fuck off"),
        ("s/h/i/t, (i)(d)(i)(o)(t)", "shit, (idiot)"),
        ("1 d 1 0 t", "idiot"),
        ("i\nd\ni\no\nt", "idiot"),
        ("G E T  L O S T", "GET  LOST"),
        # stars
        ("f**k sh*t i***t b*****d", "fuck shit idiot bastard"),
        ("F*** off, you s###", "fuck off, you shit"),
        ("mother****er, a**hole", "motherfucker, asshole"),
        # digits and signs
        ("1d10t, sh1t and b!tch", "idiot, shit and bitch"),
        ("$h17, 7w47, a$$", "shit, twat, ass"),
        ("k1ll them, y0u m0nster", "kill them, you monster"),
        ("IDIOT, 1D10T", "IDIOT, IDIOT"),
        # letters held down
        ("fuuuuuck", "fuck"),
        ("LOOOOSER, shiiiit, stuuupid", "LOSER, shit, stupid"),
        ("goood, nooo, waaay", "good, no, way"),
        # letters that changed places, vowels left out, words torn in two
        ("idoit, fcuk, bicth, retadred", "idiot, fuck, bitch, retarded"),
        ("fck, btch, bstrd, stfu", "fuck, bitch, bastard, shut the fuck up"),
        ("you bi tch, fu ck this", "you bitch, fuck this"),
        # other alphabets, invisible signs
        ("you \u0440\u0430th\u0435t\u0456\u0441 man", "you pathetic man"),
        ("an id\u200bi\u200bot, ｉｄｉｏｔ", "an idiot, idiot"),
        # what no tokenizer would look into
        ("xyz" * 40 + "moron" + "xyz" * 40, "xyz" * 40 + " moron " + "xyz" * 40),
    ],
)
def test_a_disguise_is_undone(written: str, meant: str) -> None:
    assert readings(written)[-1] == meant


@pytest.mark.parametrize(
    "text",
    [
        "Scunthorpe will assess the classic cocktail; go away, analyst!",
        "B2B and H1N1, M4A1, G7, B-52, the 21st of May 2020, 5GHz, A55",
        "1. e4 e5 2. Nf3 Nc6 3. Bb5 a6",
        "karen55 agrees",
        "Wait! Really! Why!",
        "he'll say who're the Shiites' leaders; it is 'stupid', she said",
        "a looser rule, carp in a lair, King Cnut, the arts",
        "Dick Van Dyke and Moby Dick",
        "FCK won 2-0, said the DEI officer",
        "2*3=6, a *very* good **idea**, as* in the note, G*d bless, Count B***",
        "we ll see, he ll come, don t roll, who re-elected",
        "www, III, kkk",
        "see https://example.org/k1ll/sh1t and www.example.org/1d10t, t0m.b@ex4mple.org",
        "co-op, e-mail, well-being, re-elect",
    ],
)
def test_what_is_no_disguise_stays(text: str) -> None:
    assert undisguised(text) == text


@pytest.mark.parametrize(
    ("written", "joined"),
    [
        ("the U.S.A. and J. R. R. Tolkien", "the USA. and JRR. Tolkien"),
        ("T H E  M A R K E T S", "THE  MARKETS"),
        ("s c u n t h o r p e", "scunthorpe"),
        ("a s s e s s", "assess"),
        ("c o c k t a i l", "cocktail"),
        ("r a t h e r", "rather"),
    ],
)
def test_letters_set_apart_are_the_word_that_they_spell(written: str, joined: str) -> None:
    assert undisguised(written) == joined


def test_no_common_word_is_taken_for_another() -> None:
    """The tokenizer has the commonest words of English whole."""
    vocabulary = json.loads((BUNDLED / "tokenizer.json").read_text())["model"]["vocab"]
    words = {word for word in vocabulary if word.isascii() and word.isalpha()}
    assert len(words) > 20_000
    changed = {word for word in words | COMMON if undisguised(word) != word}
    assert changed <= {"gtfo", "stfu", "viii", "xiii", "ieee"}


def test_a_word_is_listed_once() -> None:
    words = rude_words()
    assert len(words) == len(set(words))
    assert set(words).isdisjoint(meant_by())


@given(ANY_TEXT)
def test_any_text_has_readings_that_can_be_encoded(text: str) -> None:
    found = readings(text)
    assert 1 <= len(found) <= 3
    for reading in found:
        reading.encode("utf-8")


@pytest.mark.parametrize(
    "text",
    [
        "é" + " " * 100_000,
        "\N{PIG FACE}" + " " * 100_000 + "\N{ROSE}",
        "\N{ROSE} " * 50_000,
        "\N{REGIONAL INDICATOR SYMBOL LETTER A}" * 100_000,
        "\N{THUMBS UP SIGN}" + "\U0001f3fd" * 100_000,
        "a " * 50_000 + "ab",
        "a_" * 50_000,
        "$a" * 50_000,
        "a" + "*" * 100_000 + "1",
        "www." * 25_000,
        "www.a " * 16_000,
    ],
    ids=lambda text: ascii(text[:4]),
)
def test_the_longest_texts_take_little_time(text: str) -> None:
    """A second or two; a square of the length would take minutes."""
    began = time.process_time()
    readings(text)
    assert time.process_time() - began < 8


# --- emoji ---


@pytest.mark.parametrize(
    ("written", "meant"),
    [
        ("\N{REVERSED HAND WITH MIDDLE FINGER EXTENDED}\U0001f3fd", "fuck you"),
        ("you \N{CLOWN FACE}\N{CLOWN FACE} \N{CLOWN FACE}!", "you clown !"),
        ("they are \N{PIG FACE}\N{RAT}", "they are pig rat"),
        ("see you soon \N{COFFIN}\ufe0f\N{HOCHO}", "see you soon coffin knife"),
        ("this is \N{PILE OF POO}", "this is shit"),
    ],
)
def test_an_insulting_emoji_is_said_in_words(written: str, meant: str) -> None:
    assert spoken(written) == meant
    assert readings(written)[-1] == meant


def test_letters_that_make_flags_spell_rude_words_and_nothing_else() -> None:
    def flags(letters: str, between: str) -> str:
        return between.join(chr(0x1F1E6 + ord(letter) - ord("a")) for letter in letters)

    for between in ("", " ", "\N{ZERO WIDTH SPACE}"):
        assert readings(f"You are an {flags('idiot', between)}!")[-1] == "You are an idiot !"
    for harmless in ("am", "amrufr", "amgeazruus"):
        assert readings(f"Thank you {flags(harmless, '')}") == ["Thank you"]


@pytest.mark.parametrize(
    "text",
    [
        "Thank you \N{GRINNING FACE}\N{GRINNING FACE}",
        "\N{PARTY POPPER}Thank\N{ROSE}you\N{HEAVY BLACK HEART}\ufe0f",
        "Thank you \N{THUMBS UP SIGN}\U0001f3fd \U0001f1e6\U0001f1f2",
        "Thank you \U0001f468\u200d\U0001f469\u200d\U0001f467",
    ],
)
def test_a_harmless_emoji_is_not_shown_to_the_model(text: str) -> None:
    assert readings(text) == ["Thank you"]


def test_letters_that_are_pictures_and_plain_signs_stay() -> None:
    text = "ⓘⓓⓘⓞⓣ 🅸🅳 → ≤ © ½"
    assert without_harmless(text) == text
