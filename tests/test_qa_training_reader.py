"""The recipe of the reader: exact offsets, token pairs, resuming, export."""

import json
from functools import partial

import numpy as np
import pytest

torch = pytest.importorskip("torch", reason="the recipe needs the extra `train`")
for name in ("onnx", "onnxruntime", "tokenizers", "Stemmer", "bm25s"):
    pytest.importorskip(name, reason="the recipe needs the extra `train`")

from embeddings import load_encoder  # noqa: E402
from embeddings.training import ragged  # noqa: E402
from qa.training.reader import (  # noqa: E402
    measure,
    pairs,
    questions,
    shards,
    tokens,
    training,
    vectors,
)
from qa.training.reader.__main__ import main  # noqa: E402

PEOPLE = ("Ada Lovelace", "Grace Hopper", "Alan Turing", "Mary Somerville", "Joan Clarke")
PLACES = ("London", "New York", "Manchester", "Jedburgh", "Oxford")


def paragraph(n):
    who, where, year = PEOPLE[n % 5], PLACES[n * 2 % 5], 1800 + 7 * n
    return (
        f"The engineer {who} was born in {where} in {year}. Many large machines were built there "
        f"by the engineers of {where} before the war. In {year} the people of {where} gave "
        f"{who} a silver medal for the machines. The town museum keeps the medal today."
    )


def examples(size):
    rows = []
    for n in range(size):
        context = paragraph(n)
        where = PLACES[n * 2 % 5]
        answer = {"text": where, "start": context.index(where)}
        question = f"Where was {PEOPLE[n % 5]} born in {1800 + 7 * n}?"
        rows.append({"id": str(n), "question": question, "context": context, "answers": [answer]})
    return "".join(json.dumps(row) + "\n" for row in rows)


@pytest.fixture(scope="module")
def data(tmp_path_factory):
    folder = tmp_path_factory.mktemp("data")
    (folder / "train").mkdir()
    (folder / "dev").mkdir()
    prose = "\n".join(paragraph(n) for n in range(120)) + "\n"
    (folder / "train" / "prose-a.txt").write_text(prose, encoding="utf-8")
    (folder / "train" / "qa-a.jsonl").write_text(examples(30), encoding="utf-8")
    for file in ("qa-xquad-en", "qa-squadshifts-new-wiki"):
        (folder / "dev" / f"{file}.jsonl").write_text(examples(6), encoding="utf-8")
    return folder


@pytest.fixture(scope="module")
def tokenizer():
    return tokens.train_tokenizer([paragraph(n) for n in range(40)], 900)


@pytest.mark.parametrize(
    "text",
    ["  Plain words, 12,345 km² (Paris).", "東京都, naïve 😀\u200d!", "a\u0301b\r\n\t_x_ ﬁ"],
)
def test_tokens_cover_every_visible_character_of_the_original(tokenizer, text):
    encoding = tokenizer.encode(text)
    covered = {n for begin, end in encoding.offsets for n in range(begin, end)}
    assert covered >= {n for n, char in enumerate(text) if not char.isspace()}
    assert tokens.UNKNOWN not in encoding.ids


def test_special_words_in_a_text_are_no_special_tokens(tokenizer):
    assert not set(tokenizer.encode("[PAD] [END] [MASK]").ids) & set(range(6))


def test_match_classes_join_case_and_stem(tokenizer):
    texts = tokens.piece_texts(tokenizer)
    folded, stemmed = tokens.match_classes(tokenizer)
    assert folded[texts.index("The")] == folded[texts.index("the")]
    assert stemmed[texts.index("engineer")] == stemmed[texts.index("engineers")]
    assert folded[texts.index("engineer")] != folded[texts.index("engineers")]


def test_shards_return_the_paragraphs_in_order(tokenizer, tmp_path):
    texts = [paragraph(n) for n in range(5)]
    total = shards.write_shards(tokenizer, texts, tmp_path)
    (path,) = shards.shard_paths(tmp_path)
    expected = [token for text in texts for token in (*tokenizer.encode(text).ids, tokens.END)]
    assert shards.read_shard(path).tolist() == expected
    assert total == len(expected)


def test_vectors_start_from_the_words_of_the_encoder(tokenizer):
    """A whole word has its own direction, case aside; a special token means nothing."""
    found = vectors.start_vectors(tokenizer, seed=1)
    texts = tokens.piece_texts(tokenizer)
    again = vectors.start_vectors(tokenizer, seed=1)
    np.testing.assert_array_equal(found, again)
    words = load_encoder().encode_passages(["engineer", "medal"])
    for word, row in zip(("engineer", "medal"), words, strict=True):
        np.testing.assert_allclose(found[texts.index(word)], row, atol=1e-6)
    assert np.linalg.norm(found[tokens.PAD]) < 0.6


def test_token_spans_and_hard_negatives(tokenizer):
    from embeddings.training.data import Example

    texts = ["Ada was born in London.", "Alan lived in Oxford.", "Grace came from New York."]
    rows = [
        Example("1", "Where was Ada born?", texts[0], (("London", 16),), "a"),
        Example("2", "Where did Alan live?", texts[1], (("Oxford", 14),), "a"),
        Example("3", "Where was Grace from?", texts[2], (("New York", 16),), "a"),
    ]
    made = questions.question_pairs(tokenizer, rows)
    for n, row in enumerate(rows):
        first, last = made.spans[n]
        offsets = tokenizer.encode(texts[n]).offsets
        assert row.context[offsets[first][0] : offsets[last][1]] == row.answers[0][0]
        assert n not in made.negatives[n]
        assert len(made.negatives[n]) == 2
    near = {texts[0]: (texts[0], "Ada had a friend in Paris.", "London was her home.")}
    made = questions.question_pairs(tokenizer, rows, near)
    assert len(made.passages) == 5
    assert 3 in made.negatives[0]
    assert 4 not in made.negatives[0]  # it holds the words of the answer


