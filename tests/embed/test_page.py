"""The plain page as it is asked for: what stands in its headers, and who may post to it."""

import re

import pytest
from flask import Flask
from werkzeug.test import TestResponse

from tests.embed.conftest import ORIGIN, app_of, let_in, signed
from tests.newsroom import Newsroom

PATH = "/embed/the-daily/tram-7"


@pytest.fixture
def database_url(sqlite_url: str) -> str:
    """One database is enough: the acts are the script's, and tested there on both."""
    return sqlite_url


def field(answer: TestResponse, name: str) -> str:
    found = re.search(f'name="{name}" value="([^"]*)"', answer.text)
    assert found, answer.text
    return found[1]


def test_only_the_sites_pages_frame_it_and_nothing_runs_there(app: Flask) -> None:
    answer = app.test_client().get(PATH)
    policy = answer.headers["Content-Security-Policy"]
    assert policy == (
        "default-src 'none'; style-src 'self'; form-action 'self'; base-uri 'none';"
        " frame-ancestors https://daily.example"
    )
    assert answer.headers["Cache-Control"] == "no-store"
    assert "Set-Cookie" not in answer.headers


def test_a_story_whose_id_has_a_slash(newsroom: Newsroom, app: Flask) -> None:
    newsroom.approved("Under it.", story={"id": "2026/05/tram"})
    assert "Under it." in app.test_client().get("/embed/the-daily/2026/05/tram").text


def test_guests_have_no_form_once_they_are_switched_off(newsroom: Newsroom, app: Flask) -> None:
    client = app.test_client()
    form = {"act": "post", "name": "Omar", "text": "Well said."}
    form["guest"] = field(client.get(PATH), "guest")
    theirs = client.post(PATH, data=form, headers={"Origin": ORIGIN})
    assert 'value="edit"' in theirs.text
    let_in(newsroom, ORIGIN, guests=False)
    theirs = client.post(PATH, data={"guest": form["guest"]}, headers={"Origin": ORIGIN})
    assert "Well said." in theirs.text
    assert 'value="edit"' not in theirs.text


def test_it_speaks_the_language_that_is_asked_for(app: Flask) -> None:
    client = app.test_client()
    assert '<html lang="en"' in client.get(PATH).text
    assert '<html lang="ru"' in client.get(PATH, headers={"Accept-Language": "ru"}).text
    assert (
        '<html lang="hy"'
        in client.get(f"{PATH}?lang=hy-AM", headers={"Accept-Language": "ru"}).text
    )
    assert '<html lang="en"' in client.get(f"{PATH}?lang=../../x").text


def test_a_form_is_taken_from_its_own_page_and_the_sites(app: Flask) -> None:
    client = app.test_client()
    form = {"act": "post", "name": "Omar", "text": "Well said."}
    form["guest"] = field(client.get(PATH), "guest")
    for origin in ("http://localhost", ORIGIN):
        answer = client.post(PATH, data=form, headers={"Origin": origin})
        assert answer.status_code == 200
        assert "is being checked" in answer.text
    for origin in ("https://evil.example", "null", "http://localhost:81", "http://["):
        answer = client.post(PATH, data=form, headers={"Origin": origin})
        assert answer.status_code == 403
        assert "This page may not send comments here." in answer.text
    assert client.post(PATH, data=form).status_code == 403


def test_a_form_that_is_sent_again_is_one_comment(newsroom: Newsroom, app: Flask) -> None:
    client = app.test_client()
    page = client.get(PATH)
    form = {"act": "post", "name": "Omar", "text": "Once."}
    form |= {name: field(page, name) for name in ("guest", "key")}
    for _ in range(2):
        answer = client.post(PATH, data=form, headers={"Origin": ORIGIN})
        assert answer.text.count("Your comment has come in") == 2  # said, and in one's own list
    newsroom.judge()
    assert client.get(PATH).text.count('class="name"') == 1


def test_the_sites_page_hands_its_reader_over_by_a_form(newsroom: Newsroom) -> None:
    secret = let_in(newsroom, ORIGIN, guests=False)
    client = app_of(newsroom).test_client()
    assert "<textarea" not in client.get(PATH).text
    token = signed(secret)
    shown = client.post(PATH, data={"token": token}, headers={"Origin": ORIGIN})
    assert "You write as Rita." in shown.text
    assert field(shown, "token") == token
    late = signed(secret, iat=1, exp=300)
    shown = client.post(PATH, data={"token": late}, headers={"Origin": ORIGIN})
    assert (shown.status_code, "Your log-in has run out." in shown.text) == (200, True)
    turned = client.post(
        PATH, data={"token": late, "act": "post", "text": "Mine."}, headers={"Origin": ORIGIN}
    )
    assert turned.status_code == 401
    assert "Your log-in has run out." in turned.text


@pytest.mark.parametrize(
    "fields",
    [
        {"act": "edit", "comment": "no"},
        {"act": "report", "comment": "00000000-0000-0000-0000-000000000000"},
        {"act": "appeal"},
    ],
)
def test_what_names_no_comment_is_said(app: Flask, fields: dict[str, str]) -> None:
    client = app.test_client()
    form = fields | {"guest": field(client.get(PATH), "guest"), "text": "x", "reason": "spam"}
    answer = client.post(PATH, data=form, headers={"Origin": ORIGIN})
    assert answer.status_code == 404
    assert "That comment is not here any more." in answer.text


def test_what_is_not_there(app: Flask) -> None:
    client = app.test_client()
    for path in ("/embed/nowhere/tram-7", "/embed/the-evening-post/tram-7", "/embed/The%20Daily/x"):
        answer = client.get(path)
        assert answer.status_code == 404
        assert "There are no comments at this address." in answer.text
        assert "frame-ancestors 'none'" in answer.headers["Content-Security-Policy"]
    assert client.get(f"{PATH}?after=x").status_code == 422
    assert client.get("/embed/the-daily/a%00b").status_code == 404


def test_the_script_and_its_styles_are_kept_by_browsers_for_a_while(app: Flask) -> None:
    client = app.test_client()
    for path, kind in (("/embed.js", "text/javascript"), ("/embed.css", "text/css")):
        answer = client.get(path)
        assert (answer.status_code, answer.mimetype) == (200, kind)
        assert answer.headers["Cache-Control"] == "public, max-age=300"
        assert answer.headers["Cross-Origin-Resource-Policy"] == "cross-origin"
        again = client.get(path, headers={"If-None-Match": answer.headers["ETag"]})
        assert again.status_code == 304
    assert len(client.get("/embed.js").data) < 30_000
