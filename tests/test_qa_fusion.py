"""Test the vectors' index against numpy, and the fusion of both rankings."""

from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from numpy.typing import NDArray

from embeddings import Encoder, load_encoder, load_words
from qa.retrieval.bm25 import LexicalIndex
from qa.retrieval.dense import DenseIndex, passage_text
from qa.retrieval.hybrid import FAR, HybridRetriever, Parts, Weights, standardise
from qa.retrieval.late_interaction import WordIndex
from qa.retrieval.passages import HeldPassages
from qa.schema import Passage, Span

WORDS = "trade target railway bank of 2030 贸易额 port energy pipeline".split()
bodies = st.lists(st.lists(st.sampled_from(WORDS), min_size=1, max_size=6).map(" ".join),
                  min_size=1, max_size=9)  # fmt: skip
questions = st.lists(st.sampled_from([*WORDS, "…"]), min_size=1, max_size=4).map(" ".join)


def passages_of(texts: list[str]) -> list[Passage]:
    return [Passage("d", Span(at, at + len(text)), text) for at, text in enumerate(texts)]


@pytest.fixture(scope="module")
def encoder(tiny: str) -> Encoder:
    return load_encoder(tiny)


def retriever(
    texts: list[str], encoder: Encoder, weights: Weights | None = None
) -> HybridRetriever:
    passages = HeldPassages(passages_of(texts))
    parts = Parts(
        LexicalIndex.build(passages),
        DenseIndex.build(passages, encoder),
        WordIndex.build(passages, load_words()),
    )
    return HybridRetriever(passages, parts, weights)


def test_what_is_encoded_holds_the_context() -> None:
    row = Passage("d", Span(0, 1), "x", heading="H", lead_in="L", header="T")
    assert passage_text(row) == "H\nL\nT\nx"
    assert passage_text(Passage("d", Span(0, 1), "x")) == "x"


@given(texts=bodies, question=questions, limit=st.integers(1, 12))
def test_the_nearest_vectors_are_those_of_numpy(
    encoder: Encoder, texts: list[str], question: str, limit: int
) -> None:
    index = DenseIndex.build(passages_of(texts), encoder)
    query = index.encode(question)
    cosines = encoder.encode_passages(texts) @ query[0]
    places = index.search(query, limit)
    assert len(places) == min(limit, len(texts))
    np.testing.assert_allclose(
        np.sort(cosines[places]), np.sort(cosines)[-len(places) :], atol=1e-5
    )
    every = np.arange(len(texts))
    np.testing.assert_allclose(index.similarities(query, every), cosines, atol=1e-5)


def test_an_index_comes_back_from_disk_as_it_was(encoder: Encoder, tmp_path: Path) -> None:
    index = DenseIndex.build(passages_of(["trade", "bank of china"]), encoder)
    index.save(tmp_path / "vectors.faiss")
    again = DenseIndex.load(tmp_path / "vectors.faiss", encoder)
    query = index.encode("bank")
    assert again.size == 2
    np.testing.assert_array_equal(
        again.similarities(query, np.arange(2)), index.similarities(query, np.arange(2))
    )


def test_an_index_of_nothing_finds_nothing(encoder: Encoder) -> None:
    empty = retriever([], encoder)
    assert empty.parts.dense.search(empty.parts.dense.encode("trade"), 5).tolist() == []
    assert empty.retrieve("trade", 5) == ()


def slow_ranking(texts: list[str], encoder: Encoder, question: str, weights: Weights) -> list[int]:
    """Return the places by fused score, ties to the earlier; every passage is in the pool."""

    def spread(scores: NDArray[np.float64]) -> NDArray[np.float64]:
        return (scores - scores.mean()) / scores.std() if scores.std() > 1e-9 else 0 * scores

    bm25 = LexicalIndex.build(passages_of(texts)).scores(question).astype(np.float64)
    cosine = (encoder.encode_passages(texts) @ encoder.encode_queries([question])[0]).astype(
        np.float64
    )
    near = WordIndex.build(passages_of(texts), load_words()).nearness(
        question, np.arange(len(texts))
    )
    fused = (
        weights.bm25 * spread(bm25)
        + weights.dense * spread(cosine)
        + weights.words * spread(near.words)
        + weights.pairs * spread(near.pairs)
    )
    return sorted(range(len(texts)), key=lambda place: (-round(fused[place], 6), place))


