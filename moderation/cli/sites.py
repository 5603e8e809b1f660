"""`moderation site`: sites, their keys, their modes."""

from datetime import datetime, timedelta
from typing import Any

import click

from moderation.cli.door import database, explained, now, read_settings, reading, writing


@click.group()
def site() -> None:
    """Sites, their keys, their modes."""


@site.command("add")
@click.argument("site")
@click.option("--name", default="", help="The publication's name, as moderators see it.")
def site_add(site: str, name: str) -> None:
    """Add SITE: the name that stands in its addresses (a-z, 0-9, hyphens)."""
    from moderation import sites

    with writing() as session, explained(sites.SiteError):
        sites.add(session, site, name=name, now=now())
    click.echo(f"Added {site}. Until it posts a policy, everything is held.", err=True)


@site.command("list")
def site_list() -> None:
    """List the sites, a line each: name in addresses, mode, policy version, keys in force, name."""
    from moderation import posted_policies, site_keys, sites

    with reading() as session:
        for found in sites.all_sites(session):
            posted = posted_policies.current(session, found.id)
            in_force = sum(
                site_keys.is_in_force(key.revoked_at, key.expires_at, now())
                for key in site_keys.of_site(session, found)
            )
            mode = "hold-everything (switch)" if found.hold_everything else found.mode
            version = f"policy {posted.version}" if posted else "no policy"
            click.echo(f"{found.slug}\t{mode}\t{version}\t{in_force} keys\t{found.name}")


def _listed(_context: click.Context, _option: click.Parameter, given: str | None) -> Any:
    """What stands between commas; an option that is not given leaves a thing as it is."""
    return None if given is None else given.split(",") if given else []


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
    callback=_listed,
    help="Languages that may be judged by machine, as en,ru; empty: all that the model reads.",
)
@click.option(
    "--spot-share",
    type=float,
    help="Share of what the policy approves that is drawn for the spot check, 0..0.1; 0: none.",
)
@click.option("--spot-daily", type=int, help="Most of them that are asked about in a day, 0..500.")
@click.option(
    "--expire-days",
    type=int,
    help="Days from a story's closing until what is held there is blocked unreviewed; 0: never.",
)
@click.option(
    "--hold-budget",
    type=int,
    help="Held comments a day beyond which the desk warns, 0..9999; 0: it does not.",
)
@click.option(
    "--figures-of-others/--no-figures-of-others",
    default=None,
    help="Whether leads see each moderator's figures, and not their own alone.",
)
@click.option(
    "--embed-origins",
    callback=_listed,
    help="Origins of the pages that may show its comments, as https://daily.example; several with"
    " commas; empty: none.",
)
@click.option(
    "--embed-guests/--no-embed-guests",
    default=None,
    help="Whether readers whom the site does not vouch for may comment on these pages.",
)
@click.option(
    "--keep-suggestions/--no-keep-suggestions",
    default=None,
    help="Whether what clients of Perspective say of comments (suggestscore) is kept, with the"
    " words; with --no- what was kept goes.",
)
def site_set(site: str, **wanted: Any) -> None:
    """Change how SITE publishes, and how it looks after that."""
    from moderation import site_settings, sites

    with writing() as session, explained(sites.SiteError):
        site_settings.change(session, sites.named(session, site), **wanted, now=now())
    click.echo(f"{site} is set as given.", err=True)
    if wanted["mode"] not in {None, "shadow"}:
        _adopt(site)


def _adopt(site: str) -> None:
    """Let the decisions of the site's other system stand, if it has told some in shadow mode."""
    from moderation import outside_verdicts, sites

    total, last = 0, None
    with database() as db:
        while True:
            with db.transaction() as session:
                site_id = sites.named(session, site).id
                count, last = outside_verdicts.adopt(session, site_id, after=last, now=now())
            total += count
            if last is None:
                break
    if total:
        click.echo(f"Comments that stand as the other system has decided: {total}.", err=True)


