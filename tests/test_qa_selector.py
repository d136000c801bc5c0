"""Test what speaks for a span, and how a reading becomes an answer or a refusal."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from pathlib import Path

import pytest

from qa.answering import compose
from qa.documents.loading import make_document
from qa.errors import ModelError
from qa.reading.confidence import sigmoid
from qa.reading.onnx_reader import ScoredSpan, SpanScorer
from qa.reading.prepared import prepare
from qa.reading.question import analyse
from qa.reading.selector import FeatureSelector, bundled_weights
from qa.schema import (
    Answer,
    Candidate,
    Document,
    Hit,
    Passage,
    PassageKind,
    Reading,
    Signals,
    Span,
)
from qa.text.passages import split_passages

QUESTION = analyse("Which target?")
TEXT = "The target is $70 billion. Trade was $41 billion in 2023.\n\nXi: The target is $70 billion."


@pytest.fixture(scope="module")
def document() -> Document:
    return make_document(TEXT, "a.txt")


@pytest.fixture(scope="module")
def hits(document: Document) -> tuple[Hit, ...]:
    return tuple(Hit(one, 2.0 - rank, rank) for rank, one in enumerate(split_passages(document), 1))


def at(
    document: Document, hits: tuple[Hit, ...], words: str, score: float, nth: int = 0
) -> Candidate:
    """Return a candidate at the nth place of some words."""
    start = -1
    for _ in range(nth + 1):
        start = document.text.index(words, start + 1)
    span = Span(start, start + len(words))
    hit = next(hit for hit in hits if hit.passage.span.covers(span))
    return Candidate(hit, span, hit.passage.span, score)


class Pointing:
    """A network that proposes what stands above a list, and a month."""

    def spans(self, question: str, texts: Sequence[str], best: int) -> list[list[ScoredSpan]]:
        """Return the same two spans of every passage."""
        words = ("The following measures", "May")
        return [
            [ScoredSpan(Span(text.index(w), text.index(w) + len(w)), 1.0, 1.0) for w in words]
            for text in texts
        ]


class Known:
    """The words of some documents, none of which is like another."""

    vocabulary: Mapping[str, int] = {}

    def unknown(self, stems: Sequence[str]) -> frozenset[str]:
        return frozenset(stems) - {"norway", "first", "war"}

    def stems(self, initial: str) -> Iterator[tuple[str, int]]:
        return iter(())

    def is_word(self, folded: str) -> bool:
        return False


def composed(document: Document, hits: tuple[Hit, ...], *candidates: Candidate) -> Answer:
    reading = Reading(candidates, tuple(sigmoid(one.score) for one in candidates), 0.0)
    return compose(QUESTION, hits, reading, {document.id: document})


def test_spread_is_the_retrievers_and_whole_where_it_says_none(
    hits: tuple[Hit, ...], every_word: SpanScorer
) -> None:
    selector = FeatureSelector(lambda _: 1.0, every_word)
    asked = analyse("What is the target?")
    for signals, spread in (
        (Signals(spread=1.5), 0.25),
        (Signals(spread=9.0), 1.0),
        (Signals(), 1.0),
    ):
        given = [replace(hit, signals=signals) for hit in hits]
        found = [told.hit.spread for _, told in selector.candidates(asked, given)]
        assert found == pytest.approx([spread] * len(found))
        assert found


def test_words_above_a_list_that_name_what_is_asked_for_stand_for_the_list() -> None:
    text = "The following measures were decided in May:\n- more trains\n- fewer cars"
    hit = Hit(Passage("d", Span(0, len(text)), text, PassageKind.LIST), 1.0, 1)
    selector = FeatureSelector(lambda _: 1.0, Pointing())
    said = {
        question: {one.text for one, _ in selector.candidates(analyse(question), (hit,))}
        for question in ("Which measures were decided?", "When was it decided?")
    }
    assert said["Which measures were decided?"] == {"more trains\n- fewer cars", "May"}
    assert said["When was it decided?"] == {"The following measures", "May"}


def test_a_heading_in_the_words_of_the_question_is_no_answer(every_word: SpanScorer) -> None:
    hits = [
        Hit(Passage("d", Span(0, len(text)), text, PassageKind.HEADING), 1.0, 1)
        for text in ("Opening hours", "Opening hours in May")
    ]
    selector = FeatureSelector(lambda _: 1.0, every_word)
    found = selector.candidates(analyse("What are the opening hours?"), hits)
    assert {one.hit.passage.text for one, _ in found} == {"Opening hours in May"}


@pytest.mark.parametrize(
    ("question", "nowhere"),
    [
        ("What will the harbour of Brevik cost?", {"brevik"}),
        ("What did it cost in 2031?", {"2031"}),
        ("What did Dr Nadia Holm say of the 1990s?", {"nadia", "holm"}),
        ("What did the Norwegian say in the First World War?", {"world"}),  # of a known war
    ],
)
def test_names_and_figures_that_stand_nowhere(
    question: str, nowhere: set[str], every_word: SpanScorer
) -> None:
    asked = prepare(question, Known())
    assert {*asked.absent} == nowhere
    hit = Hit(Passage("d", Span(0, 9), "Nine days"), 1.0, 1)
    found = FeatureSelector(lambda _: 1.0, every_word).candidates(asked, [hit])
    assert {told.hit.unknown_name for _, told in found} == {float(nowhere != {"world"})}


def test_a_column_that_keywords_name_is_what_they_ask_for(every_word: SpanScorer) -> None:
    row = "| IN-209 | Cork sheet 20 mm | 18.95 |"
    header = "| Item code | Product | Price (GBP) |"
    passage = Passage("d", Span(0, len(row)), row, PassageKind.TABLE_ROW, header=header)
    for question, most in (
        ("cork sheet 20 mm price", "18.95"),
        ("item code of the cork sheet at 18.95", "IN-209"),
    ):
        selector = FeatureSelector(lambda _: 1.0, every_word)
        found = selector.candidates(analyse(question), [Hit(passage, 1.0, 1)])
        assert max(found, key=lambda one: one[1].span.column or 0.0)[0].text == most


def test_a_reading_is_sorted_and_without_overlaps(
    hits: tuple[Hit, ...], every_word: SpanScorer
) -> None:
    selector = FeatureSelector(lambda _: 1.0, every_word)
    reading = selector.read(analyse("What is the target?"), hits)
    assert len(reading.candidates) > 5
    scores = [one.score for one in reading.candidates]
    assert scores == sorted(scores, reverse=True)
    sure = list(reading.confidences)
    texts = [candidate.text for candidate in reading.candidates]
    others = [one for one, text in zip(sure, texts, strict=True) if text != texts[0]]
    assert sure[0] == sigmoid(scores[0])
    assert others == sorted(others, reverse=True)
    assert sum(others) <= 1 - sure[0] + 1e-4  # of answers that differ, one is right at most
    spans = [one.span for one in reading.candidates]
    assert not any(a.overlaps(b) for place, a in enumerate(spans) for b in spans[:place])
    assert selector.read(analyse("What is the target?"), hits) == reading


def test_nothing_read_is_a_legal_reading(every_word: SpanScorer) -> None:
    reading = FeatureSelector(lambda _: 1.0, every_word).read(analyse("What?"), ())
    assert (reading.candidates, reading.confidences) == ((), ())
    assert reading.doubt


@pytest.mark.parametrize("content", [None, "", "{}", "[]", "\x00"])
def test_missing_weights_are_said(
    content: str | None, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "models").mkdir()
    if content is not None:
        (tmp_path / "models" / "selector.json").write_text(content)
    monkeypatch.setattr("qa.reading.selector.files", lambda _: tmp_path)
    with pytest.raises(ModelError, match="install the package again"):
        bundled_weights()


def test_the_best_candidate_answers(document: Document, hits: tuple[Hit, ...]) -> None:
    """The same words further down are a second place; other words are alternatives."""
    answer = composed(
        document,
        hits,
        at(document, hits, "$70 billion", 2.0),
        at(document, hits, "$70 billion", 1.5, nth=1),
        at(document, hits, "$41 billion", -1.0),
        at(document, hits, "2023", -6.0),
    )
    assert answer.text == "$70 billion"
    assert answer.confidence == sigmoid(2.0)
    assert [one.span.start for one in answer.citations] == [14, TEXT.rindex("$70")]
    assert [(one.citation.quote, one.confidence) for one in answer.alternatives] == [
        ("$41 billion", sigmoid(-1.0))
    ]
    assert (answer.reason, answer.nearest) == (None, ())


def test_no_answer_competes(document: Document, hits: tuple[Hit, ...]) -> None:
    """A candidate level with not answering does not answer; it stays an alternative."""
    answer = composed(document, hits, at(document, hits, "$70 billion", 0.0))
    assert (answer.text, answer.citations, answer.confidence) == (None, (), 0.5)
    assert [one.citation.quote for one in answer.alternatives] == ["$70 billion"]
    assert [one.quote for one in answer.nearest] == [hit.passage.text for hit in hits]
    assert answer.reason is not None
    assert "0.50" in answer.reason


def test_the_confidence_asked_for_decides(document: Document, hits: tuple[Hit, ...]) -> None:
    """It withholds what would be answered, and gives what would be withheld."""
    documents, best = {document.id: document}, at(document, hits, "$70 billion", 1.0)
    sure = Reading((best,), (sigmoid(1.0),), 0.0, "a doubt")
    assert compose(QUESTION, hits, sure, documents, least=sigmoid(1.0)).text == "$70 billion"
    refused = compose(QUESTION, hits, sure, documents, least=0.8)
    assert (refused.text, refused.limited) == (None, True)
    assert refused.reason == "the best guess has a confidence of 0.73, less than the 0.8 asked for"
    unsure = replace(sure, no_answer=2.0)
    assert compose(QUESTION, hits, unsure, documents, least=0.0).text == "$70 billion"
    doubted = compose(QUESTION, hits, unsure, documents, least=0.8)
    assert (doubted.reason, doubted.limited) == ("a doubt", False)
    assert compose(QUESTION, hits, sure, documents, least=0.0, foreign="Cyrillic").text is None


def test_reasons(document: Document, hits: tuple[Hit, ...]) -> None:
    """What is missing from all documents comes first, then the doubt, then the confidence."""
    documents = {document.id: document}
    reading = Reading((), (), 0.0, "nothing fits")
    assert compose(QUESTION, hits, reading, documents).reason == "nothing fits"
    absent = replace(QUESTION, text="Which target has France?", absent=("france",))
    missing = compose(absent, hits, reading, documents).reason
    assert missing is not None
    assert "“France”" in missing
    assert compose(QUESTION, (), Reading((), (), 0.0), documents).reason
    polar = compose(analyse("Did trade grow?"), hits, reading, documents)
    assert "yes or no" in (polar.reason or "")


def test_alternatives_that_differ_in_case_or_blanks_alone_are_one() -> None:
    document = make_document("Xi left. XI stayed. xi slept. Ban spoke.", "a.txt")
    hits = tuple(Hit(one, 1.0, 1) for one in split_passages(document))
    answer = composed(
        document,
        hits,
        at(document, hits, "Xi", 2.0),
        at(document, hits, "XI", 1.0),
        at(document, hits, "xi", 1.0),
        at(document, hits, "Ban", 1.0),
    )
    assert [one.citation.quote for one in answer.alternatives] == ["Ban"]


@pytest.mark.parametrize("value", [-1e9, -3.0, 0.0, 3.0, 1e9])
def test_sigmoid(value: float) -> None:
    assert 0 <= sigmoid(value) <= 1
    assert sigmoid(value) + sigmoid(-value) == pytest.approx(1)
