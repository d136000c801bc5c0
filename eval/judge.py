"""Judge one attempt at one question: its marks, whether it is right, and the stage that lost it.

Question by question; means and intervals are left to `eval.report.summary`.
"""

from collections.abc import Sequence

from eval.metrics.answers import exact_match, f1
from eval.metrics.ranking import ndcg, reciprocal_rank
from eval.schema import Attempt, GoldQuestion, Judged, Loss, Marks, Place

_LIKE_ENOUGH = 0.5  # token F1 of a quote at the right place that counts as right
_INSIDE = 0.9  # share of a quote inside the evidence: a full stop more or less does no harm


def judge(question: GoldQuestion, attempt: Attempt, passages: Sequence[Place]) -> Judged:
    """Return the marks of an attempt; ``passages`` are all that a retriever could find."""
    best_right = is_right(question, attempt.best, attempt.place)
    loss = loss_of(question, attempt, best_right)
    return Judged(question, attempt, best_right, _marks(question, attempt, passages), loss)


def is_right(question: GoldQuestion, text: str, place: Place | None) -> bool:
    """Tell whether a best span would satisfy a reader who asked.

    It does when it matches an accepted answer exactly, or when it overlaps one at its place and
    their token F1 is at least 0.5: "Director Lee" is right for "Lee", while "19 July 2023" from
    elsewhere is wrong for "19 July 2024" in spite of the same F1. Nothing is right for a question
    without an answer.
    """
    if not question.answerable or not text:
        return False
    if exact_match(text, question.texts):
        return True
    at_answer = place is not None and any(place.overlaps(gold) for gold in question.places)
    return at_answer and f1(text, question.texts) >= _LIKE_ENOUGH


def loss_of(question: GoldQuestion, attempt: Attempt, best_right: bool) -> Loss:
    """Return the first stage that lost the question, or `Loss.NONE`."""
    if attempt.error:
        return Loss.FAILED
    if not question.answerable:
        return Loss.NONE if attempt.text is None else Loss.FALSE_ANSWER
    if best_right:
        return Loss.REFUSAL if attempt.text is None else Loss.NONE
    if not relevant_passages(question, attempt.read):
        return Loss.RETRIEVAL
    return Loss.BOUNDARY if _in_evidence_sentence(question, attempt) else Loss.SELECTION


def relevant_passages(question: GoldQuestion, passages: Sequence[Place]) -> tuple[Place, ...]:
    """Return the passages that hold an accepted answer whole, or else a part of one."""
    whole = [p for p in passages if any(p.covers(place) for place in question.places)]
    if whole:
        return tuple(whole)
    return tuple(p for p in passages if any(p.overlaps(place) for place in question.places))


def _marks(question: GoldQuestion, attempt: Attempt, passages: Sequence[Place]) -> Marks:
    given = attempt.text or ""
    gold = question.texts
    failed = bool(attempt.error)
    said: dict[str, float | None] = {
        "exact_match_with_refusal": 0.0 if failed else exact_match(given, gold),
        "f1_with_refusal": 0.0 if failed else f1(given, gold),
        "right": 0.0 if failed else float(_said_right(question, attempt)),
    }
    if question.answerable:
        said["exact_match"] = exact_match(attempt.best, gold) if attempt.best else 0.0
        said["f1"] = f1(attempt.best, gold) if attempt.best else 0.0
        said["evidence"] = float(_in_evidence_sentence(question, attempt))
        if attempt.text is not None:
            said["citation"] = float(_cites_evidence(question, attempt))
        said.update(_ranking_marks(question, attempt, passages))
    return Marks(**{name: None if v is None else 100 * v for name, v in said.items()})


def _ranking_marks(
    question: GoldQuestion, attempt: Attempt, passages: Sequence[Place]
) -> dict[str, float | None]:
    """Return the retrieval marks; recall is 1 as soon as one passage that holds an answer is in.

    One is enough to answer, also where a fact stands in several documents.
    """
    if attempt.ranked is None and not attempt.error:
        return {}
    ranked = attempt.ranked or ()
    grades = dict.fromkeys(relevant_passages(question, passages), 1)
    return {
        "recall_at_1": float(reciprocal_rank(ranked, grades, 1) > 0),
        "recall_at_5": float(reciprocal_rank(ranked, grades, 5) > 0),
        "recall_at_10": float(reciprocal_rank(ranked, grades, 10) > 0),
        "mrr_at_10": reciprocal_rank(ranked, grades, 10),
        "ndcg_at_10": ndcg(ranked, grades, 10),
    }


def _said_right(question: GoldQuestion, attempt: Attempt) -> bool:
    if attempt.text is None:
        return not question.answerable
    return is_right(question, attempt.text, attempt.place)


def _cites_evidence(question: GoldQuestion, attempt: Attempt) -> bool:
    """Tell whether the quote stands inside the evidence, in the right document."""
    place = attempt.place
    return place is not None and any(
        _shared(place, sentence) >= _INSIDE * len(place.span) for sentence in question.evidence
    )


def _in_evidence_sentence(question: GoldQuestion, attempt: Attempt) -> bool:
    """Tell whether the sentence shown shares at least half of the shorter with the evidence."""
    shown = attempt.sentence
    return shown is not None and any(
        2 * _shared(shown, gold) >= min(len(shown.span), len(gold.span))
        for gold in question.evidence
    )


def _shared(one: Place, other: Place) -> int:
    if one.document != other.document:
        return 0
    return max(0, min(one.span.end, other.span.end) - max(one.span.start, other.span.start))
