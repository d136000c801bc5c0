"""Reduce words to their stems, and leave out those that say nothing of what a text is about.

Cutting a text into words is left to `qa.text.tokens`.
"""

import threading
from functools import lru_cache
from typing import Any, cast

from qa.text.tokens import terms, words

_stemming = threading.Lock()


@lru_cache(maxsize=1)
def _stemmer() -> Any:
    import Stemmer

    return Stemmer.Stemmer("english")


@lru_cache(maxsize=1)
def stop_words() -> frozenset[str]:
    """Return the English stop words that bm25s ships, folded as terms are."""
    from bm25s.stopwords import STOPWORDS_EN_PLUS

    return frozenset(term for word in STOPWORDS_EN_PLUS for term in terms(word))


_NUMERALS = dict(
    zip(
        "two three four five six seven eight nine ten eleven twelve second third fourth fifth "
        "sixth seventh eighth ninth tenth eleventh twelfth".split(),
        "2 3 4 5 6 7 8 9 10 11 12 2nd 3rd 4th 5th 6th 7th 8th 9th 10th 11th 12th".split(),
        strict=True,
    )
)


@lru_cache(maxsize=262144)
def stem(term: str) -> str:
    """Return the Porter2 stem of a folded term; other scripts come back as they are.

    Small numbers in words become figures: two is 2, tenth is 10th.
    """
    if term in _NUMERALS:
        return _NUMERALS[term]
    with _stemming:  # a stemmer must not be used by two threads at once
        return cast(str, _stemmer().stemWord(term))


def content_stems(text: str) -> list[str]:
    """Return the stems of the terms that are no stop words, in order, repeats kept.

    >>> content_stems("What trade targets were set?")
    ['trade', 'target', 'set']
    """
    return [found for word in words(text) for found in _stems(word)]


@lru_cache(maxsize=262144)
def _stems(word: str) -> tuple[str, ...]:
    """Return the stems of a word, or of a run of Han, without stop words."""
    return tuple(stem(term) for term in terms(word) if term not in stop_words())
