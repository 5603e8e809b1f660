"""What is erased is gone, and stays gone after a restore."""

import json
import stat
import threading
from dataclasses import replace
from datetime import timedelta
from pathlib import Path
from typing import Any
from uuid import UUID

import pytest
from sqlalchemy import select

from moderation import (
    backlog,
    commenter_blocks,
    commenters,
    comments,
    decisions,
    erasures,
    flags,
    judging,
    notes,
)
from moderation.court import Reading
from moderation.db import Database
from moderation.erasures import Erased, Kind
from moderation.keeping import retention
from moderation.keeping.journal import ErasureJournal, JournalError
from moderation.models import (
    Appeal,
    AuditEntry,
    Comment,
    Commenter,
    CommenterBlock,
    CommenterNote,
    Concern,
    Decision,
    DecisionNote,
    Explanation,
    Flag,
    Move,
    Revision,
    Tray,
    new_id,
)
from moderation.queue import trays
from moderation.redress import appeals
from moderation.submission import AppealText, FlagReport
from tests.api.conftest import Caller, problem
from tests.api.conftest import app_of as api_of
from tests.keeping.conftest import Operator, url_of
from tests.newsroom import MODEL, NOON, Newsroom, later, open_newsroom, submission, unrecorded
from tests.test_upgrade import downgrade

OMAR = {"id": "omar", "name": "Omar"}


def blocked(newsroom: Newsroom, text: str = "You are a fool, Tom.", **fields: Any) -> UUID:
    """A comment that Ana has escalated and then blocked, each with a note, and explained."""
    comment_id = newsroom.held(text, **fields)
    seen = decisions.Seen(comment_id=comment_id, revision=1, status="held", tray="waiting")
    with newsroom.db.transaction() as session:
        trays.move(
            session, newsroom.daily.id, seen, Tray.ESCALATED, concern=Concern.LEGAL,
            note="About Rita.", moderator_id=newsroom.ana.id, now=NOON,
        )  # fmt: skip
    seen = replace(seen, tray="escalated")
    with newsroom.db.transaction() as session:
        decisions.block(
            session, newsroom.daily.id, seen, clause="personal-attacks", note="Rita, again.",
            explanation="Dear Rita.", moderator_id=newsroom.ana.id, now=NOON,
        )  # fmt: skip
    return comment_id


def flagged(newsroom: Newsroom, comment_id: UUID, reader: str, text: str) -> None:
    report = FlagReport(reader=reader, reason="insult", text=text)
    with newsroom.db.transaction() as session:
        flags.flag(session, newsroom.daily.id, comment_id, report, now=NOON)


def words(db: Database) -> set[str]:
    """Every word that is kept of readers, or about them."""
    with db.reading() as session:
        found = [
            *session.scalars(select(Revision.text)),
            *session.scalars(select(DecisionNote.text)),
            *session.scalars(select(Explanation.text)),
            *session.scalars(select(Move.note)),
            *session.scalars(select(Flag.text)),
            *session.scalars(select(Commenter.name)),
            *session.scalars(select(Commenter.external_id)),
            *session.scalars(select(Commenter.block_reason)),
            *session.scalars(select(CommenterBlock.reason)),
            *session.scalars(select(CommenterNote.text)),
            *session.scalars(select(Appeal.text)),
            *session.scalars(select(Appeal.reason)),
        ]
    return {text for text in found if text and not text.startswith("erased-")}


