"""Whom a guest may not be taken for: readers whom the site knows, however their names are spelt."""

import pytest
from pydantic import ValidationError
from sqlalchemy.orm import Session

from moderation import commenters, erasures
from moderation.models import CommenterName
from moderation.submission import GUEST, CommenterRef, GuestRef
from tests.newsroom import NOON, Newsroom, unrecorded

LIKE_RITA = (
    "Rita",
    "RITA",
    "  rita ",
    "R.i.t.a",
    "Ríta",
    "Rit\u0430",  # a Cyrillic a
    "\uff32\uff49\uff54\uff41",  # full width
    "R\u200bita",  # with something invisible inside
    "R1ta",
    "Rlta",
)


def known(session: Session, newsroom: Newsroom, ref: CommenterRef) -> None:
    commenters.make_known(session, newsroom.daily.id, {ref.id: ref}, now=NOON)


def taken(newsroom: Newsroom, name: str) -> bool:
    with newsroom.db.reading() as session:
        return commenters.is_taken(session, newsroom.daily.id, name)


@pytest.mark.parametrize("name", LIKE_RITA)
def test_names_that_look_alike_have_one_key(name: str) -> None:
    assert commenters.name_key(name) == commenters.name_key("Rita")


@pytest.mark.parametrize("name", ["Rima", "Margarita", "Rit", "Рита Иванова"])
def test_other_names_have_another(name: str) -> None:
    assert commenters.name_key(name) != commenters.name_key("Rita")


@pytest.mark.parametrize("name", ["", "...", "\U0001f642"])
def test_what_has_no_letter_has_none(name: str) -> None:
    assert commenters.name_key(name) is None


def test_the_name_of_a_reader_whom_the_site_knows_is_taken(newsroom: Newsroom) -> None:
    newsroom.receive()
    assert all(taken(newsroom, name) for name in LIKE_RITA)
    assert not taken(newsroom, "Omar")
    with newsroom.db.reading() as session:  # nobody knows her at the other paper
        assert not commenters.is_taken(session, newsroom.post.id, "Rita")


def test_a_new_name_is_taken_and_the_old_one_free(newsroom: Newsroom) -> None:
    newsroom.receive()
    newsroom.receive(commenter={"id": "rita", "name": "Margarita"})
    assert taken(newsroom, "margarita")
    assert not taken(newsroom, "Rita")


def test_the_name_of_a_guest_is_not_taken(newsroom: Newsroom) -> None:
    with newsroom.db.transaction() as session:
        known(session, newsroom, GuestRef(id=f"{GUEST}1", name="Omar"))
    assert not taken(newsroom, "Omar")


def test_whoever_is_forgotten_leaves_no_key(newsroom: Newsroom) -> None:
    rita = newsroom.comment(newsroom.receive()).commenter_id
    with newsroom.db.transaction() as session:
        erasures.commenter(session, newsroom.daily.id, rita, record=unrecorded, now=NOON)
    assert not taken(newsroom, "Rita")
    with newsroom.db.reading() as session:
        assert session.get(CommenterName, (newsroom.daily.id, rita)) is None


def test_no_site_posts_as_one_of_our_guests() -> None:
    with pytest.raises(ValidationError, match="must not begin with embed-guest:"):
        CommenterRef(id=f"{GUEST}1", name="Omar")
