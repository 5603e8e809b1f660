"""The Celery apps: thin tasks for what waits in the table, and for a text whose sender waits."""

from typing import Any

from celery import Celery, bootsteps, signals
from kombu import Queue

from config.settings import Settings
from moderation import interactive
from moderation.bell import SCORE_WAITING, broker_options
from moderation.db import Database
from worker.interactive import score_text
from worker.model import Model
from worker.shift import Shift


def create_worker(
    settings: Settings, db: Database | None = None, *, children: bool = False
) -> Celery:
    """The worker's Celery app: for the `solo` pool, which scores in its own process, or for
    `prefork`, whose `children` score instead of it.

    One model and one batch at a time in each process that scores.
    """
    shift = Shift(settings, db or Database(settings.database))
    app = _celery(settings)

    @app.task(name=SCORE_WAITING, shared=False)
    def score_waiting() -> None:
        shift.ring()

    # These hold no reference to the shift, which lives as long as its app.
    signals.worker_shutting_down.connect(shift.tell)
    if children:
        # Each child loads a model of its own, and takes about 125 MB (PSS, with the bundled one;
        # a worker process without children 158 MB, the parent of some 55 MB). Loading it before
        # the fork would save 45 MB a child, and was left: the runtime of the model does not
        # promise that a forked session works, and the threads that it may have started stay behind.
        signals.worker_process_init.connect(shift.begin_in_child)
        signals.worker_process_shutdown.connect(shift.end)
    app.steps["worker"].add(_step_of(shift, scores=not children))
    if settings.embedded:  # where there is no other process, this one answers, too
        _answer(app, settings, shift.model)
        app.conf.task_queues = [Queue(app.conf.task_default_queue), Queue(interactive.QUEUE)]
    return app


def create_interactive_worker(settings: Settings) -> Celery:
    """The Celery app of a worker that scores texts whose senders wait, and nothing else.

    One at a time, in Celery's own thread: for the `solo` pool. It needs no database.
    """
    app = _celery(settings)
    model = Model.of(settings)
    _answer(app, settings, model)
    app.conf.task_queues = [Queue(interactive.QUEUE)]

    class ModelStep(bootsteps.StartStopStep):
        """Loads the model before the first text comes."""

        requires = ("celery.worker.components:Pool",)

        def start(self, _parent: Any) -> None:
            model.ready()

    app.steps["worker"].add(ModelStep)
    return app


def _celery(settings: Settings) -> Celery:
    # set_as_current=False here, shared=False at each task: apps of one process would share it.
    app = Celery("moderation", set_as_current=False)
    app.conf.update(
        **broker_options(settings),
        broker_connection_retry_on_startup=True,
        broker_connection_max_retries=None,
        worker_hijack_root_logger=False,
        worker_send_task_events=False,
        worker_enable_remote_control=False,
        worker_prefetch_multiplier=1,
        worker_cancel_long_running_tasks_on_connection_loss=True,  # none is long
        task_ignore_result=True,
        # A ring is only a wake-up and the lease guards the comments: nothing is lost by taking it
        # off the queue before the work is done.
        task_acks_late=False,
    )
    return app


def _answer(app: Celery, settings: Settings, model: Model) -> None:
    mailbox = interactive.mailbox(settings)

    @app.task(name=interactive.SCORE_TEXT, shared=False)
    def score_one(key: str) -> None:
        score_text(mailbox, model, key)


def _step_of(shift: Shift, *, scores: bool) -> type[bootsteps.StartStopStep]:
    class ShiftStep(bootsteps.StartStopStep):
        """Begins the shift beside the consumer, and ends it with the worker."""

        requires = ("celery.worker.components:Pool",)

        def start(self, _parent: Any) -> None:
            shift.open()
            if scores:
                shift.begin()

        def stop(self, _parent: Any) -> None:
            shift.end()

    return ShiftStep
