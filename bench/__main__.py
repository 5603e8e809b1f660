"""`python -m bench [rows...] [--quick]`: measure, print the table, write bench/RESULTS.md."""

import time
from datetime import UTC, datetime
from pathlib import Path

import click

from bench import intake, judging, latency, machine, memory, queue_page
from bench.databases import plain, servers
from bench.table import Row, markdown
from config import logs

GROUPS = {
    "intake": intake.rows,
    "judging": judging.rows,
    "latency": latency.rows,
    "queue": queue_page.rows,
    "memory": memory.rows,
}
RESULTS = Path(__file__).with_name("RESULTS.md")


@click.command()
@click.argument("names", nargs=-1, type=click.Choice(list(GROUPS)))
@click.option(
    "--quick", is_flag=True, help="Fewer of everything: minutes instead of a quarter of an hour."
)
@click.option("--write/--no-write", default=True, help="Whether to write bench/RESULTS.md.")
def main(names: tuple[str, ...], *, quick: bool, write: bool) -> None:
    """Measure the groups of rows that are named, or all of them."""
    logs.set_up("WARNING")  # what of the service runs in this process is to be quiet
    began = time.monotonic()
    rows: list[Row] = []
    with servers() as both:
        told = machine.machine() + machine.postgres(plain(both.filled))
        for name in names or GROUPS:
            click.echo(f"{name} ...")
            for row in GROUPS[name](both, quick=quick):
                rows.append(row)
                click.echo(f"  {row.what}: {row.cells()[1]} {row.cells()[3]} ({row.measured})")
                report = (
                    f"# Measured {datetime.now(UTC):%Y-%m-%d}{' (quick)' if quick else ''}\n\n"
                    f"{told}- {time.monotonic() - began:.0f} seconds in all\n\n{markdown(rows)}"
                )
                if write:  # each time: one that is interrupted leaves what it has
                    RESULTS.write_text(report, encoding="utf-8")


main()
