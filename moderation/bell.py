"""Tells the workers that comments wait. Only a wake-up: the comments themselves lie in the table.

A ring may be lost (broker down, process killed): the workers' sweep finds the comments all the
same, seconds later. So a ring is never worth waiting for: it is sent from beside the request.
"""

import threading
import time
from typing import Any

from celery import Celery

from config.logs import log
from config.settings import Settings

SCORE_WAITING = "score_waiting"
"""Name of the task that the worker registers."""
BROKER_SECONDS = 0.5
"""How long a ring may hang on a frozen Redis. With Celery's defaults it is over 40 s."""

REST_SECONDS = 0.05
"""From one ring to the next. A ring for each of many posts took a third of their processor time;
who is woken judges all that waits, so that what comes meanwhile is seldom late for it."""
MOST_UNHEARD = 100
"""Wake-ups that may lie unheard in a queue. One more would wake nobody; while no worker is there,
they would fill Redis within hours, which then counts nobody's requests any more."""


def broker_options(settings: Settings) -> dict[str, Any]:
    """Celery's settings for the broker, the same for those who ring and those who listen."""
    if settings.embedded:
        # The memory transport looks once a second by default; this took the median time from a
        # post to its verdict from seconds to milliseconds.
        return {
            "broker_url": "memory://localhost",
            "broker_transport_options": {"polling_interval": 0.02},
        }
    return {
        "broker_url": settings.redis_url,
        "broker_transport_options": {
            "socket_timeout": BROKER_SECONDS,
            "socket_connect_timeout": BROKER_SECONDS,
        },
    }


def sender(name: str, settings: Settings) -> Celery:
    """A Celery app that only sends, and gives up at once when the broker does not answer."""
    celery = Celery(name, set_as_current=False)
    celery.conf.update(
        **broker_options(settings),
        broker_connection_retry=False,
        task_publish_retry=False,
        task_ignore_result=True,
    )
    return celery


def wake(celery: Celery, task: str, *arguments: str, queue: str | None = None) -> bool:
    """Send a worker a wake-up, which is all that a task of ours is; False when MOST_UNHEARD lie in
    the queue already. Raises what the broker's client raises."""
    with celery.producer_or_acquire() as producer:
        named = queue or celery.conf.task_default_queue
        if producer.channel.queue_declare(named).message_count >= MOST_UNHEARD:
            return False
        celery.send_task(task, arguments, queue=named, retry=False, producer=producer)
        return True


class Bell:
    """Rings from a thread of its own; rings that come while one is being sent become one."""

    def __init__(self, settings: Settings) -> None:
        self._celery = sender("bell", settings)
        self._rung = threading.Event()
        self._starting = threading.Lock()
        self._thread: threading.Thread | None = None

    def ring(self) -> None:
        """Ask for the waiting comments to be scored. Returns at once, and never raises."""
        self._rung.set()
        with self._starting:  # a forked web process has the object but not the thread
            if self._thread is None or not self._thread.is_alive():
                self._thread = threading.Thread(target=self._send, name="bell", daemon=True)
                self._thread.start()

    def _send(self) -> None:
        while self._rung.wait():
            self._rung.clear()
            try:
                wake(self._celery, SCORE_WAITING)
            except Exception as error:  # noqa: BLE001 - whatever the broker's client raises
                log.warning("ring_lost", error=type(error).__name__)
            time.sleep(REST_SECONDS)
