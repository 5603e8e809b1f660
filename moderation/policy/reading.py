"""Reading a policy from its TOML file, with every mistake named by the key where it stands."""

import re
import unicodedata
from collections.abc import Callable, Collection, Iterable, Mapping

from moderation.folding import is_invisible
from moderation.policy.rules import (
    Clause,
    Condition,
    FlagsAtLeast,
    HasPersonalData,
    LanguageRule,
    LinksOver,
    Outcome,
    Override,
    Policy,
    PolicyError,
    Problem,
    RepeatAtLeast,
    Rule,
    ScoreAtLeast,
    ShoutingAtLeast,
    Standing,
    StandingIs,
    Words,
)
from moderation.policy.toml import Table, Values, kind_of, tables_of
from moderation.signals import PersonalData, WordList

MAX_CLAUSES = 50
MAX_RULES = 100
"""Rules in one clause."""
MAX_CONDITIONS = 10
MAX_WORDS = 5_000
"""Entries in all word lists of a policy together."""
MAX_ENTRY = 60
MAX_PHRASE = 6
"""Words in one entry."""
MAX_TITLE = 200
MAX_TEXT = 20_000
MAX_OVERRIDES = 200
MAX_PROBLEMS = 200

_KEY = re.compile(r"[a-z0-9-]{1,40}")
_LANGUAGE = re.compile(r"[a-z]{2,3}")
_ATTRIBUTE = re.compile(r"[a-z][a-z0-9_]{0,59}")
_ENTRY = re.compile(r"[^\W_]+(?:[ '’-][^\W_]+)*\*?")

_NAMES: dict[type[Condition], str] = {
    ScoreAtLeast: "attribute",
    Words: "words",
    LinksOver: "links",
    RepeatAtLeast: "repeats",
    ShoutingAtLeast: "shouting",
    HasPersonalData: "personal_data",
    StandingIs: "standing",
    FlagsAtLeast: "flags",
}
_CONDITIONS = tuple(_NAMES.values())


def parse(source: str, attributes: Collection[str] | None = None) -> Policy:
    """The policy in this TOML text.

    Raises `PolicyError` with everything that is wrong with it, not only the first mistake. With
    `attributes`, those that a model scores, a rule on any other is a mistake as well.
    """
    policy = _Reader().policy(tables_of(source))
    if attributes is not None and (problems := policy.check(attributes)):
        raise PolicyError(problems)
    return policy


