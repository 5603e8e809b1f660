"""The whole case of one comment: what was written, found, decided, and under which policy."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from flask import render_template
from flask.typing import ResponseReturnValue

from moderation import casefile, policy, secret_key
from moderation.desk.door import desk, own_site
from moderation.desk.reason_words import Why, beside_clauses, broken
from moderation.desk.rule_words import in_words
from moderation.models import Site
from moderation.posted_policies import Posted
from moderation.redress import statements
from moderation.services import services
from moderation.telling import in_sentences


@dataclass(frozen=True, slots=True)
class Broken:
    """A rule that fired: what it found, and clause and rule as that version of the policy has them
    (None: the site has posted no such version)."""

    why: Why
    outcome: str
    key: str
    clause: policy.Clause | None
    rule: str | None


@dataclass(frozen=True, slots=True)
class Said:
    """What the policy said of some words, rule by rule, and what held them beside its clauses.
    `watched` are rules that fired and decided nothing."""

    broken: list[Broken]
    watched: list[Broken]
    beside: list[Why]


@desk.get("/sites/<slug>/comments/<uuid:comment_id>/case")
def case(slug: str, comment_id: UUID) -> ResponseReturnValue:
    """Revisions, scores, verdicts, decisions, and the policy's text as it was."""
    site = own_site(slug)
    with services().db.reading() as session:
        file = casefile.case_file(session, site.id, comment_id)
    return render_template(
        "desk/case.html", site=site, file=file, verdict=_verdict, told=_told(site, file)
    )


def _told(site: Site, file: casefile.CaseFile) -> list[str]:
    """What the commenter can be told of a block in force; nothing where there is none."""
    try:
        settings = services().settings
        key = secret_key.secret_key(settings)
        stated = statements.of_comment(site, file, key=key, appeal_days=settings.appeal_days)
        return in_sentences(stated)
    except statements.NotBlocked:
        return []


def _verdict(evidence: Mapping[str, Any], posted: Posted | None, language: str | None) -> Said:
    verdict = policy.Verdict.from_json(evidence)
    return Said(
        [_rule(violation, posted) for violation in verdict.violations],
        [_rule(violation, posted) for violation in verdict.watched],
        beside_clauses(verdict, language),
    )


def _rule(violation: policy.Violation, posted: Posted | None) -> Broken:
    clause = posted.policy.clause(violation.clause) if posted else None
    rules = clause.rules if clause else ()
    rule = next((rule for rule in rules if rule.key == violation.rule), None)
    return Broken(
        broken(violation, posted),
        violation.outcome.value,
        violation.rule,
        clause,
        in_words(rule) if rule else None,
    )
