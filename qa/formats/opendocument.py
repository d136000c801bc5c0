"""Read ODT, ODS and ODP: headings by their level, lists, tables, notes, slides, in one pass.

What was deleted, and what the authors noted at the margin, is left aside.
"""

from qa.formats.archive import open_archive
from qa.formats.flow import Flow
from qa.formats.layout import Extracted
from qa.formats.limits import Watch
from qa.formats.parts import Attributes, Handler, Properties, parse_part
from qa.schema import BlockKind

_BODY, _META = "content.xml", "meta.xml"
_UNSEEN = ("tracked-changes", "annotation", "automatic-styles", "forms", "notes", "desc", "title")
_MOST_REPEATED = 100  # times that a cell or row with words is written; more are a fill
_DEEPEST = 8


def read_opendocument(content: bytes, watch: Watch) -> Extracted:
    """Return the text of a document, the rows of every sheet, or what each slide shows."""
    archive = open_archive(content, watch)
    if _BODY not in archive.namelist():
        raise watch.refusal("is no OpenDocument file; open it in its program and save it anew")
    writer, properties = Flow(watch), Properties()
    parse_part(archive, _META, properties, watch)
    parse_part(archive, _BODY, _Body(writer), watch)
    return writer.extracted(properties.title)


class _Body(Handler):
    """Hands each paragraph to the writer when it closes, cells and rows as they come."""

    def __init__(self, writer: Flow) -> None:
        self._writer = writer
        self._words: list[list[str]] = []  # of the open paragraphs, a note's above its own
        self._levels: list[int] = []
        self._unseen = 0
        self._lists = 0
        self._notes = 0
        self._slides = 0
        self._sheet = False
        self._headers = 0
        self._repeated = 1

    def opened(self, name: str, attributes: Attributes) -> None:
        """Open a paragraph, a list, a table or a cell, or write a blank."""
        if self._unseen or name in _UNSEEN:
            self._unseen += 1
        elif name in ("p", "h"):
            self._words.append([])
            level = attributes.get("outline-level", "1")
            self._levels.append(int(level) if name == "h" and level.isdecimal() else 0)
        elif name in ("tab", "line-break", "s") and self._words:
            self._words[-1].append("\n" if name == "line-break" else " ")
        elif name == "list":
            self._lists += 1
        elif name == "note":
            self._notes += 1
        elif name == "page":
            self._slides += 1
            self._writer.heading(f"Slide {self._slides}", 1)
        elif name == "spreadsheet":
            self._sheet = True
        else:
            self._in_table(name, attributes)

    def _in_table(self, name: str, attributes: Attributes) -> None:
        if name == "table":
            if self._sheet:
                self._writer.heading(attributes.get("name", ""), 1)
            self._writer.open_table()
        elif name == "table-row":
            self._writer.open_row(header=self._headers > 0)
        elif name == "table-header-rows":
            self._headers += 1
        elif name in ("table-cell", "covered-table-cell"):
            self._repeated = _number(attributes.get("number-columns-repeated"))
            if name == "table-cell":
                columns = attributes.get("number-columns-spanned", "1")
                self._writer.open_cell(columns, attributes.get("number-rows-spanned", "1"))

    def data(self, text: str) -> None:
        """Keep the text of a paragraph."""
        if self._words and not self._unseen:
            self._words[-1].append(text)

    def closed(self, name: str) -> None:
        """Write a paragraph, a row or a table."""
        if self._unseen:
            self._unseen -= 1
        elif name in ("p", "h") and self._words:
            self._write("".join(self._words.pop()), self._levels.pop())
        elif name == "list":
            self._lists -= 1
            if not self._lists:
                self._writer.part()
        elif name == "note":
            self._notes -= 1
        elif name == "table-header-rows":
            self._headers -= 1
        else:
            self._close_in_table(name)

    def _close_in_table(self, name: str) -> None:
        if name == "table-cell" and self._repeated > 1:
            for _ in range(min(self._repeated, _MOST_REPEATED) - 1):
                self._writer.open_cell()
        elif name == "table-row":
            self._writer.close_row()
        elif name == "table":
            self._writer.close_table()

    def _write(self, words: str, level: int) -> None:
        if self._notes:
            self._writer.paragraph(words, kind=BlockKind.FOOTNOTE)
        elif level:
            self._writer.heading(words, min(level, _DEEPEST))
        elif self._lists:
            self._writer.item(words, self._lists - 1)
        else:
            self._writer.paragraph(words)


def _number(count: str | None) -> int:
    return int(count) if count and count.isdecimal() and len(count) < 8 else 1
