"""Score the selector on SQuAD questions: in their own contexts, or end to end over all of them.

Reading the files is left to `eval.datasets`.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from time import perf_counter
from typing import Any

from tqdm import tqdm

from eval.datasets import Article, ContextQuestion, article_passages, distinct_contexts
from eval.metrics import (
    SEED,
    accepted_answers,
    exact_match,
    f1,
    interval,
    ndcg,
    percentile,
    reciprocal_rank,
    single_relevant,
)
from eval.schema import EvalError
from eval.systems import best_candidate
from qa import Answer, Assistant, Hit

_POOL = 100  # hits searched for the right context, whose signals the reader may use
_RANKED = 10


@dataclass(frozen=True, slots=True)
class Outcome:
    """The outcome of one question: scores from 0 to 1, and the rank of the right context from 1.

    ``exact_match`` and ``f1`` are those of the best span, None for unanswerable questions.
    ``rank`` is 0 if the context is not among the first ten. ``error`` is empty unless the
    assistant raised one.
    """

    exact_match: float | None
    f1: float | None
    f1_with_refusal: float
    abstained: bool
    rank: int
    milliseconds: float
    error: str = ""


class Contexts:
    """An assistant over the distinct contexts of some questions, each a passage."""

    def __init__(self, questions: Sequence[ContextQuestion], encoder: str | None = None) -> None:
        contexts = distinct_contexts(questions)
        titled = enumerate(contexts.items())
        documents, passages = article_passages(
            [Article(f"context-{number:06d}", title, text) for number, (text, title) in titled]
        )
        self._passages = dict(zip(contexts, passages, strict=True))
        self._assistant = Assistant.from_documents(documents, passages, encoder=encoder)

    def read(self, question: ContextQuestion) -> tuple[Answer, int]:
        """Return the answer from the right context alone, and 0: its rank is not judged."""
        passage = self._passages[question.context]
        hits = self._assistant.retrieve(question.question, _POOL)
        found = next((hit for hit in hits if hit.passage == passage), Hit(passage, 0.0, 1))
        return self._assistant.answer(question.question, (replace(found, rank=1),)), 0

    def find(self, question: ContextQuestion) -> tuple[Answer, int]:
        """Return the answer from all contexts, and the rank of the right one."""
        passage = self._passages[question.context]
        hits = self._assistant.retrieve(question.question, _RANKED)
        ranks = [hit.rank for hit in hits if hit.passage == passage]
        return self._assistant.ask(question.question), ranks[0] if ranks else 0


@dataclass(frozen=True, slots=True)
class ReadingScores:
    """The outcomes of a file's questions; those that raised an error count as wrong."""

    outcomes: tuple[Outcome, ...]
    pooled: bool

    @property
    def errors(self) -> tuple[str, ...]:
        """The messages of the questions that raised an error."""
        return tuple(outcome.error for outcome in self.outcomes if outcome.error)

    def to_dict(self) -> dict[str, Any]:
        """Return the figures as they are written to JSON: percentages, counts, milliseconds.

        ``exact_match`` and ``f1`` judge the best span of answerable questions, even where the
        assistant abstained. ``f1_with_refusal`` judges what was really said to all questions, a
        refusal as the empty answer; it is the F1 of the SQuAD 2.0 script.
        """
        exact = [
            outcome.exact_match for outcome in self.outcomes if outcome.exact_match is not None
        ]
        best = [outcome.f1 for outcome in self.outcomes if outcome.f1 is not None]
        told = [outcome.f1_with_refusal for outcome in self.outcomes]
        times = [outcome.milliseconds for outcome in self.outcomes]
        return {
            "n": len(self.outcomes),
            "answerable": len(best),
            "pooled": self.pooled,
            "exact_match": _percent(exact),
            "f1": _percent(best),
            "f1_interval": [round(100 * end, 2) for end in interval(best, SEED)] if best else None,
            "f1_with_refusal": _percent(told),
            "refused": _percent([float(outcome.abstained) for outcome in self.outcomes]),
            "failed": len(self.errors),
            "milliseconds_p50": round(percentile(times, 0.5), 1),
            "milliseconds_p95": round(percentile(times, 0.95), 1),
            **(self._retrieval() if self.pooled else {}),
        }

    def _retrieval(self) -> dict[str, float | None]:
        rankings = [single_relevant(outcome.rank) for outcome in self.outcomes]
        return {
            **{
                f"recall@{k}": _percent([float(0 < outcome.rank <= k) for outcome in self.outcomes])
                for k in (1, 5, _RANKED)
            },
            "mrr@10": _percent([reciprocal_rank(r, {1: 1}, _RANKED) for r in rankings]),
            "ndcg@10": _percent([ndcg(r, {1: 1}, _RANKED) for r in rankings]),
        }


def score_reading(
    questions: Sequence[ContextQuestion],
    *,
    pooled: bool = False,
    limit: int | None = None,
    encoder: str | None = None,
    progress: bool = False,
) -> ReadingScores:
    """Return the scores of the first ``limit`` questions, all for None.

    With ``pooled`` every question is asked of the contexts of all questions, otherwise of its own
    alone. Raise `EvalError` if the limit is below 1.
    """
    if limit is not None and limit < 1:
        raise EvalError(f"--limit is a number of questions, 1 or more, not {limit}")
    contexts = Contexts(questions, encoder)
    ask = contexts.find if pooled else contexts.read
    chosen = questions if limit is None else questions[:limit]
    bar = tqdm(chosen, "questions", disable=None if progress else True)
    return ReadingScores(tuple(_outcome(question, ask) for question in bar), pooled)


def _outcome(
    question: ContextQuestion, ask: Callable[[ContextQuestion], tuple[Answer, int]]
) -> Outcome:
    answerable = accepted_answers(question.answers) != ("",)
    started = perf_counter()
    try:
        answer, rank = ask(question)
    except Exception as error:
        message = f"{question.id}: {type(error).__name__}: {error}"
        wrong = 0.0 if answerable else None
        return Outcome(wrong, wrong, 0.0, False, 0, 1000 * (perf_counter() - started), message)
    elapsed = 1000 * (perf_counter() - started)
    best = best_candidate(answer)
    best_text = "" if best is None else best.text
    return Outcome(
        exact_match=exact_match(best_text, question.answers) if answerable else None,
        f1=f1(best_text, question.answers) if answerable else None,
        f1_with_refusal=f1(answer.text or "", question.answers),
        abstained=answer.text is None,
        rank=rank,
        milliseconds=elapsed,
    )


def _percent(values: Sequence[float]) -> float | None:
    return round(100 * sum(values) / len(values), 2) if values else None