@given(
    texts=bodies,
    question=questions,
    weights=st.builds(Weights, *[st.sampled_from([0.0, 0.7, 1.0, 2.0])] * 4),
)
def test_the_ranking_is_that_of_the_sum(
    encoder: Encoder, texts: list[str], question: str, weights: Weights
) -> None:
    hits = retriever(texts, encoder, weights).retrieve(question, 99)
    assert [hit.rank for hit in hits] == list(range(1, len(texts) + 1))
    expected = slow_ranking(texts, encoder, question, weights)
    found = [hit.passage.span.start for hit in hits]
    if found != expected:  # sums of floats in another order may part what is level
        scores = {hit.passage.span.start: hit.score for hit in hits}
        assert [scores[at] for at in found] == pytest.approx(
            [scores[at] for at in expected], abs=1e-5
        )


@given(texts=bodies, question=questions, limit=st.integers(1, 9))
def test_signals_add_up_and_a_smaller_limit_gives_the_head(
    encoder: Encoder, texts: list[str], question: str, limit: int
) -> None:
    whole = retriever(texts, encoder).retrieve(question, 99)
    assert retriever(texts, encoder).retrieve(question, limit) == whole[:limit]
    for hit in whole:
        signals = dict(hit.signals)
        parts = ["bm25", "dense", "words", "pairs"]
        assert list(signals) == [*parts, *(f"{part}_share" for part in parts), "spread"]
        assert sum(signals[f"{part}_share"] for part in parts) == pytest.approx(hit.score)
        assert signals["bm25"] >= 0
        assert -1.0001 <= signals["dense"] <= 1.0001


def test_the_spread_is_that_of_the_eight_best_whatever_is_asked_for(encoder: Encoder) -> None:
    texts = [f"The bank lent {number} dollars{' to a railway' * number}." for number in range(12)]
    whole = retriever(texts, encoder).retrieve("Which bank lent to a railway?", 12)
    for limit in (1, 3, 12):
        for hit in retriever(texts, encoder).retrieve("Which bank lent to a railway?", limit):
            assert dict(hit.signals)["spread"] == pytest.approx(whole[0].score - whole[7].score)
    (alone,) = retriever(texts[:1], encoder).retrieve("Which bank?", 5)
    assert dict(alone.signals)["spread"] == FAR


def test_ties_go_to_the_earlier_passage(encoder: Encoder) -> None:
    hits = retriever(["trade", "bank", "trade", "trade"], encoder).retrieve("trade", 4)
    assert [hit.passage.span.start for hit in hits] == [0, 2, 3, 1]


@pytest.mark.parametrize("question", ["trade", "port"])
def test_among_more_level_passages_than_the_pool_takes_the_first_win(
    encoder: Encoder, question: str
) -> None:
    hits = retriever(["trade"] * 250, encoder).retrieve(question, 5)
    assert [hit.passage.span.start for hit in hits] == [0, 1, 2, 3, 4]


def test_a_limit_beyond_the_pool_is_met(encoder: Encoder) -> None:
    assert len(retriever(["trade bank"] * 150, encoder).retrieve("trade", 140)) == 140


def test_reweighting_keeps_the_indexes(encoder: Encoder) -> None:
    """With all weights but one 0, that part alone decides."""
    both = retriever(["trade trade", "bank of trade", "port"], encoder)
    lexical = both.reweighted(Weights(bm25=1.0, dense=0.0, words=0.0, pairs=0.0))
    assert lexical.parts is both.parts
    assert all(dict(hit.signals)["dense_share"] == 0 for hit in lexical.retrieve("bank", 3))
    assert lexical.retrieve("bank", 1)[0].passage.text == "bank of trade"


@given(texts=bodies, question=questions, limit=st.integers(1, 9), data=st.data())
def test_a_filter_ranks_the_allowed_passages_as_if_they_had_been_proposed_alone(
    encoder: Encoder, texts: list[str], question: str, limit: int, data: st.DataObject
) -> None:
    """Pools of one passage a part would be filled by forbidden ones if the mask came later."""
    allowed = np.array(data.draw(st.lists(st.booleans(), min_size=len(texts), max_size=len(texts))))
    whole = retriever(texts, encoder)
    lexical, dense = whole.parts.lexical.scores(question), encoder.encode_passages(texts)
    cosine = dense @ encoder.encode_queries([question])[0]
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr("qa.retrieval.hybrid.POOL", 1)
        found = [hit.passage.span.start for hit in whole.retrieve(question, limit, allowed)]
    places = [place for place in range(len(texts)) if allowed[place]]
    assert len(found) == len(set(found)) == min(limit, len(places))
    assert set(found) <= set(places)
    by_words = sorted(places, key=lambda place: (-lexical[place], place))[:limit]
    proposed = {place for place in by_words if lexical[place] > 0}
    edge = sorted(cosine[places], reverse=True)[:limit][-1:]
    proposed |= {place for place in places if edge and cosine[place] >= edge[0] - 1e-6}
    assert set(found) <= proposed


