"""A site's policy: its versions and their differences; another one tried out, and posted."""

from dataclasses import dataclass

from flask import abort, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext, lazy_gettext

from config.settings import STARTER_POLICY
from moderation import dry_run, limits, policy, posted_policies
from moderation.desk import forms
from moderation.desk.door import desk, needs, now, own_site, person, see_other, tell
from moderation.models import Site
from moderation.posted_policies import Posted
from moderation.services import services
from moderation.staff.roles import Right

VERSIONS = 50
"""Versions listed on one page."""
NUMBER_MAX = 10**9 - 1
"""Of a version, and of what a form counts."""
DRY_RUNS = "6/minute"
"""Of one person: each may keep a processor busy for seconds."""
EXAMPLES = 5
"""Comments shown of those that flip alike and that persons decided alike."""
OUTCOMES = {
    policy.Outcome.APPROVE: lazy_gettext("approved"),
    policy.Outcome.HOLD: lazy_gettext("held"),
    policy.Outcome.BLOCK: lazy_gettext("blocked"),
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Offered:
    """A policy's file that is not posted: its text, over how many verdicts to try it, and after
    which version it was looked at (0: the site had none)."""

    source: str
    last: int = dry_run.LAST
    following: int = 0


@desk.get("/policy")
def policies() -> ResponseReturnValue:
    """The policies of the moderator's sites; with one site, its own page."""
    shown = person().sites
    if len(shown) == 1:
        return redirect(url_for("desk.policy", slug=next(iter(shown))))
    with services().db.reading() as session:
        posted = [(site, posted_policies.current(session, site.id)) for site in shown.values()]
    return render_template("desk/policies.html", posted=posted)


@desk.get("/sites/<slug>/policy", endpoint="policy")
def show_policy(slug: str) -> ResponseReturnValue:
    """One version, the newest unless `version` says other, beside another one (`against`)."""
    site = own_site(slug)
    version, against, before = _number("version"), _number("against"), _number("before")
    with services().db.reading() as session:
        in_force = posted_policies.current(session, site.id)
        listed = posted_policies.versions(session, site.id, before=before, limit=VERSIONS + 1)
        if version is None and in_force is not None:
            version = in_force.version
        if against is None and version is not None:
            against = version - 1
        read = posted_policies.of_versions(session, site.id, {n for n in (version, against) if n})
    if version is not None and version not in read:
        abort(404)
    return render_template(
        "desk/policy.html",
        site=site,
        in_force=in_force,
        posted=read.get(version or 0),
        against=read.get(against or 0),
        versions=listed[:VERSIONS],
        earlier=listed[VERSIONS - 1][0] if len(listed) > VERSIONS else None,
        differences=policy.differences,
        offered=Offered(source=in_force.source if in_force else _starter()),
        last_max=dry_run.LAST_MAX,
        may_post=person().may(Right.POLICY, slug),
    )


@desk.post("/sites/<slug>/policy/try")
def try_policy(slug: str) -> ResponseReturnValue:
    """What the policy in the form would do with the comments judged lately. Changes nothing."""
    return _tried(own_site(slug), _offered())


@desk.post("/sites/<slug>/policy")
@needs(Right.POLICY)
def post_policy(slug: str) -> ResponseReturnValue:
    """Post the policy that was tried as the site's new version. Judges nothing again."""
    site, offered = own_site(slug), _offered()
    model = services().model
    try:
        with services().db.transaction() as session:
            version = posted_policies.post(
                session,
                site,
                offered.source,
                attributes=model.attributes,
                model_version=model.version,
                following=offered.following,
                moderator_id=person().moderator.id,
                now=now(),
            )
    except policy.PolicyError:
        return _tried(site, offered)
    except posted_policies.PostedMeanwhile as meanwhile:
        says = gettext(
            "Version %(version)s was posted meanwhile, so this one was not."
            " Below is what would change now.",
            version=meanwhile.version,
        )
        return _tried(site, offered, says)
    tell(
        gettext(
            "Version %(version)s is posted. Comments are judged by it from now on; none is again.",
            version=version,
        )
    )
    return see_other(url_for("desk.policy", slug=slug))


def _tried(site: Site, offered: Offered, says: str = "") -> ResponseReturnValue:
    """The page of a policy that is not posted: its mistakes, or what it would do."""
    problems: list[policy.Problem] = []
    other = run = None
    with services().db.reading() as session:
        in_force = posted_policies.current(session, site.id)
    following = in_force.version if in_force else 0
    try:
        parsed = policy.parse(offered.source, services().model.attributes)
    except policy.PolicyError as error:
        problems = error.problems
    else:
        other = Posted(following + 1, offered.source, now(), parsed)
        run = _run(site, in_force, parsed, offered.last)
    # None of one that is too long: a million line ends would make a page of 90 MB.
    too_long = len(offered.source) > policy.MAX_SOURCE_BYTES
    was = in_force.source if in_force else ""
    page = render_template(
        "desk/policy_tried.html",
        site=site,
        in_force=in_force,
        offered=offered,
        following=following,
        other=other,
        problems=problems,
        run=run,
        outcomes=OUTCOMES,
        says=says,
        differences=None if too_long else policy.differences(was, offered.source),
        examples=EXAMPLES,
        last_max=dry_run.LAST_MAX,
        may_post=person().may(Right.POLICY, site.slug),
    )
    return page, 409 if says else 422 if problems else 200


def _run(site: Site, in_force: Posted | None, other: policy.Policy, last: int) -> dry_run.DryRun:
    limits.count(DRY_RUNS, str(person().moderator.id), "dry run")
    with services().db.reading() as session:
        kept = dry_run.judged_lately(session, site.id, last=last, now=now())
    # With nothing open: word lists and repeats of thousands of comments take their time.
    return dry_run.try_out(
        in_force.policy if in_force else None,
        other,
        kept,
        readable=dry_run.readable_at(site, services().model),
    )


def _offered() -> Offered:
    """What the form says; a file that was chosen goes before what stands in the field."""
    file = request.files.get("file")
    source = request.form.get("source", "")
    if file is not None and file.filename:
        # What is no UTF-8 shows as such where it stands, and is no TOML.
        source = file.read().decode(errors="replace")
    # A field's line ends travel as CRLF, whatever they were.
    source = source.replace("\r\n", "\n")
    last = forms.whole(request.form.get("last", ""), NUMBER_MAX)
    return Offered(
        source=source,
        last=dry_run.LAST if last is None else min(max(last, 1), dry_run.LAST_MAX),
        following=forms.whole(request.form.get("following", ""), NUMBER_MAX) or 0,
    )


def _number(name: str) -> int | None:
    """A number from the address; 404 for what is none."""
    if name not in request.args:
        return None
    number = forms.whole(request.args[name], NUMBER_MAX)
    return abort(404) if number is None else number


def _starter() -> str:
    return STARTER_POLICY.read_text(encoding="utf-8")
