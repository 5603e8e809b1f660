"""The desk in the moderator's language: what they chose, else what their browser asks for."""

import re
from datetime import timedelta

import pytest
from flask import Flask

from moderation.desk.wording import ago
from moderation.models import Moderator
from moderation.staff import moderators
from tests.desk.conftest import at_desk, words
from tests.desk.visitor import Visitor
from tests.newsroom import NOON, Newsroom

HTML = re.compile(r"<html ([^>]*)>")
PASSWORD = {"en": "Password", "hy": "Գաղտնաբառ", "ru": "Пароль"}
HOSTILE = "%(num)s %s <b>bold</b> {0} %(who)s"


def speak(newsroom: Newsroom, moderator: Moderator, language: str | None) -> None:
    with newsroom.db.transaction() as session:
        moderators.prefer(
            session, moderator.id, language=language, time_zone="UTC", keys="ours", blurs=False
        )


@pytest.mark.parametrize(
    ("language", "tab", "queue"), [("ru", "Ждут", "Очередь"), ("hy", "Սպասում են", "Հերթ")]
)
def test_the_desk_speaks_the_language_that_was_chosen(
    newsroom: Newsroom, desk: Flask, language: str, tab: str, queue: str
) -> None:
    newsroom.held("Only a fool.")
    speak(newsroom, newsroom.ana, language)

    page = at_desk(desk, newsroom.ana).get("/queue", headers={"Accept-Language": "en"})

    found = HTML.search(page.text)
    assert found is not None
    assert f'lang="{language}" dir="ltr"' in found[1]
    assert tab in words(page)
    assert f">{queue}</a>" in page.text
    assert "Only a fool." in words(page)


@pytest.mark.parametrize(
    ("asked", "heading"),
    [
        ("ru-RU,ru;q=0.9,en;q=0.8", "Панель модератора"),
        ("de, hy;q=0.5, en;q=0.4", "Մոդերատորի սեղան"),
        ("en-GB, ru;q=0.5", "Moderation desk"),
        ("de", "Moderation desk"),
        ("*", "Moderation desk"),
        ("\x7f;q=x", "Moderation desk"),
        (None, "Moderation desk"),
    ],
)
def test_before_the_log_in_the_browser_is_asked(
    desk: Flask, asked: str | None, heading: str
) -> None:
    headers = {"Accept-Language": asked} if asked else {}

    assert heading in words(desk.test_client().get("/login", headers=headers))


def test_the_next_one_is_asked_in_theirs(desk: Flask) -> None:
    client = desk.test_client()
    for language in ("ru", "en", "hy", "ru"):
        said = words(client.get("/login", headers={"Accept-Language": language}))
        found = {one for one, word in PASSWORD.items() if word in said}
        assert found == {language}


def test_a_refusal_is_in_that_language_too(ana: Visitor, desk: Flask) -> None:
    russian = {"Accept-Language": "ru"}

    assert "Здесь этого нет" in words(ana.get("/sites/nowhere/policy", headers=russian))
    assert "Здесь этого нет" in words(desk.test_client().get("/nowhere", headers=russian))
    form = {"email": "nobody@daily.test", "password": "not it at all"}
    visitor = Visitor(desk.test_client())
    visitor.get("/login")
    answer = visitor.client.post(
        "/login", data={"csrf_token": visitor.token} | form, headers=russian
    )
    assert "Неверная почта или пароль." in words(answer)


def test_counts_have_the_forms_of_the_language(newsroom: Newsroom, desk: Flask) -> None:
    with desk.test_request_context(headers={"Accept-Language": "ru"}):
        said = [ago(NOON - timedelta(days=days), NOON) for days in (1, 2, 5, 40)]

    assert said == ["1 день назад", "2 дня назад", "5 дней назад", "25 марта"]


@pytest.mark.parametrize("language", ["en", "ru"])
def test_a_name_is_no_format_and_no_markup(newsroom: Newsroom, desk: Flask, language: str) -> None:
    newsroom.held("Only a fool.", commenter={"id": "mallory", "name": HOSTILE})
    speak(newsroom, newsroom.ana, language)
    ana = at_desk(desk, newsroom.ana)

    page = ana.get("/queue")

    assert page.status_code == 200
    assert HOSTILE in words(page)
    assert "<b>bold</b>" not in page.text
    assert "&lt;b&gt;bold&lt;/b&gt;" in page.text
