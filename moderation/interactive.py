"""Has a text scored while its sender waits. Nothing of it is kept.

The model stays out of the web process. The text is left in a mailbox under a key of its own, and a
task that carries that key alone wakes the interactive worker. It takes the text away as it reads
it, and leaves the scores. So no queue, log or traceback of Celery's ever holds a reader's words.
"""

import json
import queue
import secrets
import threading
import time
from dataclasses import asdict, dataclass
from typing import NamedTuple, Protocol

import redis
from kombu.exceptions import OperationalError

from config.settings import Settings
from moderation.bell import BROKER_SECONDS, sender, wake
from moderation.shared_redis import impatient

SCORE_TEXT = "score_text"
"""Name of the task that the interactive worker registers."""
QUEUE = "interactive"
WAIT_SECONDS = 0.7
"""How long a sender waits for the scores."""
SENDERS_AT_ONCE = 3
"""Senders that one web process lets wait for scores: all but one of its threads, unless it has more
than usual. Were it all of them, one key's texts would keep every site's comments out while the
worker is slow."""
SENDERS_IN_ONE_PROCESS = 6
"""The same in the embedded mode, where all come to one process, of eight threads."""
PATIENCE_SECONDS = 0.2
"""How long one more waits for a place among these. Texts come by chance, several at once: without,
one in fifteen was refused at 20 a second, and the longest that any waited was 0.3 s."""
LATE_SECONDS = 0.2
"""How much later than that Redis may say that no scores came."""
KEPT_SECONDS = 2
"""How long Redis keeps a text that nobody has taken, or scores that nobody waits for."""


