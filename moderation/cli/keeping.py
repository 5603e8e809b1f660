"""What keeps a site's words for years, hands them out, and forgets them: `moderation backup`,
`restore`, `export`, `erase`, `retention`.
"""

import sys
from contextlib import AbstractContextManager, nullcontext
from importlib.metadata import version
from pathlib import Path
from typing import IO, TYPE_CHECKING

import click

from moderation.cli.door import (
    database,
    explained,
    new_file,
    now,
    read_settings,
    reading,
    snapshot,
    unchecked_database,
)

if TYPE_CHECKING:
    from moderation.keeping.backups import Manifest


@click.command()
@click.argument("file", type=click.Path(dir_okay=False, path_type=Path))
def backup(file: Path) -> None:
    """Write the whole database to FILE, while the service runs.

    All of it is of one moment, and FILE is there only once it is whole. It fits both databases:
    `moderation restore` on an empty PostgreSQL is how to leave SQLite. It holds readers' words and
    the hashes of passwords and keys: keep it as you keep the database, and no longer than you must.
    Prints how many rows of each table it has.
    """
    from moderation import schema
    from moderation.keeping import backups

    with database() as db:
        current, newest = schema.revision(db), schema.newest()
        if current != newest:
            raise click.ClickException(
                f"the database is at schema {current}, this release knows {newest} and would leave"
                " out what came later: make the backup with the newer release"
            )
        with db.snapshot() as session, new_file(file) as target:
            manifest = backups.write(
                session,
                target,
                release=version("comment-moderation"),
                schema=newest,
                now=now(),
            )
    _print_counts(manifest)


@click.command()
@click.argument("file", type=click.Path(exists=True, dir_okay=False, path_type=Path))
def restore(file: Path) -> None:
    """Fill an empty database with the backup in FILE, and bring it up to this release.

    A file that is not whole is refused, and so is a database with rows: nothing is changed then.
    What was erased since the backup (the journal of erasures has it) is erased again, and words
    that are past their time (MODERATION_RETAIN_BLOCKED_DAYS) are, too. Everybody signs in anew.
    Prints how many rows of each table came back.
    """
    from moderation import restoring
    from moderation.keeping import backups
    from moderation.keeping.journal import ErasureJournal, JournalError

    settings = read_settings()
    journal, days = ErasureJournal.of(settings), settings.retain_blocked_days
    with explained(backups.BackupError, JournalError), file.open("rb") as source:
        found = backups.opened(source)
        with unchecked_database() as db:
            again = restoring.restore(db, found, journal, days=days, now=now())
    if not journal.path.exists():
        click.echo(
            f"There is no journal of erasures at {journal.path}: what was erased since the backup"
            " is back with it.",
            err=True,
        )
    past = f", {again.past_their_time} blocked more than {days} days ago" if days else ""
    click.echo(f"Erased again: {again.by_the_journal} by the journal{past}.", err=True)
    _print_counts(found.manifest)


def _print_counts(manifest: "Manifest") -> None:
    click.echo(
        f"Release {manifest.release}, schema {manifest.schema},"
        f" of {manifest.made_at:%Y-%m-%d %H:%M:%S} UTC.",
        err=True,
    )
    for part in manifest.parts:
        click.echo(f"{part.table}\t{part.rows}")


@click.command()
@click.argument("site")
@click.option("--commenter", metavar="ID", help="Only what is known of this reader, for them.")
@click.option(
    "-o",
    "--output",
    type=click.Path(dir_okay=False, path_type=Path),
    help="A new file, for its owner alone; otherwise standard output.",
)
def export(site: str, commenter: str | None, output: Path | None) -> None:
    """Print everything that SITE owns as JSON Lines: one object a line, each with its `kind`.

    Keys are without their hashes, moderators are ids. With --commenter (the site's own id of a
    reader) it is what that reader may ask for: their comments in every revision, the scores, and
    what was decided and why; nobody else's words, names or reports.
    """
    from moderation import commenters, sites
    from moderation.keeping import exports, jsonl, reader_exports

    with (
        snapshot() as session,
        explained(sites.SiteError, sites.NotFound),
        _to(output) as target,
    ):
        found = sites.named(session, site)
        if commenter is None:
            objects = exports.of_site(session, found)
        else:
            objects = reader_exports.of_reader(
                session, commenters.named(session, found.id, commenter)
            )
        for one in objects:
            target.write(jsonl.line(one))


def _to(output: Path | None) -> AbstractContextManager[IO[bytes]]:
    if output is None:
        return nullcontext(sys.stdout.buffer)
    return new_file(output)


@click.command()
@click.argument("site")
@click.argument("commenter")
@click.option("--yes", is_flag=True, help="Do not ask.")
def erase(site: str, commenter: str, yes: bool) -> None:
    """Forget COMMENTER, who has this id at SITE: name, id, and every word they wrote there.

    Their comments stay without words, and the decisions about them stay. Whoever posts under this
    id later is a new commenter; a block has ended. It cannot be taken back, and `moderation
    restore` repeats it.
    """
    from moderation import commenters, erasures, sites
    from moderation.keeping.journal import ErasureJournal, JournalError

    with reading() as session, explained(sites.SiteError, sites.NotFound):
        found = commenters.named(session, sites.named(session, site).id, commenter)
    if not yes:
        click.confirm(f"Every word of {commenter} at {site} goes for good. Erase?", abort=True)
    journal = ErasureJournal.of(read_settings())
    with database() as db, explained(JournalError), db.transaction() as session:
        erasures.commenter(session, found.site_id, found.id, record=journal.record, now=now())
    click.echo(f"{commenter} is forgotten.", err=True)


@click.command()
@click.option("--dry-run", is_flag=True, help="Only say how many comments it would be.")
def retention(dry_run: bool) -> None:
    """Erase the words of comments that were blocked more than MODERATION_RETAIN_BLOCKED_DAYS ago.

    The workers do this once a day. What was decided stays. Prints how many comments it was.
    """
    from moderation.keeping import retention as kept

    days = read_settings().retain_blocked_days
    if not days:
        click.echo("MODERATION_RETAIN_BLOCKED_DAYS is 0: they are kept.", err=True)
    with database() as db:
        if dry_run:
            with db.reading() as session:
                number = kept.count_due(session, days=days, now=now())
        else:
            number = kept.apply_to_all(db.transaction, days=days, now=now())
    click.echo(number)
    done = "would be erased" if dry_run else "are erased"
    click.echo(f"The words of so many blocked comments {done}: {number}.", err=True)
