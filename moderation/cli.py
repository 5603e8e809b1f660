"""The command `moderation`. Other packages add commands by the entry-point group of `Commands`.

`--help` loads no app and no model: what a command needs it imports when it runs.
"""

import sys
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from importlib.metadata import EntryPoint, entry_points
from typing import IO, TYPE_CHECKING, Any, cast

import click

from config.model import ModelError, facts_for
from config.settings import STARTER_POLICY, Settings, SettingsError

if TYPE_CHECKING:
    from sqlalchemy.orm import Session

    from moderation.db import Database

ENTRY_POINTS = "moderation.commands"


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

    @staticmethod
    def _points() -> Iterable[EntryPoint]:
        return entry_points(group=ENTRY_POINTS)


def read_settings(**overrides: Any) -> Settings:
    """The settings of the environment."""
    return Settings.from_env(**overrides)


@contextmanager
def _database() -> "Iterator[Database]":
    """The database of the settings. Its schema must be up to date."""
    from sqlalchemy.exc import ArgumentError, OperationalError

    from moderation import schema
    from moderation.db import Database

    try:
        db = Database(read_settings().database)
    except ArgumentError:
        raise click.ClickException("DATABASE_URL is not an address of a database") from None
    try:
        schema.check(db)
        yield db
    except schema.SchemaError as error:
        raise click.ClickException(str(error)) from None
    except OperationalError as error:
        raise click.ClickException(f"the database cannot be used: {error.orig}") from None
    finally:
        db.dispose()


@contextmanager
def writing() -> "Iterator[Session]":
    """A transaction on that database."""
    with _database() as db, db.transaction() as session:
        yield session


@contextmanager
def reading() -> "Iterator[Session]":
    """A session on that database that only reads."""
    with _database() as db, db.reading() as session:
        yield session


def now() -> datetime:
    """This moment."""
    return datetime.now(UTC)


@click.group(
    cls=Commands,
    context_settings={"help_option_names": ["-h", "--help"], "max_content_width": 100},
)
@click.version_option(package_name="comment-moderation")
def main() -> None:
    r"""Take in reader comments, score them, judge them by the site's posted policy, and queue the
    doubtful ones for a moderator.

    \b
    To look around (makes a demo site the first time):
        moderation run
    To set up a site of your own:
        moderation db upgrade
        moderation site add the-daily --name "The Daily"
        moderation site key add the-daily
        moderation policy post the-daily my-policy.toml
        moderation moderator add ana@daily.example --site the-daily

    Settings come from the environment (MODERATION_..., DATABASE_URL, REDIS_URL); the README lists
    them.
    """


@main.group()
def db() -> None:
    """The database."""


@db.command("upgrade")
def db_upgrade() -> None:
    """Create the tables, or bring them up to this release. Safe to repeat."""
    from moderation import schema
    from moderation.db import Database

    database = Database(read_settings().database)
    schema.upgrade(database)
    click.echo("The database is up to date.", err=True)


@main.group()
def site() -> None:
    """Sites, their keys, their modes."""


@site.command("add")
@click.argument("site")
@click.option("--name", default="", help="The publication's name, as moderators see it.")
def site_add(site: str, name: str) -> None:
    """Add SITE: the name that stands in its addresses (a-z, 0-9, hyphens)."""
    from moderation import sites

    with writing() as session, _explained(sites.SiteError):
        sites.add(session, site, name=name, now=now())
    click.echo(f"Added {site}. Until it posts a policy, everything is held.", err=True)


@site.command("list")
def site_list() -> None:
    """List the sites, a line each: name in addresses, mode, policy version, keys in force, name."""
    from moderation import sites

    with reading() as session:
        for found in sites.all_sites(session):
            posted = sites.current_policy(session, found.id)
            in_force = sum(key.revoked_at is None for key in sites.keys(session, found))
            mode = "hold-everything (switch)" if found.hold_everything else found.mode
            version = f"policy {posted.version}" if posted else "no policy"
            click.echo(f"{found.slug}\t{mode}\t{version}\t{in_force} keys\t{found.name}")


@site.command("set")
@click.argument("site")
@click.option("--mode", type=click.Choice(["publish-unless-held", "hold-everything", "shadow"]))
@click.option(
    "--hold-everything/--no-hold-everything",
    default=None,
    help="The emergency switch: while it is on, nothing is published unread, whatever the mode.",
)
@click.option(
    "--languages",
    help="Languages that may be judged by machine, as en,ru; empty: all that the model reads.",
)
def site_set(
    site: str, mode: str | None, hold_everything: bool | None, languages: str | None
) -> None:
    """Change how SITE publishes."""
    from moderation import sites
    from moderation.policy import Mode

    with writing() as session, _explained(sites.SiteError):
        sites.change(
            session,
            sites.named(session, site),
            mode=Mode(mode) if mode else None,
            hold_everything=hold_everything,
            languages=None if languages is None else languages.split(",") if languages else [],
            now=now(),
        )


@site.group("key")
def site_key() -> None:
    """API keys of a site."""


@site_key.command("add")
@click.argument("site")
@click.option(
    "--scope",
    "scopes",
    multiple=True,
    type=click.Choice(["analyze", "submit", "read", "moderate", "admin"]),
    default=["submit", "read", "moderate"],
    show_default=True,
    help="What the key may do; give it several times for several.",
)
def site_key_add(site: str, scopes: tuple[str, ...]) -> None:
    """Make a key for SITE and print it, alone, on standard output.

    It is shown this once and stored as a hash.
    """
    from moderation import sites
    from moderation.models import Scope

    with writing() as session, _explained(sites.SiteError):
        _, secret = sites.add_key(
            session,
            sites.named(session, site),
            [Scope(scope) for scope in scopes],
            now=now(),
        )
    click.echo(secret)


