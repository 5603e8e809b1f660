"""From a post to its decision: `moderation web`, Redis, one `moderation worker`."""

import time
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from statistics import quantiles

from bench import client, texts
from bench.databases import Servers, await_judged, decided, waiting
from bench.intake import single
from bench.judging import model_seconds
from bench.servers import environment, web, worker
from bench.table import Row, shown

STEP = 1.3
"""How much faster the posts come in each step towards what a worker can just keep up with."""
MOST_STEPS = 6
CONNECTIONS = 8
START_SECONDS = 60
RATES = {"ordinary": (10.0, 30.0), "long": (1.0, 2.0)}
"""Posts a second; the steps begin at the last one."""


@dataclass(frozen=True, slots=True)
class Waits:
    """What came of a stream of posts: milliseconds from post to decision, in order of size.

    `behind`: the posts that were still waiting when the last one had been sent.
    """

    milliseconds: Sequence[float]
    behind: int

    def __str__(self) -> str:
        cuts = quantiles(self.milliseconds, n=100, method="inclusive")
        return f"p50 {cuts[49]:,.0f}, p95 {cuts[94]:,.0f}, p99 {cuts[98]:,.0f} ms"


def rows(servers: Servers, *, quick: bool) -> Iterator[Row]:
    """At fixed rates, then at the highest that does not leave more and more behind."""
    seconds = 6.0 if quick else 10.0
    for mix, rates in RATES.items():
        bodies = texts.posts(mix, 20)
        alone = model_seconds(bodies) / len(bodies) * 1000
        url = servers.copy()
        environ = environment(url, servers.redis_url)
        with web(environ) as service, worker(environ):
            stream = _Stream(servers, url, service.port, mix)
            stream.send(2.0, 2.0)  # until the model is loaded
            for rate in rates:
                yield _row(mix, f"at {rate:g} a second", stream.send(rate, seconds), alone)
            best, rate = None, rates[-1]
            for _ in range(3 if quick else MOST_STEPS):
                waits = stream.send(rate * STEP, seconds)
                if waits.behind > rate * STEP:  # more than a second's
                    break
                best, rate = waits, rate * STEP
            if best is not None:
                yield _row(mix, f"at {rate:.1f} a second, the most it kept up with", best, alone)


def _row(mix: str, rate: str, waits: Waits, alone: float) -> Row:
    return Row(
        what=f"post to decision, {mix} texts, {rate}",
        figure=sorted(waits.milliseconds)[len(waits.milliseconds) // 2],
        unit=" ms",
        measured=str(waits),
        reference=f"the model alone takes {shown(alone)} ms for such a text in the same run: below"
        " that nobody can be. Counted from when a post was due to when its decision was committed",
    )


class _Stream:
    """Posts that come at a steady rate, whatever becomes of those before them."""

    def __init__(self, servers: Servers, url: str, port: int, mix: str) -> None:
        self._servers, self._url, self._port, self._mix = servers, url, port, mix
        self._sent = 0

    def send(self, rate: float, seconds: float) -> Waits:
        """Post at `rate` a second for so long, and wait until all are decided."""
        bodies = texts.posts(self._mix, max(2, int(rate * seconds)), self._sent)
        self._sent += len(bodies)
        posts = [single(self._servers, body) for body in bodies]
        began = time.time() + 0.1
        due = [began + number / rate for number in range(len(posts))]
        client.when_due(self._port, due, lambda caller, n: caller.post(posts[n]), CONNECTIONS)
        behind = waiting(self._url)
        await_judged(self._url, START_SECONDS)
        ends = decided(self._url)
        return Waits(
            [
                (ends[body["external_id"]].timestamp() - moment) * 1000
                for body, moment in zip(bodies, due, strict=True)
            ],
            behind,
        )
