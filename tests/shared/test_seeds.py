"""Real story pages, read in place: their own comments, and ours planted under them."""

import re
import tomllib
from dataclasses import dataclass
from pathlib import Path

import pytest
from sqlalchemy import func, select

from config.model import BUNDLED, load_facts
from config.settings import STARTER_POLICY, Settings
from moderation import comments, sites
from moderation.comments import Received
from moderation.db import Database
from moderation.models import Comment, Decision, Revision, Score, Site, Status, Story
from moderation.submission import Submission
from tests.newsroom import NOON
from tests.shared import planted
from worker import scorers
from worker.scoring import Scoring

pytestmark = pytest.mark.shared
SEEDS = Path(__file__).parents[3] / "shared" / "seeds"
COMMENT = re.compile(r"^ {2}\d+\. (.+) said:\n\n((?: {4}.*\n?|\n)+)", re.MULTILINE)
POLICY = re.compile(r"^Discussion Policy\n\n(.+)$", re.MULTILINE)


@dataclass(frozen=True)
class Page:
    """One story page: its title, the policy printed under it, and (name, words) of its readers."""

    name: str
    title: str
    policy: str | None
    comments: list[tuple[str, str]]


def pages() -> list[Page]:
    found = []
    for path in sorted(SEEDS.glob("*.txt")):
        text = path.read_text(encoding="utf-8")
        policy = POLICY.search(text)
        found.append(
            Page(
                path.stem,
                text.splitlines()[0],
                policy[1] if policy else None,
                [
                    (
                        name,
                        "\n".join(line.strip() for line in words.strip().splitlines()),
                    )
                    for name, words in COMMENT.findall(text)
                ],
            )
        )
    return found


def policy_of(printed: str) -> str:
    """The starter policy's clauses and rules under the sentence that the pages print."""
    starter = STARTER_POLICY.read_text(encoding="utf-8")
    own = tomllib.loads(starter)["text"]
    source = re.sub(
        r'^text = """.*?"""$', "", starter, count=1, flags=re.DOTALL | re.MULTILINE
    )
    assert own not in source
    return f"text = '''{printed}'''\n{source}"


@dataclass(frozen=True)
class Room:
    """A site with the pages' policy, and a worker with the bundled model."""

    db: Database
    site: Site
    scoring: Scoring

    def post(self, page: Page, texts: list[tuple[str, str]]) -> dict[str, str]:
        """Post comments under a page and judge them; answers each text's status."""
        posted = [
            Submission.model_validate(
                {
                    "story": {"id": page.name, "title": page.title},
                    "commenter": {"id": name, "name": name},
                    "text": text,
                }
            )
            for name, text in texts
        ]
        with self.db.transaction() as session:
            answers = comments.receive(session, self.site.id, posted, now=NOON)
        assert all(isinstance(answer, Received) for answer in answers)
        self.scoring.score_waiting()
        with self.db.reading() as session:
            rows = session.execute(
                select(Revision.text, Comment.status).join(
                    Comment, Comment.id == Revision.comment_id
                )
            )
            statuses = {text or "": status for text, status in rows}
        return {text: statuses[text] for _, text in texts}


@pytest.fixture
def room(db: Database) -> Room:
    facts = load_facts(BUNDLED)
    [printed] = {page.policy for page in pages() if page.policy}
    with db.transaction() as session:
        site = sites.add(session, "seeds", now=NOON)
        sites.post_policy(
            session,
            site,
            policy_of(printed),
            attributes=facts.attributes,
            model_version=facts.version,
            now=NOON,
        )
    return Room(db, site, Scoring(Settings(), db, lambda: scorers.load("bundled")))


def test_every_page_becomes_a_story_and_every_comment_is_judged(room: Room) -> None:
    statuses: dict[str, str] = {}
    for page in pages():
        with room.db.transaction() as session:
            comments.make_known(
                session,
                room.site.id,
                Submission.model_validate(
                    {
                        "story": {"id": page.name, "title": page.title},
                        "commenter": {"id": "x"},
                        "text": "x",
                    }
                ).story,
                now=NOON,
            )
        statuses |= room.post(page, page.comments)
    assert len(pages()) == 5
    assert len(statuses) == 5
    assert set(statuses.values()) <= {Status.APPROVED, Status.HELD}
    with room.db.reading() as session:
        assert session.scalar(select(func.count()).select_from(Story)) == 5
        scores = session.scalars(select(Score)).all()
        decisions = session.scalars(select(Decision)).all()
    assert [len(score.attributes) for score in scores] == [
        len(load_facts(BUNDLED).attributes)
    ] * 5
    assert {score.model_version for score in scores} == {load_facts(BUNDLED).version}
    assert {decision.policy_version for decision in decisions} == {1}
    for decision in decisions:
        assert (decision.clause is not None) == bool(decision.evidence["violations"])
    print(f"\nreal comments: {sorted(statuses.values())}")


def test_no_planted_attack_passes_and_few_sober_ones_are_held(room: Room) -> None:
    page = pages()[0]
    planted_texts = [
        *planted.ATTACKS,
        *planted.UNREADABLE,
        *planted.EMPTY_LOOKING,
        *planted.PUBLISHABLE,
    ]
    assert len(planted_texts) >= 40
    statuses = room.post(
        page, [(f"reader-{i}", text) for i, text in enumerate(planted_texts)]
    )
    passed = [text for text in planted.ATTACKS if statuses[text] == Status.APPROVED]
    unread = [
        text
        for text in (*planted.UNREADABLE, *planted.EMPTY_LOOKING)
        if statuses[text] != Status.HELD
    ]
    stopped = [
        text for text in planted.PUBLISHABLE if statuses[text] != Status.APPROVED
    ]
    print(
        f"\nattacks approved: {len(passed)} of {len(planted.ATTACKS)};"
        f" sober and kind held: {len(stopped)} of {len(planted.PUBLISHABLE)};"
        f" unreadable not held: {len(unread)} of {len(planted.UNREADABLE)}"
    )
    assert passed == []
    assert unread == []
    assert len(stopped) <= len(planted.PUBLISHABLE) // 10, stopped
