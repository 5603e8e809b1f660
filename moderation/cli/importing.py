"""`moderation import`: comments out of another system, with what was decided of them there."""

import os
import sys
from collections.abc import Callable, Iterator, Sequence
from contextlib import ExitStack, closing
from pathlib import Path
from typing import IO, TYPE_CHECKING, Any, TypeVar

import click

from moderation.cli.door import database, explained, new_file, now, reading

if TYPE_CHECKING:
    from moderation.db import Database
    from moderation.importing import Import, Tally
    from moderation.imports import Record

COUNT_AFTER = 4
"""The database counts its rows after so many batches, and then after four times as many each time:
until it knows of a new site, it reads all that the site has for each comment that comes."""
LAST = 1000
"""So many are scored with --score: that takes a minute or so, and all of a large site hours."""
PACKED = (b"\x1f\x8b", b"PK\x03\x04")
"""How a file begins that gzip or zip has made: exports come so, and a spreadsheet is one inside."""
FILE = click.Path(exists=True, dir_okay=False, path_type=Path)
Command = TypeVar("Command", bound=Callable[..., Any])


def how(command: Command) -> Command:
    """The options of every import."""
    for option in (
        click.option(
            "--score",
            is_flag=True,
            help="Then count how the site's policy would have agreed about the newest 1,000, as"
            " `moderation model agreement` does. What was decided stays.",
        ),
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
def wordpress(file: Path, site: str, dry_run: bool, score: bool) -> None:
    """Import the comments in FILE, which WordPress made (Tools > Export)."""
    from moderation.imports import wordpress

    _from_file(wordpress, file, site, dry_run=dry_run, score=score)


@import_group.command()
@click.argument("file", type=FILE)
@how
def disqus(file: Path, site: str, dry_run: bool, score: bool) -> None:
    """Import the comments in FILE, which Disqus made (unpacked: the XML itself)."""
    from moderation.imports import disqus

    _from_file(disqus, file, site, dry_run=dry_run, score=score)


@import_group.command()
@click.argument("file", type=FILE)
@how
def jsonl(file: Path, site: str, dry_run: bool, score: bool) -> None:
    """Import the comments in FILE, an object a line (docs/importing.md has the fields)."""
    from moderation.imports import json_lines

    _from_file(json_lines, file, site, dry_run=dry_run, score=score)


@import_group.command("csv")
@click.argument("file", type=FILE)
@how
def csv_(file: Path, site: str, dry_run: bool, score: bool) -> None:
    """Import the comments in FILE, a row each (docs/importing.md has the columns)."""
    from moderation.imports import spreadsheet

    _from_file(spreadsheet, file, site, dry_run=dry_run, score=score)


@import_group.command()
@click.argument("folder", type=click.Path(exists=True, file_okay=False, path_type=Path))
@click.option(
    "--word-lists",
    type=click.Path(dir_okay=False, path_type=Path),
    metavar="FILE",
    help="Write the word lists in tenants.json to this new file, as rules of a policy.",
)
@how
def coral(folder: Path, site: str, dry_run: bool, score: bool, word_lists: Path | None) -> None:
    """Import comments and blocks from FOLDER, with what mongoexport makes of Coral's collections:
    stories.json, users.json, comments.json."""
    from moderation.imports import Unreadable, coral

    needed = [*coral.FILES, *([coral.TENANTS] if word_lists else [])]
    if missing := [name for name in needed if not (folder / name).is_file()]:
        raise click.ClickException(f"{folder} has no {', '.join(missing)}")
    if word_lists:
        with explained(Unreadable):
            rules = coral.word_lists(folder)
        with new_file(word_lists) as target:
            target.write(rules.encode())

    def read(files: Sequence[IO[bytes]]) -> "Iterator[Record]":
        return coral.read(files, site=site)

    _bring_in(
        site,
        coral.SOURCE,
        [folder / name for name in coral.FILES],
        read,
        dry_run=dry_run,
        score=score,
    )


def _from_file(reader: Any, file: Path, site: str, *, dry_run: bool, score: bool) -> None:
    """Import one file. `reader` is a module of `moderation.imports` that reads one."""

    def read(files: Sequence[IO[bytes]]) -> "Iterator[Record]":
        records: Iterator[Record] = reader.read(files[0], file.name, site=site)
        return records

    _bring_in(site, reader.SOURCE, [file], read, dry_run=dry_run, score=score)


def _bring_in(
    slug: str,
    source: str,
    paths: Sequence[Path],
    read: "Callable[[Sequence[IO[bytes]]], Iterator[Record]]",
    *,
    dry_run: bool,
    score: bool,
) -> None:
    """Import what `read` reads of these files, opened and at their beginning; `score`: and compare
    what was decided of it with the policy, where it is not a dry run."""
    from moderation import sites
    from moderation.importing import Import
    from moderation.imports import Unreadable

    with reading() as session, explained(sites.SiteError):
        site_id = sites.named(session, slug).id
    with ExitStack() as stack:
        files = [stack.enter_context(path.open("rb")) for path in paths]
        for path, file in zip(paths, files, strict=True):
            if not file.seekable():
                raise click.ClickException(
                    f"{path} is a pipe: it is read twice, so put it in a file"
                )
            if file.read(4).startswith(PACKED):
                raise click.ClickException(
                    f"{path.name} is packed: unpack it first (gunzip, unzip), and save a"
                    " spreadsheet as CSV"
                )

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
                stays = (
                    ". What came before that stays; the rest comes in when the file is mended and"
                    " this is run again"
                )
                raise click.ClickException(f"{error}{'' if dry_run else stays}") from None
    _tell(run.tally, slug, dry_run=dry_run)
    if score and not dry_run:
        _compare(slug)


def _compare(site: str) -> None:
    """What scores is not ours to import: its own command does it, where it is installed."""
    context = click.get_current_context()
    main = context.find_root().command
    if not isinstance(main, click.Group):  # pragma: no cover - it is the command `moderation`
        raise TypeError(main)
    try:
        model = main.get_command(context, "model")
        agreement = (
            model.get_command(context, "agreement") if isinstance(model, click.Group) else None
        )
    except ModuleNotFoundError:
        agreement = None
    if agreement is None:
        raise click.ClickException("--score needs the extra [worker], which is not installed here")
    context.invoke(agreement, site=site, last=LAST)


def _watch(run: "Import", db: "Database", files: Sequence[IO[bytes]], *, dry_run: bool) -> None:
    """Run it to its end, and show how far it is."""
    steps = (
        run.look_through(db.reading, now=now()) if dry_run else run.write(db.transaction, now=now())
    )
    length = sum(os.fstat(file.fileno()).st_size for file in files)
    with (
        closing(steps),  # so that one that is interrupted ends before the database is closed
        click.progressbar(length=length, file=sys.stderr, hidden=not sys.stderr.isatty()) as bar,
    ):
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
    if not dry_run:  # which looks at no threads
        click.echo(f"replies to what is not there\t{tally.orphaned}")
    for orphan in tally.orphans:
        click.echo(f"{orphan} replies to what is not there: it stands by itself.", err=True)
    if tally.orphaned > len(tally.orphans):
        click.echo(f"So do {tally.orphaned - len(tally.orphans)} more.", err=True)
    done = "Would import" if dry_run else "Imported"
    click.echo(f"{done} {tally.brought.total()} comments into {site}.", err=True)
