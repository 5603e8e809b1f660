"""Somebody at the desk without a browser."""

import re
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from flask.testing import FlaskClient
from werkzeug.test import TestResponse

from moderation.models import Moderator
from tests.newsroom import PASSWORD

TOKEN = re.compile(r'name="csrf_token" value="([^"]+)"')


@dataclass
class Visitor:
    """Somebody with a browser without JavaScript: keeps cookies, sends forms with their token."""

    client: FlaskClient
    token: str = ""

    def get(self, path: str, **options: Any) -> TestResponse:
        answer = self.client.get(path, **options)
        if found := TOKEN.search(answer.text):
            self.token = found[1]
        return answer

    def post(self, path: str, *, htmx: bool = False, **form: Any) -> TestResponse:
        headers = {"HX-Request": "true"} if htmx else {}
        return self.client.post(path, data={"csrf_token": self.token} | form, headers=headers)

    def sign_in(self, moderator: Moderator, password: str = PASSWORD, **form: Any) -> TestResponse:
        self.get("/login")
        answer = self.post("/login", email=moderator.email, password=password, **form)
        if answer.status_code == 303:
            self.get("/queue")
        return answer

    def act(
        self, what: str, comment_id: UUID, *, site: str = "the-daily", **form: Any
    ) -> TestResponse:
        """Approve or block a held comment, as its card's form does."""
        seen = {"revision": "1", "status": "held"}
        return self.post(f"/sites/{site}/comments/{comment_id}/{what}", **seen | form)
