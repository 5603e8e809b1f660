"""The script on a newspaper's page, and the plain page, in a real browser."""

from collections.abc import Iterator
from contextlib import closing, contextmanager
from dataclasses import replace
from uuid import UUID

import pytest
from playwright.sync_api import Browser, Locator, Page, ViewportSize, expect
from sqlalchemy import select

from moderation import site_settings, sites
from moderation.models import Comment
from moderation.policy import Mode
from tests.desk.conftest import heard, served
from tests.desk.test_accessibility import PHONE, WIDE, faults, overflow
from tests.desk.test_strangers_words import WATCH, WORDS
from tests.embed.conftest import app_of, let_in, signed
from tests.embed.paper import Paper, printed
from tests.embed.test_thread import block
from tests.newsroom import NOON, Newsroom

pytestmark = pytest.mark.browser
LOOKS = {
    "light": Paper(),
    "dark": Paper(look="dark"),
    "right to left": Paper(lang="ar", dir="rtl"),
    "Armenian": Paper(lang="hy"),
}
KNOWN = Paper(attributes='data-token-url="/token"', token="yes")


@pytest.fixture
def database_url(sqlite_url: str) -> str:
    """One database is enough: what a browser shows does not depend on which it is."""
    return sqlite_url


@contextmanager
def shown(newsroom: Newsroom, paper: Paper, *, guests: bool = True) -> Iterator[str]:
    """The paper's page, with its comments served beside it; answers its address."""
    with served(app_of(newsroom)) as service, printed(replace(paper, service=service)) as own:
        secret = let_in(newsroom, own.origin, guests=guests)
        if own.token:
            own.token = signed(secret)
        yield f"{own.origin}/tram-7"


def busy(newsroom: Newsroom) -> None:
    """A thread with everything that can stand in one."""
    first = newsroom.approved("Trams are late. See https://daily.example/timetable, please.")
    tom = {"id": "tom", "name": "Tom"}
    reply = newsroom.approved("They are not.", parent=str(first), commenter=tom)
    mariam = {"id": "m", "name": "\u0645\u0631\u064a\u0645"}
    newsroom.approved("W" * 300, parent=str(reply), commenter=mariam)
    gone = newsroom.approved("You are a fool, Tom.")
    lea = {"id": "lea", "name": "Lea"}
    newsroom.approved("He is not.", parent=str(gone), commenter=lea)
    block(newsroom, gone)


def writes(page: Page, text: str, *, name: str = "Omar") -> None:
    page.get_by_label("Your name").fill(name)
    page.get_by_label("Your comment").fill(text)
    page.get_by_role("button", name="Send").click()


def newest(newsroom: Newsroom) -> UUID:
    with newsroom.db.reading() as session:
        return session.scalars(select(Comment.id).order_by(Comment.received_at.desc())).first()  # type: ignore[return-value]


def says(page: Page, sentence: str) -> Locator:
    return page.locator(f"[role=status]:text-is('{sentence}')").first


@pytest.mark.parametrize("look", LOOKS)
@pytest.mark.parametrize("size", [WIDE, PHONE], ids=["wide", "phone"])
def test_it_looks_like_the_paper_and_everybody_can_use_it(
    newsroom: Newsroom, browser: Browser, look: str, size: ViewportSize
) -> None:
    busy(newsroom)
    paper = LOOKS[look]
    with (
        shown(newsroom, paper) as address,
        closing(browser.new_context(viewport=size)) as context,
    ):
        page = context.new_page()
        complaints = heard(page)
        page.goto(address)
        page.locator("text=They are not.").wait_for()
        page.locator("summary").click()
        for button in page.locator("li article").nth(1).get_by_role("button").all():
            button.click()
        assert (faults(page), overflow(page), complaints) == ([], 0, [])
        fonts = page.evaluate(
            """() => [document.querySelector('article p'),
                document.querySelector('#comments > div').shadowRoot.querySelector('.words')]
                .map(one => [getComputedStyle(one).fontFamily, getComputedStyle(one).color])"""
        )
        assert fonts[0] == fonts[1]


# --- writing --------------------------------------------------------------------------------


def test_a_guest_writes_and_sees_what_becomes_of_it(newsroom: Newsroom, page: Page) -> None:
    newsroom.approved()
    with shown(newsroom, Paper()) as address:
        page.goto(address)
        writes(page, "Well said.")
        says(page, "Your comment has come in, and is being checked.").wait_for()
        newsroom.judge()
        says(page, "Your comment is published.").wait_for()
        expect(page.locator("h2")).to_have_text("2 comments")
        mine = page.locator("article", has_text="Well said.")
        expect(mine).to_contain_text("guest")
        # Known again by what the page keeps, and by no cookie.
        page.reload()
        mine.get_by_role("button", name="Edit").click()
        page.get_by_label("New words").fill("You are a fool.")
        mine.get_by_role("button", name="Send").click()
        says(page, "Your comment has come in, and is being checked.").wait_for()
        newsroom.judge({"insult": 0.8})
        says(page, "Your comment waits for a moderator.").wait_for()
        expect(page.locator("h2")).to_have_text("1 comment")
        assert page.context.cookies() == []


