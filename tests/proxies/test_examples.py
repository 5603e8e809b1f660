"""The examples of docs/proxies/ keep their promises, with a real nginx and a real Caddy."""

import json
import re
import ssl
import time

import pytest
from playwright.sync_api import Browser, expect

from tests import services
from tests.api.conftest import a_comment
from tests.desk.conftest import sign_in
from tests.newsroom import Newsroom
from tests.proxies.conftest import PROXIES, Behind, Proxied

LIES = {
    "X-Forwarded-For": "198.51.100.66",
    "X-Forwarded-Proto": "http",
    "X-Forwarded-Host": "evil.example",
    "X-Forwarded-Port": "666",
    "X-Forwarded-Prefix": "/evil",
    "Forwarded": "for=198.51.100.66;host=evil.example",
}
SECRET = "mouse-in-the-query"  # noqa: S105 - a word to look for


def test_what_the_client_says_of_itself_is_replaced(proxied: Proxied) -> None:
    answer = proxied.call("POST", "/comments", a_comment(), LIES)

    assert answer.status == 202
    assert answer.json()["url"].startswith(f"{proxied.address}/api/v1/sites/the-daily/comments/")
    assert answer.headers["Location"] == answer.json()["url"]
    [heard] = proxied.arrived
    assert heard["X_FORWARDED_FOR"] == "127.0.0.1"
    assert heard["X_FORWARDED_PROTO"] == "https"
    assert heard["X_FORWARDED_HOST"] == f"localhost:{proxied.port}"
    assert not {"FORWARDED", "X_FORWARDED_PORT", "X_FORWARDED_PREFIX"} & set(heard)


def test_guessing_passwords_under_many_addresses_does_not_help(proxied: Proxied) -> None:
    statuses = []
    for number in range(3):
        page = proxied.ask("GET", "/login")
        token = re.search(rb'name="csrf_token" value="([^"]+)"', page.body)
        assert token
        answer = proxied.ask(
            "POST",
            "/login",
            f"csrf_token={token[1].decode()}&email=n{number}@daily.example&password=no".encode(),
            {
                "Content-Type": "application/x-www-form-urlencoded",
                "Cookie": page.headers["Set-Cookie"].split(";")[0],
                "Referer": f"{proxied.address}/login",
                "X-Forwarded-For": f"198.51.100.{number}",
            },
        )
        statuses.append(answer.status)
    assert statuses == [403, 403, 429]


@pytest.mark.browser
def test_a_moderator_decides_over_https(
    on_sqlite: Newsroom, proxied: Proxied, browser: Browser
) -> None:
    on_sqlite.held()
    context = browser.new_context(ignore_https_errors=True)
    try:
        page = context.new_page()
        sign_in(page, proxied.address, on_sqlite.ana)
        assert {(c["name"], c["secure"], c["path"]) for c in context.cookies()} == {
            ("__Host-desk", True, "/"),
            ("__Host-desk-forms", True, "/"),
        }
        page.locator("[data-act=approve]").click()
        expect(page.locator("article.done")).to_have_count(1)
        page.click("text=Log out")
        page.wait_for_url(f"{proxied.address}/login")
    finally:
        context.close()


def test_http_leads_to_https_and_https_says_so(proxied: Proxied) -> None:
    plain = proxied.ask("GET", "/queue?order=newest", plain=True)
    assert plain.status in {301, 308}
    location = plain.headers["Location"].replace(f":{proxied.port}", "")
    assert location == "https://localhost/queue?order=newest"
    assert proxied.ask("GET", "/login").headers["Strict-Transport-Security"]
    assert [request["PATH"] for request in proxied.arrived] == ["/login"]


def test_what_is_for_the_operator_is_not_public(proxied: Proxied) -> None:
    for path in ("/healthz", "/readyz", "/metrics", "/metrics/x", "//healthz", "/%68ealthz"):
        assert proxied.ask("GET", path).status == 404
    assert proxied.arrived == []


def test_an_id_keeps_its_slashes(proxied: Proxied) -> None:
    story = {"id": "tram//7", "title": "Tram line 7"}
    assert proxied.call("POST", "/comments", a_comment(story=story)).status == 202
    assert proxied.call("GET", "/stories/tram%2F%2F7/comments").status == 200
    assert proxied.arrived[-1]["PATH"].endswith("/stories/tram%2F%2F7/comments")


