"""The worker's end of `moderation.interactive`: takes a text, leaves its scores, keeps nothing."""

import time
from collections.abc import Callable

from config.logs import log
from moderation import metrics
from moderation.interactive import WAIT_SECONDS, Asked, Mailbox, Scored, Sentence
from worker import languages, spans
from worker.model import Model
from worker.scorers import Scorer
from worker.scorers.pauses import pausing
from worker.scoring import Read, read


class _TooLate(Exception):
    """The sender waits no longer: the next one's turn."""


def score_text(mailbox: Mailbox, model: Model, key: str) -> None:
    """Score the text under the key, if its sender still waits.

    Comments that are scored beside it in this process give way meanwhile. Without a model, or when
    it fails on the text, there is no answer: the sender is told, when their time is over, that it
    was not scored. A text that takes longer is given up in the middle.
    """
    asked, scorer = mailbox.take_text(key), model.ready()
    if asked is None or scorer is None:
        return
    began = time.perf_counter()
    try:
        with model.precedence.first(), pausing(_giving_up(began + WAIT_SECONDS)):
            scored = _scored(scorer, asked)
    except _TooLate:
        log.warning("text_given_up", milliseconds=round(1000 * WAIT_SECONDS))
        return
    except Exception as error:  # noqa: BLE001 - whatever a model's runtime raises
        log.error("scoring_failed", comments=1, error=type(error).__name__)
        return
    metrics.scored(1, time.perf_counter() - began)
    mailbox.leave_scores(key, scored)


def _giving_up(until: float) -> Callable[[], None]:
    def give_up_when_late() -> None:
        if time.perf_counter() > until:
            raise _TooLate

    return give_up_when_late


def _scored(scorer: Scorer, asked: Asked) -> Scored:
    ask = spans.asked_once(scorer.score)  # of a text of one sentence that is the text itself
    if asked.whole:
        [scores] = ask([asked.text])
        found = Read(languages.detect(asked.text), dict(scores), None)
    else:
        [found] = read(scorer, [(asked.text, None)])
    passages = spans.all_sentences(ask, asked.text) if asked.sentences else []
    return Scored(
        language=found.language,
        scores=found.scores,
        quoted=found.quoted,
        sentences=tuple(Sentence(one.start, one.end, dict(one.scores)) for one in passages),
        model=scorer.facts.name,
        model_version=scorer.facts.version,
    )
