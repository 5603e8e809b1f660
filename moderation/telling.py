"""What people are told of a block, an appeal and a notice, in sentences: the one place of these
words.

Plain text. What the site wrote (its name, a story's title, the policy, a reason) stands in it as it
was written: whoever shows it as HTML escapes it.
"""

import re
from collections.abc import Iterator
from datetime import UTC, datetime

from moderation import policy
from moderation.models import Appeal, Notice, NoticeOutcome, Outcome, Site
from moderation.policy import Standing, Violation
from moderation.redress.statements import REPORTS_COUNTED, Blocked, By, Found, Statement, by_readers
from moderation.signals import SignalKind

BESIDE_A_CLAUSE: dict[str, str] = {
    policy.Reason.MODEL_FAILED: "It could not be checked automatically.",
    policy.Reason.JUDGING_FAILED: "It could not be held against the policy automatically.",
    policy.Reason.MISSING_SCORE: "It could not be checked completely.",
    policy.Reason.TEXT_CUT: "It was too long to be checked automatically as a whole.",
    policy.Reason.LANGUAGE_UNREADABLE: "It is in a language that the automatic check cannot read.",
    policy.Reason.NO_LETTERS: "There is no letter in it that the automatic check could read.",
    policy.Reason.HOLD_EVERYTHING: "A moderator looked at every comment then.",
    policy.Reason.NO_POLICY: "A moderator looked at every comment then.",
}
STANDINGS = {
    Standing.NEW: "new here",
    Standing.REGULAR: "known here",
    Standing.TRUSTED: "trusted here",
    Standing.RESTRICTED: "restricted here, for comments that were blocked before",
}
BESIDE_A_SCORE: dict[str, str] = {
    SignalKind.LISTED_WORD: "a word of the site's list",
    SignalKind.LINKS: "links",
    SignalKind.REPEAT: "a repeat of an earlier comment",
    SignalKind.SHOUTING: "many capitals",
    SignalKind.PERSONAL_DATA: "personal data",
    "flags": "readers' reports",
}


def in_sentences(statement: Statement) -> list[str]:
    """The whole statement, to the commenter."""
    blocked = statement.blocked
    if blocked is None:
        said = [*_commenter(statement), *_decided(statement)]
    else:
        said = [*_comment(statement, blocked), *_decided(statement), *_facts(statement, blocked)]
    return [*said, *redress(statement)]


ELSEWHERE = (
    "You can also go to a court and, where the law provides for it, to a body that settles disputes"
    " out of court."
)


def redress(statement: Statement) -> list[str]:
    """What the commenter can do about it."""
    return [_appeal(statement), ELSEWHERE]


def _appeal(statement: Statement) -> str:
    """How the block can be appealed, or that it has been."""
    appeal, site = statement.appeal, statement.site.name
    if appeal is not None and appeal.outcome == Outcome.UPHELD and appeal.ended_at:
        return (
            f"You have appealed this, and a person has looked at it again: on"
            f" {_moment(appeal.ended_at)} the decision was upheld."
        )
    if appeal is not None:
        return (
            f"You have appealed this on {_moment(appeal.received_at)}: a person will look at it"
            " again."
        )
    if statement.appeal_until is None:
        return (
            f"If you think that this is wrong, write to {site}. Name this reference:"
            f" {statement.reference}."
        )
    return (
        f"If you think that this is wrong, you can appeal it at {site}, once, until"
        f" {_moment(statement.appeal_until)}. A person will look at it again, and not the one who"
        f" decided it if the site has another. Name this reference: {statement.reference}."
    )


# --- an appeal ------------------------------------------------------------------------------


def of_appeal(appeal: Appeal, site: Site, moderator: str | None) -> list[str]:
    """What became of an appeal, to the commenter. `moderator` is the pseudonym of who decided."""
    if appeal.outcome is None or appeal.ended_at is None:
        when = _moment(appeal.received_at)
        return [f"{site.name} has your appeal of {when}: a person will look at it."]
    began = f"You have appealed on {_moment(appeal.received_at)}."
    return [began, *_ended(appeal, _moment(appeal.ended_at), moderator), ELSEWHERE]


