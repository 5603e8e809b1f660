"""The Daily after a long day: everything that can happen there has, once for each of the words
that people put wherever they can write something.

What a page shows, and what it costs, can then be looked at with one of each and with many.
"""

import json
from collections.abc import Sequence
from datetime import UTC, datetime
from typing import Any
from uuid import UUID

from flask import Flask
from sqlalchemy import select, update

from moderation import comments, flags, outside_verdicts
from moderation.desk.signing_in import client_of
from moderation.models import Comment, Identity, Moderator, Role, Site, Webhook
from moderation.redress import appeals, notices
from moderation.staff import moderators, people, sign_ins
from moderation.submission import AppealText, FlagReport, IllegalContent, OutsideDecision
from tests.desk.conftest import at_desk
from tests.desk.pages import Things
from tests.desk.visitor import Visitor
from tests.newsroom import NOON, POLICY, Newsroom, later


def fill(newsroom: Newsroom, desk: Flask, words: Sequence[str], *, begin: int = 0) -> list[Things]:
    """Let all of it happen with each of the words (at most 200 characters); answers, for each, the
    held comment, its commenter and its story that came with them.

    Beside those, one comment, one commenter and one story have it all happen to them (`shared`).
    `begin` is how many words there were before.
    """
    with newsroom.db.transaction() as session:
        moderators.assign(session, newsroom.ana, newsroom.daily, Role.ADMIN)
    ana = at_desk(desk, newsroom.ana)
    if not begin:
        newsroom.approved("Trams are late again.", external_id="root")
        newsroom.held("You are a fool, Tom.", external_id="talk")
    return [_happen(newsroom, ana, begin + nth, word) for nth, word in enumerate(words)]


def shared(newsroom: Newsroom) -> Things:
    """The comment, the commenter and the story that everything happens to."""
    return _of(newsroom, external_id="talk")


def _of(newsroom: Newsroom, **known: Any) -> Things:
    with newsroom.db.reading() as session:
        comment = session.scalars(select(Comment).filter_by(**known)).one()
    return {
        "comment_id": comment.id,
        "commenter_id": comment.commenter_id,
        "story_id": comment.story_id,
    }


def _happen(newsroom: Newsroom, ana: Visitor, nth: int, word: str) -> Things:
    unspaced = "".join(word.split())
    own: dict[str, Any] = {
        "commenter": {"id": f"{nth}{word}"[:200], "name": word},
        "story": {
            "id": f"{nth}{word}"[:200],
            "url": f"https://daily.example/{nth}/{unspaced}",
            "title": word,
            "section": word,
        },
    }
    newsroom.post_policy(_policy(word))
    held = newsroom.receive(word, external_id=f"{nth}{word}"[:200], **own)
    newsroom.receive(word, parent="root", commenter=own["commenter"])
    blocked, appealed, escalated, left = (newsroom.receive(word, **own) for _ in range(4))
    talk = shared(newsroom)
    root = _of(newsroom, external_id="root")["comment_id"]
    assert isinstance(root, UUID)
    assert isinstance(talk["comment_id"], UUID)
    report = FlagReport(reader=str(nth), reason="abusive", text=word)
    with newsroom.db.transaction() as session:
        comments.edit(session, newsroom.daily.id, talk["comment_id"], word, now=later(nth))
        for comment_id in (held, root, talk["comment_id"]):
            flags.flag(session, newsroom.daily.id, comment_id, report, now=later(nth))
        colleague_id = _staff(session, newsroom, nth, word)
    newsroom.judge({"insult": 0.83, "toxicity": 0.8})
    note: dict[str, Any] = {"note": word, "tray": "waiting"}
    for comment_id in (blocked, appealed):
        ana.act("block", comment_id, clause="personal-attacks", explanation=word, **note)
    ana.act("escalate", escalated, concern="other", **note)
    ana.act("later", left, **note)
    reply: dict[str, Any] = {"clause": "personal-attacks", "title": word[:80], "text": word}
    ana.post("/sites/the-daily/saved-replies", **reply)
    rita = f"/sites/the-daily/commenters/{talk['commenter_id']}"
    ana.post(f"{rita}/notes", text=word)
    ana.post(f"{rita}/block", reason=word)
    ana.post(f"{rita}/unblock")
    _appeal(newsroom, appealed, word)
    answered = _appeal(newsroom, blocked, word)
    with newsroom.db.transaction() as session:
        by: dict[str, Any] = {"moderator_id": colleague_id, "now": datetime.now(UTC)}
        appeals.uphold(session, newsroom.daily.id, answered, reason=word, **by)
        email = f"{nth}<taken()>@reader.example"
        who = {"name": word, "email": email}
        given = IllegalContent.model_validate(
            {"kind": "hatred", "text": word, "notifier": who, "good_faith": True}
        )
        told = notices.receive(session, newsroom.daily.id, escalated, given, now=NOON).complaint
        notices.leave(session, newsroom.daily.id, told.id, revision=1, reason=word, **by)
        # None of ours would be taken; what was once taken is shown. It is told of nothing.
        session.add(
            Webhook(
                site_id=newsroom.daily.id,
                url=f"https://daily.example/{nth}/{word}",
                events=[],
                secret="-",
                failures=0,
                created_at=NOON,
            )
        )
        outside = OutsideDecision(comment=str(held), status="approved")
        outside_verdicts.tell(session, newsroom.daily.id, [outside], now=later(nth))
    came = _of(newsroom, id=held)
    ana.post(f"/sites/the-daily/commenters/{came['commenter_id']}/block", reason=word)
    ana.get("/account")  # what was told is read: it would fill the cookie
    return came


def _appeal(newsroom: Newsroom, comment_id: UUID, word: str) -> UUID:
    words = AppealText(text=word)
    with newsroom.db.transaction() as session:
        filed = appeals.of_comment(
            session, newsroom.daily.id, comment_id, words, days=30, now=datetime.now(UTC)
        )
        return filed.complaint.id


def _staff(session: Any, newsroom: Newsroom, nth: int, word: str) -> UUID:
    """A colleague of that name, somebody invited, another browser of Ana's, the paper's name;
    answers the colleague's id."""
    local = "".join(letter for letter in word if letter.isprintable() and letter != " ")
    local = f"{local[:150]}{nth}".lower()
    colleague = Moderator(
        email=f"{local}@daily.example",
        name=word,
        password_hash=newsroom.ana.password_hash,
        created_at=NOON,
    )
    session.add(colleague)
    session.flush()
    moderators.assign(session, colleague, newsroom.daily)
    session.add(
        Identity(
            issuer=f"https://who.example/{word}",
            subject=f"{nth}{word}",
            moderator_id=colleague.id,
            joined_at=NOON,
        )
    )
    now = datetime.now(UTC)
    address = f"{local}@kim.example"
    people.invite(session, newsroom.daily.id, address, Role.LEAD, by=newsroom.ana.id, now=now)
    sign_ins.begin(session, newsroom.ana, hours=12, client=client_of(word), now=now)
    session.execute(update(Site).values(name=word))
    session.execute(update(Moderator).where(Moderator.id == newsroom.ana.id).values(name=word))
    return colleague.id


def _policy(word: str) -> str:
    said = json.dumps(word, ensure_ascii=False)  # as it is written in TOML too
    return (
        POLICY.replace('"What we print"', said)
        .replace('"Personal attacks"', said)
        .replace('"Keep it clean."', said)
    )
