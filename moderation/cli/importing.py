"""`moderation import`: comments out of another system, with what was decided of them there."""

import os
import sys
from collections.abc import Callable, Iterator, Sequence
from contextlib import ExitStack
from pathlib import Path
from typing import IO, TYPE_CHECKING, Any, TypeVar

import click

from moderation.cli.door import database, explained, now, reading

if TYPE_CHECKING:
    from moderation.db import Database
    from moderation.importing import Import, Tally
    from moderation.imports import Record

COUNT_AFTER = 4
"""The database counts its rows after so many batches, and then after four times as many each time:
until it knows of a new site, it reads all that the site has for each comment that comes."""
FILE = click.Path(exists=True, dir_okay=False, path_type=Path)
Command = TypeVar("Command", bound=Callable[..., Any])


def how(command: Command) -> Command:
    """The options of every import."""
    for option in (
        click.option("--dry-run", is_flag=True, help="Only count what would be written."),
        click.option("--site", required=True, metavar="SITE", help="The site that they go to."),
    ):
        command = option(command)
    return command


@click.group("import")
def import_group() -> None:
    """Bring in comments of another system, with what was decided of them there.

    What is there already stays as it is: an import that was interrupted goes on when it is run
    again, and a repeated one changes nothing. Nobody is told what was decided elsewhere. Prints how
    many comments it was, by how they stood there.
    """


@import_group.command()
@click.argument("file", type=FILE)
@how
def wordpress(file: Path, site: str, dry_run: bool) -> None:
    """Import the comments in FILE, which WordPress made (Tools > Export)."""
    from moderation.imports import wordpress

    def read(files: Sequence[IO[bytes]]) -> "Iterator[Record]":
        return wordpress.read(files[0], file.name, site=site)

    _bring_in(site, wordpress.SOURCE, [file], read, dry_run=dry_run)


def _bring_in(
    slug: str,
    source: str,
    paths: Sequence[Path],
    read: "Callable[[Sequence[IO[bytes]]], Iterator[Record]]",
    *,
    dry_run: bool,
) -> None:
    """Import what `read` reads of these files, opened and at their beginning."""
    from moderation import sites
    from moderation.importing import Import
    from moderation.imports import Unreadable

    with reading() as session, explained(sites.SiteError):
        site_id = sites.named(session, slug).id
    with ExitStack() as stack:
        files = [stack.enter_context(path.open("rb")) for path in paths]

        def again() -> "Iterator[Record]":
            for file in files:
                file.seek(0)
            return read(files)

        run = Import(site_id=site_id, source=source, read=again)
        with database() as db:
            try:
                _watch(run, db, files, dry_run=dry_run)
            except Unreadable as error:
                _tell(run.tally, slug, dry_run=dry_run)
                raise click.ClickException(
                    f"{error}. What came before that stays; the rest comes in when the file is"
                    " mended and this is run again"
                ) from None
    _tell(run.tally, slug, dry_run=dry_run)


def _watch(run: "Import", db: "Database", files: Sequence[IO[bytes]], *, dry_run: bool) -> None:
    """Run it to its end, and show how far it is."""
    steps = (
        run.look_through(db.reading, now=now()) if dry_run else run.write(db.transaction, now=now())
    )
    length = sum(os.fstat(file.fileno()).st_size for file in files)
    with click.progressbar(length=length, file=sys.stderr, hidden=not sys.stderr.isatty()) as bar:
        count_at = COUNT_AFTER
        for number, _ in enumerate(steps, 1):
            # Once more from the beginning, for the threads, it stays where it is.
            bar.update(max(sum(file.tell() for file in files) - bar.pos, 0))
            if number == count_at and not dry_run:
                db.count_rows()
                count_at *= 4
    if not dry_run:
        db.count_rows()


def _tell(tally: "Tally", site: str, *, dry_run: bool) -> None:
    for stood, count in sorted(tally.brought.items()):
        click.echo(f"{stood}\t{count}")
    click.echo(f"there already\t{tally.already}")
    for why, count in sorted(tally.left_out.items()):
        click.echo(f"left out, {why}\t{count}")
    click.echo(f"blocks of commenters\t{tally.blocks}")
    click.echo(f"replies to what is not there\t{tally.orphaned}")
    for orphan in tally.orphans:
        click.echo(f"{orphan} replies to what is not there: it stands by itself.", err=True)
    if tally.orphaned > len(tally.orphans):
        click.echo(f"So do {tally.orphaned - len(tally.orphans)} more.", err=True)
    done = "Would import" if dry_run else "Imported"
    click.echo(f"{done} {tally.brought.total()} comments into {site}.", err=True)
