"""Who may ask, and who somebody is: origins, tokens and what passes for one, limits."""

import base64
import hashlib
import hmac
import json
from datetime import UTC, datetime
from typing import Any

import pytest
import redis
from flask import Flask
from joserfc import jwt
from joserfc.jwk import OctKey, RSAKey
from sqlalchemy import func, select

from moderation import embed_secrets
from moderation.models import Comment
from tests.embed.conftest import ORIGIN, SEALING, Reader, app_of, claims, let_in, signed
from tests.newsroom import NOON, Newsroom


@pytest.fixture
def database_url(sqlite_url: str) -> str:
    """One database is enough: who somebody is does not depend on which it is."""
    return sqlite_url


# --- origins --------------------------------------------------------------------------------

FOREIGN = (
    None,
    "null",
    "",
    "https://evil.example",
    "http://daily.example",
    "https://daily.example.evil.example",
    "https://daily.example:8443",
    "https://sub.daily.example",
    "HTTPS://DAILY.EXAMPLE",
    "http://[",
)


def comments(newsroom: Newsroom) -> int:
    with newsroom.db.reading() as session:
        return session.scalars(select(func.count()).select_from(Comment)).one()


@pytest.mark.parametrize("origin", FOREIGN)
def test_a_foreign_page_is_told_nothing_and_has_nothing_done(
    newsroom: Newsroom, omar: Reader, origin: str | None
) -> None:
    omar.origin = origin
    for answer in (
        omar.call("GET", query_string={"story": "tram-7"}),
        omar.posts(),
        omar.call("OPTIONS"),
    ):
        assert answer.status_code == 403
        assert answer.get_json()["why"] == "foreign-origin"
        assert "Access-Control-Allow-Origin" not in answer.headers
    assert comments(newsroom) == 0


def test_the_sites_own_page_may_ask_and_read(omar: Reader) -> None:
    preflight = omar.call("OPTIONS")
    assert preflight.status_code == 204
    assert preflight.headers["Access-Control-Allow-Headers"] == "Authorization"
    assert preflight.headers["Access-Control-Allow-Methods"] == "GET, POST"
    # What goes wrong is for its reader, too.
    for answer in (
        preflight,
        omar.call("GET", query_string={"story": "tram-7"}),
        omar.posts(text=""),
        omar.posts(),
    ):
        assert answer.headers["Access-Control-Allow-Origin"] == ORIGIN
        assert "Origin" in answer.headers["Vary"]
        assert answer.headers["Cache-Control"] == "no-store"
        assert "Set-Cookie" not in answer.headers
        assert "Access-Control-Allow-Credentials" not in answer.headers


def test_a_site_that_shows_its_comments_nowhere_is_not_there(app: Flask, omar: Reader) -> None:
    for slug in ("the-evening-post", "nowhere", "the-daily%00"):
        elsewhere = Reader(app.test_client(), guest=omar.guest, site=slug)
        for answer in (elsewhere.call("GET"), elsewhere.posts(), elsewhere.call("OPTIONS")):
            assert (answer.status_code, answer.get_json()["why"]) == (404, "nowhere")


# --- tokens ---------------------------------------------------------------------------------


def encoded(part: Any) -> str:
    raw = part if isinstance(part, bytes) else json.dumps(part).encode()
    return base64.urlsafe_b64encode(raw).rstrip(b"=").decode()


def by_hand(header: Any, said: Any, key: bytes = b"") -> str:
    """A token whose parts nobody has looked at."""
    signing = f"{encoded(header)}.{encoded(said)}"
    signature = hmac.new(key, signing.encode(), hashlib.sha256).digest() if key else b""
    return f"{signing}.{encoded(signature)}"


def seconds(**moments: float) -> dict[str, Any]:
    now = int(datetime.now(UTC).timestamp())
    return claims(**{name: now + moment for name, moment in moments.items()})


def accepted(app: Flask, token: str) -> bool:
    """Whether somebody with that token is who it says."""
    reader = Reader(app.test_client(), token=token)
    found = reader.reads()
    answer = reader.posts(name="Omar")
    if found["you"] is not None:
        assert (found["you"], answer.status_code) == ("Rita", 202)
        return True
    assert found["refused"] == "Your log-in has run out. Log in again; what you wrote stays here."
    assert (answer.status_code, answer.get_json()["why"]) == (401, "token-refused")
    return False


