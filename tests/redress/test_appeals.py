"""Appeals: who decides them, what follows, and how each ends whatever happens meanwhile."""

import threading
from collections.abc import Callable
from datetime import timedelta
from typing import Any
from uuid import UUID

import pytest
from sqlalchemy import select
from sqlalchemy.orm import Session

from moderation import (
    commenter_blocks,
    commenters,
    comments,
    complaints,
    decision_log,
    decisions,
    erasures,
)
from moderation.complaints import AlreadyEnded, KeyReused, WordsGone
from moderation.db import Database
from moderation.decisions import Seen
from moderation.keeping import retention
from moderation.models import (
    Appeal,
    AuditEntry,
    Commenter,
    CommenterBlock,
    Decision,
    Moderator,
    Status,
    Strike,
)
from moderation.redress import appeals, statements
from moderation.redress.appeals import (
    AlreadyAppealed,
    OwnBlock,
    TooLate,
)
from moderation.staff import moderators
from moderation.submission import AppealText
from tests.newsroom import NOON, Newsroom, later, open_newsroom, unrecorded
from tests.redress.at_once import at_once

WORDS = AppealText(text="I did not mean Tom.")
DAYS = 184


@pytest.fixture
def two(newsroom: Newsroom) -> Newsroom:
    """Ben helps out at The Daily: somebody else than Ana can decide."""
    return with_ben(newsroom)


def with_ben(newsroom: Newsroom) -> Newsroom:
    with newsroom.db.transaction() as session:
        moderators.assign(session, newsroom.ben, newsroom.daily)
    return newsroom


def blocked(newsroom: Newsroom, *, minutes: float = 10) -> UUID:
    """Rita's comment, blocked by Ana."""
    comment_id = newsroom.held()
    with newsroom.db.transaction() as session:
        decisions.block(
            session, newsroom.daily.id, seen(comment_id, Status.HELD), clause="personal-attacks",
            moderator_id=newsroom.ana.id, now=later(minutes),
        )  # fmt: skip
    return comment_id


def blocked_rita(newsroom: Newsroom, **fields: Any) -> None:
    """Ana blocks Rita."""
    with newsroom.db.transaction() as session:
        commenter_blocks.block(
            session, commenters.named(session, newsroom.daily.id, "rita"),
            **{"reason": "Insults.", "until": None, "moderator_id": newsroom.ana.id, "now": NOON}
            | fields,
        )  # fmt: skip


def seen(comment_id: UUID, status: Status = Status.BLOCKED) -> Seen:
    return Seen(comment_id=comment_id, revision=1, status=status)


def appealed(
    newsroom: Newsroom,
    comment_id: UUID,
    *,
    words: AppealText = WORDS,
    key: str | None = None,
    minutes: float = 20,
) -> UUID:
    with newsroom.db.transaction() as session:
        filed = appeals.of_comment(
            session, newsroom.daily.id, comment_id, words, key=key, days=DAYS, now=later(minutes)
        )
        return filed.complaint.id


def rita_appeals(newsroom: Newsroom, *, minutes: float = 20, **fields: Any) -> UUID:
    with newsroom.db.transaction() as session:
        filed = appeals.of_commenter(
            session, newsroom.daily.id, "rita", WORDS, days=DAYS, now=later(minutes), **fields
        )
        return filed.complaint.id


def upheld(newsroom: Newsroom, appeal_id: UUID, by: Moderator) -> None:
    with newsroom.db.transaction() as session:
        appeals.uphold(
            session, newsroom.daily.id, appeal_id, reason="He is named.", moderator_id=by.id,
            now=later(30),
        )  # fmt: skip


def overturned(newsroom: Newsroom, appeal_id: UUID, by: Moderator, *, revision: int = 1) -> None:
    with newsroom.db.transaction() as session:
        appeals.overturn(
            session, newsroom.daily.id, appeal_id, revision=revision, reason="It was a quotation.",
            moderator_id=by.id, now=later(30),
        )  # fmt: skip


