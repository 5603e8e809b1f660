"""Reading a policy's file: what is understood, and how each mistake is named."""

from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from moderation import policy as policies
from moderation.policy import (
    FlagsAtLeast,
    HasPersonalData,
    LanguageRule,
    LinksOver,
    Outcome,
    Override,
    Policy,
    PolicyError,
    RepeatAtLeast,
    ScoreAtLeast,
    ShoutingAtLeast,
    Standing,
    StandingIs,
    Words,
    parse,
)
from moderation.signals import PersonalData, WordList, collect

STARTER = Path(policies.__file__).parents[2] / "config" / "policies" / "starter.toml"
BUNDLED = {"toxicity", "obscene", "insult", "threat", "identity_attack"}

TOP = 'title = "Policy"\ntext = "Be kind."\n'
CLAUSE = '[[clauses]]\nkey = "first"\ntitle = "First"\ntext = "A clause."\n'


def with_rule(body: str) -> str:
    return f"{TOP}{CLAUSE}[[clauses.rules]]\n{body}\n"


def problems(source: str) -> list[tuple[str, str]]:
    """Place and reason of everything wrong with a file; none when it is right."""
    try:
        parse(source)
    except PolicyError as error:
        return [(problem.where, problem.reason) for problem in error.problems]
    return []


def only_problem(source: str) -> tuple[str, str]:
    found = problems(source)
    assert len(found) == 1, found
    return found[0]


FULL = """
title = "Our policy"
language = "en"
text = \"\"\"
Be kind.
Be brief.\"\"\"

[[clauses]]
key = "first"
title = "First"
text = "A clause."
[[clauses.rules]]
attribute = "insult"
hold = 0.6
block = 1
[[clauses.rules]]
attribute = "identity_attack"
hold = 0.5
standings = ["new", "restricted"]
[[clauses.rules]]
words = {en = ["idiot", "moron*"], tr = ["orospu çocuğu"]}
outcome = "block"
[[clauses.rules]]
words = ["scum"]
[[clauses.rules]]
key = "links"
repeats = 0.9
[[clauses.rules]]
links = 2
[[clauses.rules]]
shouting = 0.7
[[clauses.rules]]
personal_data = ["phone", "card"]
[[clauses.rules]]
standing = "restricted"
[[clauses.rules]]
flags = 3
[[clauses.rules]]
all = [{attribute = "insult", hold = 0.3}, {links = 0}]

[[clauses]]
key = "2nd"
title = "For people only"
text = "Without rules."

[[languages]]
languages = ["hy", "unknown", "no-letters", "*"]
standings = ["trusted"]
unreadable = "publish"

[[overrides]]
section = "Obituaries"
mode = "hold-everything"
thresholds = {insult = 0.4}
[[overrides]]
story = "s-1"
mode = "hold-everything"
"""


def test_a_whole_file_is_understood() -> None:
    policy = parse(FULL)
    assert (policy.title, policy.text, policy.language) == (
        "Our policy",
        "Be kind.\nBe brief.",
        "en",
    )
    first, second = policy.clauses
    assert (second.key, second.title, second.rules) == ("2nd", "For people only", ())
    assert [(rule.key, rule.conditions, rule.outcome) for rule in first.rules] == [
        ("insult", (ScoreAtLeast("insult", 0.6, 1.0),), Outcome.BLOCK),
        ("identity-attack", (ScoreAtLeast("identity_attack", 0.5),), Outcome.HOLD),
        (
            "words",
            (
                Words(
                    "first/words",
                    (
                        WordList("first/words", "en", ("idiot", "moron*")),
                        WordList("first/words", "tr", ("orospu çocuğu",)),
                    ),
                ),
            ),
            Outcome.BLOCK,
        ),
        (
            "words-2",
            (Words("first/words-2", (WordList("first/words-2", "*", ("scum",)),)),),
            Outcome.HOLD,
        ),
        ("links", (RepeatAtLeast(0.9),), Outcome.HOLD),
        ("links-2", (LinksOver(2),), Outcome.HOLD),  # the name is taken
        ("shouting", (ShoutingAtLeast(0.7),), Outcome.HOLD),
        (
            "personal-data",
            (HasPersonalData((PersonalData.PHONE, PersonalData.CARD)),),
            Outcome.HOLD,
        ),
        ("standing", (StandingIs((Standing.RESTRICTED,)),), Outcome.HOLD),
        ("flags", (FlagsAtLeast(3),), Outcome.HOLD),
        ("insult-and-links", (ScoreAtLeast("insult", 0.3), LinksOver(0)), Outcome.HOLD),
    ]
    assert first.rules[1].standings == (Standing.NEW, Standing.RESTRICTED)
    assert policy.languages == (
        LanguageRule(("hy", "unknown", "no-letters", "*"), True, (Standing.TRUSTED,)),
    )
    assert policy.overrides == (
        Override("Obituaries", None, True, (("insult", 0.4),)),
        Override(None, "s-1", True),
    )
    assert policy.attributes == {"insult", "identity_attack"}
    assert [words.name for words in policy.word_lists] == [
        "first/words",
        "first/words",
        "first/words-2",
    ]
    assert policy.clause("2nd") is second
    assert policy.clause("3rd") is None


