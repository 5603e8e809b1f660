"""Coral, with The Daily's secret in force, and a model that says what a test wants; a worker for
the clients of Perspective."""

from collections.abc import Iterator

import pytest

from moderation.interactive import Interactive, Scored
from tests.api.conftest import app_of
from tests.newsroom import MODEL, Newsroom
from tests.processes import SLOW_SWEEP, working
from tests.stand_in import StandIn
from tests.standin.coral import Coral, add_secret
from worker import scorers

POLICY = """
title = "What we print"
text = "Write as you would speak to a neighbour."

[[clauses]]
key = "personal-attacks"
title = "Personal attacks"
text = "Argue with what was said, not with who said it."

[[clauses.rules]]
attribute = "insult"
hold = 0.6
block = 0.95

[[clauses]]
key = "advertising"
title = "Advertising"
text = "No advertising."

[[clauses.rules]]
links = 0

[[clauses.rules]]
attribute = "threat"
hold = 0.9
standings = ["new"]

[[overrides]]
section = "Courts"
thresholds = { insult = 0.3 }
"""


@pytest.fixture
def coral(newsroom: Newsroom) -> Coral:
    newsroom.post_policy(POLICY)
    add_secret(newsroom)
    return Coral(app_of(newsroom).test_client())


@pytest.fixture
def scores(monkeypatch: pytest.MonkeyPatch) -> dict[str, float]:
    """What a model makes of every text, for a test to say."""
    found = dict.fromkeys(MODEL.attributes, 0.01)

    def score(_self: Interactive, _text: str, *, within: float) -> Scored:
        assert 0 < within <= 1
        return Scored(
            language="en", scores=dict(found), quoted=None, model=MODEL.name, model_version="0"
        )

    monkeypatch.setattr(Interactive, "score", score)
    return found


@pytest.fixture
def at_work(newsroom: Newsroom, monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """A worker that scores with the stand-in."""
    monkeypatch.setattr(scorers, "load", lambda *_: StandIn())
    with working(newsroom, SLOW_SWEEP):
        yield
