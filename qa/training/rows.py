"""Make the rows that the selector is fitted to: questions with all their candidates.

The questions are those of XQuAD-en, of the first half of new-wiki, of our own what is kept back,
and our dev split: nothing that the network was taught. Paragraphs that follow each other form
corpora as small as a user's folder, and of as few subjects: ours come with their neighbours.
How weights are fitted is left to `qa.training.selector`.
"""

import json
import random
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from itertools import chain, islice
from pathlib import Path

import numpy as np
from numpy.typing import NDArray
from tqdm import tqdm

from embeddings.training.data import Example, read_examples, read_lines
from eval.metrics import f1
from qa.assistant import PASSAGES_READ, Assistant
from qa.documents.loading import make_document
from qa.reading.evidence import Features
from qa.reading.question import AnswerKind
from qa.schema import Candidate, Passage, Span
from qa.training.questions.keywords import with_keywords
from qa.training.questions.tables import made_up, markdown
from qa.training.questions.written import written_questions

CORPUS = 120  # paragraphs
TABLES = 8  # among so many paragraphs


@dataclass(frozen=True, slots=True)
class Row:
    """The candidates of one question: features, token F1 with the answer, where each stands (its
    document and span), and the question's kind.
    """

    features: list[Features]
    overlap: NDArray[np.float64]
    places: list[tuple[str, Span]]
    kind: AnswerKind


def agreement(text: str, answers: Sequence[str]) -> float:
    """Return the token F1 of a candidate with the answers; where there are none, nothing agrees."""
    return f1(text, answers) if answers else 0.0


def held_out(data: Path) -> list[Example]:
    """Return questions that the network was not taught; those without answers have none."""
    wiki = list(read_examples(data / "dev" / "qa-squadshifts-new-wiki.jsonl.xz"))
    xquad = read_examples(data / "dev" / "qa-xquad-en.jsonl.xz")
    return [*xquad, *wiki[: len(wiki) // 2], *written_questions(data, "kept back")]


def corpora(
    examples: Sequence[Example], near: Mapping[str, Sequence[str]], crowd: Sequence[str] = ()
) -> Iterator[tuple[Assistant, list[Example]]]:
    """Yield assistants over about `CORPUS` paragraphs, with the questions on some of them.

    ``near`` holds what stands around a paragraph: corpora of few subjects, as a user's are.
    ``crowd`` are paragraphs that stand in every corpus besides.
    """
    asked: dict[str, list[Example]] = {}
    for example in examples:
        asked.setdefault(example.context, []).append(example)
    chosen: dict[str, None] = {}
    inside: list[Example] = []
    for context, own in asked.items():
        chosen |= dict.fromkeys(near.get(context, (context,)))
        inside += own
        if len(chosen) >= CORPUS:
            yield _assistant([*(chosen | dict.fromkeys(crowd))]), inside
            chosen, inside = {}, []
    if inside:
        yield _assistant([*(chosen | dict.fromkeys(crowd))]), inside


def _assistant(paragraphs: Iterable[str]) -> Assistant:
    documents = [make_document(text, f"{number}.txt") for number, text in enumerate(paragraphs)]
    passages = [Passage(one.id, Span(0, len(one.text)), one.text) for one in documents]
    return Assistant.from_documents(documents, passages)


def rows(
    examples: Sequence[Example],
    near: Mapping[str, Sequence[str]],
    *,
    withheld: float = 0.0,
    crowd: Sequence[str] = (),
    strangers: Sequence[Example] = (),
    seed: int = 13,
) -> list[Row]:
    """Return the candidates of every question in `corpora`.

    One in seven is said in keywords. ``withheld`` is the part of the questions whose paragraph is
    not read. ``strangers`` are questions on something else, one to every ten of a corpus.
    """
    chance = random.Random(seed)
    found: list[Row] = []
    for assistant, asked in tqdm(corpora(examples, near, crowd), unit="corpus", mininterval=10):
        said = with_keywords(asked, seed)
        found.extend(_row(assistant, one, withheld=chance.random() < withheld) for one in said)
        known = {one.text for one in assistant.retriever.passages}
        lost = [one for one in strangers if one.context not in known]
        for one in chance.sample(lost, min(len(lost), len(asked) // 10)):
            found.append(_row(assistant, replace(one, answers=()), withheld=False))
    return [row for row in found if row.features]


def _row(assistant: Assistant, example: Example, *, withheld: bool) -> Row:
    passages, home = assistant.retriever.passages, example.context
    others = [not withheld or one.text != home for one in passages]
    asked = assistant.prepared(example.question)
    hits = assistant.retriever.retrieve(asked.text, PASSAGES_READ, np.array(others))
    candidates = assistant.reader.candidates(asked, hits)
    answers = [text for text, _ in example.answers]
    overlap = [
        agreement(candidate.text, answers) if candidate.hit.passage.text == home else 0.0
        for candidate, _ in candidates
    ]
    return Row([part for _, part in candidates], np.array(overlap), _places(candidates), asked.kind)


def _places(candidates: Iterable[tuple[Candidate, Features]]) -> list[tuple[str, Span]]:
    return [(one.hit.passage.document_id, one.span) for one, _ in candidates]


def table_rows(prose: Sequence[str], count: int, seed: int = 13) -> list[Row]:
    """Return the candidates of about ``count`` questions on made-up tables among ``prose``."""
    tables = map(markdown, made_up(prose, seed))
    found: list[Row] = []
    for number in range(0, len(prose), CORPUS):
        if len(found) >= count:
            break
        held = list(islice(tables, TABLES))
        texts = [*prose[number : number + CORPUS], *(text for text, _ in held)]
        documents = [make_document(text, f"{at}.md") for at, text in enumerate(texts)]
        assistant = Assistant.from_documents(documents)
        asked = chain.from_iterable(questions for _, questions in held)
        found.extend(_row(assistant, one, withheld=False) for one in asked)
    return [row for row in found if row.features]


def gold_rows(gold: Path, docs: Path) -> list[Row]:
    """Return the candidates of our own questions over their documents."""
    assistant = Assistant.from_folder(docs, cache=False)
    sources = {document.id: document.source for document in assistant.documents}
    found: list[Row] = []
    for line in read_lines(gold):
        question = json.loads(line)
        asked = assistant.prepared(question["question"])
        hits = assistant.retriever.retrieve(asked.text, PASSAGES_READ)
        candidates = assistant.reader.candidates(asked, hits)
        accepted = question["answers"]
        overlap = [
            agreement(
                candidate.text,
                [
                    answer["text"]
                    for answer in accepted
                    if answer["document"] == sources[candidate.hit.passage.document_id]
                ],
            )
            for candidate, _ in candidates
        ]
        parts = [part for _, part in candidates]
        found.append(Row(parts, np.array(overlap), _places(candidates), asked.kind))
    return [row for row in found if row.features]
