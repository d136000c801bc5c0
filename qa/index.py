"""Build what is made of documents before a question is asked: passages, and what scores them.

How it is kept on disk is left to `qa.store`.
"""

from collections.abc import Sequence
from dataclasses import dataclass

from embeddings import Encoder, load_words
from qa.dense import DenseIndex
from qa.fusion import Parts
from qa.interaction import WordIndex
from qa.lexical import LexicalIndex
from qa.passages import split_passages
from qa.schema import Document, Passage, PassageKind


@dataclass(frozen=True, slots=True)
class Index:
    """Everything that is made of documents before a question is asked.

    ``parts`` hold the ``searchable`` passages, in their order.
    """

    documents: tuple[Document, ...]
    passages: tuple[Passage, ...]
    parts: Parts

    @property
    def searchable(self) -> tuple[Passage, ...]:
        """The passages that may answer: all but page chrome."""
        return searchable(self.passages)


def searchable(passages: Sequence[Passage]) -> tuple[Passage, ...]:
    """Return the passages that may answer: all but page chrome."""
    return tuple(one for one in passages if one.kind is not PassageKind.BOILERPLATE)


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
    if passages is None:
        passages = _split(documents, known)
    able = searchable(passages)
    vectors = {} if known is None else known.parts.dense.by_text(known.searchable)
    return Index(
        tuple(documents),
        tuple(passages),
        Parts(
            LexicalIndex.build(able),
            DenseIndex.build(able, encoder, known=vectors, progress=progress),
            WordIndex.build(able, load_words()),
        ),
    )


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
