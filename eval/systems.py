"""Set up what is compared: the assistant, its parts alone, and an oracle that finds the passage.

Each system makes a `Prediction` for a question. Timing and judging are left to `eval.runner`.
"""

import re
from collections.abc import Callable, Iterable
from dataclasses import dataclass, replace

from eval.judge import relevant_passages
from eval.schema import EvalError, GoldQuestion, Location, Prediction
from qa import Answer, Assistant, Candidate, Hit, Passage, Weights, sentences

MAIN = "hybrid + selector"
_RANKED = 10


@dataclass(frozen=True, slots=True)
class System:
    """A name, a description, how it answers a question, and how it ranks passages."""

    name: str
    description: str
    predict: Callable[[GoldQuestion], Prediction]
    rank: Callable[[GoldQuestion], tuple[Location, ...] | None]


class PassageMap:
    """Locate the passages and answers of an assistant by the paths of its documents.

    ``passages`` are those that its retriever can find; boilerplate is not among them.
    """

    def __init__(self, assistant: Assistant) -> None:
        self.documents = assistant.documents
        self._sources = {document.id: document.source for document in assistant.documents}
        self._texts = {document.source: document.text for document in assistant.documents}
        found = assistant.retriever.passages
        self.passages = {self.location(passage): passage for passage in found}

    def location(self, passage: Passage) -> Location:
        """Return the location of a passage."""
        return Location(self._sources[passage.document_id], passage.span)

    def locations(self, hits: Iterable[Hit]) -> tuple[Location, ...]:
        """Return the locations of the passages of some hits, in their order."""
        return tuple(self.location(hit.passage) for hit in hits)

    def text(self, location: Location) -> str:
        """Return the text at a location."""
        return location.span.of(self._texts[location.document])

    def prediction(self, answer: Answer) -> Prediction:
        """Return an answer as a prediction; raise `EvalError` if it is no slice of a document."""
        read = self.locations(answer.hits)
        reason = answer.reason or ""
        best = best_candidate(answer)
        if best is None:
            found = Prediction(confidence=answer.confidence, refusal_reason=reason, read=read)
        else:
            source = self._sources[best.hit.passage.document_id]
            found = Prediction(
                answer.text,
                best.text,
                Location(source, best.span),
                Location(source, best.context),
                answer.confidence,
                reason,
                read,
            )
        self._check(answer, found)
        return found

    def _check(self, answer: Answer, found: Prediction) -> None:
        if answer.text is None:
            return
        cited = [Location(citation.document, citation.span) for citation in answer.citations]
        if not cited or any(self.text(location) != answer.text for location in cited):
            raise EvalError(f"the answer {answer.text!r} is not what its citation points to")
        if answer.text != found.best:
            raise EvalError(f"{answer.text!r} was answered, {found.best!r} was the best span")


def best_candidate(answer: Answer) -> Candidate | None:
    """Return the best span that was read, even if the assistant abstained; None if none was."""
    if answer.reading is None or not answer.reading.candidates:
        return None
    return answer.reading.candidates[0]


BM25 = Weights(bm25=1.0, dense=0.0, words=0.0, pairs=0.0)
DENSE = Weights(bm25=0.0, dense=1.0, words=0.0, pairs=0.0)


def systems(assistant: Assistant, located: PassageMap) -> tuple[System, ...]:
    """Return the assistant first, then what it is compared with."""
    bm25 = assistant.using(weights=BM25)
    dense = assistant.using(weights=DENSE)
    return (
        main_system(assistant, located),
        _asking("BM25 + selector", "the same, retrieval by BM25 alone", bm25, located),
        _asking("dense + selector", "the same, retrieval by vectors alone", dense, located),
        _top_sentence("BM25 + top sentence", "no selector, BM25 alone", bm25, located),
        _top_sentence("dense + top sentence", "no selector, vectors alone", dense, located),
        _top_sentence("hybrid + top sentence", "no selector", assistant, located),
        oracle(assistant, located),
    )


def main_system(assistant: Assistant, located: PassageMap) -> System:
    """Return the assistant as its users know it."""
    return _asking(MAIN, "the assistant as it is", assistant, located)


def oracle(assistant: Assistant, located: PassageMap) -> System:
    """Return the selector given the right passage, or what it would read if none is right.

    Its lead over the assistant is what retrieval loses; what is wrong even here is lost by
    selection and refusal.
    """

    def predict(question: GoldQuestion) -> Prediction:
        right = set(relevant_passages(question, list(located.passages)))
        if not right:
            return located.prediction(assistant.ask(question.text))
        hits = assistant.retrieve(question.text, len(located.passages))
        found = [hit for hit in hits if located.location(hit.passage) in right]
        if not found:
            found = [Hit(located.passages[min(right)], 0.0, 1)]
        given = (replace(found[0], rank=1),)
        return located.prediction(assistant.answer(question.text, given))

    return System("oracle passage + selector", "given the right passage", predict, lambda _: None)


def _asking(name: str, description: str, assistant: Assistant, located: PassageMap) -> System:
    return System(
        name,
        description,
        lambda question: located.prediction(assistant.ask(question.text)),
        lambda question: _ranking(question, assistant, located),
    )


def _top_sentence(name: str, description: str, assistant: Assistant, located: PassageMap) -> System:
    """Answer with the sentence of the first passage that shares most words with the question."""

    def predict(question: GoldQuestion) -> Prediction:
        hits = assistant.retrieve(question.text, 1)
        if not hits:
            return Prediction(refusal_reason="nothing found")
        passage = hits[0].passage
        asked = _words(question.text)
        spans = sentences(passage.text)
        best = max(spans, key=lambda span: len(asked & _words(span.of(passage.text))))
        location = Location(located.location(passage).document, best.shift(passage.span.start))
        text = located.text(location)
        return Prediction(text, text, location, location, read=located.locations(hits))

    return System(
        name, description, predict, lambda question: _ranking(question, assistant, located)
    )


def _ranking(
    question: GoldQuestion, assistant: Assistant, located: PassageMap
) -> tuple[Location, ...]:
    return located.locations(assistant.retrieve(question.text, _RANKED))


def _words(text: str) -> frozenset[str]:
    return frozenset(re.findall(r"\w+", text.casefold()))