def taken_back(newsroom: Newsroom, appeal_id: UUID, by: Moderator) -> None:
    with newsroom.db.transaction() as session:
        appeals.take_back(session, newsroom.daily.id, appeal_id, moderator_id=by.id, now=later(40))


def row(newsroom: Newsroom, appeal_id: UUID) -> Appeal:
    with newsroom.db.reading() as session:
        return session.scalars(select(Appeal).where(Appeal.id == appeal_id)).one()


def rita(newsroom: Newsroom) -> Commenter:
    with newsroom.db.reading() as session:
        return commenters.named(session, newsroom.daily.id, "rita")


def log(newsroom: Newsroom) -> list[str]:
    """What the audit log has of appeals and of Rita."""
    with newsroom.db.reading() as session:
        # Ids of one millisecond are in no order.
        by_moment = select(AuditEntry.event).order_by(AuditEntry.at, AuditEntry.event)
        events = session.scalars(by_moment)
        return [event for event in events if event.startswith(("appeal_", "commenter_"))]


# --- overturned or upheld ---------------------------------------------------------------------


def test_overturned_the_comment_is_approved_and_everything_follows(two: Newsroom) -> None:
    comment_id = blocked(two)
    appeal_id = appealed(two, comment_id)

    overturned(two, appeal_id, two.ben)

    assert two.comment(comment_id).status == "approved"
    assert (rita(two).approved, rita(two).blocked) == (1, 0)
    with two.db.reading() as session:
        assert session.scalars(select(Strike)).all() == []
        [*_, told] = decision_log.feed(session, two.daily.id)
        [appeal] = [one.appeal for one in appeals.feed(session, two.daily.id)]
    assert (told.decision.status_after, told.decision.appeal_id) == ("approved", appeal_id)
    assert (told.decision.moderator_id, told.decision.undoes) == (two.ben.id, None)
    assert (appeal.outcome, appeal.reason) == ("overturned", "It was a quotation.")
    assert (appeal.moderator_id, appeal.own) == (two.ben.id, False)
    assert (appeal.settled_by, appeal.ended_at) == (told.decision.id, later(30))
    # One count for both feeds, so that a site may read them with one cursor each and miss nothing.
    assert appeal.seq == told.decision.seq + 1
    assert log(two) == ["appeal_overturned"]


def test_upheld_the_comment_stays_blocked(two: Newsroom) -> None:
    comment_id = blocked(two)
    appeal_id = appealed(two, comment_id)

    upheld(two, appeal_id, two.ben)

    assert two.comment(comment_id).status == "blocked"
    with two.db.reading() as session:
        assert len(decision_log.feed(session, two.daily.id)) == 2
        [told] = appeals.feed(session, two.daily.id)
        assert appeals.feed(session, two.daily.id, after=told.appeal.seq or 0) == []
    assert (told.commenter, told.appeal.outcome) == ("rita", "upheld")
    assert (told.appeal.settled_by, told.appeal.seq) == (None, 3)
    assert log(two) == ["appeal_upheld"]
    # The next decision goes on behind it.
    two.approved()
    with two.db.reading() as session:
        assert max(session.scalars(select(Decision.seq))) == 4


def test_whoever_blocked_it_does_not_decide(two: Newsroom) -> None:
    comment_id = blocked(two)
    appeal_id = appealed(two, comment_id)

    for decide in (upheld, overturned):
        with pytest.raises(OwnBlock):
            decide(two, appeal_id, two.ana)

    assert row(two, appeal_id).outcome is None
    assert two.comment(comment_id).status == "blocked"


def test_at_a_site_with_one_moderator_they_do_and_it_is_recorded(newsroom: Newsroom) -> None:
    appeal_id = appealed(newsroom, blocked(newsroom))

    upheld(newsroom, appeal_id, newsroom.ana)

    assert row(newsroom, appeal_id).own is True
    with newsroom.db.reading() as session:
        entry = session.scalars(select(AuditEntry).where(AuditEntry.event == "appeal_upheld")).one()
    assert entry.subject == {"appeal": str(appeal_id), "own": True}


