"""A Coral that asks, written after what its source sends: the JSON of JavaScript's
`JSON.stringify(request, null, 2)`, signed with every secret that it has in force."""

import hashlib
import hmac
import json
from dataclasses import dataclass
from typing import Any

from flask.testing import FlaskClient
from sqlalchemy import func, select
from werkzeug.test import TestResponse

from moderation import coral_secrets, secret_key
from moderation.interactive import Interactive, NotScored, Scored
from moderation.models import Base, Site
from moderation.sealing import Sealing
from tests.api.conftest import settings
from tests.newsroom import NOON, Newsroom

OLD = "f0" * 32
NEW = "0f" * 32
PATH = "/coral/the-daily/moderate"


def request_of(text: str, *, action: str = "NEW", author: str = "rita") -> dict[str, Any]:
    """What Coral says of a comment, with all fields that it has."""
    return {
        "action": action,
        "comment": {"body": text, "parentID": None},
        "author": {"id": author, "role": "COMMENTER"},
        "story": {"id": "tram-7", "url": "https://daily.example/tram-7"},
        "site": {"id": "a4bede88-2d2c-4424-bc18-4322a9e285a6"},
        "tenantID": "19ba5794-7eeb-4d46-a81b-c00c61672501",
        "tenantDomain": "daily.example",
    }


def sent(said: Any) -> bytes:
    """As its bytes go out: two spaces of indent, and no letter escaped that need not be."""
    return json.dumps(said, indent=2, ensure_ascii=False).encode()


def signed(body: bytes, *secrets: str) -> str:
    """The header: a signature for each secret, with commas between."""
    made = (hmac.new(one.encode(), body, hashlib.sha256).hexdigest() for one in secrets)
    return ",".join(f"sha256={one}" for one in made)


def headers(body: bytes, *secrets: str) -> dict[str, str]:
    """All that its HTTP client sends beside what every client does."""
    return {
        "User-Agent": "Coral Moderation/9.0.0",
        "Content-Type": "application/json",
        "X-Coral-Signature": signed(body, *secrets),
    }


@dataclass(frozen=True, slots=True)
class Coral:
    """The Daily's, with these secrets in force."""

    client: FlaskClient
    secrets: tuple[str, ...] = (OLD,)

    def asks(self, text: str, **fields: Any) -> TestResponse:
        return self.sends(sent(request_of(text, **fields)))

    def sends(self, body: bytes, *, path: str = PATH, signature: str | None = None) -> TestResponse:
        given = headers(body, *self.secrets)
        if signature is not None:
            given["X-Coral-Signature"] = signature
        return self.client.post(path, data=body, headers=given)


def add_secret(newsroom: Newsroom, secret: str = OLD, *, site: Site | None = None) -> None:
    """The operator adds the secret that the Coral of a site, The Daily's, has shown."""
    sealing = Sealing(secret_key.in_force(settings(newsroom)))
    with newsroom.db.transaction() as session:
        coral_secrets.add(session, site or newsroom.daily, secret, sealing, now=NOON)


def unjudged(answer: TestResponse) -> str:
    """Why a comment is held that nobody has judged; PREMOD, at any rate."""
    assert answer.status_code == 200
    assert answer.get_json() == {"status": "PREMOD", "unjudged": answer.get_json()["unjudged"]}
    return str(answer.get_json()["unjudged"])


def counted(newsroom: Newsroom) -> dict[str, int]:
    """How many rows there are of everything."""
    with newsroom.db.reading() as session:
        return {
            table.name: session.scalar(select(func.count()).select_from(table)) or 0
            for table in Base.metadata.sorted_tables
        }


def refuses(_self: Interactive, _text: str, *, within: float) -> Scored:
    """An `Interactive.score` when nobody is there to score."""
    raise NotScored
