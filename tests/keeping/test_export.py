"""What a site owns, and what one reader may ask for, as JSON Lines."""

import re
import stat
from collections import Counter
from pathlib import Path
from uuid import UUID

import pytest

from moderation import commenter_blocks, commenters, comments, decisions, flags, notes
from moderation.keeping import exports
from moderation.redress import appeals, notices
from moderation.staff import sign_ins
from moderation.submission import AppealText, FlagReport, IllegalContent, Notifier
from tests.figures.test_spot_checks import answer, give, switch_on
from tests.keeping.conftest import Operator, lines
from tests.newsroom import NOON, Newsroom, later

OMAR = {"id": "omar", "name": "Omar"}


@pytest.fixture
def said(newsroom: Newsroom) -> UUID:
    """Omar opens, Rita answers him and is blocked for it, then edits; both report."""
    his = newsroom.approved("Omar's words.", commenter=OMAR, external_id="c-1")
    hers = newsroom.held("Rita's first words.", parent="c-1", external_id="c-2")
    seen = decisions.Seen(comment_id=hers, revision=1, status="held")
    with newsroom.db.transaction() as session:
        decisions.block(
            session, newsroom.daily.id, seen, clause="personal-attacks", note="Noted of Rita.",
            explanation="Told Rita.", moderator_id=newsroom.ana.id, now=NOON,
        )  # fmt: skip
        for comment_id, reader in ((hers, "omar"), (his, "rita")):
            report = FlagReport(reader=reader, reason="insult", text=f"Report by {reader}.")
            flags.flag(session, newsroom.daily.id, comment_id, report, now=NOON)
        comments.edit(session, newsroom.daily.id, hers, "Rita's second words.", now=later(1))
        for n, name in enumerate(("rita", "omar")):
            writer = commenters.named(session, newsroom.daily.id, name)
            commenter_blocks.block(
                session, writer, reason="", until=later(n), moderator_id=None, now=later(n)
            )
        notes.write(
            session, newsroom.daily.id, newsroom.comment(hers).commenter_id, "Noted of her.",
            moderator_id=newsroom.ana.id, now=later(2),
        )  # fmt: skip
        words = AppealText(text="Rita's appeal.")
        filed = appeals.of_comment(session, newsroom.daily.id, hers, words, days=9, now=later(3))
        appeals.uphold(
            session, newsroom.daily.id, filed.complaint.id, reason="He is named.",
            moderator_id=newsroom.ben.id, now=later(4),
        )  # fmt: skip
        who = Notifier(name="Omar", email="omar@reader.example")
        given = IllegalContent(
            kind="defamation", text="Noticed by Omar.", notifier=who, good_faith=True
        )
        notices.receive(session, newsroom.daily.id, hers, given, now=later(5))
        sign_ins.begin(session, newsroom.ana, hours=1, now=NOON)
    return hers


def test_everything_that_the_site_owns(newsroom: Newsroom, said: UUID, operator: Operator) -> None:
    told = operator.done("export", "the-daily").stdout

    objects = lines(told)
    assert Counter(one["kind"] for one in objects) == {
        "site": 1, "key": 1, "policy": 1, "story": 1, "commenter": 2, "comment": 2, "revision": 3,
        "score": 2, "spans": 1, "decision": 3, "note": 1, "flag": 2, "strike": 1, "audit": 7,
        "commenter_block": 2, "commenter_note": 1, "appeal": 1, "explanation": 1, "notice": 1,
    }  # fmt: skip
    assert objects[0]["slug"] == "the-daily"
    for words in ("Rita's first words.", "Rita's second words.", "Omar's words.", "Noted of Rita."):
        assert words in told
    assert next(one for one in objects if one["kind"] == "notice")["illegality"] == "defamation"
    assert next(one for one in objects if one["kind"] == "score")["attributes"].keys() >= {"insult"}
    assert not {"secret_hash", "body_hash", "leased_by", "site_id", "due"} & {
        key for one in objects for key in one
    }
    assert newsroom.ana.email not in told
    assert "Evening Post" not in told
    other = lines(operator.done("export", "the-evening-post").stdout)
    assert {one["kind"] for one in other} == {"site", "key", "audit"}