def test_a_site_that_only_looks_on_says_so_without_being_asked(
    newsroom: Newsroom, page: Page
) -> None:
    with shown(newsroom, Paper()) as address:
        with newsroom.db.transaction() as session:
            site = sites.named(session, "the-daily")
            site_settings.change(session, site, mode=Mode.SHADOW, now=NOON)
        page.goto(address)
        writes(page, "Well said.")
        says(page, "Your comment has come in, and is being checked.").wait_for()
        newsroom.judge()
        says(
            page, "Your comment has come in. For now, new comments are not published here."
        ).wait_for()
        expect(page.locator(".own")).to_contain_text("For now, new comments are not published")


def test_a_block_is_told_and_appealed_with_the_keyboard(newsroom: Newsroom, page: Page) -> None:
    with shown(newsroom, Paper()) as address:
        page.goto(address)
        writes(page, "You are a fool.")
        says(page, "Your comment has come in, and is being checked.").wait_for()
        newsroom.judge({"insult": 0.8})
        block(newsroom, newest(newsroom), explanation="Leave Tom alone.")
        page.reload()
        page.get_by_text("Your comment was not published: “Personal attacks”.").wait_for()
        expect(page.locator(".own")).to_contain_text("Leave Tom alone.")
        page.get_by_role("button", name="Appeal").focus()
        page.keyboard.press("Enter")
        page.keyboard.type("It was a quotation.")
        page.keyboard.press("Tab")
        page.keyboard.press("Enter")
        says(page, "You have appealed: a person will look at it again.").wait_for()
        assert page.get_by_role("button", name="Appeal").count() == 0


def test_an_answer_is_written_below_and_can_be_left(newsroom: Newsroom, page: Page) -> None:
    newsroom.approved()
    with shown(newsroom, Paper()) as address:
        page.goto(address)
        answer = page.get_by_role("button", name="Answer the comment of Rita")
        answer.press("Enter")
        expect(answer).to_have_attribute("aria-expanded", "true")
        page.keyboard.type("Omar")  # the form has the focus
        expect(page.locator("li").get_by_label("Your name")).to_have_value("Omar")
        page.locator("li").get_by_role("button", name="Cancel").press("Enter")
        expect(answer).to_be_focused()
        answer.press("Enter")
        page.locator("li").get_by_label("Your name").fill("Omar")
        page.locator("li").get_by_label("Your comment").fill("I agree.")
        page.locator("li").get_by_role("button", name="Send").click()
        page.get_by_text("Your comment has come in").first.wait_for()
        newsroom.judge()
        expect(page.locator("li[data-depth='1']")).to_contain_text("in answer to Rita")


def test_what_somebody_is_writing_stays_while_the_thread_is_read_anew(
    newsroom: Newsroom, page: Page
) -> None:
    newsroom.approved()
    with shown(newsroom, Paper()) as address:
        page.goto(address)
        writes(page, "Well said.")
        says(page, "Your comment has come in, and is being checked.").wait_for()
        page.get_by_role("button", name="Answer the comment of Rita").click()
        answer = page.locator("li").get_by_label("Your comment")
        answer.fill("A long thou")
        newsroom.judge()
        says(page, "Your comment is published.").wait_for()
        expect(page.locator("h2")).to_have_text("2 comments")
        expect(answer).to_be_focused()
        page.keyboard.type("ght")
        expect(answer).to_have_value("A long thought")


def test_a_token_that_has_run_out_is_asked_for_again(newsroom: Newsroom, page: Page) -> None:
    with served(app_of(newsroom)) as service, printed(replace(KNOWN, service=service)) as own:
        secret = let_in(newsroom, own.origin)
        own.token = signed(secret)
        page.goto(f"{own.origin}/tram-7")
        page.get_by_label("Your comment").fill("Mine.")
        own.token = signed(let_in(newsroom, own.origin))  # the former secret is good no more
        page.get_by_role("button", name="Send").click()
        says(page, "Your comment has come in, and is being checked.").wait_for()


def test_a_reader_whom_the_paper_knows_writes_under_their_name(
    newsroom: Newsroom, page: Page
) -> None:
    rita = newsroom.comment(newsroom.approved()).commenter_id
    with shown(newsroom, KNOWN, guests=False) as address:
        page.goto(address)
        page.get_by_text("You write as Rita.").wait_for()
        page.get_by_label("Your comment").fill("Mine.")
        page.get_by_role("button", name="Send").click()
        says(page, "Your comment has come in, and is being checked.").wait_for()
        assert newsroom.comment(newest(newsroom)).commenter_id == rita


