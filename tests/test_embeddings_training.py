"""Try the recipe on a tiny made-up corpus, and its parts on inputs worked by hand."""

import doctest
import importlib.util
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest

from embeddings import load_encoder

if importlib.util.find_spec("gensim") is None or importlib.util.find_spec("torch") is None:
    pytest.skip("the extra 'train' is not installed", allow_module_level=True)

from embeddings.training import bm25, card, contrast, measure, ragged, static, vocabulary
from embeddings.training.vocabulary import common_han, count_words, train_tokenizer
from eval.metrics import ndcg


@pytest.mark.parametrize("module", [bm25, card, measure, ragged, vocabulary])
def test_examples_in_docstrings_run(module: object) -> None:
    outcome = doctest.testmod(module, extraglobs={"np": np})
    assert outcome.attempted > 0
    assert outcome.failed == 0


def test_the_recipe_runs_and_resumes(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    static.main(["--smoke", "--threads", "1", "--out", str(tmp_path)])
    capsys.readouterr()
    encoder = load_encoder(str(tmp_path / "model"))
    rows = encoder.encode_passages(["The baker put the dough into the oven.", ""])
    assert rows.shape == (2, static.SMOKE.dimension)
    assert "xquad-en" in (tmp_path / "model" / "README.md").read_text("utf-8")

    (tmp_path / "stages" / "table.npy").unlink()
    static.main(["--smoke", "--threads", "1", "--out", str(tmp_path), "--resume"])
    lines = capsys.readouterr().out.splitlines()
    assert [line for line in lines if line.endswith(": kept")] == [
        f"{name}: kept" for name in ("tokenizer.json", "prose.tokens", "vectors.npy", "pairs")
    ]
    again = load_encoder(str(tmp_path / "model"))
    assert again.fingerprint == encoder.fingerprint


def test_the_recipe_asks_for_its_data(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit):
        static.main(["--out", str(tmp_path)])
    assert "--data DIR is needed" in capsys.readouterr().err


def test_frequent_words_are_whole_and_chinese_is_single() -> None:
    counts = count_words(["The café was open; the cafe closed in 1987."] * 60)
    tokenizer = train_tokenizer(counts, 6000, 100)
    tokens = tokenizer.encode("the CAFÉ, 王京 1987 thecafe").tokens
    assert tokens[:5] == ["the", "cafe", "王", "京", "1987"]
    assert "".join(tokens[5:]).replace("##", "") == "thecafe"
    assert tokenizer.get_vocab()["[UNK]"] == 0
    assert set(common_han()) <= tokenizer.get_vocab().keys()


def test_a_sentence_is_taken_out_of_its_paragraph() -> None:
    """Three sentences of two words: the query is one of them, the passage the other two."""
    sentences = ragged.Ragged(np.arange(1, 7, dtype=np.uint16), np.array([0, 2, 4, 6]))
    none = np.zeros((0, 1), dtype=np.int64)
    pairs = contrast.Pairs(sentences, sentences, none[:, 0], none, sentences, np.array([0, 3]))
    settings = contrast.Settings(sentence_drop=0.0, keep_sentence=0.0)
    batch = contrast._sentence_batch(pairs, np.array([0]), settings, np.random.default_rng(1))
    query, rest = batch.queries[0].tolist(), batch.passages[0].tolist()
    assert query in ([1, 2], [3, 4], [5, 6])
    assert sorted(query + rest) == [1, 2, 3, 4, 5, 6]
    assert batch.passages[1].tolist() == [4]


def test_a_paragraph_that_stands_twice_is_no_negative() -> None:
    """Two questions of one paragraph: nothing to tell apart, so no loss."""
    table = contrast.Table(np.eye(4, dtype=np.float32), np.ones(4, dtype=np.float32))
    bags = (np.array([1, 1]), np.array([1, 1]))
    same = contrast._loss(table, contrast.Batch(bags, bags, np.array([7, 7])), 20.0)
    other = contrast._loss(table, contrast.Batch(bags, bags, np.array([7, 8])), 20.0)
    assert same.item() == pytest.approx(0, abs=1e-6)
    assert other.item() == pytest.approx(1.3 * np.log(2), abs=1e-5)


@pytest.fixture(autouse=True)
def one_thread() -> Iterator[None]:
    """Keep these small sums on one thread, which is faster where the cores are busy."""
    import torch

    before = torch.get_num_threads()
    torch.set_num_threads(1)
    yield
    torch.set_num_threads(before)


def test_training_draws_a_question_to_its_paragraph() -> None:
    rng = np.random.default_rng(0)
    table = contrast.Table(
        rng.normal(size=(21, 8)).astype(np.float32), np.ones(21, dtype=np.float32)
    )
    questions = ragged.Ragged(np.arange(1, 11, dtype=np.uint16), np.arange(11))
    paragraphs = ragged.Ragged(np.arange(11, 21, dtype=np.uint16), np.arange(11))
    own = np.arange(10)
    pairs = contrast.Pairs(
        questions, paragraphs, own, (own[:, None] + 1) % 10, questions, np.array([0])
    )
    settings = contrast.Settings(steps=100, batch=10, question_share=1.0, drop=0.0, rate=0.05)
    contrast.train(table, pairs, settings, lambda line: None)
    rows = table.folded()
    rows /= np.maximum(np.linalg.norm(rows, axis=1, keepdims=True), 1e-9)
    assert (rows[1:11] @ rows[11:].T).argmax(axis=1).tolist() == own.tolist()


def test_ndcg_is_that_of_the_evaluation() -> None:
    """`embeddings` stands below `eval`, so each has its own; ties break by document order."""
    rng = np.random.default_rng(4)
    for _ in range(50):
        scores = rng.integers(0, 9, 30).astype(np.float64)
        gains = {int(n): float(rng.integers(1, 4)) for n in rng.integers(0, 30, 12)}
        ranked = sorted(range(30), key=lambda n: -scores[n])
        assert measure.ndcg(scores, gains) == pytest.approx(ndcg(ranked, gains, measure.DEPTH))


def test_ties_break_by_document_order() -> None:
    assert measure.ndcg(np.zeros(3), {0: 1.0}) == 1
    assert measure.ndcg(np.zeros(20), {15: 1.0}) == 0
