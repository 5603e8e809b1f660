"""The command line, as an operator types it."""

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from moderation import sites
from moderation.cli import main
from moderation.db import Database
from moderation.models import Role
from moderation.staff import moderators
from tests.newsroom import PASSWORD, POLICY


@pytest.fixture
def operator(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> "Operator":
    monkeypatch.setenv("DATABASE_URL", f"sqlite:///{tmp_path / 'cli.sqlite3'}")
    operator = Operator(tmp_path)
    assert operator.types("db", "upgrade").exit_code == 0
    return operator


class Operator:
    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.policy = folder / "policy.toml"
        self.policy.write_text(POLICY)

    def types(self, *words: str, stdin: str | None = None) -> Result:
        return CliRunner().invoke(main, words, input=stdin)


def test_a_site_from_nothing(operator: Operator) -> None:
    assert operator.types("site", "add", "the-daily", "--name", "The Daily").exit_code == 0
    key = operator.types("site", "key", "add", "the-daily").stdout
    assert key.startswith("mod_")
    assert key.count("\n") == 1
    posted = operator.types("policy", "post", "the-daily", str(operator.policy))
    assert posted.stdout == "1\n"
    added = operator.types(
        "moderator", "add", "ana@daily.example", "--site", "the-daily", "--password-stdin",
        stdin=PASSWORD + "\n",
    )  # fmt: skip
    assert added.exit_code == 0
    listed = operator.types("site", "list").stdout
    assert listed == "the-daily\tpublish-unless-held\tpolicy 1\t1 keys\tThe Daily\n"
    assert operator.types("policy", "show", "the-daily").stdout == POLICY
    again = operator.types("policy", "post", "the-daily", str(operator.policy))
    # A script reads the number, whoever typed it the sentence.
    assert again.stdout == "2\n"
    assert again.stderr == "Version 2 of the policy of the-daily is posted.\n"


def test_a_moderator_becomes_a_lead_at_one_site(operator: Operator) -> None:
    for site in ("the-daily", "the-post"):
        operator.types("site", "add", site)
    add = ("moderator", "add", "ana@daily.example", "--password-stdin")
    operator.types(*add, "--site", "the-daily", "--site", "the-post", stdin=PASSWORD + "\n")

    assert operator.types(*add, "--site", "the-daily", "--role", "lead").exit_code == 0

    with Database(os.environ["DATABASE_URL"]) as db, db.reading() as session:
        ana = moderators.named(session, "ana@daily.example")
        roles = {site.slug: role for site, role in moderators.sites_of(session, ana.id).items()}
    assert roles == {"the-daily": Role.LEAD, "the-post": Role.MODERATOR}


def test_a_revoked_key_is_no_longer_in_force(operator: Operator) -> None:
    operator.types("site", "add", "the-daily")
    key = operator.types("site", "key", "add", "the-daily", "--scope", "read").stdout.strip()
    assert operator.types("site", "key", "revoke", "the-daily", key[:10]).exit_code == 0
    assert "\trevoked\tread\t" in operator.types("site", "key", "list", "the-daily").stdout
    again = operator.types("site", "key", "revoke", "the-daily", key)
    assert again.exit_code == 1
    assert key not in again.output


def test_a_mode_and_the_switch_are_set(operator: Operator) -> None:
    operator.types("site", "add", "the-daily")
    operator.types("site", "set", "the-daily", "--mode", "shadow", "--languages", "en,hy")
    assert "\tshadow\t" in operator.types("site", "list").stdout
    operator.types("site", "set", "the-daily", "--hold-everything")
    assert "\thold-everything (switch)\t" in operator.types("site", "list").stdout
    wrong = operator.types("site", "set", "the-daily", "--languages", "English")
    assert wrong.exit_code == 1


def test_what_a_site_looks_after_is_set(operator: Operator) -> None:
    operator.types("site", "add", "the-daily")
    spot, others = ("--spot-share", "0.02", "--spot-daily", "30"), "--figures-of-others"
    done = operator.types("site", "set", "the-daily", *spot, "--hold-budget", "300", others)
    assert (done.exit_code, done.stderr) == (0, "the-daily is set as given.\n")

    with Database(os.environ["DATABASE_URL"]) as db, db.reading() as session:
        site = sites.named(session, "the-daily")
    assert (site.spot_share, site.spot_daily, site.hold_budget) == (0.02, 30, 300)
    assert site.figures_of_others
    too_much = operator.types("site", "set", "the-daily", "--spot-share", "0.2")
    assert "the share of a spot check is 0..0.1" in too_much.stderr


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (["site", "add", "The Daily!"], "a-z, 0-9"),
        (["site", "key", "add", "nowhere"], "there is no site nowhere"),
        (["policy", "show", "nowhere"], "there is no site nowhere"),
        (["policy", "check", "nowhere.toml"], "nowhere.toml"),
        (
            ["moderator", "password", "who@daily.example", "--password-stdin"],
            "no moderator",
        ),
        (["site", "add", "the-daily", "--name", "D" * 201], "at most 200 characters"),
        (["site", "add", "the-daily", "--name", "\udcff"], "not UTF-8"),
        (["export", "\udcff"], "not UTF-8"),
    ],
)
def test_a_mistake_is_named(operator: Operator, words: list[str], said: str) -> None:
    result = operator.types(*words, stdin=PASSWORD)
    assert result.exit_code != 0
    assert said in result.output


