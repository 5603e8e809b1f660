"""What the views of one app share, and how a view finds it."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import cast

from flask import current_app

from config.model import ModelFacts
from config.settings import Settings
from moderation.bell import Bell
from moderation.condition import Broker
from moderation.db import Database
from moderation.interactive import Interactive
from moderation.keeping.journal import ErasureJournal

EXTENSION = "moderation"


@dataclass(frozen=True, slots=True)
class Services:
    """The settings, the database, the ways to the worker, and what is known of the model."""

    settings: Settings
    db: Database
    bell: Bell
    interactive: Interactive
    model: ModelFacts
    broker: Broker
    worker_lives: Callable[[], bool]
    """Of a worker inside of this process; where there is none, nobody is missing."""

    @property
    def journal(self) -> ErasureJournal:
        """Where erasures are recorded, before they are committed."""
        return ErasureJournal.of(self.settings)


def services() -> Services:
    """Those of the app that answers the current request."""
    return cast("Services", current_app.extensions[EXTENSION])
