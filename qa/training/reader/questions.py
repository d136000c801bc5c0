"""Turn questions with spans into token pairs, with hard negatives: passages that do not answer.

They are the neighbouring paragraphs of the same file (most often the same article) and those that
BM25 finds for the question.
"""

from collections.abc import Iterator, Mapping, Sequence
from itertools import chain

import numpy as np
from tokenizers import Tokenizer

from embeddings.training.bm25 import hard_negatives
from embeddings.training.data import Example
from embeddings.training.ragged import Ragged
from qa.training.reader.pairs import Pairs

LONGEST = 600
FOUND = 4  # hits of BM25, its own paragraph perhaps among them
NEIGHBOURS = (-2, -1, 1, 2)
WEIGHTS = {
    "qa-policyqa-dev": 0.3,
    "qa-policyqa-test": 0.3,
    "qa-qasrl-gs": 0.3,
    "qa-qamr-wiki-devtest": 0.6,
}


def token_spans(
    offsets: Sequence[tuple[int, int]], answers: Sequence[tuple[str, int]]
) -> list[tuple[int, int]]:
    """Return first and last token of every answer, without doubles.

    >>> token_spans([(0, 3), (4, 8), (9, 12)], [("John Doe", 4)])
    [(1, 2)]
    """
    begins = np.array([begin for begin, _ in offsets])
    ends = np.array([end for _, end in offsets])
    found = []
    for text, start in answers:
        first = int(np.searchsorted(ends, start, side="right"))
        last = int(np.searchsorted(begins, start + len(text), side="left")) - 1
        if first <= last < len(offsets):
            found.append((first, last))
    return list(dict.fromkeys(found))


def question_pairs(
    tokenizer: Tokenizer,
    examples: Sequence[Example],
    around: Mapping[str, Sequence[str]] | None = None,
) -> Pairs:
    """Return the examples as pairs, one passage for each distinct context, in their order.

    An example without answers is a question whose own passage does not answer it. ``around`` holds
    what stands near a context where that is no other context: passages that answer nothing.
    """
    own = [example.context for example in examples]
    around = around or {}
    contexts = list(dict.fromkeys([*own, *chain.from_iterable(around.values())]))
    number = {context: n for n, context in enumerate(contexts)}
    encoded = tokenizer.encode_batch(contexts)
    asked = tokenizer.encode_batch_fast([example.question for example in examples])
    passage_of = np.array([number[example.context] for example in examples])
    spans = [
        [t for span in token_spans(encoded[n].offsets, example.answers) for t in span]
        for example, n in zip(examples, passage_of, strict=True)
    ]
    spans = [_short(found) for found in spans]
    weights = [
        WEIGHTS.get(example.source, 1.0) if found or not example.answers else 0.0
        for example, found in zip(examples, spans, strict=True)
    ]
    near = _near(examples, contexts, around)
    return Pairs(
        questions=Ragged.of((encoding.ids[-60:] for encoding in asked), np.uint16),
        passages=Ragged.of((encoding.ids[:LONGEST] for encoding in encoded), np.uint16),
        passage_of=passage_of,
        spans=Ragged.of(spans, np.uint16),
        negatives=Ragged.of(hard_negatives(examples, contexts, FOUND, near), int),
        weights=np.array(weights, np.float32),
    )


def _short(flat: list[int]) -> list[int]:
    """Leave out spans that end beyond the longest passage kept."""
    kept = [pair for pair in zip(flat[::2], flat[1::2], strict=True) if pair[1] < LONGEST]
    return [t for pair in kept for t in pair]


def _near(
    examples: Sequence[Example], contexts: list[str], around: Mapping[str, Sequence[str]]
) -> Iterator[list[int]]:
    """Yield for each example the numbers of the contexts around its own, of the same file."""
    number = {context: n for n, context in enumerate(contexts)}
    source = {example.context: example.source for example in examples}
    sources = [source.get(context) for context in contexts]
    for example in examples:
        own = number[example.context]
        if example.context in around:
            yield [number[context] for context in around[example.context]]
        else:
            near = (own + step for step in NEIGHBOURS if 0 <= own + step < len(contexts))
            yield [n for n in near if sources[n] == sources[own]]
