"""Tell what a question asks for: the kind of its answer and the words that narrow it down.

English by rule; questions in other words or scripts come out as `AnswerKind.ANY`. What the
documents know of its words is left to `qa.reading.prepared`, spans of that kind to
`qa.reading.candidates`.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from enum import Enum

from qa.text import content_stems, stem, stop_words, terms


class AnswerKind(str, Enum):
    """What would answer a question."""

    PERSON = "person"
    PLACE = "place"
    DATE = "date"
    DURATION = "duration"
    COUNT = "count"
    AMOUNT = "amount"
    MONEY = "money"
    PERCENT = "percent"
    REASON = "reason"
    MANNER = "manner"
    QUOTE = "quote"
    DEFINITION = "definition"
    ENTITY = "entity"
    ANY = "any"


_CHANGE = r"(?:gr[eo]w|ris|rose|increas|declin|fall|fell|drop|decreas|chang|shr[ia]nk|jump)"
_PAID = (
    r"(?:trade|cost|price|invest|aid\b|assist|budget|revenue|loan|fund|money|dollar|spen[dt]|pa(?:y|id)"
    r"|worth|sales|export|import|income|salar|turnover|profit|fee|fine|grant|debt|sold|bought)"
)
# The first pattern that matches decides.
_RULES: tuple[tuple[AnswerKind, str], ...] = (
    (AnswerKind.DURATION, r"how long|what (?:length|duration|period)|for how many (?:years|days)"),
    (AnswerKind.DATE, r"\bwhen\b|(?:what|which) (?:year|date|day|month|time|century|decade)\b"),
    (AnswerKind.COUNT, r"how many|(?:what|total) number of|how often|how old|how far|how tall"),
    (
        AnswerKind.PERCENT,
        r"percent|per cent|\bproportion|what share|(?:growth|interest|tax) rate"
        rf"|how much .*\b{_CHANGE}|by how much",
    ),
    (
        AnswerKind.MONEY,
        rf"how much .*\b{_PAID}|how much (?:did|does|do|is|was|were)\b"
        rf"|\b{_PAID}\w* (?:\w+ )?(?:target|goal|value|volume|amount|figure|total)"
        rf"|(?:value|volume|amount|sum|cost|price) of .*\b{_PAID}"
        r"|(?:what|which) .{0,40}\b(?:cost|price)\b"
        r"|what (?:is|was|were|are) (?:\w+ ){0,3}?(?:budget|revenues?|turnover|profits?|salary|wage"
        r"|debt|income|fees?|fine|rent)\b",
    ),
    (
        AnswerKind.AMOUNT,
        r"how (?:much|large|big|high|fast|deep|heavy|wide)|(?:what|which|the|of) (?:\w+ ){0,2}"
        r"(?:amount|value|volume|sum|worth|target|population|size|area|length|height|speed|weight"
        r"|temperature|rate|score)\b",
    ),
    (
        AnswerKind.REASON,
        r"\bwhy\b|(?:what|which) (?:is |was |were |are )?(?:the )?(?:\w+ )?"
        r"(?:reason|cause|purpose|aim)|what (?:caused|led|made)|how come",
    ),
    (
        AnswerKind.PLACE,
        r"\bwhere\b|(?:what|which) (?:country|city|town|place|region|state|location"
        r"|province|countries|cities|continent|capital)\b|\bcapital of\b",
    ),
    (
        AnswerKind.QUOTE,
        r"(?:what|how) (?:did|does|do) .{2,60} (?:say|said|state|note|stress|warn|argue|claim|call)"
        r"|in (?:his|her|their) (?:own )?words|\bquote\b",
    ),
    (
        AnswerKind.DEFINITION,
        r"^\W*who (?:is|was|are|were) (?:the )?(?-i:[A-Z])|\bmeaning of\b|what does .* mean"
        r"|stands? for|^\W*define\b",
    ),
    (
        AnswerKind.PERSON,
        r"\bwho(?:m|se)?\b|(?:what|which) (?:person|man|woman|president|author|scientist|actor)\b"
        r"|name of the (?:person|president|man|woman|author)",
    ),
    (AnswerKind.MANNER, r"\bhow\b"),
    (AnswerKind.ENTITY, r"\b(?:what|which)\b"),
)
_COMPILED = tuple((kind, re.compile(pattern, re.IGNORECASE)) for kind, pattern in _RULES)
_WH = re.compile(r"\b(?:what|which|who|whom|whose|when|where|why|how)\b", re.IGNORECASE)
_CAPITALISED = re.compile(r"\b[^\W\d_a-z][\w’'-]*")
_RUN = re.compile(rf"{_CAPITALISED.pattern}(?:\s+{_CAPITALISED.pattern})*")
_HONORIFICS = frozenset({"mr", "mrs", "ms", "dr", "prof", "sir", "dame"})
_DECADE = re.compile(r"\b\d+0s\b")  # names a time, but no year
_SEVERAL = re.compile(
    r"\b(?:what|which|who)\s(?:are|were)\b|\b(?:name|list)\s(?:the|all|some|two|three|four|five)\b"
    r"|\b(?:what|which)\s(?:\w+\s){0,2}?(?:two|three|four|five|six|kinds|types"
    r"|(?!(?:is|was|does|has|this|its|his|us)\b)\w+(?<![suio])s)\b",
    re.IGNORECASE,
)
_POLAR = re.compile(
    r"\W*(?:is|are|was|were|do|does|did|has|have|had|can|could|will|would|shall|should|may|might|must)"
    r"(?:n['’]t)?\s(?!.*\b(?:or|what|which|who|whom|whose|when|where|why|how)\b)",
    re.IGNORECASE | re.DOTALL,
)
_NEAR_WH = 2  # content words after the question word that name what is asked for


@dataclass(frozen=True, slots=True)
class Question:
    """A question, prepared once for every stage; `qa.reading.prepared` makes it.

    ``text`` is the question as it is read: ``asked`` without lone surrogates, in small letters if
    it was all in capitals, and with misspelt words corrected; ``read_as`` is the same where that
    changed it, else None. ``terms`` are its content stems, repeats kept; ``stems`` are the same
    without repeats, ``focus`` those next to its wh-word.
    ``sought`` are the words that may name what is asked for, folded but not stemmed: the first
    after the wh-word, all of them where there is none.
    ``numbers`` are the years and figures that it states, ``runs`` its capitalised words (the
    first word aside) as they stand together, ``words`` all its content words; all folded.
    ``several`` says that it asks for more than one thing, ``polar`` that it asks for yes or no.
    ``unknown`` are the content words that no passage holds, ``absent`` the names and figures.
    """

    text: str
    kind: AnswerKind
    terms: tuple[str, ...]
    focus: tuple[str, ...]
    sought: frozenset[str]
    numbers: tuple[str, ...]
    runs: tuple[tuple[str, ...], ...]
    words: tuple[str, ...]
    several: bool
    polar: bool
    asked: str
    read_as: str | None = None
    unknown: tuple[str, ...] = ()
    absent: tuple[str, ...] = ()

    @property
    def stems(self) -> tuple[str, ...]:
        """The content stems, each once."""
        return tuple(dict.fromkeys(self.terms))

    @property
    def names(self) -> tuple[str, ...]:
        """The words of all runs."""
        return tuple(dict.fromkeys(word for run in self.runs for word in run))


def analyse(text: str) -> Question:
    """Return what can be told of a question without any documents.

    >>> question = analyse("Which bank financed the railway in 2013?")
    >>> question.kind.value, question.stems, question.focus, question.numbers
    ('entity', ('bank', 'financ', 'railway', '2013'), ('bank', 'financ'), ('2013',))
    """
    kind = next((kind for kind, rule in _COMPILED if rule.search(text)), AnswerKind.ANY)
    wh_word = _WH.search(text)
    after = text[wh_word.end() :] if wh_word else text
    words = _content(text)
    return Question(
        text=text,
        kind=kind,
        terms=tuple(map(stem, words)),
        focus=tuple(dict.fromkeys(content_stems(after)))[:_NEAR_WH],
        sought=frozenset(_content(after)[:1] if wh_word else words),
        numbers=tuple(word for word in terms(_DECADE.sub("", text)) if word[0].isdigit()),
        runs=tuple(_runs(text)),
        words=tuple(dict.fromkeys(words)),
        several=_SEVERAL.search(text) is not None,
        polar=_is_polar(text),
        asked=text,
    )


def _content(text: str) -> list[str]:
    return [term for term in terms(text) if term not in stop_words()]


def _is_polar(text: str) -> bool:
    """Tell whether a question asks for yes or no.

    >>> [_is_polar(text) for text in ("Did trade grow?", "Tea or milk?", "When did it grow?")]
    [True, False, False]
    """
    return _POLAR.match(text) is not None


def _runs(text: str) -> Iterator[tuple[str, ...]]:
    """Yield the folded words that are capitalised although they do not open the question.

    >>> list(_runs("Did Dr Ann Lee of NATO sign in Rome?"))
    [('ann', 'lee'), ('nato',), ('rome',)]
    """
    for run in _RUN.finditer(text):
        matches = _CAPITALISED.finditer(text, *run.span())
        names = [match.group() for match in matches if text[: match.start()].strip()]
        folded = [term for name in names for term in terms(name)]
        words = tuple(term for term in folded if term not in stop_words() | _HONORIFICS)
        if words:
            yield words
