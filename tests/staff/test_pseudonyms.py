"""What moderators are called outside of the desk."""

import re
from uuid import UUID

from moderation.staff.pseudonyms import pseudonym

KEY = "a secret key of thirty-two letters"
DAILY, POST = UUID(int=1), UUID(int=2)
ANA, BEN = UUID(int=3), UUID(int=4)


def test_one_for_each_person_and_site_that_stays() -> None:
    assert pseudonym(KEY, DAILY, ANA) == pseudonym(KEY, DAILY, ANA)
    others = {
        pseudonym(KEY, DAILY, ANA),
        pseudonym(KEY, DAILY, BEN),
        pseudonym(KEY, POST, ANA),
        pseudonym("another key of thirty-two letters", DAILY, ANA),
    }
    assert len(others) == 4
    for one in others:
        assert re.fullmatch(r"Moderator [A-Z2-7]{4}-[A-Z2-7]{4}", str(one))


def test_nobody_has_none() -> None:
    assert pseudonym(KEY, DAILY, None) is None


def test_it_does_not_change_with_a_release() -> None:
    assert pseudonym(KEY, DAILY, ANA) == "Moderator B4SR-ZHU2"
