"""What every command passes: the settings, the database, and errors told in a line.

`--help` loads no app and no model: what a command needs it imports when it runs.
"""

import os
import sys
import tempfile
import warnings
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from getpass import GetPassWarning
from importlib.metadata import EntryPoint, entry_points
from pathlib import Path
from typing import IO, TYPE_CHECKING, Any, cast

import click

from config.model import ModelError
from config.settings import Settings, SettingsError

if TYPE_CHECKING:
    from sqlalchemy.orm import Session

    from moderation.db import Database

ENTRY_POINTS = "moderation.commands"
OURS = {"config", "moderation", "worker"}


class Commands(click.Group):
    """A group that finds further commands by entry points, each loaded when it is asked for."""

    def list_commands(self, ctx: click.Context) -> list[str]:  # noqa: ARG002 - click passes it
        return sorted({*self.commands, *(point.name for point in self._points())})

    def get_command(self, ctx: click.Context, name: str) -> click.Command | None:
        own = super().get_command(ctx, name)
        if own is not None:
            return own
        for point in self._points():
            if point.name == name:
                return cast("click.Command", point.load())
        return None

    def invoke(self, ctx: click.Context) -> Any:
        try:
            return super().invoke(ctx)
        except (SettingsError, ModelError) as error:
            raise click.ClickException(str(error)) from None
        except UnicodeEncodeError as error:
            if error.encoding != "utf-8":  # a terminal that cannot show what is to be shown
                raise
            raise click.ClickException("what was typed is not UTF-8") from None
        except ModuleNotFoundError as error:
            # The web side is installed without what scores; only a command from elsewhere needs it.
            missing = (error.name or "").partition(".")[0]
            if ctx.invoked_subcommand in self.commands or missing in OURS:
                raise
            raise click.ClickException(
                f"{missing} is not installed: `moderation {ctx.invoked_subcommand}` needs the extra"
                " [worker], and for Detoxify's own models [detoxify]"
                " (pip install --constraint constraints.txt '.[worker]')"
            ) from None

    @staticmethod
    def _points() -> Iterable[EntryPoint]:
        return entry_points(group=ENTRY_POINTS)


def read_settings(**overrides: Any) -> Settings:
    """The settings of the environment."""
    return Settings.from_env(**overrides)


@contextmanager
def usable() -> Iterator[None]:
    """End the command with the reason when the database cannot be used."""
    from sqlalchemy.exc import ArgumentError, OperationalError

    from moderation.schema import SchemaError

    try:
        yield
    except ArgumentError:
        raise click.ClickException("DATABASE_URL is not an address of a database") from None
    except SchemaError as error:
        raise click.ClickException(str(error)) from None
    except OperationalError as error:
        said = str(error.orig).partition("\n")[0]
        raise click.ClickException(f"the database cannot be used: {said}") from None


@contextmanager
def unchecked_database() -> "Iterator[Database]":
    """The database of the settings, whatever its schema."""
    from moderation.db import Database

    with usable(), Database(read_settings().database) as db:
        yield db


@contextmanager
def database() -> "Iterator[Database]":
    """The same, whose schema must be one that this release runs on."""
    from moderation import schema

    with unchecked_database() as db:
        schema.check(db)
        yield db


@contextmanager
def writing() -> "Iterator[Session]":
    """A transaction on that database."""
    with database() as db, db.transaction() as session:
        yield session


@contextmanager
def reading() -> "Iterator[Session]":
    """A session on that database that only reads."""
    with database() as db, db.reading() as session:
        yield session


@contextmanager
def snapshot() -> "Iterator[Session]":
    """A session that reads one moment of that database, for as long as it takes."""
    with database() as db, db.snapshot() as session:
        yield session


@contextmanager
def new_file(path: Path) -> Iterator[IO[bytes]]:
    """A new file for its owner alone, that has its name only once it is whole.

    One that is there already is left alone: the command ends.
    """
    if path.exists():
        raise click.ClickException(f"{path} is there already: choose another name")
    try:
        # A name of its own: one that was killed leaves its file, and in a container may have had
        # the very process id of this one.
        descriptor, name = tempfile.mkstemp(".unfinished", f".{path.name}.", path.parent)
        unfinished = Path(name)
        try:
            with os.fdopen(descriptor, "wb") as file:
                yield file
                file.flush()
                os.fsync(file.fileno())
            unfinished.rename(path)
        finally:
            unfinished.unlink(missing_ok=True)
    except OSError as error:
        raise click.ClickException(f"{path} cannot be written: {error.strerror}") from None


def hidden(what: str, option: str, *, from_stdin: bool, rule: str = "", twice: bool = False) -> str:
    """A secret: from standard input, or typed at a terminal that does not show it. `option` is the
    one that asks for the former, `rule` what whoever types it should know before."""
    if from_stdin:
        return sys.stdin.readline().rstrip("\r\n")
    with warnings.catch_warnings():
        # Without a terminal `getpass` warns, and would read the secret in the clear.
        warnings.simplefilter("error", GetPassWarning)
        try:
            asked = f"{what} ({rule})" if rule else what
            typed = click.prompt(asked, hide_input=True, confirmation_prompt=twice, err=True)
        except GetPassWarning:
            raise click.ClickException(
                f"there is no terminal to ask for the {what.lower()} at: give it with {option}"
            ) from None
    return str(typed)


def now() -> datetime:
    """This moment."""
    return datetime.now(UTC)


@contextmanager
def explained(*kinds: type[Exception]) -> Iterator[None]:
    """End the command with the reason when one of these domain errors is raised."""
    from moderation.policy import PolicyError
    from moderation.sites import NotFound

    try:
        yield
    except kinds as error:
        if isinstance(error, NotFound):
            raise click.ClickException(f"the site has no such {error}") from None
        if isinstance(error, PolicyError):
            raise click.ClickException(
                "the policy cannot be posted:\n"
                + "\n".join(f"  {problem}" for problem in error.problems)
            ) from None
        raise click.ClickException(str(error)) from None