class NotScored(Exception):
    """Nobody scored the text in time: no worker is there, or it is busy, or Redis is away, or as
    many others wait as may."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Asked:
    """A text, and what of it is wanted.

    `whole`: it is one text, whatever it quotes; otherwise words quoted from others are scored
    apart. `sentences`: each of them is scored alone, too.
    """

    text: str
    whole: bool = False
    sentences: bool = False

    def as_json(self) -> str:
        """As the mailbox carries it."""
        return json.dumps(asdict(self))

    @classmethod
    def from_json(cls, carried: str) -> "Asked":
        """The same, read again."""
        return cls(**json.loads(carried))


class Sentence(NamedTuple):
    """Where in the text it stands, in code points, and what the model says of it alone."""

    start: int
    end: int
    scores: dict[str, float]


@dataclass(frozen=True, slots=True, kw_only=True)
class Scored:
    """What the model made of a text: as in `worker.scoring.Read`, and which model it was.

    `sentences` in the order of the text; none where they were not asked for.
    """

    language: str | None
    scores: dict[str, float]
    quoted: dict[str, float] | None
    sentences: tuple[Sentence, ...] = ()
    model: str
    model_version: str

    def as_json(self) -> str:
        """As the mailbox carries it."""
        return json.dumps(asdict(self))

    @classmethod
    def from_json(cls, carried: str | bytes) -> "Scored":
        """The same, read again."""
        fields = json.loads(carried)
        sentences = tuple(Sentence(*one) for one in fields.pop("sentences"))
        return cls(**fields, sentences=sentences)


class Mailbox(Protocol):
    """What lies between the two sides, by a key that only they know."""

    def leave_text(self, key: str, asked: Asked) -> None: ...

    def take_text(self, key: str) -> Asked | None:
        """The text, which is gone then; None when its sender no longer waits."""

    def leave_scores(self, key: str, scored: Scored) -> None: ...

    def wait(self, key: str, seconds: float) -> Scored | None:
        """The scores, as soon as they are there; None when they do not come in time."""

    def forget(self, key: str) -> None:
        """Take away whatever is left of it."""


class InRedis:
    """The mailbox of several processes."""

    def __init__(self, url: str) -> None:
        self._redis = redis.Redis.from_url(url, **impatient(BROKER_SECONDS))
        answer_by = impatient(WAIT_SECONDS + LATE_SECONDS, connecting=BROKER_SECONDS)
        self._waiting = redis.Redis.from_url(url, **answer_by)

    def leave_text(self, key: str, asked: Asked) -> None:
        self._redis.set(f"text:{key}", asked.as_json(), ex=KEPT_SECONDS)

    def take_text(self, key: str) -> Asked | None:
        carried = self._redis.getdel(f"text:{key}")
        return Asked.from_json(carried.decode()) if isinstance(carried, bytes) else None

    def leave_scores(self, key: str, scored: Scored) -> None:
        with self._redis.pipeline() as together:
            together.rpush(f"scores:{key}", scored.as_json())
            together.expire(f"scores:{key}", KEPT_SECONDS)
            together.execute()

    def wait(self, key: str, seconds: float) -> Scored | None:
        found = self._waiting.blpop([f"scores:{key}"], timeout=seconds)
        return Scored.from_json(found[1]) if found else None

    def forget(self, key: str) -> None:
        self._redis.delete(f"text:{key}", f"scores:{key}")


class InMemory:
    """The mailbox within one process. Whoever waits takes away what they left."""

    def __init__(self) -> None:
        self._texts: dict[str, Asked] = {}
        self._scores: dict[str, queue.SimpleQueue[Scored]] = {}

    def leave_text(self, key: str, asked: Asked) -> None:
        self._scores[key] = queue.SimpleQueue()
        self._texts[key] = asked

    def take_text(self, key: str) -> Asked | None:
        return self._texts.pop(key, None)

    def leave_scores(self, key: str, scored: Scored) -> None:
        if (waiting := self._scores.get(key)) is not None:
            waiting.put(scored)

    def wait(self, key: str, seconds: float) -> Scored | None:
        try:
            return self._scores[key].get(timeout=seconds)
        except queue.Empty:
            return None

    def forget(self, key: str) -> None:
        self._texts.pop(key, None)
        self._scores.pop(key, None)


_of_this_process = InMemory()
"""As with the memory broker: the web side and the worker of one process meet here."""


def mailbox(settings: Settings) -> Mailbox:
    """The one that web side and worker share."""
    return _of_this_process if settings.embedded else InRedis(settings.redis_url)


class Places:
    """Who may wait, of those who want to: so many at once while texts are scored. When as many in a
    row were not scored, one at a time, until one is: the threads of the others are for what needs
    no worker."""

    def __init__(self, at_once: int) -> None:
        self._at_once = at_once
        self._changed = threading.Condition()
        self._waiting = 0
        self._missed = 0

    def take(self, seconds: float) -> bool:
        """Whether there is a place, or will be in so many seconds; then it is taken. While texts
        are not scored nobody waits for one."""
        with self._changed:
            self._changed.wait_for(lambda: self._is_free() or self._in_vain(), timeout=seconds)
            free = self._is_free()
            self._waiting += free
            return free

    def give_back(self, *, scored: bool) -> None:
        """Leave it, and say whether the wait was worth it."""
        with self._changed:
            self._waiting -= 1
            self._missed = 0 if scored else self._missed + 1
            self._changed.notify_all()

    def _is_free(self) -> bool:
        return self._waiting < (1 if self._in_vain() else self._at_once)

    def _in_vain(self) -> bool:
        return self._missed >= self._at_once


class Interactive:
    """The web side's end of it."""

    def __init__(self, settings: Settings) -> None:
        self._celery = sender("interactive", settings)
        self._mailbox = mailbox(settings)
        self._places = Places(SENDERS_IN_ONE_PROCESS if settings.embedded else SENDERS_AT_ONCE)

    def score(
        self,
        text: str,
        *,
        whole: bool = False,
        sentences: bool = False,
        within: float = WAIT_SECONDS,
    ) -> Scored:
        """What the model makes of the text; `whole` and `sentences` as of `Asked`. NotScored when
        it is not there in so many seconds; none are waited for longer than WAIT_SECONDS."""
        until = time.monotonic() + min(within, WAIT_SECONDS)
        if not self._places.take(min(within, PATIENCE_SECONDS)):
            raise NotScored
        scored = None
        try:
            asked = Asked(text=text, whole=whole, sentences=sentences)
            scored = self._scored(secrets.token_urlsafe(16), asked, until)
        except (OperationalError, redis.RedisError):  # what was left there goes by itself
            raise NotScored from None
        finally:
            self._places.give_back(scored=scored is not None)
        if scored is None:
            raise NotScored
        return scored

    def _scored(self, key: str, asked: Asked, until: float) -> Scored | None:
        self._mailbox.leave_text(key, asked)
        woken = wake(self._celery, SCORE_TEXT, key, queue=QUEUE)
        seconds = until - time.monotonic()
        # Redis would take 0 for "without an end".
        scored = self._mailbox.wait(key, seconds) if woken and seconds > 0 else None
        self._mailbox.forget(key)
        return scored
