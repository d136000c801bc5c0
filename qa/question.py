"""Tell what a question asks for: the kind of its answer and the words that narrow it down.

English by rule; questions in other words or scripts come out as `AnswerKind.ANY`. Finding spans
of that kind is left to `qa.spans`.
"""

import re
from dataclasses import dataclass
from enum import Enum

from qa.lexical import content_stems, stem, stop_words
from qa.text import terms


class AnswerKind(str, Enum):
    """What would answer a question."""

    PERSON = "person"
    PLACE = "place"
    DATE = "date"
    DURATION = "duration"
    COUNT = "count"
    AMOUNT = "amount"
    PERCENT = "percent"
    REASON = "reason"
    MANNER = "manner"
    QUOTE = "quote"
    ENTITY = "entity"
    ANY = "any"


# The first pattern that matches decides.
_RULES: tuple[tuple[AnswerKind, str], ...] = (
    (AnswerKind.DURATION, r"how long|what (?:length|duration|period)|for how many (?:years|days)"),
    (AnswerKind.DATE, r"\bwhen\b|(?:what|which) (?:year|date|day|month|time|century|decade)\b"),
    (AnswerKind.PERCENT, r"percent|per cent|\bproportion|what share|(?:growth|interest|tax) rate"),
    (AnswerKind.COUNT, r"how many|(?:what|total) number of|how often|how old|how far|how tall"),
    (
        AnswerKind.AMOUNT,
        r"how (?:much|large|big|high)|(?:what|which|the|of|trade|price|sales) (?:\w+ ){0,2}"
        r"(?:amount|price|cost|value|volume|sum|worth|budget|target|revenue|population|turnover)\b"
        r"|\btarget\b",
    ),
    (
        AnswerKind.REASON,
        r"\bwhy\b|(?:what|which) (?:is |was |were |are )?(?:the )?"
        r"(?:reason|cause|purpose|aim)|what (?:caused|led|made)|how come",
    ),
    (
        AnswerKind.PLACE,
        r"\bwhere\b|(?:what|which) (?:country|city|town|place|region|state|location"
        r"|province|countries|cities|continent|capital)\b|\bcapital of\b",
    ),
    (
        AnswerKind.PERSON,
        r"\bwho(?:m|se)?\b|(?:what|which) (?:person|man|woman|president|author)\b"
        r"|name of the (?:person|president|man|woman|author)",
    ),
    (
        AnswerKind.QUOTE,
        r"what did .{2,60} (?:say|state|note|stress|warn|argue|claim|call)"
        r"|in (?:his|her|their) (?:own )?words|\bquote\b",
    ),
    (AnswerKind.MANNER, r"\bhow\b"),
    (AnswerKind.ENTITY, r"\b(?:what|which)\b"),
)
_COMPILED = tuple((kind, re.compile(pattern, re.IGNORECASE)) for kind, pattern in _RULES)
_WH = re.compile(r"\b(?:what|which|who|whom|whose|when|where|why|how)\b", re.IGNORECASE)
_NEAR_WH = 2  # content words after the question word that name what is asked for


@dataclass(frozen=True, slots=True)
class Question:
    """A question's text, the kind of answer, its content stems and those next to its wh-word.

    ``numbers`` are the years and figures that it states; ``words`` its folded content words.
    """

    text: str
    kind: AnswerKind
    stems: tuple[str, ...]
    focus: tuple[str, ...]
    numbers: tuple[str, ...]
    words: frozenset[str]


def analyse(text: str) -> Question:
    """Return what can be told of a question.

    >>> question = analyse("Which bank financed the railway in 2013?")
    >>> question.kind.value, question.stems, question.focus, question.numbers
    ('entity', ('bank', 'financ', 'railway', '2013'), ('bank', 'financ'), ('2013',))
    """
    kind = next((kind for kind, rule in _COMPILED if rule.search(text)), AnswerKind.ANY)
    wh_word = _WH.search(text)
    after = text[wh_word.end() :] if wh_word else text
    words = [term for term in terms(text) if term not in stop_words()]
    return Question(
        text=text,
        kind=kind,
        stems=tuple(dict.fromkeys(stem(word) for word in words)),
        focus=tuple(dict.fromkeys(content_stems(after)))[:_NEAR_WH],
        numbers=tuple(word for word in words if word[0].isdigit()),
        words=frozenset(words),
    )
