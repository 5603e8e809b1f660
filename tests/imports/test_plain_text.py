"""A comment's HTML as text."""

import time

import pytest

from moderation.imports.plain_text import plain


@pytest.mark.parametrize(
    ("html", "text"),
    [
        ("<p>One</p><p>Two<br>three</p>", "One\n\nTwo\nthree"),
        ("<div>One</div><div><br></div><div>Two</div>", "One\n\nTwo"),
        ("One\ntwo   three", "One two three"),
        (
            "<blockquote><p>He said</p><p>so</p></blockquote>I did not",
            "> He said\n>\n> so\n\nI did not",
        ),
        (
            "<blockquote>One<blockquote>Two</blockquote></blockquote>",
            "> One\n>\n> > Two",
        ),
        ("<ul><li>One</li><li>Two</li></ul>", "- One\n- Two"),
        ('<a href="https://a.example/b">here</a>!', "here (https://a.example/b)!"),
        ('<a href="https://a.example">https://a.example</a>', "https://a.example"),
        ('<a href="https://a.example"></a>', "https://a.example"),
        ('<a href="mailto:a@b.example">a@b.example</a>', "a@b.example"),
        ('<a href="javascript:alert(1)">here</a>', "here"),
        ('<a title="x">here</a>', "here"),
        ("<b>Bold</b> and <i>not</i>", "Bold and not"),
        ("<script>alert(1)</script><style>p {}</style>Hello<!-- not this -->", "Hello"),
        ('<img src="x" onerror="alert(1)">', ""),
        ("1 &lt; 2 &amp;&amp; 3 &#62; 2 &eacute;", "1 < 2 && 3 > 2 é"),
        ("I <3 trams, 2 < 3", "I <3 trams, 2 < 3"),
        ("<p>Never closed <b>at all", "Never closed at all"),
        ("</p></blockquote>Only closed", "Only closed"),
        ("a&#0;b&#xD800;c", "a\ufffdb\ufffdc"),
        ("&amp;lt;b&amp;gt; is how it is written", "&lt;b&gt; is how it is written"),
        ("", ""),
    ],
)
def test_html_as_text(html: str, text: str) -> None:
    assert plain(html) == text


@pytest.mark.parametrize(
    ("html", "text"),
    [
        ("One\ntwo\r\n\r\nthree", "One\ntwo\n\nthree"),
        ("One<br />\ntwo", "One\ntwo"),
        ("One<br>\r\n<br>two", "One\n\ntwo"),
        ("One <b>two</b>\n\n\n\nthree  ", "One two\n\nthree"),
        ("<p>One</p>\n<p>Two</p>\n", "One\n\nTwo"),
    ],
)
def test_breaks_of_the_source(html: str, text: str) -> None:
    assert plain(html, breaks=True) == text


@pytest.mark.parametrize(
    "html",
    ["<blockquote>" * 16_000 + "end", "a" + " " * 190_000 + "<br> end", "<p>" * 60_000 + "end"],
)
def test_hostile_html_takes_no_time(html: str) -> None:
    began = time.process_time()
    assert plain(html, breaks=True).endswith("end")
    assert time.process_time() - began < 5
