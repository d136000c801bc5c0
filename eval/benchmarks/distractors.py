"""Hide the paragraphs that questions are about among a chosen number of distractors.

The same number always gives the same paragraphs, and a larger number begins with the same ones.
Asking is left to `eval.benchmarks.growth`.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import chain, islice
from pathlib import Path

from eval.datasets import ContextQuestion, distinct_contexts, paragraphs, read_squad
from eval.schema import EvalError
from qa import Document, Passage, make_document

RUN = 32  # paragraphs of a document, as many as a long article has


@dataclass(frozen=True, slots=True)
class Asked:
    """A question, and the document and range of the paragraph that it is about."""

    question: ContextQuestion
    source: str
    start: int
    end: int

    def is_right(self, passage: Passage, source: str) -> bool:
        """Tell whether a passage lies in that paragraph and holds an answer."""
        inside = self.start <= passage.span.start and passage.span.end <= self.end
        held = any(answer in passage.text for answer in self.question.answers)
        return source == self.source and inside and held


def asked_of(data: Path, size: int, count: int) -> tuple[list[str], list[Asked]]:
    """Return all contexts, those asked about first, and the questions about the first ``size``.

    About ``count`` questions are taken from each file, evenly spread over its first half.
    """
    files = sorted((data / "dev").glob("qa-*.jsonl.xz"))
    if not files:
        raise EvalError(f"{data}: holds no dev/qa-*.jsonl.xz; name another folder with --data")
    known = [read_squad(file) for file in files]
    halves = [some[: max(len(some) // 2, 1)] for some in known]
    chosen = [half[:: -(-len(half) // count)] for half in halves]
    contexts = list(distinct_contexts([*chain(*chosen), *chain(*known)]))
    positions = _positions(contexts)
    found = []
    for question in chain(*chosen):
        at, start = positions[question.context]
        if at < size:
            source, end = _source(at // RUN), start + len(question.context)
            found.append(Asked(question, source, start, end))
    return contexts, found


def _positions(contexts: Sequence[str]) -> dict[str, tuple[int, int]]:
    """Return the number of each paragraph, and the offset at which it begins in its document."""
    positions, start = {}, 0
    for at, context in enumerate(contexts):
        start = 0 if at % RUN == 0 else start
        positions[context] = (at, start)
        start += len(context) + 2
    return positions


def paragraphs_of(data: Path, contexts: Sequence[str], size: int) -> list[str]:
    """Return ``size`` paragraphs, or all that there are: the contexts, then prose."""
    files = sorted((data / "train").glob("prose-*.txt.xz"), reverse=True)
    return list(islice(chain(contexts, *map(paragraphs, files)), size))


def documents_of(texts: Sequence[str]) -> tuple[Document, ...]:
    """Return paragraphs as documents of `RUN` paragraphs each."""
    runs = ("\n\n".join(texts[at : at + RUN]) for at in range(0, len(texts), RUN))
    return tuple(make_document(text, _source(number)) for number, text in enumerate(runs))


def _source(number: int) -> str:
    return f"{number:06d}.txt"
