"""Test the static encoder: a model of a few words, checked against a slow obvious version."""

import hashlib
import json
import shutil
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from tokenizers import Tokenizer, models, normalizers, pre_tokenizers

from embeddings import ModelLoadError, load_encoder
from embeddings.static import StaticEncoder, is_static
from embeddings.training.export import write_model

WORDS = ["[UNK]", "trade", "target", "the", "of", "##s", "was", "set", "2030", "北", "京"]
DIMENSION = 8


def tiny_tokenizer() -> Tokenizer:
    tokenizer = Tokenizer(
        models.WordPiece({word: row for row, word in enumerate(WORDS)}, unk_token="[UNK]")
    )
    tokenizer.normalizer = normalizers.BertNormalizer()
    tokenizer.pre_tokenizer = pre_tokenizers.BertPreTokenizer()
    return tokenizer


def tiny_table() -> np.ndarray:
    table = np.random.default_rng(7).normal(size=(len(WORDS), DIMENSION)).astype(np.float32)
    table[0] = 0
    return table


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("tiny") / "model"
    write_model(folder, tiny_tokenizer(), tiny_table(), "# Tiny", np.float32)
    return folder


@pytest.fixture(scope="module")
def encoder(folder: Path) -> StaticEncoder:
    return StaticEncoder.load(folder)


@pytest.fixture
def copy(folder: Path, tmp_path: Path) -> Path:
    return Path(shutil.copytree(folder, tmp_path / "copy"))


def obvious(text: str) -> np.ndarray:
    rows = tiny_table()[tiny_tokenizer().encode(text).ids]
    total = rows.sum(axis=0) if len(rows) else np.zeros(DIMENSION)
    norm = np.linalg.norm(total)
    return total / norm if norm else total


texts = st.lists(
    st.lists(st.sampled_from([*WORDS[1:], "targets", "zebra", "TRADE", "北京"]), max_size=12).map(
        " ".join
    ),
    max_size=9,
)


@given(texts=texts)
def test_rows_are_normalised_means(texts: list[str]) -> None:
    encoder = StaticEncoder(tiny_tokenizer(), tiny_table(), "print")
    rows = encoder.encode_passages(texts)
    assert rows.shape == (len(texts), DIMENSION)
    assert rows.dtype == np.float32
    for text, row in zip(texts, rows, strict=True):
        np.testing.assert_allclose(row, obvious(text), atol=1e-6)


@given(texts=texts)
def test_a_row_depends_on_its_text_alone(texts: list[str]) -> None:
    encoder = StaticEncoder(tiny_tokenizer(), tiny_table(), "print")
    together = encoder.encode_queries(texts)
    alone = [encoder.encode_queries([text])[0] for text in texts]
    assert all(np.array_equal(one, row) for one, row in zip(alone, together, strict=True))


def test_batches_end_where_they_like(encoder: StaticEncoder) -> None:
    texts = [" ".join(WORDS[1 + n % 9 :][:3]) if n % 5 else "" for n in range(600)]
    rows = encoder.encode_passages(texts)
    expected = np.stack([obvious(text) for text in texts])
    np.testing.assert_allclose(rows, expected, atol=1e-6)


def test_texts_without_a_known_word_give_rows_of_zeros(encoder: StaticEncoder) -> None:
    assert not encoder.encode_passages(["", "  \n", "zebra", "!?"]).any()
    assert encoder.encode_queries([]).shape == (0, DIMENSION)
    assert encoder.encode_passages([]).shape == (0, DIMENSION)


def test_the_same_texts_give_the_same_bytes(folder: Path) -> None:
    first, second = StaticEncoder.load(folder), StaticEncoder.load(folder)
    texts = ["the trade targets of 2030", "北京"]
    assert first.encode_passages(texts).tobytes() == second.encode_passages(texts).tobytes()
    assert first.fingerprint == second.fingerprint


def test_a_fingerprint_changes_with_weights_and_prompts(folder: Path, tmp_path: Path) -> None:
    prints = {StaticEncoder.load(folder).fingerprint}
    write_model(tmp_path / "a", tiny_tokenizer(), tiny_table() * 2, "", np.float32)
    prints.add(StaticEncoder.load(tmp_path / "a").fingerprint)
    prompted(shutil.copytree(folder, tmp_path / "b"))
    prints.add(StaticEncoder.load(tmp_path / "b").fingerprint)
    assert len(prints) == 3


def prompted(copy: Path) -> None:
    (copy / "checksums.json").unlink()
    path = copy / "config_sentence_transformers.json"
    settings = json.loads(path.read_text("utf-8"))
    settings["prompts"] = {"query": "the ", "document": "trade "}
    path.write_text(json.dumps(settings), "utf-8")