@pytest.mark.parametrize("lives", [1, 300, 600])
def test_a_token_of_the_sites(app: Flask, secret: str, lives: int) -> None:
    assert accepted(app, signed(secret, **seconds(iat=0, exp=lives)))


def test_a_token_for_several_audiences(app: Flask, secret: str) -> None:
    assert accepted(app, signed(secret, aud=["https://daily.example", "the-daily"]))


@pytest.mark.parametrize(
    "said",
    [
        {"aud": None},
        {"aud": "the-evening-post"},
        {"aud": ["the-evening-post"]},
        {"aud": []},
        {"aud": 7},
        {"sub": None},
        {"sub": ""},
        {"sub": 7},
        {"sub": "r" * 201},
        {"sub": "embed-guest:00"},
        {"sub": "a\0b"},
        {"name": None},
        {"name": ""},
        {"name": "..."},
        {"name": ["Rita"]},
        {"name": "R" * 201},
        {"iat": None},
        {"exp": None},
        {"exp": "soon"},
        {"exp": True},
        {"exp": 10**30},
        {"iat": float("nan")},
        {"exp": float("nan")},
        {"exp": float("inf")},
        {"iat": float("-inf")},
        {"iat": True},
        {"iat": "1"},
        {"iat": -(10**400)},
        {"exp": 10**400},
        {"exp": 10**400, "iat": 1.5},
        {"exp": 10**400, "iat": -(10**400)},
        {"nbf": 10**11},
        {"nbf": 10**400},
        {"nbf": float("nan")},
        {"nbf": float("inf")},
        {"sub": 10**400},
        {"aud": 1.5},
        {"name": float("nan")},
    ],
)
def test_what_a_token_must_say(app: Flask, secret: str, said: dict[str, Any]) -> None:
    assert not accepted(app, by_hand({"alg": "HS256"}, claims(**said), secret.encode()))


@pytest.mark.parametrize("written", [b"1e400", b"-1e400", b"1E+400", b"Infinity", b"NaN", b"01"])
@pytest.mark.parametrize("moment", ["exp", "iat", "nbf"])
def test_numbers_that_only_json_knows(app: Flask, secret: str, moment: str, written: bytes) -> None:
    said = json.dumps(claims(**{moment: "here"})).encode().replace(b'"here"', written)
    assert not accepted(app, by_hand({"alg": "HS256"}, said, secret.encode()))


@pytest.mark.parametrize(
    "moments",
    [
        {"iat": 0, "exp": 601},
        {"iat": -700, "exp": -60},
        {"iat": -600, "exp": 60},
        {"iat": 60, "exp": 120},
        {"iat": 0, "exp": 0},
        {"iat": 0, "exp": -1},
    ],
)
def test_how_long_a_token_lives(app: Flask, secret: str, moments: dict[str, float]) -> None:
    assert not accepted(app, signed(secret, **seconds(**moments)))


def test_a_token_that_nobody_has_signed(app: Flask, secret: str) -> None:
    good = signed(secret)
    head, body, signature = good.split(".")
    for token in (
        by_hand({"alg": "none"}, claims()),
        by_hand({"alg": "None", "typ": "JWT"}, claims()),
        by_hand({"alg": ""}, claims(), secret.encode()),
        by_hand({"alg": "HS512"}, claims(), secret.encode()),
        by_hand({"alg": ["HS256"]}, claims(), secret.encode()),
        by_hand({}, claims(), secret.encode()),
        by_hand(["HS256"], claims(), secret.encode()),
        by_hand({"alg": "HS256"}, ["rita"], secret.encode()),
        by_hand({"alg": "HS256", "crit": ["b64"], "b64": False}, claims(), secret.encode()),
        by_hand({"alg": "HS256"}, claims(), b"another secret"),
        by_hand({"alg": "HS256"}, claims()),
        by_hand({"alg": "HS256"}, b"[" * 1500, secret.encode()),
        by_hand(b"[" * 1500, claims(), secret.encode()),
        by_hand(b"\xff\xfe", claims(), secret.encode()),
        f"{head}.{body}.",
        f"{head}.{body}",
        f"{head}.{encoded(claims(sub='ana'))}.{signature}",
        "x" * 5000,
        "..",
        "not a token",
        "\u00fc",
    ):
        assert not accepted(app, token), token[:60]


