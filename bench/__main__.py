"""`python -m bench [rows...] [--quick]`: measure and print; write RESULTS.md when it is all."""

import time
from datetime import UTC, datetime
from pathlib import Path

import click

from bench import analyze, desk_pages, importing, intake, judging, latency, machine, memory, model
from bench.databases import plain, servers
from bench.table import Row, markdown
from config import logs

GROUPS = {
    "intake": intake.rows,
    "judging": judging.rows,
    "latency": latency.rows,
    "analyze": analyze.rows,
    "desk": desk_pages.rows,
    "memory": memory.rows,
    "model": model.rows,
    "import": importing.rows,
}
RESULTS = Path(__file__).with_name("RESULTS.md")


@click.command()
@click.argument("names", nargs=-1, type=click.Choice(list(GROUPS)))
@click.option("--quick", is_flag=True, help="Fewer of everything: minutes instead of half an hour.")
def main(names: tuple[str, ...], *, quick: bool) -> None:
    """Measure the groups of rows that are named, and print them; or all, and write RESULTS.md."""
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
    if names:  # the file has every row, or it is not touched
        click.echo(f"\n{report}")
    else:
        RESULTS.write_text(report, encoding="utf-8")


main()
