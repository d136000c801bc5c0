"""Tell text from what a font without a map to letters leaves: glyph numbers taken for letters."""

import re

_FEWEST = 20  # words; fewer tell too little
_NOISE = 0.6  # of the words, that no language writes so
_WORD = re.compile(r"\S+")
_INNER = re.compile(r"[^\W_](?:[^\w\s'’.,:;/@&%()+–—-]|(?<=[A-Za-z])\d(?=[A-Za-z]))[^\W_]")
_LATIN = re.compile(r"[A-Za-z]{4,}")
_PLAIN = re.compile(r"[A-Za-z]+[.,:;!?]?")
_MOST_PLAIN = 0.7  # of the words; where fewer are bare letters, they may be codes
# In every language of Europe that is written in Latin letters, vowels are a third of the letters,
# and these eight more than half; letters that stand for others keep neither.
_VOWELS, _FREQUENT = frozenset("aeiouy"), frozenset("eaionrst")
_FEWEST_VOWELS, _FEWEST_FREQUENT = 0.27, 0.42


def is_gibberish(text: str) -> bool:
    """Tell whether most words of a text mix signs, or its letters come as in no language.

    >>> is_gibberish("7KH FRPPLWWHH UHYLHZHG WKH EXGJHW UHSRUW " * 4)
    True
    >>> is_gibberish("The committee reviewed the budget report. " * 4)
    False
    """
    words = _WORD.findall(text)
    if len(words) < _FEWEST:
        return False
    letters = [word for word in words if _LATIN.search(word) or _INNER.search(word)]
    mixed = sum(_INNER.search(word) is not None for word in letters)
    if len(letters) >= _FEWEST // 2 and mixed > _NOISE * len(letters):
        return True
    plain = [word.lower() for word in words if _PLAIN.fullmatch(word)]
    signs = [letter for word in plain for letter in word if letter.isalpha()]
    return (
        len(plain) > _MOST_PLAIN * len(words)
        and sum(sign in _VOWELS for sign in signs) < _FEWEST_VOWELS * len(signs)
        and sum(sign in _FREQUENT for sign in signs) < _FEWEST_FREQUENT * len(signs)
    )
