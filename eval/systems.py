"""Set up what is compared: the assistant, its parts alone, and an oracle that finds the passage.

Each system makes an `Attempt` of a question. Timing and judging are left to `eval.runner`.
"""

import re
from collections.abc import Callable, Iterable
from dataclasses import dataclass, replace

from eval.judge import relevant_passages
from eval.schema import Attempt, EvalError, GoldQuestion, Place
from qa import Answer, Assistant, Hit, Passage, Weights, sentences

MAIN = "hybrid + selector"
_RANKED = 10


@dataclass(frozen=True, slots=True)
class System:
    """A name, what it does in words, how it tries a question, and how it ranks passages."""

    name: str
    description: str
    attempt: Callable[[GoldQuestion], Attempt]
    rank: Callable[[GoldQuestion], tuple[Place, ...] | None]


class Corpus:
    """Tell where the passages of an assistant stand, by the paths of their documents.

    ``passages`` are those that its retriever can find; page chrome is not among them.
    """

    def __init__(self, assistant: Assistant) -> None:
        self.documents = assistant.documents
        self._sources = {document.id: document.source for document in assistant.documents}
        self._texts = {document.source: document.text for document in assistant.documents}
        found = assistant.retriever.passages
        self.passages = {self.place(passage): passage for passage in found}

    def place(self, passage: Passage) -> Place:
        """Return the place of a passage."""
        return Place(self._sources[passage.document_id], passage.span)

    def places(self, hits: Iterable[Hit]) -> tuple[Place, ...]:
        """Return the places of the passages that were hit, in their order."""
        return tuple(self.place(hit.passage) for hit in hits)

    def text(self, place: Place) -> str:
        """Return the words at a place."""
        return place.span.of(self._texts[place.document])

    def attempt(self, answer: Answer) -> Attempt:
        """Return what an answer holds; raise `EvalError` where it is no slice of its document."""
        read = self.places(answer.hits)
        reason = answer.reason or ""
        if answer.reading is None or not answer.reading.candidates:
            attempt = Attempt(None, confidence=answer.confidence, reason=reason, read=read)
        else:
            best = answer.reading.candidates[0]
            source = self._sources[best.hit.passage.document_id]
            attempt = Attempt(
                answer.text,
                best.text,
                Place(source, best.span),
                Place(source, best.context),
                answer.confidence,
                reason,
                read,
            )
        self._check(answer, attempt)
        return attempt

    def _check(self, answer: Answer, attempt: Attempt) -> None:
        if answer.text is None:
            return
        cited = [Place(citation.document, citation.span) for citation in answer.citations]
        if not cited or any(self.text(place) != answer.text for place in cited):
            raise EvalError(f"the answer {answer.text!r} is not what its citation points to")
        if answer.text != attempt.best:
            raise EvalError(f"{answer.text!r} was answered, {attempt.best!r} was the best span")


BM25 = Weights(bm25=1.0, dense=0.0, words=0.0, pairs=0.0)
DENSE = Weights(bm25=0.0, dense=1.0, words=0.0, pairs=0.0)


def systems(assistant: Assistant, corpus: Corpus) -> tuple[System, ...]:
    """Return the assistant first, then what it is compared with."""
    bm25 = assistant.using(weights=BM25)
    dense = assistant.using(weights=DENSE)
    return (
        main_system(assistant, corpus),
        _asking("BM25 + selector", "the same, retrieval by BM25 alone", bm25, corpus),
        _asking("dense + selector", "the same, retrieval by vectors alone", dense, corpus),
        _top_sentence("BM25 + top sentence", "no selector, BM25 alone", bm25, corpus),
        _top_sentence("dense + top sentence", "no selector, vectors alone", dense, corpus),
        _top_sentence("hybrid + top sentence", "no selector", assistant, corpus),
        oracle(assistant, corpus),
    )


def main_system(assistant: Assistant, corpus: Corpus) -> System:
    """Return the assistant as it answers its users."""
    return _asking(MAIN, "the assistant as it is", assistant, corpus)


def oracle(assistant: Assistant, corpus: Corpus) -> System:
    """Return the selector given the right passage; without one it reads what it would anyway.

    The gap to the assistant is what retrieval loses; what is missing even here, selection and
    refusal lose.
    """

    def attempt(question: GoldQuestion) -> Attempt:
        right = set(relevant_passages(question, list(corpus.passages)))
        if not right:
            return corpus.attempt(assistant.ask(question.text))
        hits = assistant.retrieve(question.text, len(corpus.passages))
        found = [hit for hit in hits if corpus.place(hit.passage) in right]
        if not found:
            found = [Hit(corpus.passages[min(right)], 0.0, 1)]
        given = (replace(found[0], rank=1),)
        return corpus.attempt(assistant.answer(question.text, given))

    return System("oracle passage + selector", "given the right passage", attempt, lambda _: None)


def _asking(name: str, description: str, assistant: Assistant, corpus: Corpus) -> System:
    return System(
        name,
        description,
        lambda question: corpus.attempt(assistant.ask(question.text)),
        lambda question: _ranking(question, assistant, corpus),
    )


def _top_sentence(name: str, description: str, assistant: Assistant, corpus: Corpus) -> System:
    """Answer every question with the first passage's sentence that shares most of its words."""

    def attempt(question: GoldQuestion) -> Attempt:
        hits = assistant.retrieve(question.text, 1)
        if not hits:
            return Attempt(reason="nothing found")
        passage = hits[0].passage
        asked = _words(question.text)
        spans = sentences(passage.text)
        best = max(spans, key=lambda span: len(asked & _words(span.of(passage.text))))
        place = Place(corpus.place(passage).document, best.shift(passage.span.start))
        text = corpus.text(place)
        return Attempt(text, text, place, place, read=corpus.places(hits))

    return System(
        name, description, attempt, lambda question: _ranking(question, assistant, corpus)
    )


def _ranking(question: GoldQuestion, assistant: Assistant, corpus: Corpus) -> tuple[Place, ...]:
    return corpus.places(assistant.retrieve(question.text, _RANKED))


def _words(text: str) -> frozenset[str]:
    return frozenset(re.findall(r"\w+", text.casefold()))
