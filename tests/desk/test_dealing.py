"""Next: a handful of cards for one moderator, that nobody else is dealt."""

import threading
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, timedelta
from uuid import UUID

import pytest
from playwright.sync_api import Page, expect
from sqlalchemy import select, update

from moderation import leases
from moderation.db import Database
from moderation.models import Lease, Moderator
from moderation.queue import dealing
from moderation.staff import moderators
from tests.desk.conftest import app_of, at_desk, sign_in, words
from tests.desk.test_accessibility import faults, overflow
from tests.desk.test_bundles import raid
from tests.desk.test_orders import shown
from tests.desk.test_queue import counted, many_held
from tests.desk.visitor import Visitor
from tests.newsroom import NOON, Newsroom, open_newsroom


@pytest.fixture
def two(newsroom: Newsroom) -> Newsroom:
    """Ben works for The Daily, too."""
    with newsroom.db.transaction() as session:
        moderators.assign(session, newsroom.ben, newsroom.daily)
    return newsroom


def deal(visitor: Visitor) -> list[UUID]:
    """The moderator asks for the next ones; answers what they have in hand then."""
    answer = visitor.post("/hand")
    assert answer.status_code == 303
    return shown(visitor.get(answer.location))


def leased_to(newsroom: Newsroom, moderator: Moderator) -> set[UUID]:
    with newsroom.db.reading() as session:
        of = select(Lease.comment_id).where(Lease.moderator_id == moderator.id)
        return set(session.scalars(of))


def test_each_is_dealt_other_cards_from_the_top(two: Newsroom) -> None:
    desk = app_of(two)
    ana, ben = at_desk(desk, two.ana), at_desk(desk, two.ben)
    held = many_held(two, 12)
    assert deal(ana) == held[:5]
    assert deal(ben) == held[5:10]
    assert "Dealt to you" in words(ana.get("/hand"))
    # A hand that is full stays as it is; what is decided is made up for.
    assert deal(ana) == held[:5]
    ana.act("approve", held[0])
    ana.act("later", held[1], tray="waiting")
    assert deal(ana) == [*held[2:5], *held[10:]]
    # It is advice: Ben may decide what Ana was dealt, and sees that she has it.
    assert "Ana has it open" in words(ben.get("/queue"))
    assert ben.act("approve", held[2]).status_code == 303
    assert shown(ana.get("/hand")) == [*held[3:5], *held[10:]]


def test_what_nobody_is_left_with_says_so_and_shows_the_queue(two: Newsroom) -> None:
    desk = app_of(two)
    ana, ben = at_desk(desk, two.ana), at_desk(desk, two.ben)
    held = many_held(two, 3)
    assert deal(ana) == held
    answer = ben.post("/hand")
    assert answer.location == "/queue"
    page = ben.get(answer.location)
    assert "Nothing waits that you read and nobody has open." in words(page)
    assert shown(page) == held
    assert "You have nothing in hand." in words(ben.get("/hand"))


def test_a_hand_that_was_left_goes_to_the_next(two: Newsroom) -> None:
    desk = app_of(two)
    ana, ben = at_desk(desk, two.ana), at_desk(desk, two.ben)
    held = many_held(two, 7)
    assert deal(ana) == held[:5]
    with two.db.transaction() as session:
        session.execute(update(Lease).values(until=datetime.now(UTC) - timedelta(seconds=1)))
    assert shown(ana.get("/hand")) == []
    assert deal(ben) == held[:5]
    assert leased_to(two, two.ana) == set()


def test_looking_at_a_card_does_not_shorten_what_was_dealt(two: Newsroom) -> None:
    ana = at_desk(app_of(two), two.ana)
    [first, *_] = many_held(two, 5)
    deal(ana)
    ana.act("lease", first)
    with two.db.reading() as session:
        until = min(session.scalars(select(Lease.until)))
    assert until > datetime.now(UTC) + timedelta(seconds=leases.LASTS_SECONDS + 60)


def test_what_is_alike_is_one_card_of_the_hand(two: Newsroom) -> None:
    desk = app_of(two)
    ana, ben = at_desk(desk, two.ana), at_desk(desk, two.ben)
    first, *alike = raid(two, 6)
    others = many_held_by_others(two, 5)
    assert deal(ana) == [first, *others[:4]]
    assert "5 more like this" in words(ana.get("/hand"))
    assert leased_to(two, two.ana) == {first, *alike, *others[:4]}
    assert deal(ben) == others[4:]


def many_held_by_others(newsroom: Newsroom, number: int) -> list[UUID]:
    return [
        newsroom.held(f"You fool {'o' * n}f a kind", commenter={"id": f"another {n}"})
        for n in range(1, number + 1)
    ]


