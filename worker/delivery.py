"""Sends what sites are to be told: one thread that looks what is due, and a few that send.

The rows are the outbox (`moderation.outbox`). While one is sent nothing is open; each webhook is
sent one thing at a time, in a lane of its own, so that one that takes long keeps no other waiting.
"""

import threading
import time
from datetime import UTC, datetime
from uuid import UUID

from sqlalchemy.exc import SQLAlchemyError

from config.logs import log
from config.settings import Settings
from moderation import metrics
from moderation.db import Database
from moderation.models import Site, new_id
from moderation.webhooks import deliveries, sending, tries
from moderation.webhooks.outgoing import Line, Reply, Trouble
from moderation.webhooks.tries import Claimed, Due

LOOK_EVERY = 1.0
"""Seconds between two looks for what is due."""
LANES = 8
"""Webhooks that one process sends to at a time."""
LANES_FAILING = 3
"""How many of them may be such as failed last time: each may take as long as a try can."""
TURN = 50
TURN_SECONDS = 10.0
"""Deliveries, or the time, after which a lane makes room for another webhook: one site alone can
have more of them than there are lanes, and receivers that take their time over each."""


class Postman(threading.Thread):
    """Looks what is due, and opens a lane for each webhook that something is due for."""

    def __init__(self, settings: Settings, db: Database) -> None:
        super().__init__(name="postman", daemon=True)
        self._settings = settings
        self._db = db
        self._lanes: dict[UUID, threading.Thread] = {}
        self._turns: dict[UUID, float] = {}
        """When each webhook last was given a lane, by the monotonic clock."""
        self._failing: set[UUID] = set()
        self._stopping = threading.Event()
        self._worker = new_id()

    def tell(self) -> None:
        """Begin nothing more."""
        self._stopping.set()

    def stop(self, deadline: float) -> None:
        """The same, and wait until `deadline`, by the monotonic clock, for what is being sent. What
        takes longer is sent again by another worker, once its lease has run out."""
        self.tell()
        self.join(max(0.0, deadline - time.monotonic()))
        for lane in self._lanes.values():  # it opens no other, unless it is still alive itself
            lane.join(max(0.0, deadline - time.monotonic()))

    def run(self) -> None:
        """Look, wait, look again, until told to stop."""
        while not self._stopping.wait(LOOK_EVERY):
            try:
                self.look(datetime.now(UTC))
            except Exception as error:  # noqa: BLE001 - a database away; the next look may find it
                log.error("postman_failed", error=type(error).__name__)

    def look(self, now: datetime) -> None:
        """Open the lanes that are needed and not open yet."""
        with self._db.reading() as session:
            due = tries.due(session, now=now)
        self._lanes = {id_: lane for id_, lane in self._lanes.items() if lane.is_alive()}
        self._failing &= self._lanes.keys()
        for one in sorted(due, key=self._turn_of):
            if one.webhook_id not in self._lanes and self._has_room(one):
                self._turns[one.webhook_id] = time.monotonic()
                if one.failing:
                    self._failing.add(one.webhook_id)
                lane = threading.Thread(target=self._work, args=[one], name="lane", daemon=True)
                self._lanes[one.webhook_id] = lane
                lane.start()

    def _turn_of(self, due: Due) -> tuple[bool, float]:
        return due.failing, self._turns.get(due.webhook_id, 0.0)

    def _has_room(self, due: Due) -> bool:
        if due.failing and len(self._failing) >= LANES_FAILING:
            return False
        return len(self._lanes) < LANES

    def _work(self, due: Due) -> None:
        try:
            with Line() as line:
                self._take_turn(due, line)
        except Exception as error:  # noqa: BLE001 - a database away; its lease runs out by itself
            log.error("lane_failed", error=type(error).__name__)

    def _take_turn(self, due: Due, line: Line) -> None:
        ends = time.monotonic() + TURN_SECONDS
        for _ in range(TURN):
            if self._stopping.is_set() or time.monotonic() > ends:
                return
            now = datetime.now(UTC)
            if not deliver_one(self._db, self._settings, due, line, worker=self._worker, now=now):
                return


def deliver_one(
    db: Database, settings: Settings, due: Due, line: Line, *, worker: UUID, now: datetime
) -> bool:
    """Send what waits longest for a webhook; False when there was nothing, or it was not taken."""
    with db.transaction() as session:
        claimed = tries.claim(session, due.site_id, due.webhook_id, worker=worker, now=now)
    if claimed is None:
        return False
    reply, site = _sent(db, settings, claimed, line, now)
    with db.transaction() as session:
        outcome = tries.record(session, claimed, reply, worker=worker, now=now)
    metrics.told(site, reply.trouble is None)
    if reply.trouble is not None:
        log.warning(
            "delivery_failed",
            site=site,
            delivery=str(claimed.delivery.id),
            webhook=str(due.webhook_id),
            trouble=reply.trouble,
            status=reply.status,
            attempts=claimed.delivery.attempts,
            outcome=outcome,
        )
    return reply.trouble is None


def _sent(
    db: Database, settings: Settings, claimed: Claimed, line: Line, now: datetime
) -> tuple[Reply, str]:
    """What came of it, and the site's name in addresses."""
    # Not at the top: what the API says brings Flask along (11 MB), and most workers send nothing.
    from moderation import secret_key
    from moderation.api import events

    delivery = claimed.delivery
    with db.reading() as session:
        site = session.get_one(Site, delivery.site_id)
        try:
            body = events.body(session, delivery, site, secret_key.secret_key(settings))
        except SQLAlchemyError:
            raise  # away; the lease runs out by itself
        except Exception as error:  # noqa: BLE001 - whatever it is, it is tried as the others are
            log.error("delivery_not_said", delivery=str(delivery.id), error=type(error).__name__)
            return Reply(trouble=Trouble.UNSAID), site.slug
    reply = sending.send(
        line,
        claimed.webhook,
        str(delivery.id),
        body,
        sealing=secret_key.sealing(settings),
        allowed=settings.webhooks_allowed,
        now=now,
    )
    return reply, site.slug


def throw_away_old(db: Database, days: int) -> None:
    """Delete what was delivered, or given up, more than `days` ago."""
    if count := deliveries.throw_away_of_all(db.transaction, days=days, now=datetime.now(UTC)):
        log.info("deliveries_thrown_away", deliveries=count)
