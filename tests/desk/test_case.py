"""The whole case of a comment: revisions, scores, verdicts, decisions, and the policy's text."""

from moderation import comments, flags, outside_verdicts
from moderation.spans import Carrier
from moderation.staff.pseudonyms import pseudonym
from moderation.submission import FlagReport, OutsideDecision
from tests.desk.conftest import SECRET, words
from tests.desk.test_queue import counted
from tests.desk.test_underlining import explained
from tests.desk.visitor import Visitor
from tests.newsroom import POLICY, Newsroom, later, unrecorded

MILDER = POLICY.replace("hold = 0.6", "hold = 0.9").replace("Argue with", "Please argue with")


def test_the_case_has_words_scores_verdict_rule_and_decisions_in_order(
    newsroom: Newsroom, ana: Visitor
) -> None:
    comment_id = newsroom.held("You are a fool, Tom.")
    explained(newsroom, {"insult": [Carrier(10, 14, 0.7)]})
    ana.act("block", comment_id, clause="personal-attacks", note="third time today")

    page = ana.get(f"/sites/the-daily/comments/{comment_id}/case")

    said = words(page)
    assert '<mark title="insult: 70% of the score">fool</mark>' in page.text
    assert "insult</th><td>0.83</td>" in page.text
    assert "Personal attacks: insult 0.83, held from 0.60" in said
    assert "Rule insult: insult held from 0.6" in said
    assert said.index("Held by the policy") < said.index("Blocked by you for Personal attacks")
    assert "third time today" in said
    assert "number 2 in the site's feed · in force" in said


def test_each_revision_stands_with_what_was_decided_of_it(newsroom: Newsroom, ana: Visitor) -> None:
    comment_id = newsroom.approved("First words, mild ones.")
    with newsroom.db.transaction() as session:
        comments.edit(session, newsroom.daily.id, comment_id, "You are a fool.", now=later(1))
    newsroom.post_policy(MILDER)
    newsroom.judge({"insult": 0.95})

    said = words(ana.get(f"/sites/the-daily/comments/{comment_id}/case"))

    order = ["As first written", "First words", "Approved by the policy under policy 1"]
    order += ["Edited, revision 2", "You are a fool.", "Held by the policy under policy 2"]
    places = [said.index(one) for one in order]
    assert places == sorted(places)
    # Both versions' texts, as they were.
    assert "policy 1, posted" in said
    assert "Please argue with what was said" in said.partition("policy 2, posted")[2]


def test_it_can_be_reached_from_card_and_log(newsroom: Newsroom, ana: Visitor) -> None:
    comment_id = newsroom.held()
    case = f"/sites/the-daily/comments/{comment_id}/case"
    assert f'href="{case}"' in ana.get("/queue").text
    assert f'href="{case}#decision-1"' in ana.get("/decisions?by=policy").text


def test_what_another_system_made_of_it_stands_by_the_words_that_it_read(
    newsroom: Newsroom, ana: Visitor
) -> None:
    comment_id = newsroom.held("You are a fool, Tom.")
    told = OutsideDecision.model_validate({"comment": str(comment_id), "status": "approved"})
    with newsroom.db.transaction() as session:
        outside_verdicts.tell(session, newsroom.daily.id, [told], now=later(1))
        comments.edit(session, newsroom.daily.id, comment_id, "You are no fool.", now=later(2))

    said = words(ana.get(f"/sites/the-daily/comments/{comment_id}/case"))

    before, _, after = said.partition("Edited, revision 2")
    assert "In another system of the site: approved · told here" in before
    assert "another system" not in after


def test_reports_and_a_failed_reading_are_told(newsroom: Newsroom, ana: Visitor) -> None:
    comment_id = newsroom.receive("He means well.")
    newsroom.judge({"insult": float("nan")})
    with newsroom.db.transaction() as session:
        report = FlagReport(reader="r1", reason="off-topic", text="He says it everywhere")
        flags.flag(session, newsroom.daily.id, comment_id, report, now=later(5))
    said = words(ana.get(f"/sites/the-daily/comments/{comment_id}/case"))
    assert "A score that the policy asks for is missing" in said
    assert "off topic: He says it everywhere" in said


def test_a_watched_rule_is_told_apart(newsroom: Newsroom, ana: Visitor) -> None:
    newsroom.post_policy(POLICY.replace("hold = 0.6", "hold = 0.6\nwatch = true"))
    comment_id = newsroom.receive("You are a fool, Tom.")
    newsroom.judge({"insult": 0.83})
    said = words(ana.get(f"/sites/the-daily/comments/{comment_id}/case"))
    assert "Approved by the policy" in said
    assert "No rule of the policy was broken." in said
    assert "Watched, deciding nothing: Personal attacks, insult 0.83, held from 0.60" in said


def test_what_is_not_judged_yet_and_what_is_erased(newsroom: Newsroom, ana: Visitor) -> None:
    comment_id = newsroom.receive("Words that go")
    path = f"/sites/the-daily/comments/{comment_id}/case"
    said = words(ana.get(path))
    assert "No model has scored these words." in said
    assert "Nothing was decided about these words." in said
    newsroom.judge({"insult": 0.83})
    with newsroom.db.transaction() as session:
        comments.erase(session, newsroom.daily.id, comment_id, record=unrecorded, now=later(1))
    said = words(ana.get(path))
    assert "Deleted by the site" in said
    assert "Words that go" not in said
    assert "Held by the policy" in said


def test_what_the_commenter_can_be_told_of_a_block(newsroom: Newsroom, ana: Visitor) -> None:
    comment_id = newsroom.held()
    path = f"/sites/the-daily/comments/{comment_id}/case"
    assert "What the commenter can be told" not in words(ana.get(path))
    ana.act("block", comment_id, clause="personal-attacks", note="third time today")

    told = words(ana.get(path)).partition("What the commenter can be told")[2]

    assert "in the clause “Personal attacks”: “Argue with what was said" in told
    assert str(pseudonym(SECRET, newsroom.daily.id, newsroom.ana.id)) in told
    assert "third time today" not in told.partition("a court")[0]
    assert "by you" not in told


def test_another_papers_case_is_not_found(newsroom: Newsroom, ana: Visitor, ben: Visitor) -> None:
    comment_id = newsroom.held()
    for site in ("the-daily", "the-evening-post"):
        assert ben.get(f"/sites/{site}/comments/{comment_id}/case").status_code == 404
    assert ana.get(f"/sites/the-daily/comments/{newsroom.daily.id}/case").status_code == 404


def test_eight_decisions_under_four_policies_cost_as_many_queries_as_one(
    newsroom: Newsroom, ana: Visitor
) -> None:
    comment_id = newsroom.held()
    path = f"/sites/the-daily/comments/{comment_id}/case"
    with counted(newsroom.db) as few:
        ana.get(path)
    for turn in range(3):
        newsroom.post_policy(POLICY)
        before = "held" if turn == 0 else "blocked"
        ana.act("approve", comment_id, status=before)
        ana.act("block", comment_id, status="approved", clause="profanity", note="again")
    with newsroom.db.transaction() as session:
        comments.edit(session, newsroom.daily.id, comment_id, "New words", now=later(1))
    newsroom.judge({"insult": 0.83})
    with counted(newsroom.db) as many:
        page = ana.get(path)
    assert words(page).count("in the site's feed") == 8
    assert len(many) == len(few)
    assert len(few) <= 11
