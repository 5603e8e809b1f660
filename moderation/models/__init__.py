"""The tables, one file per noun. Rows that a site owns begin their key with `site_id`."""

from moderation.models.base import Base, Instant, OfSite, new_id
from moderation.models.comment import (
    Comment,
    Flag,
    Receipt,
    Revision,
    Score,
    Spans,
    Status,
    has_status,
)
from moderation.models.commenter import (
    Commenter,
    CommenterBlock,
    CommenterNote,
    Refusal,
    Strike,
    block_in_force,
)
from moderation.models.decision import Actor, Decision, DecisionNote
from moderation.models.moderator import Assignment, Moderator, PasswordReset, Role, SignIn
from moderation.models.schema_floor import SchemaFloor
from moderation.models.site import ApiKey, AuditEntry, PostedPolicy, Scope, Site
from moderation.models.story import Story

__all__ = [
    "Actor",
    "ApiKey",
    "Assignment",
    "AuditEntry",
    "Base",
    "Comment",
    "Commenter",
    "CommenterBlock",
    "CommenterNote",
    "Decision",
    "DecisionNote",
    "Flag",
    "Instant",
    "Moderator",
    "OfSite",
    "PasswordReset",
    "PostedPolicy",
    "Receipt",
    "Refusal",
    "Revision",
    "Role",
    "SchemaFloor",
    "Scope",
    "Score",
    "SignIn",
    "Site",
    "Spans",
    "Status",
    "Story",
    "Strike",
    "block_in_force",
    "has_status",
    "new_id",
]
