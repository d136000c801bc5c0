"""Rewrite questions as keywords, the way people type them into a search box.

The training questions are whole sentences; a reader taught on these alone does badly on keywords.
Which data is rewritten is left to the recipes.
"""

import random
import re
from collections.abc import Iterable, Iterator
from dataclasses import replace

from embeddings.training.data import Example

SHARE = 6  # one question in this many is repeated as keywords
_DROPPED = frozenset(
    "a an the is are was were be been being do does did done has have had can could will would "
    "shall should may might must it its this that these those there their his her he she they "
    "them what which whose".split()
)
_PREPOSITIONS = frozenset("of in on at by for to from with as into about during".split())
_ASKED = {
    "how many": ("number", "how many", "total"),
    "how much": ("amount", "how much", ""),
    "how long": ("duration", "length", "how long"),
    "how often": ("frequency", "how often"),
    "how old": ("age",),
    "when": ("date", "year", "when", ""),
    "where": ("location", "place", "where", ""),
    "whom": ("name", "who", ""),
    "who": ("name", "who", "person", ""),
    "why": ("reason", "why", "cause"),
    "how": ("how", "way", ""),
}
_PHRASE = re.compile(rf"\b(?:{'|'.join(_ASKED)})\b", re.IGNORECASE)
_FEWEST = 2  # words


def as_keywords(question: str, chance: random.Random) -> str:
    """Return a question as keywords, or unchanged if fewer than two words would be left.

    >>> as_keywords("Where are the headquarters of the BFA?", random.Random(3))
    'place headquarters BFA'
    """
    asked = _PHRASE.search(question)
    noun = chance.choice(_ASKED[asked.group().casefold()]) if asked else ""
    rest = _PHRASE.sub(" ", question, count=1) if asked else question
    dropped = _DROPPED | (_PREPOSITIONS if chance.random() < 0.6 else frozenset())
    words = [word for word in rest.rstrip(" ?!.").split() if word.casefold() not in dropped]
    if len(words) < _FEWEST:
        return question
    said = [noun, *words] if chance.random() < 0.3 else [*words, noun]
    text = " ".join(word for word in said if word)
    return text.lower() if chance.random() < 0.3 else text


def with_keywords(examples: Iterable[Example], seed: int) -> Iterator[Example]:
    """Yield every example, and repeat every sixth as keywords, starting with the first."""
    chance = random.Random(seed)
    for number, example in enumerate(examples):
        yield example
        if number % SHARE == 0:
            yield replace(example, question=as_keywords(example.question, chance))
