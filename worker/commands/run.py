"""`moderation run`: everything in one process, for a look or for a small site."""

import ipaddress
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from moderation.cli.door import read_settings, usable

if TYPE_CHECKING:
    from moderation.db import Database

THREADS = 8
"""Requests answered at a time."""
BODIES = 8
"""A body that is so many times too large is not even read: the server keeps what it reads on disk,
whoever sends it. A smaller one is read and refused by the app, with the limit."""


@click.command()
@click.option("--host", default="127.0.0.1", show_default=True, help="Address to listen on.")
@click.option(
    "--port",
    default=8000,
    show_default=True,
    type=click.IntRange(0, 65535),
    help="0: a free one.",
)
@click.option(
    "--data-dir",
    type=click.Path(path_type=Path, file_okay=False),
    help="Folder of the database, the secret key and the journal of erasures (default: data).",
)
def run(host: str, port: int, data_dir: Path | None) -> None:
    """Run the service: API, queue page and a worker in one process, on SQLite. Ctrl-C stops it.

    The first run on an empty database makes a demo site (on a loopback address only) and prints how
    to sign in and how to post a comment, once.
    """
    import signal

    from waitress.server import create_server

    from config import garbage, logs
    from config.model import facts_for
    from moderation.app import create_app
    from moderation.db import ANSWER_SECONDS, Database
    from worker import demo
    from worker.app import create_worker
    from worker.embedded import EmbeddedWorker

    settings = read_settings(**({"data_dir": data_dir} if data_dir else {}))
    if not settings.embedded:
        raise click.ClickException(
            "REDIS_URL is set: start the web server and `moderation worker` as processes of their"
            " own, or unset it to run everything in one"
        )
    settings.check_public_port(port)
    logs.set_up(settings.log_level)
    with usable():
        db = Database(settings.database)
        _make_ready(db)
    model = facts_for(settings.model)
    worker = EmbeddedWorker(create_worker(settings, db), settings.drain_seconds)
    # Its own connections: no request waits for an answer as long as the worker may.
    web_db = Database(settings.database, answers_within=ANSWER_SECONDS)
    app = create_app(settings, db=web_db, model=model, worker_lives=worker.lives)
    addresses = [f"{_bracketed(host)}:{port}", *filter(None, [settings.metrics_bind])]
    try:
        server: Any = create_server(
            app,
            listen=" ".join(addresses),
            threads=THREADS,
            ident=None,
            # With hops the app itself takes from these headers what it may believe.
            clear_untrusted_proxy_headers=not settings.proxy_hops,
            max_request_body_size=BODIES * settings.body_max,
        )
    except (OSError, ValueError) as error:
        # A name that cannot be looked up is a ValueError of waitress's, with no more to say.
        reason = error.strerror if isinstance(error, OSError) else "there is no such address"
        raise click.ClickException(f"cannot listen on {' '.join(addresses)}: {reason}") from None
    address = f"http://{_bracketed(host)}:{_port(server)}"
    garbage.settle()
    worker.start()
    if _is_loopback(host) and (made := demo.make_if_empty(db, model)):
        click.echo(demo.welcome(made, address))
    else:
        click.echo(f"Queue page: {address}/\nAPI:        {address}/api/docs")
    # SIGINT too: whoever starts it in a shell's background hands it down ignored.
    for stop in (signal.SIGINT, signal.SIGTERM):
        signal.signal(stop, signal.default_int_handler)
    try:
        click.echo("Ctrl-C stops it.")  # from here on, with nothing left undone
        server.run()  # returns on KeyboardInterrupt
    except KeyboardInterrupt:
        pass
    finally:
        click.echo("Stopping.", err=True)
        server.close()
        worker.stop()
        web_db.dispose()
        db.dispose()


def _make_ready(db: "Database") -> None:
    """Bring the schema up to date, and free what a predecessor had that was killed."""
    from moderation import backlog, schema
    from moderation.webhooks import tries

    schema.upgrade(db)
    with db.transaction() as session:
        backlog.end_leases(session)
        tries.end_leases(session)


def _bracketed(host: str) -> str:
    return f"[{host}]" if ":" in host else host


def _port(server: Any) -> int:
    """The public one, which stands first where there are several listeners."""
    listeners = getattr(server, "effective_listen", None)
    return int(listeners[0][1] if listeners else server.effective_port)


def _is_loopback(host: str) -> bool:
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return host == "localhost"
