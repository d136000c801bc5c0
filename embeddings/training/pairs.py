"""Make the static model's training data: questions and sentences, each with its paragraph.

How much of each is drawn, and the training itself, are left to ``contrast``.
"""

from __future__ import annotations

import random
import re
from collections.abc import Iterable, Sequence
from pathlib import Path

import numpy as np
from numpy.typing import NDArray
from tokenizers import Tokenizer

from embeddings.training.bm25 import hard_negatives
from embeddings.training.data import Example, training_questions
from embeddings.training.ragged import Ragged, tokenize

# The share of each file that is taken: some are formulaic, or ask about single sentences.
SHARES = {
    "qa-squad-train-aligned": 1.0,
    "qa-squad-train-tail-detok": 1.0,
    "qa-qed-nq-dev": 1.0,
    "qa-timeqa-human": 1.0,
    "qa-covidqa-windowed": 1.0,
    "qa-fairytaleqa-spans": 1.0,
    "qa-policyqa-dev": 0.25,
    "qa-policyqa-test": 0.25,
    "qa-qamr-wiki-devtest": 0.3,
}

_SENTENCE_END = re.compile(r"(?<=[.!?])[\"”')\]]*\s+(?=[\"“(\[]?[A-Z0-9])")
_NEGATIVES = 4
_CANDIDATES = 16
_RUN = 64


def choose_questions(data: Path, seed: int) -> list[Example]:
    """Return a random share of the training questions of each file, as `SHARES` says."""
    draw = random.Random(seed)
    examples = training_questions(data, tuple(SHARES))
    return [example for example in examples if draw.random() < SHARES[example.source]]


def question_pairs(
    tokenizer: Tokenizer, examples: Sequence[Example]
) -> tuple[Ragged, Ragged, NDArray[np.int64], NDArray[np.int64]]:
    """Return questions, distinct paragraphs, each question's paragraph, and hard negatives.

    The negatives have shape (questions, 4); the last one is repeated where there are fewer.
    """
    numbers = {text: row for row, text in enumerate(dict.fromkeys(e.context for e in examples))}
    paragraphs = list(numbers)
    own = np.array([numbers[example.context] for example in examples], dtype=np.int64)
    negatives = _negatives(examples, paragraphs, own)
    questions = tokenize(tokenizer, (example.question for example in examples))
    return questions, tokenize(tokenizer, paragraphs), own, negatives


def _negatives(
    examples: Sequence[Example], paragraphs: Sequence[str], own: NDArray[np.int64]
) -> NDArray[np.int64]:
    """Return the hard negatives of each question, or the next paragraph where there are none."""
    rows = np.empty((len(examples), _NEGATIVES), dtype=np.int64)
    for row, found in enumerate(hard_negatives(examples, paragraphs, _CANDIDATES)):
        chosen = found[:_NEGATIVES] or [(int(own[row]) + 1) % len(paragraphs)]
        rows[row] = [*chosen, *([chosen[-1]] * (_NEGATIVES - len(chosen)))]
    return rows


def sentence_pairs(
    tokenizer: Tokenizer, prose: Iterable[str], share: float, seed: int
) -> tuple[Ragged, NDArray[np.int64]]:
    """Return the sentences of the paragraphs, and the number of each paragraph's first sentence.

    A random ``share`` of the prose is taken, in runs of 64 paragraphs so that neighbours stay
    together, and of these the paragraphs of 3 to 16 sentences. The second array has one more entry
    than there are paragraphs.
    """
    draw = random.Random(seed)
    firsts = [0]
    sentences: list[str] = []
    taken = True
    for number, paragraph in enumerate(prose):
        if number % _RUN == 0:
            taken = draw.random() < share
        parts = _SENTENCE_END.split(paragraph) if taken else ()
        if 3 <= len(parts) <= 16:
            sentences.extend(parts)
            firsts.append(len(sentences))
    return tokenize(tokenizer, sentences), np.array(firsts, dtype=np.int64)
