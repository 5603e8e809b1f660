"""Signatures as https://www.standardwebhooks.com wants them."""

from datetime import UTC, datetime

import pytest

from moderation.webhooks import signing

SECRET = "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw"  # noqa: S105 - the one of their example
AT = datetime.fromtimestamp(1614265330, UTC)


def test_their_example() -> None:
    id_, body = "msg_p5jXN8AQM9LWM0D4loKWxJek", b'{"test": 2432232314}'

    assert signing.headers(id_, body, [SECRET], AT) == {
        "webhook-id": id_,
        "webhook-timestamp": "1614265330",
        "webhook-signature": "v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE=",
    }


def test_without_a_secret_nothing_is_signed() -> None:
    with pytest.raises(ValueError, match="no secret"):
        signing.headers("1", b"{}", [], AT)


def test_no_two_secrets_are_alike() -> None:
    made = {signing.new_secret() for _ in range(100)}
    assert len(made) == 100
    assert all(one.startswith("whsec_") and len(one) == 6 + 44 for one in made)
