"""Define what an encoder does, and load one: the bundled model, a folder, or a name on the hub.

How vectors are computed is left to ``static`` and ``sentence_transformer``, the hub to ``hub``; all
are imported when first needed, so that importing this package costs nothing.
"""

from __future__ import annotations

from collections.abc import Sequence
from functools import lru_cache
from importlib import resources
from pathlib import Path
from typing import TYPE_CHECKING, Protocol

from embeddings.errors import ModelLoadError

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    from embeddings.static import StaticEncoder


class Encoder(Protocol):
    """Turn questions and passages into vectors whose dot product tells how well they match.

    Rows are float32 of length 1; a text without a known word may give a row of zeros, which
    matches nothing. The same texts give the same rows. No texts give shape ``(0, dimension)``.
    """

    @property
    def dimension(self) -> int:
        """Return the number of columns of every result."""
        ...

    @property
    def fingerprint(self) -> str:
        """Return a hash of the model's weights and settings: where it is equal, vectors are."""
        ...

    def encode_queries(self, texts: Sequence[str]) -> NDArray[np.float32]:
        """Return one row per question, shape ``(len(texts), dimension)``."""
        ...

    def encode_passages(self, texts: Sequence[str]) -> NDArray[np.float32]:
        """Return one row per passage, shape ``(len(texts), dimension)``."""
        ...


class WordVectors(Protocol):
    """Cut texts into tokens, and tell how close two tokens are in meaning."""

    @property
    def lengths(self) -> NDArray[np.float32]:
        """Return the weight of every token of the vocabulary, 0 where it carries no meaning."""
        ...

    @property
    def words(self) -> Sequence[str]:
        """Return the text of every token; one that continues a word begins with ``##``."""
        ...

    def tokenize(self, texts: Sequence[str]) -> tuple[NDArray[np.intp], NDArray[np.intp]]:
        """Return the token ids of all texts end to end, and the number of tokens of each text."""
        ...

    def means(self, tokens: NDArray[np.intp], lengths: NDArray[np.intp]) -> NDArray[np.float32]:
        """Return the vector of each text, given what `tokenize` returned for the texts."""
        ...

    def cosines(self, left: NDArray[np.intp], right: NDArray[np.intp]) -> NDArray[np.float32]:
        """Return the cosines of tokens with tokens, shape ``(len(left), len(right))``."""
        ...


def load_encoder(name_or_path: str | None = None) -> Encoder:
    """Load the bundled encoder, or the one in a folder, or any Sentence Transformers model.

    A static model needs nothing but the core install, be it bundled or in a folder. Any other
    needs the extra ``models``; a name is looked for on this machine first and then on the hub.

    Raises:
        ModelLoadError: the model is missing or damaged, the extra is not installed, or the hub
            cannot be reached (said within seconds).
    """
    if name_or_path is None:
        folder = bundled_model()
        if not folder.is_dir():
            raise ModelLoadError(
                f"The bundled encoder is missing: {folder}. Install the package again: "
                "pip install --force-reinstall extractive-qa"
            )
        return _from_folder(folder)
    folder = Path(name_or_path).expanduser()
    if name_or_path and folder.is_dir():
        return _from_folder(folder)
    return _wrapped(name_or_path)


def load_words() -> WordVectors:
    """Load the word vectors of the bundled encoder.

    Raises:
        ModelLoadError: the model is missing or damaged.
    """
    return _static(bundled_model())


def bundled_model() -> Path:
    """Return the folder of the model that comes with this package."""
    return Path(str(resources.files("embeddings"))) / "models" / "static"


@lru_cache(maxsize=2)
def _static(folder: Path) -> StaticEncoder:
    """Load a static model once: encoder and word vectors share its table.

    Two are kept, as the word vectors are the bundled model's whichever the encoder is.
    """
    from embeddings.static import StaticEncoder

    return StaticEncoder.load(folder)


def _from_folder(folder: Path) -> Encoder:
    from embeddings.static import is_static

    return _static(folder) if is_static(folder) else _wrapped(str(folder))


def _wrapped(name_or_path: str) -> Encoder:
    from embeddings.hub import load_model
    from embeddings.sentence_transformer import SentenceTransformerEncoder

    return load_model(name_or_path, SentenceTransformerEncoder.load)
