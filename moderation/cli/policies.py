"""`moderation policy`: check a file, post it, show what is posted."""

from typing import IO

import click

from config.model import facts_for
from config.settings import STARTER_POLICY
from moderation.cli.door import explained, now, read_settings, reading, writing


@click.group("policy")
def policy_group() -> None:
    """Policies: check a file, post it, show what is posted."""


@policy_group.command("check")
@click.argument("file", type=click.File(encoding="utf-8"))
def policy_check(file: IO[str]) -> None:
    """Say what is wrong with FILE, without posting it. Exit status 1 if anything is."""
    from moderation.policy import PolicyError, parse

    with explained(PolicyError):
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
    from moderation import posted_policies, sites
    from moderation.policy import PolicyError

    facts = facts_for(read_settings().model)
    with writing() as session, explained(PolicyError, sites.SiteError):
        version = posted_policies.post(
            session,
            sites.named(session, site),
            _source(file),
            attributes=facts.attributes,
            model_version=facts.version,
            now=now(),
        )
    click.echo(version)
    click.echo(f"Version {version} of the policy of {site} is posted.", err=True)


@policy_group.command("show")
@click.argument("site", required=False)
@click.option("--version", type=click.IntRange(min=1), help="A version other than the newest.")
def policy_show(site: str | None, version: int | None) -> None:
    """Print SITE's policy as it was posted; without SITE, the starter policy to begin from."""
    from moderation import posted_policies, sites

    if site is None:
        click.echo(STARTER_POLICY.read_text(encoding="utf-8"), nl=False)
        return
    with reading() as session, explained(sites.SiteError):
        posted = posted_policies.of_version(session, sites.named(session, site).id, version)
    if posted is None:
        raise click.ClickException(f"{site} has posted no such policy")
    click.echo(posted.source, nl=False)


def _source(file: IO[str]) -> str:
    try:
        return file.read()
    except UnicodeDecodeError as error:
        raise click.ClickException(f"{file.name}: not UTF-8 at byte {error.start}") from None
