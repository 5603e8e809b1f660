"""What a commenter reads of each thing that a rule can find."""

import pytest

from moderation.policy import Outcome, Violation
from moderation.telling import finding, flowing


def found(
    signal: str | None = None,
    score: float | None = None,
    threshold: float | None = None,
    *,
    attribute: str | None = None,
    detail: str | None = None,
    outcome: Outcome = Outcome.HOLD,
) -> Violation:
    return Violation(
        clause="c",
        rule="r",
        outcome=outcome,
        attribute=attribute,
        score=score,
        threshold=threshold,
        signal=signal,
        spans=(),
        detail=detail,
    )


@pytest.mark.parametrize(
    ("violation", "said"),
    [
        (
            found(score=0.83, threshold=0.6, attribute="identity_attack"),
            "identity attack: 0.83 on a scale from 0 to 1; from 0.6 on a moderator looks.",
        ),
        (
            found("links", 0.7, 0.625, attribute="insult", detail="quoted"),
            (
                "insult: 0.70 on a scale from 0 to 1, in words that you quoted, together with"
                " links; from 0.625 on a moderator looks."
            ),
        ),
        (
            found("listed_word", 1, detail="exact", outcome=Outcome.BLOCK),
            "1 word of the site's list; then it is blocked automatically.",
        ),
        (
            found("listed_word", 2, detail="folded"),
            "2 words of the site's list in another spelling; then a moderator looks.",
        ),
        (
            found("listed_word", 1, detail="quoted"),
            "1 word of the site's list, in words that you quoted; then a moderator looks.",
        ),
        (found("links", 5, 3), "5 links; with more than 3 a moderator looks."),
        (
            found("repeat", 0.93, 0.9),
            "it is 93% like an earlier comment; from 90% on a moderator looks.",
        ),
        (
            found("shouting", 0.72, 0.6),
            "72% of its letters are capitals; from 60% on a moderator looks.",
        ),
        (
            found("personal_data", 2, detail="phone,email"),
            "personal data (phone, e-mail address); then a moderator looks.",
        ),
        (found("standing", detail="new"), "you were new here; then a moderator looks."),
        (found("from_a_later_release"), "from a later release; then a moderator looks."),
    ],
)
def test_a_finding(violation: Violation, said: str) -> None:
    assert finding(violation) == said


def test_the_lines_of_a_policy_file_flow_and_its_paragraphs_stay() -> None:
    text = "Do not\ninsult  other readers.\n \nArgue with\nwhat was said.\n"
    assert flowing(text) == "Do not insult other readers.\n\nArgue with what was said."