def test_what_the_policy_blocked_is_decided_by_anybody(two: Newsroom) -> None:
    comment_id = two.receive("Damn you all, and your trams.")
    two.judge({"obscene": 0.99})
    appeal_id = appealed(two, comment_id)

    overturned(two, appeal_id, two.ana)

    assert two.comment(comment_id).status == "approved"
    assert row(two, appeal_id).own is False


def test_words_that_were_edited_since_are_not_approved_unread(two: Newsroom) -> None:
    comment_id = blocked(two)
    appeal_id = appealed(two, comment_id)
    with two.db.transaction() as session:
        comments.edit(session, two.daily.id, comment_id, "You are a swine.", now=later(25))

    with pytest.raises(decisions.AlreadyDecided):
        overturned(two, appeal_id, two.ben)

    assert row(two, appeal_id).outcome is None
    overturned(two, appeal_id, two.ben, revision=2)
    assert two.comment(comment_id).status == "approved"


def test_a_commenter_may_write_again(two: Newsroom) -> None:
    two.approved()
    blocked_rita(two)
    appeal_id = rita_appeals(two)

    overturned(two, appeal_id, two.ben)

    assert rita(two).blocked_at is None
    with two.db.reading() as session:
        assert session.scalars(select(CommenterBlock.ended_by)).all() == [two.ben.id]
    assert row(two, appeal_id).outcome == "overturned"
    assert log(two) == ["commenter_blocked", "appeal_overturned", "commenter_unblocked"]


def test_a_block_that_has_run_out_is_decided_and_the_next_one_stays(two: Newsroom) -> None:
    two.approved()
    blocked_rita(two, until=later(25))
    appeal_id = rita_appeals(two)
    with two.db.transaction() as session:
        commenter_blocks.block(
            session, commenters.named(session, two.daily.id, "rita"), reason="More insults.",
            until=None, moderator_id=two.ana.id, now=later(28),
        )  # fmt: skip

    overturned(two, appeal_id, two.ben)

    assert row(two, appeal_id).outcome == "overturned"
    assert rita(two).block_reason == "More insults."


# --- taken in ---------------------------------------------------------------------------------


def test_once_for_each_block(two: Newsroom) -> None:
    comment_id = blocked(two)
    first = appealed(two, comment_id)

    with pytest.raises(AlreadyAppealed) as refused:
        appealed(two, comment_id)

    assert refused.value.appeal_id == first
    overturned(two, first, two.ben)
    with pytest.raises(statements.NotBlocked):
        appealed(two, comment_id)
    with two.db.transaction() as session:
        decisions.block(
            session, two.daily.id, seen(comment_id, Status.APPROVED), clause="profanity",
            moderator_id=two.ana.id, now=later(40),
        )  # fmt: skip
    assert appealed(two, comment_id, minutes=50) != first


def test_the_same_again_under_its_key_is_a_repeat(two: Newsroom) -> None:
    comment_id, other = blocked(two), blocked(two)
    first = appealed(two, comment_id, key="k-1")
    upheld(two, first, two.ben)

    assert appealed(two, comment_id, key="k-1") == first
    for again, words in ((comment_id, AppealText(text="Other words.")), (other, WORDS)):
        with pytest.raises(KeyReused):
            appealed(two, again, words=words, key="k-1")


def test_not_after_its_time(two: Newsroom) -> None:
    comment_id = blocked(two, minutes=0)
    with pytest.raises(TooLate) as refused:
        appealed(two, comment_id, minutes=DAYS * 24 * 60 + 1)
    assert refused.value.days == DAYS
    in_time = appealed(two, comment_id, minutes=DAYS * 24 * 60)
    assert row(two, in_time).outcome is None


def test_not_of_what_is_gone(two: Newsroom) -> None:
    comment_id = blocked(two)
    erased(two, comment_id)
    with pytest.raises(WordsGone):
        appealed(two, comment_id)


def erased(newsroom: Newsroom, comment_id: UUID) -> None:
    with newsroom.db.transaction() as session:
        comments.erase(session, newsroom.daily.id, comment_id, record=unrecorded, now=later(25))


