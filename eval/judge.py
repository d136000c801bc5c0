"""Judge one prediction for one question: its marks, whether it is right, where it failed.

Means and intervals over all questions are left to `eval.report`.
"""

from collections.abc import Sequence

from eval.metrics import exact_match, f1, ndcg, reciprocal_rank
from eval.schema import FailureStage, GoldQuestion, Judged, Location, Marks, Prediction

_LEAST_F1 = 0.5  # token F1 from which a quote at the right location counts as right
_INSIDE = 0.9  # share of a quote inside the evidence: an extra full stop does no harm


def judge(question: GoldQuestion, prediction: Prediction, passages: Sequence[Location]) -> Judged:
    """Return a prediction with its marks; ``passages`` are all that a retriever could find."""
    best_right = is_right(question, prediction.best, prediction.location)
    stage = failure_stage(question, prediction, best_right)
    return Judged(question, prediction, best_right, _marks(question, prediction, passages), stage)


def is_right(question: GoldQuestion, text: str, location: Location | None) -> bool:
    """Tell whether a span would satisfy the person who asked.

    It does if it matches an accepted answer exactly, or if it overlaps one in the document and
    their token F1 is at least 0.5: "Director Lee" is right for "Lee", while "19 July 2023" from
    elsewhere is wrong for "19 July 2024" despite the same F1. No span is right for an
    unanswerable question.
    """
    if not question.answerable or not text:
        return False
    if exact_match(text, question.texts):
        return True
    at_answer = location is not None and any(location.overlaps(gold) for gold in question.locations)
    return at_answer and f1(text, question.texts) >= _LEAST_F1


def failure_stage(question: GoldQuestion, prediction: Prediction, best_right: bool) -> FailureStage:
    """Return the first stage that went wrong, or `FailureStage.NONE` if the outcome is right."""
    if prediction.error:
        return FailureStage.ERROR
    if not question.answerable:
        return FailureStage.NONE if prediction.text is None else FailureStage.WRONGLY_ANSWERED
    if best_right:
        return FailureStage.WRONGLY_REFUSED if prediction.text is None else FailureStage.NONE
    if not relevant_passages(question, prediction.read):
        return FailureStage.RETRIEVAL
    return (
        FailureStage.BOUNDARY
        if _in_evidence_sentence(question, prediction)
        else FailureStage.SELECTION
    )


def relevant_passages(question: GoldQuestion, passages: Sequence[Location]) -> tuple[Location, ...]:
    """Return the passages that hold a whole accepted answer or, if none does, part of one."""
    whole = [p for p in passages if any(p.covers(location) for location in question.locations)]
    if whole:
        return tuple(whole)
    return tuple(
        p for p in passages if any(p.overlaps(location) for location in question.locations)
    )


def _marks(question: GoldQuestion, prediction: Prediction, passages: Sequence[Location]) -> Marks:
    given = prediction.text or ""
    gold = question.texts
    failed = bool(prediction.error)
    said: dict[str, float | None] = {
        "exact_match_with_refusal": 0.0 if failed else exact_match(given, gold),
        "f1_with_refusal": 0.0 if failed else f1(given, gold),
        "right": 0.0 if failed else float(_said_right(question, prediction)),
    }
    if question.answerable:
        said["exact_match"] = exact_match(prediction.best, gold) if prediction.best else 0.0
        said["f1"] = f1(prediction.best, gold) if prediction.best else 0.0
        said["evidence"] = float(_in_evidence_sentence(question, prediction))
        if prediction.text is not None:
            said["citation"] = float(_cites_evidence(question, prediction))
        said.update(_ranking_marks(question, prediction, passages))
    return Marks(**{name: None if v is None else 100 * v for name, v in said.items()})


def _ranking_marks(
    question: GoldQuestion, prediction: Prediction, passages: Sequence[Location]
) -> dict[str, float | None]:
    """Return the retrieval marks; recall at k is 1 if any of the first k holds an answer.

    One passage is enough to answer, even where several state the same fact.
    """
    if prediction.ranked is None and not prediction.error:
        return {}
    ranked = prediction.ranked or ()
    grades = dict.fromkeys(relevant_passages(question, passages), 1)
    return {
        "recall_at_1": float(reciprocal_rank(ranked, grades, 1) > 0),
        "recall_at_5": float(reciprocal_rank(ranked, grades, 5) > 0),
        "recall_at_10": float(reciprocal_rank(ranked, grades, 10) > 0),
        "mrr_at_10": reciprocal_rank(ranked, grades, 10),
        "ndcg_at_10": ndcg(ranked, grades, 10),
    }


def _said_right(question: GoldQuestion, prediction: Prediction) -> bool:
    if prediction.text is None:
        return not question.answerable
    return is_right(question, prediction.text, prediction.location)


def _cites_evidence(question: GoldQuestion, prediction: Prediction) -> bool:
    """Tell whether the answer lies inside the evidence, in the right document."""
    location = prediction.location
    return location is not None and any(
        _shared(location, sentence) >= _INSIDE * len(location.span)
        for sentence in question.evidence
    )


def _in_evidence_sentence(question: GoldQuestion, prediction: Prediction) -> bool:
    """Tell whether evidence and the sentence shown share half of the shorter of the two."""
    shown = prediction.sentence
    return shown is not None and any(
        2 * _shared(shown, gold) >= min(len(shown.span), len(gold.span))
        for gold in question.evidence
    )


def _shared(one: Location, other: Location) -> int:
    if one.document != other.document:
        return 0
    return max(0, min(one.span.end, other.span.end) - max(one.span.start, other.span.start))
