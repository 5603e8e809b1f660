"""What the desk says in words: why a comment is here, what was decided, how long ago."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any

from flask import Flask

from moderation import policy
from moderation.cards import Card, Logged, Moved, can_be_undone
from moderation.desk.door import now, person
from moderation.desk.marking import Mark
from moderation.models import (
    Actor,
    AuditEntry,
    Commenter,
    Concern,
    Moderator,
    Role,
    Tray,
)
from moderation.signals import SignalKind
from moderation.sites import CurrentPolicy
from moderation.spans import Carriers

REASONS: dict[str, str] = {
    policy.Reason.MODEL_FAILED: "the model failed on this text, nothing has scored it",
    policy.Reason.JUDGING_FAILED: "it could not be held against the policy, something failed",
    policy.Reason.MISSING_SCORE: "a score that the policy asks for is missing",
    policy.Reason.TEXT_CUT: "the text was too long for the model and was cut",
    policy.Reason.LANGUAGE_UNREADABLE: "written in a language that the model cannot read",
    policy.Reason.HOLD_EVERYTHING: "the site holds everything now",
    policy.Reason.NO_POLICY: "the site has posted no policy, so everything is held",
}
BESIDE_A_SCORE: dict[str, str] = {
    SignalKind.LISTED_WORD: "a listed word",
    SignalKind.LINKS: "links",
    SignalKind.REPEAT: "a repeat of an earlier comment",
    SignalKind.SHOUTING: "capitals",
    SignalKind.PERSONAL_DATA: "personal data",
    "flags": "readers' reports",
}
STANDINGS = {
    policy.Standing.NEW: "new here",
    policy.Standing.REGULAR: "regular",
    policy.Standing.TRUSTED: "trusted",
    policy.Standing.RESTRICTED: "restricted",
}
EVENTS = {
    "signed_in": "logged in",
    "signed_out": "logged out",
    "sign_in_ended": "ended one of their log-ins",
    "other_sign_ins_ended": "ended all their other log-ins",
    "password_changed": "changed their password",
    "password_reset": "set a new password",
    "codes_set_up": "set up one-time codes",
    "codes_switched_off": "switched one-time codes off",
    "recovery_code_used": "logged in with a recovery code",
    "recovery_codes_made": "made new recovery codes",
    "single_sign_on_joined": "logged in with the single sign-on for the first time",
    "moderator_invited": "invited somebody",
    "invitation_withdrawn": "withdrew an invitation",
    "moderator_joined": "joined",
    "role_set": "gave another role",
    "moderator_removed": "removed somebody",
    "commenter_blocked": "blocked a commenter",
    "commenter_unblocked": "unblocked a commenter",
    "commenter_erased": "erased a commenter",
    "story_closed": "closed a story",
    "story_opened": "opened a story",
    "policy_posted": "posted a policy",
    "mode_set": "set how it publishes",
    "hold_everything_set": "set the switch that holds everything",
    "languages_set": "set the languages",
    "key_added": "made an API key",
    "key_rotated": "replaced an API key",
    "key_revoked": "revoked an API key",
}
"""What the audit log has, in words that follow whoever did it."""
TOLD = ("role", "version", "mode", "hold_everything", "languages", "scopes")
"""What an entry of the audit log says beside ids."""
ROLES = {
    Role.MODERATOR: "moderator",
    Role.LEAD: "lead",
    Role.ADMIN: "admin",
}
CONCERNS = {
    Concern.LEGAL: "a legal matter",
    Concern.THREAT: "a threat",
    Concern.SUICIDE: "suicide or self-harm",
    Concern.MINORS: "minors",
    Concern.OTHER: "something else",
}
TRAYS = {
    Tray.WAITING: "waiting",
    Tray.LATER: "left for later",
    Tray.ESCALATED: "escalated",
}
STATUSES = {
    "received": "waiting to be judged",
    "held": "held",
    "approved": "approved",
    "blocked": "blocked",
}


@dataclass(frozen=True, slots=True)
class Why:
    """One reason: the clause's title (None: no clause is broken), what was found, from where on
    the rule counts."""

    clause: str | None
    found: str
    limit: str | None = None

    def __str__(self) -> str:
        said = f"{self.clause}: {self.found}" if self.clause else self.found
        return f"{said}, {self.limit}" if self.limit else said


def set_up(app: Flask) -> None:
    """Make these words available to the app's templates."""
    app.add_template_filter(ago)
    app.add_template_filter(exactly)
    app.add_template_filter(score, "score")
    app.add_template_filter(plural)
    app.add_template_filter(named)
    app.add_template_global(reasons)
    app.add_template_global(marks)
    app.add_template_global(underlined)
    app.add_template_global(clause_title)
    app.add_template_global(decided)
    app.add_template_global(moved)
    app.add_template_global(who)
    app.add_template_global(acted)
    app.add_template_global(can_be_undone)
    app.add_template_global(is_blocked)
    app.jinja_env.globals.update(
        ROLES=ROLES, STANDINGS=STANDINGS, STATUSES=STATUSES, CONCERNS=CONCERNS
    )


