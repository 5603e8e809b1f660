"""What the desk says in words: why a comment is here, what was decided, how long ago."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from flask import Flask
from flask_babel import format_date, format_decimal, gettext, lazy_gettext, ngettext

from moderation import commenters, policy
from moderation.cards import Card, Logged, Moved, can_be_undone
from moderation.desk.clock import exactly, there
from moderation.desk.door import now, person
from moderation.desk.marking import Mark
from moderation.desk.signing_in import ON
from moderation.models import (
    EXPIRED,
    Actor,
    Appeal,
    AuditEntry,
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
from moderation.signals import PersonalData, SignalKind
from moderation.sites import CurrentPolicy
from moderation.spans import Carriers

REASONS: dict[str, Any] = {
    policy.Reason.MODEL_FAILED: lazy_gettext(
        "the model failed on this text, nothing has scored it"
    ),
    policy.Reason.JUDGING_FAILED: lazy_gettext(
        "it could not be held against the policy, something failed"
    ),
    policy.Reason.MISSING_SCORE: lazy_gettext("a score that the policy asks for is missing"),
    policy.Reason.TEXT_CUT: lazy_gettext("the text was too long for the model and was cut"),
    policy.Reason.LANGUAGE_UNREADABLE: lazy_gettext(
        "written in a language that the model cannot read"
    ),
    policy.Reason.NO_LETTERS: lazy_gettext("there is no letter in it that the model could read"),
    policy.Reason.HOLD_EVERYTHING: lazy_gettext("the site holds everything now"),
    policy.Reason.NO_POLICY: lazy_gettext("the site has posted no policy, so everything is held"),
}
BESIDE_A_SCORE: dict[str, Any] = {
    SignalKind.LISTED_WORD: lazy_gettext("a listed word"),
    SignalKind.LINKS: lazy_gettext("links"),
    SignalKind.REPEAT: lazy_gettext("a repeat of an earlier comment"),
    SignalKind.SHOUTING: lazy_gettext("capitals"),
    SignalKind.PERSONAL_DATA: lazy_gettext("personal data"),
    "flags": lazy_gettext("readers' reports"),
}
STANDINGS: dict[str, Any] = {
    policy.Standing.NEW: lazy_gettext("new here"),
    policy.Standing.REGULAR: lazy_gettext("regular"),
    policy.Standing.TRUSTED: lazy_gettext("trusted"),
    policy.Standing.RESTRICTED: lazy_gettext("restricted"),
}
EVENTS: dict[str, Any] = {
    "signed_in": lazy_gettext("logged in"),
    "signed_out": lazy_gettext("logged out"),
    "sign_in_ended": lazy_gettext("ended one of their log-ins"),
    "other_sign_ins_ended": lazy_gettext("ended all their other log-ins"),
    "password_changed": lazy_gettext("changed their password"),
    "password_reset": lazy_gettext("set a new password"),
    "codes_set_up": lazy_gettext("set up one-time codes"),
    "codes_switched_off": lazy_gettext("switched one-time codes off"),
    "recovery_code_used": lazy_gettext("logged in with a recovery code"),
    "recovery_codes_made": lazy_gettext("made new recovery codes"),
    "single_sign_on_joined": lazy_gettext("logged in with the single sign-on for the first time"),
    "moderator_invited": lazy_gettext("invited somebody"),
    "invitation_withdrawn": lazy_gettext("withdrew an invitation"),
    "moderator_joined": lazy_gettext("joined"),
    "role_set": lazy_gettext("gave another role"),
    "moderator_removed": lazy_gettext("removed somebody"),
    "appeal_upheld": lazy_gettext("upheld a block that was appealed"),
    "appeal_overturned": lazy_gettext("overturned a block that was appealed"),
    "appeal_taken_back": lazy_gettext("took back their answer to an appeal"),
    "notice_left": lazy_gettext("left a comment as it was, on a notice"),
    "notice_followed": lazy_gettext("blocked a comment because of a notice"),
    "notice_taken_back": lazy_gettext("took back their answer to a notice"),
    "commenter_blocked": lazy_gettext("blocked a commenter"),
    "commenter_unblocked": lazy_gettext("unblocked a commenter"),
    "commenter_erased": lazy_gettext("erased a commenter"),
    "commenter_noted": lazy_gettext("wrote a note about a commenter"),
    "commenter_note_erased": lazy_gettext("erased a note about a commenter"),
    "reply_saved": lazy_gettext("saved a reply"),
    "reply_changed": lazy_gettext("changed a saved reply"),
    "reply_removed": lazy_gettext("removed a saved reply"),
    "story_closed": lazy_gettext("closed a story"),
    "story_opened": lazy_gettext("opened a story"),
    "policy_posted": lazy_gettext("posted a policy"),
    "mode_set": lazy_gettext("set how it publishes"),
    "hold_everything_set": lazy_gettext("set the switch that holds everything"),
    "languages_set": lazy_gettext("set the languages"),
    "spot_share_set": lazy_gettext("set how much is drawn for the spot check"),
    "spot_daily_set": lazy_gettext("set how many spot checks there are in a day"),
    "hold_budget_set": lazy_gettext("set the budget of held comments"),
    "figures_of_others_set": lazy_gettext("set whether leads see each moderator's figures"),
    "embed_origins_set": lazy_gettext("set which pages may show its comments"),
    "embed_guests_set": lazy_gettext("set whether guests may comment on these pages"),
    "embed_secret_made": lazy_gettext("made a secret for the pages that show its comments"),
    "embed_secrets_revoked": lazy_gettext("revoked the secrets of these pages"),
    "key_added": lazy_gettext("made an API key"),
    "key_rotated": lazy_gettext("replaced an API key"),
    "key_revoked": lazy_gettext("revoked an API key"),
}
"""What the audit log has, in words that follow whoever did it."""
TOLD: dict[str, Any] = {
    "role": lazy_gettext("role %(value)s"),
    "version": lazy_gettext("version %(value)s"),
    "mode": lazy_gettext("mode %(value)s"),
    "hold_everything": lazy_gettext("hold everything %(value)s"),
    "languages": lazy_gettext("languages %(value)s"),
    "scopes": lazy_gettext("scopes %(value)s"),
    "spot_share": lazy_gettext("share %(value)s"),
    "spot_daily": lazy_gettext("%(value)s a day"),
    "hold_budget": lazy_gettext("%(value)s a day"),
    "figures_of_others": lazy_gettext("%(value)s"),
    "embed_origins": lazy_gettext("%(value)s"),
    "embed_guests": lazy_gettext("%(value)s"),
}
"""What an entry of the audit log says beside ids."""
ROLES: dict[str, Any] = {
    Role.MODERATOR: lazy_gettext("moderator"),
    Role.LEAD: lazy_gettext("lead"),
    Role.ADMIN: lazy_gettext("admin"),
}
CONCERNS: dict[str, Any] = {
    Concern.LEGAL: lazy_gettext("a legal matter"),
    Concern.THREAT: lazy_gettext("a threat"),
    Concern.SUICIDE: lazy_gettext("suicide or self-harm"),
    Concern.MINORS: lazy_gettext("minors"),
    Concern.OTHER: lazy_gettext("something else"),
}
ANSWERED: dict[str, Any] = {
    NoticeOutcome.BLOCKED: lazy_gettext("Blocked by %(who)s"),
    NoticeOutcome.LEFT: lazy_gettext("Left as it was by %(who)s"),
    NoticeOutcome.DELETED: lazy_gettext("Deleted, before anybody had decided"),
}
ENDED: dict[str, Any] = {
    Outcome.UPHELD: lazy_gettext("Upheld by %(who)s"),
    Outcome.OVERTURNED: lazy_gettext("Overturned by %(who)s"),
    Outcome.LIFTED: lazy_gettext("The block was lifted before, by %(who)s"),
    Outcome.REPLACED: lazy_gettext("Another block took its place, made by %(who)s"),
    Outcome.DELETED: lazy_gettext("Deleted, before anybody had decided"),
}
TRAYS: dict[str, Any] = {
    Tray.WAITING: lazy_gettext("waiting"),
    Tray.LATER: lazy_gettext("left for later"),
    Tray.ESCALATED: lazy_gettext("escalated"),
}
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
LEFT: dict[str, Any] = {
    Status.RECEIVED: lazy_gettext("Left received by %(who)s"),
    Status.HELD: lazy_gettext("Left held by %(who)s"),
    Status.APPROVED: lazy_gettext("Left approved by %(who)s"),
    Status.BLOCKED: lazy_gettext("Left blocked by %(who)s"),
}
UNDONE: dict[str, Any] = {
    Status.RECEIVED: lazy_gettext("Undone by %(who)s, received again"),
    Status.HELD: lazy_gettext("Undone by %(who)s, held again"),
    Status.APPROVED: lazy_gettext("Undone by %(who)s, approved again"),
    Status.BLOCKED: lazy_gettext("Undone by %(who)s, blocked again"),
}
LAID: dict[str, Any] = {
    Tray.WAITING: lazy_gettext("Put back by %(who)s"),
    Tray.LATER: lazy_gettext("Left for later by %(who)s"),
    Tray.ESCALATED: lazy_gettext("Escalated by %(who)s"),
}
LAID_BACK: dict[str, Any] = {
    Tray.WAITING: lazy_gettext("Undone by %(who)s, waiting again"),
    Tray.LATER: lazy_gettext("Undone by %(who)s, left for later again"),
    Tray.ESCALATED: lazy_gettext("Undone by %(who)s, escalated again"),
}
ATTRIBUTES: dict[str, Any] = {
    "toxicity": lazy_gettext("toxicity"),
    "severe_toxicity": lazy_gettext("severe toxicity"),
    "obscene": lazy_gettext("obscene"),
    "threat": lazy_gettext("threat"),
    "insult": lazy_gettext("insult"),
    "identity_attack": lazy_gettext("identity attack"),
    "sexual_explicit": lazy_gettext("sexual explicit"),
}
"""What models score; one that has others says them by their names."""
PERSONAL_DATA: dict[str, Any] = {
    PersonalData.PHONE: lazy_gettext("phone"),
    PersonalData.EMAIL: lazy_gettext("e-mail"),
    # Translators: where somebody lives.
    PersonalData.ADDRESS: lazy_gettext("address"),
    # Translators: of a bank.
    PersonalData.CARD: lazy_gettext("card"),
}
DEVICES: dict[str, Any] = {
    "another browser": lazy_gettext("another browser"),
    "an iPhone": lazy_gettext("an iPhone"),
    "an iPad": lazy_gettext("an iPad"),
}
OVERRIDES: dict[str, Any] = {
    "section": lazy_gettext("section %(name)s"),
    "story": lazy_gettext("story %(name)s"),
}
"""Where a policy may be stricter (`Override.name`)."""


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
    app.add_template_filter(device)
    app.add_template_filter(named)
    app.add_template_filter(format_decimal, "many")
    app.add_template_global(reasons)
    app.add_template_global(reasons_of)
    app.add_template_global(marks)
    app.add_template_global(underlined)
    app.add_template_global(clause_title)
    app.add_template_global(decided)
    app.add_template_global(moved)
    app.add_template_global(ended)
    app.add_template_global(answered)
    app.add_template_global(who)
    app.add_template_global(acted)
    app.add_template_global(can_be_undone)
    app.add_template_global(is_blocked)
    app.add_template_global(commenters.is_erased)
    app.jinja_env.globals.update(
        ROLES=ROLES, STANDINGS=STANDINGS, STATUSES=STATUSES, CONCERNS=CONCERNS
    )


def reasons(
    evidence: Mapping[str, Any], judged_under: CurrentPolicy | None, language: str | None = None
) -> list[Why]:
    """Why a verdict holds or blocks: every clause that is broken, then what else holds it. What
    several rules of a clause have found is said once, with the strictest of their limits."""
    verdict = policy.Verdict.from_json(evidence)
    strictest: dict[tuple[str | None, str], tuple[tuple[policy.Outcome, float], Why]] = {}
    for violation in verdict.violations:
        why = broken(violation, judged_under)
        strict = violation.outcome, violation.threshold or 0.0
        known = strictest.setdefault((why.clause, why.found), (strict, why))
        if strict > known[0]:
            strictest[why.clause, why.found] = strict, why
    told = [why for _, why in strictest.values()]
    return list(dict.fromkeys([*told, *beside_clauses(verdict, language)]))


def reasons_of(card: Card) -> list[Why]:
    """Why a comment is here; nothing where no verdict is kept."""
    if card.why is None:
        return []
    return reasons(card.why.evidence, card.judged_under, card.words.language)


def beside_clauses(verdict: policy.Verdict, language: str | None = None) -> list[Why]:
    """What else holds a comment, beside the clauses that it breaks."""
    whys = []
    for reason in verdict.reasons:
        words = str(REASONS.get(reason, reason))
        if reason == policy.Reason.HOLD_EVERYTHING and verdict.override:
            words = gettext("%(where)s holds everything", where=_where(verdict.override))
        if reason == policy.Reason.LANGUAGE_UNREADABLE and language:
            words += f" ({language})"
        whys.append(Why(None, words[:1].upper() + words[1:]))
    return whys


def _where(override: str) -> str:
    """`section:Obituaries` as people write it."""
    kind, _, name = override.partition(":")
    return str(OVERRIDES[kind]) % {"name": name} if kind in OVERRIDES else override


def marks(card: Card) -> list[Mark]:
    """Where in the words the verdict's evidence lies, and which words carry the scores."""
    return underlined(card.why.evidence if card.why else {}, card.carriers)


