"""What readers are told, in sentences: what became of what they wrote, and why something was not
taken. Never a score, a threshold, nor what a machine has found."""

from enum import StrEnum
from typing import Any

from flask_babel import gettext, lazy_gettext, ngettext
from werkzeug.exceptions import HTTPException, RequestEntityTooLarge

from moderation import telling
from moderation.comments import Reason
from moderation.limits import TooMany
from moderation.models import EXPIRED, Appeal, Outcome, Status
from moderation.reading import Own
from moderation.threads import Gone


class Code(StrEnum):
    """Why something was not taken, for a script; the reader is told the sentence."""

    FOREIGN_ORIGIN = "foreign-origin"
    TOKEN_REFUSED = "token-refused"  # noqa: S105 - no password
    GUEST_UNKNOWN = "guest-unknown"
    NO_GUESTS = "no-guests"
    NAME_MISSING = "name-missing"
    NAME_TAKEN = "name-taken"
    TEXT_MISSING = "text-missing"
    TOO_LONG = "too-long"
    UNREADABLE = "unreadable"
    NOWHERE = "nowhere"
    NOT_HERE = "not-here"
    BLOCKED = "commenter-blocked"
    CLOSED = "story-closed"
    PARENT_GONE = "parent-gone"
    SENT_BEFORE = "sent-before"
    NOT_BLOCKED = "not-blocked"
    APPEALED = "already-appealed"
    TOO_LATE = "too-late"
    TOO_MANY = "too-many"
    TOO_LARGE = "too-large"
    AWAY = "away"
    BROKEN = "broken"


TURNED: dict[Code, tuple[int, Any]] = {
    Code.FOREIGN_ORIGIN: (403, lazy_gettext("This page may not send comments here.")),
    Code.TOKEN_REFUSED: (
        401,
        lazy_gettext("Your log-in has run out. Log in again; what you wrote stays here."),
    ),
    Code.GUEST_UNKNOWN: (401, lazy_gettext("You are not known here any more. Send it once more.")),
    Code.NO_GUESTS: (401, lazy_gettext("Log in to do that.")),
    Code.NAME_MISSING: (422, lazy_gettext("Give a name with at least one letter.")),
    Code.NAME_TAKEN: (409, lazy_gettext("A reader of this site has that name. Choose another.")),
    Code.TEXT_MISSING: (422, lazy_gettext("Write something first.")),
    Code.TOO_LONG: (422, lazy_gettext("That is too long. Make it shorter.")),
    Code.UNREADABLE: (422, lazy_gettext("That could not be read. Nothing was changed.")),
    Code.NOWHERE: (404, lazy_gettext("There are no comments at this address.")),
    Code.NOT_HERE: (404, lazy_gettext("That comment is not here any more.")),
    Code.BLOCKED: (403, lazy_gettext("This site takes no comments from you at present.")),
    Code.CLOSED: (409, lazy_gettext("This story takes no more comments.")),
    Code.PARENT_GONE: (422, lazy_gettext("The comment that you answer is not here any more.")),
    Code.SENT_BEFORE: (409, lazy_gettext("That was sent before, with other words.")),
    Code.NOT_BLOCKED: (409, lazy_gettext("This comment is not blocked now.")),
    Code.APPEALED: (409, lazy_gettext("You have appealed this before.")),
    Code.TOO_LATE: (409, lazy_gettext("The time to appeal this is over.")),
    Code.TOO_MANY: (429, lazy_gettext("That was a lot at once. Wait a minute, then try again.")),
    Code.TOO_LARGE: (413, lazy_gettext("That was more than is taken at once.")),
    Code.AWAY: (503, lazy_gettext("This does not work just now. Try again in a minute.")),
    Code.BROKEN: (500, lazy_gettext("Something broke here. Try again in a moment.")),
}
REFUSED: dict[Reason, Code] = {
    Reason.COMMENTER_BLOCKED: Code.BLOCKED,
    Reason.STORY_CLOSED: Code.CLOSED,
    Reason.UNKNOWN_PARENT: Code.PARENT_GONE,
    Reason.KEY_REUSED: Code.SENT_BEFORE,
}


class Turned(HTTPException):
    """Something that is not taken, with the sentence that says why."""

    def __init__(self, why: Code) -> None:
        self.why = why
        self.code, said = TURNED[why]
        super().__init__(str(said))

    @property
    def says(self) -> str:
        """The sentence, in the language of the page."""
        return str(TURNED[self.why][1])


def why_of(error: HTTPException) -> Code | None:
    """What the reader is told of an error of HTTP; None for one that is not about what they did."""
    match error:
        case Turned():
            return error.why
        case TooMany():
            return Code.TOO_MANY
        case RequestEntityTooLarge():
            return Code.TOO_LARGE
        case _:
            return None


