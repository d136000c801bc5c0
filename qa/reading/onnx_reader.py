"""Score the spans of passages with a trained network: question and passage in, spans out.

The network is an ONNX file with its tokenizer, made by `qa.training.reader`. Which passages
it reads, and what else speaks for a span, is left to `qa.reading.selector`.
"""

import hashlib
import json
from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache
from importlib.resources import files
from pathlib import Path
from typing import Protocol

import numpy as np
from numpy.typing import NDArray

from embeddings import import_onnxruntime
from qa.errors import ModelError
from qa.schema import Span
from qa.text import tokenize

LIMIT = 15.0  # log-odds; beyond, more of them say nothing more
LONGEST_SPAN = 30  # tokens
LONGEST_PASSAGE = 400  # tokens; what lies beyond is not read
LONGEST_QUESTION = 64  # tokens
_PAD, _UNKNOWN = 0, 1
_MODEL, _TOKENIZER, _CHECKSUMS = "reader.onnx", "tokenizer.json", "checksums.json"
_REMEDY = "install the package again: pip install --force-reinstall extractive-qa"


@dataclass(frozen=True, slots=True)
class ScoredSpan:
    """A span of a text and its log-odds against the text holding no answer.

    They are the sum of what speaks for its start and for its end.
    """

    span: Span
    opens: float
    closes: float

    @property
    def score(self) -> float:
        """The log-odds."""
        return self.opens + self.closes


class SpanScorer(Protocol):
    """What gives spans log-odds that compare across passages."""

    def spans(self, question: str, texts: Sequence[str], best: int) -> list[list[ScoredSpan]]:
        """Return for each text its ``best`` spans, best first."""


class Network:
    """An extractive reader: log-odds of spans, comparable across passages."""

    def __init__(self, folder: Path) -> None:
        _verify(folder)
        from tokenizers import Tokenizer

        onnxruntime = import_onnxruntime()
        options = onnxruntime.SessionOptions()
        options.intra_op_num_threads = 2
        try:
            self._session = onnxruntime.InferenceSession(
                folder / _MODEL, options, providers=["CPUExecutionProvider"]
            )
            self._tokenizer = Tokenizer.from_file(str(folder / _TOKENIZER))
            self._tokenizer.encode_special_tokens = True  # "[PAD]" in a text is text
        except Exception as error:  # both libraries raise classes of their own
            raise ModelError(
                f"{folder}: the reader cannot be loaded ({error}); {_REMEDY}"
            ) from error

    def spans(self, question: str, texts: Sequence[str], best: int) -> list[list[ScoredSpan]]:
        """Return for each text its ``best`` spans, best first."""
        asked = self._tokenizer.encode(question, add_special_tokens=False).ids[:LONGEST_QUESTION]
        read = self._tokenizer.encode_batch(list(texts), add_special_tokens=False)
        rows = [encoding.ids[:LONGEST_PASSAGE] for encoding in read]
        if not asked or not any(rows):
            return [[] for _ in texts]
        passages = np.full((len(rows), max(map(len, rows))), _PAD, np.int64)
        passages[:, 0] = _UNKNOWN  # a row of padding alone would have no meaning
        for number, row in enumerate(rows):
            passages[number, : len(row)] = row
        questions = np.tile(np.array(asked, np.int64), (len(rows), 1))
        start, end, none = self._session.run(
            ["start", "end", "none"], {"question": questions, "passage": passages}
        )
        found = []
        for n, row in enumerate(rows):
            closes = end[n, : len(row)] - none[n]
            found.append(best_spans(texts[n], start[n, : len(row)], closes, read[n].offsets, best))
        return found


@lru_cache(maxsize=1)
def bundled_network() -> Network:
    """Return the reader that ships; raise `ModelError` where it is missing or damaged."""
    return Network(Path(str(files("qa"))) / "models" / "reader")


def _verify(folder: Path) -> None:
    """Check the files of a model against their checksums; raise `ModelError` where they differ."""
    try:
        expected = json.loads((folder / _CHECKSUMS).read_bytes())
        for name in (_MODEL, _TOKENIZER):
            if hashlib.sha256((folder / name).read_bytes()).hexdigest() != expected[name]:
                raise ModelError(f"{folder / name}: does not match its checksum; {_REMEDY}")
    except (OSError, ValueError, KeyError, TypeError) as error:
        raise ModelError(
            f"{folder}: the reader is missing or damaged ({error}); {_REMEDY}"
        ) from error


def best_spans(
    text: str,
    opens: NDArray[np.float32],
    closes: NDArray[np.float32],
    offsets: Sequence[tuple[int, int]],
    best: int,
) -> list[ScoredSpan]:
    """Return the highest-scoring spans of at most `LONGEST_SPAN` pieces that cut no word.

    ``opens`` and ``closes`` hold for each piece what speaks for its being the first, or the last.
    """
    size = len(opens)
    if size == 0:
        return []
    scores = opens[:, None] + closes[None, :]
    allowed = np.triu(np.ones((size, size), bool)) & ~np.triu(
        np.ones((size, size), bool), LONGEST_SPAN
    )
    words = [token.span for token in tokenize(text)]
    starts, ends = {span.start for span in words}, {span.end for span in words}
    allowed &= np.array([first in starts for first, _ in offsets[:size]], bool)[:, None]
    allowed &= np.array([last in ends for _, last in offsets[:size]], bool)
    scores = np.where(allowed, scores, -np.inf).ravel()
    count = min(best, int(allowed.sum()))
    if count == 0:
        return []
    order = np.argpartition(-scores, count - 1)[:count]
    order = order[np.lexsort((order, -scores[order]))]
    found = []
    for place in order:
        first, last = divmod(int(place), size)
        span = (offsets[first][0], offsets[last][1])
        if span[0] < span[1]:
            found.append(ScoredSpan(Span(*span), float(opens[first]), float(closes[last])))
    return found
