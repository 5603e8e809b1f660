"""The Daily's own machine: posts comments as a real site would, again until they are taken."""

import http.client
import json
import random
import threading
import time
from collections.abc import Iterator
from contextlib import closing, contextmanager
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Any
from urllib.parse import urlsplit
from uuid import UUID

from tests.stand_in_worker import ENDS, FAILS, RUDE

PATIENCE = 10.0
"""Seconds after which the site takes a request for lost. No answer should ever take so long."""
AGAIN_AFTER = 0.3
"""Seconds until it repeats a request that was not answered with a success."""


class Kind(StrEnum):
    """What a comment is, and so what must become of it."""

    CALM = "calm"  # approved
    RUDE = "rude"  # held by the policy
    FAILS = "fails"  # held, since the model fails on it
    ENDS = "ends"  # held, since the model ends with its process on it


WORDS = {
    Kind.CALM: "Thank you for article number {n}, dear editors, it was a pleasure to read.",
    Kind.RUDE: "Only " + RUDE + " would write a thing like article number {n}, dear editors.",
    Kind.FAILS: "Article number {n} is the one that " + FAILS + ", dear editors.",
    Kind.ENDS: "Article number {n} is the one that " + ENDS + ", dear editors.",
}


@dataclass(frozen=True, slots=True)
class Answer:
    """One try: when it was sent, how long it took, what came back (status 0: nothing did)."""

    at: float
    seconds: float
    status: int
    retry_after: str | None


@dataclass
class Posted:
    """A comment under its Idempotency-Key, and all the answers to it."""

    key: str
    kind: Kind
    text: str
    answers: list[Answer] = field(default_factory=list)
    id: UUID | None = None
    """Ours, once it was accepted."""


@dataclass
class Stream:
    """Comments that several clients post, so many a second, until they are told to stop.

    `odd` of them, a share 0..1, are ones that the model fails on.
    """

    address: str
    key: str
    rate: float
    clients: int = 4
    odd: float = 0.0
    ends: bool = False
    """Whether some of the odd ones take the worker's process with them."""
    seed: int = 0
    posted: list[Posted] = field(default_factory=list)

    def __post_init__(self) -> None:
        self._chance = random.Random(self.seed)
        self._next = threading.Lock()
        self._stopping = threading.Event()
        self._giving_up = threading.Event()
        self._threads: list[threading.Thread] = []
        self._began = 0.0

    @contextmanager
    def flowing(self, *, until_accepted: float = 60) -> "Iterator[Stream]":
        """Post during the block. After it every comment is repeated until it is accepted, for
        `until_accepted` seconds at most."""
        self._began = time.monotonic()
        self._threads = [threading.Thread(target=self._post_on) for _ in range(self.clients)]
        for thread in self._threads:
            thread.start()
        try:
            yield self
        finally:
            self._stopping.set()
            deadline = time.monotonic() + until_accepted
            for thread in self._threads:
                thread.join(max(0.0, deadline - time.monotonic()))
            self._giving_up.set()
            for thread in self._threads:
                thread.join()

    def _post_on(self) -> None:
        with closing(Connection(self.address, self.key)) as connection:
            while not self._stopping.is_set():
                comment, due = self._another()
                self._stopping.wait(max(0.0, due - time.monotonic()))
                while comment.id is None and not self._giving_up.is_set():
                    answer, body = connection.post(comment)
                    comment.answers.append(answer)
                    if answer.status == 202:
                        comment.id = UUID(body["id"])
                    else:
                        self._giving_up.wait(AGAIN_AFTER)

    def _another(self) -> tuple[Posted, float]:
        """The next comment, and when it is due."""
        with self._next:
            n = len(self.posted)
            kind = Kind.RUDE if n % 5 == 4 else Kind.CALM
            if self._chance.random() < self.odd:
                kind = self._chance.choice([Kind.FAILS, Kind.ENDS] if self.ends else [Kind.FAILS])
            comment = Posted(
                f"daily-{self.seed}-{n}", kind, WORDS[kind].format(n=f"{self.seed}-{n}")
            )
            self.posted.append(comment)
        return comment, self._began + n / self.rate

    @property
    def answers(self) -> list[Answer]:
        """Every answer so far."""
        return [answer for comment in list(self.posted) for answer in list(comment.answers)]

    def slowest(self) -> float:
        """The longest that the site waited for one, in seconds."""
        return max((answer.seconds for answer in self.answers), default=0.0)


class Connection:
    """A connection that is kept, and opened again when it broke."""

    def __init__(self, address: str, key: str) -> None:
        split = urlsplit(address)
        self._http = http.client.HTTPConnection(split.hostname or "", split.port, timeout=PATIENCE)
        self._headers = {"Authorization": f"Bearer {key}", "Content-Type": "application/json"}

    def call(
        self, method: str, path: str, body: Any = None, **headers: str
    ) -> tuple[int, http.client.HTTPMessage, Any]:
        """Status, headers and JSON of the answer under the site's address."""
        self._http.request(
            method,
            f"/api/v1/sites/the-daily{path}",
            None if body is None else json.dumps(body),
            self._headers | {name.replace("_", "-"): value for name, value in headers.items()},
        )
        response = self._http.getresponse()
        return response.status, response.headers, json.loads(response.read() or b"null")

    def post(self, comment: Posted) -> tuple[Answer, Any]:
        """Post a comment once, whatever comes of it."""
        stream, number = comment.key.rpartition("-")[::2]
        began, clock = time.monotonic(), time.perf_counter()
        try:
            status, headers, body = self.call(
                "POST",
                "/comments",
                {
                    "story": {"id": f"story-{int(number) % 7}"},
                    "commenter": {"id": f"reader-{stream}-{int(number) // 10}"},
                    "text": comment.text,
                },
                Idempotency_Key=comment.key,
            )
            retry_after = headers.get("Retry-After")
        except (OSError, http.client.HTTPException, ValueError):
            self._http.close()
            status, retry_after, body = 0, None, None
        return Answer(began, time.perf_counter() - clock, status, retry_after), body

    def close(self) -> None:
        self._http.close()
