"""Keep the prose as token ids: flat uint16 files, paragraphs in order, each closed by [END].

A shard stays under the size that one file may have on its way to another machine. What is learnt
from the ids is left to ``language``.
"""

from collections.abc import Iterable, Iterator
from itertools import islice
from pathlib import Path

import numpy as np
from tokenizers import Tokenizer

from qa.training.reader.tokens import END

SHARD_TOKENS = 7_000_000
BATCH = 2_000


def write_shards(tokenizer: Tokenizer, texts: Iterable[str], folder: Path) -> int:
    """Write the ids of ``texts`` as ``prose-000.u16`` and on; return the number of tokens."""
    folder.mkdir(parents=True, exist_ok=True)
    held: list[np.ndarray] = []
    total = size = number = 0
    for ids in _encoded(tokenizer, texts):
        held.append(ids)
        size += len(ids)
        if size >= SHARD_TOKENS:
            _write(held, folder / f"prose-{number:03d}.u16")
            total, size, number, held = total + size, 0, number + 1, []
    if held:
        _write(held, folder / f"prose-{number:03d}.u16")
    return total + size


def _encoded(tokenizer: Tokenizer, texts: Iterable[str]) -> Iterator[np.ndarray]:
    stream = iter(texts)
    while batch := list(islice(stream, BATCH)):
        for encoding in tokenizer.encode_batch_fast(batch):
            yield np.array([*encoding.ids, END], dtype=np.uint16)


def _write(pieces: list[np.ndarray], path: Path) -> None:
    part = path.with_suffix(".part")
    np.concatenate(pieces).tofile(part)
    part.replace(path)


def shard_paths(folder: Path) -> list[Path]:
    """Return the shards of ``folder`` in order."""
    return sorted(folder.glob("prose-*.u16"))


def read_shard(path: Path) -> np.ndarray:
    """Return the ids of one shard, mapped from disk."""
    return np.memmap(path, dtype=np.uint16, mode="r")