@site.command("compare")
@click.argument("site")
def site_compare(site: str) -> None:
    """Print how SITE's policy compares with what its other system decided (docs/shadow.md).

    A line for each pair: how it stands there, what the policy says here, how many comments.
    """
    from moderation import sites
    from moderation.figures import comparison

    with reading() as session, explained(sites.SiteError):
        shown = comparison.compare(session, sites.named(session, site).id)
    for theirs in comparison.STATUSES:
        for ours in comparison.STATUSES:
            click.echo(f"{theirs}\t{ours}\t{shown.pairs.get((theirs, ours), 0)}")
    if shown.agree.of:
        click.echo(f"They agree on {shown.agree.value:.1%} of {shown.agree.of}.", err=True)


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
    from moderation import site_keys, sites
    from moderation.models import Scope

    with writing() as session, explained(sites.SiteError):
        _, secret = site_keys.add(
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
    from moderation import site_keys, sites

    with reading() as session, explained(sites.SiteError):
        for key in site_keys.of_site(session, sites.named(session, site)):
            in_force = site_keys.is_in_force(key.revoked_at, key.expires_at, now())
            state = _state(key.revoked_at, key.expires_at, in_force=in_force)
            click.echo(f"{key.hint}\t{state}\t{','.join(key.scopes)}\t{key.created_at:%Y-%m-%d}")


def _state(revoked_at: datetime | None, expires_at: datetime | None, *, in_force: bool) -> str:
    if revoked_at:
        return "revoked"
    if expires_at is None:
        return "in force"
    return f"{'ends' if in_force else 'ended'} {expires_at:%Y-%m-%d %H:%M}"


@site_key.command("rotate")
@click.argument("site")
@click.argument("key")
@click.option(
    "--days",
    required=True,
    type=click.IntRange(0, 365),
    help="How long the old key stays in force; 0: it ends at once.",
)
def site_key_rotate(site: str, key: str, days: int) -> None:
    """Make a key in place of KEY of SITE (its first letters, or the whole of it) and print it.

    It may do what KEY may. Give it to whoever calls; KEY ends after so many days.
    """
    from moderation import site_keys, sites

    moment = now()
    with writing() as session, explained(sites.SiteError):
        _, secret = site_keys.rotate(
            session,
            sites.named(session, site),
            key,
            ends_at=moment + timedelta(days=days),
            now=moment,
        )
    click.echo(secret)


@site_key.command("revoke")
@click.argument("site")
@click.argument("key")
def site_key_revoke(site: str, key: str) -> None:
    """Revoke KEY of SITE: the whole key, or its first letters as `key list` shows them."""
    from moderation import site_keys, sites

    with writing() as session, explained(sites.SiteError):
        revoked = site_keys.revoke(session, sites.named(session, site), key, now=now())
    click.echo(f"Revoked {revoked.hint}...", err=True)


@site.group("embed-secret")
def site_embed_secret() -> None:
    """With what a site signs who its readers are, on pages that show its comments."""


@site_embed_secret.command("make")
@click.argument("site")
@click.option(
    "--days",
    default=1,
    show_default=True,
    type=click.IntRange(0, 365),
    help="How long the secret that it replaces stays in force; 0: it ends at once.",
)
def site_embed_secret_make(site: str, days: int) -> None:
    """Make a secret for SITE and print it, alone, on standard output. It is shown this once."""
    from moderation import embed_secrets, secret_key, sites

    moment = now()
    sealing = secret_key.sealing(read_settings())
    with writing() as session, explained(sites.SiteError):
        secret = embed_secrets.make(
            session,
            sites.named(session, site).id,
            sealing,
            ends_at=moment + timedelta(days=days),
            now=moment,
        )
    click.echo(secret)


@site_embed_secret.command("revoke")
@click.argument("site")
def site_embed_secret_revoke(site: str) -> None:
    """End all such secrets of SITE at once: nobody is known on its pages until another is made."""
    from moderation import embed_secrets, sites

    with writing() as session, explained(sites.SiteError):
        ended = embed_secrets.revoke(session, sites.named(session, site).id, now=now())
    click.echo(f"Revoked {ended}.", err=True)
