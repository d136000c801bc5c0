"""Keep an index on disk: the corpus, and vectors, BM25 and words, which are derived from it.

How files are swapped is left to `qa.index.generations`, where cached indexes lie to
`qa.index.cache`.
"""

from pathlib import Path
from tokenize import TokenError

from embeddings import Encoder, load_words
from qa.errors import StoreError
from qa.index.build import Index, score, settings_digest
from qa.index.corpus import StoredCorpus, check_corpus, read_corpus, write_corpus
from qa.index.generations import (
    FORMAT,
    PATIENCE,
    Generation,
    anew,
    current,
    is_free,
    mend,
    settled,
    survivors,
    unwritable,
    write_generation,
    writing,
)
from qa.retrieval import DenseIndex, LexicalIndex, Parts, WordIndex

_CORPUS, _VECTORS = "corpus.sqlite", "vectors.faiss"
_LEXICAL, _WORDS = "bm25", "words"  # each in several files, `bm25.bounds.npy` and so on
# What a library raises for a part that is damaged, or is not there.
_DAMAGE = (OSError, ValueError, KeyError, TypeError, IndexError, RuntimeError, EOFError,
           SyntaxError, TokenError)  # fmt: skip


def save_index(index: Index, folder: Path, encoder: Encoder, *, wait: float = PATIENCE) -> None:
    """Write an index to ``folder``, in place of an index that stands there.

    Raise `StoreError` where the folder holds anything else, or cannot be written.
    """
    folder = folder.resolve()
    if folder.exists() and not is_free(folder):
        raise StoreError(
            f"{folder}: exists and is no index, or holds other files too; choose another place"
        )
    try:
        folder.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise unwritable(folder, error) from error
    with writing(folder, wait):
        replace_index(index, folder, encoder)


def replace_index(index: Index, folder: Path, encoder: Encoder) -> None:
    """Write an index as the new generation of a folder from which other writers are kept out."""

    def fill(home: Path) -> None:
        write_corpus(home / _CORPUS, index.documents, index.passages)
        index.parts.dense.save(home / _VECTORS)
        index.parts.lexical.save(home / _LEXICAL)
        index.parts.words.save(home / _WORDS)

    facts = {
        "settings": settings_digest(encoder, FORMAT),
        "encoder": encoder.fingerprint,
        "documents": len(index.documents),
        "passages": len(index.passages),
    }
    write_generation(folder, fill, facts)


def open_index(folder: Path, encoder: Encoder, *, every_byte: bool = False) -> Index:
    """Open what `save_index` wrote; raise `StoreError` for anything missing, damaged or foreign.

    Every part is compared with its checksum; of a large index (`qa.index.generations.CHECKED`) only
    with its size, unless ``every_byte`` is to be checked. What is damaged and was not checked
    raises `StoreError` when it is read, or is found by `qa verify`. Nothing is mended: the message
    names the command.
    """
    return settled(folder, lambda: _open(folder, encoder, every_byte))


def open_corpus(folder: Path) -> StoredCorpus:
    """Read only the documents and passages of an index, whatever encoder it was made with."""
    return settled(folder, lambda: _corpus(folder, current(folder)))


def remake_index(
    folder: Path, encoder: Encoder, *, reencode: bool = False, progress: bool = False
) -> Index:
    """Return the index that follows from the documents and passages that are stored.

    What is derived from them may be damaged, and the manifest. Raise `StoreError` where they are,
    or where the index was made with another encoder, unless it is to ``reencode``.
    """
    refusal = f"{folder}: holds nothing that could be mended; make it again: {anew(folder)}"
    for found in survivors(folder):
        try:
            corpus = _corpus(folder, found)
            check_corpus(found.home / _CORPUS)
            if not reencode:
                _check_maker(folder, found, encoder)
        except (StoreError, ValueError) as error:
            refusal = str(error)
            continue
        return score(corpus.documents, corpus.passages, encoder, progress=progress)
    raise StoreError(refusal)


def _open(folder: Path, encoder: Encoder, every_byte: bool) -> Index:
    found = current(folder)
    _check_maker(folder, found, encoder)
    corpus = _corpus(folder, found, every_byte)
    size = len(corpus.passages.searchable)
    try:
        found.check(found.parts() - {_CORPUS}, every_byte=every_byte)
        lexical = LexicalIndex.load(found.home / _LEXICAL, size)
        dense = DenseIndex.load(found.home / _VECTORS, encoder)
        words = WordIndex.load(found.home / _WORDS, load_words())
        if dense.size != size or words.size != size:
            raise ValueError(f"{dense.size} vectors, words of {words.size}, {size} passages")
    except _DAMAGE as error:
        raise StoreError(f"{folder}: is damaged ({error}); mend it: {mend(folder)}") from error
    return Index(corpus.documents, corpus.passages, Parts(lexical, dense, words))


def _corpus(folder: Path, found: Generation, every_byte: bool = False) -> StoredCorpus:
    remedy = f"make it again: {anew(folder)}"
    try:
        found.check([_CORPUS], every_byte=every_byte)
    except (OSError, ValueError, TypeError) as error:
        raise StoreError(f"{folder}: is damaged ({error}); {remedy}") from error
    return read_corpus(found.home / _CORPUS, remedy)


def _check_maker(folder: Path, found: Generation, encoder: Encoder) -> None:
    """Raise `StoreError` for an index of another encoder or of other settings."""
    if found.manifest.get("encoder") != encoder.fingerprint:
        raise StoreError(
            f"{folder}: was made with another encoder; name that encoder (--encoder), or change "
            f"to this one: qa reencode --index {folder}"
        )
    if found.manifest.get("settings") != settings_digest(encoder, FORMAT):
        raise StoreError(f"{folder}: was made with other settings; make it again: {anew(folder)}")
