"""Who may call: the site, by a key in force, with the scope; looked at before the body."""

import re
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from flask import Flask
from sqlalchemy import update

from moderation import site_keys, sites
from moderation.models import ApiKey, Scope
from tests.api.conftest import Caller, a_comment, app_of, key_of, posted, problem
from tests.newsroom import NOON, Newsroom


@pytest.fixture
def database_url(sqlite_url: str) -> str:
    """One database is enough: no query here is its own."""
    return sqlite_url


def operations(app: Flask) -> list[tuple[str, str, str]]:
    """Every operation of the API: method, path with made-up ids, scope."""
    spec = app.test_client().get("/api/openapi.json").get_json()
    made_up = dict.fromkeys(
        ("comment_id", "appeal_id", "notice_id"), "01a2023a-1a08-793d-85ce-c79cbb3caf32"
    )
    made_up["site"] = "the-daily"
    return [
        (
            method.upper(),
            re.sub(r"{(\w+)}", lambda name: made_up.get(name[1], "some-id"), path),
            operation["x-scope"],
        )
        for path, methods in spec["paths"].items()
        for method, operation in methods.items()
    ]


def test_every_route_of_the_api_is_described_and_needs_a_key(app: Flask) -> None:
    routed = {
        (method, rule.rule)
        for rule in app.url_map.iter_rules()
        if rule.rule.startswith("/api/v1")
        for method in (rule.methods or set()) - {"HEAD", "OPTIONS"}
    }
    assert len(operations(app)) == len(routed)
    for method, path, _ in operations(app):
        response = app.test_client().open(path, method=method, data=b"{", content_type="text/plain")

        problem(response, 401, "unauthenticated")
        assert response.headers["WWW-Authenticate"] == 'Bearer realm="comment moderation"'


@pytest.mark.parametrize(
    "header",
    ["Bearer", "Bearer ", "Bearer mod_nobody", "Basic cml0YTpyaXRh", "mod_x", "Bearer caf\u00e9"],
)
def test_what_is_no_key(header: str, app: Flask) -> None:
    response = app.test_client().get(
        "/api/v1/sites/the-daily/decisions", headers={"Authorization": header}
    )

    problem(response, 401, "unauthenticated")
    assert response.headers["WWW-Authenticate"].startswith("Bearer realm=")


def test_a_revoked_key(daily: Caller, newsroom: Newsroom) -> None:
    assert daily.get("/decisions").status_code == 200
    with newsroom.db.transaction() as session:
        site_keys.revoke(session, newsroom.daily, newsroom.daily_key, now=NOON)

    response = daily.get("/decisions")

    problem(response, 401, "unauthenticated")
    assert 'error="invalid_token"' in response.headers["WWW-Authenticate"]


def test_each_operation_needs_its_scope(app: Flask, newsroom: Newsroom) -> None:
    for method, path, scope in operations(app):
        others = [other for other in Scope if other not in (scope, Scope.ADMIN)]
        key = key_of(newsroom, *others)

        response = app.test_client().open(
            path, method=method, headers={"Authorization": f"Bearer {key}"}, data=b"{"
        )

        assert f"`{scope}`" in problem(response, 403, "scope-missing")["detail"]
        assert f'scope="{scope}"' in response.headers["WWW-Authenticate"]


def test_a_key_with_the_one_scope_is_enough(app: Flask, newsroom: Newsroom) -> None:
    submit = Caller(app.test_client(), key_of(newsroom, Scope.SUBMIT))
    read = Caller(app.test_client(), key_of(newsroom, Scope.READ))

    comment_id = posted(submit)

    assert read.get(f"/comments/{comment_id}").status_code == 200
    problem(submit.get(f"/comments/{comment_id}"), 403, "scope-missing")


@pytest.mark.parametrize("site", ["the-evening-post", "no-such-site", "THE-DAILY", "%00"])
def test_another_site_is_not_found(site: str, app: Flask, newsroom: Newsroom) -> None:
    stray = Caller(app.test_client(), newsroom.daily_key, site)

    problem(stray.get("/decisions"), 404, "not-found")
    problem(stray.post("/comments", a_comment()), 404, "not-found")


def test_another_sites_ids_are_not_found(daily: Caller, evening_post: Caller) -> None:
    theirs = posted(evening_post)
    calls: list[Any] = [
        daily.get(f"/comments/{theirs}"),
        daily.put(f"/comments/{theirs}", {"text": "Mine now."}),
        daily.delete(f"/comments/{theirs}"),
        daily.post(f"/comments/{theirs}/flags", {"reader": "omar"}),
        daily.get("/stories/tram-7/comments"),
        daily.post("/stories/tram-7/close"),
        daily.post("/stories/tram-7/open"),
        daily.get("/commenters/rita"),
        daily.post("/commenters/rita/block", {"reason": "rude"}),
        daily.post("/commenters/rita/unblock"),
        daily.post(f"/comments/{theirs}/appeal", {"text": "It was fair."}),
        daily.post("/commenters/rita/appeal", {"text": "It was fair."}),
    ]

    for response in calls:
        problem(response, 404, "not-found")
    assert daily.get("/decisions").get_json()["decisions"] == []
    assert evening_post.get(f"/comments/{theirs}").get_json()["status"] == "received"


@pytest.mark.parametrize("comment_id", ["1", "not-a-uuid", "%00", "a" * 500])
def test_an_id_that_is_none(comment_id: str, daily: Caller) -> None:
    problem(daily.get(f"/comments/{comment_id}"), 404, "not-found")


def test_an_unknown_address_and_a_wrong_method(daily: Caller) -> None:
    problem(daily.get("/nothing"), 404, "not-found")
    response = daily.delete("/decisions")
    problem(response, 405, "method-not-allowed")
    assert "GET" in response.headers["Allow"]


def test_answers_to_a_key_are_not_for_shared_caches(daily: Caller) -> None:
    assert daily.get("/decisions").headers["Cache-Control"] == "no-store"


def test_no_key_is_needed_to_read_the_description(newsroom: Newsroom) -> None:
    client = app_of(newsroom).test_client()

    assert client.get("/api/openapi.json").status_code == 200
    assert client.get("/api/docs").status_code == 200


def test_a_key_in_whose_place_another_came_is_good_until_its_end(
    newsroom: Newsroom, app: Flask
) -> None:
    old = Caller(app.test_client(), newsroom.daily_key)
    moment = datetime.now(UTC)
    with newsroom.db.transaction() as session:
        daily = sites.named(session, "the-daily")
        _, secret = site_keys.rotate(
            session, daily, newsroom.daily_key, ends_at=moment + timedelta(days=7), now=moment
        )
    new = Caller(app.test_client(), secret)
    assert (old.get("/policy").status_code, new.get("/policy").status_code) == (200, 200)
    assert new.get("/commenters/nobody").status_code == 404  # its scopes came along

    with newsroom.db.transaction() as session:
        ended = moment - timedelta(seconds=1)
        session.execute(
            update(ApiKey).where(ApiKey.expires_at.is_not(None)).values(expires_at=ended)
        )

    problem(old.get("/policy"), 401, "unauthenticated")
    assert new.get("/policy").status_code == 200