@pytest.fixture
def said(newsroom: Newsroom) -> UUID:
    """Rita and Omar have commented, been noted about and reported; Rita's blocked one is answered
    by Omar. Answers Rita's."""
    hers = blocked(newsroom, "Rita's words.")
    newsroom.approved("Rita's other words.")
    his = newsroom.approved("Omar's words.", commenter=OMAR, parent=str(hers))
    flagged(newsroom, hers, "omar", "Omar's report of her.")
    flagged(newsroom, his, "rita", "Rita's report of him.")
    with newsroom.db.transaction() as session:
        commenter_blocks.block(
            session, commenters.named(session, newsroom.daily.id, "rita"),
            reason="Rita's reason.", until=None, moderator_id=None, now=NOON,
        )  # fmt: skip
        notes.write(
            session, newsroom.daily.id, newsroom.comment(hers).commenter_id, "Rita's habits.",
            moderator_id=newsroom.ana.id, now=NOON,
        )  # fmt: skip
    upheld(newsroom, hers)
    return hers


def upheld(newsroom: Newsroom, comment_id: UUID) -> None:
    """Rita's appeal, which Ben has decided; another of hers waits."""
    site_id, words = newsroom.daily.id, AppealText(text="Rita's appeal.")
    with newsroom.db.transaction() as session:
        filed = appeals.of_comment(session, site_id, comment_id, words, days=1, now=NOON)
        appeals.uphold(
            session, site_id, filed.complaint.id, reason="Rita is wrong.",
            moderator_id=newsroom.ben.id, now=NOON,
        )  # fmt: skip
        appeals.of_commenter(session, site_id, "rita", words, days=1, now=NOON)


def test_a_commenter_is_forgotten(newsroom: Newsroom, said: UUID, operator: Operator) -> None:
    operator.done("erase", "the-daily", "rita", "--yes")

    assert words(newsroom.db) == {"omar", "Omar", "Omar's words."}
    with newsroom.db.reading() as session:
        [rita] = session.scalars(select(Commenter).where(Commenter.external_id != "omar"))
        assert rita.external_id == f"erased-{rita.id}"
        assert len(session.scalars(select(Decision)).all()) == 4
        events = session.scalars(select(AuditEntry.event)).all()
        assert events.count("commenter_erased") == 1
    assert newsroom.comment(said).status == "blocked"
    [line] = operator.journal.path.read_text().splitlines()
    assert json.loads(line).keys() == {"at", "kind", "site", "id"}
    assert "rita" not in line.lower()


def test_whoever_posts_under_that_id_later_is_a_new_commenter(
    newsroom: Newsroom, said: UUID, operator: Operator
) -> None:
    operator.done("erase", "the-daily", "rita", "--yes")

    newsroom.approved("Rita's new words.")

    with newsroom.db.reading() as session:
        rita = commenters.named(session, newsroom.daily.id, "rita")
        assert (rita.approved, rita.blocked, rita.blocked_at) == (1, 0, None)
    operator.done("erase", "the-daily", "rita", "--yes")
    assert "Rita's new words." not in words(newsroom.db)


def test_what_is_posted_while_its_writer_is_forgotten_is_a_new_commenters(
    postgres_url: str,
) -> None:
    with Database(postgres_url) as db:
        newsroom = open_newsroom(db)
        newsroom.receive()
        posted: list[UUID] = []
        poster = threading.Thread(target=lambda: posted.append(newsroom.receive("One more word.")))
        with db.transaction() as session:
            rita = commenters.named(session, newsroom.daily.id, "rita")
            erasures.commenter(session, rita.site_id, rita.id, record=unrecorded, now=NOON)
            poster.start()
            poster.join(timeout=0.5)
            assert poster.is_alive()  # waits to learn who Rita is
        poster.join(timeout=20)

        assert newsroom.comment(posted[0]).commenter_id != rita.id
        assert words(db) == {"rita", "Rita", "One more word."}


def test_a_forgotten_commenters_comment_is_judged_no_more(newsroom: Newsroom) -> None:
    waiting = newsroom.receive()
    worker = new_id()
    with newsroom.db.transaction() as session:
        [claimed] = backlog.claim(session, worker=worker, limit=1, lease_seconds=60)
        rita = commenters.named(session, newsroom.daily.id, "rita")
        erasures.commenter(session, rita.site_id, rita.id, record=unrecorded, now=NOON)
    read = Reading(waiting=claimed, language="en", scores={"insult": 0.9})
    with newsroom.db.transaction() as session:
        assert judging.judge(session, [read], worker=worker, model=MODEL, now=NOON) == []
        assert backlog.claim(session, worker=new_id(), limit=1, lease_seconds=60) == []

    assert newsroom.comment(waiting).status == "received"


