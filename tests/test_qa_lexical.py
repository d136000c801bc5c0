"""Test BM25 against a slow obvious version, and what counts as a term."""

import math
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import bm25s
import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from qa.retrieval.bm25 import K1, B, LexicalIndex
from qa.schema import Passage, Span
from qa.text.stems import content_stems, stem, stop_words
from qa.text.tokens import terms

VOCABULARY = "trade traded target railway bank the of was 2030 two 2 贸易额 额度 Straße".split()
bodies = st.lists(st.sampled_from(VOCABULARY), max_size=12).map(" ".join)


def passages_of(texts: list[str]) -> list[Passage]:
    """Return a passage a text; empty ones are white space, as no passage is empty."""
    return [Passage("d", Span(0, max(len(text), 1)), text or " ") for text in texts]


def obvious(texts: list[str], question: str) -> list[float]:
    """Return BM25 as Lucene counts it: idf * tf / (tf + k1 * (1 - b + b * length / mean))."""
    rows = [content_stems(text) for text in texts]
    mean = sum(map(len, rows)) / len(rows)
    scores = [0.0] * len(rows)
    for term in content_stems(question):
        holding = sum(term in row for row in rows)
        if holding:
            idf = math.log(1 + (len(rows) - holding + 0.5) / (holding + 0.5))
            for place, row in enumerate(rows):
                count = row.count(term)
                length = K1 * (1 - B + B * len(row) / mean)
                scores[place] += idf * count / (count + length) if count else 0.0
    return scores


@given(st.lists(bodies, min_size=1, max_size=8), bodies)
def test_scores_are_those_of_the_formula(texts: list[str], question: str) -> None:
    scores = LexicalIndex.build(passages_of(texts)).scores(question)
    assert scores.shape == (len(texts),)
    assert scores.dtype == np.float32
    np.testing.assert_allclose(scores, obvious(texts, question), rtol=1e-4, atol=1e-6)


def test_a_score_by_hand() -> None:
    """Two passages of 1 and 3 stems, mean 2; "bank" is in the second alone, once.

    idf = ln(1 + (2 - 1 + 0.5) / (1 + 0.5)) = ln 2; the length factor is
    1.2 * (0.25 + 0.75 * 3 / 2) = 1.65, so the score is ln 2 / 2.65 = 0.26156.
    """
    index = LexicalIndex.build(passages_of(["railway", "the bank of trade targets"]))
    assert index.scores("Which bank?").tolist() == pytest.approx([0.0, 0.26156], abs=1e-5)
    assert index.inverse_document_frequency("bank") == pytest.approx(math.log(2))
    assert index.inverse_document_frequency("absent") == pytest.approx(math.log(6))


@pytest.mark.parametrize(
    ("text", "stems"),
    [
        ("The banks were trading.", ["bank", "trade"]),
        ("the of and was", []),
        ("China's targets", ["china", "target"]),
        ("贸易额", ["贸易", "易额"]),
        ("ＴＲＡＤＥ Trade", ["trade", "trade"]),
        ("1,000 and 1000", ["1000", "1000"]),
        ("two years", ["2", "year"]),
        ("", []),
    ],
)
def test_content_stems(text: str, stems: list[str]) -> None:
    assert content_stems(text) == stems


def test_stop_words_are_folded_as_terms_are() -> None:
    assert {"the", "of", "what"} <= stop_words()
    assert all(word == word.casefold() for word in stop_words())


def test_what_stands_above_a_passage_is_searched_too() -> None:
    row = Passage(
        "d", Span(0, 9), "| 1 | 2 |", heading="Railways", lead_in="Banks", header="| Ports |"
    )
    index = LexicalIndex.build([row, *passages_of(["nothing here"])])
    for word in ("railway", "bank", "port"):
        assert index.scores(word).argmax() == 0
        assert index.scores(word).max() > 0


@pytest.mark.parametrize("texts", [[], ["the of"], ["the", "…!?"]])
def test_an_empty_vocabulary_scores_nothing(texts: list[str], tmp_path: Path) -> None:
    index = LexicalIndex.build(passages_of(texts))
    index.save(tmp_path / "bm25")
    for one in (index, LexicalIndex.load(tmp_path / "bm25", len(texts))):
        assert one.scores("trade").tolist() == [0.0] * len(texts)
        assert one.unknown(["trade", "target"]) == {"trade", "target"}
        assert math.isfinite(one.inverse_document_frequency("trade"))


def test_a_question_without_a_known_word_scores_nothing() -> None:
    assert LexicalIndex.build(passages_of(["trade"])).scores("zebra the").tolist() == [0.0]


def test_unknown_stems_are_those_that_no_passage_holds() -> None:
    index = LexicalIndex.build(passages_of(["The trade targets of China"]))
    assert index.unknown(content_stems("Zebra trading target zebra yak?")) == {"zebra", "yak"}


@given(st.lists(bodies, min_size=1, max_size=6), bodies)
def test_an_index_comes_back_from_disk_as_it_was(
    tmp_path_factory: pytest.TempPathFactory, texts: list[str], question: str
) -> None:
    path = tmp_path_factory.mktemp("index") / "bm25"
    index = LexicalIndex.build(passages_of(texts))
    index.save(path)
    again = LexicalIndex.load(path, len(texts))
    np.testing.assert_array_equal(again.scores(question), index.scores(question))
    stems = content_stems(question)
    assert again.unknown(stems) == index.unknown(stems)


def test_the_stop_words_are_the_function_words_of_bm25s() -> None:
    """The figures of our reports were measured with these; a word more would change them."""
    from bm25s.stopwords import STOPWORDS_EN_PLUS

    assert stop_words() == {term for word in STOPWORDS_EN_PLUS for term in terms(word)}


def test_stemming_is_safe_from_several_threads() -> None:
    words = [f"trading{number}s" for number in range(3000)]
    with ThreadPoolExecutor(8) as pool:
        assert list(pool.map(stem.__wrapped__, words)) == [stem(word) for word in words]


@given(st.lists(bodies, min_size=1, max_size=8), bodies)
def test_scores_are_those_of_bm25s(texts: list[str], question: str) -> None:
    """The library that the formula and the layout are taken from, to the last bit but one."""
    rows = [content_stems(text) for text in texts]
    asked = [term for term in content_stems(question) if any(term in row for row in rows)]
    if not asked:
        return
    scorer = bm25s.BM25(k1=K1, b=B, method="lucene")
    scorer.index(rows, show_progress=False)
    scores = LexicalIndex.build(passages_of(texts)).scores(question)
    np.testing.assert_allclose(scores, scorer.get_scores(asked), rtol=1e-6)


def test_batches_of_passages_make_one_index(monkeypatch: pytest.MonkeyPatch) -> None:
    texts = [" ".join(VOCABULARY[at % 7 :]) for at in range(11)]
    whole = LexicalIndex.build(passages_of(texts))
    monkeypatch.setattr("qa.retrieval.bm25._BATCH", 3)
    assert LexicalIndex.build(passages_of(texts)).matches(whole)
    assert not LexicalIndex.build(passages_of(texts[:-1])).matches(whole)