def reasons(
    evidence: Mapping[str, Any], judged_under: CurrentPolicy | None, language: str | None = None
) -> list[Why]:
    """Why a verdict holds or blocks: every clause that is broken, then what else holds it."""
    verdict = policy.Verdict.from_json(evidence)
    whys = [broken(violation, judged_under) for violation in verdict.violations]
    return list(dict.fromkeys([*whys, *beside_clauses(verdict, language)]))


def beside_clauses(verdict: policy.Verdict, language: str | None = None) -> list[Why]:
    """What else holds a comment, beside the clauses that it breaks."""
    whys = []
    for reason in verdict.reasons:
        words = REASONS.get(reason, reason)
        if reason == policy.Reason.HOLD_EVERYTHING and verdict.override:
            words = f"{verdict.override.replace(':', ' ', 1)} holds everything"
        if reason == policy.Reason.LANGUAGE_UNREADABLE and language:
            words += f" ({language})"
        whys.append(Why(None, words[:1].upper() + words[1:]))
    return whys


def marks(card: Card) -> list[Mark]:
    """Where in the words the verdict's evidence lies, and which words carry the scores."""
    return underlined(card.why.evidence if card.why else {}, card.carriers)


def underlined(evidence: Mapping[str, Any], carriers: Carriers) -> list[Mark]:
    """The same for any words, by the evidence of their verdict (empty: none)."""
    violations = policy.Verdict.from_json(evidence).violations if evidence else ()
    return [
        *(Mark(*span) for violation in violations for span in violation.spans),
        *(
            Mark(span.start, span.end, f"{named(attribute)}: {span.share:.0%} of the score")
            for attribute, spans in carriers.items()
            for span in spans
        ),
    ]


def named(attribute: str) -> str:
    """`identity_attack` as people write it."""
    return attribute.replace("_", " ")


def broken(violation: policy.Violation, judged_under: CurrentPolicy | None) -> Why:
    """One rule that fired, in words."""
    found, limit = _found(violation)
    return Why(clause_title(violation.clause, judged_under), found, limit)


def _found(violation: policy.Violation) -> tuple[str, str | None]:
    """What a rule found, and from where on it counts."""
    if violation.attribute is None:
        return _found_signal(violation)
    found = f"{named(violation.attribute)} {score(violation.score or 0.0)}"
    if beside := BESIDE_A_SCORE.get(violation.signal or ""):
        found += f" with {beside}"
    if "quoted" in (violation.detail or ""):
        found += " in words quoted from someone else"
    verb = "blocked" if violation.outcome is policy.Outcome.BLOCK else "held"
    return found, f"{verb} from {_threshold(violation.threshold or 0.0)}"


