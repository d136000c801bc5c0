"""Turn questions with spans into token pairs, with foils: passages near by that do not answer.

Foils are the neighbouring paragraphs of the same file (most often the same article) and the
paragraphs that BM25 finds for the question; one that holds an answer's words is no foil.
"""

from collections.abc import Mapping, Sequence
from itertools import chain

import numpy as np
from tokenizers import Tokenizer

from embeddings.training.data import Example
from qa.training.reader.pairs import Pairs, Ragged

LONGEST = 600
FOUND = 3
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
    what stands near a context where that is no other context: passages that are foils only.
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
    return Pairs(
        questions=Ragged.of((encoding.ids[-60:] for encoding in asked), np.uint16),
        passages=Ragged.of((encoding.ids[:LONGEST] for encoding in encoded), np.uint16),
        passage_of=passage_of,
        spans=Ragged.of(spans, np.uint16),
        foils=Ragged.of(_foils(examples, contexts, around), int),
        weights=np.array(weights, np.float32),
    )


def _short(flat: list[int]) -> list[int]:
    """Leave out spans that end beyond the longest passage kept."""
    kept = [pair for pair in zip(flat[::2], flat[1::2], strict=True) if pair[1] < LONGEST]
    return [t for pair in kept for t in pair]


def _foils(
    examples: Sequence[Example], contexts: list[str], around: Mapping[str, Sequence[str]]
) -> list[list[int]]:
    folded = [context.casefold() for context in contexts]
    number = {context: n for n, context in enumerate(contexts)}
    source = {example.context: example.source for example in examples}
    sources = [source.get(context) for context in contexts]
    rows = []
    for example, hits in zip(examples, _retrieved(examples, contexts), strict=True):
        own = number[example.context]
        if example.context in around:
            near = [number[context] for context in around[example.context]]
        else:
            near = [own + step for step in NEIGHBOURS if 0 <= own + step < len(contexts)]
            near = [n for n in near if sources[n] == sources[own]]
        texts = [text.casefold() for text, _ in example.answers]
        rows.append(
            [
                n
                for n in dict.fromkeys([*near, *hits])
                if n != own and not any(text in folded[n] for text in texts)
            ]
        )
    return rows


def _retrieved(examples: Sequence[Example], contexts: list[str]) -> list[list[int]]:
    """Return the contexts that BM25 finds for each question, among the first ones."""
    # only where data is prepared, not where a network learns from it
    import bm25s

    index = bm25s.BM25()
    index.index(bm25s.tokenize(contexts, show_progress=False), show_progress=False)
    asked = bm25s.tokenize([example.question for example in examples], show_progress=False)
    found, _ = index.retrieve(asked, k=min(FOUND + 1, len(contexts)), show_progress=False)
    return [[int(n) for n in row] for row in found]
