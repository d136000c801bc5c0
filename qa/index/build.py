"""Build what is made of documents before a question is asked: passages, and what scores them.

How it is kept on disk is left to `qa.index.store`.
"""

import hashlib
import json
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from embeddings import Encoder, load_words
from qa.index.documents import Documents, HeldDocuments
from qa.retrieval import (
    DenseIndex,
    HeldPassages,
    LexicalIndex,
    Parts,
    Passages,
    WordIndex,
    named_encoder,
    passage_text,
)
from qa.schema import Document, Passage
from qa.text import LONGEST_PASSAGE, split_passages


@dataclass(frozen=True, slots=True)
class Index:
    """Everything that is made of documents before a question is asked.

    ``parts`` score the passages that may answer, `Passages.searchable`, in their order.
    """

    documents: Documents
    passages: Passages
    parts: Parts


def settings_digest(encoder: Encoder, version: int) -> str:
    """Return a digest of all that an index depends on besides its documents.

    ``version`` is that of its format. The bundled encoder gives the word vectors, whichever
    encoder gives the passages theirs.
    """
    prints = [encoder.fingerprint, named_encoder(None).fingerprint]
    settings = [version, LONGEST_PASSAGE, encoder.dimension, *prints]
    return hashlib.sha256(json.dumps(settings).encode()).hexdigest()[:32]


def build_index(
    documents: Sequence[Document],
    passages: Sequence[Passage] | None,
    encoder: Encoder,
    *,
    known: Index | None = None,
    progress: bool = False,
) -> Index:
    """Index documents; ``passages`` of None stands for our own splitting.

    Passages of documents that ``known`` has, and vectors of texts that it has, are taken from it.
    """
    cut = _split(documents, known) if passages is None else passages
    return score(
        HeldDocuments(documents), HeldPassages(cut), encoder, known=known, progress=progress
    )


def score(
    documents: Documents,
    passages: Passages,
    encoder: Encoder,
    *,
    known: Index | None = None,
    progress: bool = False,
) -> Index:
    """Return the index that follows from documents and their passages."""
    able, vectors = passages.searchable, load_words()
    with ThreadPoolExecutor(1) as pool:  # tokens are cut outside Python's lock
        cut = pool.submit(WordIndex.build, able, vectors)
        lexical = LexicalIndex.build(able)
        words = cut.result()
    bundled: object = vectors
    made = words.means if encoder is bundled else _known_vectors(able, encoder, known)
    dense = DenseIndex.build(able, encoder, made=made, progress=progress)
    return Index(documents, passages, Parts(lexical, dense, words))


def _known_vectors(
    passages: Sequence[Passage], encoder: Encoder, known: Index | None
) -> Callable[[NDArray[np.int64]], NDArray[np.float32]] | None:
    """Return what gives passages their vectors, from a known index where it has their texts."""
    if known is None:
        return None
    vectors = known.parts.dense.by_text(known.passages.searchable)

    def made(places: NDArray[np.int64]) -> NDArray[np.float32]:
        texts = [passage_text(passages[at]) for at in places]
        new = [text for text in texts if text not in vectors]
        fresh = dict(zip(new, encoder.encode_passages(new), strict=True)) if new else {}
        return np.stack([fresh[text] if text in fresh else vectors[text] for text in texts])

    return made


def _split(documents: Sequence[Document], known: Index | None) -> list[Passage]:
    split: dict[Document, list[Passage]] = {}
    if known is not None:
        by_id = {document.id: split.setdefault(document, []) for document in known.documents}
        for passage in known.passages:
            by_id[passage.document_id].append(passage)
    return [
        passage
        for document in documents
        for passage in (split[document] if document in split else split_passages(document))
    ]
