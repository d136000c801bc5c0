"""Read RTF by striprtf: its paragraphs, and its table cells apart."""

import re
from collections.abc import Callable

from qa.formats.layout import Extracted, Writer
from qa.formats.limits import Watch
from qa.formats.tables import Cell, Row

_MARK = b"{\\rtf"
_PICTURE = re.compile(rb"[0-9a-fA-F\r\n]{2000,}")  # in hexadecimal digits
_LARGEST = 10_000_000  # bytes; more would take longer than a minute, and cannot be stopped


def read_rtf(content: bytes, watch: Watch) -> Extracted:
    """Return the text of an RTF document."""
    from striprtf.striprtf import rtf_to_text

    if not content.lstrip().startswith(_MARK):
        raise watch.refusal("is no RTF document; open it in its program and save it anew")
    bare = _PICTURE.sub(b"", content)
    if len(bare) > _LARGEST:
        raise watch.refusal(f"has {len(bare)} bytes of text and marks; the limit is {_LARGEST}")
    read: Callable[..., str] = rtf_to_text
    text = read(bare.decode("cp1252", "replace"), errors="replace")
    watch.check(len(text))
    writer, rows = Writer(watch), list[Row]()
    for line in [*text.splitlines(), ""]:
        cells = line.split("|")
        if len(cells) > 2 and not cells[-1].strip():
            rows.append(Row(tuple(Cell(cell) if cell.strip() else None for cell in cells[:-1])))
            continue
        if rows:
            writer.table(rows)
            rows = []
        writer.paragraph(line)
    return writer.extracted()
