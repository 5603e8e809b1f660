"""gunicorn as `moderation web` starts it; the addresses, workers and threads are its options.

Nothing of the application is loaded here: each worker makes its own after the fork, with a database
engine, a bell and threads of its own. No worker is restarted for its age: none grows.
"""

import os
import socket
import struct
import sys
from functools import partial
from typing import Any

from gunicorn import util
from gunicorn.glogging import Logger
from gunicorn.workers import gthread

from config import figures_folder, garbage, logs
from config.settings import Settings

READ_SECONDS = 10
"""How long a request may stop in the middle before it is given up."""
LINGER_SECONDS = 0.25
"""How long is waited for what may still come on a connection that is new, or about to be closed."""

settings = Settings.from_env()

wsgi_app = "moderation.wsgi:app"
worker_class = "gthread"
proc_name = "moderation-web"
# A worker shows that it lives by touching a file: on a disk that is slow it would look dead.
worker_tmp_dir = "/dev/shm" if os.access("/dev/shm", os.W_OK) else None  # noqa: S108 - one of its own
# No request takes a tenth of it; Docker kills ten seconds after it asked, unless told otherwise.
graceful_timeout = 20
# Longer than the proxies in front keep a connection (nginx: 60): were it closed here first, a
# comment could be on its way into it.
keepalive = 75
# The longest address of ours is a page's with a cursor, the longest header a key.
limit_request_line = 4094
limit_request_fields = 64
limit_request_field_size = 8190
# Nobody's X-Forwarded headers are believed here: the application does it, by MODERATION_PROXY_HOPS.
forwarded_allow_ips = ""
# Another way into the process that nobody has asked for.
control_socket_disable = True
accesslog = None
# gunicorn has no settings for these, 2 and 5 seconds: five callers who held on after a mistake kept
# a worker from answering anybody for eight, and so did as many who connected and said nothing.
util.close_graceful = partial(util.close_graceful, timeout=LINGER_SECONDS)
gthread.DEFAULT_WORKER_DATA_TIMEOUT = LINGER_SECONDS


class logger_class(Logger):  # type: ignore[misc]  # noqa: N801 - the name is gunicorn's
    """gunicorn's messages as events of this service, without what a request had in it.

    Its access log would hold query strings; `request_answered` stands in for it.
    """

    def setup(self, cfg: Any) -> None:
        self.cfg = cfg
        logs.set_up(settings.log_level)
        # gunicorn's own debugging repeats requests.
        level = settings.log_level.upper()
        self.error_log.setLevel("INFO" if level == "DEBUG" else level)
        self.error_log.propagate = True

    def warning(self, msg: str, *args: Any, **kwargs: Any) -> None:
        if msg.startswith("Invalid request"):  # ... from its address, with its first line or header
            self._unreadable()
        else:
            super().warning(msg, *args, **kwargs)

    def exception(self, msg: str, *args: Any, **kwargs: Any) -> None:
        if isinstance(sys.exc_info()[1], BlockingIOError):  # nothing more came, see `post_fork`
            self._unreadable()
        else:
            super().exception(msg, *args, **kwargs)

    @staticmethod
    def _unreadable() -> None:
        kind = sys.exc_info()[0]
        logs.log.warning("request_unreadable", error=kind.__name__ if kind else None)

    def access(self, *_args: Any) -> None:
        """Nothing."""


def post_worker_init(_worker: Any) -> None:
    """Search for garbage less: a third of the time of a batch of 500 comments went into it."""
    garbage.settle()


def post_fork(_server: Any, worker: Any) -> None:
    """Put an end to requests that stop in the middle: each would hold a thread for ever.

    gunicorn has no time limit for these. The connections that a listener accepts take after it.
    """
    for listener in worker.sockets:
        listener.sock.setsockopt(
            socket.SOL_SOCKET, socket.SO_RCVTIMEO, struct.pack("ll", READ_SECONDS, 0)
        )


def on_exit(_server: Any) -> None:
    """Remove what the figures were kept in."""
    figures_folder.remove()
