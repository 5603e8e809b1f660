"""`make chaos`: a stream of comments, and fault upon fault, for as long as you like.

Which faults come, and when, goes by the seed.
"""

import random
import tempfile
import time
from collections import Counter
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import click

from tests.full import faults
from tests.full.counting import count, wait_until_calm
from tests.full.scene import Scene, open_scene

PAUSE = (0.5, 6.0)
"""Seconds between two faults of a kind."""


def burn(scene: Scene, choices: Sequence[faults.Fault], seconds: float, seed: int) -> Counter[str]:
    """Faults of one kind, one after the other; answers how often each came."""
    applied: Counter[str] = Counter()
    chance = random.Random(seed)
    began = time.monotonic()
    while True:
        time.sleep(chance.uniform(*PAUSE))
        if (at := time.monotonic() - began) > seconds:
            return applied
        fault = chance.choice(choices)
        click.echo(f"{at:7.1f} s  {fault.__doc__}")
        fault(scene, chance)
        applied[fault.__name__] += 1


@click.command()
@click.option("--seconds", default=600, show_default=True, type=click.IntRange(10, 86_400))
@click.option("--rate", default=20.0, show_default=True, help="Comments a second.")
@click.option("--seed", default=1, show_default=True)
def chaos(seconds: int, rate: float, seed: int) -> None:
    """Run the full installation under fire, and count by row what became of every comment.

    Ends with 1 when a promise was broken.
    """
    with (
        tempfile.TemporaryDirectory(prefix="moderation-chaos-") as folder,
        open_scene(Path(folder) / "installation") as scene,
    ):
        installation = scene.installation
        installation.start("worker", own=scene.with_clock())
        installation.start("worker", "--concurrency", "2")
        click.echo(f"{seconds} s, {rate:g} comments a second, seed {seed}")
        stream = scene.stream(rate=rate, clients=8, odd=0.01, ends=True)
        # Side by side: a worker is killed while Postgres restarts.
        with stream.flowing(), ThreadPoolExecutor() as pool:
            fires = [
                pool.submit(burn, scene, choices, seconds, seed)
                for choices in (faults.OF_PROCESSES, faults.OF_SERVERS)
            ]
        applied = fires[0].result() + fires[1].result()
        wait_until_calm(scene.db, seconds=120)
        counted = count(scene.db, stream.posted)
        statuses = Counter(answer.status for answer in stream.answers)
    click.echo("\nfaults:  " + ", ".join(f"{name} {n}" for name, n in sorted(applied.items())))
    click.echo(
        "answers: "
        + ", ".join(f"{status or 'none'}: {n}" for status, n in sorted(statuses.items()))
        + f"; the slowest took {stream.slowest():.2f} s"
    )
    click.echo(counted)
    for said in counted.complaints[:20]:
        click.echo(f"  {said}")
    if counted.complaints or counted.accepted < counted.posted:
        raise SystemExit(1)


if __name__ == "__main__":
    chaos()
