"""What happens while a page of the queue is open: the page asks, and is told."""

from collections.abc import Iterable
from datetime import datetime, timedelta
from uuid import UUID

from flask import abort, render_template, request
from flask.typing import ResponseReturnValue

from moderation import cards
from moderation.desk import forms
from moderation.desk.door import desk, now, own_path, own_site, person
from moderation.desk.tabs import tab_counts
from moderation.models import Site, Tray
from moderation.paging import EPOCH
from moderation.queue import arrivals as since_then
from moderation.services import services

COMMITTED_WITHIN = timedelta(seconds=10)
"""Between a move's moment and its commit: no act at the desk takes longer."""
SEQ_MAX = 10**18 - 1
MILLISECONDS_MAX = 10**13 - 1


@desk.get("/queue/arrivals")
def arrivals() -> ResponseReturnValue:
    """What happened since the page was made: how many came, and cards that colleagues decided or
    laid elsewhere.

    `seen` are the sites' numbers of the last decision when the page was made, `told` when it was
    last told of decisions; `since` is when it was last told of moves, in milliseconds since 1970.
    """
    moment, me = now(), person().moderator.id
    seen, told, since = _parsed_numbers("seen"), _parsed_numbers("told"), _since(moment)
    with services().db.reading() as session:
        number = since_then.arrived(session, seen)
        keys = since_then.decided_by_others(session, told, moderator_id=me)
        keys += since_then.moved_by_others(session, told, since=since, moderator_id=me)
        # Taken back and laid aside since, one would be told of twice.
        done = cards.cards(session, list(dict.fromkeys(keys)), now=now())
        tabs = tab_counts(session, seen)
    return render_template(
        "desk/arrivals.html",
        number=number,
        tabs=tabs,
        done=done,
        tray=Tray.WAITING,  # the only tab that asks
        seen=request.args.getlist("seen"),
        told=numbers(site for site in person().sites.values() if site.id in told),
        since=told_up_to(moment),
        site=request.args.get("site"),
        back=own_path(request.args.get("back")),
        here=own_path(request.args.get("here")),
    )


def numbers(shown: Iterable[Site]) -> list[str]:
    """Each site's number of its last decision, as `arrivals` reads it back.

    Taken with the sign-in, so before the cards were read: one decided in between is told twice
    rather than never.
    """
    return [f"{site.slug}:{site.decisions_seq}" for site in shown]


def _parsed_numbers(name: str) -> dict[UUID, int]:
    numbers = {}
    for entry in request.args.getlist(name):
        slug, _, number = entry.partition(":")
        seq = forms.whole(number, SEQ_MAX)
        numbers[own_site(slug).id] = abort(400) if seq is None else seq
    return numbers


def told_up_to(moment: datetime) -> int:
    """As `_since` reads it back: what was moved just before may not be committed yet, and is
    rather told twice than never."""
    return (moment - COMMITTED_WITHIN - EPOCH) // timedelta(milliseconds=1)


def _since(moment: datetime) -> datetime:
    """Since when moves are to be told; without it, none of before this moment."""
    if "since" not in request.args:
        return EPOCH + timedelta(milliseconds=told_up_to(moment))
    milliseconds = forms.whole(request.args["since"], MILLISECONDS_MAX)
    return abort(400) if milliseconds is None else EPOCH + timedelta(milliseconds=milliseconds)