def test_a_windows_file_is_the_same_policy() -> None:
    assert parse("\ufeff" + FULL.replace("\n", "\r\n")) == parse(FULL)


@pytest.mark.parametrize(
    ("source", "where", "says"),
    [
        ("title = ", "line 1", "value"),
        (f"{TOP}a b = 1", "line 3", "column"),
        (TOP + "text = 'again'", "line 3", "overwrite"),
        (f"{TOP}\n[[clauses\n", "line 4", ""),
        (f"{TOP}x = \ud800", "line 3", "Unicode"),
        ("[" + "a." * 20 + "b]", "line 1", "nested"),
        ("a." * 60_000 + "b = 1", "line 1", "nested"),
        ("x = {" + "a." * 60_000 + "b = 1}", "line 1", "nested"),
        ("x = " + "[" * 5000 + "]" * 5000, "file", "nested"),
        ("x = " + "9" * 5000, "file", "digits"),
        ("#" * 262_145, "file", "limit"),
        ("text = 'T'\n" + CLAUSE, "title", "missing"),
        (TOP, "clauses", "at least one"),
        (f"{TOP}[clauses]\nkey = 'a'", "clauses", "[[clauses]]"),
        (f"{TOP}clauses = [1]", "clauses[0]", "table"),
        (TOP + "tilte = 'x'\n" + CLAUSE, "tilte", "did you mean 'title'"),
        (f"{TOP}language = 'English'\n{CLAUSE}", "language", "limit is 3"),
        (f"{TOP}language = 'EN'\n{CLAUSE}", "language", "code"),
        (TOP.replace('"Policy"', "7") + CLAUSE, "title", "a number"),
        (TOP.replace('"Policy"', "2026-01-01") + CLAUSE, "title", "a date"),
        (TOP.replace("Policy", " ") + CLAUSE, "title", "empty"),
        (TOP.replace("Policy", "P" * 201) + CLAUSE, "title", "limit is 200"),
        (TOP.replace("Policy", "P\\u0000") + CLAUSE, "title", "control character"),
        (TOP + CLAUSE.replace("first", "First Clause"), "clauses[0].key", "small letters"),
        (TOP + CLAUSE.replace("first", "a" * 41), "clauses[0].key", "limit is 40"),
        (TOP + CLAUSE * 2, "clauses[1].key", "already the key of clauses[0]"),
        (TOP + CLAUSE * 51, "clauses", "limit is 50"),
        (TOP + CLAUSE + "rules = 'none'", "clauses[0].rules", "[[clauses.rules]]"),
    ],
)
def test_a_mistake_in_the_file_is_named(source: str, where: str, says: str) -> None:
    place, reason = only_problem(source)
    assert place == where
    assert says in reason


RULE = "clauses[0].rules[0]"


