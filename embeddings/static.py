"""Encode with a static model: a text's vector is the mean of its tokens' vectors. Needs no torch.

The model is a folder as Sentence Transformers saves it, with a StaticEmbedding and perhaps a
Normalize; that library loads it too and gives the same vectors. Training is left to
``embeddings.training.static``.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from functools import cached_property
from itertools import chain
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from embeddings import files
from embeddings.errors import ModelLoadError

if TYPE_CHECKING:
    from tokenizers import Tokenizer

MODULES = "modules.json"
SETTINGS = "config_sentence_transformers.json"
WEIGHTS = "model.safetensors"
TOKENIZER = "tokenizer.json"

_BATCH = 256
_QUERY_PROMPTS = ("query",)
_PASSAGE_PROMPTS = ("document", "passage", "corpus")


def is_static(folder: Path) -> bool:
    """Say whether a folder holds a static model: one StaticEmbedding, then at most Normalize."""
    return _kinds(folder) in (["StaticEmbedding"], ["StaticEmbedding", "Normalize"])


class StaticEncoder:
    """Encode texts as normalised means of token vectors; threads may share an instance.

    A text without a known token gives a row of zeros. A text's row is the same to the last bit
    whatever it is encoded with.
    """

    def __init__(
        self,
        tokenizer: Tokenizer,
        table: NDArray[np.float32],
        fingerprint: str,
        query_prompt: str = "",
        passage_prompt: str = "",
    ) -> None:
        """Take a tokenizer and a table with one row per token; neither is copied."""
        self._tokenizer = tokenizer
        self._table = table
        self._fingerprint = fingerprint
        self._query_prompt = query_prompt
        self._passage_prompt = passage_prompt

    @classmethod
    def load(cls, folder: Path) -> StaticEncoder:
        """Load the model of a folder for which ``is_static`` is true.

        Raises:
            ModelLoadError: a file is missing, unreadable, or does not match its checksum.
        """
        module = folder / str(_modules(folder)[0]["path"])
        vocabulary, weights = module / TOKENIZER, module / WEIGHTS
        paths = [folder / MODULES, vocabulary, weights]
        if (folder / SETTINGS).exists():
            paths.append(folder / SETTINGS)
        contents = {path: files.read_bytes(path) for path in paths}
        sums = {path.relative_to(folder).as_posix(): files.sha256(contents[path]) for path in paths}
        files.check(folder, sums)
        tokenizer = _read_tokenizer(vocabulary, contents[vocabulary])
        table = _read_table(weights, contents[weights])
        if len(table) < tokenizer.get_vocab_size():
            raise ModelLoadError(
                f"Damaged model: {weights} has {len(table)} rows for the "
                f"{tokenizer.get_vocab_size()} tokens of {TOKENIZER}. {files.remedy(weights)}"
            )
        prompts = _prompts(folder)
        return cls(
            tokenizer,
            table,
            files.sha256("\n".join(f"{at} {sums[at]}" for at in sorted(sums)).encode()),
            _first(prompts, _QUERY_PROMPTS),
            _first(prompts, _PASSAGE_PROMPTS),
        )

    @property
    def dimension(self) -> int:
        """Return the number of columns of every result."""
        return int(self._table.shape[1])

    @property
    def fingerprint(self) -> str:
        """Return a hash of the model's files."""
        return self._fingerprint

    @property
    def table(self) -> NDArray[np.float32]:
        """Return the vectors of the tokens, read-only; their lengths are their weights."""
        return self._table

    @cached_property
    def lengths(self) -> NDArray[np.float32]:
        """Return the length of every token's vector, which is its weight in a mean."""
        squares: NDArray[np.float32] = np.einsum("ij,ij->i", self._table, self._table)
        return np.sqrt(squares)

    @cached_property
    def words(self) -> tuple[str, ...]:
        """Return the text of every token; one that continues a word begins with ``##``."""
        vocabulary = self._tokenizer.get_vocab()
        return tuple(sorted(vocabulary, key=vocabulary.__getitem__))

    def cosines(self, left: NDArray[np.intp], right: NDArray[np.intp]) -> NDArray[np.float32]:
        """Return the cosines of tokens with tokens, shape ``(len(left), len(right))``."""
        least = np.float32(1e-9)
        found: NDArray[np.float32] = self._table[left] @ self._table[right].T
        found /= np.maximum(self.lengths[left], least)[:, None]
        found /= np.maximum(self.lengths[right], least)
        return found

    def encode_queries(self, texts: Sequence[str]) -> NDArray[np.float32]:
        """Return one row per question, shape ``(len(texts), dimension)``."""
        return self._encode(texts, self._query_prompt)

    def encode_passages(self, texts: Sequence[str]) -> NDArray[np.float32]:
        """Return one row per passage, shape ``(len(texts), dimension)``."""
        return self._encode(texts, self._passage_prompt)

    def tokenize(self, texts: Sequence[str]) -> tuple[NDArray[np.intp], NDArray[np.intp]]:
        """Return the token ids of all texts end to end, and the number of tokens of each text."""
        encodings = self._tokenizer.encode_batch_fast(list(texts), add_special_tokens=False)
        ids = [encoding.ids for encoding in encodings]
        lengths = np.fromiter(map(len, ids), dtype=np.intp, count=len(ids))
        tokens = np.fromiter(chain.from_iterable(ids), dtype=np.intp, count=int(lengths.sum()))
        return tokens, lengths

    def _encode(self, texts: Sequence[str], prompt: str) -> NDArray[np.float32]:
        rows = [
            self.means(*self.tokenize([prompt + text for text in texts[start : start + _BATCH]]))
            for start in range(0, len(texts), _BATCH)
        ]
        return np.concatenate([np.zeros((0, self.dimension), np.float32), *rows])

    def means(self, tokens: NDArray[np.intp], lengths: NDArray[np.intp]) -> NDArray[np.float32]:
        """Return the vector of each text, given what `tokenize` returned for the texts."""
        rows = np.zeros((len(lengths), self.dimension), dtype=np.float32)
        filled = np.flatnonzero(lengths)
        if len(filled):
            starts = (np.cumsum(lengths) - lengths)[filled]
            rows[filled] = np.add.reduceat(self._table[tokens], starts, axis=0)
        norms = np.sqrt(np.einsum("ij,ij->i", rows, rows))[:, None]
        np.divide(rows, norms, out=rows, where=norms > 0)
        return rows


