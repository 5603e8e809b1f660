"""`moderation web`: the web side of the full installation."""

import os
import sys
from pathlib import Path

import click

import config.settings
from config.settings import is_address
from moderation.cli.door import read_settings, usable

GUNICORN = Path(config.settings.__file__).with_name("gunicorn.conf.py")


@click.command()
@click.option(
    "--bind",
    default="127.0.0.1:8000",
    show_default=True,
    metavar="ADDRESS:PORT",
    help="Address to listen on.",
)
@click.option(
    "--workers",
    default=2,
    show_default=True,
    type=click.IntRange(1, 64),
    help="Processes; about as many as the machine has processors.",
)
@click.option(
    "--threads",
    default=4,
    show_default=True,
    type=click.IntRange(1, 64),
    help="Requests that each of them answers at a time.",
)
def web(bind: str, workers: int, threads: int) -> None:
    """Serve the API and the queue page (needs REDIS_URL and DATABASE_URL).

    Starts also while the database is away, and answers 503 until it is there. With
    MODERATION_METRICS_BIND it listens there too, for /metrics. On SIGTERM what is being answered is
    answered first.
    """
    from sqlalchemy.exc import InterfaceError, OperationalError

    from config import figures_folder, logs
    from config.model import facts_for
    from moderation import schema
    from moderation.db import Database

    settings = read_settings()
    if settings.embedded or not settings.database_url:
        raise click.ClickException(
            "several processes need REDIS_URL and DATABASE_URL: `moderation run` is one that needs"
            " neither"
        )
    if not is_address(bind):
        raise click.ClickException("--bind must be an address and a port, as 127.0.0.1:8000")
    settings.check_public_port(int(bind.rpartition(":")[2]))
    facts_for(settings.model)
    logs.set_up(settings.log_level)
    with usable(), Database(settings.database) as db:
        try:
            schema.check(db)
        except (InterfaceError, OperationalError) as error:
            logs.log.warning("database_away", error=type(error).__name__)
    figures_folder.make()
    binds = [bind, *filter(None, [settings.metrics_bind])]
    arguments = [f"--config={GUNICORN}", f"--workers={workers}", f"--threads={threads}"]
    arguments += [f"--bind={address}" for address in binds]
    sys.stderr.flush()
    os.execv(sys.executable, [sys.executable, "-m", "gunicorn", *arguments])  # noqa: S606 - ours
