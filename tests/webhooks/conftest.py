"""The Daily is told at a server of its own, on loopback, which the operator allows."""

from collections.abc import Iterator
from datetime import datetime
from pathlib import Path

import pytest

from config.settings import Settings
from moderation import secret_key
from moderation.models import Event, Webhook, new_id
from moderation.webhooks import receivers, tries
from moderation.webhooks.outgoing import Line
from tests.newsroom import NOON, Newsroom
from tests.webhooks.receiver import LOOPBACK, Receiver, listening
from worker.delivery import deliver_one


@pytest.fixture
def settings(tmp_path: Path) -> Settings:
    return Settings(data_dir=tmp_path, secret_key="k" * 40, webhook_networks=LOOPBACK)


@pytest.fixture
def receiver() -> Iterator[Receiver]:
    with listening() as receiver:
        yield receiver


class Told:
    """The Daily's webhook at a receiver, its secret, and a worker that sends when it is asked."""

    def __init__(self, newsroom: Newsroom, settings: Settings, url: str, *events: Event) -> None:
        self.newsroom, self.settings = newsroom, settings
        self.sealing = secret_key.sealing(settings)
        with newsroom.db.transaction() as session:
            webhook, self.secret = receivers.add(
                session,
                newsroom.daily.id,
                url,
                events or list(Event),
                sealing=self.sealing,
                allowed=settings.webhooks_allowed,
                now=NOON,
            )
        self.id = webhook.id

    def send(self, now: datetime = NOON) -> int:
        """Send all that is due at this moment, in one thread; answers how many tries it was."""
        sent, worker = 0, new_id()
        while True:
            with self.newsroom.db.reading() as session:
                due = tries.due(session, now=now)
            if not due:
                return sent
            for one in due:
                with Line() as line:
                    deliver_one(self.newsroom.db, self.settings, one, line, worker=worker, now=now)
                sent += 1

    @property
    def row(self) -> Webhook:
        with self.newsroom.db.reading() as session:
            return session.get_one(Webhook, (self.newsroom.daily.id, self.id))


@pytest.fixture
def told(newsroom: Newsroom, settings: Settings, receiver: Receiver) -> Told:
    return Told(newsroom, settings, receiver.url)