# --- whatever happens meanwhile ---------------------------------------------------------------


def test_a_block_that_is_undone_ends_its_appeal(two: Newsroom) -> None:
    comment_id = blocked(two)
    appeal_id = appealed(two, comment_id)
    decision_id = two.comment(comment_id).decision_id
    assert decision_id is not None

    with two.db.transaction() as session:
        decisions.undo(session, two.daily.id, decision_id, moderator_id=two.ana.id, now=later(25))

    assert two.comment(comment_id).status == "held"
    appeal = row(two, appeal_id)
    assert (appeal.outcome, appeal.moderator_id) == ("lifted", two.ana.id)
    assert appeal.settled_by == two.comment(comment_id).decision_id
    with two.db.reading() as session:
        assert [one.appeal.id for one in appeals.feed(session, two.daily.id)] == [appeal_id]
    with pytest.raises(AlreadyEnded):
        upheld(two, appeal_id, two.ben)


def test_a_commenters_block_that_ends_or_is_replaced_ends_its_appeal(two: Newsroom) -> None:
    two.approved()
    blocked_rita(two)
    first = rita_appeals(two)
    blocked_rita(two, reason="More insults.", now=later(25))
    assert row(two, first).outcome == "replaced"
    second = rita_appeals(two, minutes=28)
    with two.db.transaction() as session:
        who = commenters.named(session, two.daily.id, "rita")
        commenter_blocks.unblock(session, who, moderator_id=None, now=later(30))
    assert (row(two, second).outcome, row(two, second).moderator_id) == ("lifted", None)


def test_a_deleted_comment_ends_its_appeal_and_the_words_go(two: Newsroom) -> None:
    comment_id = blocked(two)
    waiting = appealed(two, comment_id)
    decided = appealed(two, blocked(two))
    upheld(two, decided, two.ben)

    erased(two, comment_id)
    with two.db.transaction() as session:
        erasures.commenter(session, two.daily.id, rita(two).id, record=unrecorded, now=later(40))

    assert (row(two, waiting).outcome, row(two, waiting).text) == ("deleted", None)
    assert (row(two, decided).outcome, row(two, decided).text) == ("upheld", None)
    assert row(two, decided).reason is None


def test_a_forgotten_commenters_own_appeal_ends(two: Newsroom) -> None:
    two.approved()
    blocked_rita(two)
    appeal_id = rita_appeals(two)
    with two.db.transaction() as session:
        erasures.commenter(session, two.daily.id, rita(two).id, record=unrecorded, now=later(40))
    assert (row(two, appeal_id).outcome, row(two, appeal_id).text) == ("deleted", None)


def test_words_that_are_appealed_are_kept_until_that_is_decided(two: Newsroom) -> None:
    comment_id = blocked(two)
    appeal_id = appealed(two, comment_id)

    def due() -> int:
        with two.db.transaction() as session:
            return retention.apply(session, days=1, now=NOON + timedelta(days=9))

    assert due() == 0
    upheld(two, appeal_id, two.ben)
    assert due() == 1
    assert row(two, appeal_id).text is None


# --- taken back -------------------------------------------------------------------------------


def test_whoever_decided_may_take_it_back_and_the_site_is_told_again(two: Newsroom) -> None:
    comment_id = blocked(two)
    before = two.comment(comment_id).decision_id
    appeal_id = appealed(two, comment_id)
    overturned(two, appeal_id, two.ben)
    last = row(two, appeal_id).seq

    with pytest.raises(AlreadyEnded):
        taken_back(two, appeal_id, two.ana)
    taken_back(two, appeal_id, two.ben)

    appeal = row(two, appeal_id)
    assert (appeal.outcome, appeal.reason, appeal.settled_by) == (None, None, None)
    assert two.comment(comment_id).status == "blocked"
    assert rita(two).blocked == 1
    with two.db.reading() as session:
        assert [one.appeal.id for one in appeals.feed(session, two.daily.id, after=last or 0)] == [
            appeal_id
        ]
        log_of = session.scalars(
            select(Decision).where(Decision.comment_id == comment_id).order_by(Decision.seq)
        ).all()
        blocks = statements.decision_that_blocks(log_of)
    assert blocks is not None
    assert blocks.id == before
    upheld(two, appeal_id, two.ben)
    taken_back(two, appeal_id, two.ben)
    assert row(two, appeal_id).outcome is None


