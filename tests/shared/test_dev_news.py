"""4,413 real newspaper comments, poured through the full installation with two workers."""

import csv
import time
from collections import Counter
from collections.abc import Mapping, Sequence
from contextlib import closing
from typing import Any

import pytest
from sqlalchemy import func, select

from moderation.db import Database
from moderation.models import Actor, Comment, Decision, Score, Site, Status
from moderation.policy import Verdict
from tests.conftest import SHARED
from tests.full.counting import is_calm
from tests.full.installation import Installation
from tests.full.site import Connection
from tests.processes import until

pytestmark = pytest.mark.shared
SECONDS = 900
"""How long two workers may take on a busy machine; alone they take a minute or two."""
BATCH = 500


def real_comments() -> list[dict[str, str]]:
    with (SHARED / "data" / "dev_news_comments.csv").open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))


def body_of(number: int, text: str) -> dict[str, Any]:
    """As a site would post it: so many readers, so many stories, none of which the file tells."""
    return {
        "story": {"id": f"story-{number % 40}"},
        "commenter": {"id": f"reader-{number % 1500}"},
        "external_id": f"news-{number}",
        "text": text,
    }


def post_all(site: Connection, texts: Sequence[str]) -> int:
    """Answers how many were taken in."""
    taken = 0
    for start in range(0, len(texts), BATCH):
        batch = [body_of(start + i, text) for i, text in enumerate(texts[start : start + BATCH])]
        status, _, answer = site.call("POST", "/comments:batch", {"comments": batch})
        assert status == 200, answer
        taken += sum(item["comment"] is not None for item in answer["comments"])
    return taken


def test_none_is_lost_and_none_judged_twice(installation: Installation) -> None:
    installation.up()
    assert len(installation.of("worker")) == 2
    [web] = installation.of("web")
    run = installation.moderation
    run("site", "add", "the-daily", "--name", "The Daily")
    key = run("site", "key", "add", "the-daily").strip()
    run("policy", "post", "the-daily", "-", given=run("policy", "show"))
    rows = real_comments()

    began = time.monotonic()
    with closing(Connection(web.address, key)) as site:
        taken = post_all(site, [row["text"] for row in rows])
        again = post_all(site, [row["text"] for row in rows[:BATCH]])  # as after a lost answer
    with Database(installation.database_url) as db:
        until(lambda: is_calm(db), SECONDS, every=0.5)
        seconds = time.monotonic() - began
        with db.reading() as session:
            stored = session.scalars(select(Comment)).all()
            decisions = session.scalars(select(Decision).order_by(Decision.seq)).all()
            scores = session.scalar(select(func.count()).select_from(Score))
            [site_row] = session.scalars(select(Site)).all()

    assert (taken, again, len(stored)) == (len(rows), BATCH, len(rows))
    assert len({decision.comment_id for decision in decisions}) == len(decisions) == len(rows)
    assert {decision.actor for decision in decisions} == {Actor.POLICY}
    assert scores == len(rows)
    assert [decision.seq for decision in decisions] == list(range(1, site_row.decisions_seq + 1))
    assert all(comment.attempts == 1 for comment in stored)
    report(rows, stored, decisions, seconds)


def report(
    rows: Sequence[dict[str, str]],
    stored: Sequence[Comment],
    decisions: Sequence[Decision],
    seconds: float,
) -> None:
    """The figures that are stated, and judged by nobody: the thresholds are not chosen here."""
    status = {comment.external_id: comment.status for comment in stored}
    labels = {f"news-{number}": row for number, row in enumerate(rows)}
    hostile = [name for name, row in labels.items() if row["hostile"] == "1"]
    calm = [name for name, row in labels.items() if set(row.values()) - {row["text"]} == {"0"}]
    why = Counter(
        reason
        for decision in decisions
        if decision.status_after != Status.APPROVED
        for reason in reasons(decision)
    )
    print(  # noqa: T201 - the figures are stated
        f"\n{len(rows)} real comments judged once in {seconds:.0f} s; not approved:"
        f" {stopped(status, list(status))}, with no bad label {stopped(status, calm)},"
        f" hostile {stopped(status, hostile)}; why:",
        *(f"{count:5d}  {reason}" for reason, count in why.most_common()),
        sep="\n",
    )


def stopped(status: Mapping[str | None, str], names: Sequence[str | None]) -> str:
    """How many of these comments no reader sees yet."""
    some = sum(status[name] != Status.APPROVED for name in names)
    return f"{some} of {len(names)} ({100 * some / len(names):.1f} %)"


def reasons(decision: Decision) -> set[str]:
    """Clause and rule of each violation; else why the verdict is incomplete."""
    verdict = Verdict.from_json(decision.evidence)
    found = {
        f"{violation.clause}: {violation.attribute or violation.signal}"
        for violation in verdict.violations
    }
    return found or {str(reason) for reason in verdict.reasons}
