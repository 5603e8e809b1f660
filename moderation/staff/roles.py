"""What each role may do at a site: the one table of it."""

from collections.abc import Mapping
from enum import StrEnum

from moderation.models import Role


class Right(StrEnum):
    """What a page or an act of the desk asks for."""

    MODERATE = "moderate"  # read the queue and what was decided, decide, block commenters
    POLICY = "policy"  # post another policy
    FIGURES = "figures"  # set spot check and hold budget, see others' figures where one may
    PEOPLE = "people"  # invite, change roles, remove
    WEBHOOKS = "webhooks"  # say where the site is told, and see what it was
    EMBEDDING = "embedding"  # say which pages show its comments, make the secret of its readers
    AUDIT = "audit"  # read who changed what about the site


CODES_ASKED_OF = frozenset({Role.LEAD, Role.ADMIN})
"""Who must sign in with one-time codes where the operator wants it (`require_codes`)."""
MAY: Mapping[Role, frozenset[Right]] = {
    Role.MODERATOR: frozenset({Right.MODERATE}),
    Role.LEAD: frozenset({Right.MODERATE, Right.POLICY, Right.FIGURES}),
    Role.ADMIN: frozenset(Right),
}