def underlined(evidence: Mapping[str, Any], carriers: Carriers) -> list[Mark]:
    """The same for any words, by the evidence of their verdict (empty: none)."""
    violations = policy.Verdict.from_json(evidence).violations if evidence else ()
    return [
        *(Mark(*span) for violation in violations for span in violation.spans),
        *(
            Mark(
                span.start,
                span.end,
                gettext(
                    "%(attribute)s: %(share)s of the score",
                    attribute=named(attribute),
                    share=f"{span.share:.0%}",
                ),
            )
            for attribute, spans in carriers.items()
            for span in spans
        ),
    ]


def named(attribute: str) -> str:
    """`identity_attack` as people write it."""
    return str(ATTRIBUTES.get(attribute, attribute.replace("_", " ")))


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
        found = gettext("%(found)s with %(beside)s", found=found, beside=beside)
    if "quoted" in (violation.detail or ""):
        found = gettext("%(found)s in words quoted from someone else", found=found)
    threshold = _threshold(violation.threshold or 0.0)
    if violation.outcome is policy.Outcome.BLOCK:
        return found, gettext("blocked from %(threshold)s", threshold=threshold)
    return found, gettext("held from %(threshold)s", threshold=threshold)


def _found_signal(violation: policy.Violation) -> tuple[str, str | None]:
    value, threshold = violation.score or 0.0, violation.threshold or 0.0
    number = round(value)
    details = (violation.detail or "").split(",")
    match violation.signal:
        case SignalKind.LISTED_WORD:
            words = gettext("a listed word") if value <= 1 else listed_words(number)
            if "folded" in details:
                words = gettext("%(found)s, in another spelling", found=words)
            if "quoted" in details:
                words = gettext("%(found)s in words quoted from someone else", found=words)
            return words, None
        case SignalKind.LINKS:
            return links(number), gettext("more than %(number)s", number=f"{threshold:.0f}")
        case SignalKind.REPEAT:
            alike = gettext("%(share)s alike", share=f"{value:.0%}")
            return gettext("repeats an earlier comment"), alike
        case SignalKind.SHOUTING:
            return (
                gettext("%(share)s capitals", share=f"{value:.0%}"),
                gettext("held from %(threshold)s", threshold=f"{threshold:.0%}"),
            )
        case SignalKind.PERSONAL_DATA:
            return gettext("personal data: %(kinds)s", kinds=personal_data(details)), None
        case "standing":
            standing = STANDINGS[policy.Standing(details[0])]
            return gettext("from a commenter who is %(standing)s", standing=standing), None
        case "flags":
            limit = gettext("held from %(threshold)s", threshold=f"{threshold:.0f}")
            by = ngettext("reported by %(num)d reader", "reported by %(num)d readers", number)
            return by, limit
        case other:
            return (other or violation.rule).replace("_", " "), None