@pytest.mark.parametrize(
    ("body", "where", "says"),
    [
        ("key = 'x'", RULE, "exactly one condition, has none"),
        ("links = 1\nflags = 1", RULE, "`links` and `flags`"),
        ("links = 1\nlnks = 1", f"{RULE}.lnks", "did you mean 'links'"),
        ("links = 1\nhold = 0.5", f"{RULE}.hold", "belongs to a condition with `attribute`"),
        ("attribute = 'insult'", f"{RULE}.hold", "missing"),
        ("attribute = 'insult'\nhodl = 0.5\nhold = 0.5", f"{RULE}.hodl", "did you mean 'hold'"),
        ("attribute = 'insult'\nhold = 1.1", f"{RULE}.hold", "from 0 to 1"),
        ("attribute = 'insult'\nhold = -0.1", f"{RULE}.hold", "from 0 to 1"),
        ("attribute = 'insult'\nhold = nan", f"{RULE}.hold", "from 0 to 1"),
        ("attribute = 'insult'\nhold = inf", f"{RULE}.hold", "from 0 to 1"),
        ("attribute = 'insult'\nhold = true", f"{RULE}.hold", "true or false"),
        ("attribute = 'insult'\nhold = '0.5'", f"{RULE}.hold", "text"),
        ("attribute = 'insult'\nhold = 0.5\nblock = 0.4", f"{RULE}.block", "below hold"),
        ("attribute = 'insult'\nhold = 0.5\nblock = 2", f"{RULE}.block", "from 0 to 1"),
        ("attribute = 'In sult'\nhold = 0.5", f"{RULE}.attribute", "name such as"),
        ("attribute = 'insult'\nhold = 0.5\noutcome = 'block'", f"{RULE}.outcome", "`block`"),
        (
            "attribute = 'insult'\nhold = 0.5\nblock = 0.9\noutcome = 'hold'",
            f"{RULE}.outcome",
            "has a `block`",
        ),
        ("links = 1\noutcome = 'approve'", f"{RULE}.outcome", '"hold" or "block"'),
        ("links = 1\noutcome = 'block'", f"{RULE}.outcome", "`links` may only hold"),
        ("repeats = 0.9\noutcome = 'block'", f"{RULE}.outcome", "`repeats` may only hold"),
        ("shouting = 0.9\noutcome = 'block'", f"{RULE}.outcome", "`shouting` may only hold"),
        ("flags = 3\noutcome = 'block'", f"{RULE}.outcome", "`flags` may only hold"),
        ("standing = 'new'\noutcome = 'block'", f"{RULE}.outcome", "`standing` may only hold"),
        (
            "personal_data = ['phone']\noutcome = 'block'",
            f"{RULE}.outcome",
            "`personal_data` may only hold",
        ),
        ("links = -1", f"{RULE}.links", "whole number"),
        ("links = 1.5", f"{RULE}.links", "whole number"),
        ("links = true", f"{RULE}.links", "whole number"),
        ("flags = 0", f"{RULE}.flags", "from 1"),
        ("repeats = 0.4", f"{RULE}.repeats", "from 0.5 to 1"),
        ("shouting = 0.2", f"{RULE}.shouting", "from 0.3 to 1"),
        ("personal_data = []", f"{RULE}.personal_data", "at least one"),
        ("personal_data = ['fone']", f"{RULE}.personal_data[0]", "did you mean 'phone'"),
        ("standing = 'banned'", f"{RULE}.standing[0]", "new, regular, trusted, restricted"),
        ("links = 1\nstandings = ['nwe']", f"{RULE}.standings[0]", "did you mean 'new'"),
        ("links = 1\nkey = 'A'", f"{RULE}.key", "small letters"),
        ("words = 'idiot'", f"{RULE}.words", "table of lists"),
        ("words = {}", f"{RULE}.words", "table of lists"),
        ("words = {english = ['a']}", f"{RULE}.words.english", "code such as"),
        ("words = {en = 'idiot'}", f"{RULE}.words.en", "list of texts"),
        ("words = {en = ['idiot', 5]}", f"{RULE}.words.en[1]", "text in quotes"),
        ("words = {en = ['*']}", f"{RULE}.words.en[0]", "three letters"),
        ("words = {en = ['as*']}", f"{RULE}.words.en[0]", "three letters"),
        ("words = {en = ['id*ot']}", f"{RULE}.words.en[0]", "disguised"),
        ("words = {en = ['$hit']}", f"{RULE}.words.en[0]", "disguised"),
        ("words = {en = ['a  b']}", f"{RULE}.words.en[0]", "phrase"),
        ("words = {en = ['a b c d e f g']}", f"{RULE}.words.en[0]", "over 6 words"),
        (f"words = {{en = ['{'a' * 61}']}}", f"{RULE}.words.en[0]", "over 60"),
        ("all = [{links = 1}]", f"{RULE}.all", "two conditions"),
        ("all = [{links = 1}, {}]", f"{RULE}.all[1]", "exactly one condition"),
        ("all = [{links = 1}, {flags = 1, key = 'x'}]", f"{RULE}.all[1].key", "not known"),
        ("all = [{links = 1}, {flags = 1}]\nlinks = 2", f"{RULE}.links", "`all` holds"),
        (
            "all = [{links = 1}, {attribute = 'insult', hold = 0.5, block = 0.9}]",
            f"{RULE}.all",
            "`links` may only hold",
        ),
        (
            "outcome = 'block'\nall = [{words = ['scum']}, {attribute = 'insult', hold = 0.5}]",
            f"{RULE}.outcome",
            "give that score a `block`",
        ),
        (
            "all = [{words = ['scum']}, {attribute = 'insult', hold = 0.5, block = 0.9}]",
            f"{RULE}.all",
            'outcome = "block"',
        ),
    ],
)
def test_a_mistake_in_a_rule_is_named(body: str, where: str, says: str) -> None:
    place, reason = only_problem(with_rule(body))
    assert place == where
    assert says in reason


