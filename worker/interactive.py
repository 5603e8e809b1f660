"""The worker's end of `moderation.interactive`: takes a text, leaves its scores, keeps nothing."""

import time

from config.logs import log
from moderation import metrics
from moderation.interactive import Mailbox, Scored
from worker.model import Model
from worker.scoring import read


def score_text(mailbox: Mailbox, model: Model, key: str) -> None:
    """Score the text under the key, if its sender still waits.

    Without a model, or when it fails on the text, there is no answer: the sender is told, when
    their time is over, that it was not scored.
    """
    text, scorer = mailbox.take_text(key), model.ready()
    if text is None or scorer is None:
        return
    began = time.perf_counter()
    try:
        [found] = read(scorer, [(text, None)])
    except Exception as error:  # noqa: BLE001 - whatever a model's runtime raises
        log.error("scoring_failed", comments=1, error=type(error).__name__)
        return
    metrics.scored(1, time.perf_counter() - began)
    scored = Scored(
        language=found.language,
        scores=found.scores,
        quoted=found.quoted,
        model=scorer.facts.name,
        model_version=scorer.facts.version,
    )
    mailbox.leave_scores(key, scored)
