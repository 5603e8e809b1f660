"""How what is sent is signed, and how a receiver knows that: https://www.standardwebhooks.com."""

import base64
import hashlib
import hmac
import secrets
from collections.abc import Sequence
from datetime import datetime

PREFIX = "whsec_"
SECRET_BYTES = 32


def new_secret() -> str:
    """A secret as receivers are given it."""
    return PREFIX + base64.b64encode(secrets.token_bytes(SECRET_BYTES)).decode("ascii")


def headers(
    id_: str, body: bytes, secrets_in_force: Sequence[str], now: datetime
) -> dict[str, str]:
    """The headers that go with a body. Each secret signs: a receiver that knows one of them can
    tell. ValueError without any secret: nothing is sent unsigned."""
    if not secrets_in_force:
        raise ValueError("there is no secret to sign with")
    stamp = str(int(now.timestamp()))
    signed = b".".join((id_.encode("ascii"), stamp.encode("ascii"), body))
    return {
        "webhook-id": id_,
        "webhook-timestamp": stamp,
        "webhook-signature": " ".join(_signature(one, signed) for one in secrets_in_force),
    }


def _signature(secret: str, signed: bytes) -> str:
    key = base64.b64decode(secret.removeprefix(PREFIX))
    return "v1," + base64.b64encode(hmac.digest(key, signed, hashlib.sha256)).decode("ascii")
