"""Encode with any Sentence Transformers model, through that library (the extra ``models``).

Finding a model is left to ``hub``. Static models are left to ``static``, which needs no torch.
"""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from embeddings.errors import ModelLoadError
from embeddings.telemetry import disable_telemetry

if TYPE_CHECKING:
    from sentence_transformers import SentenceTransformer


class SentenceTransformerEncoder:
    """Encode questions as queries and passages as documents of a Sentence Transformers model."""

    def __init__(self, model: SentenceTransformer) -> None:
        """Take a loaded model; it stays on its device."""
        self._model = model
        self._fingerprint = _fingerprint(model)
        self._dimension = int(self._encode_probe().shape[1])

    @classmethod
    def load(cls, name_or_path: str, local: bool) -> SentenceTransformerEncoder:
        """Load a model by name or folder; with ``local``, from this machine only."""
        disable_telemetry()
        from sentence_transformers import SentenceTransformer

        folder = Path(name_or_path)
        marks = ("modules.json", "config.json")
        if folder.is_dir() and not any((folder / name).exists() for name in marks):
            raise ModelLoadError(
                f"No model in {folder}: it has neither modules.json nor config.json. Give the "
                "folder that SentenceTransformer.save wrote."
            )
        return cls(SentenceTransformer(name_or_path, local_files_only=local))

    @property
    def dimension(self) -> int:
        """Return the number of columns of every result."""
        return self._dimension

    @property
    def fingerprint(self) -> str:
        """Return a hash of the model's weights, modules and prompts."""
        return self._fingerprint

    def encode_queries(self, texts: Sequence[str]) -> NDArray[np.float32]:
        """Return one row per question, shape ``(len(texts), dimension)``."""
        if not texts:
            return np.zeros((0, self._dimension), dtype=np.float32)
        return _normalised(self._model.encode_query(list(texts), show_progress_bar=False))

    def encode_passages(self, texts: Sequence[str]) -> NDArray[np.float32]:
        """Return one row per passage, shape ``(len(texts), dimension)``."""
        if not texts:
            return np.zeros((0, self._dimension), dtype=np.float32)
        return _normalised(self._model.encode_document(list(texts), show_progress_bar=False))

    def _encode_probe(self) -> NDArray[np.float32]:
        return _normalised(self._model.encode_document(["one"], show_progress_bar=False))


def _normalised(vectors: object) -> NDArray[np.float32]:
    rows: NDArray[np.float32] = np.nan_to_num(np.asarray(vectors, dtype=np.float32))
    norms = np.linalg.norm(rows, axis=1, keepdims=True)
    np.divide(rows, norms, out=rows, where=norms > 0)
    return rows


def _fingerprint(model: SentenceTransformer) -> str:
    """Return a hash of all that determines the vectors: weights, modules, tokenizer, prompts."""
    digest = hashlib.sha256()
    for part in (str(model), model.prompts, model.default_prompt_name, model.max_seq_length):
        digest.update(repr(part).encode())
    tokenizer = getattr(model.tokenizer, "backend_tokenizer", model.tokenizer)
    if hasattr(tokenizer, "to_str"):
        digest.update(tokenizer.to_str().encode())
    for name, tensor in sorted(model.state_dict().items()):
        digest.update(f"{name} {tensor.dtype} {tuple(tensor.shape)}".encode())
        digest.update(tensor.detach().cpu().float().numpy().tobytes())
    return digest.hexdigest()