INSULT = "attribute = 'insult'\nhold = 0.6\n"


@pytest.mark.parametrize(
    ("body", "where", "says"),
    [
        ("[[overrides]]\nsection = 'A'", "overrides[0]", "needs `mode`"),
        ("[[overrides]]\nmode = 'hold-everything'", "overrides[0]", "either `section` or `story`"),
        (
            "[[overrides]]\nsection = 'A'\nstory = 's'\nmode = 'hold-everything'",
            "overrides[0]",
            "either",
        ),
        ("[[overrides]]\nsection = 'A'\nmode = 'shadow'", "overrides[0].mode", "only tightens"),
        (
            "[[overrides]]\nsection = 'A'\nthresholds = {insult = 0.7}",
            "overrides[0].thresholds.insult",
            "tightens nothing",
        ),
        (
            "[[overrides]]\nsection = 'A'\nthresholds = {threat = 0.3}",
            "overrides[0].thresholds.threat",
            "no rule",
        ),
        (
            "[[overrides]]\nsection = 'A'\nthresholds = {insult = -1}",
            "overrides[0].thresholds.insult",
            "from 0 to 1",
        ),
        ("[[languages]]\nlanguages = ['hy']", "languages[0].unreadable", "publish"),
        ("[[languages]]\nunreadable = 'hold'", "languages[0].languages", "at least one"),
        (
            "[[languages]]\nlanguages = ['Armenian']\nunreadable = 'hold'",
            "languages[0].languages[0]",
            "code such as",
        ),
    ],
)
def test_a_mistake_in_an_override_or_language_is_named(body: str, where: str, says: str) -> None:
    place, reason = only_problem(with_rule(INSULT) + body)
    assert place == where
    assert says in reason


def test_all_mistakes_are_named_at_once() -> None:
    source = with_rule("attribute = 'insult'\nhold = 2") + "[[clauses.rules]]\nlinks = 'two'\n"
    places = [where for where, _ in problems(source.replace("Be kind.", ""))]
    assert places == ["text", "clauses[0].rules[0].hold", "clauses[0].rules[1].links"]


def test_the_error_says_it_all_in_one_line_too() -> None:
    with pytest.raises(PolicyError, match=r"^text: is empty; clauses\[0\]\.rules: "):
        parse(TOP.replace("Be kind.", "") + CLAUSE + "rules = 1")


def test_two_rules_may_not_share_a_key() -> None:
    source = with_rule("links = 1\nkey = 'a'") + "[[clauses.rules]]\nflags = 1\nkey = 'a'\n"
    assert only_problem(source)[0] == "clauses[0].rules[1].key"


def test_a_text_may_have_any_number_of_dots_in_it() -> None:
    text = "." * 5_000 + " e.g. a.b.c.d.e.f.g.h.i.j.k.l.m.n.o.p.q.r.s = " + "Two words. " * 900
    assert parse(f'title = "T"\ntext = """\n{text}"""\n{CLAUSE}').text == text.strip()


def test_a_policy_has_at_most_five_thousand_words() -> None:
    words = ", ".join(f"'word{n}'" for n in range(2_501))
    body = f"words = {{en = [{words}], ru = [{words}]}}"
    assert only_problem(with_rule(body)) == (f"{RULE}.words", "over 5,000 words in this policy")


