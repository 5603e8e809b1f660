"""A client of the API for a site written in Python.

This one file, requests and Python 3.11: copy it, or install the service's package and import it
from there. It imports nothing of the service. The methods of `Site` are named as the operations of
the API's description (`/api/openapi.json`, to be read at `/api/docs`), which says what each one
does; the types here are what is sent and answered, as JSON.

    daily = Site("https://moderation.daily.example", "the-daily", key)
    taken = daily.post_comment(
        {"story": {"id": "tram-7"}, "commenter": {"id": "rita"}, "text": "A fair point."}
    )
    for decision in daily.decisions(after=cursor):
        ...
"""

import time
import uuid
from collections.abc import Iterator, Mapping, Sequence
from typing import Any, Literal, NotRequired, TypedDict, cast
from urllib.parse import quote

import requests

SECONDS = 10.0
"""How long an answer is waited for, unless another time is asked for."""
TRIES = 3
"""How often a request is made that may be repeated, before it is given up."""
LONGEST_PAUSE = 10.0
"""Seconds. An answer may ask for a longer one: then it is for the caller to come back."""

Status = Literal["received", "held", "approved", "blocked"]


# --- what is sent and answered -------------------------------------------------------------------


class Accepted(TypedDict):
    """The comment is taken in. It will be scored and judged in a moment."""

    id: str
    repeat: bool
    revision: int
    status: Status
    url: str


class Analysis(TypedDict):
    """What the model makes of a text."""

    language: str | None
    model: str
    model_version: str
    quoted: dict[str, float] | None
    readable: bool
    scores: dict[str, float]


class AppealDecision(TypedDict):
    """Who decided about an appeal. Always a person."""

    moderator: str | None
    own: bool
    reason: str | None


class AppealAnswer(TypedDict):
    """An appeal of a block, as it stands now."""

    comment: str | None
    commenter: str
    decision: AppealDecision | None
    ended_at: str | None
    id: str
    outcome: str | None
    received_at: str
    reference: str
    sentences: list[str]
    seq: int | None
    settled_by: str | None
    text: str | None


class AppealTaken(AppealAnswer):
    """The appeal is taken in."""

    repeat: bool
    url: str


class Appeals(TypedDict):
    """A page of the feed of appeals that have ended, or wait again."""

    appeals: list[AppealAnswer]
    more: bool
    next: int


class Error(TypedDict):
    """One thing that is wrong with a request."""

    detail: str
    field: str
    limit: int | None


class PolicyMistake(TypedDict):
    """One mistake in a policy."""

    reason: str
    where: str


class ProblemDetails(TypedDict):
    """A refusal, as RFC 9457 has it (`application/problem+json`)."""

    detail: str
    errors: list[Error]
    problems: list[PolicyMistake]
    status: int
    title: str
    type: str


class BatchItem(TypedDict):
    """What became of one comment of a batch: `comment`, or else `problem`."""

    comment: Accepted | None
    index: int
    problem: ProblemDetails | None


class BatchAnswer(TypedDict):
    """One entry for each comment of the batch, in its order."""

    comments: list[BatchItem]


class Block(TypedDict):
    """The site's block of a reader."""

    reason: str
    since: str
    until: str | None


class ClauseAnswer(TypedDict):
    """One paragraph of a policy."""

    key: str
    text: str
    title: str


class ClauseName(TypedDict):
    """A clause as a decision names it."""

    key: str
    title: str | None


class ScoreAnswer(TypedDict):
    """What one model said of the newest revision."""

    attributes: dict[str, float]
    model: str
    model_version: str
    quoted: dict[str, float] | None
    scored_at: str


class ViolationAnswer(TypedDict):
    """A rule that fired, in numbers and offsets: never the words."""

    attribute: str | None
    clause: str
    detail: str | None
    outcome: str
    rule: str
    score: float | None
    signal: str | None
    spans: list[list[int]]
    threshold: float | None


