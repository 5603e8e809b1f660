"""Which language a comment is in, also short, shouted, disguised or romanised."""

import subprocess
import sys

import pytest

from worker.languages import detect


@pytest.mark.parametrize(
    "text",
    [
        "Nice article, thanks!",
        "I agree.",
        "Thanks",
        "So true",
        "Why?",
        "lol",
        "SHUT UP",
        "u r an id1ot",
        "fuck off",
        "You are an idiot",
        "Yоu аre аn іdiоt",  # Cyrillic letters in English words
        "kill them all",
        "Armenians are dogs",
        "Well said, Aram.",
        "Bring back our prisoners",
        "Who is Zakharova?",
        "Russian peacekeepers left Karabakh",
        "The treaty was signed in Washington, but nobody has published the text.",
        "https://example.org/a-story great read",
        "😀 so funny 😀",
    ],
)
def test_english_is_told_even_when_short(text: str) -> None:
    assert detect(text) == "en"


@pytest.mark.parametrize(
    ("text", "language"),
    [
        ("Спасибо за статью!", "ru"),
        ("Вы все идиоты", "ru"),
        ("Мир нужен всем народам региона", "ru"),
        ("Շնորհակալություն հոդվածի համար", "hy"),
        ("Դու ապուշ ես", "hy"),
        ("Bu haber için teşekkürler", "tr"),
        ("Sen bir aptalsın", "tr"),
        ("Çox sağ olun, gözəl məqalədir", "az"),
        ("Merci pour cet article, il est très bien écrit", "fr"),
        ("Vielen Dank für den Artikel", "de"),
        ("מאמר מצוין, תודה רבה", "he"),
        ("მადლობა სტატიისთვის", "ka"),
        ("Ευχαριστώ για το άρθρο", "el"),
    ],
)
def test_other_languages_are_told(text: str, language: str) -> None:
    assert detect(text) == language


@pytest.mark.parametrize(
    "text",
    [
        "inchpes es",
        "du apush es",
        "bolord davachan eq",
        "shat lav hodvats e",
        "es im hayrenik em sirum",
        "vochinch chi haskanum es mardy",
        "ty durak",
        "vse oni vory i predateli",
        "kak vam ne stydno",
        "spasibo za statyu",
        "ya tebya ubyu",
        "nu i durak on",
        "on ne prav a my pravy",
        "chto za bred vy pishete",
    ],
)
def test_romanised_armenian_and_russian_are_never_english(text: str) -> None:
    assert detect(text) != "en"


def test_foreign_words_among_english_ones_count() -> None:
    assert detect("Thank you for the article, и вы все идиоты") == "ru"
    assert detect("I read this in the Հայրենիք paper of my grandfather in Boston last year") == "en"


@pytest.mark.parametrize("text", ["", " ", "...", "1234", "👍👍", "?!", "\ud800", "\x00", "@aram"])
def test_what_has_no_letters_has_no_language(text: str) -> None:
    assert detect(text) is None


def test_loading_it_loads_no_model_runtime() -> None:
    script = (
        "import worker.languages, sys;print('onnxruntime' in sys.modules, 'torch' in sys.modules)"
    )
    done = subprocess.run(
        [sys.executable, "-c", script], capture_output=True, text=True, check=True
    )
    assert done.stdout.split() == ["False", "False"]