def test_thousands_of_mistakes_are_not_all_sent_back() -> None:
    found = problems(with_rule(f"words = {{en = [{', '.join(['5'] * 4_000)}]}}"))
    assert len(found) == 201
    assert found[-1] == ("file", "3,800 more problems")


def test_attributes_are_checked_against_a_model() -> None:
    policy = parse(FULL)
    assert policy.check({"insult", "identity_attack", "threat"}) == []
    assert [problem.where for problem in policy.check({"threat"})] == [
        "clauses[0].rules[0].attribute",
        "clauses[0].rules[1].attribute",
        "clauses[0].rules[10].all[0].attribute",
        "overrides[0].thresholds.insult",
    ]
    assert "it scores: threat" in policy.check({"threat"})[0].reason


@given(st.text(st.characters(exclude_categories=())))
def test_any_text_is_a_policy_or_a_policy_error(source: str) -> None:
    assert problems(source)
    assert problems(with_rule(source)) is not None


@given(
    st.recursive(
        st.sampled_from(["1", "-1", "0.5", "nan", "true", "'x'", "''", "2026-01-01"]),
        lambda inner: (
            st.lists(inner, max_size=3).map(lambda values: f"[{', '.join(values)}]")
            | st.dictionaries(
                st.sampled_from(["en", "hold", "attribute", "words", "links", "all", "'a b'"]),
                inner,
            ).map(lambda table: "{" + ", ".join(f"{k} = {v}" for k, v in table.items()) + "}")
        ),
        max_leaves=6,
    ),
    st.sampled_from(
        [
            *("attribute", "hold", "words", "links", "repeats", "shouting", "personal_data"),
            *("standing", "flags", "all", "outcome", "standings", "key"),
        ]
    ),
)
def test_any_value_anywhere_is_understood_or_refused(value: str, key: str) -> None:
    assert problems(with_rule(f"{key} = {value}")) is not None
    assert problems(with_rule(f"links = 1\n[[overrides]]\nthresholds = {value}")) != []
    assert problems(f"{TOP}{CLAUSE}[[languages]]\nlanguages = {value}") != []


# --- the starter policy ---


@pytest.fixture(scope="module")
def starter() -> Policy:
    return parse(STARTER.read_text(encoding="utf-8"))


def test_the_starter_policy_is_right_and_fits_the_bundled_model(starter: Policy) -> None:
    assert starter.check(BUNDLED) == []
    assert [clause.key for clause in starter.clauses] == [
        "profanity",
        "personal-attacks",
        "identity-attacks",
        "threats",
        "other-inappropriate",
        "civility",
    ]


def test_the_starter_policy_leaves_insults_to_a_person(starter: Policy) -> None:
    attacks = starter.clause("personal-attacks")
    assert attacks is not None
    assert {rule.outcome for rule in attacks.rules} == {Outcome.HOLD}


@pytest.mark.parametrize(
    "text",
    [
        "The minister lied to parliament, and this government is a disgrace.",
        "Forty soldiers were killed; the nuclear plant lies near the occupied town.",
        "An incompetent, corrupt and shameless decision. Resign!",
        "My grandparents survived the genocide. We are proud Armenians.",
        "He assessed the classic cocktail at Scunthorpe.",
        "Taxes rose by 5,000 drams in 2023.",
    ],
)
def test_the_starter_words_leave_sober_talk_alone(starter: Policy, text: str) -> None:
    assert collect(text, policy=starter, language="en", readable={"en"}, earlier=()) == ()


@pytest.mark.parametrize(
    ("text", "language", "exact"),
    [
        ("You m0ron", "en", False),
        ("what a sh*t paper", "en", False),
        ("pure bullshit", "en", True),
        ("Сука ты", "ru", True),
        ("suka", None, True),
        ("ŞEREFSİZ", "tr", True),
        ("serefsizler", None, False),
        ("դու ապուշ ես", "hy", True),
        ("apush es", None, True),
        ("kill yourself", "en", True),
    ],
)
def test_the_starter_words_find_abuse(
    starter: Policy, text: str, language: str | None, exact: bool
) -> None:
    found = collect(text, policy=starter, language=language, readable={"en"}, earlier=())
    assert {s.exact for s in found if s.kind == "listed_word"} == {exact}