def listed_words(number: int) -> str:
    """`1 listed word`, `3 listed words`."""
    said: str = ngettext("%(num)d listed word", "%(num)d listed words", number)
    return said


def links(number: int) -> str:
    """`1 link`, `3 links`."""
    said: str = ngettext("%(num)d link", "%(num)d links", number)
    return said


def readers(number: int) -> str:
    """`1 reader`, `3 readers`."""
    said: str = ngettext("%(num)d reader", "%(num)d readers", number)
    return said


def personal_data(kinds: Iterable[str]) -> str:
    """`phone, e-mail`."""
    return ", ".join(str(PERSONAL_DATA.get(kind, kind)) for kind in kinds)


def clause_title(key: str | None, posted: CurrentPolicy | None) -> str | None:
    """The clause's title in that version of the policy; the key itself where it has none."""
    clause = posted.policy.clause(key) if posted and key else None
    return clause.title if clause else key


def who(moderator: Moderator | None, actor: str = Actor.MODERATOR) -> str:
    """A colleague by name or e-mail, oneself as "you"; the policy where no person decided."""
    if moderator is None:
        return str(gettext("the policy") if actor == Actor.POLICY else gettext("the site"))
    if moderator.id == person().moderator.id:
        return str(gettext("you"))
    return moderator.name or moderator.email


