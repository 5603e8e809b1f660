"""What web and worker take of the memory, and whether they grow."""

import time
from collections.abc import Iterator

from bench import client, texts
from bench.databases import Servers, waiting
from bench.intake import BATCH, batch
from bench.servers import Server, environment, web, worker
from bench.table import Row, Target, shown

MEBI = 2**20
GROWTH = Target(side="at most", value=1.1)
WORK_SECONDS = 100
"""How long the worker is watched, whatever it has judged by then."""
COUNTS = {"short": 50_000, "long": 2_000}


def rows(servers: Servers, *, quick: bool) -> Iterator[Row]:
    """The web side takes comments in, then a worker judges them."""
    for mix, most in COUNTS.items():
        count = most // 10 if quick else most
        url = servers.copy()
        environ = environment(url, servers.redis_url)
        with web(environ) as service:
            early = late = (0.0, 0.0)
            caller = client.Caller(service.port)
            size = BATCH["long" if mix == "long" else "ordinary"]
            for start in range(0, count, size):
                caller.post(batch(servers, texts.posts(mix, size, start)))
                if start <= count // 10:
                    early = _taken(service)
            late = _taken(service)
            caller.close()
        yield _row("web, 2 processes", mix, count, early, late)
        with worker(environ) as scoring:
            until = time.monotonic() + (WORK_SECONDS // 10 if quick else WORK_SECONDS)
            early = (0.0, 0.0)
            while (left := waiting(url)) and time.monotonic() < until:
                if left > count * 9 // 10:
                    early = _taken(scoring)
                time.sleep(0.5)
            late = _taken(scoring)
        yield _row("worker with the bundled model", mix, count - left, early, late)


def _taken(server: Server) -> tuple[float, float]:
    """RSS and PSS of the server and its children together, in MiB."""
    infos = [process.memory_full_info() for process in server.family()]
    return sum(i.rss for i in infos) / MEBI, sum(i.pss for i in infos) / MEBI


def _row(
    who: str, mix: str, count: int, early: tuple[float, float], late: tuple[float, float]
) -> Row:
    return Row(
        what=f"memory of {who}, after {count:,} comments, {mix} texts",
        figure=late[1] / early[1],
        measured=f"{shown(late[0])} MiB RSS, {shown(late[1])} MiB PSS; {shown(early[1])} MiB PSS"
        " after the first tenth",
        reference="the same processes after the first tenth: what was only warming up is in both",
        target=GROWTH,
    )
