"""Figures for Prometheus: what came in, what was decided, how long it took.

A label is a site's name in addresses, a status, a rule's key, a model, an endpoint: never a word of
a comment, an API key, a name or an address. One process counts in its memory. Several that are one
service (the web workers, a worker and its children) count in files of a folder that
PROMETHEUS_MULTIPROC_DIR names before this module is imported (`config.figures_folder`), and any one
of them tells the sum.
"""

import os
from collections.abc import Iterable, Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Protocol

from prometheus_client import (
    CONTENT_TYPE_LATEST,
    CollectorRegistry,
    Counter,
    Gauge,
    Histogram,
    ProcessCollector,
    generate_latest,
)
from prometheus_client.metrics_core import Metric
from prometheus_client.multiprocess import MultiProcessCollector, mark_process_dead

from config.figures_folder import FOLDER, lives
from config.settings import SettingsError, variable

CONTENT_TYPE = CONTENT_TYPE_LATEST
"""What `exposition` is: Prometheus's text format."""
METHODS = frozenset({"GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS"})

_own = CollectorRegistry()
_received = Counter(
    "moderation_comments_received",
    "Comments taken in; repeats of one are not counted.",
    ["site"],
    registry=_own,
)
_decided = Counter(
    "moderation_comments_decided",
    "Decisions by the status that they led to, made by the policy or by a moderator.",
    ["site", "status", "actor"],
    registry=_own,
)
_watched = Counter(
    "moderation_rule_watched",
    "Verdicts in which a rule fired that only watches, by the keys of clause and rule.",
    ["site", "clause", "rule"],
    registry=_own,
)
_coral = Counter(
    "moderation_coral_answered",
    "Comments that Coral asked about, by what became of them here and by the status it was told.",
    ["site", "judged", "answer"],
    registry=_own,
)
_scoring = Histogram(
    "moderation_scoring_seconds",
    "How long a batch was read: which languages it is in, and what the model makes of it.",
    buckets=(0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30),
    registry=_own,
)
_batch = Histogram(
    "moderation_batch_comments",
    "Comments that the model read in one batch.",
    buckets=(1, 2, 4, 8, 16, 32, 64),
    registry=_own,
)
_expired = Counter(
    "moderation_leases_expired",
    "Comments claimed again because their worker did not finish them in time.",
    registry=_own,
)
_told = Counter(
    "moderation_deliveries",
    "Tries to tell a site something, by whether its receiver took it.",
    ["site", "taken"],
    registry=_own,
)
_model = Gauge(
    "moderation_model_loaded",
    "1 for the model that a living worker process has loaded.",
    ["name", "version"],
    registry=_own,
    multiprocess_mode="livemax",
)
_answered = Histogram(
    "moderation_request_seconds",
    "How long a request took until its answer began, by the class of its status.",
    ["endpoint", "method", "status"],
    buckets=(0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5),
    registry=_own,
)


class Asked(Protocol):
    """Figures that are looked up when they are asked for."""

    def collect(self) -> Iterable[Metric]:
        """The figures as they are now."""


def received(site: str, count: int = 1) -> None:
    """Comments were taken in for a site (its slug)."""
    if count:
        _received.labels(site).inc(count)


def decided(site: str, status: str, actor: str, count: int = 1) -> None:
    """Decisions at a site (its slug), by the policy or by a moderator (`models.Actor`)."""
    _decided.labels(site, status, actor).inc(count)


def watched(site: str, clause: str, rule: str) -> None:
    """A rule fired at a site (its slug) that only watches. A policy has a bounded number of them,
    and their keys are the site's own: no stranger makes a label."""
    _watched.labels(site, clause, rule).inc()


def coral_answered(site: str, judged: str, answer: str) -> None:
    """Coral has asked for a site (its slug); both words are of a short list of our own."""
    _coral.labels(site, judged, answer).inc()


def scored(comments: int, seconds: float) -> None:
    """The model read a batch."""
    _batch.observe(comments)
    _scoring.observe(seconds)


def leases_expired(count: int) -> None:
    """So many comments were claimed whose lease had run out."""
    _expired.inc(count)


def told(site: str, taken: bool) -> None:
    """A site (its slug) was sent something, and took it or not."""
    _told.labels(site, "yes" if taken else "no").inc()


def model_loaded(name: str, version: str) -> None:
    """This process has loaded the model."""
    _model.labels(name, version).set(1)


def answered(endpoint: str | None, method: str, status: int, seconds: float) -> None:
    """A request was answered. `endpoint` is the view's name, None for an unknown address."""
    known = method if method in METHODS else "other"
    _answered.labels(endpoint or "none", known, f"{status // 100}xx").observe(seconds)


def exposition(*asked: Asked) -> bytes:
    """All figures of the service's processes, and those `asked` for now, as CONTENT_TYPE."""
    registry = CollectorRegistry()
    for collector in (*_counted(), *asked):
        registry.register(collector)
    return generate_latest(registry)


@contextmanager
def served(address: str, *asked: Asked) -> Iterator[None]:
    """Answer `/metrics` on the address (as 127.0.0.1:9100) from a thread, for a process that serves
    nothing else. SettingsError when the address cannot be had. Empty: nothing is served."""
    if not address:
        yield
        return
    # Not at the top: it brings an HTTP server along, which the web side has no use for.
    from prometheus_client import start_http_server

    registry = CollectorRegistry()
    for collector in (*_counted(), *asked):
        registry.register(collector)
    host, _, port = address.rpartition(":")
    try:
        server, thread = start_http_server(int(port), host.strip("[]"), registry)
    except OSError as error:
        raise SettingsError(
            f"{variable('metrics_bind')}: cannot listen on {address}: {error.strerror}"
        ) from None
    try:
        yield
    finally:
        server.shutdown()
        server.server_close()
        thread.join()


def _counted() -> list[Asked]:
    if FOLDER in os.environ:
        return [_Several()]
    return [_own, ProcessCollector(registry=None)]


class _Several:
    """The sum over the processes of this service. What one counted stays when it has ended; what it
    had loaded is gone, also when it was killed and could tell nobody."""

    def collect(self) -> Iterable[Metric]:
        for file in Path(os.environ[FOLDER]).glob("gauge_live*.db"):
            pid = int(file.stem.rpartition("_")[2])
            if not lives(pid):
                with suppress(FileNotFoundError):  # another one that is asked, too, was quicker
                    mark_process_dead(pid)  # type: ignore[no-untyped-call]
        collected: Iterable[Metric] = MultiProcessCollector(None).collect()  # type: ignore[no-untyped-call]
        return collected
