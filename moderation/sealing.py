"""Secrets that must be read again are kept encrypted, under the secret key."""

from base64 import urlsafe_b64encode
from collections.abc import Collection, Iterable, Sequence
from typing import Protocol

from config.logs import log

PURPOSE = b"comment-moderation: secrets that are read again"
"""The secret key signs forms, too: what encrypts is derived from it, and tells nothing of it."""


class Unreadable(ValueError):
    """Sealed under another key than those that are known, or altered."""


class Kept(Protocol):
    """A row that keeps a sealed secret."""

    secret: str


class Sealing:
    """Seals under the first of some keys, and opens what any of them sealed."""

    def __init__(self, keys: Sequence[str]) -> None:
        # Not at the top: most starts of the service, and all of the worker's, need none of it.
        from cryptography.fernet import Fernet, MultiFernet

        derived_keys = [urlsafe_b64encode(derived(key, PURPOSE)) for key in keys]
        self._fernet = MultiFernet([Fernet(key) for key in derived_keys])

    def seal(self, secret: str) -> str:
        """The secret, encrypted and signed, as ASCII text."""
        return self._fernet.encrypt(secret.encode()).decode("ascii")

    def open(self, sealed: str) -> str:
        """What `seal` was given; Unreadable when it was sealed under another key."""
        from cryptography.fernet import InvalidToken

        try:
            return self._fernet.decrypt(sealed).decode()
        except InvalidToken:
            raise Unreadable from None

    def opened(self, rows: Iterable[Kept]) -> list[str]:
        """The secrets of these rows, in their order. One that no known key opens is left out, and
        the operator is told: nothing else would say why what it signs is refused."""
        found = []
        for row in rows:
            try:
                found.append(self.open(row.secret))
            except Unreadable:
                log.warning("secret_unreadable", kind=type(row).__name__)
        return found

    def again(self, sealed: str) -> str:
        """The same secret under the first key; Unreadable as of `open`."""
        return self.seal(self.open(sealed))

    def all_again(self, rows: Collection[Kept]) -> tuple[int, int]:
        """Seal the secret of each under the first key; answers how many, and how many no key
        opens."""
        lost = 0
        for row in rows:
            try:
                row.secret = self.again(row.secret)
            except Unreadable:
                lost += 1
        return len(rows) - lost, lost


def derived(key: str, purpose: bytes) -> bytes:
    """32 bytes for one purpose: they tell nothing of the key, nor of those for another purpose."""
    from cryptography.hazmat.primitives.hashes import SHA256
    from cryptography.hazmat.primitives.kdf.hkdf import HKDF

    return HKDF(SHA256(), length=32, salt=None, info=purpose).derive(key.encode())
