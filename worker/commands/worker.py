"""`moderation worker`: a worker process of the full installation."""

import sys
from typing import TYPE_CHECKING

import click

from config.settings import Settings
from moderation.cli.door import read_settings, usable

if TYPE_CHECKING:
    from celery import Celery


@click.command()
@click.option(
    "--concurrency",
    default=1,
    show_default=True,
    type=click.IntRange(1, 64),
    help="Processes that score, each with a model of its own.",
)
@click.option(
    "-Q",
    "--queue",
    default="scoring",
    show_default=True,
    type=click.Choice(["scoring", "interactive"]),
    help="What it does: score comments that wait to be judged, or texts whose senders wait.",
)
def worker(concurrency: int, queue: str) -> None:
    """Score and judge the comments that wait, until stopped (needs REDIS_URL and DATABASE_URL).

    With -Q interactive it answers `POST .../analyze` instead, and is not held up by comments.

    Start more of them, here or on other machines, to score more. On SIGTERM no other batch is
    begun; the one in hand is finished, or given back to the others when that takes longer than
    MODERATION_DRAIN_SECONDS.
    """
    from celery import signals

    from config import figures_folder, logs

    settings = read_settings()
    if settings.embedded:
        raise click.ClickException(
            "without REDIS_URL there is nothing to listen to: `moderation run` has a worker inside"
        )
    if queue == "scoring" and not settings.database_url:
        raise click.ClickException(
            "without DATABASE_URL it would judge a database of its own: name that of the web side"
        )
    if queue == "interactive" and concurrency > 1:
        raise click.ClickException(
            "an interactive worker scores one text at a time: start more of them instead"
        )
    if concurrency > 1:
        figures_folder.make()  # before what counts is imported
    from moderation import metrics
    from worker.app import create_interactive_worker

    logs.set_up(settings.log_level)
    try:
        app = (
            create_interactive_worker(settings)
            if queue == "interactive"
            else _scoring(settings, concurrency)
        )
        app.set_default()
        celery = app.Worker(
            pool_cls="solo" if concurrency == 1 else "prefork",
            concurrency=concurrency,
            without_gossip=True,
            without_mingle=True,
            without_heartbeat=True,
            loglevel=settings.log_level.upper(),
            quiet=True,
        )
        told: list[str] = []
        signals.worker_shutting_down.connect(lambda sig, **_: told.append(sig), weak=False)
        with metrics.served(settings.metrics_bind):
            celery.start()
        # A worker whose pool could not start ends with a code of failure, so that whatever started
        # it starts it again; `app.worker_main` would keep the code to itself. Ctrl-C is none.
        sys.exit(0 if told else celery.exitcode)
    finally:
        if concurrency > 1:
            figures_folder.remove()
        _leave_the_model()


def _scoring(settings: Settings, concurrency: int) -> "Celery":
    from sqlalchemy.exc import InterfaceError, OperationalError

    from config.logs import log
    from moderation import schema
    from moderation.db import Database
    from worker.app import create_worker

    with usable():
        db = Database(settings.database)
        try:
            schema.check(db)
        except (InterfaceError, OperationalError) as error:
            # It may be back in a moment: the sweep asks again, as for everything else.
            log.warning("database_away", error=type(error).__name__)
    return create_worker(settings, db, children=concurrency > 1)


def _leave_the_model() -> None:
    """End the process now if the model is still at a batch that was given back.

    Python would wait for nothing, but a model's runtime that comes back into an interpreter that is
    being taken down aborts it.
    """
    import logging
    import os
    import threading

    from worker.sweep import Sweep

    if any(isinstance(thread, Sweep) for thread in threading.enumerate()):
        logging.shutdown()
        os._exit(0)
