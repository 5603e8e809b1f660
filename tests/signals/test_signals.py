"""What is found in a comment without a model, and what must not be."""

import itertools
import time
from collections.abc import Sequence
from dataclasses import dataclass

import pytest
from hypothesis import given
from hypothesis import strategies as st

from moderation.signals import (
    Signal,
    SignalKind,
    WordList,
    collect,
    fingerprint,
    quoted_spans,
    similarity,
    split_quoted,
)


@dataclass(frozen=True)
class Lists:
    word_lists: tuple[WordList, ...] = ()


LISTS = Lists(
    (
        WordList(
            "words",
            "en",
            ("idiot", "moron*", "ass", "cock", "scum", "fuck*", "nigger", "son of a bitch", "shit"),
        ),
        WordList("words", "tr", ("orospu çocuğu", "siktir*", "göt", "sik", "piç", "şerefsiz*")),
        WordList("words", "ru", ("сука", "дурак", "мудак*", "suka")),
        WordList("words", "hy", ("ապուշ*", "apush")),
        WordList("words", "*", ("1488",)),
    )
)


def signals(
    text: str,
    kind: SignalKind,
    language: str | None = None,
    earlier: Sequence[str] = (),
    parent: str | None = None,
) -> list[Signal]:
    found = collect(
        text, policy=LISTS, language=language, readable={"en"}, earlier=earlier, parent=parent
    )
    return [signal for signal in found if signal.kind is kind]


def words(text: str, language: str | None = None, *, exact: bool, parent: str = "") -> list[str]:
    return [
        text[start:end]
        for signal in signals(text, SignalKind.LISTED_WORD, language, parent=parent)
        if signal.exact is exact
        for start, end in signal.spans
    ]


# --- listed words ---


@pytest.mark.parametrize(
    ("text", "language", "found"),
    [
        ("You idiot!", "en", ["idiot"]),
        ("IDIOT, idiot.", "en", ["IDIOT", "idiot"]),
        ("an idiot's plan, you_idiot", None, ["idiot", "idiot"]),
        ("what morons", "en", ["morons"]),
        ("son of a BITCH", None, ["son of a BITCH"]),
        ("son-of-a-bitch", None, ["son-of-a-bitch"]),
        ("OROSPU ÇOCUĞU", "tr", ["OROSPU ÇOCUĞU"]),
        ("SİKTİR git", "tr", ["SİKTİR"]),
        ("СУКА!", "ru", ["СУКА"]),
        ("ԱՊՈՒՇՆԵՐ", "hy", ["ԱՊՈՒՇՆԵՐ"]),
        ("heil 1488", "de", ["1488"]),
    ],
)
def test_a_listed_word_is_an_exact_match(text: str, language: str | None, found: list[str]) -> None:
    assert words(text, language, exact=True) == found
    assert words(text, language, exact=False) == []


@pytest.mark.parametrize(
    "disguised",
    [
        "idi\u043et",
        "1diot",
        "1d10t",
        "id!ot",
        "idiooot",
        "iiidiot",
        "i d i o t",
        "i.d.i.o.t",
        "i-d-i-o-t",
        "id*ot",
        "i***t",
        "id-iot",
        "id.iot",
        "id\u200biot",
        "ｉｄｉｏｔ",
        "𝓲𝓭𝓲𝓸𝓽",
        "ⓘⓓⓘⓞⓣ",
        "🅸🅳🅸🅾🆃",
        "ídïöt",
        "ɪᴅɪᴏᴛ",
        "a$$",
        "@ss",
        "$hit",
        "f**king",
        "f-ck",
        "fückers",
        "s0n of a b1tch",
        "serefsiz",
        "orospu cocugu",
        "SIKTIR",
        "с у к а",
        "cy\u043aa",
        "дур@к",
        "д*рак",
        "мудааак",
    ],
)
def test_a_disguised_word_is_a_folded_match(disguised: str) -> None:
    text = f"well, {disguised}, then"
    assert disguised in words(text, exact=False)
    assert words(text, exact=True) == []


