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


# English function words, contractions without their apostrophe or cut at it, as `terms` gives them.
_FUNCTION_WORDS = """
a about above after again against ain all am an and any are aren arent as at be because been before
being below between both but by can couldn couldnt d did didn didnt do does doesn doesnt doing don
dont down during each few for from further had hadn hadnt has hasn hasnt have haven havent having he
her here hers herself him himself his how i if in into is isn isnt it its itself just ll m ma me
mightn mightnt more most mustn mustnt my myself needn neednt no nor not now o of off on once only or
other our ours ourselves out over own re s same shan shant she should shouldn shouldnt shouldve so
some such t than that thatll the their theirs them themselves then there these they this those
through to too under until up ve very was wasn wasnt we were weren werent what when where which
while who whom why will with won wont wouldn wouldnt y you youd youll your youre yours yourself
yourselves youve
"""
_STOP_WORDS = frozenset(_FUNCTION_WORDS.split())


def stop_words() -> frozenset[str]:
    """Return the folded English words that say nothing of what a text is about."""
    return _STOP_WORDS


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
