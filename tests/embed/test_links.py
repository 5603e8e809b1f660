"""Which parts of a comment lead somewhere."""

import pytest

from moderation.embed.links import Part, parts

LINKS = {
    "See https://daily.example/a.": ["https://daily.example/a"],
    "(https://daily.example/a)": ["https://daily.example/a"],
    "https://en.wikipedia.org/wiki/Tram_(vehicle)": [
        "https://en.wikipedia.org/wiki/Tram_(vehicle)"
    ],
    "HTTPS://DAILY.EXAMPLE, http://x.example!": ["HTTPS://DAILY.EXAMPLE", "http://x.example"],
    "javascript:alert(1) data:text/html,x ftp://x.example": [],
    'https://x.example/"onmouseover="a()': ["https://x.example/"],
    "https://[x http://": [],
    "https://x.example/<b>": ["https://x.example/"],
    "daily.example": [],
    "": [],
}


@pytest.mark.parametrize("text", LINKS)
def test_addresses_lead_and_words_do_not(text: str) -> None:
    found = parts(text)
    assert "".join(part.text for part in found) == text
    assert [part.href for part in found if part.href] == LINKS[text]
    assert all(part.href in {None, part.text} for part in found)


def test_words_around_an_address_stay() -> None:
    assert parts("a https://x.example b") == [
        Part("a "),
        Part("https://x.example", "https://x.example"),
        Part(" b"),
    ]


def test_many_of_them_take_no_time() -> None:
    assert len(parts("http://" * 15_000)) == 1
    assert len(parts("https://x.example/(" * 5_000)) >= 1