GONE: dict[Gone, Any] = {
    Gone.BLOCKED: lazy_gettext("This comment was removed by a moderator or by the policy."),
    Gone.ERASED: lazy_gettext("This comment was deleted."),
    Gone.WITHDRAWN: lazy_gettext("This comment is being looked at again."),
}
"""What stands in the place of a comment that has answers."""
REPORTS: dict[str, Any] = {
    "insult": lazy_gettext("It attacks somebody"),
    "hate": lazy_gettext("It is against a group of people"),
    "threat": lazy_gettext("It threatens somebody"),
    "spam": lazy_gettext("It is advertising or spam"),
    "private": lazy_gettext("It tells somebody's private matters"),
    "other": lazy_gettext("Something else"),
}
"""The reasons for a report."""
LABELS: dict[str, Any] = {
    "title": lazy_gettext("Comments"),
    "none": lazy_gettext("No comments yet."),
    "more": lazy_gettext("More comments"),
    "rules": lazy_gettext("What we print"),
    "guest": lazy_gettext("guest"),
    "edited": lazy_gettext("edited"),
    # Translators: %(name)s is who wrote the comment that is answered.
    "answers": lazy_gettext("in answer to %(name)s"),
    "name": lazy_gettext("Your name"),
    "text": lazy_gettext("Your comment"),
    "as": lazy_gettext("You write as %(name)s."),
    "send": lazy_gettext("Send"),
    "cancel": lazy_gettext("Cancel"),
    "reply": lazy_gettext("Answer"),
    # Translators: a button, read aloud: %(name)s is who wrote the comment.
    "reply_to": lazy_gettext("Answer the comment of %(name)s"),
    "report": lazy_gettext("Report"),
    "report_of": lazy_gettext("Report the comment of %(name)s"),
    "report_why": lazy_gettext("What is wrong with it?"),
    "report_words": lazy_gettext("More about it, for the moderator alone (not needed)"),
    "edit": lazy_gettext("Edit"),
    "edited_text": lazy_gettext("New words"),
    "own": lazy_gettext("Your comments here"),
    "appeal": lazy_gettext("Appeal"),
    "appeal_why": lazy_gettext("Why should it be published? A person will look at it again."),
    "sign_in": lazy_gettext("Log in to comment"),
    "only_known": lazy_gettext("Comments are taken from readers who are logged in."),
    "closed": lazy_gettext("This story takes no more comments."),
    "look": lazy_gettext("Look again"),
    "away": lazy_gettext("The comments cannot be shown just now."),
    "kept": lazy_gettext("It was not sent. What you wrote stays here: try again in a moment."),
}
"""The words of a page of comments, for the script and for the plain page."""
OFFLINE = ("title", "away")
"""Those that are shown when nothing else could be had."""


def labels() -> dict[str, str]:
    """All of them in the language of the page."""
    return {name: str(said) for name, said in LABELS.items()}


def counted(count: int) -> str:
    """How many comments there are."""
    return str(ngettext("%(num)d comment", "%(num)d comments", count))


def became(own: Own) -> str:
    """What became of somebody's own comment."""
    match own.comment.status:
        case Status.APPROVED:
            return str(gettext("Your comment is published."))
        case Status.HELD:
            return str(gettext("Your comment waits for a moderator."))
        case Status.BLOCKED:
            return _blocked(own)
        case _ if own.is_let_lie:
            return str(
                gettext("Your comment has come in. For now, new comments are not published here.")
            )
        case _:
            return str(gettext("Your comment has come in, and is being checked."))


def _blocked(own: Own) -> str:
    decision = own.decision
    if decision is not None and decision.decision.reason == EXPIRED:
        return str(
            gettext(
                "Your comment was not published: nobody had looked at it in time. It breaks no"
                " rule that we know of."
            )
        )
    clause = decision and (decision.clause_title or decision.decision.clause)
    if not clause:
        return str(gettext("Your comment was not published."))
    return str(gettext("Your comment was not published: “%(clause)s”.", clause=clause))


def reason(own: Own) -> str:
    """What a moderator wrote to the commenter, if anything."""
    blocked = own.comment.status == Status.BLOCKED
    return (own.decision.explanation or "") if blocked and own.decision else ""


def appealed(appeal: Appeal | None) -> str:
    """What became of an appeal; nothing where what it was about has changed since."""
    if appeal is None:
        return ""
    if appeal.outcome is None:
        return str(gettext("You have appealed: a person will look at it again."))
    if appeal.outcome == Outcome.UPHELD:
        return str(gettext("You have appealed: a person has looked at it again, and it stays so."))
    return ""


def policy_text(text: str) -> str:
    """A text of the policy without the line breaks of its file."""
    return telling.flowing(text)


def reported() -> str:
    """What whoever has reported a comment is told."""
    return str(gettext("Thank you. It is reported to the moderators."))
