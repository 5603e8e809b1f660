"""The site's discussion policy: the version in force, and posting the next one."""

from datetime import UTC, datetime

from flask import url_for

from moderation import posted_policies
from moderation.api.answers import PolicyAnswer, PolicyVersion
from moderation.api.auth import caller, needs, of_site
from moderation.models import Scope, Site
from moderation.services import services
from moderation.sites import NotFound
from moderation.submission import PolicySource

bp = of_site("policies", "Policy")
EXAMPLE = """\
title = "What we print"
text = "Write as you would speak to a neighbour."

[[clauses]]
key = "personal-attacks"
title = "Personal attacks"
text = "Argue with what was said, not with who said it."

[[clauses.rules]]
attribute = "insult"
hold = 0.6
"""


@bp.get("/policy")
@needs(bp, Scope.READ)
@bp.output(PolicyAnswer, description="The version in force.")
def get_policy() -> PolicyAnswer:
    """Read the policy in force.

    Not found while the site has posted none: then every comment is held.
    """
    with services().db.reading() as session:
        posted = posted_policies.current(session, caller().site_id)
    if posted is None:
        raise NotFound("policy")
    return PolicyAnswer.of(posted)


@bp.post("/policy")
@needs(bp, Scope.ADMIN)
@bp.input(PolicySource, arg_name="policy", example={"toml": EXAMPLE})
@bp.output(PolicyVersion, status_code=201, description="The new version.", example={"version": 4})
def post_policy(policy: PolicySource) -> tuple[PolicyVersion, int, dict[str, str]]:
    """Post a policy.

    The new version is in force at once. It judges what is judged from now on; nothing is judged
    again. A policy with a mistake in it is refused as a whole, with every mistake named.
    """
    model = services().model
    with services().db.transaction() as session:
        version = posted_policies.post(
            session,
            session.get_one(Site, caller().site_id),
            policy.toml,
            attributes=model.attributes,
            model_version=model.version,
            now=datetime.now(UTC),
        )
    location = url_for("policies.get_policy", site=caller().site)
    return PolicyVersion(version=version), 201, {"Location": location}
