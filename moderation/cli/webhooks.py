"""`moderation webhook`: where a site is told of what happened."""

import click

from moderation.cli.door import explained, now, read_settings, reading, writing

EVENTS = (
    "comment.approved",
    "comment.held",
    "comment.blocked",
    "comment.reopened",
    "comment.withdrawn",
    "comment.overturned",
    "commenter.blocked",
    "commenter.unblocked",
    "appeal.ended",
    "notice.ended",
)
"""As `models.Event`, which --help does not load."""


@click.group()
def webhook() -> None:
    """Addresses at which a site is told of what happened; docs/webhooks.md says how to receive it.

    WEBHOOK is one of a site's addresses, or its id as `list` shows it.
    """


@webhook.command("add")
@click.argument("site")
@click.argument("address")
@click.option(
    "--event",
    "events",
    multiple=True,
    type=click.Choice(EVENTS),
    help="Of what it is told; give it several times for several. Without one, of everything.",
)
def webhook_add(site: str, address: str, events: tuple[str, ...]) -> None:
    """Tell SITE at ADDRESS (https://...) and print the secret that signs it, alone, on standard
    output.

    It is shown this once.
    """
    from moderation import secret_key, sites
    from moderation.models import Event
    from moderation.webhooks import receivers

    settings = read_settings()
    with writing() as session, explained(sites.SiteError, receivers.ReceiverError):
        _, secret = receivers.add(
            session,
            sites.named(session, site).id,
            address,
            [Event(event) for event in events or EVENTS],
            sealing=secret_key.sealing(settings),
            allowed=settings.webhooks_allowed,
            now=now(),
        )
    click.echo(secret)


@webhook.command("list")
@click.argument("site")
def webhook_list(site: str) -> None:
    """List SITE's webhooks, a line each: id, on or off, tries failed in a row, address, events."""
    from moderation import sites
    from moderation.webhooks import receivers

    with reading() as session, explained(sites.SiteError):
        for one in receivers.of_site(session, sites.named(session, site).id):
            switch = "on" if one.enabled else "off"
            events = ",".join(one.events)
            click.echo(f"{one.id}\t{switch}\t{one.failures} failed\t{one.url}\t{events}")


@webhook.command("rotate")
@click.argument("site")
@click.argument("webhook")
@click.option("--at-once", is_flag=True, help="The old secret ends now, and not in a day.")
def webhook_rotate(site: str, webhook: str, *, at_once: bool) -> None:
    """Make another secret for WEBHOOK of SITE and print it.

    For a day the old one signs, too: give the new one to the receiver meanwhile.
    """
    from moderation import secret_key, sites
    from moderation.webhooks import receivers

    sealing, moment = secret_key.sealing(read_settings()), now()
    with writing() as session, explained(sites.SiteError, sites.NotFound):
        found = receivers.named(session, sites.named(session, site).id, webhook)
        of = (session, found.site_id, found.id)
        secret = receivers.rotate(*of, sealing=sealing, now=moment)
        if at_once:
            receivers.end_previous(*of, now=moment)
    click.echo(secret)


@webhook.command("remove")
@click.argument("site")
@click.argument("webhook")
def webhook_remove(site: str, webhook: str) -> None:
    """Tell SITE at WEBHOOK nothing more. What still waits for it is not sent."""
    from moderation import sites
    from moderation.webhooks import receivers

    with writing() as session, explained(sites.SiteError, sites.NotFound):
        found = receivers.named(session, sites.named(session, site).id, webhook)
        receivers.remove(session, found.site_id, found.id, now=now())
    click.echo("Removed. Decisions stay in the feed.", err=True)


@webhook.command("test")
@click.argument("site")
@click.argument("webhook")
def webhook_test(site: str, webhook: str) -> None:
    """Send WEBHOOK of SITE a test now, and say what came back."""
    from moderation import secret_key, sites
    from moderation.webhooks import receivers, sending

    settings = read_settings()
    with reading() as session, explained(sites.SiteError, sites.NotFound):
        publication = sites.named(session, site)
        found = receivers.named(session, publication.id, webhook)
    reply = sending.send_test(
        found,
        publication,
        sealing=secret_key.sealing(settings),
        allowed=settings.webhooks_allowed,
        now=now(),
    )
    answered = f"answered {reply.status}" if reply.status else "no answer"
    click.echo(f"{answered}\t{round(reply.seconds * 1000)} ms")
    if reply.text:
        click.echo(reply.text)
    if reply.trouble is not None:
        raise click.ClickException(
            f"it was not taken: {reply.trouble} (docs/webhooks.md says what that is)"
        )
