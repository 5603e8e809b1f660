"""Every word that the desk shows goes through gettext: none stands bare in a template, or in the
desk's code."""

import ast
import re
from collections.abc import Iterator
from html.parser import HTMLParser
from pathlib import Path

import pytest
from jinja2 import Environment, nodes

import moderation.desk

CODE = Path(moderation.desk.__file__).parent
TEMPLATES = CODE.parent / "templates" / "desk"
TEMPLATE_NAMES = sorted(path.name for path in TEMPLATES.glob("*.html"))
CODE_NAMES = sorted(path.name for path in CODE.glob("*.py"))
JINJA = Environment(extensions=["jinja2.ext.i18n"], autoescape=True)
WRAPPED = {"_", "gettext", "ngettext", "lazy_gettext", "lazy_ngettext"}
SAID = {"title", "aria-label", "placeholder", "alt"}
"""Attributes whose words people read."""
UNSAID = {"kbd", "code", "script", "style"}
"""What lies inside of these is no language's."""
LETTERS = re.compile(r"[^\W\d_]{2}|\b[aIA]\b")
SENTENCE = re.compile(r"^[A-Z][a-z]+\b.*\s[a-z]|^[A-Z][a-z]+\.$")
"""A literal that looks like a sentence, or the name of something."""
WORDS = re.compile(r"[a-z]{2,} [a-z]{2,}| [a-z]{2,} |[a-z]{2,}\.$")
"""A piece of an f-string that looks like a part of one."""
LITERAL = re.compile(r"""["`]([^"`\n]*)["`]""")
"""A text in the script."""


class Bare(HTMLParser):
    """The words that a page would show as they stand in its template."""

    def __init__(self) -> None:
        super().__init__()
        self.found: list[str] = []
        self.inside: list[str] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.found += [said for name, value in attrs if name in SAID and _said(said := value or "")]
        if tag in UNSAID:
            self.inside.append(tag)

    def handle_endtag(self, tag: str) -> None:
        if tag in self.inside:
            self.inside.remove(tag)

    def handle_data(self, data: str) -> None:
        if not self.inside and _said(data):
            self.found.append(" ".join(data.split()))


def _said(text: str) -> bool:
    return LETTERS.search(text) is not None


def bare_words(source: str) -> list[str]:
    """What stands bare in a template: outside of tags, in an attribute that is read, or as a
    literal in an expression."""
    page, inside = "", ""
    for _, kind, text in JINJA.lex(source):
        if kind.endswith("_begin"):
            inside = kind
        elif kind.endswith("_end"):
            page += "0" if inside == "variable_begin" else ""
            inside = ""
        elif kind == "data":
            page += text
    found = Bare()
    found.feed(page)
    found.close()
    return [*found.found, *_bare_literals(JINJA.parse(source))]


def _bare_literals(node: nodes.Node) -> Iterator[str]:
    if isinstance(node, nodes.Call) and getattr(node.node, "name", "") in WRAPPED:
        for placeholder in node.kwargs:
            yield from _bare_literals(placeholder)
        return
    value = node.value if isinstance(node, nodes.Const) else None
    if isinstance(value, str) and (SENTENCE.search(value) or value.istitle()):
        yield value
    for child in node.iter_child_nodes():
        yield from _bare_literals(child)


@pytest.mark.parametrize("name", TEMPLATE_NAMES)
def test_no_word_stands_bare_in_a_template(name: str) -> None:
    source = (TEMPLATES / name).read_text(encoding="utf-8")

    assert bare_words(source) == []
    # `{% for _ in ... %}` would take gettext's place from there on.
    stored = (one for one in JINJA.parse(source).find_all(nodes.Name) if one.ctx != "load")
    assert WRAPPED.isdisjoint(one.name for one in stored)


@pytest.mark.parametrize("name", TEMPLATE_NAMES)
def test_an_act_has_the_key_that_was_chosen(name: str) -> None:
    source = (TEMPLATES / name).read_text(encoding="utf-8")

    # `keyed` and `hint` know it (moderation/desk/keys.py).
    assert "aria-keyshortcuts" not in source
    assert not re.search(r"<kbd[^>]*>[a-z]</kbd>", source) or name == "help.html"


@pytest.mark.parametrize(
    ("source", "bare"),
    [
        ("<p>{{ _('All of it') }}</p><kbd>Esc</kbd>", []),
        ("<p>Hello {{ name }}</p>", ["Hello 0"]),
        ("<a href='/'{% if here %} aria-current='page'{% endif %}>Queue</a>", ["Queue"]),
        ("<input placeholder='any' name='all of it'>", ["any"]),
        ("{{ 'Next page' if more else _('The end') }}", ["Next page"]),
        ("{{ _('%(who)s left', who='The site') }}", ["The site"]),
    ],
)
def test_what_counts_as_bare(source: str, bare: list[str]) -> None:
    assert bare_words(source) == bare


@pytest.mark.parametrize("name", CODE_NAMES)
def test_no_sentence_stands_bare_in_the_code(name: str) -> None:
    tree = ast.parse((CODE / name).read_text(encoding="utf-8"))

    assert list(_bare_sentences(tree)) == []


@pytest.mark.parametrize("name", CODE_NAMES)
def test_no_sentence_is_looked_up_inside_of_an_f_string(name: str) -> None:
    # pybabel reads over it there: it would never come into a catalogue.
    tree = ast.parse((CODE / name).read_text(encoding="utf-8"))
    strings = (one for one in ast.walk(tree) if isinstance(one, ast.JoinedStr))
    calls = (one for each in strings for one in ast.walk(each) if isinstance(one, ast.Call))

    assert WRAPPED.isdisjoint(getattr(call.func, "id", "") for call in calls)


def _bare_sentences(node: ast.AST) -> Iterator[str]:
    if isinstance(node, ast.Call) and getattr(node.func, "id", "") in WRAPPED:
        return
    if isinstance(node, ast.Expr) and isinstance(node.value, ast.Constant):
        return  # a docstring
    if (
        isinstance(node, ast.Constant)
        and isinstance(node.value, str)
        and SENTENCE.search(node.value)
    ):
        yield node.value
    if isinstance(node, ast.JoinedStr):
        pieces = [str(part.value) for part in node.values if isinstance(part, ast.Constant)]
        yield from (piece for piece in pieces if WORDS.search(piece))
    for child in ast.iter_child_nodes(node):
        yield from _bare_sentences(child)


def test_no_sentence_stands_bare_in_the_script() -> None:
    # They come with the page: data attributes of what says them (layout.html).
    script = (TEMPLATES.parents[1] / "static" / "desk.js").read_text(encoding="utf-8")
    texts = LITERAL.findall(re.sub(r"^\s*//.*$", "", script, flags=re.MULTILINE))

    assert len(texts) > 50
    assert [text for text in texts if SENTENCE.search(text) and text != "use strict"] == []
