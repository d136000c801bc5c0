"""Answer questions: the one place that knows every stage, from a folder to a cited answer.

    documents -> passages -> index -> retriever -> reader -> answer

What each stage does is left to its own file.
"""

from collections.abc import Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from copy import copy
from pathlib import Path

from embeddings import ModelLoadError, load_model
from qa.answering import compose
from qa.documents import Filter, Snapshot, load_folder
from qa.errors import InputError, ModelError
from qa.formats import Limits
from qa.index import (
    LocalIndex,
    SearchIndex,
    build_index,
    cache_key,
    cached_index,
    keep_index,
    open_address,
    save_address,
)
from qa.reading import (
    JUDGE,
    FeatureSelector,
    Judge,
    Question,
    Reranker,
    Transformer,
    bundled_network,
    checked_confidence,
    prepare,
)
from qa.retrieval import HybridRetriever, Weights, named_encoder
from qa.schema import Answer, Document, Hit, Passage
from qa.text import foreign

PASSAGES_READ = 8


class Assistant:
    """Documents that can be asked; safe to ask from several threads at once."""

    def __init__(self, index: SearchIndex, *, problems: Sequence[str] = ()) -> None:
        self._index = index
        self.problems = tuple(problems)
        self.reranker: Reranker | Judge | None = None
        self.min_confidence: float | None = None
        self.reader = FeatureSelector(index.inverse_document_frequency, bundled_network())

    @classmethod
    def from_folder(
        cls,
        path: str | Path,
        *,
        encoder: str | None = None,
        limits: Limits | None = None,
        cache: bool = True,
        progress: bool = False,
    ) -> "Assistant":
        """Read a folder of files, or a single one; `qa.formats` says of which formats.

        A file beyond the ``limits`` is left out (None: those of `Limits`).
        ``encoder`` is the name or path of a Sentence Transformers model; None takes the bundled
        one. With ``cache``, the index is kept and found again where nothing has changed.
        ``problems`` of the result says which files were left out and why. Raise `DocumentError`
        where nothing can be read, `ModelError` where the encoder cannot.
        """
        model = named_encoder(encoder)
        snapshot = Snapshot.of(path, limits or Limits()) if cache else None
        key = "" if snapshot is None else cache_key(snapshot, model)
        held = cached_index(key, model) if key else None
        if held is None:
            loaded = load_folder(path, limits)
            index = build_index(loaded.documents, None, model, progress=progress)
            held = index, loaded.problems
            if snapshot is not None and snapshot.holds(loaded.documents):
                keep_index(key, *held, model)
        return cls(LocalIndex(held[0], model), problems=held[1])

    @classmethod
    def from_documents(
        cls,
        documents: Sequence[Document],
        passages: Sequence[Passage] | None = None,
        *,
        encoder: str | None = None,
        progress: bool = False,
    ) -> "Assistant":
        """Index documents that are in memory; ``passages`` stand in for our own splitting."""
        model = named_encoder(encoder)
        index = build_index(documents, passages, model, progress=progress)
        return cls(LocalIndex(index, model))

    @classmethod
    def open(cls, path: str | Path, *, encoder: str | None = None) -> "Assistant":
        """Open the index in a folder or, by a ``postgresql://`` address, in a database.

        Raise `StoreError` where it is not whole, or cannot be reached.
        """
        return cls(open_address(path, named_encoder(encoder)))

    def using(
        self,
        *,
        reader: str | None = None,
        reranker: str | None = None,
        weights: Weights | None = None,
        min_confidence: float | None = None,
    ) -> "Assistant":
        """Return a copy with other components; None keeps the one in use.

        ``reader`` is the name or path of a question-answering model of Transformers, ``reranker``
        of a cross-encoder of Sentence Transformers; both need the extra ``models``. The reranker
        "reader" is the reader that ships, as a judge of passages. ``weights`` are those of the
        retriever's parts. Confidences were calibrated with what ships. ``min_confidence``, from 0
        to 1, withholds every answer that is less sure, and no other: raise it where a wrong
        answer costs more than none. Raise `ModelError` where a model cannot be loaded,
        `InputError` for a confidence that is none.
        """
        other = copy(self)
        if min_confidence is not None:
            other.min_confidence = checked_confidence(min_confidence)
        if weights is not None:
            other._index = self._index.reweighted(weights)
        try:
            if reader is not None:
                idf = self._index.inverse_document_frequency
                other.reader = FeatureSelector(idf, load_model(reader, Transformer.load))
            if reranker == JUDGE:
                other.reranker = Judge(bundled_network())
            elif reranker is not None:
                other.reranker = load_model(reranker, Reranker.load)
        except ModelLoadError as error:
            raise ModelError(str(error)) from error
        return other

    def save(self, path: str | Path) -> None:
        """Write the index to a folder or, by a ``postgresql://`` address, to a database.

        Raise `StoreError` where that is impossible.
        """
        save_address(self._index, path)

    @property
    def retriever(self) -> HybridRetriever:
        """The retriever of an index of this process; raise `InputError` for a database."""
        if not isinstance(self._index, LocalIndex):
            raise InputError("only an index of this process has a retriever of its own")
        return self._index.retriever

    @property
    def documents(self) -> Sequence[Document]:
        """Every document, by source."""
        return self._index.documents

    @property
    def passages(self) -> Sequence[Passage]:
        """Every passage, in the order of the documents; boilerplate too."""
        return self._index.passages

    def document(self, document_id: str) -> Document:
        """Return a document by its id; raise `InputError` where there is none."""
        return self._index.document(document_id)

    def ask(self, question: str, top_k: int | None = None, where: Filter | None = None) -> Answer:
        """Answer a question from the ``top_k`` best passages (8 where None).

        ``where`` chooses the documents that are searched. Raise `InputError` for an empty or
        overlong question, a ``top_k`` below 1, or a filter that names what there is not.
        """
        depth = PASSAGES_READ if top_k is None else top_k
        if isinstance(depth, bool) or not isinstance(depth, int) or depth < 1:
            raise InputError(f"top_k is the number of passages to read, 1 or more, not {top_k!r}")
        if where is not None and not self._index.passes(where):
            return Answer(question, None, 0.0, reason=f"no document passes the filter ({where})")
        prepared = self.prepared(question)
        return self._answer(prepared, self._retrieve(prepared, depth, where))

    async def aask(
        self, question: str, top_k: int | None = None, where: Filter | None = None
    ) -> Answer:
        """Answer as `ask` does, in a thread, so that the event loop goes on meanwhile.

        The thread finishes its question also where the waiting task is cancelled.
        """
        import asyncio

        return await asyncio.to_thread(self.ask, question, top_k, where)

    def ask_many(
        self, questions: Sequence[str], top_k: int | None = None, where: Filter | None = None
    ) -> tuple[Answer, ...]:
        """Answer questions as `ask` does, several at once, in their order.

        Raise the error of the first question that cannot be asked, and which one it is.
        """
        answers = []
        for number, answer in enumerate(self.ask_each(questions, top_k, where), 1):
            if isinstance(answer, InputError):
                raise InputError(f"question {number}: {answer}") from answer
            if isinstance(answer, Exception):
                raise answer
            answers.append(answer)
        return tuple(answers)

    def ask_each(
        self, questions: Sequence[str], top_k: int | None = None, where: Filter | None = None
    ) -> Iterator[Answer | Exception]:
        """Yield for each question its answer, or what went wrong with it, in their order.

        Threads share the work: the models and the search let go of Python's lock.
        Raise `InputError` for a filter that names what there is not.
        """

        def answer(question: str) -> Answer | Exception:
            try:
                return self.ask(question, top_k, where)
            except Exception as error:  # one question that fails must not lose the others
                return error

        if where is not None:
            self._index.passes(where)
        with ThreadPoolExecutor() as pool:
            yield from pool.map(answer, questions)

    def prepared(self, question: str) -> Question:
        """Return a question as every stage takes it; raise `InputError` as `ask` does."""
        return prepare(question, self._index)

    def retrieve(self, question: str, limit: int, where: Filter | None = None) -> tuple[Hit, ...]:
        """Return at most ``limit`` hits, best first, as `ask` reads them."""
        return self._retrieve(self.prepared(question), limit, where)

    def answer(self, question: str, hits: Sequence[Hit]) -> Answer:
        """Answer a question from passages that were chosen already."""
        return self._answer(self.prepared(question), hits)

    def _retrieve(self, question: Question, limit: int, where: Filter | None) -> tuple[Hit, ...]:
        if self.reranker is None:
            return self._index.retrieve(question, limit, where)
        depth = self.reranker.depth
        hits = self._index.retrieve(question, max(depth, limit), where)
        return (*self.reranker.rerank(question.text, hits[:depth]), *hits[depth:])[:limit]

    def _answer(self, question: Question, hits: Sequence[Hit]) -> Answer:
        reading = self.reader.read(question, hits)
        written = foreign(question.text, (hit.passage.text for hit in hits))
        documents = {hit.passage.document_id for hit in hits}
        known = {one: self._index.document(one) for one in documents}
        return compose(question, hits, reading, known, foreign=written, least=self.min_confidence)