def test_a_commenters_block_is_put_back_as_it_was(two: Newsroom) -> None:
    two.approved()
    blocked_rita(two, until=later(9000))
    appeal_id = rita_appeals(two)
    overturned(two, appeal_id, two.ben)

    taken_back(two, appeal_id, two.ben)

    who = rita(two)
    assert (who.blocked_at, who.blocked_until) == (NOON, later(9000))
    with two.db.reading() as session:
        assert session.scalars(select(CommenterBlock.ended_at)).all() == [None]


def test_the_log_of_decisions_does_not_take_it_back_past_the_appeal(two: Newsroom) -> None:
    comment_id = blocked(two)
    overturned(two, appealed(two, comment_id), two.ben)
    decision_id = two.comment(comment_id).decision_id
    assert decision_id is not None

    with two.db.transaction() as session, pytest.raises(decisions.AlreadyDecided):
        decisions.undo(session, two.daily.id, decision_id, moderator_id=two.ana.id, now=later(40))

    assert two.comment(comment_id).status == "approved"


def test_an_answer_is_not_taken_back_about_another_block_made_since(two: Newsroom) -> None:
    comment_id, site_id = blocked(two), two.daily.id
    appeal_id = appealed(two, comment_id)
    upheld(two, appeal_id, two.ben)
    with two.db.transaction() as session:
        decisions.approve(
            session, site_id, seen(comment_id), moderator_id=two.ana.id, now=later(32)
        )
        decisions.block(
            session, site_id, seen(comment_id, Status.APPROVED), clause="profanity",
            moderator_id=two.ben.id, now=later(34),
        )  # fmt: skip

    # Ben would decide about his own block, by an appeal of Ana's.
    with pytest.raises(AlreadyEnded):
        taken_back(two, appeal_id, two.ben)


def test_nothing_is_taken_back_over_what_has_happened_since(two: Newsroom) -> None:
    first, second = blocked(two), blocked(two)
    overturned_one, upheld_one = appealed(two, first), appealed(two, second)
    overturned(two, overturned_one, two.ben)
    upheld(two, upheld_one, two.ben)
    with two.db.transaction() as session:
        for comment_id, status in ((first, Status.APPROVED), (second, Status.BLOCKED)):
            act: Callable[..., UUID] = decisions.approve
            if status == Status.APPROVED:
                act = decisions.block
            more = {"clause": "profanity"} if status == Status.APPROVED else {}
            act(
                session, two.daily.id, seen(comment_id, status), moderator_id=two.ana.id,
                now=later(35), **more,
            )  # fmt: skip

    for appeal_id in (overturned_one, upheld_one):
        with pytest.raises(AlreadyEnded):
            taken_back(two, appeal_id, two.ben)

    assert (two.comment(first).status, two.comment(second).status) == ("blocked", "approved")


# --- at the same moment -----------------------------------------------------------------------


def test_of_two_who_decide_at_once_the_first_wins(postgres_url: str) -> None:
    with Database(postgres_url) as db:
        newsroom = with_ben(open_newsroom(db))
        eva = Moderator(email="eva@daily.example", password_hash="", created_at=NOON)
        with db.transaction() as session:
            session.add(eva)
            session.flush()
            moderators.assign(session, eva, newsroom.daily)
        for _ in range(15):
            comment_id = blocked(newsroom)
            appeal_id = appealed(newsroom, comment_id)
            by: dict[str, Any] = {"reason": "Because.", "now": later(30)}

            def overturn(session: Session, one: UUID = appeal_id, by: Any = by) -> None:
                appeals.overturn(
                    session, newsroom.daily.id, one, revision=1, moderator_id=newsroom.ben.id, **by
                )

            def uphold(session: Session, one: UUID = appeal_id, by: Any = by) -> None:
                appeals.uphold(session, newsroom.daily.id, one, moderator_id=eva.id, **by)

            went = at_once(db, overturn, uphold)

            assert sorted(went) == ["AlreadyEnded", "done"]
            appeal = row(newsroom, appeal_id)
            expected = ("overturned", "approved") if went[0] == "done" else ("upheld", "blocked")
            assert (appeal.outcome, newsroom.comment(comment_id).status) == expected


