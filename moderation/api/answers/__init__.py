"""What the API answers, as models, one file per noun: the descriptions and examples here are the
API's reference."""

from moderation.api.answers.analysis import Analysis
from moderation.api.answers.answer import EXAMPLE_ID, EXAMPLE_URL, Answer
from moderation.api.answers.appeals import (
    AppealAnswer,
    AppealDecision,
    Appeals,
    AppealTaken,
)
from moderation.api.answers.commenters import Block, CommenterAnswer, History
from moderation.api.answers.comments import (
    Accepted,
    BatchAnswer,
    BatchItem,
    CommentAnswer,
    Edited,
    Flagged,
    ScoreAnswer,
)
from moderation.api.answers.decisions import (
    ClauseName,
    DecisionAnswer,
    Decisions,
    FedDecision,
    ViolationAnswer,
    decision_fields,
)
from moderation.api.answers.notices import (
    NoticeAnswer,
    NoticeDecision,
    Notices,
    NoticeTaken,
)
from moderation.api.answers.outside_verdicts import OutsideDecisionsTaken
from moderation.api.answers.policies import (
    ClauseAnswer,
    PolicyAnswer,
    PolicyVersion,
    PostedPolicyAnswer,
    policy_fields,
)
from moderation.api.answers.problems import Error, PolicyMistake, ProblemDetails
from moderation.api.answers.statements import (
    StatedComment,
    StatedDecision,
    StatedDetection,
    StatementAnswer,
)
from moderation.api.answers.stories import ShownComment, StoryAnswer, StoryComments

__all__ = [
    "EXAMPLE_ID",
    "EXAMPLE_URL",
    "Accepted",
    "Analysis",
    "Answer",
    "AppealAnswer",
    "AppealDecision",
    "AppealTaken",
    "Appeals",
    "BatchAnswer",
    "BatchItem",
    "Block",
    "ClauseAnswer",
    "ClauseName",
    "CommentAnswer",
    "CommenterAnswer",
    "DecisionAnswer",
    "Decisions",
    "Edited",
    "Error",
    "FedDecision",
    "Flagged",
    "History",
    "NoticeAnswer",
    "NoticeDecision",
    "NoticeTaken",
    "Notices",
    "OutsideDecisionsTaken",
    "PolicyAnswer",
    "PolicyMistake",
    "PolicyVersion",
    "PostedPolicyAnswer",
    "ProblemDetails",
    "ScoreAnswer",
    "ShownComment",
    "StatedComment",
    "StatedDecision",
    "StatedDetection",
    "StatementAnswer",
    "StoryAnswer",
    "StoryComments",
    "ViolationAnswer",
    "decision_fields",
    "policy_fields",
]
