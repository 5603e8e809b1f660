"""Passwords of moderators."""

import threading
import time
from concurrent.futures import ThreadPoolExecutor

import pytest

from moderation.staff import passwords


class CountingHasher:
    """Stands in for Argon2, and tells how many hashes were made at once."""

    def __init__(self) -> None:
        self.most = 0
        self._now = 0
        self._lock = threading.Lock()

    def verify(self, _stored: str, _password: str) -> None:
        with self._lock:
            self._now += 1
            self.most = max(self.most, self._now)
        time.sleep(0.02)
        with self._lock:
            self._now -= 1

    def hash(self, _password: str) -> str:
        self.verify("", "")
        return "hashed"


def test_many_sign_ins_at_once_take_the_memory_of_one(monkeypatch: pytest.MonkeyPatch) -> None:
    hasher = CountingHasher()
    monkeypatch.setattr(passwords, "_hasher", hasher)
    passwords._nobodys_hash.cache_clear()
    try:
        with ThreadPoolExecutor(8) as pool:
            done = list(pool.map(lambda _: passwords.is_right(None, "wrong"), range(8)))
    finally:
        passwords._nobodys_hash.cache_clear()
    assert not any(done)
    assert hasher.most == 1
