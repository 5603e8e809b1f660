"""What is dealt to a moderator: a handful of cards that nobody else is dealt, and the next one."""

from flask import render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext

from moderation import posted_policies, queue
from moderation.desk import filters
from moderation.desk.door import desk, now, own_site, person, see_other, tell
from moderation.desk.tabs import shown_sites
from moderation.queue import dealing
from moderation.services import services


@desk.get("/hand")
def hand() -> ResponseReturnValue:
    """What the moderator has in hand: was dealt, or looked at just now, and waits still."""
    me = person().moderator
    with services().db.reading() as session:
        shown = shown_sites(session)
        posted = posted_policies.current_of_sites(session, shown.ids)
        page = queue.in_hand(session, shown.ids, moderator_id=me.id, now=now())
    return render_template(
        "desk/hand.html",
        page=page,
        view=filters.read({}, clauses=(), now=now()),
        shown=shown,
        policies=[(site, posted[site.id]) for site in shown.sites.values()],
        minutes=dealing.LASTS_SECONDS // 60,
    )


@desk.post("/hand", endpoint="deal")
def deal() -> ResponseReturnValue:
    """Fill the hand with what waits and nobody has open, urgent ones first."""
    slug, me = request.form.get("site") or None, person().moderator
    asked = [own_site(slug)] if slug else person().sites.values()
    ids = [site.id for site in asked]
    with services().db.transaction() as session:
        dealt = dealing.deal(session, ids, moderator_id=me.id, languages=me.reads)
        has_some = dealt or queue.count_in_hand(session, ids, moderator_id=me.id)
    if not has_some:
        tell(gettext("Nothing waits that you read and nobody has open. Here is all that waits."))
        return see_other(url_for("desk.queue", site=slug))
    return see_other(url_for("desk.hand", site=slug))
