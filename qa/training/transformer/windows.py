"""Turn a question, headings and a window into pieces, and deal them out in batches by length.

``<s> question </s></s> headings </s> window </s>``; without headings the part between is left out.
"""

import random
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import NamedTuple

import torch
from tokenizers import Tokenizer
from torch import Tensor

BEGIN, PAD, END = 0, 1, 2
LONGEST = 224  # pieces of a whole row
QUESTION = 48
HEADINGS = 40
POOL = 32  # batches that are sorted by length together


@dataclass(frozen=True, slots=True)
class Reading:
    """A question asked of a window; ``spans`` are the answers, none where it does not answer."""

    question: str
    headings: str
    text: str
    spans: tuple[tuple[int, int], ...]
    source: str


@dataclass(frozen=True, slots=True)
class Row:
    """Pieces of a reading; ``offset`` is where the window begins among them.

    ``places`` are the characters of the window's pieces; ``start`` and ``last`` the answer's
    pieces, 0 for what is not here.
    """

    ids: tuple[int, ...]
    offset: int
    places: tuple[tuple[int, int], ...]
    start: int
    last: int


class Batch(NamedTuple):
    """Padded ids (b, n), what a span may hold (b, n), and the answer's pieces (b,)."""

    ids: Tensor
    allowed: Tensor
    starts: Tensor
    lasts: Tensor


def load_tokenizer(folder: Path) -> Tokenizer:
    """Return a base's tokenizer without its own padding, truncation and special pieces."""
    tokenizer = Tokenizer.from_file(str(folder / "tokenizer.json"))
    tokenizer.no_padding()
    tokenizer.no_truncation()
    return tokenizer


def encode(tokenizer: Tokenizer, readings: Sequence[Reading], seed: int | None = None) -> list[Row]:
    """Return the rows of readings; a window too long is cut around its answer by chance.

    Without a seed a window is cut at its end and its answer is not looked for.
    """
    chance = random.Random(seed)
    asked, headed, texts = (
        tokenizer.encode_batch([getattr(one, part) for one in readings], add_special_tokens=False)
        for part in ("question", "headings", "text")
    )
    rows = []
    for reading, question, headings, text in zip(readings, asked, headed, texts, strict=True):
        head = [BEGIN, *question.ids[:QUESTION], END, END]
        if headings.ids:
            head += [*headings.ids[:HEADINGS], END]
        room = LONGEST - len(head) - 1
        span = chance.choice(reading.spans) if reading.spans and seed is not None else None
        pieces = _pieces(text.offsets, span) if span else None
        cut = _cut(len(text.ids), room, pieces, chance) if seed is not None else 0
        ids, places = text.ids[cut : cut + room], text.offsets[cut : cut + room]
        start, last = (0, 0) if pieces is None else (n - cut + len(head) for n in pieces)
        rows.append(Row((*head, *ids, END), len(head), tuple(places), start, last))
    return rows


def _pieces(places: Sequence[tuple[int, int]], span: tuple[int, int]) -> tuple[int, int] | None:
    """Return the first and last piece of a span of characters; None where there are none."""
    inside = [n for n, (begin, end) in enumerate(places) if end > span[0] and begin < span[1]]
    return (inside[0], inside[-1]) if inside else None


def _cut(size: int, room: int, kept: tuple[int, int] | None, chance: random.Random) -> int:
    """Return from which piece on a window of ``room`` pieces is read."""
    if size <= room:
        return 0
    lowest, highest = 0, size - room
    if kept is not None:
        lowest, highest = max(lowest, kept[1] + 1 - room), min(highest, kept[0])
    return chance.randint(min(lowest, highest), highest)


def batch_of(rows: Sequence[Row]) -> Batch:
    """Return rows as padded tensors; an answer that was cut off is not here."""
    width = max(len(row.ids) for row in rows)
    ids = torch.full((len(rows), width), PAD)
    allowed = torch.zeros((len(rows), width), dtype=torch.bool)
    for n, row in enumerate(rows):
        ids[n, : len(row.ids)] = torch.tensor(row.ids)
        allowed[n, row.offset : len(row.ids) - 1] = True
    allowed[:, 0] = True
    kept = [(row.start, row.last) if row.last < len(row.ids) - 1 else (0, 0) for row in rows]
    starts, lasts = torch.tensor(kept).T
    return Batch(ids, allowed, starts, lasts)


def batches(rows: Sequence[Row], tokens: int, seed: int) -> Iterator[Batch]:
    """Yield all rows once, in batches of at most ``tokens`` pieces with padding.

    The order of the rows is kept but within pools, which are sorted by length and then shuffled.
    """
    chance = random.Random(seed)
    size = POOL * tokens // 150
    for start in range(0, len(rows), size):
        pool = sorted(rows[start : start + size], key=lambda row: len(row.ids))
        dealt: list[list[Row]] = [[]]
        for row in pool:
            if (len(dealt[-1]) + 1) * len(row.ids) > tokens:
                dealt.append([])
            dealt[-1].append(row)
        chance.shuffle(dealt)
        yield from (batch_of(part) for part in dealt if part)
