"""A policy's rules as sentences: what a rule looks for, and for whom."""

from collections.abc import Iterable
from functools import reduce
from typing import Any

from flask_babel import gettext

from moderation import policy
from moderation.desk.reason_words import (
    STANDINGS,
    links,
    listed_words,
    named,
    personal_data,
    readers,
)
from moderation.posted_policies import Posted


def in_words(rule: policy.Rule) -> str:
    """`insult held from 0.6, blocked from 0.9, for commenters who are new here`."""
    said = reduce(_and, (str(_condition(condition)) for condition in rule.conditions))
    if not rule.standings:
        return said
    return str(
        gettext(
            "%(what)s, for commenters who are %(standings)s",
            what=said,
            standings=_standings(rule.standings),
        )
    )


def _condition(condition: policy.Condition) -> Any:
    match condition:
        case policy.ScoreAtLeast(attribute=attribute, hold=hold, block=None):
            return gettext(
                "%(attribute)s held from %(hold)s", attribute=named(attribute), hold=f"{hold:g}"
            )
        case policy.ScoreAtLeast(attribute=attribute, hold=hold, block=block):
            return gettext(
                "%(attribute)s held from %(hold)s, blocked from %(block)s",
                attribute=named(attribute),
                hold=f"{hold:g}",
                block=f"{block:g}",
            )
        case policy.Words(lists=lists):
            number = sum(len(words.entries) for words in lists)
            return gettext("one of %(words)s", words=listed_words(number))
        case policy.LinksOver(count=count):
            return gettext("more than %(links)s", links=links(count))
        case policy.RepeatAtLeast(likeness=likeness):
            return gettext(
                "%(share)s alike to an earlier comment, or more", share=f"{likeness:.0%}"
            )
        case policy.ShoutingAtLeast(share=share):
            return gettext("%(share)s capitals or more", share=f"{share:.0%}")
        case policy.HasPersonalData(kinds=kinds):
            return gettext("personal data (%(kinds)s)", kinds=personal_data(kinds))
        case policy.StandingIs(standings=standings):
            return gettext("a commenter who is %(standings)s", standings=_standings(standings))
        case policy.FlagsAtLeast(count=count):
            return gettext("reported by %(readers)s or more", readers=readers(count))


def _standings(standings: Iterable[policy.Standing]) -> str:
    return reduce(_or, (str(STANDINGS[standing]) for standing in standings))


def _and(first: str, second: str) -> str:
    return str(gettext("%(first)s and %(second)s", first=first, second=second))


def _or(first: str, second: str) -> str:
    return str(gettext("%(first)s or %(second)s", first=first, second=second))


def rule_of(clause: str, rule: str, posted: Posted | None) -> str:
    """What the rule of that clause looks for in the version in force; its key where that has none
    such."""
    found = posted.policy.clause(clause) if posted else None
    said = (in_words(one) for one in (found.rules if found else ()) if one.key == rule)
    return next(said, None) or str(gettext("rule %(key)s", key=rule))