def _found_signal(violation: policy.Violation) -> tuple[str, str | None]:
    value, threshold = violation.score or 0.0, violation.threshold or 0.0
    details = (violation.detail or "").split(",")
    match violation.signal:
        case SignalKind.LISTED_WORD:
            words = "a listed word" if value <= 1 else f"{value:.0f} listed words"
            return words + (", in another spelling" if "folded" in details else ""), None
        case SignalKind.LINKS:
            return plural(round(value), "link"), f"more than {threshold:.0f}"
        case SignalKind.REPEAT:
            return "repeats an earlier comment", f"{value:.0%} alike"
        case SignalKind.SHOUTING:
            return f"{value:.0%} capitals", f"held from {threshold:.0%}"
        case SignalKind.PERSONAL_DATA:
            return f"personal data: {', '.join(details).replace('email', 'e-mail')}", None
        case "standing":
            return f"from a commenter who is {STANDINGS[policy.Standing(details[0])]}", None
        case "flags":
            return f"reported by {plural(round(value), 'reader')}", f"held from {threshold:.0f}"
        case other:
            return (other or violation.rule).replace("_", " "), None


def clause_title(key: str | None, posted: CurrentPolicy | None) -> str | None:
    """The clause's title in that version of the policy; the key itself where it has none."""
    clause = posted.policy.clause(key) if posted and key else None
    return clause.title if clause else key


def who(moderator: Moderator | None, actor: str = Actor.MODERATOR) -> str:
    """A colleague by name or e-mail, oneself as "you"; the policy where no person decided."""
    if moderator is None:
        return "the policy" if actor == Actor.POLICY else "the site"
    if moderator.id == person().moderator.id:
        return "you"
    return moderator.name or moderator.email


def decided(line: Logged) -> str:
    """What was done and by whom: "Blocked by Ana"; "Undone by you, held again"."""
    decision = line.decision
    by = who(line.moderator, decision.actor)
    if decision.undoes is not None:
        return f"Undone by {by}, {decision.status_after} again"
    if decision.status_after == decision.status_before:
        return f"Left {decision.status_after} by {by}"
    return f"{decision.status_after.capitalize()} by {by}"


def acted(entry: AuditEntry) -> str:
    """What was done, by an entry of the audit log: "invited somebody (role lead)"."""
    words = EVENTS.get(entry.event, entry.event.replace("_", " "))
    told = [f"{named(key)} {_value(entry.subject[key])}" for key in TOLD if key in entry.subject]
    return f"{words} ({', '.join(told)})" if told else words


def _value(value: Any) -> str:
    if isinstance(value, bool):
        return "on" if value else "off"
    return " ".join(value) or "none" if isinstance(value, list) else str(value)


def moved(line: Moved) -> str:
    """Where it was laid and by whom: "Escalated by Ana: a threat"."""
    move, by = line.move, who(line.moderator)
    if move.undoes is not None:
        return f"Undone by {by}, {TRAYS[Tray(move.tray_after)]} again"
    if move.tray_after == Tray.WAITING:
        return f"Put back by {by}"
    done = f"{TRAYS[Tray(move.tray_after)].capitalize()} by {by}"
    return f"{done}: {CONCERNS[Concern(move.concern)]}" if move.concern else done


def is_blocked(commenter: Commenter) -> bool:
    """Whether the site takes nothing from them now."""
    return commenter.is_blocked(now())


def score(value: float) -> str:
    """0..1, in hundredths."""
    return f"{value:.2f}"


def _threshold(value: float) -> str:
    """As exactly as the policy's author wrote it."""
    return f"{value:.2f}" if round(value, 2) == value else f"{value:g}"


def plural(number: int, noun: str) -> str:
    """`1 link`, `3 links`."""
    return f"{number} {noun}" if number == 1 else f"{number} {noun}s"


def ago(moment: datetime, at: datetime | None = None) -> str:
    """How long before `at` (empty: now) in short; the date from a week on."""
    at = at or now()
    gone = at - moment
    if gone < timedelta(minutes=1):
        return "just now"
    if gone < timedelta(hours=1):
        return f"{gone // timedelta(minutes=1)} min ago"
    if gone < timedelta(days=1):
        return f"{gone // timedelta(hours=1)} h ago"
    if gone < timedelta(days=7):
        return plural(gone.days, "day") + " ago"
    return f"{moment.day} {moment:%B %Y}" if moment.year != at.year else f"{moment.day} {moment:%B}"


def exactly(moment: datetime) -> str:
    """To the second, in UTC."""
    return f"{moment.astimezone(UTC):%Y-%m-%d %H:%M:%S} UTC"
