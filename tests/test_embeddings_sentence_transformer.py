"""Test the way to Sentence Transformers: parity, other models, and a hub out of reach."""

import importlib.util
import json
import socket
from pathlib import Path

import numpy as np
import pytest
from tokenizers import Tokenizer, models, pre_tokenizers

from embeddings import ModelLoadError, hub, load_encoder
from embeddings.encoder import bundled_model
from embeddings.sentence_transformer import SentenceTransformerEncoder
from embeddings.training.export import write_model

if importlib.util.find_spec("sentence_transformers") is None:
    pytest.skip("the extra 'models' is not installed", allow_module_level=True)

TEXTS = ["a trade target", "the trade of the year", "target", "of of of a trade"]


def tiny_tokenizer() -> Tokenizer:
    words = ["[UNK]", "a", "trade", "target", "the", "of", "year", "prompt", "side"]
    tokenizer = Tokenizer(
        models.WordLevel({word: row for row, word in enumerate(words)}, unk_token="[UNK]")
    )
    tokenizer.pre_tokenizer = pre_tokenizers.Whitespace()
    return tokenizer


def tiny_table() -> np.ndarray:
    table = np.random.default_rng(3).normal(size=(9, 6)).astype(np.float32)
    table[0] = 0
    return table


@pytest.fixture(scope="module")
def dense_folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return a model that is not static: a projection stands behind its table."""
    from sentence_transformers import SentenceTransformer
    from sentence_transformers.sentence_transformer.modules import Dense, StaticEmbedding

    static = StaticEmbedding(tiny_tokenizer(), embedding_weights=tiny_table())
    model = SentenceTransformer(
        modules=[static, Dense(6, 4)],
        device="cpu",
        prompts={"query": "prompt side ", "document": ""},
    )
    folder = tmp_path_factory.mktemp("dense")
    model.save(str(folder), create_model_card=False)
    return folder


def test_sentence_transformers_gives_the_same_vectors(tmp_path: Path) -> None:
    from sentence_transformers import SentenceTransformer

    write_model(tmp_path, tiny_tokenizer(), tiny_table(), "# Tiny", np.float32)
    theirs = SentenceTransformer(str(tmp_path), device="cpu")
    ours = load_encoder(str(tmp_path))
    texts = [*TEXTS, "", "unknown words"]
    np.testing.assert_allclose(
        ours.encode_passages(texts), theirs.encode_document(texts), atol=1e-5
    )
    np.testing.assert_allclose(ours.encode_queries(texts), theirs.encode_query(texts), atol=1e-5)


def test_sentence_transformers_loads_the_bundled_model() -> None:
    """Compare with single precision, and with the half precision in which the file is kept."""
    from sentence_transformers import SentenceTransformer

    theirs = SentenceTransformer(str(bundled_model()), device="cpu")
    texts = ["What trade target was set for 2030?", "The target is $70 billion.", "北京 naïve"]
    ours = load_encoder().encode_passages(texts)
    np.testing.assert_allclose(ours, theirs.encode(texts).astype(np.float32), atol=1e-3)
    np.testing.assert_allclose(ours, theirs.float().encode(texts), atol=1e-5)


def test_any_other_model_is_wrapped(dense_folder: Path) -> None:
    from sentence_transformers import SentenceTransformer

    encoder = load_encoder(str(dense_folder))
    assert isinstance(encoder, SentenceTransformerEncoder)
    assert encoder.dimension == 4
    assert encoder.encode_queries([]).shape == encoder.encode_passages([]).shape == (0, 4)
    rows = encoder.encode_passages(TEXTS)
    assert rows.dtype == np.float32
    np.testing.assert_allclose(np.linalg.norm(rows, axis=1), 1, atol=1e-6)
    theirs = SentenceTransformer(str(dense_folder), device="cpu")
    expected = theirs.encode(["prompt side " + TEXTS[0]], normalize_embeddings=True)
    np.testing.assert_allclose(encoder.encode_queries(TEXTS[:1]), expected, atol=1e-6)
    assert not np.allclose(encoder.encode_queries(TEXTS), rows)


def test_fingerprints_follow_weights_and_prompts(dense_folder: Path) -> None:
    def fingerprint() -> str:
        return load_encoder(str(dense_folder)).fingerprint

    first = fingerprint()
    assert fingerprint() == first
    path = dense_folder / "config_sentence_transformers.json"
    before = path.read_text("utf-8")
    settings = json.loads(before)
    settings["prompts"]["query"] = "side "
    path.write_text(json.dumps(settings), "utf-8")
    assert fingerprint() != first
    path.write_text(before, "utf-8")


def test_a_damaged_folder_is_said(tmp_path: Path) -> None:
    (tmp_path / "modules.json").write_text('[{"type": "no.such.Module", "path": ""}]', "utf-8")
    with pytest.raises(ModelLoadError, match="cannot be loaded"):
        load_encoder(str(tmp_path))


def test_a_name_without_a_hub_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("HF_HUB_OFFLINE", raising=False)
    monkeypatch.setenv("HF_ENDPOINT", "http://127.0.0.1:9")
    with pytest.raises(ModelLoadError, match="the hub does not answer"):
        load_encoder("no-such-org/no-such-model")


def test_a_hub_that_hangs_is_not_waited_for(monkeypatch: pytest.MonkeyPatch) -> None:
    """Nor would this test end if it were: the server never answers."""
    monkeypatch.delenv("HF_HUB_OFFLINE", raising=False)
    monkeypatch.setattr(hub, "HUB_SECONDS", 0.2)
    with socket.create_server(("127.0.0.1", 0)) as silent:
        monkeypatch.setenv("HF_ENDPOINT", f"http://127.0.0.1:{silent.getsockname()[1]}")
        assert not hub._hub_answers()


def test_the_hub_is_not_asked_when_told_to_stay_offline(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("HF_HUB_OFFLINE", "1")
    with socket.create_server(("127.0.0.1", 0)) as server:
        server.setblocking(False)
        monkeypatch.setenv("HF_ENDPOINT", f"http://127.0.0.1:{server.getsockname()[1]}")
        assert not hub._hub_answers()
        with pytest.raises(BlockingIOError):
            server.accept()