def decided(line: Logged) -> str:
    """What was done and by whom: "Blocked by Ana"; "Undone by you, held again"."""
    decision = line.decision
    if decision.appeal_id is not None and decision.undoes is None:
        return str(gettext("Approved on appeal by %(who)s", who=who(line.moderator)))
    done = DECIDED
    if decision.reason == EXPIRED and decision.undoes is None:
        return str(gettext("Expired unreviewed, blocked"))
    if decision.undoes is not None:
        done = UNDONE
    elif decision.status_after == decision.status_before:
        done = LEFT
    return str(done[decision.status_after]) % {"who": who(line.moderator, decision.actor)}


def ended(appeal: Appeal, by: Moderator | None) -> str:
    """How an appeal ended, and by whom: "Upheld by Ben"; that it waits."""
    if appeal.outcome is None:
        return str(gettext("The appeal waits"))
    return str(ENDED[appeal.outcome]) % {"who": who(by, "site")}


def answered(notice: Notice, by: Moderator | None) -> str:
    """What came of a notice, and by whom: "Left as it was by Ana"; that it waits."""
    if notice.outcome is None:
        return str(gettext("The notice waits"))
    return str(ANSWERED[notice.outcome]) % {"who": who(by, Actor.POLICY)}


def device(client: str | None) -> str:
    """Which browser on what, as a sign-in keeps it in English (`signing_in.client_of`)."""
    browser, _, system = (client or "another browser").partition(ON)
    browser, system = str(DEVICES.get(browser, browser)), str(DEVICES.get(system, system))
    if not system:
        return browser
    return str(gettext("%(browser)s on %(system)s", browser=browser, system=system))


