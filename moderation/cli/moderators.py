"""`moderation moderator`: the people at the queue page."""

import click

from moderation.cli.door import explained, hidden, now, read_settings, reading, writing


@click.group()
def moderator() -> None:
    """The people at the queue page."""


def _password(from_stdin: bool) -> str:
    from moderation.staff.passwords import SHORTEST

    rule = f"at least {SHORTEST} characters"
    return hidden("Password", "--password-stdin", from_stdin=from_stdin, rule=rule, twice=True)


@moderator.command("add")
@click.argument("email")
@click.option("--site", "site_names", required=True, multiple=True, help="A site to work for.")
@click.option(
    "--role",
    type=click.Choice(["moderator", "lead", "admin"]),
    help="What they are at these sites; a lead posts the policy at the desk, an admin invites the"
    " others."
    "  [default: moderator, or what they are already]",
)
@click.option("--name", default="", help="As colleagues see it.")
@click.option("--password-stdin", is_flag=True, help="Read the password from standard input.")
def moderator_add(
    email: str, site_names: tuple[str, ...], role: str | None, name: str, password_stdin: bool
) -> None:
    """Add a moderator; one who is there already is given the sites, or another role at them (no
    password asked)."""
    from moderation import sites
    from moderation.models import Role
    from moderation.staff import moderators, passwords

    with reading() as session, explained(moderators.ModeratorError, sites.SiteError):
        known = moderators.find(session, email)
        wanted = [sites.named(session, site_name) for site_name in site_names]
    password = "" if known else _password(password_stdin)
    wrong = (moderators.ModeratorError, passwords.PasswordError, sites.SiteError)
    with writing() as session, explained(*wrong):
        person = moderators.find(session, email) or moderators.add(
            session, email, password, name=name, now=now()
        )
        for found in wanted:
            moderators.assign(session, person, found, Role(role) if role else None)
    click.echo(f"{person.email} moderates {', '.join(site_names)}.", err=True)


@moderator.command("password")
@click.argument("email")
@click.option("--password-stdin", is_flag=True, help="Read the password from standard input.")
def moderator_password(email: str, password_stdin: bool) -> None:
    """Set a moderator's password, and sign them out everywhere."""
    from moderation.staff import moderators, passwords

    password = _password(password_stdin)
    with writing() as session, explained(moderators.ModeratorError, passwords.PasswordError):
        person = moderators.named(session, email)
        passwords.set_anew(session, person, password, now=now())
    click.echo("The password is set; every sign-in of theirs has ended.", err=True)


@moderator.command("reset-link")
@click.argument("email")
@click.option(
    "--hours",
    default=1,
    show_default=True,
    type=click.IntRange(1, 72),
    help="How long it may be used.",
)
def moderator_reset_link(email: str, hours: int) -> None:
    """Print a link with which the moderator sets a new password, once.

    Hand it over yourself, and to nobody else: whoever opens it can sign in as them. An earlier link
    ends; their sign-ins end when the password is set.
    """
    from moderation.staff import moderators, passwords

    with writing() as session, explained(moderators.ModeratorError):
        person = moderators.named(session, email)
        token = passwords.offer_reset(session, person, hours=hours, now=now())
    public_url = read_settings().public_url.rstrip("/")
    click.echo(f"{public_url}/password?token={token}")
    if not public_url:
        click.echo(
            "Put the service's address before it; with MODERATION_PUBLIC_URL set it is there.",
            err=True,
        )


@moderator.command("codes-off")
@click.argument("email")
def moderator_codes_off(email: str) -> None:
    """Let a moderator log in without one-time codes: the phone is lost, and so are the recovery
    codes. Where codes are required they set up others first.
    """
    from moderation.staff import codes, moderators

    with writing() as session, explained(moderators.ModeratorError):
        person = moderators.named(session, email)
        done = codes.switch_off(session, person.id, by_themselves=False, now=now())
    said = "is asked for no code any more" if done else "was asked for no code"
    click.echo(f"{person.email} {said}.", err=True)


@moderator.command("reseal")
def moderator_reseal() -> None:
    """Encrypt the secrets that are read again (of one-time codes, those with which sites sign who
    their readers are, those of Coral and of webhooks) under the secret key in force.

    After a change of MODERATION_SECRET_KEY, before the previous one is removed.
    """
    from moderation import coral_secrets, embed_secrets, secret_key
    from moderation.staff import codes
    from moderation.webhooks import receivers

    sealing = secret_key.sealing(read_settings())
    with writing() as session:
        resealed = [
            codes.reseal(session, sealing),
            embed_secrets.reseal(session, sealing),
            coral_secrets.reseal(session, sealing),
            receivers.reseal(session, sealing),
        ]
    done, lost = map(sum, zip(*resealed, strict=True))
    click.echo(f"{done} sealed under the key in force, {lost} that no known key opens.", err=True)
