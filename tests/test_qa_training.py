"""Test the recipes of the selector and of the fusion on tiny data: what they fit is found again."""

import json
from pathlib import Path

import numpy as np
import pytest

for name in ("scipy", "tqdm"):
    pytest.importorskip(name, reason="the recipes need the extra `train`")

from qa.reading.evidence import (  # noqa: E402
    Features,
    HitFeatures,
    NetworkFeatures,
    SpanFeatures,
    evidence,
)
from qa.reading.onnx_reader import bundled_network  # noqa: E402
from qa.reading.question import AnswerKind  # noqa: E402
from qa.reading.rerank import Judge  # noqa: E402
from qa.schema import Span  # noqa: E402
from qa.training import fusion, rows, selector  # noqa: E402


def pools_of(count: int, seed: int) -> list[fusion.Pool]:
    """Return pools in which the second part alone, and clearly, says what is right."""
    rng = np.random.default_rng(seed)
    found = []
    for _ in range(count):
        signals = rng.normal(size=(12, len(fusion.PARTS)))
        right = np.zeros(12, bool)
        right[np.argmax(signals[:, 1] + 0.1 * rng.normal(size=12))] = True
        found.append(fusion.Pool(signals, right))
    return found


def test_fusion_finds_the_part_that_tells() -> None:
    weights = fusion.fit([pools_of(80, 1), pools_of(40, 2)])
    assert weights[1] > 3 * np.abs(np.delete(weights, 1)).max()
    assert weights.min() >= 0
    assert fusion.recall(pools_of(80, 3), weights, 1) > 80


def test_fusion_counts_a_pool_without_an_answer_as_nothing() -> None:
    pools = pools_of(30, 1)
    lost = [fusion.Pool(one.signals, np.zeros(12, bool)) for one in pools_of(9, 5)]
    np.testing.assert_allclose(fusion.fit([pools]), fusion.fit([pools + lost]), atol=1e-3)


def features(odds: float = 0.0) -> Features:
    """Return features of which the network's log-odds alone say anything."""
    hit = {name: 0.0 for name in HitFeatures.__slots__}
    span = {name: 0.0 for name in SpanFeatures.__slots__ if name not in ("column", "key_cell")}
    return Features(
        HitFeatures(**{**hit, "passage": "paragraph"}),
        SpanFeatures(**{**span, "kind": "any:clause"}),
        NetworkFeatures(odds, 0.0, 0.0, 0.0, 0.0),
    )


PLACES = [("d", Span(n, n + 1)) for n in range(5)]


def rows_of(count: int, seed: int) -> list[rows.Row]:
    """Return questions whose right candidate has the best network score, if any is right."""
    rng = np.random.default_rng(seed)
    found = []
    for number in range(count):
        odds = rng.normal(size=5)
        overlap = np.zeros(5)
        if number % 3:
            overlap[np.argmax(odds)] = 1.0
            odds[np.argmax(odds)] += 3.0
        held = [features(float(value)) for value in odds]
        found.append(rows.Row(held, overlap, PLACES, AnswerKind.ANY))
    return found


def test_the_selector_learns_what_is_right_and_when_to_refuse() -> None:
    found = rows_of(150, 1)
    weights = selector.fit_ranking(found)
    assert max(weights, key=lambda name: weights[name]) == "network"
    fitted = selector.fit_confidence(found, weights)
    odds = []
    for row in found:
        told, _ = selector.best_evidence(row, weights)
        odds.append(sum(fitted[f"confidence:{name}"] * value for name, value in told))
    right = np.array([row.overlap.max() > 0 for row in found])
    decided = np.array(odds) > fitted["no_answer"]
    assert np.mean(decided == right) > 0.8


def test_cross_validation_judges_questions_that_it_was_not_fitted_to() -> None:
    f1, right, both = selector.cross_validated(rows_of(90, 1), rows_of(90, 2), rows_of(60, 3), 3)
    assert f1 > 90
    assert right > 75
    assert both > 75
    blind = [rows.Row(one.features, np.zeros(5), PLACES, one.kind) for one in rows_of(30, 4)]
    answered = selector.fitted(rows_of(90, 1), rows_of(90, 2), [])
    never = selector.judged(blind, answered | {"no_answer": 1e9})
    assert never[1:] == (100.0, 100.0)


def test_a_question_without_an_answer_has_no_candidate_that_agrees() -> None:
    from embeddings.training.data import Example

    text = "The railway begins in Kashgar."
    asked = Example("1", "Where does the canal begin?", text, (), "x")
    found = rows.rows([asked], {})
    assert len(found) == 2  # the question, and the same in keywords
    assert all(row.overlap.max() == 0.0 for row in found)


