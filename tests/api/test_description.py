"""The API's own description: complete, and readable offline under a strict policy."""

import re
from typing import Any

import pytest
from flask import Flask

from moderation.api.problems import KINDS, Kind
from tests.api.conftest import Caller, a_comment, app_of
from tests.newsroom import Newsroom


@pytest.fixture
def database_url(sqlite_url: str) -> str:
    """One database is enough: the description asks none."""
    return sqlite_url


@pytest.fixture
def spec(app: Flask) -> dict[str, Any]:
    response = app.test_client().get("/api/openapi.json")
    assert response.mimetype == "application/json"
    body: dict[str, Any] = response.get_json()
    return body


def operations(spec: dict[str, Any]) -> list[dict[str, Any]]:
    return [operation for methods in spec["paths"].values() for operation in methods.values()]


def test_openapi_31_with_a_bearer_key(spec: dict[str, Any]) -> None:
    assert spec["openapi"].startswith("3.1")
    [scheme] = spec["components"]["securitySchemes"].values()
    assert (scheme["type"], scheme["scheme"]) == ("http", "bearer")
    assert all(len(operation["security"]) == 1 for operation in operations(spec))
    assert len({operation["operationId"] for operation in operations(spec)}) == 28


def test_every_reference_leads_somewhere(spec: dict[str, Any]) -> None:
    found = set(re.findall(r"'\$ref': '#/components/(\w+)/([^']+)'", str(spec)))

    assert ("schemas", "ProblemDetails") in found
    for part, name in found:
        assert name in spec["components"][part], name


def test_every_refusal_is_a_problem(spec: dict[str, Any]) -> None:
    for operation in operations(spec):
        refusals = {c: r for c, r in operation["responses"].items() if int(c) >= 400}
        assert set(refusals) >= {"401", "403", "404", "429", "500", "503"}
        if "requestBody" in operation:
            assert set(refusals) >= {"400", "413", "415", "422"}
        for code, refusal in refusals.items():
            [media_type] = refusal["content"]
            assert media_type == "application/problem+json"
            assert refusal["content"][media_type]["example"]["status"] == int(code)
            assert refusal["description"]
        assert "Retry-After" in refusals["429"]["headers"]
        assert "WWW-Authenticate" in refusals["401"]["headers"]


def test_every_field_and_parameter_is_described(spec: dict[str, Any]) -> None:
    for operation in operations(spec):
        assert operation["summary"]
        for parameter in operation["parameters"]:
            assert parameter["description"], parameter["name"]
        for code, response in operation["responses"].items():
            assert code == "204" or response["content"]
    names = {parameter["name"] for op in operations(spec) for parameter in op["parameters"]}
    assert "Idempotency-Key" in names


def test_the_operators_limits_stand_in_it(newsroom: Newsroom) -> None:
    app = app_of(newsroom, text_max=77, batch_max=3, public_url="https://m.example/")
    spec = app.test_client().get("/api/openapi.json").get_json()

    schemas = spec["components"]["schemas"]
    assert schemas["Submission"]["properties"]["text"]["maxLength"] == 77
    assert schemas["Edit"]["properties"]["text"]["maxLength"] == 77
    assert schemas["Batch"]["properties"]["comments"]["maxItems"] == 3
    assert spec["servers"] == [{"url": "https://m.example"}]
    daily = Caller(app.test_client(), newsroom.daily_key)
    url = daily.post("/comments", a_comment()).get_json()["url"]
    assert url.startswith("https://m.example/api/v1/sites/the-daily/comments/")


def test_examples_of_posting_are_taken(spec: dict[str, Any], daily: Caller) -> None:
    path = "/api/v1/sites/{site}/"
    for name in ("comments", "comments:batch", "policy"):
        body = spec["paths"][path + name]["post"]["requestBody"]["content"]["application/json"]
        assert daily.post(f"/{name}", body["example"]).status_code in (200, 201, 202), name


def test_the_page_needs_nothing_from_elsewhere(app: Flask, spec: dict[str, Any]) -> None:
    response = app.test_client().get("/api/docs")

    assert response.status_code == 200
    assert response.mimetype == "text/html"
    assert "default-src 'none'" in response.headers["Content-Security-Policy"]
    html = response.text
    assert not re.search(r"<script|\sstyle=|\son\w+=|javascript:|Undefined", html)
    for address in re.findall(r'(?:src|href)="([^"]+)"', html):
        assert address.startswith(("#", "/static/", "/api/")), address
    for address in set(re.findall(r'href="(/static/[^"]+)"', html)):
        with app.test_client().get(address) as file:
            assert file.status_code == 200, address
    for operation in operations(spec):
        assert f'id="{operation["operationId"]}"' in html


def test_links_on_the_page_lead_somewhere(app: Flask) -> None:
    html = app.test_client().get("/api/docs").text
    ids = re.findall(r'\sid="([^"]+)"', html)

    assert len(ids) == len(set(ids))
    assert set(re.findall(r'href="#([^"]+)"', html)) <= set(ids)


@pytest.mark.parametrize("kind", Kind)
def test_every_problem_is_explained_where_its_type_says(kind: Kind, app: Flask) -> None:
    assert f'id="{kind}"' in app.test_client().get("/api/docs").text
    assert KINDS[kind].meaning
