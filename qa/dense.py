"""Score passages by the nearness of their vectors to a question's: FAISS, exact inner product.

How text becomes a vector is left to `embeddings`; shared words are left to `qa.lexical`.
"""

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from embeddings import Encoder, EncoderError, load_encoder
from qa.errors import ModelError
from qa.schema import Passage

_BATCH = 512


def named_encoder(name_or_path: str | None) -> Encoder:
    """Return an encoder, the bundled one for None; raise `ModelError` where it cannot be loaded."""
    try:
        return load_encoder(name_or_path)
    except EncoderError as error:
        raise ModelError(str(error)) from error


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
        cls,
        passages: Sequence[Passage],
        encoder: Encoder,
        *,
        known: Mapping[str, NDArray[np.float32]] | None = None,
        progress: bool = False,
    ) -> "DenseIndex":
        """Encode passages in batches; ``progress`` draws a bar on stderr after a second.

        ``known`` are vectors by text that need not be made again.
        """
        from tqdm import tqdm

        vectors: Mapping[str, NDArray[np.float32]] = {} if known is None else known
        texts = [passage_text(passage) for passage in passages]
        index = _faiss().IndexFlatIP(encoder.dimension)
        bar = tqdm(total=len(texts), desc="encoding", unit="passage", disable=not progress,
                   delay=1, leave=False)  # fmt: skip
        with bar:
            for start in range(0, len(texts), _BATCH):
                batch = texts[start : start + _BATCH]
                new = [text for text in batch if text not in vectors]
                made = dict(zip(new, encoder.encode_passages(new), strict=True)) if new else {}
                rows = [made[text] if text in made else vectors[text] for text in batch]
                index.add(np.stack(rows))
                bar.update(len(batch))
        return cls(index, encoder)

    def by_text(self, passages: Sequence[Passage]) -> dict[str, NDArray[np.float32]]:
        """Return the vector of each text that was encoded for ``passages``, this index's own."""
        return dict(zip(map(passage_text, passages), self._vectors(), strict=True))

    def matches(self, other: "DenseIndex") -> bool:
        """Tell whether another index holds the same vectors, but for the last digits."""
        one, two = self._vectors(), other._vectors()
        return one.shape == two.shape and np.allclose(one, two, atol=1e-4)

    def _vectors(self) -> NDArray[np.float32]:
        if self.size == 0:
            return np.zeros((0, self._index.d), np.float32)
        vectors: NDArray[np.float32] = self._index.reconstruct_n(0, self.size)
        return vectors

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