def test_a_request_is_known_by_one_id_on_both_sides(proxied: Proxied) -> None:
    for given in ("daily-0001", "", "x" * 100, 'a"b;c\\d'):
        proxied.ask("GET", "/login", headers={"X-Request-ID": given} if given else {})
    own, none, long, odd = (request["X_REQUEST_ID"] for request in proxied.arrived)
    assert own == "daily-0001"
    for made in (none, long, odd):
        assert re.fullmatch(r"[0-9a-f-]{32,36}", made)
    written = logged(proxied, 4)
    assert [json.loads(line)["request_id"] for line in written] == [own, none, long, odd]


def logged(proxied: Proxied, number: int) -> list[str]:
    """So many lines of the access log, which is written after the answer is sent."""
    deadline = time.monotonic() + 10
    while True:
        lines = (proxied.folder / "moderation.log").read_text().splitlines()
        if len(lines) >= number or time.monotonic() > deadline:
            return lines
        time.sleep(0.02)


def test_the_logs_hold_no_query_no_key_no_person(proxied: Proxied) -> None:
    agent = {"User-Agent": "rare-browser", "Referer": f"https://daily.example/?{SECRET}"}
    proxied.call("GET", f"/decisions?after=0&{SECRET}=1", headers=agent)
    proxied.call("POST", f"/commenters/rita%40mail.example/unblock?{SECRET}", headers=agent)
    proxied.ask("GET", f"/password?token={SECRET}", headers={"Cookie": f"desk={SECRET}"} | agent)
    proxied.call("POST", f"/comments?{SECRET}", b"a" * 3_000_000, agent)  # refused by the proxy

    lines = logged(proxied, 4)

    assert len(lines) == 4
    assert "/decisions" in lines[0]
    assert "/unblock" in lines[1]
    everything = proxied.logged()
    for word in (SECRET, proxied.key, "Bearer", "rita", "rare", "daily.example"):
        assert word not in everything
    for line in lines:
        assert "127.0.0.0" in line
        assert "127.0.0.1" not in line


@pytest.mark.parametrize("behind", PROXIES.values(), ids=PROXIES)
def test_nor_when_the_service_is_gone(behind: Behind) -> None:
    port, plain_port = services.free_port(), services.free_port()
    with behind(services.free_port(), port, plain_port) as (folder, root):
        trusted = ssl.create_default_context(cadata=root.decode())
        gone = Proxied(port, plain_port, folder, trusted, [], key="")
        assert gone.ask("GET", f"/queue?{SECRET}", headers={"Cookie": SECRET}).status == 502
        [line] = logged(gone, 1)
        assert '"/queue"' in line
        of_the_request = [line for line in gone.logged().splitlines() if "/queue" in line]
    assert not [line for line in of_the_request if SECRET in line or '127.0.0.1"' in line]


def test_what_is_too_large(proxied: Proxied) -> None:
    little = proxied.call("POST", "/comments", a_comment("a" * 1_100_000))
    assert little.status == 413
    assert little.json()["errors"][0]["limit"] == 1_048_576
    assert proxied.call("POST", "/comments", b"a" * 3_000_000).status == 413


def test_a_body_whose_length_is_not_said_before(proxied: Proxied) -> None:
    body = json.dumps(a_comment()).encode()
    answer = proxied.call("POST", "/comments", [body[:20], body[20:]])
    assert answer.status == 202


def test_a_slow_client_reaches_the_service_when_all_of_it_is_there(proxied: Proxied) -> None:
    body = json.dumps(a_comment()).encode()
    with proxied.connect() as slow:
        slow.sendall(
            b"POST /api/v1/sites/the-daily/comments HTTP/1.1\r\n"
            + f"Host: localhost:{proxied.port}\r\n".encode()
            + f"Authorization: Bearer {proxied.key}\r\n".encode()
            + f"Content-Length: {len(body)}\r\n".encode()
            + b"Content-Type: application/json\r\nConnection: close\r\n\r\n"
            + body[:10]
        )
        assert proxied.ask("GET", "/login").status == 200
        assert [request["PATH"] for request in proxied.arrived] == ["/login"]
        slow.sendall(body[10:])
        assert slow.recv(12) == b"HTTP/1.1 202"
    assert len(proxied.arrived) == 2


def test_a_name_that_is_not_ours_reaches_nothing(proxied: Proxied) -> None:
    with proxied.connect() as other:
        other.sendall(b"GET /login HTTP/1.1\r\nHost: evil.example\r\nConnection: close\r\n\r\n")
        assert b"Log in" not in other.recv(100_000)
    with proxied.connect() as both:
        both.sendall(
            f"GET /login HTTP/1.1\r\nHost: localhost:{proxied.port}\r\nHost: evil.example\r\n"
            "Connection: close\r\n\r\n".encode()
        )
        assert both.recv(12) == b"HTTP/1.1 400"
    assert proxied.arrived == []