def test_who_is_not_logged_in_is_shown_the_way(newsroom: Newsroom, page: Page) -> None:
    paper = Paper(attributes='data-sign-in="/log-in"')
    with shown(newsroom, paper, guests=False) as address:
        page.goto(address)
        link = page.get_by_role("link", name="Log in to comment")
        expect(link).to_have_attribute("href", "/log-in")
        assert page.locator("textarea").count() == 0


def test_a_comment_is_reported(newsroom: Newsroom, page: Page) -> None:
    reported = newsroom.approved()
    with shown(newsroom, Paper()) as address:
        page.goto(address)
        page.get_by_role("button", name="Report the comment of Rita").click()
        page.get_by_label("What is wrong with it?").select_option("spam")
        page.locator("form").get_by_role("button", name="Report").click()
        says(page, "Thank you. It is reported to the moderators.").wait_for()
        assert newsroom.comment(reported).flags == 1


def test_more_comments_are_fetched_and_come_into_focus(newsroom: Newsroom, page: Page) -> None:
    for n in range(55):
        newsroom.receive(f"Number {n}.")
    newsroom.judge()
    with shown(newsroom, Paper()) as address:
        page.goto(address)
        page.get_by_role("button", name="More comments").click()
        expect(page.locator("ol.comments > li")).to_have_count(55)
        expect(page.locator("ol.comments > li").nth(50)).to_be_focused()
        assert page.get_by_role("button", name="More comments").count() == 0


# --- when something is wrong ----------------------------------------------------------------


def test_when_the_service_is_down_the_page_says_so_quietly(newsroom: Newsroom, page: Page) -> None:
    with shown(newsroom, Paper()) as address:
        page.route("**/thread/**", lambda route: route.abort())
        page.goto(address)
        page.get_by_text("The comments cannot be shown just now.").wait_for()
        assert "Tram line 7" in page.locator("h1").inner_text()


def test_what_was_typed_stays_when_it_cannot_be_sent(newsroom: Newsroom, page: Page) -> None:
    with shown(newsroom, Paper()) as address:
        page.goto(address)
        page.get_by_label("Your comment").wait_for()
        page.route("**/thread/**", lambda route: route.abort())
        writes(page, "A long thought.")
        page.get_by_text("It was not sent. What you wrote stays here").wait_for()
        expect(page.get_by_label("Your comment")).to_have_value("A long thought.")
        # ... also over a reload, and is sent then.
        page.unroute_all()
        page.reload()
        expect(page.get_by_label("Your comment")).to_have_value("A long thought.")
        writes(page, "A long thought.")
        says(page, "Your comment has come in, and is being checked.").wait_for()
        expect(page.get_by_label("Your comment")).to_have_value("")


def test_a_page_of_another_site_shows_nothing(newsroom: Newsroom, page: Page) -> None:
    newsroom.approved("For The Daily's pages alone.")
    with served(app_of(newsroom)) as service, printed(Paper(service=service)) as own:
        let_in(newsroom, "https://daily.example")
        page.goto(f"{own.origin}/tram-7")
        page.get_by_text("The comments cannot be shown just now.").wait_for()


# --- words stay words -----------------------------------------------------------------------

FOUND = """() => [...document.querySelector('#comments > div').shadowRoot.querySelectorAll('*')]
  .filter(one => !'SECTION H2 H3 P DETAILS SUMMARY DL DT DD FORM LABEL SPAN INPUT TEXTAREA SELECT'
      .concat(' OPTION DIV BUTTON OL UL LI ARTICLE BDI TIME A B').split(' ').includes(one.tagName)
    || [...one.attributes].some(({name}) => /^on|^style$|^srcdoc$|^src$/i.test(name))
    || (one.href && !/^https?:/.test(one.href))
    || (one.tagName === 'A' && one.rel !== 'ugc nofollow noopener'))
  .map(one => one.outerHTML.slice(0, 200))"""