@pytest.mark.parametrize(
    ("text", "language"),
    [
        ("Scunthorpe and Penistone", "en"),
        ("They assess the class, go away", "en"),
        ("A cocktail for the peacock", "en"),
        ("Niger and Nigeria", "en"),
        ("The A55 road, 455 of them, $100, 1 2 3 4 5 6 7 8", "en"),
        ("a s s e s s", "en"),
        ("I got a pic of it", "en"),
        ("sık sık gelirim, SIK SIK gördüm", "tr"),
        ("Sıktı canımı, göl kıyısı", "tr"),
        ("рассуждать, барсука, дуракаваляние", "ru"),
        ("as\u200bs\u200bess the plan", "en"),
        ("2*3 = 6, e-mail, co-op, well-being", "en"),
    ],
)
def test_other_words_stay_clean(text: str, language: str) -> None:
    assert words(text, language, exact=True) == words(text, language, exact=False) == []


def test_a_list_in_another_language_only_holds() -> None:
    assert words("der moron", "de", exact=True) == []
    assert words("der moron", "de", exact=False) == ["moron"]
    assert words("moron", None, exact=True) == ["moron"]


def test_accents_are_left_out_only_where_the_language_may_be_meant() -> None:
    assert words("serefsiz", "tr", exact=False) == ["serefsiz"]
    assert words("serefsiz", "en", exact=False) == []


def test_a_russian_word_in_a_russian_text_is_no_disguised_english_one() -> None:
    lists = Lists((WordList("words", "en", ("cop",)),))
    word = "\u0441\u043e\u0440"
    for language, expected in (("ru", 0), ("en", 1)):
        found = collect(word, policy=lists, language=language, readable={"en", "ru"}, earlier=())
        assert len(found) == expected


def test_quoted_words_are_never_exact() -> None:
    text = "> you idiot\nThat is not how we talk here."
    assert words(text, "en", exact=True) == []
    assert words(text, "en", exact=False) == ["idiot"]


@pytest.mark.parametrize(
    ("text", "quoted"),
    [
        ("> you idiot\nThat is not how we talk here.", [True]),
        ("> you 1d1ot\nThat is not how we talk here.", [False]),
        ("> you idiot\nYou 1d1ot, that is not how we talk here.", [True, False]),
        ("You are an idiot, and nobody else here.", [False]),
    ],
)
def test_a_listed_word_that_somebody_else_has_written(text: str, quoted: list[bool]) -> None:
    found = signals(text, SignalKind.LISTED_WORD, "en")
    assert [signal.quoted for signal in found] == quoted


# --- links ---


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("see http://a.com/x, and https://b.org.", ["http://a.com/x", "https://b.org"]),
        ("(www.example.com)", ["www.example.com"]),
        ("news.am and t.me/abc bit.ly/x1", ["news.am", "t.me/abc", "bit.ly/x1"]),
        ("hxxp://evil.com сайт.рф", ["hxxp://evil.com", "сайт.рф"]),
        ("example dot com, example[.]org", ["example dot com", "example[.]org"]),
        ("EVIL.COM ｅｖｉｌ．ｃｏｍ", ["EVIL.COM", "ｅｖｉｌ．ｃｏｍ"]),
        ("he knew.It was so.i am, the end.In time", []),
        ("8.am, 3.in, 9.30am, e.g. U.S. a.m. p.m./a.m. 1.5km/h Mr.Smith/Jones", []),
        ("Node.js and report.pdf and/or", []),
        ("write to bob@example.com", []),
    ],
)
def test_links(text: str, found: list[str]) -> None:
    links = signals(text, SignalKind.LINKS)
    assert [text[start:end] for link in links for start, end in link.spans] == found
    assert sum(link.value for link in links) == len(found)


# --- personal data ---


