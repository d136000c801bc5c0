"""Make the static model's tokenizer: whole words first, word pieces for the rest.

A frequent word is one token with a vector of its own; a rare one is cut into pieces that were
learned from rare words. Case, accents and most punctuation are dropped. Every Chinese character is
a token by itself. The vectors are left to ``vectors`` and ``contrast``.
"""

import re
import unicodedata
from collections import Counter
from collections.abc import Iterable, Iterator
from itertools import islice
from pathlib import Path

from tokenizers import Regex, Tokenizer, models, normalizers, pre_tokenizers, trainers

UNKNOWN = "[UNK]"
LONGEST_WORD = 64
RAREST_CHARACTER = 50
RAREST_HAN = 5

_HAN = r"\p{Han}"
_SIGNS = "$€£¥%"
_SPLIT = rf"{_HAN}|[{_SIGNS}]|[^\W_{_HAN}]+"
_WORD = re.compile(rf"[{_SIGNS}]|[^\W_]+")
_MARKS = re.compile(r"[̀-ͯ]")


def words(line: str) -> list[str]:
    """Return the words of a line nearly as the tokenizer splits them, but in plain Python.

    >>> words("The Café's 3 trees_")
    ['the', 'cafe', 's', '3', 'trees']
    """
    if not line.isascii():
        line = _MARKS.sub("", unicodedata.normalize("NFKD", line))
    return _WORD.findall(line.lower())


def count_words(lines: Iterable[str]) -> Counter[str]:
    """Count the words of the lines."""
    counts: Counter[str] = Counter()
    for line in lines:
        counts.update(words(line))
    return counts


def bare_tokenizer(vocabulary: dict[str, int]) -> Tokenizer:
    """Return a tokenizer that splits as this package does, with the given vocabulary."""
    tokenizer = Tokenizer(
        models.WordPiece(vocab=vocabulary, unk_token=UNKNOWN, max_input_chars_per_word=LONGEST_WORD)
    )
    tokenizer.normalizer = normalizers.Sequence(
        [normalizers.NFKD(), normalizers.StripAccents(), normalizers.Lowercase()]
    )
    tokenizer.pre_tokenizer = pre_tokenizers.Split(Regex(_SPLIT), "removed", invert=True)
    return tokenizer


def train_tokenizer(counts: Counter[str], size: int, pieces: int) -> Tokenizer:
    """Return a tokenizer of at most ``size`` tokens, of which about ``pieces`` are word pieces."""
    ranked = sorted(counts, key=lambda word: (-counts[word], word))
    tokens: dict[str, None] = dict.fromkeys([UNKNOWN, *_characters(counts)])
    rare = (word for word in ranked[size // 2 :] if len(word) <= LONGEST_WORD)
    tokens.update(dict.fromkeys(_pieces(rare, pieces)))
    whole = (word for word in ranked if not _is_han(word[0]) and len(word) <= LONGEST_WORD)
    for word in whole:
        if len(tokens) >= size:
            break
        tokens[word] = None
    return bare_tokenizer({token: row for row, token in enumerate(tokens)})


def _characters(counts: Counter[str]) -> Iterator[str]:
    """Yield the characters of the prose, as first and as later piece of a word, then Chinese."""
    seen: Counter[str] = Counter()
    for word, count in counts.items():
        for character in word:
            seen[character] += count
    for character in sorted(seen):
        if _is_han(character):
            if seen[character] >= RAREST_HAN:
                yield character
        elif seen[character] >= RAREST_CHARACTER:
            yield from (character, f"##{character}")
    yield from common_han()


def common_han() -> list[str]:
    """Return the 3,755 most frequent Chinese characters: level 1 of the standard GB 2312.

    >>> common_han()[0], len(common_han())
    ('啊', 3755)
    """
    codes = (bytes([row, cell]) for row in range(0xB0, 0xD8) for cell in range(0xA1, 0xFF))
    return [text for code in codes if (text := code.decode("gb2312", errors="ignore"))]


def write_tokens(tokenizer: Tokenizer, lines: Iterable[str], path: Path) -> None:
    """Write the tokens of each line, separated by spaces: the format that gensim reads fastest."""
    waiting = iter(lines)
    with path.open("w", encoding="utf-8", newline="\n") as out:
        while chunk := list(islice(waiting, 8192)):
            for encoding in tokenizer.encode_batch(chunk, add_special_tokens=False):
                if encoding.ids:
                    out.write(" ".join(encoding.tokens) + "\n")


def _is_han(character: str) -> bool:
    return "㐀" <= character <= "鿿" or character >= "𠀀"


def _pieces(rare: Iterable[str], size: int) -> list[str]:
    """Return the word pieces learned from the rare words, each word counted once."""
    if size <= 0:
        return []
    learner = bare_tokenizer({UNKNOWN: 0})
    trainer = trainers.WordPieceTrainer(
        vocab_size=size, special_tokens=[UNKNOWN], limit_alphabet=200, show_progress=False
    )
    learner.train_from_iterator(rare, trainer)
    return sorted(learner.get_vocab())
