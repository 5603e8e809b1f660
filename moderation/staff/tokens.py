"""Links and cookies carry tokens; what is kept of one is its hash."""

import hashlib
import secrets


def new() -> str:
    """256 random bits, as they stand in an address or a cookie: shown once and never kept."""
    return secrets.token_urlsafe(32)


def hash_of(token: str) -> str:
    """What is kept of a token. SHA-256 is enough: each is 256 random bits."""
    return hashlib.sha256(token.encode("utf-8", "surrogatepass")).hexdigest()
