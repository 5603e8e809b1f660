"""The worker's end of `moderation.interactive`: takes a text, leaves its scores, keeps nothing."""

from config.logs import log
from moderation.interactive import Mailbox, Scored
from worker.scorers import Scorer
from worker.scoring import read


def score_text(mailbox: Mailbox, scorer: Scorer, key: str) -> None:
    """Score the text under the key, if its sender still waits.

    A text that the model fails on has no answer: its sender is told that it was not scored.
    """
    text = mailbox.take_text(key)
    if text is None:
        return
    try:
        [found] = read(scorer, [(text, None)])
    except Exception as error:  # noqa: BLE001 - whatever a model's runtime raises
        log.error("scoring_failed", comments=1, error=type(error).__name__)
        return
    scored = Scored(
        language=found.language,
        scores=found.scores,
        quoted=found.quoted,
        model=scorer.facts.name,
        model_version=scorer.facts.version,
    )
    mailbox.leave_scores(key, scored)
