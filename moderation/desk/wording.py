"""What the desk says in words: what was done and by whom, what things are called, how long ago.

Why a comment is here is said by `reason_words`, what a policy's rule looks for by `rule_words`, the
audit log by `audit_words`.
"""

from datetime import datetime, timedelta
from typing import Any

from flask import Flask
from flask_babel import format_date, format_decimal, gettext, lazy_gettext, ngettext

from moderation import commenters
from moderation.cards import Logged, Moved, can_be_undone
from moderation.desk.clock import exactly, there
from moderation.desk.door import now, person
from moderation.desk.signing_in import ON
from moderation.imports import Stood
from moderation.models import (
    EXPIRED,
    Actor,
    Appeal,
    Commenter,
    Concern,
    Moderator,
    Notice,
    NoticeOutcome,
    Outcome,
    Role,
    Status,
    Tray,
)

STATUSES: dict[str, Any] = {
    "received": lazy_gettext("waiting to be judged"),
    "held": lazy_gettext("held"),
    "approved": lazy_gettext("approved"),
    "blocked": lazy_gettext("blocked"),
}
DECIDED: dict[str, Any] = {
    Status.RECEIVED: lazy_gettext("Received by %(who)s"),
    Status.HELD: lazy_gettext("Held by %(who)s"),
    Status.APPROVED: lazy_gettext("Approved by %(who)s"),
    Status.BLOCKED: lazy_gettext("Blocked by %(who)s"),
}
"""A decision, by the status that it led to."""
IMPORTED: dict[str, Any] = {
    Stood.APPROVED: lazy_gettext("Imported as approved"),
    Stood.PENDING: lazy_gettext("Imported while it waited for a moderator"),
    Stood.REJECTED: lazy_gettext("Imported as blocked"),
    Stood.SPAM: lazy_gettext("Imported as spam"),
    Stood.TRASH: lazy_gettext("Imported from the trash"),
    Stood.DELETED: lazy_gettext("Imported as deleted"),
    Stood.UNKNOWN: lazy_gettext("Imported, its status was not known"),
}
"""How a comment stood where it comes from. Who decided that there is not known here."""
LEFT: dict[str, Any] = {
    Status.RECEIVED: lazy_gettext("Left received by %(who)s"),
    Status.HELD: lazy_gettext("Left held by %(who)s"),
    Status.APPROVED: lazy_gettext("Left approved by %(who)s"),
    Status.BLOCKED: lazy_gettext("Left blocked by %(who)s"),
}
"""One that changed no status."""
UNDONE: dict[str, Any] = {
    Status.RECEIVED: lazy_gettext("Undone by %(who)s, received again"),
    Status.HELD: lazy_gettext("Undone by %(who)s, held again"),
    Status.APPROVED: lazy_gettext("Undone by %(who)s, approved again"),
    Status.BLOCKED: lazy_gettext("Undone by %(who)s, blocked again"),
}
"""One that took another back."""
LAID: dict[str, Any] = {
    Tray.WAITING: lazy_gettext("Put back by %(who)s"),
    Tray.LATER: lazy_gettext("Left for later by %(who)s"),
    Tray.ESCALATED: lazy_gettext("Escalated by %(who)s"),
}
"""A move, by the tray that it led to; below, one that took another back."""
LAID_BACK: dict[str, Any] = {
    Tray.WAITING: lazy_gettext("Undone by %(who)s, waiting again"),
    Tray.LATER: lazy_gettext("Undone by %(who)s, left for later again"),
    Tray.ESCALATED: lazy_gettext("Undone by %(who)s, escalated again"),
}
CONCERNS: dict[str, Any] = {
    Concern.LEGAL: lazy_gettext("a legal matter"),
    Concern.THREAT: lazy_gettext("a threat"),
    Concern.SUICIDE: lazy_gettext("suicide or self-harm"),
    Concern.MINORS: lazy_gettext("minors"),
    Concern.OTHER: lazy_gettext("something else"),
}
APPEAL_ENDS: dict[str, Any] = {
    Outcome.UPHELD: lazy_gettext("Upheld by %(who)s"),
    Outcome.OVERTURNED: lazy_gettext("Overturned by %(who)s"),
    Outcome.LIFTED: lazy_gettext("The block was lifted before, by %(who)s"),
    Outcome.REPLACED: lazy_gettext("Another block took its place, made by %(who)s"),
    Outcome.DELETED: lazy_gettext("Deleted, before anybody had decided"),
}
NOTICE_ENDS: dict[str, Any] = {
    NoticeOutcome.BLOCKED: lazy_gettext("Blocked by %(who)s"),
    NoticeOutcome.LEFT: lazy_gettext("Left as it was by %(who)s"),
    NoticeOutcome.DELETED: lazy_gettext("Deleted, before anybody had decided"),
}
ROLES: dict[str, Any] = {
    Role.MODERATOR: lazy_gettext("moderator"),
    Role.LEAD: lazy_gettext("lead"),
    Role.ADMIN: lazy_gettext("admin"),
}
DEVICES: dict[str, Any] = {
    "another browser": lazy_gettext("another browser"),
    "an iPhone": lazy_gettext("an iPhone"),
    "an iPad": lazy_gettext("an iPad"),
}
"""Those whose names are translated."""


