"""Score passages by the nearness of their vectors to a question's: FAISS, exact inner product.

How text becomes a vector is left to `embeddings`; shared words are left to `qa.lexical`.
"""

from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from embeddings import Encoder
from qa.schema import Passage

_BATCH = 512


def passage_text(passage: Passage) -> str:
    """Return what of a passage is encoded: what stands above it, and its own words."""
    return f"{passage.context}\n{passage.text}" if passage.context else passage.text


class DenseIndex:
    """The vectors of passages in a FAISS index, in the order of the passages."""

    def __init__(self, index: Any, encoder: Encoder) -> None:
        self._index = index
        self._encoder = encoder

    @classmethod
    def build(
        cls, passages: Sequence[Passage], encoder: Encoder, *, progress: bool = False
    ) -> "DenseIndex":
        """Encode passages in batches; ``progress`` draws a bar on stderr after a second."""
        from tqdm import tqdm

        index = _faiss().IndexFlatIP(encoder.dimension)
        bar = tqdm(total=len(passages), desc="encoding", unit="passage", disable=not progress,
                   delay=1, leave=False)  # fmt: skip
        with bar:
            for start in range(0, len(passages), _BATCH):
                batch = passages[start : start + _BATCH]
                index.add(encoder.encode_passages([passage_text(passage) for passage in batch]))
                bar.update(len(batch))
        return cls(index, encoder)

    @property
    def size(self) -> int:
        """The number of passages."""
        return int(self._index.ntotal)

    def encode(self, question: str) -> NDArray[np.float32]:
        """Return the question's vector, shape (1, dimension)."""
        return self._encoder.encode_queries([question])

    def search(
        self,
        query: NDArray[np.float32],
        limit: int,
        allowed: NDArray[np.bool_] | None = None,
    ) -> NDArray[np.int64]:
        """Return the numbers of the ``limit`` passages nearest to a query vector, nearest first.

        ``allowed``, of shape (size,), leaves only the passages where it is true.
        """
        limit = min(limit, self.size if allowed is None else int(allowed.sum()))
        if limit == 0:
            return np.zeros(0, np.int64)
        chosen = None
        if allowed is not None:
            bits = _faiss().IDSelectorBitmap(np.packbits(allowed, bitorder="little"))
            chosen = _faiss().SearchParameters(sel=bits)
        places: NDArray[np.int64] = self._index.search(query, limit, params=chosen)[1][0]
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
        path.write_bytes(_faiss().serialize_index(self._index).tobytes())

    @classmethod
    def load(cls, path: Path, encoder: Encoder) -> "DenseIndex":
        """Read what `save` wrote."""
        content = np.frombuffer(path.read_bytes(), np.uint8)
        return cls(_faiss().deserialize_index(content), encoder)


def _faiss() -> Any:
    import faiss

    faiss.omp_set_num_threads(1)  # for one query, threads cost more than they give
    return faiss
