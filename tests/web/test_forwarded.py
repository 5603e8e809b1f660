"""What is believed of a request's X-Forwarded headers: as many hops as the operator says."""

import pytest

from tests.api.conftest import Caller, a_comment, app_of, problem
from tests.desk.conftest import words
from tests.desk.visitor import Visitor
from tests.newsroom import Newsroom

HTTPS = {"X-Forwarded-Proto": "https", "X-Forwarded-Host": "desk.example"}


@pytest.fixture
def database_url(sqlite_url: str) -> str:
    """One database is enough: nothing of this lies in it."""
    return sqlite_url


def guesses(newsroom: Newsroom, hops: int, *forwarded_for: str) -> list[int]:
    """The answers to wrong passwords, each for another e-mail, two of one address allowed."""
    app = app_of(newsroom, proxy_hops=hops, rate_per_login="2/minute")
    visitor = Visitor(app.test_client())
    visitor.get("/login")
    statuses = []
    for number, addresses in enumerate(forwarded_for):
        answer = visitor.client.post(
            "/login",
            data={
                "csrf_token": visitor.token,
                "email": f"nobody-{number}@daily.example",
                "password": "no",
            },
            headers={"X-Forwarded-For": addresses},
        )
        statuses.append(answer.status_code)
    return statuses


def test_without_a_proxy_nobody_chooses_their_own_address(newsroom: Newsroom) -> None:
    assert guesses(newsroom, 0, "203.0.113.1", "203.0.113.2", "203.0.113.3") == [403, 403, 429]


def test_behind_a_proxy_each_client_is_counted_for_itself(newsroom: Newsroom) -> None:
    assert guesses(newsroom, 1, "203.0.113.1", "203.0.113.1", "203.0.113.2") == [403, 403, 403]
    # What the client put before it is not the address that the proxy saw.
    added = [f"198.51.100.{number}, 203.0.113.1" for number in range(3)]
    assert guesses(newsroom, 1, *added) == [403, 403, 429]


def test_behind_two_proxies_the_outer_ones_word_counts(newsroom: Newsroom) -> None:
    outer = "192.0.2.7"
    apart = [f"203.0.113.{number}, {outer}" for number in range(3)]
    assert guesses(newsroom, 2, *apart) == [403, 403, 403]
    added = [f"198.51.100.{number}, 203.0.113.1, {outer}" for number in range(3)]
    assert guesses(newsroom, 2, *added) == [403, 403, 429]
    # Whoever comes around one of the two is believed nothing.
    around = [f"203.0.113.{number}" for number in range(3)]
    assert guesses(newsroom, 2, *around) == [403, 403, 429]


@pytest.mark.parametrize(
    ("hops", "begins"),
    [(0, "http://localhost/"), (1, "https://desk.example/"), (2, "https://desk.example/")],
)
def test_the_address_of_a_comment(newsroom: Newsroom, hops: int, begins: str) -> None:
    daily = Caller(app_of(newsroom, proxy_hops=hops).test_client(), newsroom.daily_key)

    answer = daily.post("/comments", a_comment(), headers=HTTPS)

    assert answer.status_code == 202
    assert answer.location == answer.get_json()["url"]
    assert answer.location.startswith(begins + "api/v1/sites/the-daily/comments/")


def test_a_moderator_signs_in_through_a_proxy(newsroom: Newsroom) -> None:
    visitor = Visitor(app_of(newsroom, proxy_hops=1, secure_cookies=True).test_client())
    visitor.client.environ_base |= {
        "HTTP_X_FORWARDED_PROTO": "https",
        "HTTP_X_FORWARDED_HOST": "desk.example",
        "HTTP_REFERER": "https://desk.example/login",
    }
    comment_id = newsroom.held()

    assert visitor.sign_in(newsroom.ana).location == "/queue"

    cookie = visitor.client.get_cookie("__Host-desk")
    assert cookie is not None
    assert (cookie.secure, cookie.path, cookie.domain) == (True, "/", "localhost")
    assert visitor.act("approve", comment_id).status_code == 303
    assert newsroom.comment(comment_id).status == "approved"


def test_a_form_from_another_host_is_refused(newsroom: Newsroom) -> None:
    visitor = Visitor(app_of(newsroom, proxy_hops=1, secure_cookies=True).test_client())
    visitor.client.environ_base |= {
        "HTTP_X_FORWARDED_PROTO": "https",
        "HTTP_X_FORWARDED_HOST": "desk.example",
        "HTTP_REFERER": "https://evil.example/",
    }
    assert visitor.sign_in(newsroom.ana).status_code == 400


def test_no_prefix_is_believed(newsroom: Newsroom) -> None:
    client = app_of(newsroom, proxy_hops=1).test_client()
    answer = client.get("/queue", headers={"X-Forwarded-Prefix": "/elsewhere"})
    assert answer.location == "/login?next=/queue"


@pytest.mark.parametrize("host", ["a b", "desk.example, evil.example", "desk.example/"])
def test_a_host_that_names_nothing_is_refused(newsroom: Newsroom, host: str) -> None:
    client = app_of(newsroom).test_client()
    daily = Caller(client, newsroom.daily_key)
    problem(daily.post("/comments", a_comment(), headers={"Host": host}), 400, "http")
    page = client.get("/login", headers={"Host": host})
    assert page.status_code == 400
    assert "could not be read" in words(page)
