"""Make questions out of prose: a sentence loses a span that a passage nearby repeats.

The span gives way to a question word, so that the reader practises exactly what it will be asked:
to find in a passage what a question lacks (Dhingra et al. 2018; Ram et al. 2021).
"""

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
from tokenizers import Tokenizer

from embeddings.pretraining.pairs import Pairs, Ragged
from embeddings.pretraining.shards import paragraphs
from embeddings.pretraining.tokens import CONTINUES, MASK, piece_texts

NEAR = 3
STOP = 150
Mentions = dict[tuple[int, ...], list[int]]


@dataclass(frozen=True, slots=True)
class Pieces:
    """What each piece looks like, by id: boolean arrays, and the ids of the question words."""

    inside: np.ndarray
    named: np.ndarray
    number: np.ndarray
    stop: np.ndarray
    closing: np.ndarray
    asked: dict[str, list[list[int]]]

    @classmethod
    def of(cls, tokenizer: Tokenizer, counts: np.ndarray) -> "Pieces":
        """Describe a tokenizer's pieces; the most frequent ones by ``counts`` are stop words."""
        texts = piece_texts(tokenizer)
        stop = np.array([not any(c.isalnum() for c in text) for text in texts])
        common = np.argsort(-counts, kind="stable")[:STOP]
        frequent = {texts[n].casefold() for n in common if texts[n].isalpha()}
        stop |= np.array([text.casefold() in frequent for text in texts])
        words = {
            "year": ["when", "what year", "in what year"],
            "number": ["how many", "how much", "what number of"],
            "name": ["who", "what", "which", "what"],
            "other": ["what", "which", "what"],
        }
        return cls(
            inside=np.array([text.startswith(CONTINUES) and len(text) > 2 for text in texts]),
            named=np.array([text[:1].isupper() for text in texts]),
            number=np.array([text[:1].isdigit() for text in texts]),
            stop=stop,
            closing=np.array([text in {".", "?", "!"} for text in texts]),
            asked={kind: [tokenizer.encode(w).ids for w in ws] for kind, ws in words.items()},
        )


def sentences(ids: np.ndarray, pieces: Pieces) -> list[tuple[int, int]]:
    """Return where sentences lie: a closing sign before a capital ends one."""
    ends = np.flatnonzero(pieces.closing[ids[:-1]] & pieces.named[ids[1:]]) + 1
    return list(zip([0, *ends.tolist()], [*ends.tolist(), len(ids)], strict=True))


def mentions(ids: np.ndarray, pieces: Pieces) -> Mentions:
    """Return names, numbers and rarer pairs of words with the positions where they start."""
    key = (pieces.named[ids] | pieces.number[ids]) & ~pieces.stop[ids]
    found: Mentions = {}
    n, row = 0, ids.tolist()
    word = ~pieces.inside[ids]
    content = ~pieces.stop[ids]
    while n < len(row):
        end = _run(n, key if key[n] else content, word, len(row))
        words = int(word[n:end].sum())
        if word[n] and end > n and (key[n] or words in (2, 3)) and words <= 5:
            found.setdefault(tuple(row[n:end]), []).append(n)
        n = max(end, n + 1)
    return found


def _run(begin: int, wanted: np.ndarray, word: np.ndarray, size: int) -> int:
    """Return where a run of wanted words ends; pieces inside a word belong to it."""
    end = begin
    while end < size and (wanted[end] or (end > begin and not word[end])):
        end += 1
    return end


def cloze_pairs(shard: np.ndarray, pieces: Pieces, seed: int, each: int = 2) -> Pairs:
    """Return up to ``each`` cloze questions on every paragraph of 40 to 400 tokens."""
    rng = np.random.default_rng(seed)
    texts = [text.astype(np.int64) for text in paragraphs(shard)]
    held = [mentions(text, pieces) for text in texts]
    asked = [_sentences(text, pieces) for text in texts]
    rows = []
    for n, text in enumerate(texts):
        if 40 <= len(text) <= 400:
            found = [
                *_own(text, asked[n], pieces),
                *_nearby(n, texts, held, asked, pieces),
            ]
            found.sort(key=lambda made: -made[0] * rng.uniform(0.5, 1.0))
            rows.extend((_ask(made, pieces, rng), *made[3:]) for made in found[:each])
    count = len(rows)
    return Pairs(
        questions=Ragged.of((row[0] for row in rows), np.uint16),
        passages=Ragged.of((row[1] for row in rows), np.uint16),
        passage_of=np.arange(count),
        spans=Ragged.of((row[2] for row in rows), np.uint16),
        foils=Ragged.of(([] for _ in rows), np.int32),
        weights=np.ones(count, np.float32),
    )


Made = tuple[float, np.ndarray, tuple[int, ...], np.ndarray, list[int]]


def _sentences(text: np.ndarray, pieces: Pieces) -> list[tuple[int, int, Mentions]]:
    """Return the sentences that may be asked: where they lie and what they mention."""
    return [
        (begin, end, mentions(text[begin:end], pieces))
        for begin, end in sentences(text, pieces)
        if 8 <= end - begin <= 48
    ]


def _own(text: np.ndarray, asked: list, pieces: Pieces) -> Iterator[Made]:
    """Take a sentence out of its own paragraph and ask it to the rest."""
    for begin, end, inside in asked:
        rest = np.concatenate([text[:begin], text[end:]])
        if len(rest) >= 30:
            yield from _shared(text[begin:end], inside, rest, mentions(rest, pieces), pieces)


def _nearby(n: int, texts: list, held: list, asked: list, pieces: Pieces) -> Iterator[Made]:
    """Ask the sentences of the paragraphs around to paragraph ``n``."""
    for other in range(max(0, n - NEAR), min(len(texts), n + NEAR + 1)):
        if other != n and held[other].keys() & held[n].keys():
            for begin, end, inside in asked[other]:
                yield from _shared(texts[other][begin:end], inside, texts[n], held[n], pieces)


def _shared(
    sentence: np.ndarray, inside: Mentions, passage: np.ndarray, held: Mentions, pieces: Pieces
) -> Iterator[Made]:
    """Yield each span that sentence and passage share, if they share other words too."""
    spans = [span for span in inside if span in held and len(held[span]) <= 3]
    if not spans:
        return
    words = set(sentence[~pieces.stop[sentence]].tolist()) & set(passage.tolist())
    for span in spans:
        common = len(words - set(span))
        if common:
            places = [p for at in held[span] for p in (at, at + len(span) - 1)]
            yield common / len(sentence) ** 0.5, sentence, span, passage, places


def _ask(made: Made, pieces: Pieces, rng: np.random.Generator) -> np.ndarray:
    """Turn a sentence into a question: a question word for the span, half of the time in front."""
    _, sentence, span, _, _ = made
    row = sentence.tolist()
    at = next(n for n in range(len(row)) if tuple(row[n : n + len(span)]) == span)
    before, after = row[max(0, at - 18) : at], row[at + len(span) : at + len(span) + 18]
    kind = "name" if pieces.named[span[0]] else "number" if pieces.number[span[0]] else "other"
    kind = "year" if kind == "number" and len(span) == 1 and rng.random() < 0.5 else kind
    words = pieces.asked[kind]
    asked = [MASK] if rng.random() < 0.2 else words[rng.integers(len(words))]
    order = [asked, before, after] if rng.random() < 0.5 else [before, asked, after]
    kept = [t for part in order for t in part if part is asked or rng.random() > 0.1]
    return np.array(kept, dtype=np.uint16)
