"""Words of strangers on the page: escaped, marked where the evidence lies, nothing hidden."""

import html
import re
import unicodedata

import pytest
from hypothesis import given
from hypothesis import strategies as st

from moderation.desk.marking import Mark, marked, shown


@pytest.mark.parametrize(
    ("text", "spans", "expected"),
    [
        ("a fool", [(2, 6)], "a <mark>fool</mark>"),
        ("<b>&", [(0, 3)], "<mark>&lt;b&gt;</mark>&amp;"),
        ("abcdef", [(0, 3), (2, 5)], "<mark>abcde</mark>f"),
        ("abc", [(1, 99), (-5, 1)], "<mark>abc</mark>"),
        ("abc", [(2, 2), (3, 9), (9, 3)], "abc"),
        ("😀 fool", [(2, 6)], "😀 <mark>fool</mark>"),
        ("one\r\ntwo\rthree", [(5, 8)], "one\n<mark>two</mark>\nthree"),
        ("مرحبا‌بك 👨‍👩‍👧 ١٢٣\u0600", [], "مرحبا‌بك 👨‍👩‍👧 ١٢٣\u0600"),
    ],
)
def test_marks(text: str, spans: list[tuple[int, int]], expected: str) -> None:
    assert marked(text, [Mark(*span) for span in spans]) == expected


@pytest.mark.parametrize(
    ("marks", "expected"),
    [
        ([Mark(2, 6, "insult: 83%")], 'a <mark title="insult: 83%">fool</mark> I'),
        (
            [Mark(2, 6, "y"), Mark(0, 4, "x"), Mark(5, 6)],
            '<mark title="x">a </mark><mark title="x; y">fo</mark><mark title="y">ol</mark> I',
        ),
        ([Mark(2, 6, "insult"), Mark(2, 6, "insult")], 'a <mark title="insult">fool</mark> I'),
        ([Mark(0, 1), Mark(1, 6, "x")], '<mark>a</mark><mark title="x"> fool</mark> I'),
        ([Mark(2, 6, '"><b>')], 'a <mark title="&#34;&gt;&lt;b&gt;">fool</mark> I'),
    ],
)
def test_marks_say_all_that_is_said_of_their_words(marks: list[Mark], expected: str) -> None:
    assert marked("a fool I", marks) == expected


def test_what_cannot_be_seen_is_shown() -> None:
    page = shown("a\u202eb\u00adc\x00d\u2066\ud800")
    for name in ("RLO", "SHY", "U+0000", "LRI", "U+D800"):
        assert f">{name}</span>" in page
    assert page.encode("utf-8")


UNSEEN = re.compile('<span class="unseen" title="[^"<>]+">[^<>]+</span>')


MARK = re.compile('<mark( title="[^"<>]+")?>|</mark>')


@given(
    st.text(), st.lists(st.builds(Mark, st.integers(-3, 30), st.integers(-3, 30), st.text("ab<;")))
)
def test_nothing_of_a_text_is_lost_and_none_of_it_is_html(text: str, marks: list[Mark]) -> None:
    page = MARK.sub("", UNSEEN.sub("", marked(text, marks)))
    assert "<" not in page
    hidden = {"Cc", "Cf", "Cs", "Zl", "Zp"}
    seen = "".join(c for c in text if unicodedata.category(c) not in hidden)
    left = "".join(c for c in html.unescape(page) if unicodedata.category(c) not in hidden)
    assert left == seen
