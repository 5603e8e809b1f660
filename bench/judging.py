"""What judging costs beside the model, and how near a worker comes to the model alone."""

import time
from collections.abc import Iterator, Sequence
from typing import Any

from bench import claim_and_judge, texts
from bench.databases import Servers, await_judged, decided, receive
from bench.servers import environment, worker
from bench.table import Row, Target, shown
from config.model import BUNDLED
from moderation import schema
from moderation.db import Database
from worker.scorers.onnx import OnnxScorer

WAIT_SECONDS = 300
"""How long a worker may take for all that waits for it."""
STANDARD = 150
"""Characters of a usual comment, as `claim_and_judge` has it."""
LENGTHS = {STANDARD: "usual texts", texts.LONG: "2,000 characters", texts.LONGEST: "10,000"}


def rows(servers: Servers, *, quick: bool) -> Iterator[Row]:
    """Claim, judge and write; then a whole worker."""
    for characters, said in LENGTHS.items():
        with Database(servers.postgres.create()) as db:
            schema.upgrade(db)
            count = 200 if quick or characters > STANDARD else 1600
            cost = claim_and_judge.cost(db, characters, count)
        yield Row(
            what=f"claim + judge + write in the worker's batches, {said}",
            figure=cost.cpu,
            unit=" us",
            measured="processor time of the worker's process a comment, language detection"
            f" included, the log at WARNING; {shown(cost.clock)} us by the clock",
            reference="a fixed limit; processor time, because Postgres works on another core"
            " meanwhile",
            target=Target(side="at most", value=250, unit=" us")
            if characters == STANDARD
            else None,
        )
    for mix, count in (("ordinary", 100 if quick else 600), ("long", 10 if quick else 60)):
        yield _beside_model(servers, mix, count)


def _beside_model(servers: Servers, mix: str, count: int) -> Row:
    bodies = texts.posts(mix, count)
    url = servers.copy()
    with Database(url) as db:
        receive(db, bodies)
    before = model_seconds(bodies)
    with worker(environment(url, servers.redis_url)):
        await_judged(url, WAIT_SECONDS)
    alone = count / ((before + model_seconds(bodies)) / 2)
    # From the first batch's end, so that loading the model is no part of it.
    ends = sorted(decided(url).values())
    later = [end for end in ends if end > ends[0]]
    rate = len(later) / (ends[-1] - ends[0]).total_seconds()
    return Row(
        what=f"worker, {mix} texts",
        figure=rate / alone,
        measured=f"{shown(rate)} against {shown(alone)} comments a second",
        reference="the same ONNX session in a process of its own, fed with the same readings and"
        " windows of the same texts, cut into tokens before the clock starts; run before and after",
        target=Target(side="at least", value=0.9),
    )


def model_seconds(bodies: Sequence[dict[str, Any]]) -> float:
    """What the bundled model alone takes for the texts of these posts."""
    scorer = OnnxScorer(BUNDLED)
    fed = [scorer._fed(window) for body in bodies for window in scorer._windows(body["text"])]
    scorer._session.run(None, fed[0])
    began = time.perf_counter()
    for inputs in fed:
        scorer._session.run(None, inputs)
    return time.perf_counter() - began
