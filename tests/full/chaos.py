"""`make chaos`: a stream of comments, and fault upon fault, for as long as you like.

Everything random goes by the seed, so a run that broke a promise can be had again.
"""

import random
import tempfile
import time
from collections import Counter
from pathlib import Path

import click

from tests.full import faults
from tests.full.counting import count, wait_until_calm
from tests.full.scene import open_scene

PAUSE = (0.5, 6.0)
"""Seconds between two faults. Some come while another one is not yet over."""


@click.command()
@click.option("--seconds", default=600, show_default=True, type=click.IntRange(10, 86_400))
@click.option("--rate", default=20.0, show_default=True, help="Comments a second.")
@click.option("--seed", default=1, show_default=True)
def chaos(seconds: int, rate: float, seed: int) -> None:
    """Run the full installation under fire, and count by row what became of every comment.

    Ends with 1 when a promise was broken.
    """
    chance = random.Random(seed)
    applied: Counter[str] = Counter()
    with (
        tempfile.TemporaryDirectory(prefix="moderation-chaos-") as folder,
        open_scene(Path(folder) / "installation") as scene,
    ):
        installation = scene.installation
        installation.start("worker", own=scene.with_clock())
        installation.start("worker", "--concurrency", "2")
        click.echo(f"{seconds} s, {rate:g} comments a second, seed {seed}")
        end = time.monotonic() + seconds
        with scene.stream(rate=rate, clients=8, odd=0.01, ends=True).flowing() as stream:
            while (left := end - time.monotonic()) > 0:
                time.sleep(min(left, chance.uniform(*PAUSE)))
                fault = chance.choice(faults.EVERY)
                click.echo(f"{seconds - left:6.1f} s  {fault.__doc__}")
                fault(scene, chance)
                applied[fault.__name__] += 1
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
    for said in counted.broken[:20]:
        click.echo(f"  {said}")
    if counted.broken or counted.accepted < counted.posted:
        raise SystemExit(1)


if __name__ == "__main__":
    chaos()
