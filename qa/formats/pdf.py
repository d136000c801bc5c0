"""Read the text layer of a PDF page by page, without running heads and broken words.

What a page looks like is left aside: the order of its words is that in which they were written
to the file. A page without a text layer holds no words.
"""

import logging
import re
from collections import Counter
from collections.abc import Iterator, Sequence
from io import BytesIO
from typing import Any

from qa.errors import DocumentError
from qa.formats.layout import Extracted, Writer, clean, tidy
from qa.formats.limits import Watch

_OUTER = 3  # lines at the top and the bottom of a page, among which running heads may stand
_REPEATED = 3  # pages, or all of them if fewer, on which a line stands to be a running head
_NUMBER = re.compile(r"\d{1,6}")
_BROKEN = re.compile(r"([^\W\d_]+)-\n([^\W\d_]+)")
_WORD = re.compile(r"[^\W\d_]+(?:-[^\W\d_]+)*")
_SOFT_BREAK = re.compile("\u00ad\n")
_NO_TITLE = re.compile(r"\.\w{2,5}$|^microsoft |^untitled", re.IGNORECASE)
_NAMED_PAGES = 5
_RECOGNISE = "let a program for text recognition (OCR) add one"

_Key = tuple[str, str, int | None]


def read_pdf(content: bytes, watch: Watch) -> Extracted:
    """Return the text of a PDF; the number of each page, from 1, is the place of its words."""
    from pypdf import PdfReader

    logging.getLogger("pypdf").addHandler(logging.NullHandler())  # or it talks to stderr
    if b"%PDF-" not in content[:1024]:
        raise watch.refusal("is no PDF, whatever its name says; remove or rename it")
    reader = PdfReader(BytesIO(content))
    if reader.is_encrypted and not _decrypted(reader):
        raise watch.refusal("is encrypted; save a copy without a password")
    count = len(reader.pages)
    if count > watch.limits.pages:
        raise watch.refusal(f"has {count} pages, the limit is {watch.limits.pages}; split it")
    pages, failed = _read_pages(reader, watch)
    if not any(pages):
        raise watch.refusal(
            "is damaged, no page can be read; print it to a new PDF"
            if failed
            else f"has no text layer, it was scanned; {_RECOGNISE}"
        )
    writer = Writer(watch)
    for number, page in enumerate(tidy_pages(pages), 1):
        writer.page(page, f"page {number}")
    return writer.extracted(_title(reader), doubts=_doubts(pages, failed))


def _decrypted(reader: Any) -> bool:
    """Tell whether a file that is only kept from being changed opens with an empty password."""
    from pypdf.errors import DependencyError

    try:
        return bool(reader.decrypt(""))
    except (DependencyError, NotImplementedError):
        return False


def _read_pages(reader: Any, watch: Watch) -> tuple[list[str], set[int]]:
    """Return the text of each page, and the numbers of those on which the parser failed."""
    pages: list[str] = []
    failed: set[int] = set()
    for number in range(len(reader.pages)):
        watch.check(sum(map(len, pages)))
        text = ""
        try:
            text = reader.pages[number].extract_text(
                visitor_operand_before=lambda *_: watch.check()
            )
        except DocumentError:
            raise
        except Exception:  # one page that is broken must not lose the others
            failed.add(number + 1)
        pages.append(text.strip())
    return pages, failed


def tidy_pages(pages: Sequence[str]) -> Iterator[str]:
    """Yield pages without running heads; a word broken by a hyphen is joined if that is safe.

    It is where the word stands whole elsewhere in the text, and never with that hyphen.

    >>> list(tidy_pages(["A declara-\\ntion of a well-\\nknown man.", "Declaration"]))
    ['A declaration\\nof a well-\\nknown man.', 'Declaration']
    """
    bare = list(_without_running_heads(pages))
    whole = {word.casefold() for page in bare for word in _WORD.findall(page)}

    def join(match: re.Match[str]) -> str:
        first, second = match.groups()
        safe = (first + second).casefold() in whole and (
            f"{first}-{second}".casefold() not in whole
        )
        return f"{first}{second}\n" if safe else match.group()

    for page in bare:
        joined = _BROKEN.sub(join, _SOFT_BREAK.sub("", page))
        yield clean(re.sub(r"\n +", "\n", joined))


def _without_running_heads(pages: Sequence[str]) -> Iterator[str]:
    lines = [[line.rstrip() for line in page.splitlines() if line.strip()] for page in pages]
    keys = Counter(
        key
        for number, page in enumerate(lines)
        for key in {key for place in _outer(page) for key in _keys(page[place], number)}
    )
    needed = max(min(_REPEATED, len(pages)), 2)
    heads = {key for key, count in keys.items() if count >= needed}
    met: set[_Key] = set()
    for number, page in enumerate(lines):
        drop: set[int] = set()
        for place in sorted(_outer(page)):
            found = heads.intersection(_keys(page[place], number))
            if found & met or any(number is not None for *_, number in found):
                drop.add(place)
            met |= found
        yield "\n".join(line for place, line in enumerate(page) if place not in drop)


def _outer(page: Sequence[str]) -> set[int]:
    places = range(len(page))
    return {*places[:_OUTER], *places[-_OUTER:]}


def _keys(line: str, page: int) -> Iterator[_Key]:
    """Yield what a line has in common with that of other pages: its words, or all but its number.

    The number must grow with the pages, or a row of a table would be taken for a running head.
    """
    words = tidy(line)
    yield words, "", None
    for match in _NUMBER.finditer(words):
        yield words[: match.start()], words[match.end() :], int(match.group()) - page


def _title(reader: Any) -> str:
    """Return the title that the file gives, unless a program put its file name there."""
    try:
        title = tidy(str(reader.metadata.title or "")) if reader.metadata else ""
    except Exception:  # as with the pages
        return ""
    return "" if _NO_TITLE.search(title) else title


def _doubts(pages: Sequence[str], failed: set[int]) -> Iterator[str]:
    empty = [number for number, page in enumerate(pages, 1) if not page and number not in failed]
    if failed:
        yield f"{_named(sorted(failed))} could not be read; print it to a new PDF"
    if 2 * len(empty) > len(pages):
        yield (f"{_named(empty)} hold no text, perhaps they were scanned; {_RECOGNISE}")


def _named(numbers: Sequence[int]) -> str:
    shown = ", ".join(map(str, numbers[:_NAMED_PAGES]))
    more = len(numbers) - _NAMED_PAGES
    return f"page {shown}" + (f" and {more} more" if more > 0 else "")
