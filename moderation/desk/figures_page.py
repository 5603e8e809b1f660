"""The site's figures: what came, what was held and decided, how long it took, by day."""

from datetime import date, timedelta
from typing import Any

from flask import render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import format_date, gettext

from moderation import posted_policies, site_settings
from moderation.desk import forms
from moderation.desk.charts import chart
from moderation.desk.door import desk, needs, now, own_site, person, see_other, tell
from moderation.desk.rule_words import rule_of
from moderation.figures import durations, hold_budgets, people, shares, site_figures, spot_checks
from moderation.models import Site
from moderation.services import services
from moderation.staff.roles import Right

AIM = timedelta(seconds=10)
"""What a card takes where the page is good: the median that the desk is built for."""


@desk.get("/sites/<slug>/figures")
def figures(slug: str) -> ResponseReturnValue:
    """Today and the weeks before. A moderator sees the site's, and their own beside them."""
    return _page(own_site(slug))


@desk.post("/sites/<slug>/figures/budget")
@needs(Right.FIGURES)
def set_hold_budget(slug: str) -> ResponseReturnValue:
    """Beyond how many held comments a day it is warned."""
    site = own_site(slug)
    budget = forms.whole(request.form.get("budget", ""), site_settings.HOLD_BUDGET_MAX)
    if budget is None:
        wrong = gettext(
            "A budget is 0 to %(most)s comments a day.", most=site_settings.HOLD_BUDGET_MAX
        )
        return _page(site, wrong=wrong), 422
    return _set(site, hold_budget=budget)


@desk.post("/sites/<slug>/figures/others")
@needs(Right.PEOPLE)
def set_figures_of_others(slug: str) -> ResponseReturnValue:
    """Whether leads see each moderator's figures."""
    return _set(own_site(slug), figures_of_others="shown" in request.form)


def _set(site: Site, **wanted: Any) -> ResponseReturnValue:
    by = person().moderator.id
    with services().db.transaction() as session:
        row = session.get_one(Site, site.id)
        site_settings.change(session, row, **wanted, moderator_id=by, now=now())
    tell(gettext("Set."))
    return see_other(url_for("desk.figures", slug=site.slug))


def _page(site: Site, wrong: str = "") -> str:
    slug, moment = site.slug, now()
    with services().db.reading() as session:
        shown = site_figures.figures(
            session, site.id, moderator_id=person().moderator.id, now=moment
        )
        posted = posted_policies.current(session, site.id)
        checked = spot_checks.tally(session, site.id, since=shown.since)
        holds = hold_budgets.today(session, [site], now=moment).get(site.id)
        colleagues = (
            people.colleagues(session, site.id, since=shown.since, now=moment)
            if site.figures_of_others and person().may(Right.FIGURES, slug)
            else None
        )
    days = shown.days
    waits = [day.waits for day in days]
    return render_template(
        "desk/figures.html",
        site=site,
        shown=shown,
        posted=posted,
        checked=checked,
        holds=holds,
        colleagues=colleagues,
        wrong=wrong,
        budget_max=site_settings.HOLD_BUDGET_MAX,
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
        pause=durations.PAUSE,
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
