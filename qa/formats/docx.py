"""Read DOCX: paragraphs with their heading levels, lists, tables and notes, in one pass.

Styles give a paragraph its level; how it looks, and text that was deleted, are left aside.
"""

from dataclasses import dataclass, field
from xml.etree.ElementTree import XMLParser
from zipfile import ZipFile

from qa.formats.archive import open_archive
from qa.formats.layout import Extracted, Writer
from qa.formats.limits import Watch

_BODY, _STYLES, _PROPERTIES = "word/document.xml", "word/styles.xml", "docProps/core.xml"
_NOTES = ("word/footnotes.xml", "word/endnotes.xml")
_CHUNK = 1 << 16
_MARKS = {"tab": "\t", "br": "\n", "cr": "\n", "noBreakHyphen": "-"}
_FIRST_ROW = 0x20  # bit of w:tblLook: the first row is a header
_LISTED = -1  # the level of a list item

_Attributes = dict[str, str]


def read_docx(content: bytes, watch: Watch) -> Extracted:
    """Return the text of a document, and the headings that each part stands under."""
    archive = open_archive(content, watch)
    if _BODY not in archive.namelist():
        raise watch.refusal("is no DOCX document; open it in its program and save it as DOCX")
    styles, properties, writer = _Styles(), _Properties(), Writer(watch)
    _parse(archive, _STYLES, styles, watch)
    _parse(archive, _PROPERTIES, properties, watch)
    for name in (_BODY, *_NOTES):
        _parse(archive, name, _Body(writer, styles.levels), watch)
    return writer.extracted("".join(properties.title))


class _Handler:
    """What the parser calls; names come without their namespaces."""

    def start(self, tag: str, attributes: _Attributes) -> None:
        """Take an opening tag."""
        plain = {name.rpartition("}")[2]: value for name, value in attributes.items()}
        self.opened(tag.rpartition("}")[2], plain)

    def end(self, tag: str) -> None:
        """Take a closing tag."""
        self.closed(tag.rpartition("}")[2])

    def data(self, text: str) -> None:
        """Take a piece of text."""

    def close(self) -> None:
        """End the file."""

    def opened(self, name: str, attributes: _Attributes) -> None:
        """Take an opening tag by its name."""

    def closed(self, name: str) -> None:
        """Take a closing tag by its name."""


class _Properties(_Handler):
    """The title that the document's properties give."""

    def __init__(self) -> None:
        self.title: list[str] = []
        self._inside = False

    def opened(self, name: str, attributes: _Attributes) -> None:
        """Enter the title."""
        self._inside = name == "title"

    def closed(self, name: str) -> None:
        """Leave the title."""
        self._inside = False

    def data(self, text: str) -> None:
        """Keep the title's text."""
        if self._inside:
            self.title.append(text)


class _Styles(_Handler):
    """The heading level of each paragraph style, 0 for the title, -1 for those of list items."""

    def __init__(self) -> None:
        self.levels: dict[str, int] = {}
        self._style = ""

    def opened(self, name: str, attributes: _Attributes) -> None:
        """Note a style's name, which is English in every language, or its outline level."""
        value = attributes.get("val", "")
        if name == "style":
            self._style = attributes.get("styleId", "")
        elif name == "name":
            named = value.lower()
            if named == "title":
                self.levels[self._style] = 1
            elif named.startswith("heading ") and named[8:].isdecimal():
                self.levels[self._style] = int(named[8:])
            elif named.startswith("list ") and named != "list paragraph":
                self.levels[self._style] = _LISTED
        elif name == "outlineLvl" and value in tuple("012345678"):
            self.levels.setdefault(self._style, int(value) + 1)


@dataclass(slots=True)
class _Paragraph:
    words: list[str] = field(default_factory=list)
    level: int = 0
    depth: int = 0


class _Body(_Handler):
    """Hands each paragraph and table row to the writer when it closes."""

    def __init__(self, writer: Writer, levels: dict[str, int]) -> None:
        self._writer = writer
        self._levels = levels
        self._open: list[_Paragraph] = []
        self._text = False
        self._fallback = 0  # inside the second version of what newer programs read first
        self._headed: list[bool] = []  # of the open tables: the next row is a header

    def opened(self, name: str, attributes: _Attributes) -> None:
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

    def _inside_paragraph(self, name: str, attributes: _Attributes) -> None:
        paragraph, value = self._open[-1], attributes.get("val", "")
        if name == "t":
            self._text = True
        elif name in _MARKS:
            paragraph.words.append(_MARKS[name])
        elif name == "pStyle":
            paragraph.level = self._levels.get(value, 0)
        elif name == "outlineLvl" and value in tuple("012345678"):
            paragraph.level = int(value) + 1
        elif name == "numPr" and paragraph.level <= 0:
            paragraph.level = _LISTED
        elif name == "ilvl" and value in tuple("012345678"):
            paragraph.depth = int(value)

    def _inside_table(self, name: str, attributes: _Attributes) -> None:
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
        if paragraph.level == _LISTED:
            self._writer.item(words, paragraph.depth)
        elif paragraph.level:
            self._writer.heading(words, paragraph.level)
        else:
            self._writer.paragraph(words)


def _parse(archive: ZipFile, name: str, handler: _Handler, watch: Watch) -> None:
    """Feed a part to a handler, if the archive has it."""
    if name not in archive.namelist():
        return
    parser = XMLParser(target=handler)
    with archive.open(name) as part:
        while chunk := part.read(_CHUNK):
            watch.check()
            parser.feed(chunk)
    parser.close()
