"""Real story pages, read in place: their own comments, and ours planted under them."""

import re
import tomllib
from dataclasses import dataclass
from typing import Any

import pytest
from flask.testing import FlaskClient

from config.model import BUNDLED, load_facts
from config.settings import STARTER_POLICY, Settings
from moderation import posted_policies, site_keys, sites
from moderation.app import create_app
from moderation.db import Database
from moderation.models import Scope
from tests.conftest import SHARED
from tests.newsroom import NOON
from tests.shared import planted
from worker.model import Model
from worker.scoring import Scoring

pytestmark = pytest.mark.shared
SEEDS = SHARED / "seeds"
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
    source = re.sub(r'^text = """.*?"""$', "", starter, count=1, flags=re.DOTALL | re.MULTILINE)
    assert own not in source
    return f"text = '''{printed}'''\n{source}"


@dataclass(frozen=True, slots=True)
class Room:
    """A site with the pages' policy as its developer sees it, and a worker with the model."""

    client: FlaskClient
    key: str
    scoring: Scoring

    def call(self, method: str, path: str, body: Any = None) -> Any:
        answer = self.client.open(
            f"/api/v1/sites/seeds/{path}",
            method=method,
            json=body,
            headers={"Authorization": f"Bearer {self.key}"},
        )
        assert answer.status_code < 300, answer.json
        return answer.json

    def post(self, page: Page, texts: list[tuple[str, str]]) -> list[dict[str, Any]]:
        """Post the page as a story and comments under it; answers what became of them."""
        self.call("PUT", f"stories/{page.name}", {"title": page.title})
        ids = [
            self.call(
                "POST",
                "comments",
                {"story": {"id": page.name}, "commenter": {"id": name, "name": name}, "text": text},
            )["id"]
            for name, text in texts
        ]
        self.scoring.score_waiting()
        return [self.call("GET", f"comments/{comment_id}") for comment_id in ids]


@pytest.fixture
def room(db: Database) -> Room:
    facts = load_facts(BUNDLED)
    [printed] = {page.policy for page in pages() if page.policy}
    with db.transaction() as session:
        site = sites.add(session, "seeds", now=NOON)
        posted_policies.post(
            session,
            site,
            policy_of(printed),
            attributes=facts.attributes,
            model_version=facts.version,
            now=NOON,
        )
        _, key = site_keys.add(session, site, [Scope.SUBMIT, Scope.READ, Scope.MODERATE], now=NOON)
    settings = Settings(secret_key="s" * 40)
    client = create_app(settings, db=db).test_client()
    return Room(client, key, Scoring(settings, db, Model.of(settings)))


def test_every_page_becomes_a_story_and_every_comment_is_judged(room: Room) -> None:
    found = pages()
    assert len(found) == 5
    judged = [comment for page in found for comment in room.post(page, page.comments)]
    assert len(judged) == 5
    facts = load_facts(BUNDLED)
    for comment in judged:
        assert comment["status"] in {"approved", "held"}
        [scores] = comment["scores"]
        assert scores["attributes"].keys() == set(facts.attributes)
        assert scores["model_version"] == facts.version
        decision = comment["decision"]
        assert decision["policy_version"] == 1
        assert (decision["clause"] is not None) == bool(decision["violations"])
    for page in found:
        story = room.call("GET", f"stories/{page.name}/comments")
        approved = [c for c in judged if c["story"] == page.name and c["status"] == "approved"]
        assert story["count"] == len(approved)
    print(f"\nreal comments: {sorted(comment['status'] for comment in judged)}")  # noqa: T201 - the figure is stated


def test_a_text_that_shows_nothing_is_refused(room: Room) -> None:
    for text in planted.BLANK:
        answer = room.client.post(
            "/api/v1/sites/seeds/comments",
            json={"story": {"id": "x"}, "commenter": {"id": "x"}, "text": text},
            headers={"Authorization": f"Bearer {room.key}"},
        )
        assert answer.status_code == 422
        assert answer.get_json()["errors"][0]["field"] == "text"


def test_hardly_a_planted_attack_passes_and_few_sober_ones_are_held(room: Room) -> None:
    """Thresholds that hold three clean comments in a hundred let some hatred in plain words pass;
    those that held one comment in five let none of these."""
    texts = [
        *planted.ATTACKS,
        *planted.UNREADABLE,
        *planted.EMPTY_LOOKING,
        *planted.PUBLISHABLE,
    ]
    assert len(texts) >= 40
    answers = room.post(pages()[0], [(f"reader-{i}", text) for i, text in enumerate(texts)])
    status = {answer["text"]: answer["status"] for answer in answers}
    passed = [text for text in planted.ATTACKS if status[text] == "approved"]
    unread = (*planted.UNREADABLE, *planted.EMPTY_LOOKING)
    unheld = [text for text in unread if status[text] != "held"]
    stopped = [text for text in planted.PUBLISHABLE if status[text] != "approved"]
    print(  # noqa: T201 - the figure is stated
        f"\nattacks approved: {len(passed)} of {len(planted.ATTACKS)};"
        f" sober and kind held: {len(stopped)} of {len(planted.PUBLISHABLE)};"
        f" unreadable not held: {len(unheld)} of {len(unread)}"
    )
    assert len(passed) <= len(planted.ATTACKS) // 20, passed
    assert unheld == []
    assert len(stopped) <= len(planted.PUBLISHABLE) // 10, stopped