@given(texts=bodies, question=questions, data=st.data())
def test_a_filter_leaves_raw_scores_as_they_are(
    encoder: Encoder, texts: list[str], question: str, data: st.DataObject
) -> None:
    """One that lets everything pass changes nothing at all."""
    whole = retriever(texts, encoder)
    every = whole.retrieve(question, 99)
    assert whole.retrieve(question, 99, np.ones(len(texts), bool)) == every
    allowed = np.array(data.draw(st.lists(st.booleans(), min_size=len(texts), max_size=len(texts))))
    raw = {hit.passage: dict(hit.signals) for hit in every}
    chosen = whole.retrieve(question, 99, allowed)
    assert {hit.passage.span.start for hit in chosen} == set(np.flatnonzero(allowed))
    for hit in chosen:
        for part in ("bm25", "dense"):
            assert dict(hit.signals)[part] == pytest.approx(raw[hit.passage][part], abs=1e-6)
    assert [hit.rank for hit in chosen] == list(range(1, len(chosen) + 1))


def test_one_allowed_passage_is_found_behind_more_than_a_pool_of_better_ones(
    encoder: Encoder,
) -> None:
    allowed = np.arange(301) == 300
    hits = retriever([*["trade bank"] * 300, "port"], encoder).retrieve("trade", 5, allowed)
    assert [hit.passage.text for hit in hits] == ["port"]


@pytest.mark.parametrize("scores", [[2.0], [3.0, 3.0]])
def test_level_scores_standardise_to_zeros(scores: list[float]) -> None:
    assert standardise(np.array(scores)).tolist() == [0.0] * len(scores)


@pytest.fixture
def _many_are_few(monkeypatch: pytest.MonkeyPatch) -> None:
    """Let an index of 64 passages be one of many: kept in lists, of which few are searched."""
    monkeypatch.setattr("qa.retrieval.dense.EXACT", 50)
    monkeypatch.setattr("qa.retrieval.dense.PROBED", 2)
    monkeypatch.setattr("qa.retrieval.dense._IN_MEMORY", 0)


def many(encoder: Encoder) -> tuple[DenseIndex, NDArray[np.float32]]:
    """Return an index of 64 passages and their vectors."""
    texts = [f"{one} {two}" for one in WORDS[:8] for two in WORDS[:8]]
    return DenseIndex.build(passages_of(texts), encoder), encoder.encode_passages(texts)


@pytest.mark.usefixtures("_many_are_few")
def test_vectors_of_many_passages_are_those_of_few_but_for_the_last_digits(
    encoder: Encoder, tmp_path: Path
) -> None:
    index, vectors = many(encoder)
    index.save(tmp_path / "vectors")
    again = DenseIndex.load(tmp_path / "vectors", encoder)
    query = index.encode("trade target")
    for one in (index, again):
        assert not one.is_exact
        near = one.similarities(query, np.arange(64))
        np.testing.assert_allclose(near, vectors @ query[0], atol=0.02)
        assert one.matches(index)
        np.testing.assert_array_equal(one.search(query, 5), index.search(query, 5))
    assert again.by_text(passages_of(["trade"])) == {}


@pytest.mark.usefixtures("_many_are_few")
@pytest.mark.parametrize("left", [1, 3, 40, 64])
def test_among_many_passages_a_filter_never_returns_too_few(encoder: Encoder, left: int) -> None:
    """Two of eight lists are searched for all; where they hold too few, more are."""
    index, vectors = many(encoder)
    allowed = np.zeros(64, np.bool_)
    allowed[-left:] = True
    query = index.encode("trade target")
    for limit in (1, left, 99):
        places = index.search(query, limit, allowed)
        assert len(set(places.tolist())) == min(limit, left)
        assert allowed[places].all()
    if left <= 3:
        best = np.argsort(-(vectors @ query[0])[allowed])[0] + 64 - left
        assert vectors[places[0]] @ query[0] == pytest.approx(vectors[best] @ query[0], abs=0.02)


@pytest.mark.usefixtures("_many_are_few")
def test_the_same_many_passages_give_the_same_index(encoder: Encoder, tmp_path: Path) -> None:
    for name in ("one", "two"):
        many(encoder)[0].save(tmp_path / name)
    assert (tmp_path / "one").read_bytes() == (tmp_path / "two").read_bytes()
