"""For whatever watches over the service: is it alive, can it do its work, and its figures.

`/metrics` is answered on the private address alone (MODERATION_METRICS_BIND), a second one that the
same processes listen on; there nothing else is answered but the two others.
"""

from collections.abc import Iterable, Mapping
from datetime import UTC, datetime
from typing import TYPE_CHECKING

from flask import Blueprint, Flask, Response, abort, jsonify, request
from flask.typing import ResponseReturnValue
from prometheus_client.metrics_core import GaugeMetricFamily, Metric

from config.settings import Settings
from moderation import condition, metrics
from moderation.services import services

if TYPE_CHECKING:
    from _typeshed.wsgi import StartResponse, WSGIApplication, WSGIEnvironment

FIGURES = "/metrics"
ANSWERED_IN_PRIVATE = frozenset({FIGURES, "/healthz", "/readyz"})
IN_PRIVATE = "moderation.in_private"

bp = Blueprint("health", __name__)


def keep_apart(app: Flask, settings: Settings) -> None:
    """Keep the two addresses apart.

    To be called after whatever believes a proxy: the port is compared with the one that the server
    itself put into the request, not with one that somebody has sent.
    """
    app.wsgi_app = _TwoDoors(app.wsgi_app, settings)  # type: ignore[method-assign]


class _TwoDoors:
    """WSGI: says on which address it is asked. On the private one all but a few is not found."""

    def __init__(self, app: "WSGIApplication", settings: Settings) -> None:
        self._app = app
        self._private_port = settings.metrics_bind.rpartition(":")[2]

    def __call__(
        self, environ: "WSGIEnvironment", start_response: "StartResponse"
    ) -> Iterable[bytes]:
        in_private = environ["SERVER_PORT"] == self._private_port
        environ[IN_PRIVATE] = in_private
        if not in_private or environ["PATH_INFO"] in ANSWERED_IN_PRIVATE:
            return self._app(environ, start_response)
        return Response("Not found.\n", 404, mimetype="text/plain")(environ, start_response)


@bp.before_request
def _tell_figures_in_private_alone() -> None:
    # Asked of the view that was found, not of the path: `//metrics` finds it, too.
    if request.endpoint == f"{bp.name}.{tell_figures.__name__}" and not request.environ[IN_PRIVATE]:
        abort(404)


@bp.get("/healthz")
def alive() -> ResponseReturnValue:
    """200 while the process answers, whatever it depends on."""
    return jsonify(alive=True)


@bp.get("/readyz")
def ready() -> ResponseReturnValue:
    """200 when the database is there with this release's schema; else 503, with what is wrong.

    How many comments wait to be judged, and for how long the oldest has, says whether a worker is
    at work: a dead one is silent, whatever its broker says. `degraded` names what is missed without
    being needed to take comments in, `misfits` where a site's policy and the model do not go
    together. These name sites: where there is a private address, they are told there alone.
    """
    found = _look(held=False)
    degraded = [
        name
        for name, there in (
            ("redis", services().broker.answers()),
            ("worker", services().worker_lives()),
        )
        if not there
    ]
    if found.problem is not None:
        return jsonify(ready=False, problems=[found.problem], degraded=degraded), 503
    names_told = request.environ[IN_PRIVATE] or not services().settings.metrics_bind
    return jsonify(
        ready=True,
        problems=[],
        degraded=degraded,
        **({"misfits": found.misfits} if names_told else {}),
        waiting=found.to_judge.comments,
        oldest_waiting_seconds=round(found.to_judge.seconds, 1),
    )


@bp.get(FIGURES)
def tell_figures() -> ResponseReturnValue:
    """The figures of every process of the web side, and what waits, as the database has it now."""
    return Response(metrics.exposition(_Waiting()), content_type=metrics.CONTENT_TYPE)


def _look(*, held: bool) -> condition.Condition:
    return condition.look(services().db, services().model, now=datetime.now(UTC), held=held)


class _Waiting:
    """Figures that lie in the database. When it is away, that is the figure."""

    def collect(self) -> Iterable[Metric]:
        found = _look(held=True)
        yield GaugeMetricFamily(
            "moderation_database_up",
            "1 when the database can be reached and has this release's schema.",
            value=found.problem is None,
        )
        yield GaugeMetricFamily(
            "moderation_redis_up",
            "1 when Redis answers, or none is used.",
            value=services().broker.answers(),
        )
        if found.problem is not None:
            return
        yield GaugeMetricFamily(
            "moderation_waiting_comments",
            "Comments that wait to be judged, counted to 1000.",
            value=found.to_judge.comments,
        )
        yield GaugeMetricFamily(
            "moderation_oldest_waiting_seconds",
            "How long the oldest of them has waited.",
            value=found.to_judge.seconds,
        )
        yield from _by_site(found)


def _by_site(found: condition.Condition) -> Iterable[Metric]:
    held, budgets, untold = found.held, found.budgets, found.undelivered
    yield _gauge(
        "moderation_held_comments",
        "Comments that wait for a moderator, counted to 1001.",
        {site: waiting.comments for site, waiting in held.items()},
    )
    yield _gauge(
        "moderation_oldest_held_seconds",
        "How long the oldest of them has waited.",
        {site: waiting.seconds for site, waiting in held.items()},
    )
    yield _gauge(
        "moderation_held_today_comments",
        "Comments that the policy has held today, by UTC, where a site has a budget of them;"
        " counted to 10000.",
        {site: holds.held for site, holds in budgets.items()},
    )
    yield _gauge(
        "moderation_hold_budget_comments",
        "Comments that the policy should hold in a day, at most.",
        {site: holds.budget for site, holds in budgets.items()},
    )
    now = datetime.now(UTC)
    yield _gauge(
        "moderation_oldest_undelivered_seconds",
        "How long the oldest of what a site is to be told has waited; 0 where nothing waits.",
        {site: one.seconds(now) for site, one in untold.items()},
    )
    yield _gauge(
        "moderation_dead_letters",
        "What a site was not told in days, and is kept for somebody to have it sent again.",
        {site: one.dead for site, one in untold.items()},
    )
    yield _gauge(
        "moderation_policy_misfits",
        "Places where a site's policy and the model do not go together.",
        {site: sum(misfit.site == site for misfit in found.misfits) for site in held},
    )


def _gauge(name: str, says: str, by_site: Mapping[str, float]) -> Metric:
    gauge = GaugeMetricFamily(name, says, labels=["site"])
    for site, value in by_site.items():
        gauge.add_metric([site], value)
    return gauge
