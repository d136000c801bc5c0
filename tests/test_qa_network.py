"""The trained reader: its spans are slices, its files are checked, its views lead back."""

import hashlib
import json
import shutil
from functools import lru_cache
from importlib.resources import files
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from qa.errors import ModelError
from qa.reading.linearise import view
from qa.reading.onnx_reader import Network, ScoredSpan, best_spans
from qa.schema import Passage, PassageKind, Span

BUNDLED = Path(str(files("qa"))) / "models" / "reader"


@lru_cache
def shared() -> Network:
    return Network(BUNDLED)


@pytest.fixture
def network() -> Network:
    return shared()


def test_it_reads_a_plain_sentence(network: Network) -> None:
    text = "The bridge was opened in 1932 by the mayor of Sydney."
    best = network.spans("When was the bridge opened?", [text], 3)[0]
    assert "1932" in best[0].span.of(text)


def test_log_odds_are_those_of_fp32_on_any_processor(network: Network) -> None:
    """Signed weights fail here on x86 without VNNI: 3.4 becomes -13.1 (see the reader's card)."""
    golden = json.loads((BUNDLED / "golden.json").read_text("utf-8"))
    assert len(golden["pairs"]) == 12
    for pair in golden["pairs"]:
        best = network.spans(pair["question"], [pair["passage"]], 1)[0][0]
        assert best.score == pytest.approx(pair["log_odds"], abs=golden["bound"]), pair


@given(st.lists(st.text(max_size=60), max_size=4), st.text(max_size=30))
def test_spans_are_slices_in_order_of_score(texts: list[str], question: str) -> None:
    found = shared().spans(question, texts, 5)
    assert len(found) == len(texts)
    for text, spans in zip(texts, found, strict=True):
        assert all(one.span.of(text) for one in spans)
        scores = [one.score for one in spans]
        assert scores == sorted(scores, reverse=True)


def test_a_text_is_read_alike_whatever_stands_beside_it(network: Network) -> None:
    short, long = "Rome fell in 476.", "A long text about cheese. " * 20
    alone = network.spans("When did Rome fall?", [short], 1)[0][0]
    beside = network.spans("When did Rome fall?", [short, long], 1)[0][0]
    assert alone.span == beside.span
    # what is multiplied in int8 is scaled by the largest number of the whole batch
    assert alone.score == pytest.approx(beside.score, abs=0.25)


def test_best_spans_against_every_span_tried() -> None:
    """Oracle: all spans of at most 30 tokens, scored one by one."""
    chance = np.random.default_rng(3)
    start, end = chance.normal(size=(2, 40)).astype(np.float32)
    offsets = [(2 * at, 2 * at + 1) for at in range(40)]
    slow = sorted(
        (
            (float(start[a] + end[b]) - 1.5, (2 * a, 2 * b + 1))
            for a in range(40)
            for b in range(a, min(a + 30, 40))
        ),
        reverse=True,
    )[:7]
    fast = best_spans("x " * 40, start, end - np.float32(1.5), offsets, 7)
    assert [(one.span.start, one.span.end) for one in fast] == [place for _, place in slow]
    assert [one.score for one in fast] == pytest.approx([score for score, _ in slow], abs=1e-5)


def test_no_span_cuts_a_word() -> None:
    """The pieces are Kaz, akh, stan: neither of the two that tie for the best ends a word."""
    scores = np.array([3.0, 9.0, 1.0, 0.0], np.float32)
    offsets = [(0, 3), (3, 6), (6, 10), (11, 16)]
    found = best_spans("Kazakhstan today", scores, scores, offsets, 9)
    assert {(one.span.start, one.span.end) for one in found} == {(0, 10), (0, 16), (11, 16)}
    assert best_spans("Kazakhstan", scores[:2], scores[:2], offsets[:2], 9) == []


