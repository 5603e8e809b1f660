"""What Coral is told of a comment."""

import pytest
import structlog
from sqlalchemy import select

from moderation import commenter_blocks, commenters, site_settings, sites
from moderation.interactive import Interactive
from moderation.models import Commenter, Story
from moderation.policy import Mode
from tests.api.conftest import app_of
from tests.newsroom import NOON, Newsroom
from tests.standin.coral import Coral, add_secret, counted, refuses, request_of, sent

# --- what it is told -----------------------------------------------------------------------------


def test_nothing_is_said_of_a_comment_with_which_nothing_is_wrong(
    coral: Coral, scores: dict[str, float]
) -> None:
    answer = coral.asks("A fair point, well made.")

    assert (answer.status_code, answer.data) == (204, b"")


def test_what_the_policy_holds_waits_in_corals_queue(
    coral: Coral, scores: dict[str, float]
) -> None:
    scores["insult"] = 0.83

    assert coral.asks("You are a fool, Tom.").get_json() == {
        "status": "PREMOD",
        "actions": [{"actionType": "FLAG", "reason": "COMMENT_DETECTED_TOXIC"}],
    }


def test_what_it_blocks_is_rejected_and_the_clause_is_the_reason(
    coral: Coral, scores: dict[str, float]
) -> None:
    scores["insult"] = 0.97

    answer = coral.asks("You are a fool, Tom, see https://fools.example").get_json()

    assert answer == {
        "status": "REJECTED",
        "moderationAction": {
            "status": "REJECTED",
            "rejectionReason": {
                "code": "OTHER",
                "customReason": "Personal attacks",
                "detailedExplanation": "Argue with what was said, not with who said it.",
            },
        },
        "actions": [
            {"actionType": "FLAG", "reason": "COMMENT_DETECTED_SPAM"},
            {"actionType": "FLAG", "reason": "COMMENT_DETECTED_TOXIC"},
        ],
    }


def test_an_edit_is_judged_as_a_new_comment(coral: Coral, scores: dict[str, float]) -> None:
    assert coral.asks("A fair point.", action="EDIT").status_code == 204
    scores["insult"] = 0.83
    assert coral.asks("A fair point, fool.", action="EDIT").get_json()["status"] == "PREMOD"


def test_nothing_is_stored(newsroom: Newsroom, coral: Coral, scores: dict[str, float]) -> None:
    before = counted(newsroom)
    scores["insult"] = 0.97

    coral.asks("You are a fool, Tom.")

    assert counted(newsroom) == before


def test_who_is_known_here_is_not_new(
    newsroom: Newsroom, coral: Coral, scores: dict[str, float]
) -> None:
    scores["threat"] = 0.95
    assert coral.asks("I shall be back.").get_json()["status"] == "PREMOD"
    newsroom.approved()
    with newsroom.db.transaction() as session:
        rita = session.scalars(select(Commenter)).one()
        rita.approved = commenters.REGULAR_FROM

    assert coral.asks("I shall be back.").status_code == 204


def test_whom_the_site_has_blocked_is_rejected_unread(
    newsroom: Newsroom, coral: Coral, monkeypatch: pytest.MonkeyPatch
) -> None:
    newsroom.approved()
    with newsroom.db.transaction() as session:
        rita = session.scalars(select(Commenter)).one()
        commenter_blocks.block(session, rita, reason="", until=None, moderator_id=None, now=NOON)

    assert coral.asks("Me again.").get_json()["status"] == "REJECTED"
    assert counted(newsroom)["refusals"] == 0


def test_the_section_of_a_story_that_is_known_here_counts(
    newsroom: Newsroom, coral: Coral, scores: dict[str, float]
) -> None:
    scores["insult"] = 0.4
    assert coral.asks("Nonsense, Tom.").status_code == 204
    newsroom.approved()
    with newsroom.db.transaction() as session:
        session.scalars(select(Story)).one().section = "Courts"

    assert coral.asks("Nonsense, Tom.").get_json()["status"] == "PREMOD"


def test_a_site_that_holds_everything_holds_this(
    newsroom: Newsroom, coral: Coral, scores: dict[str, float]
) -> None:
    set_mode(newsroom, Mode.HOLD_EVERYTHING)

    assert coral.asks("A fair point, well made.").get_json() == {"status": "PREMOD"}


def test_a_site_without_a_policy_holds_everything(
    newsroom: Newsroom, scores: dict[str, float]
) -> None:
    add_secret(newsroom, site=newsroom.post)
    post = Coral(app_of(newsroom).test_client())

    answer = post.sends(sent(request_of("Hello.")), path="/coral/the-evening-post/moderate")

    assert answer.get_json() == {"status": "PREMOD"}


def test_a_site_in_shadow_mode_says_nothing_whatever_the_verdict(
    newsroom: Newsroom, coral: Coral, scores: dict[str, float], monkeypatch: pytest.MonkeyPatch
) -> None:
    set_mode(newsroom, Mode.SHADOW)
    scores["insult"] = 0.97
    with structlog.testing.capture_logs() as logged:
        assert coral.asks("You are a fool, Tom.").status_code == 204
    assert {"judged": "block", "answer": "none"}.items() <= logged[0].items()

    monkeypatch.setattr(Interactive, "score", refuses)
    assert coral.asks("You are a fool, Tom.").status_code == 204


def test_the_emergency_switch_goes_before_shadow_mode(
    newsroom: Newsroom, coral: Coral, scores: dict[str, float]
) -> None:
    set_mode(newsroom, Mode.SHADOW)
    with newsroom.db.transaction() as session:
        site = sites.named(session, "the-daily")
        site_settings.change(session, site, hold_everything=True, now=NOON)

    assert coral.asks("A fair point, well made.").get_json() == {"status": "PREMOD"}


def set_mode(newsroom: Newsroom, mode: Mode) -> None:
    with newsroom.db.transaction() as session:
        site_settings.change(session, sites.named(session, "the-daily"), mode=mode, now=NOON)
