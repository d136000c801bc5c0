"""Train and describe the subword tokenizer: cased pieces whose offsets point into the raw text.

Words, numbers and single signs are split first, then cut into byte-level pieces, so that every
character survives. Which texts are read, and how ids are stored, is left to ``shards``.
"""

import unicodedata
from collections.abc import Iterable, Iterator
from functools import lru_cache

import numpy as np
from tokenizers import Regex, Tokenizer, decoders, models, pre_tokenizers, trainers

PAD, UNKNOWN, CLS, SEP, MASK, END = range(6)
SPECIALS = ["[PAD]", "[UNK]", "[CLS]", "[SEP]", "[MASK]", "[END]"]
CONTINUES = "##"
PIECES = r"\p{N}+|[\p{L}\p{M}]+|[^\s\p{L}\p{M}\p{N}]"


def train_tokenizer(texts: Iterable[str], size: int) -> Tokenizer:
    """Return a byte-level BPE tokenizer of ``size`` pieces; pieces inside a word begin with ``##``.

    Nothing is normalised: each offset is a pair of code-point positions of the text as given.
    """
    tokenizer = Tokenizer(models.BPE(unk_token=SPECIALS[UNKNOWN], continuing_subword_prefix="##"))
    tokenizer.pre_tokenizer = pre_tokenizers.Sequence(
        [
            pre_tokenizers.Split(Regex(PIECES), behavior="removed", invert=True),
            pre_tokenizers.ByteLevel(add_prefix_space=False, use_regex=False),
        ]
    )
    tokenizer.decoder = decoders.ByteLevel()
    trainer = trainers.BpeTrainer(
        vocab_size=size,
        min_frequency=2,
        special_tokens=SPECIALS,
        continuing_subword_prefix=CONTINUES,
        initial_alphabet=sorted(pre_tokenizers.ByteLevel.alphabet()),
        show_progress=False,
    )
    tokenizer.train_from_iterator(_with_every_byte(texts), trainer)
    tokenizer.encode_special_tokens = True
    return tokenizer


def _with_every_byte(texts: Iterable[str]) -> Iterator[str]:
    """Add every byte inside a word once, so that each one is known as a ``##`` piece."""
    yield from texts
    words, seen = [], set()
    for point in range(0x30, 0x20000):
        char = chr(point)
        if unicodedata.category(char)[0] in "LMN" and not seen.issuperset(char.encode()):
            seen.update(char.encode())
            words.append(f"0{char}" if char.isnumeric() else f"a{char}")
    yield " ".join(words)


def piece_texts(tokenizer: Tokenizer) -> list[str]:
    """Return the text of each piece by id, with its ``##`` kept and broken characters as U+FFFD."""
    unbyte = {char: byte for byte, char in _byte_characters().items()}
    texts = []
    for piece in sorted(tokenizer.get_vocab(), key=tokenizer.get_vocab().__getitem__):
        if piece in SPECIALS:
            texts.append(piece)
            continue
        inside = piece.startswith(CONTINUES) and len(piece) > 2
        raw = bytes(unbyte[char] for char in (piece[2:] if inside else piece))
        texts.append(CONTINUES * inside + raw.decode("utf-8", errors="replace"))
    return texts


@lru_cache
def _byte_characters() -> dict[int, str]:
    """Return the printable character that byte-level tokenizers write for each byte."""
    plain = [*range(33, 127), *range(161, 173), *range(174, 256)]
    others = [byte for byte in range(256) if byte not in set(plain)]
    return {byte: chr(byte) for byte in plain} | {b: chr(256 + n) for n, b in enumerate(others)}


def match_classes(tokenizer: Tokenizer) -> np.ndarray:
    """Return two classes per id, (2, vocabulary): equal when case-folded, equal when stemmed."""
    # only where data is prepared, not where a network learns from it
    import Stemmer

    stem = Stemmer.Stemmer("english").stemWord
    folded = [text.casefold() for text in piece_texts(tokenizer)]
    return np.stack([_classes(folded), _classes([stem(text) for text in folded])])


def _classes(keys: list[str]) -> np.ndarray:
    """Number equal strings alike; pieces that are no whole characters stay on their own."""
    first: dict[str, int] = {}
    return np.array(
        [n if "\ufffd" in key else first.setdefault(key, n) for n, key in enumerate(keys)]
    )
