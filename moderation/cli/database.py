"""`moderation db`: the database."""

import click

from moderation.cli.door import unchecked_database


@click.group()
def db() -> None:
    """The database."""


@db.command("upgrade")
def db_upgrade() -> None:
    """Create the tables, or bring them up to this release.

    Safe to repeat, and beside the release that is running. A database that a newer release has
    brought further is left as it is.
    """
    from moderation import schema

    with unchecked_database() as database:
        schema.upgrade(database)
    click.echo("The database is up to date.", err=True)
