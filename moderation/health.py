"""For whatever watches over the service: is the process alive, and can it do its work."""

from flask import Blueprint, jsonify
from flask.typing import ResponseReturnValue
from sqlalchemy.exc import SQLAlchemyError

from moderation import schema
from moderation.services import services

bp = Blueprint("health", __name__)


@bp.get("/healthz")
def alive() -> ResponseReturnValue:
    """200 while the process answers, whatever it depends on."""
    return jsonify(alive=True)


@bp.get("/readyz")
def ready() -> ResponseReturnValue:
    """200 when the database is there with this release's schema; else 503, with what is wrong."""
    try:
        schema.check(services().db)
    except schema.SchemaError as error:
        problem = str(error)
    except SQLAlchemyError:
        problem = "the database cannot be reached"
    else:
        return jsonify(ready=True, problems=[])
    return jsonify(ready=False, problems=[problem]), 503
