"""What an operator sees of what is not delivered: figures, and the description of what is sent."""

import re
from datetime import UTC, datetime, timedelta

from sqlalchemy import update

from moderation.models import Delivery, DeliveryOutcome, Webhook
from tests.api.conftest import app_of
from tests.newsroom import Newsroom
from tests.webhooks.conftest import Told


def figure(newsroom: Newsroom, name: str) -> float:
    client = app_of(newsroom, metrics_bind="127.0.0.1:9100").test_client()
    told = client.get("/metrics", environ_overrides={"SERVER_PORT": "9100"}).text
    found = re.search(rf'^{name}{{site="the-daily"}} (\S+)$', told, re.MULTILINE)
    assert found, name
    assert f'{name}{{site="the-evening-post"}}' not in told  # it has no webhook
    return float(found[1])


def test_how_long_the_oldest_has_waited(newsroom: Newsroom, told: Told) -> None:
    oldest = "moderation_oldest_undelivered_seconds"
    assert figure(newsroom, oldest) == 0
    newsroom.held()
    with newsroom.db.transaction() as session:
        hour_ago = datetime.now(UTC) - timedelta(hours=1)
        session.execute(update(Delivery).values(waits_since=hour_ago))
    assert 3600 <= figure(newsroom, oldest) < 3700
    with newsroom.db.transaction() as session:
        session.execute(update(Webhook).values(enabled=False))
    assert figure(newsroom, oldest) == 0


def test_how_many_are_dead(newsroom: Newsroom, told: Told) -> None:
    assert figure(newsroom, "moderation_dead_letters") == 0
    newsroom.held()
    with newsroom.db.transaction() as session:
        session.execute(update(Delivery).values(outcome=DeliveryOutcome.DEAD))
    assert figure(newsroom, "moderation_dead_letters") == 1
    assert figure(newsroom, "moderation_oldest_undelivered_seconds") == 0


def test_the_description_has_what_is_sent(newsroom: Newsroom) -> None:
    described = app_of(newsroom).test_client().get("/api/openapi.json").get_json()
    held = described["webhooks"]["comment.held"]["post"]
    schema = held["requestBody"]["content"]["application/json"]["schema"]["$ref"]
    told = described["components"]["schemas"][schema.rpartition("/")[2]]
    assert told["properties"]["data"]["$ref"] == "#/components/schemas/FedDecision"
    assert {one["name"] for one in held["parameters"]} == {
        "webhook-id",
        "webhook-timestamp",
        "webhook-signature",
    }
