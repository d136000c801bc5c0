"""Read the text layer of a PDF page by page, in the order in which it was written to the file.

What a page looks like is left aside, and so are pictures of text. Making running text of the
lines is left to `qa.formats.pages`.
"""

import logging
import re
from collections.abc import Iterator, Sequence
from io import BytesIO
from typing import Any

from qa.errors import DocumentError
from qa.formats.layout import Extracted, Writer, tidy
from qa.formats.limits import Watch
from qa.formats.pages import tidy_pages

_NO_TITLE = re.compile(r"\.\w{2,5}$|^microsoft |^untitled", re.IGNORECASE)
_NAMED_PAGES = 5
_LONGEST_STREAM = 20_000_000  # bytes that a part of a page may unpack to; pictures stay packed
_RECOGNISE = "let a program for text recognition (OCR) add one"


def read_pdf(content: bytes, watch: Watch) -> Extracted:
    """Return the text of a PDF; the number of each page, from 1, is the place of its words."""
    from pypdf import PdfReader, apply_configuration

    logging.getLogger("pypdf").addHandler(logging.NullHandler())  # or it talks to stderr
    if b"%PDF-" not in content[:1024]:
        raise watch.refusal("is no PDF, whatever its name says; remove or rename it")
    with apply_configuration(
        jbig2dec_binary=None,  # no other program is started
        array_based_stream_maximum_output_length=_LONGEST_STREAM,
        lzw_maximum_output_length=_LONGEST_STREAM,
        run_length_maximum_output_length=_LONGEST_STREAM,
        zlib_maximum_output_length=_LONGEST_STREAM,
    ):
        return _read(PdfReader(BytesIO(content)), watch)


def _read(reader: Any, watch: Watch) -> Extracted:
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
    length = 0
    for number in range(len(reader.pages)):
        watch.check(length)
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
        length += len(text)
    return pages, failed


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
        yield f"{_named(empty)} hold no text, perhaps they were scanned; {_RECOGNISE}"


def _named(numbers: Sequence[int]) -> str:
    shown = ", ".join(map(str, numbers[:_NAMED_PAGES]))
    more = len(numbers) - _NAMED_PAGES
    return f"page{'s' if len(numbers) > 1 else ''} {shown}" + (
        f" and {more} more" if more > 0 else ""
    )