def test_a_short_password_is_refused(operator: Operator) -> None:
    operator.types("site", "add", "the-daily")
    result = operator.types(
        "moderator", "add", "ana@daily.example", "--site", "the-daily", "--password-stdin",
        stdin="short\n",
    )  # fmt: skip
    assert result.exit_code == 1
    assert "10 to 1000 characters" in result.output


def test_what_a_password_must_be_is_said_before_it_is_typed(operator: Operator) -> None:
    operator.types("site", "add", "the-daily")
    result = operator.types(
        "moderator", "add", "ana@daily.example", "--site", "the-daily",
        stdin=f"{PASSWORD}\n{PASSWORD}\n",
    )  # fmt: skip
    assert result.exit_code == 0, result.output
    assert "Password (at least 10 characters): " in result.stderr


def test_without_a_terminal_it_says_how_to_give_the_password(operator: Operator) -> None:
    operator.types("site", "add", "the-daily")
    done = subprocess.run(
        [
            sys.executable, "-c", "from moderation.cli import main; main()",
            "moderator", "add", "ana@daily.example", "--site", "the-daily",
        ],
        stdin=subprocess.DEVNULL, capture_output=True, text=True, check=False,
        start_new_session=True,
    )  # fmt: skip
    assert done.returncode == 1
    assert done.stderr.endswith(
        "Error: there is no terminal to ask for the password at: give it with --password-stdin\n"
    )
    assert "GetPassWarning" not in done.stderr


def test_policy_check_names_every_mistake_and_posts_nothing(operator: Operator) -> None:
    operator.policy.write_text(
        POLICY.replace("hold = 0.5", "hold = 1.5").replace('"insult"', '"sarcasm"')
    )
    result = operator.types("policy", "check", str(operator.policy))
    assert result.exit_code == 1
    assert "hold" in result.output
    operator.policy.write_text(POLICY.replace('"insult"', '"sarcasm"'))
    assert "sarcasm" in operator.types("policy", "check", str(operator.policy)).output
    operator.policy.write_text(POLICY)
    good = operator.types("policy", "check", str(operator.policy))
    assert (
        good.exit_code,
        good.stdout.endswith("2 clauses, 3 rules, no mistakes.\n"),
    ) == (0, True)


def test_the_starter_policy_fits_the_bundled_model(operator: Operator) -> None:
    starter = operator.types("policy", "show").stdout
    operator.policy.write_text(starter)
    result = operator.types("policy", "check", str(operator.policy))
    assert result.exit_code == 0, result.output


