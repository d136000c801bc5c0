"""Draw what the reader is taught from all sources: a long, mixed list of questions and windows.

Some questions are put to a window that does not answer them (hard negatives: what BM25 finds for
them in the same source, or what stands beside their paragraph), some are said in keywords, some
with a slip of the finger.
"""

import random
from collections import defaultdict
from collections.abc import Iterable, Sequence
from pathlib import Path

from embeddings.training.data import Example, training_prose, training_questions
from qa.training.questions.documents import SOURCE as DOCUMENTS
from qa.training.questions.documents import WindowQuestion, document_questions
from qa.training.questions.keywords import as_keywords
from qa.training.questions.tables import table_questions
from qa.training.questions.written import neighbours, written_questions
from qa.training.transformer.windows import Reading

SHARES = {  # of a source's questions, drawn once each
    "written": 1.0,
    "qa-squad-train-aligned": 0.6,
    "qa-squad-train-tail-detok": 1.0,
    "qa-qamr-wiki-devtest": 0.15,
    "qa-fairytaleqa-spans": 0.5,
    "qa-policyqa-dev": 0.3,
    "qa-policyqa-test": 0.3,
    "qa-covidqa-windowed": 0.5,
    "qa-qed-nq-dev": 1.0,
    "qa-timeqa-human": 0.5,
}
TABLES = 5_000
NEGATIVES = 0.15
KEYWORDS = 0.1
SLIPS = 0.05
FOUND = 4
REACH = 2


def mixture(data: Path, seed: int) -> list[Reading]:
    """Return everything that is taught, in a mixed order that depends on the seed alone.

    Questions on real documents come among the rest, and all of them once more towards the end,
    where most is remembered of what is taught.
    """
    chance = random.Random(seed)
    readings = _on_paragraphs(data, seed, chance)
    on_documents = _on_documents(data, seed, chance)
    begin = [*readings[: len(readings) // 2], *on_documents]
    end = [*readings[len(readings) // 2 :], *_on_documents(data, seed + 1, chance)]
    chance.shuffle(begin)
    chance.shuffle(end)
    return [*begin, *end]


def _on_documents(data: Path, seed: int, chance: random.Random) -> list[Reading]:
    """Return the questions on documents; some are put to another window of the same document."""
    asked = list(document_questions(data, "taught", seed))
    windows: dict[str, list[WindowQuestion]] = defaultdict(list)
    for one in asked:
        windows[one.document].append(one)
    readings = []
    for one in asked:
        spans = () if one.span is None else (one.span,)
        put = one
        if one.span is not None and chance.random() < NEGATIVES:
            answer = one.text[slice(*one.span)].casefold()
            others = [w for w in windows[one.document] if answer not in w.text.casefold()]
            if others:
                put, spans = chance.choice(others), ()
        readings.append(Reading(one.question, put.headings, put.text, spans, DOCUMENTS))
    return readings


def _on_paragraphs(data: Path, seed: int, chance: random.Random) -> list[Reading]:
    """Return the questions on paragraphs and on rows of made-up tables, in a mixed order."""
    examples = [*written_questions(data, "taught"), *training_questions(data)]
    drawn = [one for one in examples if chance.random() < SHARES.get(one.source, 0.0)]
    drawn += table_questions(training_prose(data, ("prose-wikipedia-2018*",)), TABLES, seed)
    chance.shuffle(drawn)
    readings = []
    negatives = _negatives(data, [one for one in drawn if one.answers], chance)
    for one in drawn:
        context = negatives.get(id(one))
        text = one.context if context is None else context
        spans = () if context is not None else _spans(one)
        if spans or not one.answers or context is not None:
            readings.append(Reading(_asked(one.question, chance), "", text, spans, one.source))
    return readings


def _spans(example: Example) -> tuple[tuple[int, int], ...]:
    return tuple(dict.fromkeys((start, start + len(text)) for text, start in example.answers))


def _asked(question: str, chance: random.Random) -> str:
    """Return a question as it may be typed."""
    draw = chance.random()
    if draw < KEYWORDS:
        return as_keywords(question, chance)
    return slipped(question, chance) if draw < KEYWORDS + SLIPS else question


def slipped(question: str, chance: random.Random) -> str:
    """Return a question with one of its longer words mistyped.

    >>> slipped("Who founded the museum?", random.Random(1))
    'Who founded the musem?'
    """
    words = question.split(" ")
    long = [n for n, word in enumerate(words) if len(word.rstrip("?")) > 4 and word[0].isalpha()]
    if not long:
        return question
    n = chance.choice(long)
    word, at = words[n], chance.randint(1, len(words[n]) - 3)
    swapped = word[:at] + word[at + 1] + word[at] + word[at + 2 :]
    dropped, doubled = word[:at] + word[at + 1 :], word[: at + 1] + word[at:]
    words[n] = chance.choice([swapped, dropped, doubled])
    return " ".join(words)


def _negatives(data: Path, answered: Sequence[Example], chance: random.Random) -> dict[int, str]:
    """Return for some of the questions, by their identity, a passage that does not answer them."""
    chosen = [one for one in answered if chance.random() < NEGATIVES]
    around = neighbours(data, chosen, REACH)
    by_source: dict[str, list[Example]] = defaultdict(list)
    for one in answered:
        by_source[one.source].append(one)
    found: dict[int, str] = {}
    for source, all_of_it in by_source.items():
        contexts = list(dict.fromkeys(one.context for one in all_of_it))
        asked = [one for one in chosen if one.source == source]
        for one, hits in zip(asked, _retrieved(asked, contexts), strict=True):
            foils = _foils(one, [*hits, *around.get(one.context, ())])
            if foils:
                found[id(one)] = chance.choice(foils)
    return found


def _foils(example: Example, contexts: Iterable[str]) -> list[str]:
    texts = [text.casefold() for text, _ in example.answers]
    return [
        context
        for context in contexts
        if context != example.context and not any(t in context.casefold() for t in texts)
    ]


def _retrieved(examples: Sequence[Example], contexts: list[str]) -> list[list[str]]:
    """Return the contexts that BM25 finds for each question, best first."""
    import bm25s

    if not examples:
        return []
    index = bm25s.BM25()
    index.index(bm25s.tokenize(contexts, show_progress=False), show_progress=False)
    asked = bm25s.tokenize([one.question for one in examples], show_progress=False)
    found, _ = index.retrieve(asked, k=min(FOUND, len(contexts)), show_progress=False)
    return [[contexts[int(n)] for n in row] for row in found]
