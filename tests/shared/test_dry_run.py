"""A dry run over real newspaper comments, judged by the bundled model under the starter policy."""

from uuid import UUID

import pytest

from config.model import facts_for
from config.settings import STARTER_POLICY, Settings
from moderation import comments, decisions, dry_run, policy, posted_policies
from moderation.decisions import Seen
from moderation.dry_run import DryRun, Kept
from moderation.models import Site, Status
from moderation.policy import Outcome
from moderation.submission import Submission
from tests.newsroom import NOON, Newsroom, later
from tests.shared.test_dev_news import body_of, real_comments
from worker.model import Model
from worker.scoring import Scoring

pytestmark = pytest.mark.shared
STARTER = STARTER_POLICY.read_text(encoding="utf-8")
NUMBER = 1000
PERSONS = (Status.APPROVED, Status.BLOCKED, None)


@pytest.fixture
def database_url(sqlite_url: str) -> str:
    """One database is enough: tests/policy/test_dry_run.py reads the same on both."""
    return sqlite_url


def with_holds(times: float) -> policy.Policy:
    """The starter policy with every `hold` of a score that many times as high."""
    lines = []
    for line in STARTER.splitlines():
        key, _, value = line.partition(" = ")
        lines.append(f"hold = {float(value) * times:.4f}" if key == "hold" else line)
    return policy.parse("\n".join(lines))


def judged(newsroom: Newsroom) -> list[Kept]:
    """The first comments of the file, judged; those held decided as the file's readers saw them."""
    facts = facts_for("bundled")
    rows = real_comments()[:NUMBER]
    sent = [Submission.model_validate(body_of(n, row["text"])) for n, row in enumerate(rows)]
    with newsroom.db.transaction() as session:
        posted_policies.post(
            session,
            session.get_one(Site, newsroom.daily.id),
            STARTER,
            attributes=facts.attributes,
            model_version=facts.version,
            now=NOON,
        )
        received = comments.receive(session, newsroom.daily.id, sent, now=NOON)
    Scoring(Settings(), newsroom.db, Model.of(Settings())).score_waiting()
    for row, answer in zip(rows, received, strict=True):
        assert isinstance(answer, comments.Received)
        if newsroom.comment(answer.comment_id).status == Status.HELD:
            decide(newsroom, answer.comment_id, hostile=row["hostile"] == "1")
    with newsroom.db.reading() as session:
        return dry_run.judged_lately(session, newsroom.daily.id, last=NUMBER, now=NOON)


def decide(newsroom: Newsroom, comment_id: UUID, *, hostile: bool) -> None:
    """Ana blocks what is hostile, and lets the rest through."""
    seen = Seen(comment_id=comment_id, revision=1, status=Status.HELD)
    site_id, by, now = newsroom.daily.id, newsroom.ana.id, later(1)
    with newsroom.db.transaction() as session:
        if hostile:
            clause = policy.parse(STARTER).clauses[0].key
            decisions.block(session, site_id, seen, clause=clause, moderator_id=by, now=now)
        else:
            decisions.approve(session, site_id, seen, moderator_id=by, now=now)


def test_what_flips_goes_where_the_thresholds_went(newsroom: Newsroom) -> None:
    kept = judged(newsroom)
    assert len(kept) == NUMBER
    for times in (0.8, 1.25):
        run = dry_run.try_out(
            policy.parse(STARTER),
            with_holds(times),
            kept,
            readable=frozenset(facts_for("bundled").languages),
        )
        assert len(run.flips) == 1
        assert all((flip.after < flip.before) == (times > 1) for flip in run.flips)
        report(times, run)


def report(times: float, run: DryRun) -> None:
    """The figures that are stated, and judged by nobody: no threshold is chosen here."""
    held = f"held {run.before(Outcome.HOLD)} -> {run.after(Outcome.HOLD)} of {len(run.tried)}"
    print(f"\nEvery hold times {times}: {held}")  # noqa: T201 - the figures are stated
    for flip in run.flips:
        split = {str(person): len(flip.decided(person)) for person in PERSONS}
        print(f"  {flip.before.value} -> {flip.after.value}, by persons: {split}")  # noqa: T201