def test_a_block_undone_while_its_appeal_is_decided(postgres_url: str) -> None:
    with Database(postgres_url) as db:
        newsroom = with_ben(open_newsroom(db))
        for _ in range(15):
            comment_id = blocked(newsroom)
            appeal_id = appealed(newsroom, comment_id)
            decision_id = newsroom.comment(comment_id).decision_id
            assert decision_id is not None

            def undo(session: Session, one: UUID = decision_id) -> None:
                decisions.undo(
                    session, newsroom.daily.id, one, moderator_id=newsroom.ana.id, now=later(30)
                )

            def overturn(session: Session, one: UUID = appeal_id) -> None:
                appeals.overturn(
                    session, newsroom.daily.id, one, revision=1, reason="Because.",
                    moderator_id=newsroom.ben.id, now=later(30),
                )  # fmt: skip

            went = at_once(db, undo, overturn)

            assert went.count("done") == 1
            appeal, status = row(newsroom, appeal_id), newsroom.comment(comment_id).status
            expected = ("lifted", "held") if went[0] == "done" else ("overturned", "approved")
            assert (appeal.outcome, status) == expected


def test_a_block_undone_while_it_is_appealed(postgres_url: str) -> None:
    with Database(postgres_url) as db:
        newsroom = with_ben(open_newsroom(db))
        for _ in range(15):
            comment_id = blocked(newsroom)
            decision_id = newsroom.comment(comment_id).decision_id
            assert decision_id is not None

            def undo(session: Session, one: UUID = decision_id) -> None:
                decisions.undo(
                    session, newsroom.daily.id, one, moderator_id=newsroom.ana.id, now=later(30)
                )

            def appeal(session: Session, one: UUID = comment_id) -> None:
                try:
                    appeals.of_comment(
                        session, newsroom.daily.id, one, WORDS, days=DAYS, now=later(30)
                    )
                except statements.NotBlocked:
                    return

            assert at_once(db, undo, appeal) == ["done", "done"]
            with db.reading() as session:
                found = session.scalars(
                    select(Appeal.outcome).where(Appeal.comment_id == comment_id)
                ).all()
            assert found in ([], ["lifted"])


def test_of_the_same_appeal_sent_twice_at_once_one_is_kept(postgres_url: str) -> None:
    with Database(postgres_url) as db:
        newsroom = with_ben(open_newsroom(db))
        newsroom.approved()
        blocked_rita(newsroom)

        def appeal(session: Session) -> None:
            appeals.of_commenter(
                session, newsroom.daily.id, "rita", WORDS, key="k", days=DAYS, now=later(30)
            )

        assert at_once(db, *[appeal] * 6) == ["done"] * 6
        with db.reading() as session:
            assert len(session.scalars(select(Appeal)).all()) == 1


def test_the_feed_passes_none_that_commits_late(postgres_url: str) -> None:
    with Database(postgres_url) as db:
        newsroom = with_ben(open_newsroom(db))
        ids = [appealed(newsroom, blocked(newsroom)) for _ in range(2)]
        late = threading.Thread(target=upheld, args=(newsroom, ids[1], newsroom.ben))
        with db.transaction() as session:
            complaints.number(session, Appeal, newsroom.daily.id, [ids[0]], now=NOON)
            late.start()
            late.join(0.5)
            assert late.is_alive()  # it waits for a number
        late.join(10)
        first, second = row(newsroom, ids[0]).seq, row(newsroom, ids[1]).seq
        assert first is not None
        assert second == first + 1
