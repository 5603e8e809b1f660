"""The desk asked for over http though its cookies need https, and the other way round."""

import pytest
from structlog.testing import capture_logs

from tests.api.conftest import Caller
from tests.desk.conftest import app_of, words
from tests.desk.visitor import Visitor
from tests.newsroom import PASSWORD, Newsroom

HTTPS = "https://desk.example"


@pytest.fixture
def database_url(sqlite_url: str) -> str:
    """One database is enough: nothing of this lies in it."""
    return sqlite_url


def test_over_http_the_desk_says_why_nobody_can_sign_in(newsroom: Newsroom) -> None:
    client = app_of(newsroom, secure_cookies=True, public_url=HTTPS).test_client()
    with capture_logs() as logged:
        asked = [client.get(path) for path in ("/", "/queue", "/login?next=/queue")]
        form = client.post("/login", data={"email": newsroom.ana.email, "password": PASSWORD})
    for answer in (*asked, form):
        assert answer.status_code == 403
        assert "Only over https" in words(answer)
        assert f'href="{HTTPS}"' in answer.text
        # No cookie is sent that the browser would drop, and nobody is sent in a circle.
        assert not {"Set-Cookie", "Location"} & set(answer.headers.keys())
    [entry] = [event for event in logged if event["log_level"] == "warning"]
    assert entry["event"] == "desk_refused_over_http"
    assert entry["look_at"] == "MODERATION_PROXY_HOPS"


def test_without_a_public_address_no_link_is_offered(newsroom: Newsroom) -> None:
    answer = app_of(newsroom, secure_cookies=True).test_client().get("/queue")
    assert "Only over https" in words(answer)
    assert "To the queue" not in words(answer)


def test_the_api_and_the_health_of_the_service_do_not_depend_on_it(newsroom: Newsroom) -> None:
    client = app_of(newsroom, secure_cookies=True).test_client()
    assert Caller(client, newsroom.daily_key).get("/decisions").status_code == 200
    assert client.get("/healthz").status_code == 200


def test_over_https_without_secure_cookies_works_and_is_said_once(newsroom: Newsroom) -> None:
    visitor = Visitor(app_of(newsroom).test_client())
    with capture_logs() as logged:
        for _ in range(2):
            assert visitor.get("/login", base_url=HTTPS).status_code == 200
    [entry] = [event for event in logged if event["log_level"] == "warning"]
    assert entry["event"] == "cookies_sent_insecurely"
    assert entry["look_at"] == "MODERATION_SECURE_COOKIES"