def test_words_stay_words(newsroom: Newsroom, browser: Browser) -> None:
    policy = """title = {0}\ntext = {0}\n[[clauses]]\nkey = "k"\ntitle = {0}\ntext = {0}
[[clauses.rules]]\nattribute = "insult"\nhold = 0.6\n"""
    quoted = WORDS[0].replace("\\", "\\\\").replace('"', '\\"')
    newsroom.post_policy(policy.format(f'"{quoted}"'))
    links = ('https://x.example/"onmouseover=taken()', "javascript:taken()", "http://[x")
    for nth, word in enumerate([*WORDS, *links]):
        newsroom.receive(word, commenter={"id": f"c{nth}", "name": word})
    newsroom.judge()
    alarms: list[str] = []
    with (
        shown(newsroom, Paper()) as address,
        closing(browser.new_context(bypass_csp=True)) as context,
    ):
        page = context.new_page()
        page.expose_function("taken", lambda *_: alarms.append(f"taken on {page.url}"))
        page.expose_function("violated", lambda said: alarms.append(str(said)))
        page.add_init_script(WATCH)
        page.on("pageerror", lambda error: alarms.append(str(error)))
        page.goto(address)
        expect(page.locator("li article")).to_have_count(len(WORDS) + len(links))
        assert page.evaluate(FOUND) == []
        assert "65513" not in page.locator("#comments").inner_text()
        for word in WORDS[:3]:
            expect(page.locator("article .words", has_text=word).first).to_be_visible()
        writes(page, WORDS[1], name=f"Omar {WORDS[0]}")
        page.get_by_text("Your comment has come in").first.wait_for()
        assert page.evaluate(FOUND) == []
        page.mouse.wheel(0, 4000)
    assert alarms == []


# --- the plain page -------------------------------------------------------------------------


def test_without_a_script_everything_works_by_links_and_forms(
    newsroom: Newsroom, browser: Browser
) -> None:
    busy(newsroom)
    with (
        shown(newsroom, Paper()) as address,
        closing(browser.new_context(java_script_enabled=False)) as context,
    ):
        page = context.new_page()
        page.goto(address)
        page.get_by_role("link", name="Read the comments").click()
        expect(page.locator("h1")).to_have_text("Comments: Tram line 7 reopens")
        page.locator("main > form").get_by_label("Your name").fill("Rita")
        page.locator("main > form").get_by_label("Your comment").fill("Well said.")
        page.locator("main > form").get_by_role("button", name="Send").click()
        expect(page.get_by_role("alert")).to_have_text(
            "A reader of this site has that name. Choose another."
        )
        form = page.locator("main > form")
        expect(form.get_by_label("Your comment")).to_have_value("Well said.")
        form.get_by_label("Your name").fill("Omar")
        form.get_by_role("button", name="Send").click()
        expect(page.get_by_role("status")).to_have_text(
            "Your comment has come in, and is being checked."
        )
        newsroom.judge({"insult": 0.8})
        page.get_by_role("button", name="Look again").click()
        expect(page.locator(".own")).to_contain_text("Your comment waits for a moderator.")
        block(newsroom, newest(newsroom))
        # Sent once more, as by a reload: the same comment.
        page.locator("summary", has_text="Edit").first.click()
        page.get_by_label("New words").first.fill("Well said, Tom.")
        page.locator(".own").get_by_role("button", name="Send").click()
        page.locator("summary", has_text="Appeal").click()
        page.get_by_label("Why should it be published?").fill("I was kind.")
        page.locator(".own").get_by_role("button", name="Appeal").click()
        expect(page.get_by_role("status")).to_have_text(
            "You have appealed: a person will look at it again."
        )
        tom = page.locator("article[aria-label=Tom]")
        tom.locator("summary", has_text="Answer").click()
        tom.get_by_label("Your name").fill("Omar")
        tom.get_by_label("Your comment").fill("Indeed, Tom.")
        tom.get_by_role("button", name="Send").click()
        newsroom.judge()
        page.get_by_role("button", name="Look again").click()
        expect(page.locator("article[aria-label=Omar]")).to_contain_text("in answer to Tom")
        lea = page.locator("article[aria-label=Lea]")
        lea.locator("summary", has_text="Report").click()
        lea.get_by_role("button", name="Report").click()
        expect(page.get_by_role("status")).to_have_text(
            "Thank you. It is reported to the moderators."
        )
        assert context.cookies() == []


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("size", [WIDE, PHONE], ids=["wide", "phone"])
def test_the_plain_page_is_for_everybody(
    newsroom: Newsroom, browser: Browser, size: ViewportSize, scheme: str
) -> None:
    busy(newsroom)
    with (
        served(app_of(newsroom)) as service,
        closing(
            browser.new_context(viewport=size, color_scheme="dark" if scheme == "dark" else "light")
        ) as context,
    ):
        let_in(newsroom, "https://daily.example")
        page = context.new_page()
        complaints = heard(page)
        page.goto(f"{service}/embed/the-daily/tram-7")
        page.evaluate("document.querySelectorAll('details').forEach(d => d.open = true)")
        assert (faults(page), overflow(page), complaints) == ([], 0, [])


def test_only_the_sites_own_pages_frame_it(newsroom: Newsroom, page: Page) -> None:
    newsroom.approved("In a frame.")
    with shown(newsroom, Paper()) as address:
        page.goto(address.replace("/tram-7", "/framed"))
        page.frame_locator("iframe").get_by_text("In a frame.").wait_for()
        let_in(newsroom, "https://daily.example")
        page.reload()
        page.wait_for_load_state()
        assert page.frame_locator("iframe").get_by_text("In a frame.").count() == 0