@pytest.mark.parametrize(
    ("text", "kind", "found"),
    [
        ("call +374 55 123456", "phone", ["+374 55 123456"]),
        ("tel:055123456!", "phone", ["055123456"]),
        ("(055) 12-34-56-78", "phone", ["(055) 12-34-56-78"]),
        ("055 123456 091 654321", "phone", ["055 123456", "091 654321"]),
        ("+37455123456 +37491123456", "phone", ["+37455123456", "+37491123456"]),
        ("8 (916) 123-45-67", "phone", ["8 (916) 123-45-67"]),
        ("+1 (212) 555-0147 or so", "phone", ["+1 (212) 555-0147"]),
        ("0532 123 45 67", "phone", ["0532 123 45 67"]),
        ("+374\u200b55\u200b123456", "phone", ["+374\u200b55\u200b123456"]),
        ("０５５１２３４５６", "phone", ["０５５１２３４５６"]),
        ("5,000 people, 1914-1918 1939-1945", "phone", []),
        ("on 2020-05-12 10:30, 12.05.2020-15.06.2021", "phone", []),
        ("331 002 651 people, 1000000000 drams, $1234567890", "phone", []),
        ("192.168.100.200 and 40.1776 44.5126", "phone", []),
        ("ISBN 978-3-16-148410-0", "phone", []),
        ("1 2 3 4 5 6 7 8 9 10 11, 3-1 2-0 1-1 4-2 5-3", "phone", []),
        ("http://a.com/055123456", "phone", []),
        ("4111 1111 1111 1111 exp 12/25", "card", ["4111 1111 1111 1111"]),
        ("5500-0000-0000-0004.", "card", ["5500-0000-0000-0004"]),
        ("4111 1111 1111 1112", "card", []),
        ("bob.smith@example.co.uk.", "email", ["bob.smith@example.co.uk"]),
        ("bob (at) example dot com", "email", ["bob (at) example dot com"]),
        ("bob at example dot com", "email", ["bob at example dot com"]),
        ("we met at example.com, @bob, a@b", "email", []),
        ("I live at 12 Oak Tree Lane", "address", ["12 Oak Tree Lane"]),
        ("at 12 oak street", "address", ["12 oak street"]),
        ("ул. Ленина, д. 5", "address", ["ул. Ленина, д. 5"]),
        ("Тверская улица, 12", "address", ["Тверская улица, 12"]),
        ("Atatürk Caddesi No: 12", "address", ["Atatürk Caddesi No: 12"]),
        ("Աբովյան փողոց 12", "address", ["Աբովյան փողոց 12"]),
        ("10 Downing Street, a 2 way street, 5 years on the road", "address", []),
    ],
)
def test_personal_data(text: str, kind: str, found: list[str]) -> None:
    of_kind = [s for s in signals(text, SignalKind.PERSONAL_DATA) if s.label == kind]
    assert [text[start:end] for signal in of_kind for start, end in signal.spans] == found
    assert not any(signal.exact for signal in of_kind)


# --- repeats ---

LONG = "The minister has sold us all out and nobody in this country cares about it any more"


@pytest.mark.parametrize(
    "other",
    [
        LONG.upper() + "!!!",
        LONG.replace(" ", "  ") + " 2026",
        LONG.replace("minister", "mínister"),
        LONG.replace("o", "\u043e"),
        LONG.replace("minister", "mini\u200bster"),
    ],
)
def test_form_makes_no_difference_to_a_fingerprint(other: str) -> None:
    assert fingerprint(other) == fingerprint(LONG)
    assert similarity(other, LONG) == 1.0


def test_fingerprints_fit_a_signed_column_and_differ() -> None:
    texts = ["", "👍", "👍👍", "a", "b", "5", "6", LONG, LONG + " again", "\ud800"]
    prints = [fingerprint(text) for text in texts]
    assert all(-(2**63) <= number < 2**63 for number in prints)
    assert len({fingerprint(text) for text in texts[1:9]}) == 8


def test_similarity_is_a_share_of_neighbouring_words() -> None:
    changed = LONG.replace("sold", "bought")
    assert similarity(LONG, changed) == pytest.approx(1 - 2 / 16)
    assert similarity(LONG, "Quite another thing was said here by somebody else today") == 0.0
    assert similarity("thanks", "thanks") == similarity("well said my friend", "x") == 0.0
    chinese = (
        "这部长把我们都出卖了而这个国家没有人再关心这件事情了真的是非常让人难过的事情我们怎么办"
    )
    assert similarity(chinese, chinese + "啊") > 0.95


@given(st.text(), st.text())
def test_similarity_is_a_share(a: str, b: str) -> None:
    assert 0.0 <= similarity(a, b) == similarity(b, a) <= 1.0


def test_a_repeat_names_the_closest_earlier_text() -> None:
    (found,) = signals(LONG, SignalKind.REPEAT, "en", ["x", LONG.replace("sold", "bought"), "y"])
    assert found.value == pytest.approx(0.875)
    assert signals("thanks", SignalKind.REPEAT, "en", ["thanks"]) == []


# --- shouting, languages ---