def test_prompts_are_put_before_the_texts(copy: Path) -> None:
    prompted(copy)
    encoder = StaticEncoder.load(copy)
    np.testing.assert_allclose(encoder.encode_queries(["set"])[0], obvious("the set"), atol=1e-6)
    row = encoder.encode_passages(["set"])[0]
    np.testing.assert_allclose(row, obvious("trade set"), atol=1e-6)


def test_tokens_come_with_their_counts(encoder: StaticEncoder) -> None:
    tokens, lengths = encoder.tokenize(["trade targets", "", "the"])
    assert lengths.tolist() == [3, 0, 1]
    assert [WORDS[token] for token in tokens] == ["trade", "target", "##s", "the"]
    assert encoder.table.shape == (len(WORDS), DIMENSION)
    assert not encoder.table.flags.writeable


def test_half_precision_is_near(folder: Path, tmp_path: Path) -> None:
    write_model(tmp_path / "half", tiny_tokenizer(), tiny_table(), "", np.float16)
    texts = ["the trade targets of 2030", "北京"]
    half = StaticEncoder.load(tmp_path / "half").encode_passages(texts)
    np.testing.assert_allclose(half, StaticEncoder.load(folder).encode_passages(texts), atol=2e-3)


@pytest.mark.parametrize("name", ["model.safetensors", "tokenizer.json"])
def test_a_missing_file_is_named(copy: Path, name: str) -> None:
    (copy / name).unlink()
    with pytest.raises(ModelLoadError, match=f"(?s)missing.*{name}.*reinstall"):
        load_encoder(str(copy))


@pytest.mark.parametrize("name", ["model.safetensors", "tokenizer.json", "modules.json"])
def test_a_changed_file_is_refused(copy: Path, name: str) -> None:
    path = copy / name
    path.write_bytes(path.read_bytes() + b" ")
    with pytest.raises(ModelLoadError, match=f"(?s)Damaged.*{name}.*sha256"):
        load_encoder(str(copy))


@pytest.mark.parametrize(
    ("name", "content"),
    [
        ("model.safetensors", b"not a table"),
        ("tokenizer.json", b"{}"),
        ("tokenizer.json", b"\xff"),
        ("modules.json", b"[{]"),
        ("modules.json", b"[1]"),
    ],
)
def test_rubbish_is_refused_without_checksums_too(copy: Path, name: str, content: bytes) -> None:
    (copy / "checksums.json").unlink()
    (copy / name).write_bytes(content)
    with pytest.raises(ModelLoadError, match=f"(?s)Damaged.*{name}"):
        load_encoder(str(copy))


def test_a_table_too_short_is_refused(tmp_path: Path) -> None:
    write_model(tmp_path, tiny_tokenizer(), tiny_table()[:-1], "")
    with pytest.raises(ModelLoadError, match="10 rows for the 11 tokens"):
        load_encoder(str(tmp_path))


def test_a_table_with_holes_is_refused(tmp_path: Path) -> None:
    write_model(tmp_path, tiny_tokenizer(), tiny_table() * np.nan, "")
    with pytest.raises(ModelLoadError, match="no finite table"):
        load_encoder(str(tmp_path))


def test_checksums_of_another_format_are_refused(copy: Path) -> None:
    (copy / "checksums.json").write_text('{"format": 99, "files": {}}', "utf-8")
    with pytest.raises(ModelLoadError, match="Upgrade"):
        load_encoder(str(copy))


def test_checksums_cover_every_file(folder: Path) -> None:
    listed = json.loads((folder / "checksums.json").read_text("utf-8"))["files"]
    for name, expected in listed.items():
        assert hashlib.sha256((folder / name).read_bytes()).hexdigest() == expected
    assert {"model.safetensors", "tokenizer.json", "modules.json", "README.md"} <= listed.keys()


def test_static_models_load_without_torch(folder: Path) -> None:
    """Check both that importing loads nothing, and that encoding loads no torch."""
    code = (
        "import sys, embeddings\n"
        "light = {'numpy', 'tokenizers', 'safetensors', 'torch'} & sys.modules.keys()\n"
        f"rows = embeddings.load_encoder({str(folder)!r}).encode_queries(['trade'])\n"
        "heavy = {'torch', 'transformers', 'sentence_transformers'} & sys.modules.keys()\n"
        "print(light, heavy, rows.shape)\n"
    )
    run = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert run.stdout.strip() == f"set() set() (1, {DIMENSION})"


def test_only_static_models_are_taken_for_static(copy: Path, tmp_path: Path) -> None:
    assert is_static(copy)
    modules = json.loads((copy / "modules.json").read_text("utf-8"))
    modules.insert(1, {"idx": 1, "name": "1", "path": "d", "type": "sentence_transformers.Dense"})
    (copy / "modules.json").write_text(json.dumps(modules), "utf-8")
    assert not is_static(copy)
    assert not is_static(tmp_path)
