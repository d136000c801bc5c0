"""Give each piece a vector from the company it keeps, to start the embeddings from.

Counts within five tokens, as shifted positive mutual information, factored: what skip-gram with
negative sampling approaches by descent (Levy and Goldberg 2014), in minutes on one core.
"""

from collections.abc import Iterable

import numpy as np
import torch

from embeddings.pretraining.tokens import SPECIALS

WINDOW = 5
SUBSAMPLE = 1e-4
SMOOTHING = 0.75


def company(shards: Iterable[np.ndarray], frequency: np.ndarray, seed: int) -> np.ndarray:
    """Count (vocabulary, vocabulary) how often two pieces stand near, nearer ones weighing more.

    Frequent pieces are left out at random before the count, as word2vec does.
    """
    size = len(frequency)
    rng = np.random.default_rng(seed)
    share = np.maximum(frequency, 1) / frequency.sum()
    keep = np.minimum(1.0, np.sqrt(SUBSAMPLE / share))
    counts = np.zeros(size * size, np.float32)
    for shard in shards:
        ids = shard[rng.random(len(shard)) < keep[shard]].astype(np.int64)
        for away in range(1, WINDOW + 1):
            weight = np.float32((WINDOW + 1 - away) / WINDOW)
            np.add.at(counts, ids[:-away] * size + ids[away:], weight)
    square = counts.reshape(size, size)
    square += square.T.copy()
    square[: len(SPECIALS)] = square[:, : len(SPECIALS)] = 0
    return square


def factored(counts: np.ndarray, width: int, seed: int) -> np.ndarray:
    """Return float32 vectors (vocabulary, width) of unit mean length; overwrites ``counts``."""
    rows = np.maximum(counts.sum(1), 1e-6)
    context = rows**SMOOTHING
    context /= context.sum()
    for row, total in zip(counts, rows, strict=True):
        np.divide(row, total * context, out=row)
        np.log(np.maximum(row, 1.0, out=row), out=row)
    torch.manual_seed(seed)
    left, strength, _ = torch.svd_lowrank(torch.from_numpy(counts), q=width + 32, niter=3)
    vectors = (left * strength.sqrt())[:, :width].numpy()
    seen = counts.any(1)
    random = np.random.default_rng(seed).normal(0.0, 0.1 / width**0.5, vectors.shape)
    scaled = vectors / np.linalg.norm(vectors[seen], axis=1).mean()
    return np.where(seen[:, None], scaled, random).astype(np.float32)
