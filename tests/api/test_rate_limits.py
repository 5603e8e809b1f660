"""Too much at once is refused with the seconds to wait, and never because of Redis."""

import threading
import time
from collections.abc import Callable
from typing import Any

import pytest
import redis
from limits.storage import RedisStorage

from moderation.limits import SharedCounts
from moderation.models import Scope
from tests import services
from tests.api.conftest import Caller, a_comment, app_of, key_of, posted, problem
from tests.conftest import OwnRedis
from tests.newsroom import Newsroom
from tests.processes import until


@pytest.fixture
def database_url(sqlite_url: str) -> str:
    """One database is enough: counts do not lie in it."""
    return sqlite_url


def test_requests_of_a_key(newsroom: Newsroom) -> None:
    client = app_of(newsroom, rate_per_key="3/minute").test_client()
    daily = Caller(client, newsroom.daily_key)
    for left in (2, 1, 0):
        response = daily.get("/decisions")
        assert response.status_code == 200
        assert response.headers["X-RateLimit-Limit"] == "3"
        assert response.headers["X-RateLimit-Remaining"] == str(left)
        assert "Retry-After" not in response.headers

    response = daily.post("/comments", a_comment())

    assert problem(response, 429, "rate-limited")["errors"][0]["limit"] == 3
    assert 1 <= int(response.headers["Retry-After"]) <= 60
    other_key = Caller(client, key_of(newsroom, Scope.READ))
    assert other_key.get("/decisions").status_code == 200


def test_comments_of_a_commenter(newsroom: Newsroom) -> None:
    client = app_of(newsroom, rate_per_commenter="2/minute").test_client()
    daily = Caller(client, newsroom.daily_key)
    evening_post = Caller(client, newsroom.post_key, "the-evening-post")
    posted(daily, "One.")
    posted(daily, "Two.")

    response = daily.post("/comments", a_comment("Three."))

    assert problem(response, 429, "rate-limited")["errors"][0]["limit"] == 2
    assert 1 <= int(response.headers["Retry-After"]) <= 60
    posted(daily, "One.", commenter={"id": "omar"})
    posted(evening_post, "Another paper's Rita.")


def test_what_is_refused_before_is_not_counted(newsroom: Newsroom) -> None:
    client = app_of(newsroom, rate_per_key="2/minute", rate_per_commenter="1/minute").test_client()
    for _ in range(3):
        problem(Caller(client, "mod_wrong").get("/decisions"), 401, "unauthenticated")
    daily = Caller(client, newsroom.daily_key)
    problem(daily.post("/comments", a_comment("")), 422, "invalid")

    posted(daily)


def test_web_processes_share_their_counts_in_redis(newsroom: Newsroom, redis_url: str) -> None:
    options = {"rate_per_key": "1/minute", "redis_url": redis_url}
    one, other = (
        Caller(app_of(newsroom, **options).test_client(), newsroom.daily_key) for _ in range(2)
    )
    assert one.get("/decisions").status_code == 200

    response = other.get("/decisions")

    problem(response, 429, "rate-limited")
    with redis.Redis.from_url(redis_url) as client:
        names = " ".join(str(name) for name in client.scan_iter())
    assert newsroom.daily_key not in names


def test_nobody_waits_for_a_frozen_redis(newsroom: Newsroom, own_redis: OwnRedis) -> None:
    url, server = own_redis
    client = app_of(newsroom, rate_per_commenter="3/minute", redis_url=url).test_client()
    daily = Caller(client, newsroom.daily_key)
    posted(daily, "Before.")
    with server.frozen():
        began = time.perf_counter()
        for n in range(3):
            posted(daily, f"Number {n}.")
        took = time.perf_counter() - began

        problem(daily.post("/comments", a_comment("One too many.")), 429, "rate-limited")
    assert took < 3


def test_a_frozen_redis_is_waited_for_once_and_counts_again_when_it_thaws(
    newsroom: Newsroom, own_redis: OwnRedis, monkeypatch: pytest.MonkeyPatch
) -> None:
    url, server = own_redis
    options = {"rate_per_key": "4/minute", "redis_url": url}
    daily = Caller(app_of(newsroom, **options).test_client(), newsroom.daily_key)
    daily.get("/decisions")
    asking: list[str] = []
    for asked, name in ((SharedCounts, "_count_in_redis"), (RedisStorage, "check")):
        monkeypatch.setattr(asked, name, noted(getattr(asked, name), asking))
    with server.frozen():
        for _ in range(4):
            assert daily.get("/decisions").status_code == 200
            time.sleep(0.6)  # so that Redis is asked again in the meantime
        assert daily.get("/decisions").status_code == 429  # four were counted in memory
    assert asking.count("MainThread") == 1  # the others are asked from beside the requests
    assert asking.count("rate limits") >= 1

    # In Redis there are fewer.
    until(lambda: daily.get("/decisions").status_code == 200, 10)


def noted(method: Callable[..., Any], asking: list[str]) -> Callable[..., Any]:
    """The method, which notes the thread that it is called in."""

    def called(*args: Any) -> Any:
        asking.append(threading.current_thread().name)
        return method(*args)

    return called


def test_without_redis_the_service_starts_and_takes_comments(newsroom: Newsroom) -> None:
    nobody = f"redis://127.0.0.1:{services.free_port()}/0"
    began = time.perf_counter()

    posted(Caller(app_of(newsroom, redis_url=nobody).test_client(), newsroom.daily_key))

    assert time.perf_counter() - began < 3