@pytest.mark.parametrize(
    ("text", "share"),
    [
        ("THIS IS A DISGRACE FOR ALL OF US", 1.0),
        ("НЕМЕДЛЕННО ВЕРНИТЕ НАШИ ДЕНЬГИ", 1.0),
        ("This is a disgrace for all of us", None),
        ("NATO, EU, USA", None),
        ("这里没有大小写字母的文字系统也不会被当成喊叫", None),
    ],
)
def test_shouting(text: str, share: float | None) -> None:
    assert [s.value for s in signals(text, SignalKind.SHOUTING, "en")] == (
        [] if share is None else [share]
    )


@pytest.mark.parametrize(
    ("text", "language", "label"),
    [
        ("A sober sentence.", "en", None),
        ("Դու ապուշ ես", "hy", "hy"),
        ("Դու", None, "hy"),
        ("kto tam", None, "unknown"),
        ("👍👍", None, "no-letters"),
        ("+1 100%", "en", "no-letters"),
        ("\u200b\u200b", None, "no-letters"),
        ("A fine article, դու ապուշ ես", "en", "hy"),
        ("A fine article, сука", "en", "unknown"),
        ("The μ of 5 π", "en", None),
        ("An idi\u043et writes", "en", None),  # a disguised word is English all the same
    ],
)
def test_what_the_model_cannot_read(text: str, language: str | None, label: str | None) -> None:
    found = signals(text, SignalKind.LANGUAGE_UNREADABLE, language)
    assert [signal.label for signal in found] == ([] if label is None else [label])


# --- quotes ---

PARENT = "The government will raise taxes by ten percent next year. Everyone must pay."


@pytest.mark.parametrize(
    ("text", "own", "quoted"),
    [
        ("You are wrong", "You are wrong", ""),
        ("> You idiot\nThat is rude", "That is rude", "> You idiot"),
        ("Yes\n> one\n> two\nNo", "Yes\n\nNo", "> one\n> two"),
        (
            "the government will raise taxes by ten percent? Never!",
            "? Never!",
            "the government will raise taxes by ten percent",
        ),
        ("the government will raise taxes", "the government will raise taxes", ""),
        ("> You idiot", "> You idiot", ""),
        (PARENT, PARENT, ""),
    ],
)
def test_quoted_words_are_told_apart(text: str, own: str, quoted: str) -> None:
    assert split_quoted(text, PARENT) == (own, quoted)


# --- whatever is written ---

ANY_TEXT = st.text(st.characters(exclude_categories=()))
CRAFTED = st.text(st.sampled_from("idot1@$*. -\n>aаոI\u200b\u0301\ufe0f🅸055+.com/ТурSIK\ud800\x00"))


@given(st.one_of(ANY_TEXT, CRAFTED), st.one_of(ANY_TEXT, CRAFTED))
def test_any_text_is_survived_and_spans_lie_inside_it(text: str, parent: str) -> None:
    for language in (None, "en", "tr", "ru"):
        found = collect(
            text,
            policy=LISTS,
            language=language,
            readable={"en"},
            earlier=(parent,),
            parent=parent,
        )
        for signal in found:
            assert list(signal.spans) == sorted(signal.spans)
            assert all(0 <= start < end <= len(text) for start, end in signal.spans)
    own, quoted = split_quoted(text, parent)
    assert len(own) + len(quoted) <= 2 * len(text) + 1
    spans = quoted_spans(text, parent)
    assert all(a[1] < b[0] for a, b in itertools.pairwise(spans))
    fingerprint(text)


@pytest.mark.parametrize(
    "unit",
    [
        "a", "a ", "a.", "a@", "@", "1", "1 ", "12 ", "+", "(", "http://", "www.", "a*", "-", "a-",
        "_", ">\n", "> a\nb\n", "\n", "1\t", "1 a a a street ", "ул ", "sokak ", "055123456,",
        "i\u200b", "\u0301\u0316", "idiot ", "аa ", "ապուշ ", "😀", "\ufdfa", "\ud800", " dot ",
        "(at)", "aa.com ", "4111 1111 1111 1111 ", "a'", "x*y ",
    ],
)  # fmt: skip
def test_no_text_makes_it_slow(unit: str) -> None:
    """Ten times the text may take ten times as long, and some; a square would take a hundred."""

    def seconds(length: int) -> float:
        text = (unit * length)[:length]
        timings = []
        for _ in range(2):
            start = time.process_time()
            collect(
                text, policy=LISTS, language=None, readable={"en"}, earlier=(text,), parent=text
            )
            timings.append(time.process_time() - start)
        return min(timings)

    seconds(200)
    assert seconds(10_000) < 30 * seconds(1_000) + 0.05
