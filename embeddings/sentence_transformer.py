"""Encode with any Sentence Transformers model, through that library (the extra ``models``).

Finding out whether the hub answers is done here too, so that a machine without network hears so
in seconds. Static models do not come here: ``static`` loads them without torch.
"""

from __future__ import annotations

import hashlib
import os
import threading
import urllib.error
import urllib.request
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from embeddings.errors import EncoderError

if TYPE_CHECKING:
    from sentence_transformers import SentenceTransformer

HUB = "https://huggingface.co"
HUB_SECONDS = 4.0


class SentenceTransformerEncoder:
    """Encode texts with a Sentence Transformers model: its query side and its document side."""

    def __init__(self, model: SentenceTransformer) -> None:
        """Take a loaded model; it is used as it is, on the device where it lies."""
        self._model = model
        self._fingerprint = _fingerprint(model)
        self._dimension = int(self._encode_probe().shape[1])

    @classmethod
    def from_folder(cls, folder: Path) -> SentenceTransformerEncoder:
        """Load the model of a folder, without asking the hub for anything."""
        if not any((folder / name).exists() for name in ("modules.json", "config.json")):
            raise EncoderError(
                f"No model in {folder}: it has neither modules.json nor config.json. Give the "
                "folder that SentenceTransformer.save wrote."
            )
        return cls(_load(str(folder), local=True))

    @classmethod
    def from_name(cls, name: str) -> SentenceTransformerEncoder:
        """Load a model by its name: from this machine's cache, or else from the hub."""
        _library()
        try:
            return cls(_load(name, local=True))
        except EncoderError as error:
            if not _hub_answers():
                raise EncoderError(
                    f"No model {name!r}: it is not a folder here and not in this machine's model "
                    "cache, and the hub does not answer. Give the path of a folder, or fetch the "
                    "model where there is a network."
                ) from error
        return cls(_load(name, local=False))

    @property
    def dimension(self) -> int:
        """Return the number of columns of every result."""
        return self._dimension

    @property
    def fingerprint(self) -> str:
        """Return a hash of the model's weights, modules and prompts."""
        return self._fingerprint

    def encode_queries(self, texts: Sequence[str]) -> NDArray[np.float32]:
        """Return one row a question, shape ``(len(texts), dimension)``."""
        if not texts:
            return np.zeros((0, self._dimension), dtype=np.float32)
        return _normalised(self._model.encode_query(list(texts), show_progress_bar=False))

    def encode_passages(self, texts: Sequence[str]) -> NDArray[np.float32]:
        """Return one row a passage, shape ``(len(texts), dimension)``."""
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


def _library() -> type[SentenceTransformer]:
    try:
        from sentence_transformers import SentenceTransformer
    except ImportError as error:
        raise EncoderError(
            "Only the bundled encoder and other static ones work without the extra 'models'. "
            f"Install it: pip install 'extractive-qa[models]' ({error})."
        ) from error
    return SentenceTransformer


def _load(name_or_path: str, local: bool) -> SentenceTransformer:
    library = _library()
    try:
        return library(name_or_path, local_files_only=local)
    except Exception as error:  # the library and those below it raise all sorts
        reason = str(error).strip().split("\n", 1)[0]
        raise EncoderError(
            f"Sentence Transformers cannot load {name_or_path!r} "
            f"({type(error).__name__}: {reason}). Check the name or the folder."
        ) from error


def _hub_answers() -> bool:
    """Say whether the hub answers within ``HUB_SECONDS``; a thread, as name look-ups can hang."""
    if os.environ.get("HF_HUB_OFFLINE", "").upper() in {"1", "ON", "YES", "TRUE"}:
        return False
    answered = threading.Event()

    def ask() -> None:
        request = urllib.request.Request(os.environ.get("HF_ENDPOINT", HUB), method="HEAD")
        try:
            urllib.request.urlopen(request, timeout=HUB_SECONDS).close()
        except urllib.error.HTTPError:
            answered.set()  # a refusal is an answer
        except Exception:  # whatever stands in the way, the hub is out of reach
            return
        else:
            answered.set()

    thread = threading.Thread(target=ask, daemon=True)
    thread.start()
    thread.join(HUB_SECONDS)
    return answered.is_set()


def _fingerprint(model: SentenceTransformer) -> str:
    """Return a hash of what decides the vectors: weights, modules, tokenizer, prompts."""
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
