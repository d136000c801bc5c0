"""Test what counts as right, the marks of a prediction, and the failure stage of a question."""

import pytest

from eval.judge import is_right, judge, relevant_passages
from eval.schema import FailureStage, GoldAnswer, GoldQuestion, Location, Prediction
from qa import Span


def at(start: int, end: int, document: str = "d") -> Location:
    return Location(document, Span(start, end))


# The document: "Director Jane Lee signed on 19 July 2024. It began on 19 July 2023."
NAME, DATE, OTHER_DATE = at(9, 17), at(28, 40), at(54, 66)
FIRST, SECOND = at(0, 41), at(42, 67)
WHO = GoldQuestion("q", "Who?", (GoldAnswer("Jane Lee", (NAME,)),), (FIRST,))
WHEN = GoldQuestion("w", "When?", (GoldAnswer("19 July 2024", (DATE,)),), (FIRST,))
NOTHING = GoldQuestion("n", "Why?", (), ())
PASSAGES = (at(0, 67), at(0, 67, "e"))


def said(text: str | None, best: str, location: Location, sentence: Location = FIRST) -> Prediction:
    return Prediction(text, best, location, sentence, 0.5, read=PASSAGES, ranked=PASSAGES)


@pytest.mark.parametrize(
    ("question", "text", "location", "right"),
    [
        (WHO, "Jane Lee", NAME, True),
        (WHO, "jane lee.", None, True),  # an exact match wherever it stands
        (WHO, "Director Jane Lee", at(0, 17), True),  # F1 0.8, over the name
        (WHO, "Director Jane Lee", at(0, 17, "e"), False),  # the same words elsewhere
        (WHEN, "19 July 2023", OTHER_DATE, False),  # F1 0.67, at another place
        (WHO, "Director Jane Lee signed on 19 July", at(0, 35), False),  # F1 4/9
        (NOTHING, "Jane Lee", NAME, False),
        (WHO, "", None, False),
    ],
)
def test_what_counts_as_right(
    question: GoldQuestion, text: str, location: Location | None, right: bool
) -> None:
    assert is_right(question, text, location) is right


def test_marks_of_a_right_answer() -> None:
    marks = judge(WHO, said("Jane Lee", "Jane Lee", NAME), PASSAGES).marks
    assert {getattr(marks, name) for name in marks.names()} == {100.0}


def test_marks_of_a_refusal_keep_the_best_span() -> None:
    """Withheld: the best span scores, what was said does not; a refusal cites nothing."""
    marks = judge(WHO, said(None, "Director Jane Lee", at(0, 17)), PASSAGES).marks
    assert (marks.exact_match, marks.f1) == (0, pytest.approx(80))
    assert (marks.f1_with_refusal, marks.right, marks.citation) == (0, 0, None)
    assert marks.evidence == 100


def test_marks_of_questions_without_an_answer() -> None:
    refused = judge(NOTHING, said(None, "Jane Lee", NAME), PASSAGES).marks
    assert (refused.f1_with_refusal, refused.right, refused.f1) == (100, 100, None)
    answered = judge(NOTHING, said("Jane Lee", "Jane Lee", NAME), PASSAGES).marks
    assert (answered.exact_match_with_refusal, answered.f1_with_refusal, answered.right) == (
        0,
        0,
        0,
    )


def test_citation_needs_the_evidence_of_the_right_document() -> None:
    elsewhere = said("Jane Lee", "Jane Lee", at(9, 17, "e"), at(0, 41, "e"))
    marks = judge(WHO, elsewhere, PASSAGES).marks
    assert (marks.exact_match, marks.citation, marks.evidence) == (100, 0, 0)


def test_ranking_marks() -> None:
    """The passage that holds the answer is second: recall@1 0, MRR 1/2, nDCG 1/log2(3)."""
    ranked = Prediction("x", "x", at(0, 1, "e"), ranked=(PASSAGES[1], PASSAGES[0]))
    marks = judge(WHO, ranked, PASSAGES).marks
    assert (marks.recall_at_1, marks.recall_at_5, marks.mrr_at_10) == (0, 100, 50)
    assert marks.ndcg_at_10 == pytest.approx(63.093, abs=0.001)
    assert judge(WHO, Prediction("x", "x"), PASSAGES).marks.recall_at_1 is None


def test_part_of_an_answer_is_better_than_none() -> None:
    halves = (at(0, 12), at(12, 67), at(0, 67, "e"))
    assert relevant_passages(WHO, halves) == halves[:2]
    assert relevant_passages(WHO, (*halves, PASSAGES[0])) == (PASSAGES[0],)


@pytest.mark.parametrize(
    ("question", "prediction", "stage"),
    [
        (WHO, said("Jane Lee", "Jane Lee", NAME), FailureStage.NONE),
        (NOTHING, said(None, "Jane Lee", NAME), FailureStage.NONE),
        (NOTHING, said("Jane Lee", "Jane Lee", NAME), FailureStage.WRONGLY_ANSWERED),
        (WHO, said(None, "Jane Lee", NAME), FailureStage.WRONGLY_REFUSED),
        (WHO, said("signed on", "signed on", at(18, 27)), FailureStage.BOUNDARY),
        (WHO, said("It", "It", at(42, 44), SECOND), FailureStage.SELECTION),
        (WHO, Prediction("x", "x", at(0, 1, "e"), read=(PASSAGES[1],)), FailureStage.RETRIEVAL),
        (WHO, Prediction(None), FailureStage.RETRIEVAL),
        (WHO, Prediction(error="KeyError: 1"), FailureStage.ERROR),
        (NOTHING, Prediction(error="KeyError: 1"), FailureStage.ERROR),
    ],
)
def test_the_failure_stage(
    question: GoldQuestion, prediction: Prediction, stage: FailureStage
) -> None:
    judged = judge(question, prediction, PASSAGES)
    assert judged.stage is stage
    assert (judged.marks.right == 100) == (stage is FailureStage.NONE)
    assert stage.meaning


def test_an_error_scores_nothing_and_is_not_abstaining() -> None:
    for question in (WHO, NOTHING):
        judged = judge(question, Prediction(error="KeyError: 1"), PASSAGES)
        marks = [getattr(judged.marks, name) for name in judged.marks.names()]
        assert not any(marks)
        assert judged.marks.f1_with_refusal == 0
        assert not judged.abstained
