"""The full installation as a new operator would walk through it, from no table to a decision."""

import http.cookiejar
import re
import urllib.parse
import urllib.request
from contextlib import closing
from typing import Any

from tests.full.installation import SECONDS, Installation
from tests.full.site import Connection
from tests.newsroom import PASSWORD
from tests.processes import until

KIND = "Thank you, that was a lovely article about the bees."
RUDE = "You are an idiot, Tom, and a liar."


class Desk:
    """Ana's browser: keeps cookies, and sends forms with the token of the page that it is on."""

    def __init__(self, address: str) -> None:
        self._address = address
        jar = urllib.request.HTTPCookieProcessor(http.cookiejar.CookieJar())
        self._opener = urllib.request.build_opener(jar)
        self._token = ""

    def get(self, path: str) -> str:
        return self._read(self._address + path)

    def send(self, path: str, **form: str) -> str:
        body = urllib.parse.urlencode({"csrf_token": self._token} | form).encode()
        return self._read(self._address + path, body)

    def _read(self, address: str, body: bytes | None = None) -> str:
        with self._opener.open(address, body, timeout=SECONDS) as answer:
            page: str = answer.read().decode()
        if found := re.search(r'name="csrf_token" value="([^"]+)"', page):
            self._token = found[1]
        return page


def judged(site: Connection, comment_id: str) -> dict[str, Any]:
    def found() -> dict[str, Any] | None:
        status, _, comment = site.call("GET", f"/comments/{comment_id}")
        assert status == 200, comment
        return None if comment["status"] == "received" else dict(comment)

    return until(found)


def posted(site: Connection, text: str) -> str:
    body = {"story": {"id": "tram-7"}, "commenter": {"id": "rita"}, "text": text}
    status, _, answer = site.call("POST", "/comments", body)
    assert status == 202, answer
    return str(answer["id"])


def test_from_no_table_to_a_decision(installation: Installation) -> None:
    installation.up()
    [web] = installation.of("web")
    run = installation.moderation
    run("site", "add", "the-daily", "--name", "The Daily")
    scopes = [word for scope in ("submit", "read", "analyze") for word in ("--scope", scope)]
    key = run("site", "key", "add", "the-daily", *scopes).strip()
    assert run("policy", "post", "the-daily", "-", given=run("policy", "show")).strip() == "1"
    ana = ("moderator", "add", "ana@daily.example", "--site", "the-daily", "--password-stdin")
    run(*ana, given=f"{PASSWORD}\n")

    with closing(Connection(web.address, key)) as site:
        assert judged(site, posted(site, KIND))["status"] == "approved"
        rude = judged(site, posted(site, RUDE))
        assert rude["status"] == "held"

        status, _, analysis = site.call("POST", "/analyze", {"text": RUDE})
        assert (status, analysis["scores"]) == (200, rude["scores"][0]["attributes"])

        desk = Desk(web.address)
        desk.get("/login")
        assert rude["id"] in desk.send("/login", email="ana@daily.example", password=PASSWORD)
        address = f"/sites/the-daily/comments/{rude['id']}"
        clause = rude["decision"]["clause"]["key"]
        desk.send(f"{address}/block", revision="1", status="held", clause=clause)
        status, _, feed = site.call("GET", "/decisions?after=0")
        assert status == 200
        assert [(line["status"], line["by"]) for line in feed["decisions"]] == [
            ("approved", "policy"),
            ("held", "policy"),
            ("blocked", "moderator"),
        ]

        # One worker more, and one of the first two goes: what is posted is judged all the same.
        more = installation.start("worker")
        installation.all_healthy([more])
        assert installation.of("worker")[0].stop() == 0
        assert judged(site, posted(site, "And thank you for the one about the wasps."))

    assert [process.stop() for process in installation.of("worker")] == [0, 0]
    assert [process.stop() for process in installation.of("interactive")] == [0]
    assert web.stop() == 0
    said = installation.logs()
    assert not [word for word in (KIND, RUDE, key, "ana@daily.example") if word in said]