def _ended(appeal: Appeal, when: str, moderator: str | None) -> Iterator[str]:
    about_comment = appeal.comment_id is not None
    who = _whose(moderator)
    match appeal.outcome:
        case Outcome.UPHELD:
            yield f"A person has looked at it again on {when}{who}. The decision stands."
        case Outcome.OVERTURNED:
            now = "Your comment is let through." if about_comment else "You can comment again."
            yield f"A person has looked at it again on {when}{who}. The decision was wrong. {now}"
        case Outcome.LIFTED:
            now = "your comment was let through" if about_comment else "the block was lifted"
            yield f"Before anybody had decided about your appeal, {now}, on {when}."
        case Outcome.REPLACED:
            yield (
                f"Before anybody had decided about your appeal, another block took the place of"
                f" this one, on {when}. You can appeal that."
            )
        case _:
            yield f"What it was about was deleted on {when}, so that nobody can look at it again."
    if appeal.own:
        yield "It was the person who had decided before: the site has nobody else."
    if appeal.reason:
        yield f"The reason given: “{appeal.reason}”"


# --- a notice -------------------------------------------------------------------------------


def of_notice(notice: Notice, site: Site, moderator: str | None) -> list[str]:
    """What became of a notice, to whoever gave it. `moderator` is the pseudonym of who decided."""
    received = _moment(notice.received_at)
    if notice.outcome is None or notice.ended_at is None:
        return [f"{site.name} has your notice of {received}: a person will look at it."]
    who = _whose(moderator)
    when = _moment(notice.ended_at)
    said = [f"You have given notice of a comment at {site.name} on {received}."]
    match notice.outcome:
        case NoticeOutcome.BLOCKED:
            said.append(f"It is not shown to the readers: this was decided on {when}{who}.")
        case NoticeOutcome.LEFT:
            said.append(f"A person has looked at it on {when}{who}. It stays as it was.")
        case _:
            said.append(f"It was deleted on {when}, before anybody had decided about it.")
    if notice.reason:
        said.append(f"The reason given: “{notice.reason}”")
    return [*said, ELSEWHERE]


def _whose(moderator: str | None) -> str:
    """Behind a decision's moment: whose it was, if that is told."""
    return f": {moderator}, which is a pseudonym" if moderator else ""


# --- what is restricted, and under which clause ---------------------------------------------


def _comment(statement: Statement, blocked: Blocked) -> Iterator[str]:
    under = f" under “{blocked.story.title}”" if blocked.story.title else ""
    shown = "is no longer shown" if blocked.was_public else "is not shown"
    yield (
        f"Your comment of {_moment(blocked.comment.posted_at)}{under} {shown} to the readers of"
        f" {statement.site.name}. That holds everywhere, and for as long as the decision stands."
    )
    if blocked.comment.revision > blocked.revision:
        yield (
            "The decision is about an earlier version of it: what you have changed since does not"
            " lift it by itself."
        )
    if statement.clause is not None:
        yield _clause(statement, statement.clause)
    if statement.reason:
        yield _given(statement.reason)
    if blocked.expired:
        yield (
            "It has not been found to break the site's policy. It was waiting to be looked at, and"
            " nobody had done so long after the story was closed to comments; then the site shows"
            " what is waiting no more. It does not count against you."
        )


def _clause(statement: Statement, key: str) -> str:
    posted = statement.posted
    clause = posted.policy.clause(key) if posted else None
    if posted is None or clause is None:
        return f"It breaks the site's policy, in the clause “{key}”."
    return (
        f"It breaks the site's policy “{posted.policy.title}” (version {posted.version}), in the"
        f" clause “{clause.title}”: “{flowing(clause.text)}”"
    )


def flowing(text: str) -> str:
    """Without the line breaks of the policy's file; paragraphs stay apart by a blank line."""
    return "\n\n".join(" ".join(one.split()) for one in re.split(r"\n\s*\n", text.strip()))


def _given(reason: str) -> str:
    return f"The reason given: “{reason}”"


def _commenter(statement: Statement) -> Iterator[str]:
    until = f"until {_moment(statement.until)}" if statement.until else "without an end date"
    yield (
        f"{statement.site.name} has taken no comments from you since {_moment(statement.since)},"
        f" {until}. That holds for all of its stories. What you wrote before stays as it is."
    )
    if statement.reason:
        yield _given(statement.reason)
    if statement.posted:
        yield (
            f"The site's policy was then “{statement.posted.policy.title}” (version"
            f" {statement.posted.version})."
        )