def set_up(app: Flask) -> None:
    """Make these words available to the app's templates."""
    app.add_template_global(decided)
    app.add_template_global(can_be_undone)
    app.add_template_global(moved)
    app.add_template_global(ended)
    app.add_template_global(who)
    app.add_template_global(is_blocked)
    app.add_template_global(commenters.is_erased)
    app.add_template_filter(device)
    app.add_template_filter(ago)
    app.add_template_filter(exactly)
    app.add_template_filter(format_decimal, "many")
    app.jinja_env.globals.update(ROLES=ROLES, STATUSES=STATUSES, CONCERNS=CONCERNS)


def decided(line: Logged) -> str:
    """What was done and by whom: "Blocked by Ana"; "Undone by you, held again"."""
    decision, done = line.decision, DECIDED
    if decision.undoes is not None:
        done = UNDONE
    elif decision.appeal_id is not None:
        return str(gettext("Approved on appeal by %(who)s", who=who(line.moderator)))
    elif decision.imported_as is not None:
        return str(IMPORTED[decision.imported_as])
    elif decision.reason == EXPIRED:
        return str(gettext("Expired unreviewed, blocked"))
    elif decision.status_after == decision.status_before:
        done = LEFT
    return str(done[decision.status_after]) % {"who": who(line.moderator, decision.actor)}


def moved(line: Moved) -> str:
    """Where it was laid and by whom: "Escalated by Ana: a threat"."""
    move = line.move
    done = LAID if move.undoes is None else LAID_BACK
    said = str(done[move.tray_after]) % {"who": who(line.moderator)}
    return f"{said}: {CONCERNS[move.concern]}" if move.concern and move.undoes is None else said


def ended(complaint: Appeal | Notice, by: Moderator | None) -> str:
    """What came of an appeal or a notice, and by whom: "Upheld by Ben"; that it waits."""
    if isinstance(complaint, Appeal):
        waits, ends, otherwise = gettext("The appeal waits"), APPEAL_ENDS, Actor.SITE
    else:
        waits, ends, otherwise = gettext("The notice waits"), NOTICE_ENDS, Actor.POLICY
    if complaint.outcome is None:
        return str(waits)
    return str(ends[complaint.outcome]) % {"who": who(by, otherwise)}


def who(moderator: Moderator | None, actor: str = Actor.MODERATOR) -> str:
    """A colleague by name or e-mail, oneself as "you"; the policy where no person decided."""
    if moderator is None:
        return str(gettext("the policy") if actor == Actor.POLICY else gettext("the site"))
    if moderator.id == person().moderator.id:
        return str(gettext("you"))
    return moderator.name or moderator.email


def is_blocked(commenter: Commenter) -> bool:
    """Whether the site takes nothing from them now."""
    return commenter.is_blocked(now())


def device(client: str | None) -> str:
    """Which browser on what, as a sign-in keeps it in English (`signing_in.client_of`)."""
    browser, _, system = (client or "another browser").partition(ON)
    browser, system = str(DEVICES.get(browser, browser)), str(DEVICES.get(system, system))
    if not system:
        return browser
    return str(gettext("%(browser)s on %(system)s", browser=browser, system=system))


def ago(moment: datetime, at: datetime | None = None) -> str:
    """How long before `at` (empty: now) in short; the date from a week on."""
    at = at or now()
    gone = at - moment
    if gone < timedelta(minutes=1):
        said = gettext("just now")
    elif gone < timedelta(hours=1):
        minutes = gone // timedelta(minutes=1)
        said = ngettext("%(num)d min ago", "%(num)d min ago", minutes)
    elif gone < timedelta(days=1):
        said = ngettext("%(num)d h ago", "%(num)d h ago", gone // timedelta(hours=1))
    elif gone < timedelta(days=7):
        said = ngettext("%(num)d day ago", "%(num)d days ago", gone.days)
    else:
        day, today = there(moment).date(), there(at).date()
        said = format_date(day, "d MMMM" if day.year == today.year else "d MMMM y")
    return str(said)