@pytest.mark.parametrize("fault", ["no folder", "missing", "truncated", "unlisted", "no checksums"])
def test_a_damaged_model_is_refused_with_the_mending_command(fault: str, tmp_path: Path) -> None:
    folder = tmp_path / "reader"
    shutil.copytree(BUNDLED, folder)
    if fault == "no folder":
        shutil.rmtree(folder)
    elif fault == "missing":
        (folder / "reader.onnx").unlink()
    elif fault == "truncated":
        (folder / "reader.onnx").write_bytes((folder / "reader.onnx").read_bytes()[:1000])
    elif fault == "unlisted":
        (folder / "checksums.json").write_text("{}")
    else:
        (folder / "checksums.json").unlink()
    with pytest.raises(ModelError, match="pip install --force-reinstall"):
        Network(folder)


def test_a_model_that_is_whole_but_no_model_is_refused(tmp_path: Path) -> None:
    sums = {}
    for name in ("reader.onnx", "tokenizer.json"):
        (tmp_path / name).write_bytes(b"{}")
        sums[name] = hashlib.sha256(b"{}").hexdigest()
    (tmp_path / "checksums.json").write_text(json.dumps(sums))
    with pytest.raises(ModelError, match="cannot be loaded"):
        Network(tmp_path)


def test_a_list_item_is_read_under_its_lead_in(network: Network) -> None:
    text = "Opening the archive to schools."
    item = Passage("d", Span(0, len(text)), text, PassageKind.LIST_ITEM, lead_in="The plans are:")
    seen = view(item)
    assert seen.text == f"The plans are:\n{text}"
    placed = seen.place(network.spans("What is planned?", [seen.text], 16)[0])
    assert placed
    assert all(Span(0, len(text)).covers(proposal.span) for proposal, _ in placed)


@pytest.mark.parametrize(
    ("kind", "text", "shown"),
    [
        (PassageKind.PARAGRAPH, "It opened in May.", "It opened in May."),
        (PassageKind.LIST, "- tea\n- milk", "tea, and milk"),
        (PassageKind.LIST, "We sell:\n- tea\n- milk", "We sell:\ntea, and milk"),
    ],
)
def test_running_text_is_read_under_its_headings_and_answers_below_them(
    kind: PassageKind, text: str, shown: str
) -> None:
    seen = view(Passage("d", Span(0, len(text)), text, kind, heading="The shop › Opening"))
    assert seen.text == f"The shop. Opening.\n{shown}"
    start = seen.text.index(shown[:2])
    first = ScoredSpan(Span(start, start + 2), 1.0, 1.0)
    above = ScoredSpan(Span(0, 8), 1.0, 1.0)
    ((proposal, _),) = seen.place([above, first])
    assert proposal.span.of(text) == seen.text[start : start + 2]


def test_a_list_is_read_as_an_enumeration_and_answers_item_by_item_or_whole() -> None:
    text = "We sell:\n- tea, also green\n- milk\n- bread"
    seen = view(Passage("d", Span(0, len(text)), text, PassageKind.LIST))
    assert seen.text == "We sell:\ntea, also green, milk, and bread"

    def placed(words: str) -> str:
        start = seen.text.index(words)
        read = [ScoredSpan(Span(start, start + len(words)), 1.0, 1.0)]
        ((proposal, _),) = seen.place(read)
        return proposal.span.of(text)

    assert placed("sell") == "sell"
    assert placed("also green") == "also green"
    assert placed("milk") == "milk"
    assert placed("green, milk") == "tea, also green\n- milk\n- bread"
    assert placed("We sell:\ntea") == placed("milk, and bread") == placed("green, milk")
    alone = text[text.index("- tea") :]
    item = Passage("d", Span(0, len(alone)), alone, PassageKind.LIST, lead_in="We sell:")
    assert view(item).text == seen.text
    assert view(item).place([ScoredSpan(Span(0, 2), 1.0, 1.0)]) == []


def test_a_row_is_read_as_sentences_and_answers_with_cells(network: Network) -> None:
    text, header = "| Rail | 2013 | Ann Lee |", "| Project | Year | Lead |"
    row = Passage("d", Span(0, len(text)), text, PassageKind.TABLE_ROW, header=header)
    seen = view(row)
    assert seen.text == "Project: Rail. Year: 2013. Lead: Ann Lee."
    placed = seen.place(network.spans("Who leads the rail project?", [seen.text], 16)[0])
    assert [proposal.span.of(text) for proposal, _ in placed] == ["Rail", "2013", "Ann Lee"]
