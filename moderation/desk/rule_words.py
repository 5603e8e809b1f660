"""A policy's rules as sentences: what a rule looks for, and for whom."""

from moderation import policy
from moderation.desk.wording import STANDINGS, named, plural


def in_words(rule: policy.Rule) -> str:
    """`insult held from 0.6, blocked from 0.9, for commenters who are new here`."""
    said = " and ".join(_condition(condition) for condition in rule.conditions)
    if rule.standings:
        said += f", for commenters who are {_standings(rule.standings)}"
    return said


def _condition(condition: policy.Condition) -> str:
    match condition:
        case policy.ScoreAtLeast(attribute=attribute, hold=hold, block=block):
            blocks = f", blocked from {block:g}" if block is not None else ""
            return f"{named(attribute)} held from {hold:g}{blocks}"
        case policy.Words(lists=lists):
            return f"one of {plural(sum(len(words.entries) for words in lists), 'listed word')}"
        case policy.LinksOver(count=count):
            return f"more than {plural(count, 'link')}"
        case policy.RepeatAtLeast(likeness=likeness):
            return f"{likeness:.0%} alike to an earlier comment, or more"
        case policy.ShoutingAtLeast(share=share):
            return f"{share:.0%} capitals or more"
        case policy.HasPersonalData(kinds=kinds):
            return f"personal data ({', '.join(kinds).replace('email', 'e-mail')})"
        case policy.StandingIs(standings=standings):
            return f"a commenter who is {_standings(standings)}"
        case policy.FlagsAtLeast(count=count):
            return f"reported by {plural(count, 'reader')} or more"


def _standings(standings: tuple[policy.Standing, ...]) -> str:
    return " or ".join(STANDINGS[standing] for standing in standings)