def test_what_a_reader_may_ask_for(newsroom: Newsroom, said: UUID, operator: Operator) -> None:
    told = operator.done("export", "the-daily", "--commenter", "rita").stdout

    rita, comment, report, block, appeal, note, event, noted = lines(told)
    assert (rita["kind"], rita["id"], rita["name"]) == ("commenter", "rita", "Rita")
    assert [one["text"] for one in comment["revisions"]] == [
        "Rita's first words.", "Rita's second words.",
    ]  # fmt: skip
    held, blocked = comment["decisions"]
    assert (held["by"], held["from"], held["to"]) == ("the policy", "received", "held")
    assert held["clause_title"] == "Personal attacks"
    assert held["rules_broken"][0]["score"] == pytest.approx(0.83)
    assert (blocked["by"], blocked["to"], blocked["note"]) == (
        "a moderator", "blocked", "Noted of Rita.",
    )  # fmt: skip
    assert blocked["explanation"] == "Told Rita."
    assert comment["scores"][0]["attributes"]["insult"] == pytest.approx(0.83)
    assert (comment["is_reply"], comment["reported_by_readers"]) == (True, 1)
    assert (report["kind"], report["text"]) == ("report", "Report by rita.")
    assert (block["kind"], block["until"]) == ("block", NOON.isoformat())
    assert (appeal["kind"], appeal["text"]) == ("appeal", "Rita's appeal.")
    assert (appeal["outcome"], appeal["reason"]) == ("upheld", "He is named.")
    assert (note["kind"], note["text"]) == ("note", "Noted of her.")
    assert noted["event"] == "commenter_noted"
    assert event == {"kind": "event", "event": "commenter_blocked", "at": NOON.isoformat()}


def test_a_reader_is_told_of_nobody_else(
    newsroom: Newsroom, said: UUID, operator: Operator
) -> None:
    told = operator.done("export", "the-daily", "--commenter", "rita").stdout

    people = (str(newsroom.ana.id), str(newsroom.ben.id))
    for others in ("Omar", "omar", "Ana", newsroom.ana.email, *people):
        assert others not in told, others


def test_that_a_comment_was_looked_at_blind_is_told(
    newsroom: Newsroom, operator: Operator, monkeypatch: pytest.MonkeyPatch
) -> None:
    switch_on(newsroom)
    give(monkeypatch, 7)
    answer(newsroom, newsroom.approved(), "profanity")

    [check] = [
        one
        for one in lines(operator.done("export", "the-daily").stdout)
        if one["kind"] == "spot_check"
    ]
    _, comment, *_ = lines(operator.done("export", "the-daily", "--commenter", "rita").stdout)

    assert (check["stood_as"], check["answer"]) == ("approved", "broken")
    assert check["moderator_id"] == str(newsroom.ana.id)
    assert comment["spot_checks"] == [
        {
            "revision": 1,
            "drawn_at": NOON.isoformat(),
            "found": "broken",
            "clause": "profanity",
            "at": later(1).isoformat(),
        }
    ]


def test_the_guide_says_what_becomes_of_each_kind() -> None:
    guide = Path(__file__).parents[2].joinpath("docs", "keeping.md").read_text()
    section = guide.split("## Handing out")[1].split("\n## ")[0]
    told = re.findall(r"^\| (`.*?) \|", section, re.MULTILINE)
    named = {kind for cell in told for kind in re.findall(r"`(\w+)`", cell)}
    assert named == {"site", *(kind for kind, _ in exports.OWNED)}


def test_a_file_for_its_owner_alone(newsroom: Newsroom, operator: Operator) -> None:
    newsroom.approved()
    file = operator.folder / "daily.jsonl"

    assert operator.done("export", "the-daily", "-o", str(file)).stdout == ""

    assert lines(file.read_text()) == lines(operator.done("export", "the-daily").stdout)
    assert stat.S_IMODE(file.stat().st_mode) == 0o600
    assert "is there already" in operator.refused("export", "the-daily", "-o", str(file))


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (["nowhere"], "there is no site nowhere"),
        (["the-daily", "--commenter", "nobody"], "the site has no such commenter"),
        (["the-evening-post", "--commenter", "rita"], "the site has no such commenter"),
    ],
)
def test_whom_nobody_knows(
    newsroom: Newsroom, operator: Operator, words: list[str], said: str
) -> None:
    newsroom.approved()
    file = operator.folder / "out.jsonl"

    assert said in operator.refused("export", *words, "-o", str(file))
    assert not file.exists()
