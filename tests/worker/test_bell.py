"""The bell: a wake-up for whoever scores, and no heap of them where nobody does."""

import redis

from config.settings import Settings
from moderation.bell import MOST_UNHEARD, SCORE_WAITING, sender, wake


def test_wake_ups_that_nobody_hears_do_not_heap_up(redis_url: str) -> None:
    celery = sender("bell", Settings(redis_url=redis_url))

    woken = [wake(celery, SCORE_WAITING) for _ in range(MOST_UNHEARD + 5)]

    assert woken == [True] * MOST_UNHEARD + [False] * 5
    with redis.Redis.from_url(redis_url) as client:
        queue = celery.conf.task_default_queue
        assert client.llen(queue) == MOST_UNHEARD
        client.lpop(queue)  # a worker hears one
    assert wake(celery, SCORE_WAITING)
