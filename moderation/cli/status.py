"""`moderation status`: how the service is doing, in words."""

import json
from dataclasses import asdict
from typing import TYPE_CHECKING, Any

import click

from moderation.cli.door import now, read_settings, usable

if TYPE_CHECKING:
    from moderation.condition import Condition

TOO_LONG = 300
"""Seconds that a comment may wait to be judged before a person should look why."""


@click.command()
@click.option("--json", "as_json", is_flag=True, help="The same as a JSON object.")
def status(as_json: bool) -> None:
    """Say how the service is doing.

    Database, Redis, whether each site's policy goes with the model, what waits to be judged and
    what for a moderator. Exit status 1 when something needs a person beside the moderators.
    """
    from config.model import facts_for
    from moderation.condition import Broker, look
    from moderation.db import Database

    settings = read_settings()
    model = facts_for(settings.model)
    with usable(), Database(settings.database) as db:
        found = look(db, model, now=now())
    redis = Broker(settings).answers()
    needed = _needed(found, redis)
    if as_json:
        told: dict[str, Any] = {
            "ok": not needed,
            "needs_a_person": needed,
            "model": {"name": model.name, "version": model.version},
            "redis": "none" if settings.embedded else "answers" if redis else "away",
            **asdict(found),
        }
        click.echo(json.dumps(told, indent=2))
    else:
        click.echo(f"Model      {model.name} {model.version}")
        click.echo(f"Database   {found.problem or 'reachable, schema up to date'}")
        click.echo(f"Redis      {_redis(settings.embedded, redis)}")
        if found.problem is None:
            _tell(found)
        for need in needed:
            click.secho(f"! {need}", fg="red")
    raise SystemExit(bool(needed))


def _needed(found: "Condition", redis: bool) -> list[str]:
    """What a person should look at."""
    needed = [found.problem] if found.problem else []
    if not redis:
        needed.append("Redis does not answer: comments are judged some seconds later")
    needed += [
        f"{misfit.site}: {f'clause {misfit.clause}: ' if misfit.clause else ''}{misfit.problem}"
        for misfit in found.misfits
    ]
    if found.to_judge.seconds > TOO_LONG:
        needed.append(
            f"a comment has waited for {_for(found.to_judge.seconds)} to be judged:"
            " is a worker running, and has it a model?"
        )
    return needed


def _redis(embedded: bool, answers: bool) -> str:
    if embedded:
        return "none is used"
    return "answers" if answers else "does not answer"


def _tell(found: "Condition") -> None:
    waiting = found.to_judge
    since = f", the oldest for {_for(waiting.seconds)}" if waiting.comments else ""
    click.echo(f"To judge   {_counted(waiting.comments)}{since}")
    for site, held in found.held.items():
        since = f", the oldest for {_for(held.seconds)}" if held.comments else ""
        click.echo(f"Held       {site}: {_counted(held.comments)}{since}")


def _counted(comments: int) -> str:
    """Counts stop at 1000 or one more; that is: at least so many."""
    return "1000 or more" if comments >= 1000 else str(comments)


def _for(seconds: float) -> str:
    for unit, length in (("days", 86_400), ("hours", 3600), ("minutes", 60)):
        if seconds >= 2 * length:
            return f"{seconds / length:.0f} {unit}"
    return f"{seconds:.0f} seconds"
