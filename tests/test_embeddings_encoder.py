"""Test how an encoder is found, and what is said when there is none."""

import hashlib
import json
import sys
from pathlib import Path

import pytest

import embeddings
from embeddings import ModelLoadError, hub, load_encoder
from embeddings.encoder import bundled_model


def test_the_public_names() -> None:
    names = [
        "Encoder", "ModelLoadError", "WordVectors", "disable_telemetry", "import_onnxruntime",
        "load_encoder", "load_model", "load_words",
    ]  # fmt: skip
    assert sorted(embeddings.__all__) == names


@pytest.mark.parametrize("name", ["./nowhere", "~/nowhere-at-all", "/nowhere/at/all", ""])
def test_a_missing_folder_is_said_without_asking_the_hub(
    name: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(hub, "_hub_answers", lambda: pytest.fail("the hub was asked"))
    with pytest.raises(ModelLoadError, match="No model"):
        load_encoder(name)


def test_a_file_is_no_model(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    Path("model").write_text("text", "utf-8")
    with pytest.raises(ModelLoadError, match="not a folder"):
        load_encoder("model")


def test_an_empty_folder_is_no_model(tmp_path: Path) -> None:
    with pytest.raises(ModelLoadError, match=r"neither modules.json nor config.json"):
        load_encoder(str(tmp_path))


def test_a_missing_bundled_model_is_said(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("embeddings.encoder.bundled_model", lambda: tmp_path / "static")
    with pytest.raises(ModelLoadError, match="Install the package again"):
        load_encoder()


def test_the_extra_is_named_where_it_is_missing(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "sentence_transformers", None)
    with pytest.raises(ModelLoadError, match=r"pip install 'extractive-qa\[models\]'"):
        load_encoder("some-org/some-model")


def test_the_bundled_model_knows_what_is_near() -> None:
    encoder = load_encoder()
    query = encoder.encode_queries(["who wrote the play about the prince of Denmark?"])
    passages = encoder.encode_passages(
        [
            "The tragedy was written by the English author for his theatre company in London.",
            "Photosynthesis turns light into sugar in the leaves of plants.",
        ]
    )
    near, far = (passages @ query[0]).tolist()
    assert near > far
    assert not encoder.encode_queries([""]).any()


def test_the_bundled_model_is_small_and_whole() -> None:
    folder = bundled_model()
    sums = json.loads((folder / "checksums.json").read_text("utf-8"))["files"]
    found = {
        path.relative_to(folder).as_posix(): path.read_bytes()
        for path in folder.rglob("*")
        if path.is_file() and path.name != "checksums.json"
    }
    assert {name: hashlib.sha256(content).hexdigest() for name, content in found.items()} == sums
    assert sum(map(len, found.values())) < 25_000_000
