"""Hide the paragraphs that questions were asked about among others, as many as are wanted.

The same number gives the same paragraphs, and more of them begin with these. Asking is left to
`eval.benchmarks.growth`.
"""

import lzma
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import chain, islice
from pathlib import Path

from eval.datasets.squad import ContextQuestion, distinct_contexts, read_squad
from eval.schema import EvalError
from qa import Document, Passage, make_document

RUN = 32  # paragraphs that make a document, as many as a long article has


@dataclass(frozen=True, slots=True)
class Asked:
    """A question, and where the paragraph that it was asked about begins and ends."""

    question: ContextQuestion
    source: str
    start: int
    end: int

    def is_right(self, passage: Passage, source: str) -> bool:
        """Tell whether a passage is of that paragraph and holds an answer."""
        inside = self.start <= passage.span.start and passage.span.end <= self.end
        held = any(answer in passage.text for answer in self.question.answers)
        return source == self.source and inside and held


def asked_of(data: Path, size: int, count: int) -> tuple[list[str], list[Asked]]:
    """Return the contexts, those asked about first, and the questions asked of ``size`` paragraphs.

    Of each file of questions ``count`` are taken, evenly spread over its first half.
    """
    files = sorted((data / "dev").glob("qa-*.jsonl.xz"))
    if not files:
        raise EvalError(f"{data}: holds no dev/qa-*.jsonl.xz; name another folder with --data")
    known = [read_squad(file) for file in files]
    halves = [some[: max(len(some) // 2, 1)] for some in known]
    chosen = [half[:: -(-len(half) // count)] for half in halves]
    contexts = list(distinct_contexts([*chain(*chosen), *chain(*known)]))
    places = _places(contexts)
    found = []
    for question in chain(*chosen):
        at, start = places[question.context]
        if at < size:
            source, end = _source(at // RUN), start + len(question.context)
            found.append(Asked(question, source, start, end))
    return contexts, found


def _places(contexts: Sequence[str]) -> dict[str, tuple[int, int]]:
    """Return the number of every paragraph, and where it begins in its document."""
    places, start = {}, 0
    for at, context in enumerate(contexts):
        start = 0 if at % RUN == 0 else start
        places[context] = (at, start)
        start += len(context) + 2
    return places


def paragraphs_of(data: Path, contexts: Sequence[str], size: int) -> list[str]:
    """Return ``size`` paragraphs, or all that there are: the contexts, then prose."""
    return list(islice(chain(contexts, _prose(data)), size))


def documents_of(paragraphs: Sequence[str]) -> tuple[Document, ...]:
    """Return paragraphs as documents."""
    starts = range(0, len(paragraphs), RUN)
    runs = ("\n\n".join(paragraphs[start : start + RUN]) for start in starts)
    return tuple(make_document(text, _source(number)) for number, text in enumerate(runs))


def _prose(data: Path) -> Iterator[str]:
    for file in sorted((data / "train").glob("prose-*.txt.xz"), reverse=True):
        with lzma.open(file, "rt", encoding="utf-8", newline="\n") as lines:
            yield from (line.rstrip("\n") for line in lines if line.strip())


def _source(number: int) -> str:
    return f"{number:06d}.txt"