def test_a_database_that_nobody_upgraded_is_named(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("DATABASE_URL", f"sqlite:///{tmp_path / 'new.sqlite3'}")
    result = CliRunner().invoke(main, ["site", "list"])
    assert result.exit_code == 1
    assert "moderation db upgrade" in result.output
    assert "in its folder" in result.output


@pytest.mark.parametrize(
    ("name", "value", "said"),
    [
        ("MODERATION_MODEL", "/nowhere", "model.json"),
        ("DATABASE_URL", "nonsense", "DATABASE_URL"),
    ],
)
def test_what_cannot_be_used_is_named(
    operator: Operator, monkeypatch: pytest.MonkeyPatch, name: str, value: str, said: str
) -> None:
    operator.types("site", "add", "the-daily")
    monkeypatch.setenv(name, value)
    result = operator.types("policy", "post", "the-daily", str(operator.policy))
    assert result.exit_code == 1
    assert said in result.output


def test_an_unknown_setting_is_named(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("MODERATION_TXT_MAX", "5")
    result = CliRunner().invoke(main, ["site", "list"])
    assert result.exit_code == 1
    assert "MODERATION_TXT_MAX" in result.output


def test_score_answers_in_input_order(operator: Operator) -> None:
    texts = [
        "You are an idiot, Tom.",
        "Thank you for this lovely article.",
        "Ես համաձայն եմ։",
    ]
    lines = "".join(json.dumps({"text": text}) + "\n" for text in texts)
    result = operator.types("score", "-", stdin=lines)
    assert result.exit_code == 0, result.output
    answers = [json.loads(line) for line in result.stdout.splitlines()]
    assert [answer["verdict"] for answer in answers] == ["hold", "approve", "hold"]
    assert all(0 <= value <= 1 for answer in answers for value in answer["scores"].values())
    assert answers[0]["violations"][0].keys() == {
        "clause",
        "rule",
        "score",
        "threshold",
    }
    assert answers[2]["language"] == "hy"


def test_score_reads_csv(operator: Operator) -> None:
    file = operator.folder / "comments.csv"
    file.write_text('id,text\n1,"Well said, and\nfairly."\n2,Thank you for this article.\n')
    result = operator.types("score", str(file))
    assert result.exit_code == 0, result.output
    assert len(result.stdout.splitlines()) == 2


@pytest.mark.parametrize(
    ("lines", "said"),
    [
        ('{"text": "Fine."}\nnot json\n', "line 2: not JSON"),
        ('{"words": "Fine."}\n', "line 1: there is no `text`"),
        ("[" * 100_000 + "\n", "line 1: not JSON"),
        ('{"text": 7}\n', "line 1: there is no `text`"),
    ],
)
def test_score_names_the_line_that_it_cannot_read(
    operator: Operator, lines: str, said: str
) -> None:
    result = operator.types("score", "-", stdin=lines)
    assert result.exit_code == 1
    assert said in result.output


def test_help_teaches_and_loads_no_app_and_no_model() -> None:
    code = (
        "import sys\n"
        "from click.testing import CliRunner\n"
        "from moderation.cli import main\n"
        "for words in ([], ['run'], ['score'], ['site', 'key', 'add'], ['model']):\n"
        "    result = CliRunner().invoke(main, [*words, '--help'])\n"
        "    assert result.exit_code == 0, result.output\n"
        "heavy = {'flask', 'sqlalchemy', 'celery', 'onnxruntime', 'torch', 'tokenizers', 'numpy'}\n"
        "print(sorted(heavy & set(sys.modules)))\n"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout == "[]\n"


WEB_SIDE_ALONE = """
import sys
for name in ("numpy", "onnxruntime", "py3langid", "simplemma", "tokenizers", "tqdm", "waitress"):
    sys.modules[name] = None  # as if it were not installed
from moderation.cli import main
main()
"""


@pytest.mark.parametrize(
    "words", [["run"], ["worker"], ["worker", "-Q", "interactive"], ["score", "-"]]
)
def test_what_scores_says_what_to_install(words: list[str], tmp_path: Path) -> None:
    nobody = {
        "REDIS_URL": "redis://127.0.0.1:1/0",
        "DATABASE_URL": "postgresql+psycopg://127.0.0.1:1/nothing",
    }
    elsewhere = {} if words == ["run"] else nobody
    done = subprocess.run(
        [sys.executable, "-c", WEB_SIDE_ALONE, *words],
        env={**os.environ, "MODERATION_DATA_DIR": str(tmp_path), **elsewhere},
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )

    assert (done.returncode, done.stdout) == (1, "")
    assert done.stderr.count("\n") == 1, done.stderr
    assert f"`moderation {words[0]}` needs the extra [worker]" in done.stderr