def test_a_corpus_holds_what_stands_around_its_paragraphs_and_the_crowd() -> None:
    from embeddings.training.data import Example

    texts = [f"Mill {n} was built in {1800 + n}." for n in range(9)]
    asked = [Example("1", "When was mill 4 built?", texts[4], (("1804", 20),), "x")]
    ((assistant, inside),) = rows.corpora(asked, {texts[4]: texts[3:6]}, [texts[8], texts[4]])
    assert inside == asked
    assert [one.text for one in assistant.documents] == [*texts[3:6], texts[8]]


def test_of_ten_questions_one_comes_from_elsewhere_and_has_no_answer() -> None:
    from embeddings.training.data import Example

    texts = [f"Mill {n} was built in {1800 + n}." for n in range(12)]
    asked = [
        Example(str(n), f"When was mill {n} built?", text, ((str(1800 + n), 18),), "x")
        for n, text in enumerate(texts)
    ]
    strangers = [Example("s", "Who is Zork of France?", "Zork rules.", (("Zork", 0),), "x")]
    alone, found = rows.rows(asked, {}), rows.rows(asked, {}, strangers=strangers)
    assert len(found) == len(alone) + 1
    assert found[-1].overlap.max() == 0.0
    assert found[-1].features[0].hit.unknown_name == 1.0
    assert alone[0].features[0].hit.unknown_name == 0.0
    assert len(rows.rows(asked, {}, strangers=asked)) == len(alone)  # nothing else to ask


def test_questions_on_tables_have_the_cell_that_answers_among_their_candidates() -> None:
    prose = ["In May the Bank of Leith and Ann Lee, of Rome, met there. They told us many things."]
    found = rows.table_rows(prose, 20)
    assert len(found) >= 20
    assert 0.6 < np.mean([row.overlap.max() == 1.0 for row in found]) < 1.0
    assert all(row.features[int(row.overlap.argmax())].hit.passage == "table_row" for row in found
               if row.overlap.max() == 1.0)  # fmt: skip


def test_the_paragraph_that_answers_is_not_read_where_it_is_withheld() -> None:
    from embeddings.training.data import Example

    texts = [f"Mill {n} was built in {1800 + n}." for n in range(3)]
    asked = [Example("1", "When was mill 1 built?", texts[1], (("1801", 20),), "x")]
    seen = rows.rows(asked, {texts[1]: texts})
    unseen = rows.rows(asked, {texts[1]: texts}, withheld=1.0)
    assert [row.overlap.max() for row in (*seen, *unseen)] == [1.0, 1.0, 0.0, 0.0]


def test_evidence_has_the_weights_that_ship() -> None:
    from qa.reading.selector import bundled_weights

    told = evidence(AnswerKind.MONEY, features(), 1.0, 9.0)
    assert {f"confidence:{name}" for name, _ in told} <= set(bundled_weights())
    assert told.margin == 3.0


@pytest.mark.parametrize(
    ("text", "answers", "f1"),
    [("the 70 billion", ["$70 billion"], 1.0), ("70", ["70 billion"], 2 / 3), ("the", [], 0.0)],
)
def test_agreement_by_hand(text: str, answers: list[str], f1: float) -> None:
    """What says nothing agrees with no answer, though to the evaluation it would be a refusal."""
    assert rows.agreement(text, answers) == pytest.approx(f1)


def test_gold_pools_know_the_passage_that_holds_the_answer(tmp_path: Path) -> None:
    docs = tmp_path / "docs"
    docs.mkdir()
    text = "The harbour is in Oslo.\n\nThe railway begins in Kashgar."
    (docs / "a.txt").write_text(text, "utf-8")
    start = text.index("Kashgar")
    answer = {"text": "Kashgar", "document": "a.txt", "start": start}
    gold = tmp_path / "gold.jsonl"
    gold.write_text(json.dumps({"question": "Where does the railway begin?", "answers": [answer]}))
    (asked,) = fusion.asked_of_gold(gold, docs)
    pool = asked.pool()
    assert pool.right.sum() == 1
    assert pool.signals[pool.right][0, 0] > 0


def test_set_pools_hold_one_right_passage_each() -> None:
    from embeddings.training.data import Example

    examples = [
        Example(str(n), f"Where is the {what}?", f"The {what} is in {where}.", ((where, 0),), "x")
        for n, (what, where) in enumerate([("harbour", "Oslo"), ("railway", "Kashgar")])
    ]
    asked = list(fusion.asked_of_set(examples, 2, seed=1))
    assert [int(one.pool().right.sum()) for one in asked] == [1, 1]
    judged = [one.judged(Judge(bundled_network())) for one in asked]
    assert [one.right.tolist() for one in judged] == [[True, False]] * 2  # best first
    assert all(one.signals[0, 1] > one.signals[1, 1] for one in judged)
