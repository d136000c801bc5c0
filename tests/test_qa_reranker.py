"""Test the reader as a judge: what it adds to a score, and what it leaves as it was."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import pytest

from qa import Assistant, make_document
from qa.reading.linearise import view
from qa.reading.onnx_reader import ScoredSpan
from qa.reading.rerank import JUDGE, Judge
from qa.schema import Hit, Passage, PassageKind, Signals, Span


@dataclass
class Table:
    """A reader that has an opinion of some texts, and none of the others."""

    odds: dict[str, float]

    def spans(self, question: str, texts: Sequence[str], best: int) -> list[list[ScoredSpan]]:
        known = [(text, self.odds.get(text)) for text in texts]
        return [
            [] if odds is None else [ScoredSpan(Span(0, len(text)), odds - 1, 1.0)]
            for text, odds in known
        ]


def hits_of(*texts: str) -> list[Hit]:
    passages = [Passage(str(n), Span(0, len(text)), text) for n, text in enumerate(texts)]
    return [Hit(one, 3.0 - n, n + 1, Signals(bm25=1.0)) for n, one in enumerate(passages)]


def test_the_judge_adds_weighted_log_odds() -> None:
    """By hand: 3 - 0.5 * 15 (nothing found), 2 + 0.5 * 2, 1 + 0.5 * 15 (40 is cut to 15)."""
    judge = Judge(Table({"b": 2.0, "c": 40.0}), weight=0.5)
    found = judge.rerank("?", hits_of("a", "b", "c"))
    assert [(hit.passage.text, hit.score, hit.rank) for hit in found] == [
        ("c", 8.5, 1),
        ("b", 3.0, 2),
        ("a", -4.5, 3),
    ]
    assert [hit.signals for hit in found] == [
        Signals(bm25=1.0, reranker=odds) for odds in (15.0, 2.0, -15.0)
    ]


def test_level_hits_keep_their_order_and_none_stay_none() -> None:
    judge = Judge(Table({"a": 0.0, "b": 1.0}), weight=1.0)
    assert [hit.passage.text for hit in judge.rerank("?", hits_of("a", "b"))] == ["a", "b"]
    assert judge.rerank("?", []) == ()


def test_a_list_item_is_judged_under_its_lead_in() -> None:
    item = Passage("d", Span(0, 4), "Oslo", kind=PassageKind.LIST_ITEM, lead_in="Cities:")
    (hit,) = Judge(Table({view(item).text: 4.0})).rerank("Which city?", [Hit(item, 0.0, 1)])
    assert view(item).text != item.text
    assert dict(hit.signals)["reranker"] == 4.0


def test_the_reader_that_ships_judges_for_an_assistant() -> None:
    """Same hits in another order: what answers comes first, the last ones are not looked at."""
    texts = ["The harbour bridge of Sydney, the bridge.", "It was opened in 1932 by the mayor."]
    texts += [f"Bridge number {n} over the river." for n in range(20)]
    documents = [make_document(text, f"{n:02}.txt") for n, text in enumerate(texts)]
    assistant = Assistant.from_documents(documents)
    judged = assistant.using(reranker=JUDGE)
    question = "In which year was the bridge opened?"
    before, after = assistant.retrieve(question, 22), judged.retrieve(question, 22)
    assert "1932" in after[0].passage.text
    assert {hit.passage for hit in before[:16]} == {hit.passage for hit in after[:16]}
    assert before[16:] == after[16:]
    assert assistant.reranker is None


@pytest.mark.parametrize("depth", [1, 16, 30])
def test_a_limit_is_kept(depth: int) -> None:
    documents = [make_document(f"Bridge {n}.", f"{n:02}.txt") for n in range(30)]
    judged = Assistant.from_documents(documents).using(reranker=JUDGE)
    hits = judged.retrieve("Which bridge?", depth)
    assert len(hits) == depth
    assert np.isfinite([hit.score for hit in hits]).all()
