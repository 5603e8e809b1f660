"""The discovery document, from which `googleapiclient`, `googleapis` and OSMod build a client."""

from collections.abc import Mapping
from typing import Any, get_args

from moderation.standin.perspective.asked import LONGEST, PROBABILITY, ScoreType, TextType
from moderation.standin.perspective.names import OTHERS, OURS

VERSION = "v1alpha1"
Schema = dict[str, Any]


def _text(says: str, **more: Any) -> Schema:
    return {"type": "string", "description": says} | more


def _in_query(says: str, **more: Any) -> Schema:
    return _text(says, location="query") | more


def _object(name: str, says: str, **properties: Schema) -> Schema:
    return {"id": name, "type": "object", "description": says, "properties": properties}


def _ref(name: str, says: str = "") -> Schema:
    return {"$ref": name} | ({"description": says} if says else {})


def _list(items: Schema, says: str) -> Schema:
    return {"type": "array", "items": items, "description": says}


def _map(name: str, says: str) -> Schema:
    return {"type": "object", "additionalProperties": {"$ref": name}, "description": says}


def _flag(says: str) -> Schema:
    return {"type": "boolean", "description": says}


_NUMBER: Mapping[str, Any] = {"type": "number", "format": "float"}
_PLACE: Mapping[str, Any] = {"type": "integer", "format": "int32"}
_SCORE_TYPE = _text(
    f"The kind of score: {PROBABILITY} is the only one.", enum=list(get_args(ScoreType))
)
_ABOUT_COMMENT: dict[str, Schema] = {
    "comment": _ref("TextEntry", "The comment."),
    "context": _ref("Context", "What it answers; it is not scored."),
    "languages": _list(
        {"type": "string"}, "What the client takes the comment's language for, as `en`."
    ),
    "clientToken": _text("Repeated in the answer."),
    "sessionId": _text("Not used."),
    "communityId": _text("Not used."),
}
_SCHEMAS = (
    _object(
        "AnalyzeCommentRequest",
        "A comment to be scored.",
        **_ABOUT_COMMENT,
        requestedAttributes=_map(
            "AttributeParameters",
            f"The attributes that are asked for, by name: {', '.join(OURS)}. These are known, and"
            f" not scored: {', '.join(sorted(OTHERS))}.",
        ),
        doNotStore=_flag("Nothing is ever stored, whatever it says."),
        dropUnsupportedAttributes=_flag(
            "Leave attributes out that are not scored, or not in the comment's language."
        ),
        spanAnnotations=_flag("Score each sentence, too."),
    ),
    _object(
        "AnalyzeCommentResponse",
        "What the comment scores.",
        attributeScores=_map("AttributeScores", "The scores of the attributes asked for."),
        languages=_list({"type": "string"}, "The languages that it was read in."),
        detectedLanguages=_list({"type": "string"}, "The language that it is in."),
        clientToken=_text("As it was sent."),
    ),
    _object(
        "SuggestCommentScoreRequest",
        "What somebody says that a comment should score.",
        **_ABOUT_COMMENT,
        attributeScores=_map("AttributeScores", "The scores that it should have, 0..1."),
    ),
    _object(
        "SuggestCommentScoreResponse",
        "That it was heard.",
        clientToken=_text("As it was sent."),
        requestedLanguages=_list({"type": "string"}, "As they were sent."),
        detectedLanguages=_list({"type": "string"}, "Not given."),
    ),
    _object(
        "TextEntry",
        "A text.",
        text=_text(f"In UTF-8, up to {LONGEST:,} bytes."),
        type=_text(
            "PLAIN_TEXT is the only one that is taken.",
            enum=list(get_args(TextType)),
        ),
    ),
    _object(
        "Context",
        "What a comment answers: one of the two.",
        entries=_list(_ref("TextEntry"), "What was said before it."),
        articleAndParentComment=_ref("ArticleAndParentComment", "Under what it stands."),
    ),
    _object(
        "ArticleAndParentComment",
        "An article, and the comment under it that is answered.",
        article=_ref("TextEntry"),
        parentComment=_ref("TextEntry"),
    ),
    _object(
        "AttributeParameters",
        "How an attribute is wanted.",
        scoreType=_SCORE_TYPE,
        scoreThreshold={**_NUMBER, "description": "Leave the attribute out below this score."},
    ),
    _object(
        "AttributeScores",
        "The scores of one attribute.",
        summaryScore=_ref("Score", "Of the whole comment."),
        spanScores=_list(_ref("SpanScore"), "Of its sentences, or of the whole once more."),
    ),
    _object(
        "SpanScore",
        "The score of a part.",
        begin={**_PLACE, "description": "Where it begins, in UTF-16 code units."},
        end={**_PLACE, "description": "Where it has ended."},
        score=_ref("Score"),
    ),
    _object("Score", "A score.", value={**_NUMBER, "description": "0..1."}, type=_SCORE_TYPE),
)
_PARAMETERS = {
    "key": _in_query("A key of the site with the scope `analyze`."),
    "alt": _in_query("The form of the answer.", enum=["json"], default="json"),
    "fields": _in_query("Which fields of the answer are wanted."),
    "prettyPrint": _in_query("Answer with line breaks.", type="boolean", default="true"),
    "quotaUser": _in_query("Not used."),
    "$.xgafv": _in_query("Not used.", enum=["1", "2"]),
}


def document(root: str) -> Schema:
    """The document of the service at `root`, an address with a slash at its end."""
    return {
        "kind": "discovery#restDescription",
        "discoveryVersion": "v1",
        "id": f"commentanalyzer:{VERSION}",
        "name": "commentanalyzer",
        "canonicalName": "Comment Analyzer",
        "version": VERSION,
        "title": "Perspective Comment Analyzer API, stood in for",
        "description": "Scores a comment as the Perspective API did, on the site's own machine.",
        "protocol": "rest",
        "rootUrl": root,
        "servicePath": "",
        "baseUrl": root,
        "basePath": "",
        "batchPath": "batch",
        "parameters": _PARAMETERS,
        "schemas": {one["id"]: one for one in _SCHEMAS},
        "resources": {
            "comments": {
                "methods": {
                    "analyze": _method("analyze", "AnalyzeComment", "Score a comment."),
                    "suggestscore": _method(
                        "suggestscore", "SuggestCommentScore", "Say what a comment should score."
                    ),
                }
            }
        },
    }


def _method(name: str, message: str, says: str) -> Schema:
    path = f"{VERSION}/comments:{name}"
    return {
        "id": f"commentanalyzer.comments.{name}",
        "path": path,
        "flatPath": path,
        "httpMethod": "POST",
        "parameters": {},
        "parameterOrder": [],
        "request": {"$ref": f"{message}Request"},
        "response": {"$ref": f"{message}Response"},
        "description": says,
    }