def test_dealt_in_the_languages_that_somebody_reads(two: Newsroom) -> None:
    desk = app_of(two)
    ana, ben = at_desk(desk, two.ana), at_desk(desk, two.ben)
    ids = {}
    for number, language in enumerate(("en", "hy", None, "ru", "xhy")):
        ids[language] = two.receive(f"You fool {'o' * number}", commenter={"id": f"r{number}"})
        two.judge({"insult": 0.83}, language=language)
    answer = ana.post("/account/languages", reads=" hy, ru ")
    assert answer.status_code == 303
    assert 'value="hy ru"' in ana.get("/account").text
    assert deal(ana) == [ids["hy"], ids[None], ids["ru"]]
    assert "in these languages: hy, ru, or in one that nobody knows" in words(ana.get("/hand"))
    assert deal(ben) == [ids["en"], ids["xhy"]]
    # The queue shows all, and can be narrowed to what she reads.
    page = ana.get("/queue")
    assert len(shown(page)) == 5
    assert "language=hy+ru" in page.text
    assert shown(ana.get("/queue?language=hy+ru")) == [ids["hy"], ids["ru"]]
    ana.post("/account/languages", reads="")
    assert 'placeholder="all" value=""' in ana.get("/account").text


@pytest.mark.parametrize("reads", ["Armenian", "e", "en;hy", "<b>", " ".join(["en", "hy"] * 11)])
def test_what_is_no_language_is_refused_and_stays_in_its_field(
    newsroom: Newsroom, ana: Visitor, reads: str
) -> None:
    answer = ana.post("/account/languages", reads=reads)
    with newsroom.db.reading() as session:
        kept = session.get_one(Moderator, newsroom.ana.id).reads
    if set(reads.split()) == {"en", "hy"}:  # the same again is no other one
        assert (answer.status_code, kept) == (303, ["en", "hy"])
        return
    assert (answer.status_code, kept) == (422, [])
    assert "Languages are codes of two or three small letters" in words(answer)


def test_only_of_ones_own_sites_and_of_the_one_that_is_named(
    newsroom: Newsroom, ben: Visitor
) -> None:
    many_held(newsroom, 3)
    assert ben.post("/hand").location == "/queue"
    assert ben.post("/hand", site="the-daily").status_code == 404
    assert ben.get("/hand?site=the-daily").status_code == 404
    assert leased_to(newsroom, newsroom.ben) == set()


def test_with_redis_away_the_same_is_dealt(newsroom: Newsroom) -> None:
    held = many_held(newsroom, 3)
    ana = at_desk(app_of(newsroom, redis_url="redis://127.0.0.1:1/0"), newsroom.ana)
    assert deal(ana) == held


def test_a_full_hand_costs_as_many_queries_as_one_card(two: Newsroom) -> None:
    ana = at_desk(app_of(two), two.ana)
    [first] = many_held(two, 1)
    deal(ana)
    with counted(two.db) as one:
        ana.get("/hand")
    ana.act("approve", first)
    many_held(two, 30)
    with counted(two.db) as dealt:
        deal(ana)
    with counted(two.db) as many:
        ana.get("/hand")
    assert len(many) == len(one) <= 12
    assert len(dealt) <= len(many) + 8


def test_of_many_at_once_none_is_dealt_what_another_is(postgres_url: str) -> None:
    db = Database(postgres_url)
    newsroom = open_newsroom(db)
    held = many_held(newsroom, 60)
    with db.transaction() as session:
        people = [
            moderators.add(session, f"m{n}@daily.example", "0123456789", now=NOON).id
            for n in range(8)
        ]
        # Half of the top was dealt to somebody who left.
        for comment_id in held[:20:2]:
            leases.take(session, newsroom.daily.id, comment_id, moderator_id=newsroom.ben.id)
        session.execute(update(Lease).values(until=NOON))
    start = threading.Barrier(len(people))

    def ask(moderator_id: UUID) -> int:
        start.wait()
        with db.transaction() as session:
            return dealing.deal(
                session, [newsroom.daily.id], moderator_id=moderator_id, languages=()
            )

    with ThreadPoolExecutor(len(people)) as pool:
        assert list(pool.map(ask, people)) == [dealing.HAND] * len(people)
    with db.reading() as session:
        rows = session.execute(select(Lease.comment_id, Lease.moderator_id)).all()
    assert {row.comment_id for row in rows} == set(held[:40])
    assert {row.moderator_id for row in rows} == set(people)
    db.engine.dispose()


@pytest.mark.browser
def test_a_hand_by_keyboard_alone(
    on_sqlite: Newsroom, address: str, page: Page, console: list[str]
) -> None:
    many_held(on_sqlite, 7)
    sign_in(page, address, on_sqlite.ana)
    page.keyboard.press("n")
    page.wait_for_url("**/hand")
    expect(page.locator("article.open")).to_have_count(5)
    expect(page.locator("article").first).to_be_focused()
    assert (faults(page), overflow(page)) == ([], 0)
    # What the numbers block for stands beside the cards.
    expect(page.locator("aside .clause-key").first).to_be_visible()
    for number in range(5):
        page.keyboard.press("a")
        expect(page.locator("article.done")).to_have_count(number + 1)
    # After the last one Enter deals the next.
    expect(page.locator("#next")).to_be_focused()
    page.keyboard.press("Enter")
    expect(page.locator("article.open")).to_have_count(2)
    expect(page.locator("article").first).to_be_focused()
    assert console == []