def _kinds(folder: Path) -> list[str]:
    """Return the names of the classes in ``modules.json``, none where there is no such file."""
    if not (folder / MODULES).exists():
        return []
    return [str(module["type"]).rsplit(".", 1)[-1] for module in _modules(folder)]


def _modules(folder: Path) -> list[dict[str, object]]:
    modules = files.read_json(folder / MODULES)
    if isinstance(modules, list):
        listed = [module for module in modules if isinstance(module, dict)]
        if listed == modules and all({"type", "path"} <= module.keys() for module in listed):
            return listed
    path = folder / MODULES
    raise ModelLoadError(f"Damaged model: {path} is not a list of modules. {files.remedy(path)}")


def _prompts(folder: Path) -> Mapping[str, str]:
    if not (folder / SETTINGS).exists():
        return {}
    settings = files.read_json(folder / SETTINGS)
    prompts = settings.get("prompts") if isinstance(settings, dict) else None
    return prompts if isinstance(prompts, dict) else {}


def _first(prompts: Mapping[str, str], names: Sequence[str]) -> str:
    return next((prompts[name] for name in names if prompts.get(name)), "")


def _read_tokenizer(path: Path, content: bytes) -> Tokenizer:
    from tokenizers import Tokenizer

    try:
        tokenizer = Tokenizer.from_str(content.decode("utf-8"))
    except Exception as error:  # the library raises nothing more precise
        raise ModelLoadError(
            f"Damaged model: {path} is not a tokenizer ({error}). {files.remedy(path)}"
        ) from error
    tokenizer.no_padding()
    return tokenizer


def _read_table(path: Path, content: bytes) -> NDArray[np.float32]:
    from safetensors import SafetensorError
    from safetensors.numpy import load

    try:
        tensors = load(content)
        key = "embedding.weight" if "embedding.weight" in tensors else "embeddings"
        stored = tensors[key]
    except (SafetensorError, KeyError, ValueError, TypeError) as error:
        raise ModelLoadError(
            f"Damaged model: {path} holds no table of vectors ({error!r}). {files.remedy(path)}"
        ) from error
    table = np.ascontiguousarray(stored, dtype=np.float32)
    if table.ndim != 2 or not np.isfinite(table).all():
        raise ModelLoadError(
            f"Damaged model: {path} holds no finite table of rows. {files.remedy(path)}"
        )
    table.setflags(write=False)
    return table
