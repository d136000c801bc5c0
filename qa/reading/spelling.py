"""Read a question as it was meant: without capitals throughout, and without misspelt words.

What a misspelt word was meant to be is guessed from the words of the documents; only words that
neither they nor the encoder's vocabulary know are touched. When a question is corrected is left to
`qa.reading.prepared`.
"""

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from difflib import SequenceMatcher
from typing import Protocol

from qa.text import terms, tokenize

SHORTEST = 4  # letters; too many shorter words are near each other
LIKENESS = 0.8  # twice the letters in common, in order, over all letters of both words
SAME_NAME = 0.85  # the same of words that only the documents know: names are near each other too
LONG = 9  # letters of a word that two slips of the finger leave recognisable
_MONTHS = (
    "January February March April May June July August September October November December".split()
)
_MONTH = "|".join(_MONTHS)
_ISO = re.compile(r"\b(\d{4})-(\d\d)-(\d\d)\b")
_SPOKEN = re.compile(
    rf"\b(?:(?P<day>\d{{1,2}})(?:st|nd|rd|th)?\s(?P<month>{_MONTH})"
    rf"|(?P<first>{_MONTH})\s(?P<second>\d{{1,2}})(?:st|nd|rd|th)?),?\s(?P<year>\d{{4}})\b",
    re.IGNORECASE,
)
_ASKING = ("what", "which", "whom", "whose", "when", "where")


class Vocabulary(Protocol):
    """The words of the documents, and those that a misspelt one may have been meant to be."""

    def unknown(self, stems: Sequence[str]) -> frozenset[str]:
        """Return those of the stems that no passage holds."""

    @property
    def vocabulary(self) -> Mapping[str, int]:
        """The words that the encoder knows too, folded, with how many passages hold each."""

    def stems(self, initial: str) -> Iterator[tuple[str, int]]:
        """Yield the stems that begin so, each with how many passages hold it."""

    def is_word(self, folded: str) -> bool:
        """Tell whether the encoder knows a word whole, be it in the passages or not."""


def calmed(question: str) -> str:
    """Return a question that is all in capitals in small letters, which the reader is used to.

    Two words in capitals may be names, and stay.

    >>> calmed("WHEN DID IT OPEN?"), calmed("What is NATO?"), calmed("WHO, NATO?")
    ('when did it open?', 'What is NATO?', 'WHO, NATO?')
    """
    shouted = question.isupper() and sum(word.isupper() for word in question.split()) > 2
    return question.lower() if shouted else question


def respelt(question: str, words: Vocabulary, unknown: Sequence[str]) -> str:
    """Return the question with misspelt words replaced, and dates in the form that is known here;
    ``unknown`` are its folded words that no passage holds.
    """
    question = redated(question, unknown)
    parts, done = [], 0
    for token in tokenize(question):
        guess = _guess(token.folded, words) if token.folded in unknown else None
        if guess is not None:
            typed = token.span.of(question)
            parts += [
                question[done : token.span.start],
                guess.title() if typed.istitle() else guess,
            ]
            done = token.span.end
    return "".join([*parts, question[done:]])


def redated(question: str, unknown: Sequence[str]) -> str:
    """Return the question with its dates in the other form where no passage holds a part of it.

    >>> redated("Who came on 1987-05-03?", ("05",)), redated("Who came on 3 May 1987?", ("may",))
    ('Who came on 3 May 1987?', 'Who came on 1987-05-03?')
    """

    def known(match: re.Match[str]) -> bool:
        return not any(folded in unknown for folded in terms(match.group()))

    def spoken(match: re.Match[str]) -> str:
        year, month, day = map(int, match.groups())
        if known(match) or not (1 <= month <= 12 and 1 <= day <= 31):
            return match.group()
        return f"{day} {_MONTHS[month - 1]} {year}"

    def figures(match: re.Match[str]) -> str:
        if known(match):
            return match.group()
        month = _MONTHS.index((match["month"] or match["first"]).title()) + 1
        return f"{match['year']}-{month:02d}-{int(match['day'] or match['second']):02d}"

    changed = _ISO.sub(spoken, question)
    return _SPOKEN.sub(figures, question) if changed == question else changed


def _guess(typed: str, words: Vocabulary) -> str | None:
    """Return the likeliest word of the documents, the more frequent of two that are as like.

    Names that the encoder does not know are stems alone: looked at where no word is like it.
    """
    if len(typed) < SHORTEST or not typed.isalpha() or words.is_word(typed):
        return None
    known = {**dict.fromkeys(_ASKING, 1), **words.vocabulary}
    near = _likest(typed, known.items(), LIKENESS)
    return near or _likest(typed, words.stems(typed[0]), SAME_NAME)


def _likest(typed: str, words: Iterable[tuple[str, int]], least: float) -> str | None:
    best: tuple[float, int, str] | None = None
    for word, count in words:
        if word[0] == typed[0] and abs(len(word) - len(typed)) <= 2 and len(word) >= SHORTEST:
            likeness = _likeness(word, typed)
            near = likeness >= least and edits(word, typed) <= _most_edits(typed)
            if near and (best is None or (likeness, count) > best[:2]):
                best = (likeness, count, word)
    return None if best is None else best[2]


def _most_edits(typed: str) -> int:
    return 1 if len(typed) < LONG else 2


def edits(one: str, other: str) -> int:
    """Return how many letters must be put in, left out, changed, or swapped with the next.

    >>> edits("network", "netwrok"), edits("dock", "docker"), edits("transfer", "transfrom")
    (1, 2, 3)
    """
    before: list[int] = []
    above = list(range(len(other) + 1))
    for row, letter in enumerate(one, 1):
        here = [row]
        for column, typed in enumerate(other, 1):
            cost = min(above[column] + 1, here[-1] + 1, above[column - 1] + (letter != typed))
            swapped = row > 1 and column > 1 and letter == other[column - 2]
            if swapped and one[row - 2] == typed:
                cost = min(cost, before[column - 2] + 1)
            here.append(cost)
        before, above = above, here
    return above[-1]


def _likeness(word: str, typed: str) -> float:
    """Return how like two words are, from 0 to 1; the same letters in another order are like.

    >>> _likeness("what", "waht"), round(_likeness("network", "netwrok"), 2)
    (0.9, 0.9)
    """
    if sorted(word) == sorted(typed):
        return 0.9
    matcher = SequenceMatcher(a=word, b=typed, autojunk=False)
    return matcher.ratio() if matcher.quick_ratio() >= LIKENESS else 0.0
