"""Turn a reading into an answer with its citations, or a refusal with its reason.

Every quote is a slice of a document. Scores and confidences are the reader's.
"""

import re
from collections.abc import Mapping, Sequence

from qa.reading import is_polar
from qa.schema import (
    Alternative,
    Answer,
    Candidate,
    Citation,
    Document,
    Hit,
    Passage,
    PassageKind,
    Reading,
    Span,
)
from qa.text import content_stems, display

_ALTERNATIVES, _NEAREST, _CITATIONS = 4, 3, 5
_BREAK = re.compile(r"\r\n|\r|\n")
_QUOTED = re.compile("“(.+?)”")
_FAINTEST_ALTERNATIVE = 0.05  # confidence
_SAME_ANSWER = 0.25  # of the best one's confidence, that a second place of the answer must reach


def compose(
    question: str,
    hits: Sequence[Hit],
    reading: Reading,
    documents: Mapping[str, Document],
    *,
    missing: Sequence[str] = (),
    foreign: str = "",
    least: float | None = None,
) -> Answer:
    """Return the best candidate as the answer if it beats not answering, else a refusal.

    ``missing`` are words of the question that no document holds; they go into the reason. A
    question in ``foreign`` writing, which no hit shares, is refused. With ``least``, that
    confidence decides in place of the reader's own score of not answering.
    """
    best = reading.candidates[0] if reading.candidates else None
    confidence = reading.confidences[0] if best is not None else 0.0
    beaten = best is None or best.score <= reading.no_answer
    withheld = beaten if least is None else confidence < least
    if best is None or foreign or withheld:
        reason = _reason(question, hits, reading, missing, foreign, documents=documents)
        limited = least is not None and not beaten and not foreign
        if limited:
            reason = f"{_guess(confidence)}, less than the {least:g} asked for"
        return Answer(
            question=question,
            text=None,
            confidence=confidence,
            alternatives=_alternatives(reading, "", documents),
            reason=reason,
            nearest=tuple(_nearest(hit, documents) for hit in hits[:_NEAREST]),
            hits=tuple(hits),
            reading=reading,
            limited=limited,
        )
    return Answer(
        question=question,
        text=best.text,
        confidence=confidence,
        citations=tuple(_citation(candidate, documents) for candidate in _same(reading, best)),
        alternatives=_alternatives(reading, best.text, documents),
        hits=tuple(hits),
        reading=reading,
    )


def _same(reading: Reading, best: Candidate) -> list[Candidate]:
    """Return the likeliest places of the answer, each in its very words."""
    least = _SAME_ANSWER * reading.confidences[0]
    pairs = zip(reading.candidates, reading.confidences, strict=True)
    return [one for one, sure in pairs if one.text == best.text and sure >= least][:_CITATIONS]


def _alternatives(
    reading: Reading, chosen: str, documents: Mapping[str, Document]
) -> tuple[Alternative, ...]:
    """Return other answers in words of their own, likeliest first."""
    seen = {_plain(chosen)}
    found: list[Alternative] = []
    for candidate, probability in zip(reading.candidates, reading.confidences, strict=True):
        if probability >= _FAINTEST_ALTERNATIVE and _plain(candidate.text) not in seen:
            seen.add(_plain(candidate.text))
            found.append(Alternative(_citation(candidate, documents), probability))
    return tuple(found[:_ALTERNATIVES])


def _plain(text: str) -> str:
    return " ".join(text.casefold().split())


def _citation(candidate: Candidate, documents: Mapping[str, Document]) -> Citation:
    document = documents[candidate.hit.passage.document_id]
    return cite(document, candidate.span, candidate.context, candidate.hit.passage)


def _nearest(hit: Hit, documents: Mapping[str, Document]) -> Citation:
    passage = hit.passage
    return cite(documents[passage.document_id], passage.span, passage.span, passage)


def cite(document: Document, span: Span, context: Span, passage: Passage | None = None) -> Citation:
    """Return a citation of ``document.text[span]`` within ``document.text[context]``.

    The ``passage`` that holds it tells headings and the names of columns.
    """
    quote, around = span.of(document.text), context.of(document.text)
    is_row = passage is not None and passage.kind is PassageKind.TABLE_ROW
    header = passage.header if passage is not None and is_row else None
    marked = not document.places
    return Citation(
        document=document.source,
        title=document.title,
        publisher=document.publisher,
        date=document.date,
        span=span,
        quote=quote,
        context=around,
        context_span=context,
        sha256=document.sha256,
        location=document.location,
        place=_place(document, span, passage),
        display=display(quote, header=header if span == context else None, marked=marked),
        display_context=display(around, header=header, marked=marked),
        header=header,
        extracted=document.text if document.places else None,
    )


def _place(document: Document, span: Span, passage: Passage | None) -> str:
    """Return the part of the original; of a text, the headings above and the line, from 1."""
    if document.places:
        return document.place(span.start)
    above = passage.heading.split(" › ") if passage is not None and passage.heading else []
    if above and document.title in above[0]:
        del above[0]
    path = " > ".join(" ".join(display(one).split()) for one in above)
    line = len(_BREAK.findall(document.text, 0, span.start)) + 1
    return f"{path}, line {line}" if path else f"line {line}"


def _reason(
    question: str,
    hits: Sequence[Hit],
    reading: Reading,
    missing: Sequence[str],
    foreign: str,
    *,
    documents: Mapping[str, Document],
) -> str:
    """Say in words why nothing is answered."""
    if not hits:
        return "these documents hold nothing that could be searched for this question"
    if not content_stems(question):
        return "the question names nothing to look for; ask in words that the documents may hold"
    if foreign:
        return f"the question is written in {foreign}, and no passage found for it is"
    if missing:
        words = ", ".join(f"“{word}”" for word in missing[:3])
        return f"these documents never mention {words}"
    if is_polar(question):
        return (
            "it asks for yes or no, but an answer is a quote; ask for the fact, or read the nearest"
        )
    if reading.doubt and not _is_titular(reading, documents):
        return reading.doubt
    confidence = reading.confidences[0] if reading.candidates else 0.0
    return f"no passage answers this clearly enough: {_guess(confidence)}"


def _is_titular(reading: Reading, documents: Mapping[str, Document]) -> bool:
    """Tell whether the title above the best passage names what the passage itself does not."""
    named = _QUOTED.search(reading.doubt)
    if named is None or not reading.candidates:
        return False
    document = documents[reading.candidates[0].hit.passage.document_id]
    return {*content_stems(named.group(1))} <= {*content_stems(document.title)}


def _guess(confidence: float) -> str:
    return f"the best guess has a confidence of {confidence:.2f}"


def in_words(confidence: float) -> str:
    """Return a word for a probability.

    >>> [in_words(value) for value in (0.95, 0.7, 0.5, 0.2)]
    ['very likely', 'likely', 'uncertain', 'doubtful']
    """
    steps = ((0.85, "very likely"), (0.65, "likely"), (0.4, "uncertain"))
    return next((word for least, word in steps if confidence >= least), "doubtful")


def refusal(answer: Answer) -> str:
    """Return what stands above a refusal, without a full stop."""
    return "No answer as sure as that" if answer.limited else "No answer in these documents"
