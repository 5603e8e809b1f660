"""`moderation worker`: a worker process of the full installation."""

import click

from moderation.cli.door import read_settings


@click.command()
def worker() -> None:
    """Score and judge the comments that wait, until stopped (needs REDIS_URL and DATABASE_URL).

    One process, one model. Start more of them to score more; on SIGTERM the batch in hand is
    finished first.
    """
    from config import logs
    from moderation import schema
    from moderation.db import Database
    from worker.app import create_worker

    settings = read_settings()
    if settings.embedded:
        raise click.ClickException(
            "without REDIS_URL there is nothing to listen to: `moderation run` has a worker inside"
        )
    logs.set_up(settings.log_level)
    db = Database(settings.database)
    try:
        schema.check(db)
    except schema.SchemaError as error:
        raise click.ClickException(str(error)) from None
    create_worker(settings, db).worker_main(
        [
            "worker",
            "--pool=solo",
            "--without-gossip",
            "--without-mingle",
            "--without-heartbeat",
            f"--loglevel={settings.log_level}",
        ]
    )
