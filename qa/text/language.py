"""Say what language a document is in, as far as that is knowable: by its metadata, its script.

The script tells Chinese, Japanese, Korean, Greek and a few more. Among languages in Latin letters
only English is told, by its function words; others stay undetermined, as ``und-Latn``.
"""

import unicodedata
from collections import Counter
from collections.abc import Iterable

from qa.schema import Document
from qa.text.tokens import terms

_READ = 4000  # characters from which a language is told
_TOLD = {
    "HIRAGANA": "ja", "KATAKANA": "ja", "HANGUL": "ko", "CJK": "zh", "GREEK": "el", "HEBREW": "he",
    "ARMENIAN": "hy", "GEORGIAN": "ka", "THAI": "th", "CYRILLIC": "und-Cyrl",
    "ARABIC": "und-Arab", "DEVANAGARI": "und-Deva",
}  # fmt: skip
_NAMES = {
    "ja": "Japanese", "ko": "Korean", "zh": "Chinese", "el": "Greek", "he": "Hebrew",
    "hy": "Armenian", "ka": "Georgian", "th": "Thai", "und-Cyrl": "Cyrillic letters",
    "und-Arab": "Arabic letters", "und-Deva": "Devanagari letters",
}  # fmt: skip
_RELATED = {"ja": "zh"}  # they share letters, and short texts may be taken for one another
_ENGLISH = frozenset("the of and to is that for with was which from this have are by it".split())
_ENOUGH = 0.1  # of all words; English prose has about 0.25, other languages hardly any


def language_of(document: Document) -> str:
    """Return a code (BCP 47) from the field ``language`` or ``lang``, else from the text."""
    return document.get("language") or document.get("lang") or told(document.text)


def told(text: str) -> str:
    """Return the code of a text's language, ``und`` where nothing tells it.

    >>> told("The port of Aktau"), told("贸易额目标"), told("Der Hafen"), told("1.5")
    ('en', 'zh', 'und-Latn', 'und')
    """
    letters = [letter for letter in text[:_READ] if letter.isalpha()]
    scripts = Counter(unicodedata.name(letter, "?").split()[0] for letter in letters)
    if not scripts:
        return "und"
    if scripts["HIRAGANA"] + scripts["KATAKANA"] > len(letters) / 20:
        return "ja"  # most of its letters may be shared with Chinese
    script = max(scripts, key=lambda name: scripts[name])
    if script != "LATIN":
        return _TOLD.get(script, "und")
    words = list(terms(text[:_READ]))
    english = sum(word in _ENGLISH for word in words)
    return "en" if english >= _ENOUGH * len(words) else "und-Latn"


def foreign(question: str, texts: Iterable[str]) -> str:
    """Return in what a question is written that none of the texts is in; empty where one is.

    Only scripts are compared: among Latin letters every language may answer every other.

    >>> foreign("贸易额目标?", ["The target is 70."]), foreign("Port?", ["港口"])
    ('Chinese', '')
    """
    asked = told(question)
    if asked not in _NAMES:
        return ""
    same = {asked, _RELATED.get(asked, asked)} | {k for k, v in _RELATED.items() if v == asked}
    return "" if any(told(text) in same for text in texts) else _NAMES[asked]
