"""Cut text into tokens, terms and sentences without ever changing it.

Matching works on folded copies of single tokens; answers are slices of the original. What blocks
a document has (headings, lists, tables) is left to `qa.text.blocks`.
"""

import re
import unicodedata
from dataclasses import dataclass
from functools import lru_cache

from qa.schema import Span

# Scripts written without spaces between words: kana, Han, Thai, Lao, Myanmar, Khmer.
CJK = (
    r"\u0e00-\u0eff\u1000-\u109f\u1780-\u17ff\u3040-\u30ff\u3400-\u4dbf\u4e00-\u9fff"
    r"\uf900-\ufaff\uff66-\uff9f\U00020000-\U0003134f"
)
# Marks within words: accents, vowel signs, points. Python's ``\w`` holds none of them.
_MARKS = "".join(
    chr(code)
    for code in range(0x300, 0x1D00)
    if unicodedata.category(chr(code))[0] == "M" and not re.match(f"[{CJK}]", chr(code))
)
_NUMBER = r"\d+(?:[.,]\d+)*"
_LETTERS = rf"(?:[^\W_{CJK}]|[{_MARKS}])*"
_WORD = rf"[^\W\d_{CJK}]{_LETTERS}(?:[.&](?=[^\W\d_])[^\W\d_{CJK}])*"
_TOKEN = re.compile(rf"(?P<cjk>[{CJK}])|{_NUMBER}|{_WORD}|[^\W_]+|\S")
_TERM = re.compile(rf"[{CJK}]+|{_NUMBER}|[^\W_{CJK}]{_LETTERS}")
_POSSESSIVE = re.compile(r"(?<=\w)['’]s?\b")

_TERMINATOR = re.compile(
    r"(?P<wide>[。！？।؟]+[”’」』）]*)"
    r"|(?P<narrow>[.!?…]+[\"'”’)\]]*)(?=\s|$)"
    r"|(?P<blank>\n[ \t]*\r?\n|\r[ \t]*\r|\u2029)"
)
_COUNT = re.compile(r"\s*\(?\d{1,3}(?:\.\d{1,3})*")  # of a clause or day: "2.1. ", "12. May"
_INITIALS = re.compile(r"(?:[^\W\d_]\.)+[^\W\d_]|[^\W\d_]\.-[^\W\d_]")
_MONTH = re.compile(  # after an ordinal: "29. Juli", "1. desember"
    r"(?:jan|feb|m[aä]r|apr|ma[ijy]|jun|jul|aug|sep|o[kc]t|nov|de[zcs])\w*|Jahrhundert",
    re.IGNORECASE,
)
_BEFORE_FIGURES = frozenset("p pp c n nr rs art abs cl par para §".split())
_ABBREVIATIONS = frozenset(
    "mme mlle messrs ave blvd rd str tel hrsg bzw evtl ggf mio mrd rs nr incl viz ibid cap chap "
    "z.b d.h u.a s.a i.d.r "
    "mr mrs ms dr prof sr jr st mt ft gen col lt sgt capt cmdr rep sen gov pres rev hon vs etc inc "
    "ltd co corp no nos vol ed eds al fig figs eq sec ch pp approx dept est jan feb mar apr jun "
    "jul aug sep sept oct nov dec e.g i.e cf ca u.s u.k u.n u.s.a ph.d a.m p.m d.c b.c a.d".split()
)


@dataclass(frozen=True, slots=True)
class Token:
    """A word, number, ideograph or mark: its span, and its folded form for matching."""

    span: Span
    folded: str


@lru_cache(maxsize=65536)
def fold(word: str) -> str:
    """Return a form under which spellings of one word meet: case, width and accents removed.

    >>> fold("Bozkır’s"), fold("ＡＢＣ"), fold("1,000")
    ("bozkir's", 'abc', '1000')
    """
    if not word.isascii():
        word = unicodedata.normalize("NFKD", word.replace("’", "'").replace("ı", "i"))
        word = "".join(letter for letter in word if not unicodedata.combining(letter))
    word = word.casefold()
    return word.replace(",", "") if word[:1].isdigit() else word


