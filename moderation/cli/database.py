"""`moderation db`: the database."""

import click

from moderation.cli.door import read_settings


@click.group()
def db() -> None:
    """The database."""


@db.command("upgrade")
def db_upgrade() -> None:
    """Create the tables, or bring them up to this release. Safe to repeat."""
    from moderation import schema
    from moderation.db import Database

    database = Database(read_settings().database)
    schema.upgrade(database)
    click.echo("The database is up to date.", err=True)
