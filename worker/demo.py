"""What a first `moderation run` shows: a site with a policy, stories, comments and a moderator."""

import secrets
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

from sqlalchemy import select

from config.model import ModelFacts
from config.settings import STARTER_POLICY
from moderation import comments, posted_policies, site_keys, sites
from moderation.db import Database
from moderation.models import Role, Scope, Site
from moderation.staff import moderators
from moderation.submission import Submission

SLUG = "the-daily"
EMAIL = "ana@daily.example"
STORIES = {
    "tram-7": ("Tram line 7 reopens after two years of works", "City"),
    "budget": ("Council passes the budget by one vote", "Politics"),
    "bees": ("The beekeepers on the roof of the opera", "Weekend"),
}
COMMENTS: tuple[tuple[str, str, str, str | None], ...] = (
    ("tram-7", "rita", "Two years late, but the new stops have ramps at last. Well done.", None),
    ("tram-7", "tom", "The minister's promise was worthless, as every promise of his is.", None),
    ("tram-7", "kim", "You are an idiot, Tom, and everybody here knows it.", "1"),
    ("tram-7", "lev", "Спасибо строителям, теперь до центра десять минут.", None),
    ("budget", "rita", "A terrible budget. Nobody who rents was asked, and it shows.", None),
    ("budget", "zoe", "Shut your filthy mouth or I will come and shut it for you.", "4"),
    ("budget", "sam", "My mobile is +44 20 7946 0958, call me and I explain the figures.", None),
    ("budget", "ali", "The war took a third of the city's income; forty people were killed.", None),
    ("bees", "mia", "My grandmother kept bees on a balcony for thirty years!", None),
    ("bees", "kim", "What a load of crap, they will sting every damn visitor.", None),
    ("bees", "noa", "Ձեր մեղրը շատ համեղ է, շնորհակալություն։", None),
)
"""Story, commenter, text, and the number (from 0) of the comment it replies to."""


@dataclass(frozen=True, slots=True)
class Demo:
    """What its owner must be told; password and key are kept nowhere in the clear."""

    password: str
    key: str


def make_if_empty(db: Database, model: ModelFacts) -> Demo | None:
    """Make the demo site, unless there is a site already."""
    now = datetime.now(UTC)
    with db.transaction() as session:
        if session.scalar(select(Site.id).limit(1)) is not None:
            return None
        site = sites.add(session, SLUG, name="The Daily", now=now)
        _, key = site_keys.add(session, site, [Scope.ADMIN], now=now)
        posted_policies.post(
            session,
            site,
            STARTER_POLICY.read_text(encoding="utf-8"),
            attributes=model.attributes,
            model_version=model.version,
            now=now,
        )
        password = secrets.token_urlsafe(12)
        ana = moderators.add(session, EMAIL, password, name="Ana", now=now)
        moderators.assign(session, ana, site, Role.ADMIN)
        comments.receive(session, site.id, _submissions(now), now=now)
    return Demo(password=password, key=key)


def _submissions(now: datetime) -> list[Submission]:
    first = now - timedelta(minutes=3 * len(COMMENTS))
    return [
        Submission.model_validate(
            {
                "story": {
                    "id": story,
                    "url": f"https://daily.example/{story}",
                    "title": STORIES[story][0],
                    "section": STORIES[story][1],
                },
                "commenter": {"id": commenter, "name": commenter.title()},
                "text": text,
                "external_id": f"demo-{number}",
                "created_at": (first + timedelta(minutes=3 * number)).isoformat(),
            }
            | ({"parent": f"demo-{parent}"} if parent else {})
        )
        for number, (story, commenter, text, parent) in enumerate(COMMENTS)
    ]


def welcome(demo: Demo, address: str) -> str:
    """How to look around, shown once."""
    comment = (
        '{"story": {"id": "tram-7"}, "commenter": {"id": "reader-2207", "name": "Nina"},'
        ' "text": "You are a disgrace, Tom."}'
    )
    return f"""
The demo site "The Daily" is ready. These are shown once:

  Queue page   {address}/
  E-mail       {EMAIL}
  Password     {demo.password}

  Post a comment:
    curl {address}/api/v1/sites/{SLUG}/comments \\
      -H 'Authorization: Bearer {demo.key}' \\
      -H 'Content-Type: application/json' \\
      -d '{comment}'

  What the API takes and answers: {address}/api/docs
"""