def tokenize(text: str) -> list[Token]:
    """Return the tokens of ``text`` in order; each keeps its place.

    >>> [token.folded for token in tokenize("It rose 1,000% in Xi'an.")]
    ['it', 'rose', '1000', '%', 'in', 'xi', "'", 'an', '.']
    """
    return [Token(Span(*match.span()), fold(match.group())) for match in _TOKEN.finditer(text)]


def terms(text: str) -> list[str]:
    """Return the folded words and numbers of ``text``; runs of Han and kana as bigrams.

    >>> terms("China's 1,000 goals: 贸易额")
    ['china', '1000', 'goals', '贸易', '易额']
    """
    found: list[str] = []
    for word in words(text):
        if not is_cjk(word[0]):
            found.append(fold(word))
        elif len(word) == 1:
            found.append(word)
        else:
            found.extend(word[place : place + 2] for place in range(len(word) - 1))
    return found


def words(text: str) -> list[str]:
    """Return the words and numbers of ``text`` as they stand, a run of Han or kana as one.

    >>> words("China's 1,000 goals: 贸易额")
    ['China', '1,000', 'goals', '贸易额']
    """
    return _TERM.findall(_POSSESSIVE.sub("", text) if "'" in text or "’" in text else text)


def as_written(text: str, folded: str) -> str:
    """Return a folded term as ``text`` spells it where it stands first, or as it is.

    >>> as_written("What of France’s 1,000 mayors?", "france")
    'France'
    """
    return next((word for word in words(text) if fold(word) == folded), folded)


def is_cjk(character: str) -> bool:
    """Tell whether a character belongs to a script without spaces between words."""
    return re.match(f"[{CJK}]", character) is not None


def sentences(text: str, start: int = 0, end: int | None = None) -> list[Span]:
    """Return the spans of the sentences in ``text[start:end]``, without surrounding blanks.

    They are in order, do not overlap, and hold every character that is not white space. A blank
    line always ends a sentence; a single line break does not.

    >>> [span.of("Mr. Xi spoke. He left.") for span in sentences("Mr. Xi spoke. He left.")]
    ['Mr. Xi spoke.', 'He left.']
    """
    stop = len(text) if end is None else end
    spans: list[Span] = []
    opened = start
    for match in _TERMINATOR.finditer(text, start, stop):
        if match.lastgroup == "narrow" and not _ends_sentence(text, opened, match, stop):
            continue
        _append_stripped(spans, text, opened, match.end())
        opened = match.end()
    _append_stripped(spans, text, opened, stop)
    return spans


def _ends_sentence(text: str, opened: int, match: re.Match[str], stop: int) -> bool:
    """Decide whether a full stop ends its sentence, by the words on both sides of it."""
    following = text[match.end() : min(match.end() + 40, stop)].lstrip()
    if not following:
        return True
    if following[0].islower():
        return False
    if match.group("narrow") != ".":
        return True
    if _COUNT.fullmatch(text, opened, match.start()):
        return False
    before = text[max(opened, match.start() - 20) : match.start()].split()
    word = before[-1].lstrip("(\"'“‘[") if before else ""
    if len(word) == 1 and word.isalpha() and word.isupper() and word != "I":
        return False
    folded = word.casefold()
    if following[0].isdigit() and folded in _BEFORE_FIGURES:
        return False
    if word.isdigit() and len(word) < 3 and _MONTH.match(following):
        return False
    return folded not in _ABBREVIATIONS and _INITIALS.fullmatch(word) is None


def _append_stripped(spans: list[Span], text: str, start: int, end: int) -> None:
    """Append ``text[start:end]`` without surrounding white space, unless nothing is left."""
    stripped = trim(text, start, end)
    if stripped is not None:
        spans.append(stripped)


def trim(text: str, start: int, end: int) -> Span | None:
    """Return the span of ``text[start:end]`` without surrounding white space, or None.

    >>> trim("  ab ", 0, 5), trim("   ", 0, 3)
    (Span(start=2, end=4), None)
    """
    while start < end and text[start].isspace():
        start += 1
    while end > start and text[end - 1].isspace():
        end -= 1
    return Span(start, end) if start < end else None
