"""Read the questions that we wrote on real documents, each with a window of its document.

The file holds questions, answers and the words around them; the documents are those of
``train/documents.tar.xz``. A window is a run of neighbouring passages, cut by the project's own
loader, with the headings that it stands under; ``documents.md`` says how the questions were made.
"""

import hashlib
import lzma
import random
import tarfile
from bisect import bisect_left
from collections import defaultdict
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

from qa.documents.loading import make_document, read_document
from qa.errors import QAError
from qa.formats.limits import Limits
from qa.schema import Document, Passage, PassageKind, Span
from qa.text.passages import split_passages

SOURCE = "documents"
NOTHING = "-"
FILE = Path(__file__).with_name("documents.tsv.xz")
ARCHIVE = "documents.tar.xz"
KEPT_BACK = 10  # one document in this many teaches nothing, so that others can be measured on it
LEAST, MOST = 100, 170  # words of a window, unless its document or one passage decides otherwise


@dataclass(frozen=True, slots=True)
class WindowQuestion:
    """A question on a window; ``span`` is the answer in its text, None where it has none.

    ``kind`` is one letter: c close to the words of the text, o in other words, w why, k keywords,
    t mistyped, y yes or no, h how to, s several things, m a cell, number or option, n no answer.
    """

    question: str
    kind: str
    headings: str
    text: str
    span: tuple[int, int] | None
    document: str


@dataclass(frozen=True, slots=True)
class _Row:
    kind: str
    question: str
    answer: str
    around: str


def is_kept_back(path: str) -> bool:
    """Tell whether a document, named as in the archive, teaches nothing."""
    return int(hashlib.sha256(path.encode()).hexdigest()[:8], 16) % KEPT_BACK == 0


def document_questions(
    data: Path, part: Literal["taught", "kept back"], seed: int, file: Path = FILE
) -> Iterator[WindowQuestion]:
    """Yield the questions of a part, by document; those that the cut does not find are left out.

    ``file`` has five columns, separated by tabs, with ``\\\\n`` for a line break: path in the
    archive, kind, question, answer or ``-``, and words of the document around the answer, or of
    the window that does not answer. Where the window begins before them is left to chance.
    """
    asked = _asked(file, part)
    chance = random.Random(seed)
    with tarfile.open(data / "train" / ARCHIVE) as archive:
        for member in archive:
            name = member.name.removeprefix("./")
            held = archive.extractfile(member) if name in asked else None
            document = _document(held.read(), name) if held else None
            if document is not None:
                passages, letters = _passages(document), _Letters(document.text)
                found = (_placed(document, letters, passages, row, chance) for row in asked[name])
                yield from (one for one in found if one is not None)


def _asked(file: Path, part: str) -> dict[str, list[_Row]]:
    asked: dict[str, list[_Row]] = defaultdict(list)
    with lzma.open(file, "rt", encoding="utf-8", newline="\n") as lines:
        for line in lines:
            path, kind, question, answer, around = line.rstrip("\n").split("\t")
            if is_kept_back(path) == (part == "kept back"):
                asked[path].append(_Row(kind, question, unescape(answer), unescape(around)))
    return asked


def escape(text: str) -> str:
    r"""Return a text as one field of the file.

    >>> escape("two\nlines")
    'two\\nlines'
    """
    marks = (("\\", "\\\\"), ("\t", "\\t"), ("\n", "\\n"), ("\r", "\\r"))
    for plain, escaped in marks:
        text = text.replace(plain, escaped)
    return text


def unescape(field: str) -> str:
    r"""Return the text of a field; the inverse of `escape`.

    >>> unescape("two\\nlines"), unescape("C:\\\\new")
    ('two\nlines', 'C:\\new')
    """
    parts = field.split("\\\\")
    return "\\".join(
        part.replace("\\t", "\t").replace("\\n", "\n").replace("\\r", "\r") for part in parts
    )


def _document(content: bytes, name: str) -> Document | None:
    """Return a document of the archive; of an unread format as plain text."""
    try:
        return read_document(content, name, limits=Limits())[0]
    except QAError:
        pass
    try:
        return make_document(content.decode("utf-8"), name)
    except UnicodeDecodeError:
        return None


def _passages(document: Document) -> list[Passage]:
    return [one for one in split_passages(document) if one.kind is not PassageKind.BOILERPLATE]


class _Letters:
    """The letters and digits of a text, found whatever marks and breaks stand between them."""

    def __init__(self, text: str) -> None:
        self._places = [at for at, sign in enumerate(text) if sign.isalnum()]
        self._signs = "".join(text[at] for at in self._places)

    def find(self, words: str, near: int = 0, within: int | None = None) -> tuple[int, int] | None:
        """Return the first span that spells ``words``, from ``near`` on, begun by ``within``."""
        sought = "".join(filter(str.isalnum, words))
        found = self._signs.find(sought, bisect_left(self._places, near)) if sought else -1
        if found < 0 or (within is not None and self._places[found] >= within):
            return None
        return self._places[found], self._places[found + len(sought) - 1] + 1


def _placed(
    document: Document,
    letters: _Letters,
    passages: Sequence[Passage],
    row: _Row,
    chance: random.Random,
) -> WindowQuestion | None:
    """Return a question with a window around its place; None where that is not found."""
    around = letters.find(row.around)
    if around is None:
        return None
    answer = around if row.answer == NOTHING else letters.find(row.answer, *around)
    if answer is None:
        return None
    held = [n for n, one in enumerate(passages) if _meet(one.span, answer)]
    if not held:
        return None
    first, last = widened(passages, held[0], held[-1], chance)
    start = min(passages[first].span.start, answer[0])
    stop = max(passages[last].span.end, answer[1])
    above = [*passages[first].heading.split(" › "), passages[first].header]
    return WindowQuestion(
        question=row.question,
        kind=row.kind,
        headings=" > ".join(part for part in above if part),
        text=document.text[start:stop],
        span=None if row.answer == NOTHING else (answer[0] - start, answer[1] - start),
        document=document.source,
    )


def _meet(span: Span, other: tuple[int, int]) -> bool:
    return span.end > other[0] and span.start < other[1]


def widened(
    passages: Sequence[Passage], first: int, last: int, chance: random.Random
) -> tuple[int, int]:
    """Return the first and last passage of a window that holds the given ones.

    It grows by a passage at a time, on either side by chance, and not beyond `MOST` words.
    """
    size = sum(len(one.text.split()) for one in passages[first : last + 1])
    wanted = chance.randint(LEAST, MOST)
    while size < wanted:
        sides = [n for n in (first - 1, last + 1) if 0 <= n < len(passages)]
        fitting = [n for n in sides if size + len(passages[n].text.split()) <= MOST]
        if not fitting:
            break
        n = chance.choice(fitting)
        size += len(passages[n].text.split())
        first, last = min(first, n), max(last, n)
    return first, last
