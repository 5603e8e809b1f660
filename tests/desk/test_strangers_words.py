"""Words that want to be more than words: in every field, on every page, in a real browser."""

import json
from collections.abc import Iterator
from contextlib import closing
from dataclasses import dataclass, field
from urllib.parse import parse_qs, quote

import pytest
from flask import Flask
from playwright.sync_api import Browser, ConsoleMessage, Dialog, Page, expect
from sqlalchemy import JSON, String, select

from moderation.models import Base, Role
from tests.desk.conftest import at_desk, served, sign_in
from tests.desk.full_house import fill, shared
from tests.desk.pages import looks, noted, path_of, rules
from tests.desk.test_forms import LOOKING
from tests.desk.test_roles import FORM, given, things
from tests.newsroom import Newsroom

WORDS = (
    "<script>taken()</script>",
    "<img src=x onerror=taken()><svg onload=taken()>",
    "\"><svg/onload=taken()>' onfocus=taken() autofocus tabindex=1 x='",
    "--></title></textarea></style></script><script>taken()</script>",
    'javascript:taken()//" onmouseover="taken()" style="position:fixed;inset:0',
    "{{ 49*1337 }}{% if 1 %}${49*1337}#{49*1337}{{constructor.constructor('taken()')()}}",
    "<math><mtext><table><mglyph><style><!--</style><img title='--&gt;&lt;img onerror=taken()'>",
    "<a href='data:text/html,<script>taken()</script>'>x</a><iframe srcdoc='<b>taken()'>",
    "<style>@import '/x';*{color:red!important}</style><div style=position:fixed;inset:0>taken()",
    "\u202e)(nekat\u2066\u200b\ufeff\ufffd<x>&#60;script&#62;taken()&#60;/script&#62;\\u003cscript>",
    "<base href=//x/><meta http-equiv=refresh content='0;url=javascript:taken()'><form action=//x>",
    "<x hx-get=/queue hx-trigger=load hx-on::load=taken() hx-on:click=taken()><!--",
)
"""Each would do something if it were read as anything but words; at most 190 characters."""
ALL = '"' + "".join(WORDS)
NOT_WORDS = {
    "hashes and secrets": (
        "api_keys.secret_hash appeals.body_hash appeals.key_hash authenticators.secret"
        " commenter_names.name_key coral_secrets.secret embed_secrets.secret"
        " flags.reader_hash invitations.token_hash moderators.password_hash"
        " notices.body_hash notices.key_hash"
        " password_resets.token_hash receipts.body_hash receipts.key_hash"
        " recovery_codes.code_hash sign_ins.token_hash"
        " webhooks.previous_secret webhooks.secret"
    ),
    "one of a list of ours": (
        "api_keys.scopes appeals.outcome assignments.role audit.event commenters.standing"
        " comments.status comments.tray decisions.actor decisions.status_after"
        " decisions.imported_as decisions.status_before"
        " deliveries.event deliveries.last_trouble deliveries.outcome"
        " invitations.role decisions.reason moderators.reads"
        " notices.kind notices.outcome moderators.keys moderators.language"
        " moderators.time_zone moves.concern moves.tray_after moves.tray_before"
        " outside_verdicts.status refusals.reason"
        " sites.mode spot_checks.answer spot_checks.stood_as webhooks.events"
    ),
    "small letters, digits and hyphens": (
        "comments.held_for comments.language decisions.clause flags.reason revisions.language"
        " saved_replies.clause sites.languages sites.slug spot_checks.clause"
    ),
    "plain letters and signs of addresses": "sites.embed_origins",
    "numbers and keys": (
        "audit.subject decisions.evidence scores.attributes scores.quoted site_days.counted"
        " spans.asked spans.found"
    ),
    "written by the service itself": (
        "api_keys.hint coral_secrets.hint policies.model_version revisions.request_id"
        " schema_floor.oldest_code"
        " schema_floor.release scores.model scores.model_version sign_ins.client"
        " spans.model_version"
    ),
    "shown on no page, written out by a command alone": (
        "suggestions.scores suggestions.text suggestions.token"
    ),
}
"""The columns that need no such words: nobody can write theirs into them, or no page reads them."""

SCAN = """root => {
  const tags = ['IFRAME', 'STYLE', 'IMG', 'MATH', 'BASE', 'OBJECT', 'EMBED', 'X'];
  const runs = /^\\s*(javascript|data|vbscript):/i;
  return [...(root ? new DOMParser().parseFromString(root, 'text/html') : document)
    .querySelectorAll('*')].filter(element =>
      tags.includes(element.tagName.toUpperCase()) && /taken/.test(element.outerHTML)
      || element.matches('base, meta[http-equiv], script:not([src^="/static/"])')
      || [...element.attributes].some(({name, value}) =>
        /^on|^hx-on|^style$|^srcdoc$/i.test(name)
        || /href$|^src$|action$/.test(name) && runs.test(value)
        || /^hx-(get|post)$/.test(name) && !value.startsWith('/')))
    .map(element => element.outerHTML.slice(0, 300));
}"""
"""What of a page is more than the desk itself puts there: the page that is open, or its text."""
WATCH = """document.addEventListener('securitypolicyviolation', violation =>
  violated(violation.violatedDirective + ' at ' + location.pathname))"""


