"""The site's figures: what came, what was held and decided, how long it took, by day."""

from datetime import date, timedelta

from flask import render_template
from flask.typing import ResponseReturnValue
from flask_babel import format_date, gettext

from moderation import shares, site_figures, sites, spot_checks
from moderation.desk.charts import chart
from moderation.desk.door import desk, now, own_site, person
from moderation.desk.rule_words import in_words
from moderation.services import services
from moderation.site_figures import Precision
from moderation.sites import CurrentPolicy

AIM = timedelta(seconds=10)
"""What a card takes where the page is good: the median that the desk is built for."""


@desk.get("/sites/<slug>/figures")
def figures(slug: str) -> ResponseReturnValue:
    """Today and the weeks before. A moderator sees the site's, and their own beside them."""
    site = own_site(slug)
    with services().db.reading() as session:
        shown = site_figures.figures(
            session, site.id, moderator_id=person().moderator.id, now=now()
        )
        posted = sites.current_policy(session, site.id)
        checked = spot_checks.tally(session, site.id, since=shown.since)
    days = shown.days
    waits = [day.waits for day in days]
    return render_template(
        "desk/figures.html",
        site=site,
        shown=shown,
        posted=posted,
        checked=checked,
        came=chart([day.received for day in days], [day.held for day in days]),
        people=chart([day.people.total for day in days], [day.people.blocked for day in days]),
        waited=chart(
            [one.p90.total_seconds() if one else 0.0 for one in waits],
            [one.median.total_seconds() if one else 0.0 for one in waits],
        ),
        queue=chart(shown.hours),
        longest=max((one.p90 for one in waits if one), default=None),
        lasting=lasting,
        day_of=day_of,
        rule_of=rule_of,
        confidence=shares.CONFIDENCE,
        pause=site_figures.PAUSE,
        aim=AIM,
    )


def lasting(length: timedelta) -> str:
    """`40 s`, `12 min`, `3.5 h`, `2.1 days`."""
    seconds = length.total_seconds()
    if seconds < 60:
        return str(gettext("%(number)s s", number=f"{seconds:.0f}"))
    if seconds < 3600:
        return str(gettext("%(number)s min", number=f"{seconds // 60:.0f}"))
    if seconds < 86400:
        return str(gettext("%(number)s h", number=f"{seconds / 3600:.1f}"))
    return str(gettext("%(number)s days", number=f"{seconds / 86400:.1f}"))


def day_of(day: date) -> str:
    """`4 May`."""
    return str(format_date(day, "d MMMM"))


def rule_of(one: Precision, posted: CurrentPolicy | None) -> str:
    """What the rule looks for in the version in force; its key where that has none such."""
    clause = posted.policy.clause(one.clause) if posted else None
    rules = clause.rules if clause else ()
    named = (in_words(rule) for rule in rules if rule.key == one.rule)
    return next(named, None) or str(gettext("rule %(key)s", key=one.rule))
