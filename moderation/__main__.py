"""`python -m moderation` is the command `moderation`."""

from moderation.cli import main

main()