class DecisionAnswer(TypedDict):
    """What was decided of a comment, why, by whom and when."""

    appeal: str | None
    by: str
    clause: ClauseName | None
    comment_id: str
    decided_at: str
    explanation: str | None
    id: str
    imported_as: str | None
    override: str | None
    policy_version: int | None
    reason: str | None
    reasons: list[str]
    revision: int
    seq: int
    status: Status
    status_before: Status
    undoes: str | None
    violations: list[ViolationAnswer]
    watched: list[ViolationAnswer]


class CommentAnswer(TypedDict):
    """A comment with all that is known of it. For the site's own eyes."""

    commenter: str
    decision: DecisionAnswer | None
    external_id: str | None
    flags: int
    id: str
    judged: bool
    language: str | None
    parent: str | None
    posted_at: str
    received_at: str
    revision: int
    scores: list[ScoreAnswer]
    status: Status
    story: str
    text: str | None


class History(TypedDict):
    """What is counted on a reader."""

    approved: int
    blocked: int
    strikes: int


class CommenterAnswer(TypedDict):
    """A reader, as the site's moderators know them."""

    block: Block | None
    history: History
    id: str
    known_since: str
    name: str
    standing: str


class CommenterRef(TypedDict):
    """The reader who wrote it, under the site's own id."""

    id: str
    name: NotRequired[str]


class FedDecision(DecisionAnswer):
    """A decision in the feed, with the site's own ids."""

    commenter: str
    external_id: str | None
    story: str


class Decisions(TypedDict):
    """A page of the feed of decisions, in the order in which they were made."""

    decisions: list[FedDecision]
    more: bool
    next: int


class Edited(TypedDict):
    """The comment has new words, which wait to be judged."""

    id: str
    revision: int
    status: Status


class OutsideDecision(TypedDict):
    """What another system decided of a comment: by our id of it or the site's own."""

    comment: str
    status: str


class OutsideDecisionsTaken(TypedDict):
    """What another system decided is noted."""

    noted: int
    unknown: list[int]


class Flagged(TypedDict):
    """The report is counted."""

    flags: int
    id: str
    status: Status


class NoticeDecision(TypedDict):
    """Who decided about a notice, and why."""

    automated: bool
    moderator: str | None
    reason: str | None


class NoticeAnswer(TypedDict):
    """A notice that a comment is illegal, as it stands now. Who gave it is not in it."""

    comment: str
    decision: NoticeDecision | None
    ended_at: str | None
    id: str
    kind: str
    outcome: str | None
    received_at: str
    sentences: list[str]
    seq: int | None
    settled_by: str | None


class NoticeTaken(NoticeAnswer):
    """The notice is taken in: this confirms its receipt."""

    repeat: bool
    url: str


class Notices(TypedDict):
    """A page of the feed of notices that have ended, or wait again."""

    more: bool
    next: int
    notices: list[NoticeAnswer]


class Notifier(TypedDict):
    """Who gives a notice. For the moderators' eyes alone."""

    email: str
    name: str


class PolicyAnswer(TypedDict):
    """The version of the policy that is in force, with its source."""

    clauses: list[ClauseAnswer]
    language: str | None
    posted_at: str
    source: str
    text: str
    title: str
    version: int


class PolicyVersion(TypedDict):
    """A new version is in force. What was judged before stays as it is."""

    version: int


class PostedPolicyAnswer(TypedDict):
    """The policy as readers see it under a story."""

    clauses: list[ClauseAnswer]
    language: str | None
    text: str
    title: str
    version: int


class ShownComment(TypedDict):
    """One comment as readers see it, or a tombstone that holds the place of its replies."""

    commenter: str | None
    commenter_name: str | None
    depth: int
    external_id: str | None
    gone: str | None
    id: str
    parent: str | None
    posted_at: str
    revision: int | None
    text: str | None


class StatedComment(TypedDict):
    """The comment that a statement is about."""

    external_id: str | None
    id: str
    revision: int
    story: str
    was_public: bool


class StatedDecision(TypedDict):
    """Who decided."""

    at: str
    automated: bool | None
    by: str | None
    expired: bool
    moderator: str | None
    on_notice: bool