@site_key.command("list")
@click.argument("site")
def site_key_list(site: str) -> None:
    """List SITE's keys by their first letters."""
    from moderation import sites

    with reading() as session, _explained(sites.SiteError):
        for key in sites.keys(session, sites.named(session, site)):
            state = "revoked" if key.revoked_at else "in force"
            click.echo(f"{key.hint}\t{state}\t{','.join(key.scopes)}\t{key.created_at:%Y-%m-%d}")


@site_key.command("revoke")
@click.argument("site")
@click.argument("key")
def site_key_revoke(site: str, key: str) -> None:
    """Revoke KEY of SITE: the whole key, or its first letters as `key list` shows them."""
    from moderation import sites

    with writing() as session, _explained(sites.SiteError):
        revoked = sites.revoke_key(session, sites.named(session, site), key, now=now())
    click.echo(f"Revoked {revoked.hint}...", err=True)


@main.group("policy")
def policy_group() -> None:
    """Policies: check a file, post it, show what is posted."""


@policy_group.command("check")
@click.argument("file", type=click.File(encoding="utf-8"))
def policy_check(file: IO[str]) -> None:
    """Say what is wrong with FILE, without posting it. Exit status 1 if anything is."""
    from moderation.policy import PolicyError, parse

    with _explained(PolicyError):
        policy = parse(_source(file), facts_for(read_settings().model).attributes)
    rules = sum(len(clause.rules) for clause in policy.clauses)
    click.echo(f"{file.name}: {len(policy.clauses)} clauses, {rules} rules, no mistakes.")


@policy_group.command("post")
@click.argument("site")
@click.argument("file", type=click.File(encoding="utf-8"))
def policy_post(site: str, file: IO[str]) -> None:
    """Post FILE as the new version of SITE's policy, and print the version.

    Comments judged before keep their verdicts.
    """
    from moderation import sites
    from moderation.policy import PolicyError

    facts = facts_for(read_settings().model)
    with writing() as session, _explained(PolicyError, sites.SiteError):
        version = sites.post_policy(
            session,
            sites.named(session, site),
            _source(file),
            attributes=facts.attributes,
            model_version=facts.version,
            now=now(),
        )
    click.echo(version)


@policy_group.command("show")
@click.argument("site", required=False)
@click.option("--version", type=click.IntRange(min=1), help="A version other than the newest.")
def policy_show(site: str | None, version: int | None) -> None:
    """Print SITE's policy as it was posted; without SITE, the starter policy to begin from."""
    from moderation import sites

    if site is None:
        click.echo(STARTER_POLICY.read_text(encoding="utf-8"), nl=False)
        return
    with reading() as session, _explained(sites.SiteError):
        posted = sites.posted_policy(session, sites.named(session, site).id, version)
    if posted is None:
        raise click.ClickException(f"{site} has posted no such policy")
    click.echo(posted.source, nl=False)


@main.group()
def moderator() -> None:
    """The people at the queue page."""


def _password(from_stdin: bool) -> str:
    if from_stdin:
        return sys.stdin.readline().rstrip("\r\n")
    password = click.prompt("Password", hide_input=True, confirmation_prompt=True, err=True)
    return str(password)


@moderator.command("add")
@click.argument("email")
@click.option("--site", "site_names", required=True, multiple=True, help="A site to work for.")
@click.option("--name", default="", help="As colleagues see it.")
@click.option("--password-stdin", is_flag=True, help="Read the password from standard input.")
def moderator_add(email: str, site_names: tuple[str, ...], name: str, password_stdin: bool) -> None:
    """Add a moderator; one who is there already is given the sites (no password asked)."""
    from moderation import moderators, sites

    with reading() as session, _explained(moderators.ModeratorError, sites.SiteError):
        known = moderators.find(session, email)
        wanted = [sites.named(session, site_name) for site_name in site_names]
    password = "" if known else _password(password_stdin)
    with writing() as session, _explained(moderators.ModeratorError, sites.SiteError):
        person = moderators.find(session, email) or moderators.add(
            session, email, password, name=name, now=now()
        )
        for found in wanted:
            moderators.assign(session, person, found)
    click.echo(f"{person.email} moderates {', '.join(site_names)}.", err=True)


@moderator.command("password")
@click.argument("email")
@click.option("--password-stdin", is_flag=True, help="Read the password from standard input.")
def moderator_password(email: str, password_stdin: bool) -> None:
    """Set a moderator's password, and sign them out everywhere."""
    from moderation import moderators

    password = _password(password_stdin)
    with writing() as session, _explained(moderators.ModeratorError):
        person = moderators.find(session, email)
        if person is None:
            raise moderators.ModeratorError(f"there is no moderator {email}")
        moderators.set_password(session, person, password, now=now())
    click.echo("The password is set; every sign-in of theirs has ended.", err=True)


@contextmanager
def _explained(*kinds: type[Exception]) -> Iterator[None]:
    """End the command with the reason when one of these domain errors is raised."""
    from moderation.policy import PolicyError

    try:
        yield
    except kinds as error:
        if isinstance(error, PolicyError):
            raise click.ClickException(
                "the policy cannot be posted:\n"
                + "\n".join(f"  {problem}" for problem in error.problems)
            ) from None
        raise click.ClickException(str(error)) from None


def _source(file: IO[str]) -> str:
    try:
        return file.read()
    except UnicodeDecodeError as error:
        raise click.ClickException(f"{file.name}: not UTF-8 at byte {error.start}") from None
