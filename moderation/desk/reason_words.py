"""Why a comment is here, in words: what a verdict has found, and which words of it that was."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from flask import Flask
from flask_babel import gettext, lazy_gettext, ngettext

from moderation import policy
from moderation.cards import Card
from moderation.desk.marking import Mark
from moderation.desk.wording import decided
from moderation.posted_policies import Posted
from moderation.signals import PersonalData, SignalKind
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
    app.add_template_filter(score, "score")
    app.add_template_filter(named)
    app.add_template_global(reasons)
    app.add_template_global(reasons_of)
    app.add_template_global(marks)
    app.add_template_global(underlined)
    app.add_template_global(clause_title)
    app.jinja_env.globals["STANDINGS"] = STANDINGS


def reasons_of(card: Card) -> list[Why]:
    """Why a comment is here; nothing where neither a verdict nor an import says it."""
    line = card.in_force
    if line is not None and line.decision.imported_as is not None:
        return [Why(None, decided(line))]
    if card.why is None:
        return []
    return reasons(card.why.evidence, card.judged_under, card.words.language)


def reasons(
    evidence: Mapping[str, Any], judged_under: Posted | None, language: str | None = None
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


def broken(violation: policy.Violation, judged_under: Posted | None) -> Why:
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


def named(attribute: str) -> str:
    """`identity_attack` as people write it."""
    return str(ATTRIBUTES.get(attribute, attribute.replace("_", " ")))


def score(value: float) -> str:
    """0..1, in hundredths."""
    return f"{value:.2f}"


def _threshold(value: float) -> str:
    """As exactly as the policy's author wrote it."""
    return f"{value:.2f}" if round(value, 2) == value else f"{value:g}"


def clause_title(key: str | None, posted: Posted | None) -> str | None:
    """The clause's title in that version of the policy; the key itself where it has none."""
    clause = posted.policy.clause(key) if posted and key else None
    return clause.title if clause else key


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