def acted(entry: AuditEntry) -> str:
    """What was done, by an entry of the audit log: "invited somebody (role lead)"."""
    words = str(EVENTS.get(entry.event, entry.event.replace("_", " ")))
    told = [
        str(says) % {"value": _value(key, entry.subject[key])}
        for key, says in TOLD.items()
        if key in entry.subject
    ]
    return f"{words} ({', '.join(told)})" if told else words


def _value(key: str, value: Any) -> str:
    if isinstance(value, bool):
        # Translators: of a switch.
        return str(gettext("on") if value else gettext("off"))
    if isinstance(value, list):
        return " ".join(value) or str(gettext("none"))
    return str(ROLES.get(value, value) if key == "role" else value)


def moved(line: Moved) -> str:
    """Where it was laid and by whom: "Escalated by Ana: a threat"."""
    move = line.move
    done = LAID if move.undoes is None else LAID_BACK
    said = str(done[move.tray_after]) % {"who": who(line.moderator)}
    return f"{said}: {CONCERNS[move.concern]}" if move.concern and move.undoes is None else said


def is_blocked(commenter: Commenter) -> bool:
    """Whether the site takes nothing from them now."""
    return commenter.is_blocked(now())


def score(value: float) -> str:
    """0..1, in hundredths."""
    return f"{value:.2f}"


def _threshold(value: float) -> str:
    """As exactly as the policy's author wrote it."""
    return f"{value:.2f}" if round(value, 2) == value else f"{value:g}"


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
