"""The command `moderation`: one module for each noun that it knows.

Other packages add commands by the entry-point group of `door.Commands`.
"""

import click

from moderation.cli.coral import coral
from moderation.cli.database import db
from moderation.cli.door import Commands
from moderation.cli.importing import import_group
from moderation.cli.keeping import backup, erase, export, restore, retention
from moderation.cli.moderators import moderator
from moderation.cli.policies import policy_group
from moderation.cli.sites import site
from moderation.cli.status import status
from moderation.cli.suggestions import suggestions
from moderation.cli.web import web
from moderation.cli.webhooks import webhook


@click.group(
    cls=Commands,
    context_settings={"help_option_names": ["-h", "--help"], "max_content_width": 100},
)
@click.version_option(package_name="comment-moderation")
def main() -> None:
    """Take in reader comments, score them, judge them by the site's posted policy, and queue the
    doubtful ones for a moderator.

    \b
    To look around (makes a demo site the first time):
        moderation run
    To set up a site of your own:
        moderation db upgrade
        moderation site add the-daily --name "The Daily"
        moderation site key add the-daily
        moderation policy post the-daily my-policy.toml
        moderation moderator add ana@daily.example --site the-daily --role admin

    Settings come from the environment (MODERATION_..., DATABASE_URL, REDIS_URL); the README lists
    them.
    """  # noqa: D301 - click reads \b as the character that it is


for command in (
    *(db, site, policy_group, moderator, coral, webhook, suggestions, status, web),
    *(backup, restore, import_group, export, erase, retention),
):
    main.add_command(command)
