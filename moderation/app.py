"""The web side, wired: services, limits, the doors, security headers."""

from collections.abc import Callable

from apiflask import APIFlask
from flask import Response, abort, request
from werkzeug.middleware.proxy_fix import ProxyFix

from config.model import ModelFacts, facts_for
from config.settings import Settings
from moderation import api, desk, embed, health, limits, secret_key, standin, trail
from moderation.bell import Bell
from moderation.condition import Broker
from moderation.db import ANSWER_SECONDS, Database
from moderation.interactive import Interactive
from moderation.services import EXTENSION, Services


def create_app(
    settings: Settings,
    *,
    db: Database | None = None,
    model: ModelFacts | None = None,
    worker_lives: Callable[[], bool] = lambda: True,
) -> APIFlask:
    """The WSGI application. The database's schema must be up to date (`schema.upgrade`).

    `worker_lives` asks after the worker inside of this process, where there is one.
    """
    app = APIFlask(
        __name__, title="Comment moderation", version="1", json_errors=False, **api.DESCRIBED
    )
    secret_key.set_up(app, settings)
    app.config["MAX_CONTENT_LENGTH"] = settings.body_max
    app.extensions[EXTENSION] = Services(
        settings=settings,
        db=db or Database(settings.database, answers_within=ANSWER_SECONDS),
        bell=Bell(settings),
        interactive=Interactive(settings),
        model=model or facts_for(settings.model),
        broker=Broker(settings),
        worker_lives=worker_lives,
    )
    limits.set_up(app, settings)
    api.set_up(app, settings)
    standin.set_up(app)
    desk.set_up(app)  # after the API, whose answers to unknown addresses it leaves alone
    embed.set_up(app)
    app.register_blueprint(health.bp)
    for pages in app.blueprints.values():
        # APIFlask's description asks this of every blueprint, and knows its own alone.
        vars(pages).setdefault("enable_openapi", False)
    if hops := settings.proxy_hops:
        # Each proxy adds the address that called it. Scheme and host are what the nearest one says:
        # proxies in a row hand these two on. Not -Prefix: the desk's ways back begin at the root.
        app.wsgi_app = ProxyFix(app.wsgi_app, x_for=hops, x_proto=1, x_host=1)  # type: ignore[method-assign]
    app.before_request(_need_a_host)
    app.after_request(_harden)
    health.keep_apart(app, settings)
    trail.set_up(app)
    return app


def _need_a_host() -> None:
    # Of two Host headers waitress makes one that names nothing, and an address of it leads nowhere.
    if not request.host:
        abort(400)


def _harden(response: Response) -> Response:
    response.headers.setdefault("X-Content-Type-Options", "nosniff")
    response.headers.setdefault("Referrer-Policy", "same-origin")
    response.headers.setdefault(
        "Content-Security-Policy",
        "default-src 'none'; style-src 'self'; script-src 'self'; img-src 'self';"
        " connect-src 'self'; form-action 'self'; base-uri 'none'; frame-ancestors 'none'",
    )
    return response
