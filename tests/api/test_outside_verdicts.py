"""PUT outside-verdicts: what the site's other system decided is noted, and decides nothing."""

from datetime import UTC, datetime
from typing import Any

import pytest
from sqlalchemy import select

from moderation import comments
from moderation.models import OutsideVerdict
from tests.api.conftest import Caller, fields, posted, problem
from tests.newsroom import NOON, Newsroom, unrecorded

PATH = "/outside-verdicts"


def told(*verdicts: tuple[Any, str]) -> dict[str, Any]:
    return {"verdicts": [{"comment": str(name), "status": status} for name, status in verdicts]}


def noted(newsroom: Newsroom) -> list[tuple[str, int]]:
    with newsroom.db.reading() as session:
        rows = session.scalars(select(OutsideVerdict).order_by(OutsideVerdict.comment_id))
        return [(row.status, row.revision) for row in rows]


def test_by_our_id_or_by_the_sites(daily: Caller, newsroom: Newsroom) -> None:
    ours, theirs = posted(daily), posted(daily, "Another.", external_id="d-1")

    answer = daily.put(PATH, told((ours, "approved"), ("d-1", "blocked"), ("d-2", "held")))

    assert answer.status_code == 200
    assert answer.get_json() == {"noted": 2, "unknown": [2]}
    assert noted(newsroom) == [("approved", 1), ("blocked", 1)]
    assert newsroom.comment(ours).status == newsroom.comment(theirs).status == "received"


def test_an_id_of_ours_is_known_however_it_is_spelled(daily: Caller, newsroom: Newsroom) -> None:
    ours = str(posted(daily))

    answer = daily.put(PATH, told((ours, "held"), (ours.upper(), "held")))

    assert answer.get_json() == {"noted": 2, "unknown": []}


def test_the_last_word_counts_and_the_same_word_is_noted_once(
    daily: Caller, newsroom: Newsroom
) -> None:
    comment_id = posted(daily, external_id="d-1")
    for status in ("held", "held", "approved"):
        assert daily.put(PATH, told(("d-1", status))).get_json()["noted"] == 1
    with newsroom.db.transaction() as session:
        session.get_one(OutsideVerdict, (newsroom.daily.id, comment_id)).told_at = NOON

    daily.put(PATH, told(("d-1", "blocked"), (comment_id, "approved")))

    assert noted(newsroom) == [("approved", 1)]
    with newsroom.db.reading() as session:
        assert session.scalars(select(OutsideVerdict)).one().told_at == NOON


def test_it_is_about_the_words_of_then(daily: Caller, newsroom: Newsroom) -> None:
    comment_id = posted(daily)
    daily.put(PATH, told((comment_id, "held")))
    daily.put(f"/comments/{comment_id}", {"text": "Better words."})
    assert noted(newsroom) == [("held", 1)]

    daily.put(PATH, told((comment_id, "held")))

    assert noted(newsroom) == [("held", 2)]


def test_another_papers_comments_and_deleted_ones_are_not_known(
    daily: Caller, evening_post: Caller, newsroom: Newsroom
) -> None:
    theirs = posted(evening_post, external_id="d-1")
    gone = posted(daily, external_id="d-2")
    with newsroom.db.transaction() as session:
        comments.erase(session, newsroom.daily.id, gone, record=unrecorded, now=datetime.now(UTC))

    answer = daily.put(PATH, told((theirs, "approved"), ("d-1", "approved"), (gone, "approved")))

    assert answer.get_json() == {"noted": 0, "unknown": [0, 1, 2]}
    assert noted(newsroom) == []


@pytest.mark.parametrize(
    ("body", "field"),
    [
        ({}, "verdicts"),
        ({"verdicts": []}, "verdicts"),
        ({"verdicts": [{"comment": "d-1"}]}, "verdicts[0].status"),
        (told(("d-1", "spam")), "verdicts[0].status"),
        (told(("", "held")), "verdicts[0].comment"),
        ({"verdicts": [{"comment": "d-1", "status": "held", "by": "Tom"}]}, "verdicts[0].by"),
        (told(*[("d-1", "held")] * 501), "verdicts"),
    ],
)
def test_what_does_not_fit_is_named(body: dict[str, Any], field: str, daily: Caller) -> None:
    assert fields(problem(daily.put(PATH, body), 422, "invalid")) == [field]
