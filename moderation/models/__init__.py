"""The tables, one file per noun. Rows that a site owns begin their key with `site_id`."""

from moderation.models.appeal import Appeal, Outcome
from moderation.models.base import Base, Instant, OfSite, first_id, new_id
from moderation.models.comment import (
    HELD_FOR_MAX,
    Comment,
    Flag,
    Receipt,
    Revision,
    Score,
    Spans,
    Status,
    has_status,
    lies_in,
)
from moderation.models.commenter import (
    Commenter,
    CommenterBlock,
    CommenterName,
    CommenterNote,
    Refusal,
    Strike,
    block_in_force,
)
from moderation.models.complaint import Complaint
from moderation.models.coral_secret import CoralSecret
from moderation.models.decision import (
    CAN_BE_TAKEN_BACK,
    EXPIRED,
    Actor,
    Decision,
    DecisionNote,
    Explanation,
    was_held,
)
from moderation.models.moderator import (
    Assignment,
    Authenticator,
    Identity,
    Invitation,
    Keys,
    Moderator,
    PasswordReset,
    RecoveryCode,
    Role,
    SignIn,
)
from moderation.models.notice import Notice, NoticeOutcome
from moderation.models.outside_verdict import OutsideVerdict
from moderation.models.saved_reply import SavedReply
from moderation.models.schema_floor import SchemaFloor
from moderation.models.site import ApiKey, AuditEntry, EmbedSecret, PostedPolicy, Scope, Site
from moderation.models.site_day import SiteDay
from moderation.models.spot_check import Answer, SpotCheck
from moderation.models.story import Story
from moderation.models.suggestion import Suggestion
from moderation.models.tray import Concern, Lease, Move, Tray, Urgency
from moderation.models.webhook import Delivery, DeliveryOutcome, Event, Webhook

__all__ = [
    "CAN_BE_TAKEN_BACK",
    "EXPIRED",
    "HELD_FOR_MAX",
    "Actor",
    "Answer",
    "ApiKey",
    "Appeal",
    "Assignment",
    "AuditEntry",
    "Authenticator",
    "Base",
    "Comment",
    "Commenter",
    "CommenterBlock",
    "CommenterName",
    "CommenterNote",
    "Complaint",
    "Concern",
    "CoralSecret",
    "Decision",
    "DecisionNote",
    "Delivery",
    "DeliveryOutcome",
    "EmbedSecret",
    "Event",
    "Explanation",
    "Flag",
    "Identity",
    "Instant",
    "Invitation",
    "Keys",
    "Lease",
    "Moderator",
    "Move",
    "Notice",
    "NoticeOutcome",
    "OfSite",
    "Outcome",
    "OutsideVerdict",
    "PasswordReset",
    "PostedPolicy",
    "Receipt",
    "RecoveryCode",
    "Refusal",
    "Revision",
    "Role",
    "SavedReply",
    "SchemaFloor",
    "Scope",
    "Score",
    "SignIn",
    "Site",
    "SiteDay",
    "Spans",
    "SpotCheck",
    "Status",
    "Story",
    "Strike",
    "Suggestion",
    "Tray",
    "Urgency",
    "Webhook",
    "block_in_force",
    "first_id",
    "has_status",
    "lies_in",
    "new_id",
    "was_held",
]
