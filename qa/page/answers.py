"""Show an answer: the words that answer, how sure that is, and the proof; or a refusal.

What is answered is decided in `qa.answering`, and the proof is prepared in `qa.page.sources`. The
HTML is in ``answer.html``.
"""

from dataclasses import dataclass

from qa.answering import in_words, refusal
from qa.page.markup import Link, Marked, is_list, marked, render
from qa.page.sources import Proof, Source, near, proof, sources
from qa.page.visits import Entry
from qa.schema import Alternative, Answer
from qa.text import content_stems, tokenize

_MIDDLING, _LONG = 40, 90  # characters above which an answer is set smaller
_NEARLY = 0.5  # of the answer's confidence, from which an alternative is called nearly as likely


@dataclass(frozen=True, slots=True)
class Found:
    """An answer's words; ``size`` is their CSS class, ``likelihood`` their confidence in words."""

    text: str
    size: str
    is_list: bool
    percent: int
    likelihood: str
    proofs: tuple[Proof, ...]


@dataclass(frozen=True, slots=True)
class Refused:
    """Why nothing is answered, and what the visitor may try next.

    ``shorter`` is the question without its ``unknown`` words, empty where that leaves too little.
    ``more_documents`` says that there are other documents to ask.
    """

    title: str
    reason: str
    unknown: str
    shorter: str
    more_documents: bool
    nearest: tuple[Proof, ...]


@dataclass(frozen=True, slots=True)
class Other:
    """An alternative; ``contradicts`` says that it is another value, nearly as likely."""

    quote: str
    percent: int
    contradicts: bool
    text: Marked
    link: Link


@dataclass(frozen=True, slots=True)
class AnswerView:
    """What the page shows of a question: ``found`` or ``refused``, and what both have.

    ``judged_right`` is None until the visitor has judged the answer.
    """

    number: int
    question: str
    read_as: str | None
    found: Found | None
    refused: Refused | None
    judged_right: bool | None
    alternatives: tuple[Other, ...]
    sources: tuple[Source, ...]


def render_answer(
    entry: Entry, unknown_words: tuple[str, ...] = (), *, more_documents: bool = False
) -> str:
    """Return the HTML of a question's answer.

    ``unknown_words`` are case-folded words of the question that no document holds;
    ``more_documents`` says that there are other documents to ask.
    """
    answer = entry.answer
    refused = _refused(answer, unknown_words, more_documents) if answer.text is None else None
    view = AnswerView(
        number=entry.number,
        question=answer.question,
        read_as=answer.read_as,
        found=None if answer.text is None else _found(entry, answer.text),
        refused=refused,
        judged_right=None if entry.judgement is None else entry.judgement.right,
        alternatives=tuple(_other(one, answer) for one in answer.alternatives),
        sources=sources(entry),
    )
    return render("answer.html", view=view)


def _found(entry: Entry, text: str) -> Found:
    confidence, citations = entry.answer.confidence, entry.answer.citations
    return Found(
        text=text,
        size="long" if len(text) > _LONG else "middling" if len(text) > _MIDDLING else "",
        is_list=is_list(text),
        percent=round(100 * confidence),
        likelihood=in_words(confidence).capitalize(),
        proofs=tuple(proof(one, entry, whole=n == 0) for n, one in enumerate(citations)),
    )


def _refused(answer: Answer, unknown_words: tuple[str, ...], more_documents: bool) -> Refused:
    reason = answer.reason or "nothing answers this"
    tokens = [one for one in tokenize(answer.question) if one.folded in unknown_words]
    shorter = without(answer.question, unknown_words)
    asks = bool(unknown_words) and len(content_stems(shorter)) > 1
    return Refused(
        title=refusal(answer),
        reason=reason[:1].upper() + reason[1:],
        unknown=", ".join(f"“{token.span.of(answer.question)}”" for token in tokens[:3]),
        shorter=shorter if asks else "",
        more_documents=more_documents,
        nearest=tuple(near(one) for one in answer.nearest),
    )


def _other(one: Alternative, answer: Answer) -> Other:
    cited = one.citation
    return Other(
        quote=cited.quote,
        percent=round(100 * one.confidence),
        contradicts=_contradicts(one, answer),
        text=marked(cited.context, cited.context_span.start, None, cited.span),
        link=Link.to_citation(cited),
    )


def _contradicts(one: Alternative, answer: Answer) -> bool:
    """Tell whether another place gives another value that is nearly as likely."""
    if not answer.citations or one.confidence < _NEARLY * answer.confidence:
        return False
    first, other = answer.citations[0], one.citation
    same = first.document == other.document and first.sha256 == other.sha256
    return not (same and first.context_span.overlaps(other.context_span))


def without(question: str, words: tuple[str, ...]) -> str:
    """Return the question without some case-folded words.

    >>> without("When did Zork visit Astana?", ("zork",))
    'When did visit Astana?'
    """
    kept, done = [], 0
    for token in tokenize(question):
        if token.folded in words:
            kept.append(question[done : token.span.start])
            done = token.span.end
    return " ".join("".join([*kept, question[done:]]).split()).replace(" ?", "?")