class _Reader(Values):
    """Reads the parts of the file; what could not be read is left out and never returned."""

    def __init__(self) -> None:
        super().__init__()
        self.words = 0

    def policy(self, top: Table) -> Policy:
        self.only(top, "", ("title", "text", "language", "clauses", "languages", "overrides"))
        title = self.string(top, "", "title", MAX_TITLE)
        text = self.string(top, "", "text", MAX_TEXT)
        language = None
        if "language" in top:
            language = self.string(top, "", "language", 3)
            if language and not _LANGUAGE.fullmatch(language):
                self.wrong("language", 'must be a language code such as "en"')
        clauses = self.clauses(top)
        languages = self.languages(top)
        overrides = self.overrides(top, clauses)
        if self.problems:
            raise PolicyError(_first(self.problems))
        return Policy(title, text, tuple(clauses), language, tuple(languages), tuple(overrides))

    def clauses(self, top: Table) -> list[Clause]:
        tables = self.tables(top, "", "clauses", MAX_CLAUSES)
        if not tables and not any(p.where.startswith("clauses") for p in self.problems):
            self.wrong("clauses", "a policy needs at least one [[clauses]]")
        clauses: list[Clause] = []
        places: dict[str, str] = {}
        for where, table in tables:
            self.only(table, where, ("key", "title", "text", "rules"))
            key = self.key(table, where)
            if key in places:
                self.wrong(f"{where}.key", f"{key!r} is already the key of {places[key]}")
            places.setdefault(key, where)
            clauses.append(
                Clause(
                    key=key,
                    title=self.string(table, where, "title", MAX_TITLE),
                    text=self.string(table, where, "text", MAX_TEXT),
                    rules=tuple(self.rules(table, where, key)),
                )
            )
        return clauses

    def rules(self, clause: Table, where: str, clause_key: str) -> list[Rule]:
        tables = self.tables(clause, where, "rules", MAX_RULES)
        given: dict[str, str] = {}
        for place, table in tables:
            if "key" in table and (key := self.key(table, place)):
                if key in given:
                    self.wrong(f"{place}.key", f"{key!r} is already the key of {given[key]}")
                given.setdefault(key, place)
        taken = set(given)
        rules: list[Rule] = []
        for place, table in tables:
            key = str(table["key"]) if "key" in table else _derived_key(table, taken)
            taken.add(key)
            rules.append(self.rule(table, place, key, f"{clause_key}/{key}"))
        return rules

    def rule(self, table: Table, where: str, key: str, name: str) -> Rule:
        common = ("key", "outcome", "standings", "watch")
        conditions: list[Condition] = []
        if "all" in table:
            self.only(table, where, (*common, "all"), note="`all` holds the conditions")
            places = self.tables(table, where, "all", MAX_CONDITIONS)
            if len(places) == 1:
                self.wrong(f"{where}.all", "needs two conditions or more")
            for n, (place, inner) in enumerate(places):
                condition = self.condition(inner, place, f"{name}#{n}", ())
                if condition is not None:
                    conditions.append(condition)
        else:
            condition = self.condition(table, where, name, common)
            if condition is not None:
                conditions.append(condition)
        standings: tuple[Standing, ...] = ()
        if "standings" in table:
            standings = self.choices(table, where, "standings", Standing)
        outcome = self.outcome(table, where, conditions)
        watch = table.get("watch", False)
        if not isinstance(watch, bool):
            self.wrong(f"{where}.watch", f"must be true or false, not {kind_of(watch)}")
        return Rule(key, tuple(conditions), outcome, standings, watch is True)

    def outcome(self, table: Table, where: str, conditions: list[Condition]) -> Outcome:
        """The strictest outcome of a rule; only scores and exact words may block."""
        given = table.get("outcome")
        scores = [c for c in conditions if isinstance(c, ScoreAtLeast)]
        blocking = [c for c in scores if c.block is not None]
        if given is not None and given not in ("hold", "block"):
            self.wrong(f"{where}.outcome", 'must be "hold" or "block"')
            return Outcome.HOLD
        if given == "hold" and blocking:
            self.wrong(f"{where}.outcome", 'is "hold", but a score has a `block` threshold')
        if given != "block" and not blocking:
            return Outcome.HOLD
        barred = [c for c in conditions if not isinstance(c, ScoreAtLeast | Words)]
        place = f"{where}.outcome" if given == "block" else f"{where}.all"
        if barred:
            self.wrong(
                place,
                f"`{_NAMES[type(barred[0])]}` may only hold; "
                "only scores and exactly listed words may block",
            )
        elif len(blocking) < len(scores):
            self.wrong(place, "to block by a score, give that score a `block` threshold")
        elif given != "block" and len(blocking) < len(conditions):
            self.wrong(place, 'to block, the words need outcome = "block" on the rule as well')
        return Outcome.BLOCK

    def languages(self, top: Table) -> list[LanguageRule]:
        rules: list[LanguageRule] = []
        for where, table in self.tables(top, "", "languages", MAX_CLAUSES):
            self.only(table, where, ("languages", "standings", "unreadable"))
            languages: list[str] = []
            for place, code in self.strings(table, where, "languages", 100):
                if code in ("*", "unknown", "no-letters") or _LANGUAGE.fullmatch(code):
                    languages.append(code)
                else:
                    self.wrong(place, 'must be a code such as "hy", "unknown", "no-letters" or "*"')
            standings: tuple[Standing, ...] = ()
            if "standings" in table:
                standings = self.choices(table, where, "standings", Standing)
            if table.get("unreadable") not in ("publish", "hold"):
                self.wrong(f"{where}.unreadable", 'must be "publish" or "hold"')
            publish = table.get("unreadable") == "publish"
            rules.append(LanguageRule(tuple(languages), publish, standings))
        return rules

    def overrides(self, top: Table, clauses: list[Clause]) -> list[Override]:
        holds = _loosest(clauses)
        overrides: list[Override] = []
        for where, table in self.tables(top, "", "overrides", MAX_OVERRIDES):
            self.only(table, where, ("section", "story", "mode", "thresholds"))
            if ("section" in table) == ("story" in table):
                self.wrong(where, "needs either `section` or `story`")
            if not {"mode", "thresholds"} & table.keys():
                self.wrong(where, "needs `mode`, `thresholds` or both")
            if "mode" in table and table["mode"] != "hold-everything":
                self.wrong(f"{where}.mode", 'an override only tightens: "hold-everything"')
            section = story = None
            if "section" in table:
                section = self.string(table, where, "section", MAX_TITLE)
            if "story" in table:
                story = self.string(table, where, "story", MAX_TITLE)
            thresholds = self.thresholds(table, where, holds)
            overrides.append(Override(section, story, "mode" in table, thresholds))
        return overrides

    def thresholds(
        self, override: Table, where: str, holds: Mapping[str, float]
    ) -> tuple[tuple[str, float], ...]:
        table = override.get("thresholds", {})
        where = f"{where}.thresholds"
        if not isinstance(table, dict):
            self.wrong(where, "must be a table such as {insult = 0.4}")
            return ()
        thresholds: list[tuple[str, float]] = []
        for attribute in table:
            value = self.number(table, where, attribute, 0.0, 1.0)
            if attribute not in holds:
                self.wrong(f"{where}.{attribute}", "no rule that decides uses this attribute")
            elif value is not None and value >= holds[attribute]:
                self.wrong(
                    f"{where}.{attribute}",
                    f"{value:g} tightens nothing: the rules hold from {holds[attribute]:g} on",
                )
            if value is not None:
                thresholds.append((attribute, value))
        return tuple(thresholds)

    def condition(
        self, table: Table, where: str, name: str, also: tuple[str, ...]
    ) -> Condition | None:
        named = [key for key in _CONDITIONS if key in table]
        self.only(table, where, (*also, *_CONDITIONS, "hold", "block"))
        if "attribute" not in table:
            for key in {"hold", "block"} & table.keys():
                self.wrong(f"{where}.{key}", "belongs to a condition with `attribute`")
        if len(named) != 1:
            has = " and ".join(f"`{key}`" for key in named) or "none"
            choices = ", ".join(_CONDITIONS) + (" (or `all` for several together)" if also else "")
            self.wrong(where, f"needs exactly one condition, has {has}; the conditions: {choices}")
            return None
        read: dict[str, Callable[[], Condition | None]] = {
            "attribute": lambda: self.score(table, where),
            "words": lambda: self.word_lists(table, where, name),
            "links": lambda: self.count(table, where, "links", 0, LinksOver),
            "flags": lambda: self.count(table, where, "flags", 1, FlagsAtLeast),
            "repeats": lambda: self.share(table, where, "repeats", 0.5, RepeatAtLeast),
            "shouting": lambda: self.share(table, where, "shouting", 0.3, ShoutingAtLeast),
            "personal_data": lambda: HasPersonalData(
                self.choices(table, where, "personal_data", PersonalData)
            ),
            "standing": lambda: StandingIs(self.choices(table, where, "standing", Standing)),
        }
        return read[named[0]]()

    def score(self, table: Table, where: str) -> Condition | None:
        attribute = self.string(table, where, "attribute", 60)
        if attribute and not _ATTRIBUTE.fullmatch(attribute):
            self.wrong(f"{where}.attribute", 'must be a name such as "insult"')
        hold = self.number(table, where, "hold", 0.0, 1.0)
        block = None
        if "block" in table:
            block = self.number(table, where, "block", 0.0, 1.0)
            if hold is not None and block is not None and block < hold:
                self.wrong(f"{where}.block", f"{block:g} is below hold ({hold:g})")
        return None if hold is None else ScoreAtLeast(attribute, hold, block)

    def word_lists(self, table: Table, where: str, name: str) -> Condition:
        where = f"{where}.words"
        words = table["words"]
        if isinstance(words, list):
            words = {"*": words}
        if not isinstance(words, dict) or not words:
            self.wrong(where, 'must be a table of lists by language: {en = ["idiot", "moron*"]}')
            return Words(name, ())
        lists: list[WordList] = []
        for language in words:
            if language != "*" and not _LANGUAGE.fullmatch(language):
                self.wrong(f"{where}.{language}", 'must be a code such as "en", or "*" for all')
            entries: list[str] = []
            for place, entry in self.strings(words, where, language, MAX_WORDS):
                self.entry(entry, place)
                entries.append(entry)
            self.words += len(entries)
            if self.words - len(entries) <= MAX_WORDS < self.words:
                self.wrong(where, f"over {MAX_WORDS:,} words in this policy")
            lists.append(WordList(name, language, tuple(entries)))
        return Words(name, tuple(lists))

    def entry(self, entry: str, where: str) -> None:
        if len(entry) > MAX_ENTRY:
            self.wrong(where, f"over {MAX_ENTRY} characters")
        elif entry.endswith("*") and len(entry) < 4:
            self.wrong(where, "a stem needs three letters or more before its `*`")
        elif not _ENTRY.fullmatch(_letters_only(entry)):
            self.wrong(
                where,
                'must be a word, a stem such as "moron*", or a phrase of them; disguised '
                "spellings are found by themselves",
            )
        elif len(re.split(r"[ '’-]", entry)) > MAX_PHRASE:
            self.wrong(where, f"over {MAX_PHRASE} words")

    def count(
        self, table: Table, where: str, key: str, least: int, make: Callable[[int], Condition]
    ) -> Condition | None:
        value = table[key]
        if isinstance(value, bool) or not isinstance(value, int) or not least <= value <= 1000:
            self.wrong(f"{where}.{key}", f"must be a whole number from {least} to 1000")
            return None
        return make(value)

    def share(
        self, table: Table, where: str, key: str, least: float, make: Callable[[float], Condition]
    ) -> Condition | None:
        value = self.number(table, where, key, least, 1.0)
        return None if value is None else make(value)

    def key(self, table: Table, where: str) -> str:
        key = self.string(table, where, "key", 40)
        if key and not _KEY.fullmatch(key):
            self.wrong(f"{where}.key", "may have small letters a to z, digits and hyphens only")
        return key


