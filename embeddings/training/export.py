"""Write a static model as a Sentence Transformers folder: its files, its card, its checksums."""

import json
from pathlib import Path

import numpy as np
from numpy.typing import NDArray
from safetensors.numpy import save_file
from tokenizers import Tokenizer

from embeddings import files

MODULES = [
    {"idx": 0, "name": "0", "path": "", "type": "sentence_transformers.models.StaticEmbedding"},
    {
        "idx": 1,
        "name": "1",
        "path": "1_Normalize",
        "type": "sentence_transformers.models.Normalize",
    },
]
SETTINGS = {
    "model_type": "SentenceTransformer",
    "prompts": {"query": "", "document": ""},
    "default_prompt_name": None,
    "similarity_fn_name": "cosine",
}
NORMALIZE: dict[str, object] = {}


def write_model(
    folder: Path,
    tokenizer: Tokenizer,
    table: NDArray[np.floating],
    card: str,
    dtype: type[np.floating] = np.float16,
) -> None:
    """Write the folder; ``table`` has one row per token and is stored as ``dtype``."""
    (folder / "1_Normalize").mkdir(parents=True, exist_ok=True)
    save_file(
        {"embedding.weight": np.ascontiguousarray(table, dtype=dtype)},
        folder / "model.safetensors",
        metadata={"format": "pt"},
    )
    (folder / "model.safetensors").chmod(0o644)
    tokenizer.save(str(folder / "tokenizer.json"), pretty=False)
    _write(folder / "modules.json", json.dumps(MODULES, indent=2))
    _write(folder / "config_sentence_transformers.json", json.dumps(SETTINGS, indent=2))
    _write(folder / "1_Normalize" / "config.json", json.dumps(NORMALIZE))
    _write(folder / "README.md", card)
    files.write_checksums(folder)


def _write(path: Path, text: str) -> None:
    path.write_text(text.rstrip("\n") + "\n", encoding="utf-8", newline="\n")
