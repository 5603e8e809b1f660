"""Who calls: a site, by one of its keys. Looked at before anything of the body is read."""

import functools
from collections.abc import Callable
from datetime import UTC, datetime
from typing import TypeVar, cast

from apiflask import APIBlueprint
from apiflask.schema_adapters import registry
from flask import g, request

from moderation import limits, site_keys
from moderation.api.bodies import StrictAdapter
from moderation.api.problems import Kind, Problem
from moderation.models import Scope
from moderation.services import services
from moderation.site_keys import Caller

R = TypeVar("R")
SCHEME = "siteKey"
"""The name of the security scheme in the API's description."""
REALM = 'Bearer realm="comment moderation"'


# Before any view: a view keeps the adapter that was known when it was described.
registry.register("pydantic", StrictAdapter)


def caller() -> Caller:
    """Who calls, once `needs` has let them in."""
    return cast("Caller", g.caller)


def of_site(name: str, tag: str) -> APIBlueprint:
    """A blueprint for one noun of a site."""
    # `string:` is spelt out: without it APIFlask misreads the colon of `comments:batch`.
    return APIBlueprint(
        name, __name__, tag=tag, url_prefix="/api/v1/sites/<string:site>", enable_openapi=True
    )


def needs(
    blueprint: APIBlueprint, scope: Scope, *, responses: dict[int, str] | None = None
) -> Callable[[Callable[..., R]], Callable[..., R]]:
    """Let a call through only with a key of the site in its address that has the scope.

    Stands right under the route, above `input`: who may not call learns nothing of the body's
    faults. The view is called without the `site` of the address; it asks `caller()`. `responses`
    describes what it answers beside its output and beside what `spec` adds to every operation.
    """

    def decorate(view: Callable[..., R]) -> Callable[..., R]:
        described = blueprint.doc(
            operation_id=view.__name__,
            responses=dict(responses or {}),
            security=SCHEME,
            extensions={"x-scope": scope.value},
        )(view)

        @functools.wraps(described)
        def checked(site: str, **arguments: object) -> R:
            g.caller = _authenticated(site)
            if not g.caller.may(scope):
                raise Problem(
                    Kind.SCOPE_MISSING,
                    f"The key needs the scope `{scope}`.",
                    headers={
                        "WWW-Authenticate": f'{REALM}, error="insufficient_scope", scope="{scope}"'
                    },
                )
            limits.count(services().settings.rate_per_key, str(g.caller.key_id), "key")
            return described(**arguments)

        return checked

    return decorate


def _authenticated(site: str) -> Caller:
    given = request.authorization
    if given is None or given.type != "bearer" or not given.token:
        raise Problem(Kind.UNAUTHENTICATED, headers={"WWW-Authenticate": REALM})
    with services().db.asking() as connection:
        known = site_keys.authenticate(connection, given.token, now=datetime.now(UTC))
    if known is None:
        raise Problem(
            Kind.UNAUTHENTICATED,
            "The key is not known, or it is no longer in force.",
            headers={"WWW-Authenticate": f'{REALM}, error="invalid_token"'},
        )
    if known.site != site:
        raise Problem(Kind.NOT_FOUND, "The key's site is another one.")
    return known
