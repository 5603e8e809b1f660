"""The Daily on a full installation whose servers are its own: what faults are tried on."""

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import psutil
import redis
from libfaketime import get_reload_information

from moderation.db import Database
from tests import services
from tests.full.counting import Count, count, wait_until_calm
from tests.full.installation import STAND_IN, Installation, described
from tests.full.site import Stream
from tests.newsroom import POLICY

SETTINGS = {
    # A worker that was killed has its comments for so long; a minute, unless an operator says so.
    "MODERATION_LEASE_SECONDS": "5",
    "MODERATION_SWEEP_SECONDS": "0.5",
    "MODERATION_DRAIN_SECONDS": "10",
    "MODERATION_RATE_PER_KEY": "60000/minute",
    "MODERATION_LOG_LEVEL": "WARNING",
}


@dataclass
class Scene:
    """The Daily, the processes that serve it, and the servers behind them."""

    installation: Installation
    postgres: services.Server
    redis: services.Server
    db: Database
    key: str
    clock: Path
    """How far the wall clock of the workers `with_clock` is off, as `+1h`."""
    streams: int = 0

    def with_clock(self) -> dict[str, str]:
        """The environment of a process whose wall clock is as `clock` says."""
        preloaded: dict[str, str] = get_reload_information()[1]
        return preloaded | {"FAKETIME_TIMESTAMP_FILE": str(self.clock)}

    @property
    def address(self) -> str:
        """Of the web side."""
        [web] = self.installation.of("web")
        return web.address

    def stream(
        self, *, rate: float = 25, clients: int = 4, odd: float = 0.0, ends: bool = False
    ) -> Stream:
        """Comments that The Daily will post."""
        self.streams += 1
        return Stream(self.address, self.key, rate, clients, odd, ends, seed=self.streams)

    def counted(self, stream: Stream) -> Count:
        """What became of the stream, once all is calm."""
        wait_until_calm(self.db)
        return count(self.db, stream.posted)

    def flush_redis(self) -> None:
        """Empty it: what waits there is gone."""
        with redis.Redis.from_url(self.installation.redis_url) as client:
            client.flushall()


@contextmanager
def open_scene(folder: Path, settings: Mapping[str, str] = SETTINGS) -> Iterator[Scene]:
    """Postgres and Redis with the flags of docker-compose.yml, everything up, The Daily added."""
    file = described()["services"]
    options = dict(
        option.split("=", 1) for option in file["postgres"]["command"][1:] if option != "-c"
    )
    with (
        services.own_postgres(options) as (server, postgres),
        services.own_redis(file["redis"]["command"][1:]) as (redis_url, redis_server),
    ):
        url = server.create()
        installation = Installation(folder, url, redis_url, settings, STAND_IN)
        db = Database(url)
        try:
            installation.up()
            installation.moderation("site", "add", "the-daily", "--name", "The Daily")
            key = installation.moderation("site", "key", "add", "the-daily").strip()
            installation.moderation("policy", "post", "the-daily", "-", given=POLICY)
            clock = folder / "clock"
            clock.write_text("+0", encoding="ascii")
            with installation.restarting():
                yield Scene(installation, postgres, redis_server, db, key, clock)
        finally:
            installation.down()
            db.dispose()
            for left in Path("/dev/shm").glob("*faketime_s?m_*"):  # noqa: S108 - of what was killed
                if not psutil.pid_exists(int(left.name.rpartition("_")[2])):
                    left.unlink(missing_ok=True)