def _first(problems: list[Problem]) -> list[Problem]:
    """All of them, unless there are so many that the answer would be larger than the file."""
    if len(problems) <= MAX_PROBLEMS:
        return problems
    rest = f"{len(problems) - MAX_PROBLEMS:,} more problems"
    return [*problems[:MAX_PROBLEMS], Problem("file", rest)]


def _loosest(clauses: list[Clause]) -> dict[str, float]:
    """The highest `hold` that a rule has, by attribute: what an override must stay below. Of rules
    that only watch there is nothing to tighten."""
    holds: dict[str, float] = {}
    for clause in clauses:
        for rule in clause.rules:
            for condition in () if rule.watch else rule.conditions:
                if isinstance(condition, ScoreAtLeast):
                    attribute = condition.attribute
                    holds[attribute] = max(holds.get(attribute, 0.0), condition.hold)
    return holds


def _derived_key(table: Table, taken: Iterable[str]) -> str:
    """A stable key for a rule without one: `insult`, `links`, `insult-and-standing`, `words-2`."""
    inner = table.get("all")
    tables = [t for t in inner if isinstance(t, dict)] if isinstance(inner, list) else [table]
    stem = "-and-".join(dict.fromkeys(_condition_name(t) for t in tables))[:36] or "rule"
    taken = set(taken)
    if stem not in taken:
        return stem
    return next(key for n in range(2, MAX_RULES + 2) if (key := f"{stem}-{n}") not in taken)


def _condition_name(table: Table) -> str:
    named = next((key for key in _CONDITIONS if key in table), "rule")
    attribute = table.get("attribute")
    if named == "attribute" and isinstance(attribute, str) and _ATTRIBUTE.fullmatch(attribute):
        named = attribute
    return named.replace("_", "-").rstrip("-")


def _letters_only(entry: str) -> str:
    """The entry without marks and joiners, which many scripts need inside their words."""
    return "".join(
        c for c in entry if not is_invisible(c) and not unicodedata.category(c).startswith("M")
    )
