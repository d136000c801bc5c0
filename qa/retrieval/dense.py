"""Score passages by the nearness of their vectors to a question's: inner products, by FAISS.

Up to `EXACT` passages every vector is compared, as it is. Of more, vectors are kept in 8 bits a
number and in lists of neighbours (an inverted file), and the nearest lists are searched. A graph
(HNSW) finds as many in the same time, but takes some thirty times as long to make and twice the
disk: ``eval/results/scale.md`` compares them. How text becomes a vector is left to `embeddings`;
shared words are left to `qa.retrieval.bm25`.
"""

import os
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from embeddings import Encoder, ModelLoadError, load_encoder
from qa.errors import ModelError
from qa.retrieval.passages import passage_text
from qa.schema import Passage

EXACT = 100_000  # passages; comparing so many takes 3 ms of a question's 64, 80 MB, and misses none
PROBED = 48  # lists searched, of the square root of the passages: 96 % of the ten nearest are found
_TRAINED = 64  # vectors a list that its centre is found from
_BATCH = 512
_IN_MEMORY = 100_000_000  # bytes; a larger index is mapped into memory


def named_encoder(name_or_path: str | None) -> Encoder:
    """Return an encoder, the bundled one for None; raise `ModelError` where it cannot be loaded."""
    try:
        return load_encoder(name_or_path)
    except ModelLoadError as error:
        raise ModelError(str(error)) from error


class DenseIndex:
    """The vectors of passages in a FAISS index, in the order of the passages."""

    def __init__(self, index: Any, encoder: Encoder) -> None:
        self._index = index
        self.encoder = encoder

    @classmethod
    def build(
        cls,
        passages: Sequence[Passage],
        encoder: Encoder,
        *,
        made: Callable[[NDArray[np.int64]], NDArray[np.float32]] | None = None,
        progress: bool = False,
    ) -> "DenseIndex":
        """Encode passages in batches; ``progress`` draws a bar on stderr after a second.

        ``made`` gives the vectors of the passages at some places, where there is a quicker way to
        them than to encode their texts.
        """
        from tqdm import tqdm

        def encoded(places: NDArray[np.int64]) -> NDArray[np.float32]:
            if made is not None:
                return made(places)
            return encoder.encode_passages([passage_text(passages[at]) for at in places])

        index = _empty(len(passages), encoder.dimension, encoded)
        bar = tqdm(total=len(passages), desc="encoding", unit="passage", disable=not progress,
                   delay=1, leave=False)  # fmt: skip
        with bar:
            for start in range(0, len(passages), _BATCH):
                places = np.arange(start, min(start + _BATCH, len(passages)))
                index.add(encoded(places))
                bar.update(len(places))
        return cls(index, encoder)

    @property
    def is_exact(self) -> bool:
        """Whether vectors are kept as they are and all are compared."""
        return not hasattr(self._index, "nlist")

    def by_text(self, passages: Sequence[Passage]) -> dict[str, NDArray[np.float32]]:
        """Return the vector of each text that was encoded for ``passages``, this index's own.

        None are returned where they are only kept in 8 bits a number.
        """
        if not self.is_exact:
            return {}
        return dict(zip(map(passage_text, passages), self._vectors(0, self.size), strict=True))

    def matches(self, other: "DenseIndex") -> bool:
        """Tell whether another index holds the same vectors, but for the last digits kept."""
        if (self.size, self.is_exact) != (other.size, other.is_exact):
            return False
        return all(
            np.allclose(self._vectors(at, _BATCH), other._vectors(at, _BATCH), atol=1e-4)
            for at in range(0, self.size, _BATCH)
        )

    def _vectors(self, start: int, count: int) -> NDArray[np.float32]:
        count = min(count, self.size - start)
        if count == 0:
            return np.zeros((0, self._index.d), np.float32)
        vectors: NDArray[np.float32] = self._index.reconstruct_n(start, count)
        return vectors

    @property
    def size(self) -> int:
        """The number of passages."""
        return int(self._index.ntotal)

    def encode(self, question: str) -> NDArray[np.float32]:
        """Return the question's vector, shape (1, dimension)."""
        return self.encoder.encode_queries([question])

    def search(
        self,
        query: NDArray[np.float32],
        limit: int,
        allowed: NDArray[np.bool_] | None = None,
    ) -> NDArray[np.int64]:
        """Return the numbers of the ``limit`` passages nearest to a query vector, nearest first.

        ``allowed``, of shape (size,), leaves only the passages where it is true.
        """
        left = self.size if allowed is None else int(allowed.sum())
        limit = min(limit, left)
        if limit == 0:
            return np.zeros(0, np.int64)
        chosen: dict[str, Any] = {}
        if allowed is not None:
            chosen["sel"] = _faiss().IDSelectorBitmap(np.packbits(allowed, bitorder="little"))
        if self.is_exact:
            return self._search(query, limit, _faiss().SearchParameters(**chosen))
        # The fewer passages a filter leaves, the more lists hold as many of them.
        lists = self._index.nlist
        for probed in (min(lists, -(-PROBED * self.size // left)), lists):
            wide = _faiss().SearchParametersIVF(nprobe=probed, **chosen)
            places = self._search(query, limit, wide)
            if places[-1] >= 0:
                break
        return places

    def _search(self, query: NDArray[np.float32], limit: int, parameters: Any) -> NDArray[np.int64]:
        places: NDArray[np.int64] = self._index.search(query, limit, params=parameters)[1][0]
        return places

    def similarities(
        self, query: NDArray[np.float32], places: NDArray[np.int64]
    ) -> NDArray[np.float32]:
        """Return the cosines of a query vector and the passages at ``places``."""
        if len(places) == 0:
            return np.zeros(0, np.float32)
        vectors: NDArray[np.float32] = self._index.reconstruct_batch(places)
        cosines: NDArray[np.float32] = vectors @ query[0]
        return cosines

    def save(self, path: Path) -> None:
        """Write the FAISS index to ``path``."""
        path.write_bytes(_faiss().serialize_index(self._index))

    @classmethod
    def load(cls, path: Path, encoder: Encoder) -> "DenseIndex":
        """Open what `save` wrote; lists are read from the disk when they are searched."""
        if path.stat().st_size > _IN_MEMORY and os.name != "nt":  # FAISS maps none on Windows
            return cls(_faiss().read_index(str(path), _faiss().IO_FLAG_MMAP), encoder)
        return cls(_faiss().deserialize_index(np.fromfile(path, np.uint8)), encoder)


def _empty(
    size: int, dimension: int, encoded: Callable[[NDArray[np.int64]], NDArray[np.float32]]
) -> Any:
    """Return the FAISS index that suits so many passages, trained on some of them, evenly spread.

    FAISS draws from its own fixed seed, so the same passages give the same index.
    """
    faiss = _faiss()
    flat = faiss.IndexFlatIP(dimension)
    if size <= EXACT:
        return flat
    lists = int(size**0.5)
    sample = np.arange(0, size, max(size // (_TRAINED * lists), 1))
    index = faiss.IndexIVFScalarQuantizer(
        flat, dimension, lists, faiss.ScalarQuantizer.QT_8bit, faiss.METRIC_INNER_PRODUCT, False
    )
    batches = np.array_split(sample, len(sample) // _BATCH + 1)
    index.train(np.concatenate([encoded(batch) for batch in batches]))
    index.set_direct_map_type(faiss.DirectMap.Array)
    return index


def _faiss() -> Any:
    import faiss

    faiss.omp_set_num_threads(1)  # for one query, threads cost more than they give
    return faiss
