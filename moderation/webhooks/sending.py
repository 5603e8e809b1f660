"""One delivery, signed and sent; and a test, by which whoever receives it sees that it works."""

import json
from collections.abc import Sequence
from datetime import UTC, datetime
from typing import Any

from config.settings import Network
from moderation.models import Site, Webhook, new_id
from moderation.sealing import Sealing, Unreadable
from moderation.webhooks import receivers, signing
from moderation.webhooks.outgoing import Line, Reply, Trouble

TEST = "test"
"""What a test says that it is: no event of a comment, and nothing to be done about it."""


def send(
    line: Line,
    webhook: Webhook,
    id_: str,
    body: bytes,
    *,
    sealing: Sealing,
    allowed: Sequence[Network],
    now: datetime,
) -> Reply:
    """Send a body to a webhook under an id, signed with its secrets. Without one that can be read,
    nothing is sent."""
    try:
        signed = signing.headers(id_, body, receivers.secrets_in_force(webhook, sealing, now), now)
    except Unreadable:
        return Reply(trouble=Trouble.SECRET)
    return line.post(webhook.url, body, {"content-type": "application/json", **signed}, allowed)


def send_test(
    webhook: Webhook, site: Site, *, sealing: Sealing, allowed: Sequence[Network], now: datetime
) -> Reply:
    """Send what is nothing but a test."""
    body = written({"type": TEST, "timestamp": moment(now), "site": site.slug, "data": {}})
    with Line() as line:
        return send(
            line, webhook, f"test-{new_id()}", body, sealing=sealing, allowed=allowed, now=now
        )


def written(said: dict[str, Any]) -> bytes:
    """What is sent, as it is signed."""
    return json.dumps(said, ensure_ascii=False).encode()


def moment(at: datetime) -> str:
    """As the API answers moments."""
    return at.astimezone(UTC).isoformat().replace("+00:00", "Z")
