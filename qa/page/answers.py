"""Show an answer as HTML: the words that answer, how sure that is, and the proof; or a refusal.

What is answered is decided elsewhere. The passages that were read are left to `qa.page.sources`.
"""

from qa.answering import in_words, refusal
from qa.page.markup import about, button, escape, listed, marked, open_citation
from qa.page.proofs import near, proof
from qa.page.sources import render_sources
from qa.page.visits import Entry
from qa.schema import Alternative, Answer
from qa.text import content_stems, tokenize

_MIDDLING, _LONG = 40, 90  # characters above which an answer is set smaller
_NEARLY = 0.5  # of the answer's confidence, from which another reading is called nearly as likely


def render_answer(entry: Entry, missing: tuple[str, ...] = (), *, more: bool = False) -> str:
    """Return the HTML of a question's answer.

    ``missing`` are words of the question that no document holds; ``more`` says that there are
    other documents to ask.
    """
    answer = entry.answer
    body = _found(entry) if answer.text is not None else _refused(entry, missing, more)
    kind = "found" if answer.text is not None else "refused"
    meant = (
        ""
        if answer.read_as is None
        else (f'<p class="reason">Read as: <bdi>{escape(answer.read_as)}</bdi></p>')
    )
    return (
        f'<article class="answer {kind}" data-entry="{entry.number}">'
        f'<h2 class="unseen"><bdi>{escape(answer.question)}</bdi></h2>{meant}{body}'
        f"{render_sources(entry)}</article>"
    )


def _found(entry: Entry) -> str:
    answer = entry.answer
    text = answer.text or ""
    size = " long" if len(text) > _LONG else " middling" if len(text) > _MIDDLING else ""
    proofs = "".join(
        proof(one, entry, whole=place == 0) for place, one in enumerate(answer.citations)
    )
    return (
        f'<p class="value{size}"><bdi{listed(text)}>{escape(text)}</bdi></p>'
        f'{_sure(answer.confidence)}<div class="proofs">{proofs}</div>'
        f"{_tools(entry)}{_alternatives(entry)}"
    )


def _refused(entry: Entry, missing: tuple[str, ...], more: bool) -> str:
    answer = entry.answer
    reason = answer.reason or "nothing answers this"
    nearest = "".join(near(one) for one in answer.nearest)
    closest = f'<h3>What comes nearest</h3><div class="proofs">{nearest}</div>' if nearest else ""
    return (
        f'<p class="value none">{refusal(answer)}</p>'
        f'<p class="reason"><bdi>{escape(reason[:1].upper() + reason[1:])}.</bdi></p>'
        f"{_ask_differently(answer, missing, more)}{closest}{_tools(entry)}{_alternatives(entry)}"
    )


def _sure(confidence: float) -> str:
    percent = round(100 * confidence)
    return (
        f'<p class="sure"><span class="meter" aria-hidden="true"><i style="width:{percent}%"></i>'
        f"</span><b>{in_words(confidence).capitalize()}</b>"
        f"<span>{percent} % confidence</span></p>"
    )


def _alternatives(entry: Entry) -> str:
    """Return other readings: open where they contradict the answer, else folded away."""
    answer = entry.answer
    if not answer.alternatives:
        return ""
    rows = "".join(_alternative(one, answer) for one in answer.alternatives)
    if any(_contradicts(one, answer) for one in answer.alternatives):
        return f'<section class="others"><h3>The documents also say</h3><ul>{rows}</ul></section>'
    title = "Guesses that were withheld" if answer.text is None else "Other candidates"
    count = len(answer.alternatives)
    return f'<details class="others"><summary>{title} ({count})</summary><ul>{rows}</ul></details>'


def _contradicts(one: Alternative, answer: Answer) -> bool:
    """Tell whether another place gives another value that is nearly as likely."""
    if not answer.citations or one.confidence < _NEARLY * answer.confidence:
        return False
    first, other = answer.citations[0], one.citation
    same = first.document == other.document and first.sha256 == other.sha256
    return not (same and first.context_span.overlaps(other.context_span))


def _alternative(one: Alternative, answer: Answer) -> str:
    cited = one.citation
    flag = ""
    if _contradicts(one, answer):
        flag = '<span class="flag">nearly as likely</span>'
    shown = marked(cited.context, cited.context_span.start, None, cited.span)
    return (
        f'<li><p class="other"><bdi>{escape(cited.quote)}</bdi> <span class="number">'
        f"{round(100 * one.confidence)} %</span>{flag}</p>"
        f'<p class="context" dir="auto">{shown}</p>'
        f'<p class="from">{open_citation(cited)}{about(cited.publisher, cited.date)}</p></li>'
    )


def _ask_differently(answer: Answer, missing: tuple[str, ...], more: bool) -> str:
    """Return ways on: the question without the words that nobody mentions, other documents."""
    ways = []
    shorter = without(answer.question, missing)
    if missing and len(content_stems(shorter)) > 1:
        said = [
            token.span.of(answer.question)
            for token in tokenize(answer.question)
            if token.folded in missing
        ]
        words = ", ".join(f"“{word}”" for word in said[:3])
        ways.append(button(f"Ask without {words}", "ask", kind="way", question=shorter))
    if more:
        ways.append(button("Ask all documents", "ask-both", kind="way", question=answer.question))
    ways.append(button("Change the question", "edit", kind="way", question=answer.question))
    ways.append(button("Add a document that may answer", "add", kind="way"))
    return f'<div class="ways" role="group" aria-label="Ask differently">{"".join(ways)}</div>'


def without(question: str, missing: tuple[str, ...]) -> str:
    """Return the question without some folded words.

    >>> without("When did Zork visit Astana?", ("zork",))
    'When did visit Astana?'
    """
    kept, done = [], 0
    for token in tokenize(question):
        if token.folded in missing:
            kept.append(question[done : token.span.start])
            done = token.span.end
    return " ".join("".join([*kept, question[done:]]).split()).replace(" ?", "?")


def _tools(entry: Entry) -> str:
    number = entry.number
    said = entry.judgement
    return (
        f'<div class="tools">{button("Copy link", "link", question=entry.answer.question)}'
        f'<span class="judge" role="group" aria-label="Is this right?">Is this right? '
        f"{_thumb('up', 'Yes, this is right', number, said is not None and said.right)}"
        f"{_thumb('down', 'No, this is wrong', number, said is not None and not said.right)}</span>"
        f'<span class="said" role="status"></span></div>{_correction(number)}'
    )


_HAND = "M7 10v11H3V10h4Zm2 0 4-8c2 0 3 1 3 3l-1 4h5c1 0 2 1 2 2l-2 8c0 1-1 2-2 2H9V10Z"


def _thumb(way: str, label: str, number: int, on: bool) -> str:
    return (
        f'<button type="button" class="thumb {way}{" on" if on else ""}" data-act="{way}" '
        f'data-entry="{number}" aria-label="{label}" aria-pressed="{str(on).lower()}">'
        f'<svg viewBox="0 0 24 24" aria-hidden="true"><path d="{_HAND}"/></svg></button>'
    )


def _correction(number: int) -> str:
    return (
        f'<form class="correct" data-form="correct" data-entry="{number}" hidden>'
        "<label>The right answer, copied from the document"
        '<input type="text" name="words" autocomplete="off"></label>'
        '<label><input type="checkbox" name="nothing"> The documents do not answer this</label>'
        '<p><button type="submit" class="way">Save</button></p></form>'
    )
