"""Read DOCX: paragraphs with their heading levels, lists, tables and notes, in one pass.

Styles give a paragraph its level; how it looks, and text that was deleted, are left aside.
"""

from dataclasses import dataclass, field

from qa.formats.archive import open_archive
from qa.formats.layout import Extracted, Writer
from qa.formats.limits import Watch
from qa.formats.parts import LEVELS, LISTED, Attributes, Handler, Properties, Styles, parse_part

_BODY, _STYLES, _PROPERTIES = "word/document.xml", "word/styles.xml", "docProps/core.xml"
_NOTES = ("word/footnotes.xml", "word/endnotes.xml")
_MARKS = {"tab": "\t", "br": "\n", "cr": "\n", "noBreakHyphen": "-"}
_FIRST_ROW = 0x20  # bit of w:tblLook: the first row is a header


def read_docx(content: bytes, watch: Watch) -> Extracted:
    """Return the text of a document, and the headings that each part stands under."""
    archive = open_archive(content, watch)
    if _BODY not in archive.namelist():
        raise watch.refusal("is no DOCX document; open it in its program and save it as DOCX")
    styles, properties, writer = Styles(), Properties(), Writer(watch)
    parse_part(archive, _STYLES, styles, watch)
    parse_part(archive, _PROPERTIES, properties, watch)
    for name in (_BODY, *_NOTES):
        parse_part(archive, name, _Body(writer, styles.levels), watch)
    return writer.extracted(properties.title)


@dataclass(slots=True)
class _Paragraph:
    words: list[str] = field(default_factory=list)
    level: int = 0
    depth: int = 0


class _Body(Handler):
    """Hands each paragraph and table row to the writer when it closes."""

    def __init__(self, writer: Writer, levels: dict[str, int]) -> None:
        self._writer = writer
        self._levels = levels
        self._open: list[_Paragraph] = []
        self._text = False
        self._fallback = 0  # inside the second version of what newer programs read first
        self._headed: list[bool] = []  # of the open tables: the next row is a header

    def opened(self, name: str, attributes: Attributes) -> None:
        """Open a paragraph, a table or a cell, or note a property."""
        if name == "Fallback":
            self._fallback += 1
        elif self._fallback:
            return
        elif name == "p":
            self._open.append(_Paragraph())
        elif name == "tbl":
            self._writer.open_table()
            self._headed.append(False)
        elif name == "tc":
            self._writer.open_cell()
        elif self._open:
            self._inside_paragraph(name, attributes)
        elif self._headed:
            self._inside_table(name, attributes)

    def _inside_paragraph(self, name: str, attributes: Attributes) -> None:
        paragraph, value = self._open[-1], attributes.get("val", "")
        if name == "t":
            self._text = True
        elif name in _MARKS:
            paragraph.words.append(_MARKS[name])
        elif name == "pStyle":
            paragraph.level = self._levels.get(value, 0)
        elif name == "outlineLvl" and value in LEVELS:
            paragraph.level = int(value) + 1
        elif name == "numPr" and paragraph.level <= 0:
            paragraph.level = LISTED
        elif name == "ilvl" and value in LEVELS:
            paragraph.depth = int(value)

    def _inside_table(self, name: str, attributes: Attributes) -> None:
        if name == "tblHeader":
            self._headed[-1] = attributes.get("val", "1") not in ("0", "false")
        elif name == "tblLook":
            bits = attributes.get("val", "")
            marked = attributes.get("firstRow") in ("1", "true")
            packed = len(bits) == 4 and set(bits) <= set("0123456789ABCDEFabcdef")
            self._headed[-1] = marked or (packed and bool(int(bits, 16) & _FIRST_ROW))
        elif name == "gridSpan":
            self._writer.widen_cell(attributes.get("val", ""))

    def data(self, text: str) -> None:
        """Keep the text of a run."""
        if self._text and self._open:
            self._open[-1].words.append(text)

    def closed(self, name: str) -> None:
        """Write a paragraph, a row or a table."""
        if name == "Fallback":
            self._fallback -= 1
        elif self._fallback:
            return
        elif name == "t":
            self._text = False
        elif name == "p" and self._open:
            self._write(self._open.pop())
        elif name == "tr" and self._headed:
            self._writer.close_row(header=self._headed[-1])
            self._headed[-1] = False
        elif name == "tbl" and self._headed:
            self._headed.pop()
            self._writer.close_table()

    def _write(self, paragraph: _Paragraph) -> None:
        words = "".join(paragraph.words)
        if paragraph.level == LISTED:
            self._writer.item(words, paragraph.depth)
        elif paragraph.level:
            self._writer.heading(words, paragraph.level)
        else:
            self._writer.paragraph(words)
