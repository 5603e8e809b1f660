"""The bare view that intake is held against, as gunicorn serves it."""

import os
import pickle
import threading
from pathlib import Path

import psycopg
from flask import Flask, Response, jsonify, request

REPLAYED, REPLAY_DATABASE = "BENCH_REPLAYED", "BENCH_REPLAY_DATABASE"


def bare_view() -> Flask:
    """One view that does nothing but the SQL: what the service issued for each post, replayed.

    It reads the body as JSON, runs the post's statements with their own rows on a connection that
    its thread keeps, and answers as much as the service does.
    """
    app = Flask(__name__)
    # Written by the run that starts this server, a moment ago.
    replayed = pickle.loads(Path(os.environ[REPLAYED]).read_bytes())  # noqa: S301
    kept = threading.local()

    @app.post("/<int:number>")
    def post(number: int) -> tuple[Response, int]:
        request.get_json()
        if not hasattr(kept, "connection"):
            kept.connection = psycopg.connect(os.environ[REPLAY_DATABASE])
        connection: psycopg.Connection = kept.connection
        for statement, values in replayed[number]:
            if statement == "COMMIT":
                connection.commit()
            elif statement == "ROLLBACK":
                connection.rollback()
            else:
                cursor = connection.execute(statement, values)
                if cursor.description:
                    cursor.fetchall()
        return jsonify(id=str(number), status="received", revision=1, url=request.url), 202

    return app
