"""Words of strangers on the page: escaped, marked where the evidence lies, nothing hidden."""

import html
import re
import unicodedata

import pytest
from hypothesis import given
from hypothesis import strategies as st

from moderation.desk.marking import marked, shown


@pytest.mark.parametrize(
    ("text", "spans", "expected"),
    [
        ("a fool", [(2, 6)], "a <mark>fool</mark>"),
        ("<b>&", [(0, 3)], "<mark>&lt;b&gt;</mark>&amp;"),
        ("abcdef", [(0, 3), (2, 5)], "<mark>abc</mark><mark>de</mark>f"),
        ("abc", [(1, 99), (-5, 1)], "<mark>a</mark><mark>bc</mark>"),
        ("abc", [(2, 2), (3, 9), (9, 3)], "abc"),
        ("😀 fool", [(2, 6)], "😀 <mark>fool</mark>"),
        ("one\r\ntwo\rthree", [(5, 8)], "one\n<mark>two</mark>\nthree"),
        ("مرحبا‌بك 👨‍👩‍👧 ١٢٣\u0600", [], "مرحبا‌بك 👨‍👩‍👧 ١٢٣\u0600"),
    ],
)
def test_marks(text: str, spans: list[tuple[int, int]], expected: str) -> None:
    assert marked(text, spans) == expected


def test_what_cannot_be_seen_is_shown() -> None:
    page = shown("a\u202eb\u00adc\x00d\u2066\ud800")
    for name in ("RLO", "SHY", "U+0000", "LRI", "U+D800"):
        assert f">{name}</span>" in page
    assert page.encode("utf-8")


UNSEEN = re.compile('<span class="unseen" title="[^"<>]+">[^<>]+</span>')


@given(st.text(), st.lists(st.tuples(st.integers(-3, 30), st.integers(-3, 30))))
def test_nothing_of_a_text_is_lost_and_none_of_it_is_html(
    text: str, spans: list[tuple[int, int]]
) -> None:
    page = UNSEEN.sub("", marked(text, spans)).replace("<mark>", "").replace("</mark>", "")
    assert "<" not in page
    hidden = {"Cc", "Cf", "Cs", "Zl", "Zp"}
    seen = "".join(c for c in text if unicodedata.category(c) not in hidden)
    left = "".join(c for c in html.unescape(page) if unicodedata.category(c) not in hidden)
    assert left == seen