class StatedDetection(TypedDict):
    """What had been found in the comment: a block by a person may follow it or not."""

    at: str | None
    automated: bool
    override: str | None
    policy_version: int | None
    reasons: list[str]
    reports: int
    violations: list[ViolationAnswer]


class StatementAnswer(TypedDict):
    """A statement of reasons for a block that is in force, as facts and as sentences."""

    appeal: str | None
    appeal_until: str | None
    clause: ClauseAnswer | None
    comment: StatedComment | None
    commenter: str
    decision: StatedDecision
    detection: StatedDetection | None
    policy_title: str | None
    policy_version: int | None
    reason: str | None
    redress: list[str]
    reference: str
    restriction: str
    sentences: list[str]
    since: str
    site: str
    until: str | None
    where: str


class StoryAnswer(TypedDict):
    """A story as the service knows it."""

    closed: bool
    id: str
    section: str
    title: str
    url: str


class StoryComments(TypedDict):
    """What stands under a story: thread by thread, each reply below the comment that it answers."""

    comments: list[ShownComment]
    count: int
    next: str | None
    policy: PostedPolicyAnswer | None
    story: StoryAnswer


class StoryRef(TypedDict):
    """The story a comment stands under. The first comment makes it known; later ones update it."""

    id: str
    section: NotRequired[str]
    title: NotRequired[str]
    url: NotRequired[str]


class Submission(TypedDict):
    """One comment, as a site posts it."""

    commenter: CommenterRef
    created_at: NotRequired[str]
    external_id: NotRequired[str]
    language: NotRequired[str]
    parent: NotRequired[str]
    story: StoryRef
    text: str


# --- what goes wrong -----------------------------------------------------------------------------


class Refused(Exception):
    """The service has refused a request: the problem that it answered (RFC 9457).

    `kind` is the last part of the problem's `type`, as `story-closed`; `/api/docs` explains each.
    `body` is the whole of it. Neither has a word of a comment in it.
    """

    def __init__(self, status: int, body: Mapping[str, Any]) -> None:
        super().__init__(f"{status} {body.get('title', '')}: {body.get('detail', '')}")
        self.status = status
        self.kind = str(body.get("type", "")).rpartition("#")[2]
        self.errors = cast("list[Error]", body.get("errors", []))
        self.body = body


class Unreachable(Exception):
    """No answer came, or none of this service's. Whether the request was carried out is not known:
    make it again."""


class _Bearer(requests.auth.AuthBase):
    # Not a plain header: requests would put a password from ~/.netrc in its place.
    def __init__(self, key: str) -> None:
        self._key = key

    def __call__(self, request: Any) -> Any:
        request.headers["Authorization"] = f"Bearer {self._key}"
        return request


# --- the client ----------------------------------------------------------------------------------