def test_more_comments_than_go_in_one_round(
    newsroom: Newsroom, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(erasures, "AT_ONCE", 2)
    for n in range(5):
        newsroom.receive(f"Number {n}.")
    with newsroom.db.transaction() as session:
        rita = commenters.named(session, newsroom.daily.id, "rita")
        erasures.commenter(session, rita.site_id, rita.id, record=unrecorded, now=NOON)

    assert words(newsroom.db) == set()


def test_a_comment_stored_meanwhile_goes_too(postgres_url: str) -> None:
    """It has been inserted, and is committed while the erasure waits for its writer's row."""
    with Database(postgres_url) as db:
        newsroom = open_newsroom(db)
        newsroom.receive("The first.")
        rita = newsroom.comment(newsroom.receive("The second.")).commenter_id

        def erase() -> None:
            with db.transaction() as session:
                erasures.commenter(session, newsroom.daily.id, rita, record=unrecorded, now=NOON)

        erasing = threading.Thread(target=erase)
        with db.transaction() as session:
            comments.receive(session, newsroom.daily.id, [submission("The third.")], now=NOON)
            erasing.start()
            erasing.join(1)
            assert erasing.is_alive()
        erasing.join(10)

        assert words(db) == set()


def test_another_sites_commenter_is_not_found(newsroom: Newsroom, operator: Operator) -> None:
    newsroom.receive()
    assert "no such commenter" in operator.refused("erase", "the-evening-post", "rita", "--yes")
    assert "no site nowhere" in operator.refused("erase", "nowhere", "rita", "--yes")
    assert "Rita" in words(newsroom.db)


def test_it_is_asked_first(newsroom: Newsroom, said: UUID, operator: Operator) -> None:
    before = words(newsroom.db)
    result = operator.types("erase", "the-daily", "rita", stdin="n\n")

    assert result.exit_code == 1
    assert "goes for good" in result.stderr + result.stdout
    assert words(newsroom.db) == before
    assert not operator.journal.path.exists()


# --- after a restore ----------------------------------------------------------------------------


def test_what_was_erased_since_the_backup_is_erased_again(
    newsroom: Newsroom, said: UUID, operator: Operator, empty: Database
) -> None:
    kept = newsroom.approved("Omar's last words.", commenter=OMAR)
    late = newsroom.approved("Omar's slip.", commenter=OMAR)
    file = operator.folder / "monday.zip"
    operator.done("backup", str(file))
    operator.done("erase", "the-daily", "rita", "--yes")
    app = api_of(newsroom, erasure_journal=str(operator.journal.path))
    assert (
        Caller(app.test_client(), newsroom.daily_key).delete(f"/comments/{late}").status_code == 204
    )
    after = words(newsroom.db)
    operator.about(url_of(empty))

    restored = operator.done("restore", str(file))

    assert "Erased again: 2 by the journal" in restored.stderr
    assert words(empty) == after
    assert "Omar's last words." in after
    with empty.reading() as session:
        rows = dict(session.execute(select(Comment.id, Comment.erased_at)).all())
    assert (rows[late] is None, rows[said] is None, rows[kept] is None) == (False, False, True)
    # Once more, on a newer backup: nothing is left to erase.
    operator.done("backup", str(operator.folder / "tuesday.zip"))
    new = f"sqlite:///{operator.folder / 'third.sqlite3'}"
    operator.about(new)
    again = operator.done("restore", str(operator.folder / "tuesday.zip"))
    assert "Erased again: 0 by the journal" in again.stderr


def test_a_journal_that_is_missing_is_said(
    newsroom: Newsroom, operator: Operator, empty: Database
) -> None:
    operator.done("backup", str(operator.folder / "monday.zip"))
    operator.about(url_of(empty))

    said = operator.done("restore", str(operator.folder / "monday.zip")).stderr

    assert "There is no journal of erasures at" in said


def test_nothing_is_erased_that_cannot_be_recorded(
    newsroom: Newsroom, said: UUID, operator: Operator
) -> None:
    before = words(newsroom.db)
    operator.journal.path.mkdir()

    assert "nothing was erased" in operator.refused("erase", "the-daily", "rita", "--yes")
    app = api_of(newsroom, erasure_journal=str(operator.journal.path))
    daily = Caller(app.test_client(), newsroom.daily_key)
    problem(daily.delete(f"/comments/{said}"), 500, "not-erased")
    problem(daily.delete("/commenters/rita"), 500, "not-erased")

    assert words(newsroom.db) == before
    assert newsroom.comment(said).erased_at is None


def test_a_restore_whose_journal_cannot_be_read_leaves_no_row(
    newsroom: Newsroom, said: UUID, operator: Operator, empty: Database
) -> None:
    operator.done("backup", str(operator.folder / "monday.zip"))
    operator.journal.path.mkdir()
    operator.about(url_of(empty))

    assert "cannot be read" in operator.refused("restore", str(operator.folder / "monday.zip"))
    assert words(empty) == set()


# --- the journal ----------------------------------------------------------------------------------


def erasure(n: int) -> Erased:
    return Erased(kind=Kind.COMMENT, site_id=UUID(int=1), id=UUID(int=n), at=later(n))


def test_the_journal_is_for_its_owner_and_has_what_was_written(tmp_path: Path) -> None:
    journal = ErasureJournal(tmp_path / "new" / "erasures.jsonl")
    assert list(journal.read()) == []

    for n in range(3):
        journal.record(erasure(n))

    assert list(journal.read()) == [erasure(n) for n in range(3)]
    assert stat.S_IMODE(journal.path.stat().st_mode) == 0o600


def test_lines_of_several_processes_do_not_mix(tmp_path: Path) -> None:
    journal = ErasureJournal(tmp_path / "erasures.jsonl")

    def record(n: int) -> None:
        for _ in range(25):
            journal.record(erasure(n))

    threads = [threading.Thread(target=record, args=[n]) for n in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()

    found = [erased.id.int for erased in journal.read()]
    assert sorted(found) == sorted([0, 1, 2, 3] * 25)


def test_a_line_that_was_cut_off_spoils_no_other(tmp_path: Path) -> None:
    journal = ErasureJournal(tmp_path / "erasures.jsonl")
    journal.record(erasure(0))
    with journal.path.open("a") as file:
        file.write('{"at": "2026-05-0')

    journal.record(erasure(1))

    assert list(journal.read()) == [erasure(0), erasure(1)]


def test_a_disk_that_takes_half_a_line_is_no_record(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    journal = ErasureJournal(tmp_path / "erasures.jsonl")
    monkeypatch.setattr("moderation.keeping.journal.os.write", lambda *_: 10)

    with pytest.raises(JournalError, match="the disk is full"):
        journal.record(erasure(0))


# --- retention ------------------------------------------------------------------------------------


def test_words_blocked_long_ago_are_erased_and_no_others(
    newsroom: Newsroom, operator: Operator, monkeypatch: pytest.MonkeyPatch
) -> None:
    old = [blocked(newsroom, f"Old fool number {n}.") for n in range(3)]
    newsroom.held("A held fool.")
    newsroom.approved("A fair point.")
    day = timedelta(days=1)
    kept = words(newsroom.db)

    def applied(after: timedelta, days: int = 180, limit: int = 500) -> int:
        with newsroom.db.transaction() as session:
            moment = NOON + after
            due = retention.count_due(session, days=days, now=moment)
            erased = retention.apply(session, days=days, now=moment, limit=limit)
            assert erased == min(due, limit)
            return erased

    assert applied(180 * day) == 0
    assert applied(9000 * day, days=0) == 0
    assert words(newsroom.db) == kept
    assert [applied(180 * day + timedelta(seconds=1), limit=2) for _ in range(3)] == [2, 1, 0]
    assert words(newsroom.db) == kept - {f"Old fool number {n}." for n in range(3)} - {
        "Rita, again.",
        "Dear Rita.",
        "About Rita.",
    }
    assert all(newsroom.comment(one).status == "blocked" for one in old)
    assert not operator.journal.path.exists()


def test_retention_by_hand(
    newsroom: Newsroom, operator: Operator, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Noon of the scenes is long past."""
    comment_id = blocked(newsroom)

    kept = operator.done("retention")
    assert (kept.stdout, "they are kept" in kept.stderr) == ("0\n", True)
    monkeypatch.setenv("MODERATION_APPEAL_DAYS", "1")
    monkeypatch.setenv("MODERATION_RETAIN_BLOCKED_DAYS", "1")
    due = operator.done("retention", "--dry-run")
    assert due.stdout == "1\n"
    assert due.stderr == "The words of so many blocked comments would be erased: 1.\n"
    assert newsroom.comment(comment_id).erased_at is None
    assert operator.done("retention").stdout == "1\n"
    assert operator.done("retention").stdout == "0\n"
    assert newsroom.comment(comment_id).erased_at is not None


def test_a_restore_keeps_no_words_that_are_past_their_time(
    newsroom: Newsroom, operator: Operator, empty: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    blocked(newsroom)
    operator.done("backup", str(operator.folder / "monday.zip"))
    monkeypatch.setenv("MODERATION_APPEAL_DAYS", "1")
    monkeypatch.setenv("MODERATION_RETAIN_BLOCKED_DAYS", "1")
    operator.about(url_of(empty))

    said = operator.done("restore", str(operator.folder / "monday.zip")).stderr

    assert "1 blocked more than 1 days ago" in said
    assert words(empty) == {"rita", "Rita"}


@pytest.mark.parametrize("older", ["0001", "0002"])
def test_words_go_from_the_tables_of_an_older_release(newsroom: Newsroom, older: str) -> None:
    """As in a backup that is restored, before it is brought up to this release."""
    comment_id = newsroom.held()
    downgrade(newsroom.db, older)
    with newsroom.db.transaction() as session:
        erasures.words_of(session, newsroom.daily.id, [comment_id], now=NOON)
        assert session.scalars(select(Revision.text)).all() == [None]


def test_a_commenter_goes_from_the_tables_of_a_release_without_notes(newsroom: Newsroom) -> None:
    newsroom.held()
    downgrade(newsroom.db, "0003")
    with newsroom.db.transaction() as session:
        rita = commenters.named(session, newsroom.daily.id, "rita")
        erasures.commenter(session, rita.site_id, rita.id, record=unrecorded, now=NOON)
        assert session.scalars(select(Revision.text)).all() == [None]


def test_on_sqlite_erased_words_leave_the_log_of_the_file_too(sqlite_url: str) -> None:
    with Database(sqlite_url) as db:
        newsroom = open_newsroom(db)
        comment_id = newsroom.receive("A word that nobody else wrote: Zanzibar.")
        with db.transaction() as session:
            comments.erase(session, newsroom.daily.id, comment_id, record=unrecorded, now=NOON)
        file = Path(sqlite_url.removeprefix("sqlite:///"))
        files = [file, file.with_name(f"{file.name}-wal")]
        assert any(b"Zanzibar" in one.read_bytes() for one in files)

        db.empty_log()

        assert not any(b"Zanzibar" in one.read_bytes() for one in files)