def test_a_token_of_another_kind_of_key(app: Flask, secret: str) -> None:
    pair = RSAKey.generate_key(2048)
    by_pair = jwt.encode({"alg": "RS256"}, claims(), pair)
    assert not accepted(app, by_pair)
    # The public half as if it were a secret: what signs with the one is read with the other.
    public = pair.as_pem(private=False)
    assert not accepted(app, by_hand({"alg": "HS256"}, claims(), public))
    carried = {"alg": "HS256", "jwk": OctKey.import_key("mine" * 8).as_dict(private=True)}
    assert not accepted(app, by_hand(carried, claims(), b"mine" * 8))


def test_a_token_is_good_at_its_own_site_alone(newsroom: Newsroom, app: Flask) -> None:
    other = let_in(newsroom, ORIGIN, site="the-evening-post")
    assert not accepted(app, signed(other))
    assert not accepted(app, signed(other, aud="the-evening-post"))
    there = Reader(app.test_client(), site="the-evening-post", token=signed(other))
    assert there.reads()["you"] is None


def test_two_secrets_are_good_while_one_takes_the_others_place(
    newsroom: Newsroom, app: Flask, secret: str
) -> None:
    def make(ends_at: datetime) -> str:
        with newsroom.db.transaction() as session:
            return embed_secrets.make(
                session, newsroom.daily.id, SEALING, ends_at=ends_at, now=datetime.now(UTC)
            )

    newer = make(datetime(2999, 1, 1, tzinfo=UTC))
    assert accepted(app, signed(secret))
    assert accepted(app, signed(newer))
    make(NOON)
    assert not accepted(app, signed(secret))
    assert not accepted(app, signed(newer))


# --- limits ---------------------------------------------------------------------------------


def turned_at(readers: list[Reader], **fields: str) -> int:
    """The how-manieth of these posts is too much."""
    for nth, reader in enumerate(readers, start=1):
        answer = reader.posts(f"Number {nth}.", **fields)
        if answer.status_code == 429:
            assert answer.get_json()["why"] == "too-many"
            assert int(answer.headers["Retry-After"]) > 0
            return nth
        assert answer.status_code == 202
    return 0


def test_one_address_sends_only_so_much(newsroom: Newsroom, secret: str) -> None:
    app = app_of(newsroom, rate_per_address="3/day")
    guests = [Reader(app.test_client()) for _ in range(5)]
    for guest in guests:
        guest.reads()
    assert turned_at(guests) == 4
    elsewhere = Reader(app.test_client(), guest=guests[0].guest, address="192.0.2.9")
    assert elsewhere.posts().status_code == 202


def test_one_reader_sends_only_so_much(newsroom: Newsroom, secret: str) -> None:
    app = app_of(newsroom, rate_per_commenter="3/day")
    token = signed(secret)
    moving = [Reader(app.test_client(), token=token, address=f"192.0.2.{n}") for n in range(5)]
    assert turned_at(moving) == 4


def test_one_story_takes_only_so_much(newsroom: Newsroom, secret: str) -> None:
    app = app_of(newsroom, rate_per_story="3/day")
    crowd = [
        Reader(app.test_client(), token=signed(secret, sub=f"r{n}"), address=f"192.0.2.{n}")
        for n in range(5)
    ]
    assert turned_at(crowd) == 4
    assert crowd[-1].posts(story="another").status_code == 202


def test_edits_reports_and_appeals_are_counted_too(newsroom: Newsroom, secret: str) -> None:
    app = app_of(newsroom, rate_per_address="1/day")
    comment_id = newsroom.approved()
    rita = Reader(app.test_client(), token=signed(secret))
    assert rita.says(f"/{comment_id}", text="Better.").status_code == 202
    for path in (f"/{comment_id}", f"/{comment_id}/appeal"):
        assert rita.says(path, text="Better.").status_code == 429
    newsroom.judge()
    assert rita.says(f"/{comment_id}/report", reason="spam").status_code == 429


def test_no_address_is_kept_and_its_hash_for_a_day_at_most(
    newsroom: Newsroom, secret: str, redis_url: str
) -> None:
    app = app_of(newsroom, redis_url=redis_url, rate_per_address="9/day")
    omar = Reader(app.test_client(), address="192.0.2.77")
    omar.reads()
    omar.posted()
    comment_id = newsroom.approved()
    omar.says(f"/{comment_id}/report", reason="spam")
    with redis.Redis.from_url(redis_url) as kept:
        names = [name for name in kept.scan_iter() if b"LIMIT" in name]
        assert len(names) >= 4
        for name in names:
            assert b"192.0.2" not in name
            assert b"Omar" not in name
            assert 0 < kept.ttl(name) <= 86_400
