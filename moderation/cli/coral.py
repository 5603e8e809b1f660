"""`moderation coral`: what a site's Coral signs with."""

import click

from moderation.cli.door import explained, hidden, now, read_settings, reading, writing


@click.group()
def coral() -> None:
    """A Coral that asks this service about comments (docs/coral.md)."""


@coral.group("secret")
def coral_secret() -> None:
    """The secrets with which Coral signs."""


@coral_secret.command("add")
@click.argument("site")
@click.option("--secret-stdin", is_flag=True, help="Read the secret from standard input.")
def coral_secret_add(site: str, secret_stdin: bool) -> None:
    """Take what SITE's Coral signs with this secret, beside those that are there.

    Coral shows it at its moderation phase, and makes another when it is rolled.
    """
    from moderation import coral_secrets, secret_key, sites

    secret = hidden("Signing secret", "--secret-stdin", from_stdin=secret_stdin).strip()
    sealing = secret_key.sealing(read_settings())
    with writing() as session, explained(sites.SiteError, coral_secrets.SecretError):
        added = coral_secrets.add(session, sites.named(session, site), secret, sealing, now=now())
    click.echo(f"Added {added.hint}...", err=True)


@coral_secret.command("list")
@click.argument("site")
def coral_secret_list(site: str) -> None:
    """List the secrets of SITE's Coral by their first letters."""
    from moderation import coral_secrets, sites

    with reading() as session, explained(sites.SiteError):
        for one in coral_secrets.of_site(session, sites.named(session, site).id):
            click.echo(f"{one.hint}\t{one.added_at:%Y-%m-%d}")


@coral_secret.command("remove")
@click.argument("site")
@click.argument("secret")
def coral_secret_remove(site: str, secret: str) -> None:
    """Take nothing more that is signed with SECRET of SITE: its first letters, as `list` has them.

    What Coral signs with nothing else is held from then on.
    """
    from moderation import coral_secrets, sites

    with writing() as session, explained(sites.SiteError, coral_secrets.SecretError):
        removed = coral_secrets.remove(session, sites.named(session, site), secret, now=now())
    click.echo(f"Removed {removed.hint}...", err=True)