# --- who decided, and on which facts --------------------------------------------------------


def _decided(statement: Statement) -> Iterator[str]:
    when = _moment(statement.since)
    if statement.blocked is not None and statement.blocked.expired:
        yield f"This was decided automatically, without a person, on {when}."
        return
    match statement.by:
        case By.POLICY:
            yield f"This was decided automatically, without a person, on {when}."
        case By.MODERATOR:
            who = f": {statement.moderator}, which is a pseudonym" if statement.moderator else ""
            yield f"A person decided this on {when}{who}."
        case By.SITE:
            yield (
                f"{statement.site.name} itself decided this on {when}, and not at the moderators'"
                " desk."
            )
        case By.IMPORT:
            yield (
                f"This was decided on {when} or later, with what {statement.site.name} had used"
                " before for its comments. By whom, or whether automatically, is not known here."
            )
        case None:
            yield f"It was decided on {when}; by whom was not recorded then."


def _facts(statement: Statement, blocked: Blocked) -> Iterator[str]:
    found = blocked.found
    if found is not None:
        yield from _findings(statement, found)
    if statement.by in {By.POLICY, By.IMPORT}:
        return
    if blocked.noticed:
        yield "Somebody had given notice of it as illegal content, and this decision answers that."
    if blocked.reports:
        least = "at least " if blocked.reports == REPORTS_COUNTED else ""
        yield f"By then {least}{_count(blocked.reports, 'reader')} had reported it."
    if found is None or not found.automated:
        yield "No automatic check had found anything in it."


def _findings(statement: Statement, found: Found) -> Iterator[str]:
    if found.automated and statement.by is By.POLICY:
        yield "An automatic check found this in it:"
    elif found.automated:
        yield "An automatic check had brought it before the moderators. It found this in it:"
    for violation in found.verdict.violations:
        if not by_readers(violation):
            yield f"– {finding(violation)}"
    if found.verdict.override:
        yield f"A stricter rule held there ({found.verdict.override.replace(':', ' ', 1)})."
    for reason in found.verdict.reasons:
        yield BESIDE_A_CLAUSE.get(reason, "It could not be checked completely.")


def finding(violation: Violation) -> str:
    """What a rule found, and from where on it counts."""
    value, threshold = violation.score or 0.0, violation.threshold or 0.0
    blocks = violation.outcome is policy.Outcome.BLOCK
    then = "it is blocked automatically" if blocks else "a moderator looks"
    if violation.attribute is not None:
        return _scored(violation, f"from {threshold:g} on {then}")
    details = (violation.detail or "").split(",")
    match violation.signal:
        case SignalKind.LISTED_WORD:
            spelt = " in another spelling" if "folded" in details else ""
            spelt = ", in words that you quoted" if "quoted" in details else spelt
            return f"{_count(round(value), 'word')} of the site's list{spelt}; then {then}."
        case SignalKind.LINKS:
            return f"{_count(round(value), 'link')}; with more than {threshold:.0f} {then}."
        case SignalKind.REPEAT:
            return f"it is {value:.0%} like an earlier comment; from {threshold:.0%} on {then}."
        case SignalKind.SHOUTING:
            return f"{value:.0%} of its letters are capitals; from {threshold:.0%} on {then}."
        case SignalKind.PERSONAL_DATA:
            kinds = ", ".join(details).replace("email", "e-mail address")
            return f"personal data ({kinds}); then {then}."
        case "standing":
            return f"you were {STANDINGS[Standing(details[0])]}; then {then}."
        case other:
            return f"{(other or violation.rule).replace('_', ' ')}; then {then}."


def _scored(violation: Violation, limit: str) -> str:
    named = (violation.attribute or "").replace("_", " ")
    beside = BESIDE_A_SCORE.get(violation.signal or "")
    quoted = ", in words that you quoted" if "quoted" in (violation.detail or "") else ""
    return (
        f"{named}: {violation.score or 0.0:.2f} on a scale from 0 to 1{quoted}"
        f"{f', together with {beside}' if beside else ''}; {limit}."
    )


def _count(number: int, noun: str) -> str:
    return f"{number} {noun}" if number == 1 else f"{number} {noun}s"


def _moment(moment: datetime) -> str:
    moment = moment.astimezone(UTC)
    return f"{moment.day} {moment:%B %Y}, {moment:%H:%M} UTC"
