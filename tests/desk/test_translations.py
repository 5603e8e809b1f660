"""The catalogues have what the desk says, unharmed, and what is shipped was made of them."""

import io
import re
import subprocess
import sys
from pathlib import Path

import pytest
from babel.messages.catalog import Catalog, Message
from babel.messages.mofile import write_mo
from babel.messages.pofile import read_po

from moderation.desk.translating import ENGLISH, LANGUAGES

ROOT = Path(__file__).parents[2]
CATALOGUES = ROOT / "moderation" / "translations"
TRANSLATED = [language for language in LANGUAGES if language != ENGLISH]
FORMS = {"hy": 2, "ru": 3}
"""How many forms a word has beside numbers."""
PLACEHOLDER = re.compile(r"%(?:\((\w+)\)[sd]|%)")
TAG = re.compile(r"<[^<>]*>")


def read(language: str) -> Catalog:
    with path_of(language).open("rb") as file:
        return read_po(file, locale=language)


def path_of(language: str) -> Path:
    return CATALOGUES / language / "LC_MESSAGES" / "messages.po"


@pytest.fixture(scope="module")
def said(tmp_path_factory: pytest.TempPathFactory) -> Catalog:
    """All that the desk says, gathered as `make translations` gathers it."""
    made = tmp_path_factory.mktemp("said") / "desk.pot"
    options = ["--mapping-file", str(ROOT / "pyproject.toml"), "--keywords", "lazy_gettext"]
    extract = [sys.executable, "-m", "babel.messages.frontend", "--quiet", "extract", *options]
    subprocess.run([*extract, "--output-file", str(made), str(ROOT / "moderation")], check=True)
    with made.open("rb") as file:
        return read_po(file)


def texts(value: str | tuple[str, ...] | list[str] | None) -> list[str]:
    return [value] if isinstance(value, str) else list(value or ())


def is_translated(message: Message | None) -> bool:
    return message is not None and not message.fuzzy and all(texts(message.string))


def translations(language: str) -> list[tuple[str, str]]:
    """Each translated text with the English one that it stands for: plurals with the plural."""
    return [
        (texts(message.id)[-1], text)
        for message in read(language)
        if message.id and is_translated(message)
        for text in texts(message.string)
    ]


def test_every_language_has_its_catalogue() -> None:
    assert sorted(path.name for path in CATALOGUES.iterdir()) == TRANSLATED


@pytest.mark.parametrize("language", TRANSLATED)
def test_what_the_desk_says_is_translated(said: Catalog, language: str) -> None:
    catalogue = read(language)
    missing = [one.id for one in said if one.id and not is_translated(catalogue.get(one.id))]

    assert missing == []


@pytest.mark.parametrize("language", TRANSLATED)
def test_nothing_is_guessed(language: str) -> None:
    catalogue = read(language)

    assert [one.id for one in catalogue if one.id and one.fuzzy] == []
    assert catalogue.num_plurals == FORMS[language]


@pytest.mark.parametrize("language", TRANSLATED)
def test_placeholders_and_tags_are_those_of_the_english(language: str) -> None:
    for english, text in translations(language):
        assert sorted(PLACEHOLDER.findall(text)) == sorted(PLACEHOLDER.findall(english)), text
        assert "%" not in PLACEHOLDER.sub("", text) or "%" in PLACEHOLDER.sub("", english), text
        assert sorted(TAG.findall(text)) == sorted(TAG.findall(english)), text


@pytest.mark.parametrize("language", TRANSLATED)
def test_no_translation_can_leave_its_place_in_a_page(language: str) -> None:
    # Sentences go into pages as they are, also between the quotes of an attribute.
    for _, text in translations(language):
        assert '"' not in text, text
        assert not re.search("[<>&]", TAG.sub("", text)), text


def test_no_english_sentence_can_either(said: Catalog) -> None:
    for message in said:
        for text in texts(message.id):
            assert '"' not in text
            assert not re.search("[<>&]", TAG.sub("", text)), text


@pytest.mark.parametrize("language", TRANSLATED)
def test_the_compiled_catalogue_is_that_one(language: str) -> None:
    compiled = io.BytesIO()
    write_mo(compiled, read(language))

    assert path_of(language).with_suffix(".mo").read_bytes() == compiled.getvalue()
