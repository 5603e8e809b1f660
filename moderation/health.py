"""For whatever watches over the service: is the process alive, and can it do its work."""

from datetime import UTC, datetime

from flask import Blueprint, jsonify
from flask.typing import ResponseReturnValue
from sqlalchemy.exc import SQLAlchemyError

from moderation import backlog, schema
from moderation.services import services

bp = Blueprint("health", __name__)


@bp.get("/healthz")
def alive() -> ResponseReturnValue:
    """200 while the process answers, whatever it depends on."""
    return jsonify(alive=True)


@bp.get("/readyz")
def ready() -> ResponseReturnValue:
    """200 when the database is there with this release's schema; else 503, with what is wrong.

    How many comments wait to be judged, and for how long the oldest has, says whether a worker is
    at work: a dead one is silent, whatever its broker says.
    """
    try:
        schema.check(services().db)
        with services().db.reading() as session:
            waiting, oldest = backlog.since(session)
    except schema.SchemaError as error:
        problem = str(error)
    except SQLAlchemyError:
        problem = "the database cannot be reached"
    else:
        age = (datetime.now(UTC) - oldest).total_seconds() if oldest else 0.0
        return jsonify(
            ready=True, problems=[], waiting=waiting, oldest_waiting_seconds=round(age, 1)
        )
    return jsonify(ready=False, problems=[problem]), 503
