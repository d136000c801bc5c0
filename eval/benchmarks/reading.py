"""Score the selector on questions with contexts: alone, or end to end over all contexts.

Reading the files is left to `eval.datasets.squad`.
"""

import json
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from time import perf_counter
from typing import Any

from tqdm import tqdm

from eval.datasets.squad import ContextQuestion, distinct_contexts
from eval.metrics.answers import accepted_answers, exact_match, f1
from eval.metrics.bootstrap import interval, percentile
from eval.metrics.ranking import ndcg, reciprocal_rank
from eval.report.summary import SEED
from eval.schema import EvalError
from qa import Answer, Assistant, Hit, Passage, Span, make_document

_POOL = 100  # hits searched for the right context, whose signals the reader may use
_RANKED = 10


@dataclass(frozen=True, slots=True)
class Reply:
    """What became of one question: scores 0 to 1, and the rank of the right context, from 1.

    ``exact_match`` and ``f1`` are those of the best span, None where nothing answers. ``rank`` is
    0 where the context is not among the first ten.
    """

    exact_match: float | None
    f1: float | None
    f1_with_refusal: float
    refused: bool
    rank: int
    milliseconds: float
    error: str = ""


class Contexts:
    """An assistant over the distinct contexts of some questions, a passage each."""

    def __init__(self, questions: Sequence[ContextQuestion], encoder: str | None = None) -> None:
        documents, passages = [], []
        self._passages: dict[str, Passage] = {}
        for number, (context, title) in enumerate(distinct_contexts(questions).items()):
            document = make_document(context, f"context-{number:06d}", title=title)
            passage = Passage(document.id, Span(0, len(context)), context, heading=title)
            documents.append(document)
            passages.append(passage)
            self._passages[context] = passage
        self._assistant = Assistant.from_documents(documents, passages, encoder=encoder)

    def read(self, question: ContextQuestion) -> tuple[Answer, int]:
        """Return the answer from the right context alone; its rank is not judged."""
        passage = self._passages[question.context]
        hits = self._assistant.retrieve(question.question, _POOL)
        found = next((hit for hit in hits if hit.passage == passage), Hit(passage, 0.0, 1))
        return self._assistant.answer(question.question, (replace(found, rank=1),)), 0

    def find(self, question: ContextQuestion) -> tuple[Answer, int]:
        """Return the answer from all contexts, and the rank at which the right one was found."""
        passage = self._passages[question.context]
        hits = self._assistant.retrieve(question.question, _RANKED)
        ranks = [hit.rank for hit in hits if hit.passage == passage]
        return self._assistant.ask(question.question), ranks[0] if ranks else 0


@dataclass(frozen=True, slots=True)
class ReadingScores:
    """The scores of a file, and the errors of questions that failed; they count as wrong."""

    replies: tuple[Reply, ...]
    pooled: bool

    @property
    def errors(self) -> tuple[str, ...]:
        """What the failed questions said."""
        return tuple(reply.error for reply in self.replies if reply.error)

    def to_dict(self) -> dict[str, Any]:
        """Return the JSON promise: percentages, counts, milliseconds.

        ``exact_match`` and ``f1`` judge the best span, never abstaining, on the questions that
        have an answer; ``f1_with_refusal`` what is really said, a refusal as the empty answer, on
        all of them, which is the F1 of the SQuAD 2.0 script.
        """
        exact = [reply.exact_match for reply in self.replies if reply.exact_match is not None]
        best = [reply.f1 for reply in self.replies if reply.f1 is not None]
        told = [reply.f1_with_refusal for reply in self.replies]
        times = [reply.milliseconds for reply in self.replies]
        return {
            "n": len(self.replies),
            "answerable": len(best),
            "pooled": self.pooled,
            "exact_match": _percent(exact),
            "f1": _percent(best),
            "f1_interval": [round(100 * end, 2) for end in interval(best, SEED)] if best else None,
            "f1_with_refusal": _percent(told),
            "refused": _percent([float(reply.refused) for reply in self.replies]),
            "failed": len(self.errors),
            "milliseconds_p50": round(percentile(times, 0.5), 1),
            "milliseconds_p95": round(percentile(times, 0.95), 1),
            **(self._retrieval() if self.pooled else {}),
        }

    def _retrieval(self) -> dict[str, float | None]:
        rankings = [[0] * (reply.rank - 1) + [1] if reply.rank else [] for reply in self.replies]
        return {
            **{
                f"recall@{k}": _percent([float(0 < reply.rank <= k) for reply in self.replies])
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
    """Return the scores of the first ``limit`` questions; the corpus holds all contexts.

    With ``pooled`` every question is asked of all contexts, else of its own alone.
    """
    if limit is not None and limit < 1:
        raise EvalError(f"--limit is a number of questions, 1 or more, not {limit}")
    contexts = Contexts(questions, encoder)
    ask = contexts.find if pooled else contexts.read
    chosen = questions if limit is None else questions[:limit]
    bar = tqdm(chosen, "questions", disable=None if progress else True)
    return ReadingScores(tuple(_reply(question, ask) for question in bar), pooled)


def _reply(
    question: ContextQuestion, ask: Callable[[ContextQuestion], tuple[Answer, int]]
) -> Reply:
    answerable = accepted_answers(question.answers) != ("",)
    started = perf_counter()
    try:
        answer, rank = ask(question)
    except Exception as error:
        message = f"{question.id}: {type(error).__name__}: {error}"
        best = 0.0 if answerable else None
        return Reply(best, best, 0.0, False, 0, 1000 * (perf_counter() - started), message)
    elapsed = 1000 * (perf_counter() - started)
    candidates = answer.reading.candidates if answer.reading is not None else ()
    best_text = candidates[0].text if candidates else ""
    return Reply(
        exact_match=exact_match(best_text, question.answers) if answerable else None,
        f1=f1(best_text, question.answers) if answerable else None,
        f1_with_refusal=f1(answer.text or "", question.answers),
        refused=answer.text is None,
        rank=rank,
        milliseconds=elapsed,
    )


def render_reading(scores: ReadingScores) -> str:
    """Return the scores as JSON that reads well in a terminal."""
    return json.dumps(scores.to_dict(), indent=1) + "\n"


def _percent(values: Sequence[float]) -> float | None:
    return round(100 * sum(values) / len(values), 2) if values else None
