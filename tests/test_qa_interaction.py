"""Test late interaction against a slow version of its formula, and by hand."""

from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from embeddings import WordVectors, load_words
from qa.retrieval.late_interaction import BLOCK, WordIndex
from qa.schema import Passage, Span

WORDS = "trade target railway bank of 2030 贸易额 port energy pipeline qwzx".split()
bodies = st.lists(st.lists(st.sampled_from(WORDS), max_size=80).map(" ".join),
                  min_size=1, max_size=6)  # fmt: skip


def passages_of(texts: list[str]) -> list[Passage]:
    return [Passage("d", Span(at, at + 1), text) for at, text in enumerate(texts)]


def index_of(texts: list[str]) -> WordIndex:
    return WordIndex.build(passages_of(texts), load_words())


def slow_words(vectors: WordVectors, texts: list[str], question: str) -> list[float]:
    """Return the weighted mean of best cosines over the best two blocks, word by word."""
    rows = [vectors.tokenize([text])[0].tolist() for text in texts]
    asked = [t for t in vectors.tokenize([question])[0].tolist() if vectors.lengths[t] > 0]
    weights = []
    for token in asked:
        holders = sum(token in row for row in rows)
        rarity = np.log1p((len(rows) - holders + 0.5) / (holders + 0.5))
        weights.append(rarity * vectors.lengths[token])
    found = []
    for row in rows:
        best = 0.0 if not row else -9.0
        for start in range(0, len(row), BLOCK):
            window = np.array(row[start : start + 2 * BLOCK])
            near = vectors.cosines(np.array(asked), window).max(axis=1)
            best = max(best, float(near @ weights) / sum(weights))
        found.append(best)
    return found


@given(texts=bodies, question=st.lists(st.sampled_from(WORDS), min_size=1, max_size=5))
def test_nearness_of_words_is_that_of_the_slow_version(
    texts: list[str], question: list[str]
) -> None:
    asked = " ".join(question)
    near = index_of(texts).nearness(asked, np.arange(len(texts)))
    np.testing.assert_allclose(near.words, slow_words(load_words(), texts, asked), atol=1e-5)


@given(texts=bodies, data=st.data())
def test_a_passage_is_judged_by_itself(texts: list[str], data: st.DataObject) -> None:
    """Which other passages are looked at changes nothing."""
    chosen = data.draw(st.lists(st.integers(0, len(texts) - 1), unique=True).map(sorted))
    index = index_of(texts)
    places = np.array(chosen, np.int64)
    every = index.nearness("trade target bank", np.arange(len(texts)))
    some = index.nearness("trade target bank", places)
    np.testing.assert_allclose(some.words, every.words[places], atol=1e-6)
    np.testing.assert_allclose(some.pairs, every.pairs[places])


def test_pairs_are_counted_once_and_not_across_passages() -> None:
    """Of "trade target", "target of" and "of bank", the first passage has one, twice."""
    texts = ["trade target; trade target", "trade target of bank", "trade", "target"]
    near = index_of(texts).nearness("trade target of bank", np.arange(4))
    assert near.pairs == pytest.approx([1 / 3, 1, 0, 0])


def test_words_far_apart_count_less_than_words_together() -> None:
    apart = "railway " + "of " * (3 * BLOCK) + "pipeline"
    near = index_of([apart, "railway pipeline", "port"]).nearness("railway pipeline", np.arange(3))
    assert near.words[1] == pytest.approx(1, abs=1e-5)
    assert near.words[0] < 0.9


def test_a_word_of_like_meaning_is_nearer_than_another() -> None:
    near = index_of(["the doctor", "the harbour"]).nearness("physician", np.arange(2))
    assert near.words[0] > near.words[1]


def test_nothing_is_near_to_no_words_or_in_no_passages() -> None:
    index = index_of(["", "trade"])
    assert index.nearness("…", np.arange(2)).words.tolist() == [0, 0]
    assert index.nearness("trade", np.zeros(0, np.int64)).words.tolist() == []
    assert index.nearness("trade", np.array([0])).words.tolist() == [0]


def test_an_index_comes_back_from_disk_as_it_was(tmp_path: Path) -> None:
    index = index_of(["trade target", "", "bank"])
    index.save(tmp_path / "words")
    again = WordIndex.load(tmp_path / "words", load_words())
    for name in ("tokens", "ends", "holders"):
        np.testing.assert_array_equal(getattr(again, name), getattr(index, name))


def test_words_of_other_vectors_are_refused(tmp_path: Path) -> None:
    index = index_of(["trade target"])
    WordIndex(index.tokens, index.ends, index.holders[:-1], load_words()).save(tmp_path / "words")
    with pytest.raises(ValueError, match="other word vectors"):
        WordIndex.load(tmp_path / "words", load_words())
