"""The words that carry a score, underlined on the card; and none that the page should not have."""

from collections.abc import Mapping, Sequence
from uuid import UUID

from moderation import comments, spans
from moderation.spans import Carrier
from tests.desk.visitor import Visitor
from tests.newsroom import MODEL, Newsroom, later

WITH_WORDS = """
title = "House rules"
text = "Be kind."

[[clauses]]
key = "abuse"
title = "Abuse"
text = "None."
rules = [{attribute = "insult", hold = 0.6}, {words = {en = ["old fool"]}}]
"""


def held(newsroom: Newsroom, text: str, **scores: float) -> UUID:
    comment_id = newsroom.receive(text)
    newsroom.judge(scores or {"insult": 0.83})
    return comment_id


def explained(newsroom: Newsroom, found: Mapping[str, Sequence[Carrier]]) -> None:
    """A worker finds these words in the comment that has waited longest for it."""
    with newsroom.db.transaction() as session:
        wanted = spans.claim(session, model_version=MODEL.version, lease_seconds=60)
        assert wanted is not None
        spans.keep(session, wanted, found)


def test_the_words_that_carry_the_score_are_underlined(newsroom: Newsroom, ana: Visitor) -> None:
    comment_id = held(newsroom, "You 😀 fool, Tom.")
    explained(newsroom, {"insult": [Carrier(6, 10, 0.827)]})
    for path in ("/queue", f"/sites/the-daily/comments/{comment_id}"):
        page = ana.get(path).text
        assert 'You 😀 <mark title="insult: 83% of the score">fool</mark>, Tom.' in page
        assert "underlined" in page


def test_until_they_are_found_nothing_is(newsroom: Newsroom, ana: Visitor) -> None:
    held(newsroom, "You fool, Tom.")
    assert "<mark" not in ana.get("/queue").text
    explained(newsroom, {})
    page = ana.get("/queue").text
    assert "<mark" not in page
    assert "underlined" not in page


def test_words_that_carry_two_scores_say_both(newsroom: Newsroom, ana: Visitor) -> None:
    comment_id = held(newsroom, "You fool, Tom.", obscene=0.96, identity_attack=0.9, insult=0.9)
    explained(newsroom, {"obscene": [Carrier(4, 8, 1.0)], "identity_attack": [Carrier(0, 8, 0.5)]})
    page = ana.get(f"/sites/the-daily/comments/{comment_id}").text
    assert '<mark title="identity attack: 50% of the score">You </mark>' in page
    assert "identity attack: 50% of the score; obscene: 100% of the score" in page


def test_listed_words_are_marked_beside_them(newsroom: Newsroom, ana: Visitor) -> None:
    newsroom.post_policy(WITH_WORDS)
    held(newsroom, "You old fool, Tom.")
    explained(newsroom, {"insult": [Carrier(8, 12, 1.0)]})
    page = ana.get("/queue").text
    assert 'You <mark>old </mark><mark title="insult: 100% of the score">fool</mark>, Tom.' in page


def test_words_of_strangers_do_no_harm_when_they_are_underlined(
    newsroom: Newsroom, ana: Visitor
) -> None:
    held(newsroom, 'You <img src=x onerror="alert(1)"> \u202e fool')
    explained(newsroom, {"insult": [Carrier(4, 500, 0.5)], '"><script>': [Carrier(-3, 2, 0.5)]})
    page = ana.get("/queue").text
    assert "<img" not in page
    assert "<script>&" not in page
    assert '"><script>' not in page
    assert "&lt;img src=x onerror=&#34;alert(1)&#34;&gt;" in page
    assert ">RLO</span> fool</mark>" in page


def test_an_edit_is_not_underlined_where_the_earlier_words_stood(
    newsroom: Newsroom, ana: Visitor
) -> None:
    comment_id = held(newsroom, "You fool, Tom.")
    explained(newsroom, {"insult": [Carrier(4, 8, 1.0)]})
    with newsroom.db.transaction() as session:
        comments.edit(session, newsroom.daily.id, comment_id, "Good morning.", now=later(1))
    assert "<mark" not in ana.get("/queue").text
    newsroom.judge()
    assert "<mark" not in ana.get("/queue").text


def test_the_other_paper_sees_none_of_it(newsroom: Newsroom, ben: Visitor) -> None:
    comment_id = held(newsroom, "You fool, Tom.")
    explained(newsroom, {"insult": [Carrier(4, 8, 1.0)]})
    assert ben.get(f"/sites/the-daily/comments/{comment_id}").status_code == 404
    assert "<mark" not in ben.get("/queue").text