class Site:
    """A site at a service, by one of its keys. Connections are kept; use one per thread.

    Every method raises Refused or Unreachable. What may be repeated is tried TRIES times while the
    service is away or asks to wait: all that reads, and whatever the service takes once however
    often it comes. A comment, an appeal and a notice are given an idempotency key for that, unless
    the caller gives one, which also makes a second call safe.
    """

    def __init__(self, address: str, site: str, key: str, *, seconds: float = SECONDS) -> None:
        self._base = f"{address.rstrip('/')}/api/v1/sites/{_in_path(site)}"
        self._seconds = seconds
        self._session = requests.Session()
        self._session.auth = _Bearer(key)

    def close(self) -> None:
        """Close the connections."""
        self._session.close()

    # comments

    def post_comment(self, comment: Submission, *, idempotency_key: str | None = None) -> Accepted:
        key = _key(idempotency_key)
        return cast("Accepted", self._call("POST", "/comments", comment, key=key))

    def post_batch(
        self, comments: Sequence[Submission], *, idempotency_key: str | None = None
    ) -> BatchAnswer:
        body, key = {"comments": list(comments)}, _key(idempotency_key)
        return cast("BatchAnswer", self._call("POST", "/comments:batch", body, key=key))

    def get_comment(self, comment_id: str) -> CommentAnswer:
        return cast("CommentAnswer", self._call("GET", f"/comments/{_in_path(comment_id)}"))

    def edit_comment(self, comment_id: str, text: str) -> Edited:
        path = f"/comments/{_in_path(comment_id)}"
        # Twice would be two revisions, of the same words.
        return cast("Edited", self._call("PUT", path, {"text": text}, once=True))

    def delete_comment(self, comment_id: str) -> None:
        self._call("DELETE", f"/comments/{_in_path(comment_id)}", once=True)

    def flag_comment(
        self, comment_id: str, *, reader: str, reason: str = "other", text: str | None = None
    ) -> Flagged:
        path = f"/comments/{_in_path(comment_id)}/flags"
        body = _given(reader=reader, reason=reason, text=text)
        return cast("Flagged", self._call("POST", path, body))

    def tell_outside_verdicts(self, verdicts: Sequence[OutsideDecision]) -> OutsideDecisionsTaken:
        path, body = "/outside-verdicts", {"verdicts": list(verdicts)}
        return cast("OutsideDecisionsTaken", self._call("PUT", path, body))

    def analyze_text(self, text: str) -> Analysis:
        return cast("Analysis", self._call("POST", "/analyze", {"text": text}))

    # stories

    def put_story(
        self,
        story: str,
        *,
        url: str | None = None,
        title: str | None = None,
        section: str | None = None,
    ) -> StoryAnswer:
        body = _given(url=url, title=title, section=section)
        return cast("StoryAnswer", self._call("PUT", f"/stories/{_in_path(story)}", body))

    def close_story(self, story: str) -> StoryAnswer:
        return cast("StoryAnswer", self._call("POST", f"/stories/{_in_path(story)}/close"))

    def open_story(self, story: str) -> StoryAnswer:
        return cast("StoryAnswer", self._call("POST", f"/stories/{_in_path(story)}/open"))

    def list_story_comments(
        self, story: str, *, after: str | None = None, limit: int | None = None
    ) -> StoryComments:
        path = f"/stories/{_in_path(story)}/comments"
        query = _given(after=after, limit=limit)
        return cast("StoryComments", self._call("GET", path, query=query))

    # decisions

    def list_decisions(self, *, after: int = 0, limit: int | None = None) -> Decisions:
        query = _given(after=after, limit=limit)
        return cast("Decisions", self._call("GET", "/decisions", query=query))

    def decisions(self, *, after: int = 0) -> Iterator[FedDecision]:
        """All decisions since that one (its `seq`), page by page. Keep the `seq` of each when it is
        dealt with, and come back with the last."""
        more = True
        while more:
            page = self.list_decisions(after=after)
            yield from page["decisions"]
            after, more = page["next"], page["more"]

    # commenters

    def get_commenter(self, commenter: str) -> CommenterAnswer:
        return cast("CommenterAnswer", self._call("GET", f"/commenters/{_in_path(commenter)}"))

    def block_commenter(
        self, commenter: str, *, reason: str, until: str | None = None
    ) -> CommenterAnswer:
        path, body = f"/commenters/{_in_path(commenter)}/block", _given(reason=reason, until=until)
        # Twice would be two blocks, the second one in place of the first.
        return cast("CommenterAnswer", self._call("POST", path, body, once=True))

    def unblock_commenter(self, commenter: str) -> CommenterAnswer:
        path = f"/commenters/{_in_path(commenter)}/unblock"
        return cast("CommenterAnswer", self._call("POST", path))

    def erase_commenter(self, commenter: str) -> None:
        self._call("DELETE", f"/commenters/{_in_path(commenter)}", once=True)

    # redress

    def get_comment_statement(self, comment_id: str) -> StatementAnswer:
        path = f"/comments/{_in_path(comment_id)}/statement"
        return cast("StatementAnswer", self._call("GET", path))

    def get_commenter_statement(self, commenter: str) -> StatementAnswer:
        path = f"/commenters/{_in_path(commenter)}/statement"
        return cast("StatementAnswer", self._call("GET", path))

    def appeal_comment(
        self, comment_id: str, text: str, *, idempotency_key: str | None = None
    ) -> AppealTaken:
        path, key = f"/comments/{_in_path(comment_id)}/appeal", _key(idempotency_key)
        return cast("AppealTaken", self._call("POST", path, {"text": text}, key=key))

    def appeal_commenter(
        self, commenter: str, text: str, *, idempotency_key: str | None = None
    ) -> AppealTaken:
        path, key = f"/commenters/{_in_path(commenter)}/appeal", _key(idempotency_key)
        return cast("AppealTaken", self._call("POST", path, {"text": text}, key=key))

    def get_appeal(self, appeal_id: str) -> AppealAnswer:
        return cast("AppealAnswer", self._call("GET", f"/appeals/{_in_path(appeal_id)}"))

    def list_appeals(self, *, after: int = 0, limit: int | None = None) -> Appeals:
        query = _given(after=after, limit=limit)
        return cast("Appeals", self._call("GET", "/appeals", query=query))

    def give_notice(
        self,
        comment_id: str,
        *,
        kind: str,
        text: str,
        good_faith: bool,
        notifier: Notifier | None = None,
        idempotency_key: str | None = None,
    ) -> NoticeTaken:
        path, key = f"/comments/{_in_path(comment_id)}/notices", _key(idempotency_key)
        body = _given(kind=kind, text=text, good_faith=good_faith, notifier=notifier)
        return cast("NoticeTaken", self._call("POST", path, body, key=key))

    def get_notice(self, notice_id: str) -> NoticeAnswer:
        return cast("NoticeAnswer", self._call("GET", f"/notices/{_in_path(notice_id)}"))

    def list_notices(self, *, after: int = 0, limit: int | None = None) -> Notices:
        query = _given(after=after, limit=limit)
        return cast("Notices", self._call("GET", "/notices", query=query))

    # the policy

    def get_policy(self) -> PolicyAnswer:
        return cast("PolicyAnswer", self._call("GET", "/policy"))

    def post_policy(self, toml: str) -> PolicyVersion:
        # Twice would be two versions.
        return cast("PolicyVersion", self._call("POST", "/policy", {"toml": toml}, once=True))

    def _call(
        self,
        method: str,
        path: str,
        body: Mapping[str, Any] | None = None,
        *,
        query: Mapping[str, Any] | None = None,
        key: str | None = None,
        once: bool = False,
    ) -> Any:
        """The JSON of the answer, None where there is none."""
        tries = 1 if once else TRIES
        for nth in range(1, tries + 1):
            try:
                answer = self._session.request(
                    method,
                    self._base + path,
                    params=query,
                    json=body,
                    headers={"Idempotency-Key": key} if key else None,
                    timeout=self._seconds,
                    allow_redirects=False,  # the key is for this address alone
                )
            except requests.RequestException as error:
                # Not its message: an address has a commenter's id in it.
                if nth == tries:
                    raise Unreachable(type(error).__name__) from None
                time.sleep(_pause(nth, None))
                continue
            pause = _pause(nth, answer.headers.get("Retry-After"))
            if answer.status_code not in (429, 503) or nth == tries or pause > LONGEST_PAUSE:
                return _read(answer)
            time.sleep(pause)
        raise AssertionError("the last try answers or raises")


def _pause(nth: int, asked: str | None) -> float:
    return float(asked) if asked and asked.isdecimal() else 0.5 * 2 ** (nth - 1)


def _read(answer: Any) -> Any:
    if answer.status_code == 204:
        return None
    try:
        body = answer.json()
    except ValueError:
        body = None
    if answer.status_code < 300 and body is not None:
        return body
    if answer.status_code < 400 or not isinstance(body, dict) or "title" not in body:
        raise Unreachable(f"{answer.status_code}, and no problem of this service")
    raise Refused(answer.status_code, body)


def _in_path(given: str) -> str:
    """An id as it stands in an address, slashes and all."""
    if given in (".", "..", ""):
        raise ValueError(f"{given!r} cannot stand in an address")
    return quote(given, safe="")


def _key(given: str | None) -> str:
    return given or str(uuid.uuid4())


def _given(**fields: Any) -> dict[str, Any]:
    return {name: value for name, value in fields.items() if value is not None}
