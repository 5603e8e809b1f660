"""From a decision to the next card on the screen, in a real browser."""

import time
from collections.abc import Iterator
from statistics import median, quantiles

from playwright.sync_api import Page, sync_playwright

from bench.papers import Papers
from bench.servers import environment, web
from bench.table import Row, Target, shown
from moderation.paging import CARDS
from tests import services
from tests.newsroom import PASSWORD

ROUNDS = 100
PAINTED = Target(side="at most", value=150, unit=" ms")
WATCH = """
window.took = [];
addEventListener("keydown", () => { window.began = performance.now(); }, true);
addEventListener("focusin", (event) => {
  const card = event.target.closest("article.card.open");
  if (!card || window.began === undefined) return;
  const began = window.began;
  window.began = undefined;
  // The first frame has been painted when the second one is asked for.
  requestAnimationFrame(() => requestAnimationFrame(() => took.push(performance.now() - began)));
});
"""


def rows(papers: Papers, redis_url: str, *, quick: bool) -> Iterator[Row]:
    """The key that approves, and when the next card has the focus and is painted."""
    with (
        web(environment(papers.url, redis_url)) as service,
        sync_playwright() as playwright,
    ):
        browser = playwright.chromium.launch(
            executable_path=services.chromium(), args=list(services.CHROMIUM_FLAGS)
        )
        page = browser.new_page()
        page.add_init_script(WATCH)
        address = f"http://127.0.0.1:{service.port}"
        page.goto(f"{address}/login")
        page.fill("#email", papers.newsroom.ana.email)
        page.fill("#password", PASSWORD)
        page.click("button >> nth=0")
        page.wait_for_url("**/queue")
        took: list[float] = []
        while len(took) < (ROUNDS // 5 if quick else ROUNDS):
            page.goto(f"{address}/queue?site=the-daily")
            took += _decided(page)
        browser.close()
    p95 = quantiles(took, n=20)[-1]
    yield Row(
        what="desk, from a decision to the next card painted",
        figure=p95,
        unit=" ms",
        measured=f"p50 {shown(median(took))}, p95 {shown(p95)} ms of {len(took)} decisions",
        reference="in Chromium beside the service on the same cores, from the key to the frame"
        " after the one in which the next card has the focus: up to 17 ms more than anybody sees",
        target=PAINTED,
    )


def _decided(page: Page) -> list[float]:
    """Milliseconds of each decision on one page, one key after the other; after its last card none
    is next."""
    page.keyboard.press("j")
    page.wait_for_timeout(200)
    page.evaluate("window.took = []; window.began = undefined")
    for number in range(CARDS - 1):
        page.keyboard.press("a")
        deadline = time.monotonic() + 10
        while page.evaluate("window.took.length") <= number:
            if time.monotonic() > deadline:
                raise RuntimeError("no next card came")
            page.wait_for_timeout(20)
        page.wait_for_timeout(100)
    found: list[float] = page.evaluate("window.took")
    return found
