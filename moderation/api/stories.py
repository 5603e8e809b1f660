"""Stories: what stands under them, what the site says of them, closed and opened."""

from datetime import UTC, datetime
from typing import Annotated

from pydantic import BaseModel, ConfigDict, Field, TypeAdapter, ValidationError

from moderation import reading, stories, threads
from moderation.api.answers import PostedPolicyAnswer, ShownComment, StoryAnswer, StoryComments
from moderation.api.auth import caller, needs, of_site
from moderation.api.bodies import Whole, faults_of
from moderation.api.problems import Kind, Problem
from moderation.models import Scope
from moderation.services import services
from moderation.submission import ExternalId, StoryFacts

bp = of_site("stories", "Stories")
PAGE = 50
PAGE_MAX = 200
STORY = {
    "id": "tram-7",
    "url": "https://daily.example/tram-7",
    "title": "Tram line 7 reopens",
    "section": "City",
    "closed": False,
}
_external_id: TypeAdapter[str] = TypeAdapter(ExternalId)


class PageQuery(BaseModel):
    """Which page."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    after: Annotated[str, Field(pattern=threads.CURSOR)] | None = Field(
        None, description="`next` of the page before. Empty: from the beginning."
    )
    limit: Annotated[int, Field(ge=1, le=PAGE_MAX), Whole] = Field(
        PAGE, description="Most comments in the answer."
    )


@bp.get("/stories/<external_id:story>/comments")
@needs(bp, Scope.READ)
@bp.input(PageQuery, location="query", arg_name="page")
@bp.output(StoryComments, description="A page of comments, for readers.")
def list_story_comments(story: str, page: PageQuery) -> StoryComments:
    """Read the comments under a story.

    Approved ones alone, thread by thread, oldest first, each reply right below what it answers
    (`depth`), with the policy posted under them. A comment that was blocked, erased or withdrawn
    leaves a tombstone without words while replies to it are shown; replies to one that was never
    public are shown once it is. Those are counted in `count` already.
    """
    after = threads.Place.parse(page.after) if page.after is not None else None
    with services().db.reading() as session:
        found = reading.under_story(session, caller().site_id, story, after=after, limit=page.limit)
        return StoryComments(
            story=StoryAnswer.of(found.story),
            count=found.count,
            policy=PostedPolicyAnswer.of(found.policy) if found.policy else None,
            comments=[ShownComment.of(comment) for comment in found.comments],
            next=str(found.next) if found.next else None,
        )


@bp.put("/stories/<last_external_id:story>")
@needs(bp, Scope.SUBMIT, responses={201: "The story is known from now on."})
@bp.input(StoryFacts, arg_name="facts", example={k: STORY[k] for k in ("url", "title", "section")})
@bp.output(StoryAnswer, description="The story was known, and is up to date.", example=STORY)
def put_story(story: str, facts: StoryFacts) -> tuple[StoryAnswer, int]:
    """Make a story known.

    Or bring it up to date. What is left out stays as it is. Not needed before a comment: the first
    one makes its story known too.
    """
    try:
        _external_id.validate_python(story)
    except ValidationError as error:
        raise Problem(Kind.INVALID, errors=faults_of(error, "story")) from None
    with services().db.transaction() as session:
        row, is_new = stories.put(session, caller().site_id, story, facts, now=datetime.now(UTC))
    return StoryAnswer.of(row), 201 if is_new else 200


@bp.post("/stories/<external_id:story>/close")
@needs(bp, Scope.MODERATE)
@bp.output(StoryAnswer, description="It takes no more comments.", example=STORY | {"closed": True})
def close_story(story: str) -> StoryAnswer:
    """Close a story.

    It takes no more comments. What stands there stays, and can still be edited.
    """
    with services().db.transaction() as session:
        row = stories.close(session, caller().site_id, story, now=datetime.now(UTC))
    return StoryAnswer.of(row)


@bp.post("/stories/<external_id:story>/open")
@needs(bp, Scope.MODERATE)
@bp.output(StoryAnswer, description="It takes comments again.", example=STORY)
def open_story(story: str) -> StoryAnswer:
    """Open a story again."""
    with services().db.transaction() as session:
        row = stories.reopen(session, caller().site_id, story, now=datetime.now(UTC))
    return StoryAnswer.of(row)