@dataclass
class Watched:
    """A tab, and all that it complained of or that ran in it."""

    page: Page
    alarms: list[str] = field(default_factory=list)

    def begin(self) -> None:
        page = self.page
        page.expose_function("taken", lambda *_: self.alarms.append(f"taken on {page.url}"))
        page.expose_function("violated", lambda says: self.alarms.append(str(says)))
        page.add_init_script(WATCH)
        page.on("dialog", self.dismiss)
        page.on("pageerror", lambda error: self.alarms.append(str(error)))
        page.on("console", self.hear)

    def dismiss(self, dialog: Dialog) -> None:
        self.alarms.append(f"a dialog on {self.page.url}")
        dialog.dismiss()

    def hear(self, message: ConsoleMessage) -> None:
        # A page that is a refusal says so in the console, of itself.
        of_itself = message.location["url"] == self.page.url and "status of 4" in message.text
        if message.type in {"error", "warning"} and not of_itself:
            self.alarms.append(f"{message.text} on {self.page.url}")

    def look(self) -> None:
        """Nothing on this page is more than words."""
        assert self.page.evaluate(SCAN, None) == [], self.page.url
        assert "65513" not in self.page.content(), self.page.url
        assert self.alarms == []


@pytest.fixture(params=[False, True], ids=["behind the policy", "without the policy"])
def watched(request: pytest.FixtureRequest, browser: Browser) -> Iterator[Watched]:
    """A tab of a browser that keeps to the content security policy, and of one that ignores it:
    the policy is the second wall, and nothing may get as far as that."""
    with closing(browser.new_context(bypass_csp=request.param)) as context:
        tab = Watched(context.new_page())
        tab.begin()
        yield tab


@pytest.fixture
def database_url(sqlite_url: str) -> str:
    """One database is enough: how words are shown does not depend on which it is."""
    return sqlite_url


def test_there_are_such_words_in_every_column_that_takes_words(
    newsroom: Newsroom, desk: Flask
) -> None:
    fill(newsroom, desk, WORDS[:1])
    not_words = {name for names in NOT_WORDS.values() for name in names.split()}
    without = set()
    with newsroom.db.reading() as session:
        for table in Base.metadata.sorted_tables:
            for column in table.c:
                if isinstance(column.type, (String, JSON)):
                    values = json.dumps(session.scalars(select(column)).all(), default=str)
                    if "taken()" not in values:
                        without.add(f"{table.name}.{column.name}")

    differing = without ^ not_words
    assert not differing, "let `fill` write such words there, or say in NOT_WORDS why not"


@pytest.mark.browser
def test_words_stay_words_on_every_page(newsroom: Newsroom, desk: Flask, watched: Watched) -> None:
    some = things(newsroom, desk)
    rounds = fill(newsroom, desk, WORDS)
    page = watched.page
    with served(desk) as address:
        sign_in(page, address, newsroom.ana)
        paths = [path for _, path in looks(desk, {**some, **shared(newsroom)})]
        for came in rounds:
            paths += [
                path_of(rule, "the-daily", {**some, **came})
                for rule in rules(desk)
                if "GET" in (rule.methods or ()) and rule.arguments & {*came}
            ]
        for path in paths:
            page.goto(address + path)
            watched.look()
        # What is decided comes anew as a fragment, and is said aloud.
        page.goto(f"{address}/queue?order=oldest")
        for act in ("approve", "block"):
            done = page.locator("article.done").count()
            # Whichever came first: one that breaks no clause has none chosen.
            page.locator("[data-act=clause]").first.evaluate(
                "clauses => clauses.selectedIndex = clauses.options.length - 1"
            )
            page.locator(f"[data-act={act}]").first.click()
            expect(page.locator("article.done")).to_have_count(done + 1)
        page.evaluate("document.querySelectorAll('details').forEach(d => d.open = true)")
        watched.look()


@pytest.mark.browser
def test_what_an_address_or_a_form_says_comes_back_as_words(
    newsroom: Newsroom, desk: Flask, page: Page
) -> None:
    some = things(newsroom, desk)
    given(newsroom, Role.ADMIN)
    ana = at_desk(desk, newsroom.ana)
    bad = quote(ALL) + "%00%FF%ED%A0%80"

    raw = page.evaluate(SCAN, "".join(f"<p>{word}</p>" for word in WORDS[:2] + WORDS[10:]))
    assert len(raw) >= 6  # what is looked for is seen where it is

    def scan(asked: str, text: str) -> None:
        assert page.evaluate(SCAN, text) == [], asked
        assert "65513" not in text, asked

    for _, path in looks(desk, some):
        bare, _, query = path.partition("?")
        for name in parse_qs(query):
            asked = f"{bare}?{query}&".replace(f"{name}=", "left=") + f"{name}={bad}"
            scan(asked, ana.get(asked).text)

    asked_for = noted(desk)
    for rule in rules(desk):
        for method in (rule.methods or set()) - LOOKING:
            path = path_of(rule, "the-daily", some)
            ana.client.open(path, method=method, data=FORM | {"csrf_token": ana.token})
            if ana.get("/queue").status_code == 303:
                ana.sign_in(newsroom.ana)
            for name in asked_for.form[rule.endpoint] - {"csrf_token"}:
                form = FORM | {"csrf_token": ana.token, name: ALL}
                answer = ana.client.open(path, method=method, data=form)
                scan(f"{method} {path} {name}", answer.text)
                scan(f"after {method} {path} {name}", ana.get("/account").text)