def some_pairs(size=40):
    rng = np.random.default_rng(3)
    passages = [rng.integers(6, 60, rng.integers(5, 60)) for _ in range(size)]
    starts = [int(rng.integers(len(passage))) for passage in passages]
    return pairs.Pairs(
        ragged.Ragged.of([rng.integers(6, 60, 5) for _ in range(size)], np.uint16),
        ragged.Ragged.of(passages, np.uint16),
        np.arange(size),
        ragged.Ragged.of([[n, n] for n in starts], np.uint16),
        ragged.Ragged.of([[(n + 1) % size] for n in range(size)], np.int32),
        np.ones(size, np.float32),
    )


def test_batches_repeat_skip_and_keep_the_answer_in_the_window():
    dealing = pairs.Dealing(limit=20, tokens=100, parts=2)
    held = some_pairs()
    first = list(pairs.batches(held, dealing, 5, 0))
    again = list(pairs.batches(held, dealing, 5, 0, skip=2))
    assert torch.equal(first[2].passages, again[0].passages)
    rows = sum(
        len(batch.questions) for turn in (0, 1) for batch in pairs.batches(held, dealing, 5, turn)
    )
    assert rows == len(held)
    for batch in first:
        assert batch.passages.shape[1] <= 20
        assert (batch.starts[:, 0] >= 0).all()
        assert (batch.passages.gather(1, batch.starts[:, :1]) > 0).all()


def test_hard_negatives_are_rows_without_a_span():
    dealing = pairs.Dealing(negatives=1.0)
    assert all((b.starts < 0).all() for b in pairs.batches(some_pairs(), dealing, 1, 0))


def test_pairs_round_trip(tmp_path):
    held = some_pairs()
    held.save(tmp_path / "p.npz")
    again = pairs.Pairs.load(tmp_path / "p.npz")
    assert all(np.array_equal(held.passages[n], again.passages[n]) for n in range(len(held)))
    assert np.array_equal(held.spans.values, again.spans.values)


def stopped(folder, stops):
    """Return the weights of a small network whose run was stopped after so many steps each time."""
    network = torch.nn.Linear(3, 1)
    plan = training.Plan(folder, 1e9, constant=True, every=-1.0)

    def stream(stop, turn, progress, skip):
        for n in range(skip, stop):
            yield training.Item(torch.randn(4, 3, generator=torch.Generator().manual_seed(n)), 4)
        raise KeyboardInterrupt

    for stop in stops:
        torch.manual_seed(7)
        network.reset_parameters()
        run = training.Run(network, lambda batch: network(batch).square().mean(), plan)
        with pytest.raises(KeyboardInterrupt):
            run.go(partial(stream, stop))
    return network.weight


def test_a_stopped_run_goes_on_where_it_was(tmp_path):
    """One run of six steps, against one that is thrown away after three and resumed."""

    whole, halves = stopped(tmp_path / "a", [6]), stopped(tmp_path / "b", [3, 6])
    assert torch.equal(whole, halves)


@pytest.mark.parametrize("able", [True, False])
def test_it_learns_in_bf16_where_the_processor_can(able, monkeypatch, tmp_path):
    monkeypatch.setattr(training, "multiplies_bf16", lambda kind: able)
    network, kinds = torch.nn.Linear(3, 1), []

    def loss(batch):
        kinds.append(network(batch).dtype)
        return network(batch).float().square().mean()

    run = training.Run(network, loss, training.Plan(tmp_path, 1e9))
    run._step(training.Item(torch.ones(2, 3), 2))
    assert kinds == [torch.bfloat16 if able else torch.float32]


def test_best_span_is_the_best_of_all_pairs():
    rng = np.random.default_rng(2)
    logits = rng.normal(size=(2, 40))
    first, last, score = measure.best_span(logits)
    every = {
        (a, b): logits[0, a] + logits[1, b]
        for a in range(40)
        for b in range(a, min(40, a + measure.LONGEST))
    }
    assert (first, last) == max(every, key=every.get)
    assert score == pytest.approx(max(every.values()))


def test_refusal_of_a_reader_that_knows():
    """The scores say "not here" wherever the first word of question and passage differ."""
    from embeddings.training.data import Example

    def score(asked, shown):
        logits = np.zeros((len(asked), 2, shown.shape[1] + 1), np.float32)
        logits[:, :, 0] = np.where(asked[:, 0] == shown[:, 0], -1.0, 1.0)[:, None]
        return logits

    held = [Example(w, w, f"{w} rests at {w}", ((f"{w} rests", 0),), "a") for w in "abc"]
    made = tokens.train_tokenizer(["a b c rests at"], 700)
    perfect = {"pairs": 100.0, "auc": 100.0, "right": 100.0}
    assert measure.refusal(score, made, held) == perfect


def test_smoke(data, tmp_path):
    work = ["--data", str(data), "--work", str(tmp_path), "--smoke"]
    main(work)
    figures = json.loads((tmp_path / "export" / "figures.json").read_text())
    assert figures["fp32_from_torch"] < 1e-3
    assert (tmp_path / "export" / "tokenizer.json").exists()
    quality = json.loads((tmp_path / "runs" / "reader" / "finetune" / "quality.json").read_text())
    assert 0 <= quality["new-wiki"]["f1"] <= 100
