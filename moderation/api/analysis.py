"""A text scored while the caller waits; nothing of it is stored, and nothing is decided."""

from moderation.api.answers import Analysis
from moderation.api.auth import needs, of_site
from moderation.api.problems import Kind, Problem
from moderation.interactive import NotScored
from moderation.models import Scope
from moderation.services import services
from moderation.submission import TextToScore

bp = of_site("analysis", "Analysis")


@bp.post("/analyze")
@needs(
    bp,
    Scope.ANALYZE,
    responses={503: "The text was not scored in time, or the database cannot be used."},
)
@bp.input(TextToScore, arg_name="asked", example={"text": "A fair point, well made."})
@bp.output(Analysis, description="The scores.")
def analyze_text(asked: TextToScore) -> Analysis:
    """Have a text scored.

    For a warning before a reader posts, or a system beside this one. It is no verdict: the policy
    is not asked, and nothing of the text is kept. Answered within a second, or refused (503).
    """
    try:
        scored = services().interactive.score(asked.text)
    except NotScored:
        raise Problem(Kind.NOT_SCORED) from None
    return Analysis(
        language=scored.language,
        readable=scored.language in services().model.languages,
        scores=scored.scores,
        quoted=scored.quoted,
        model=scored.model,
        model_version=scored.model_version,
    )
