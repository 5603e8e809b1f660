"""`moderation suggestions`: what moderators elsewhere say that comments should have scored."""

import click

from moderation.cli.door import explained, reading, writing


@click.group()
def suggestions() -> None:
    """Verdicts that came with Perspective's suggestscore (docs/perspective.md)."""


@suggestions.command("export")
@click.argument("site")
def suggestions_export(site: str) -> None:
    """Write those of SITE to standard output, as a CSV file that `moderation model eval` reads."""
    import csv
    import sys

    from moderation import sites
    from moderation import suggestions as verdicts
    from moderation.standin.perspective.names import OURS

    names = list(dict.fromkeys(OURS.values()))
    rows = csv.writer(sys.stdout)
    rows.writerow(["text", *names])
    with reading() as session, explained(sites.SiteError):
        for one in verdicts.of_site(session, sites.named(session, site).id):
            rows.writerow([one.text, *(one.scores.get(name, "") for name in names)])


@suggestions.command("erase")
@click.argument("site")
@click.argument("token")
def suggestions_erase(site: str, token: str) -> None:
    """Erase what was said of the comment that SITE's client calls TOKEN, as comment:7.

    After a restore of an older backup, do it again.
    """
    from moderation import sites
    from moderation import suggestions as verdicts

    with writing() as session, explained(sites.SiteError):
        count = verdicts.erase(session, sites.named(session, site).id, token)
    click.echo(f"Erased {count}.", err=True)
