"""Read DOCX: paragraphs with their heading levels, lists, tables and notes, in one pass.

Styles give a paragraph its level. Hidden, deleted and moved text is left aside; what stands at the
top or bottom of every page is read once. Marks of lists are left to `qa.formats.numbering`.
"""

import re
from dataclasses import dataclass, field
from zipfile import ZipFile

from qa.formats.archive import open_archive
from qa.formats.flow import Flow
from qa.formats.layout import Extracted
from qa.formats.limits import Watch
from qa.formats.numbering import Numbering
from qa.formats.parts import LEVELS, LISTED, Attributes, Handler, Properties, Styles, parse_part
from qa.schema import BlockKind

_BODY, _STYLES, _PROPERTIES = "word/document.xml", "word/styles.xml", "docProps/core.xml"
_NUMBERING = "word/numbering.xml"
_NOTES = ("word/footnotes.xml", "word/endnotes.xml")
_EDGES = re.compile(r"word/(?:header|footer)\d*\.xml")
_MARKS = {"tab": "\t", "br": "\n", "cr": "\n", "noBreakHyphen": "-"}
_UNSEEN = ("Fallback", "moveFrom", "del", "pPrChange", "rPrChange", "tblPrChange", "trPrChange")
_FIRST_ROW = 0x20  # bit of w:tblLook: the first row is a header
_LONGEST_BOLD = 110  # characters of a bold paragraph that heads what follows
_OFF = ("0", "false", "none", "off")


def read_docx(content: bytes, watch: Watch) -> Extracted:
    """Return the text of a document, and the headings that each part stands under."""
    archive = open_archive(content, watch)
    if _BODY not in archive.namelist():
        raise watch.refusal("is no DOCX document; open it in its program and save it as DOCX")
    styles, properties, numbering, flow = Styles(), Properties(), Numbering(), Flow(watch)
    parse_part(archive, _STYLES, styles, watch)
    parse_part(archive, _PROPERTIES, properties, watch)
    parse_part(archive, _NUMBERING, numbering, watch)

    def read(name: str, kind: BlockKind = BlockKind.PARAGRAPH) -> None:
        parse_part(archive, name, _Body(flow, styles, numbering, kind), watch)

    headers, footers = _edges(archive)
    for name in headers:
        read(name)
    read(_BODY)
    for name in _NOTES:
        read(name, BlockKind.FOOTNOTE)
    for name in footers:
        read(name)
    return flow.extracted(properties.title)


def _edges(archive: ZipFile) -> tuple[list[str], list[str]]:
    """Return the parts that stand at the top and at the bottom of pages, each content once."""
    seen: set[int] = set()
    found: tuple[list[str], list[str]] = [], []
    for member in sorted(archive.infolist(), key=lambda one: one.filename):
        if _EDGES.fullmatch(member.filename) and member.CRC not in seen:
            seen.add(member.CRC)
            found["footer" in member.filename].append(member.filename)
    return found


@dataclass(slots=True)
class _Paragraph:
    words: list[str] = field(default_factory=list)
    level: int = 0
    depth: int = 0
    style: str = ""
    list: str = ""  # the number of the list that it is an item of
    is_bold: bool = True


@dataclass(slots=True)
class _Run:
    """What is known of the run that is being read."""

    is_hidden: bool = False
    is_bold: bool = False


class _Body(Handler):
    """Hands each paragraph and table row to the writer when it closes."""

    def __init__(self, flow: Flow, styles: Styles, numbering: Numbering, kind: BlockKind) -> None:
        self._flow = flow
        self._styles = styles
        self._numbering = numbering
        self._kind = kind
        self._open: list[_Paragraph] = []
        self._run: _Run | None = None
        self._text = False
        self._unseen = 0
        self._tables = 0  # that are open

    def opened(self, name: str, attributes: Attributes) -> None:
        """Open a paragraph, a table or a cell, or note a property."""
        if name in _UNSEEN:
            self._unseen += 1
        elif self._unseen:
            return
        elif name == "p":
            self._open.append(_Paragraph())
        elif name == "tbl":
            self._flow.open_table()
            self._tables += 1
        elif name == "r":
            self._run = _Run()
        elif self._open:
            self._inside_paragraph(name, attributes)
        elif self._tables:
            self._inside_table(name, attributes)

    def _inside_paragraph(self, name: str, attributes: Attributes) -> None:
        paragraph, value = self._open[-1], attributes.get("val", "")
        if name == "t":
            self._text = not (self._run and self._run.is_hidden)
        elif name in ("vanish", "b") and self._run:
            if name == "b":
                self._run.is_bold = value not in _OFF
            else:
                self._run.is_hidden = value not in _OFF
        elif name in _MARKS and self._run:
            paragraph.words.append(_MARKS[name])
        elif name == "pStyle":
            paragraph.style = value
            paragraph.level = self._styles.levels.get(value, 0)
        elif name == "outlineLvl" and value in LEVELS:
            paragraph.level = int(value) + 1
        elif name == "numId" and paragraph.level <= 0:
            paragraph.level, paragraph.list = (0, "") if value == "0" else (LISTED, value)
        elif name == "ilvl" and value in LEVELS:
            paragraph.depth = int(value)

    def _inside_table(self, name: str, attributes: Attributes) -> None:
        value = attributes.get("val", "")
        if name == "tr":
            self._flow.open_row()
        elif name == "tc":
            self._flow.open_cell()
        elif name == "tblHeader" and value not in _OFF:
            self._flow.head_row()
        elif name == "tblLook":
            marked = attributes.get("firstRow") in ("1", "true")
            packed = len(value) == 4 and set(value) <= set("0123456789ABCDEFabcdef")
            if marked or (packed and int(value, 16) & _FIRST_ROW):
                self._flow.head_table()
        elif name == "gridSpan":
            self._flow.widen_cell(value)
        elif name == "vMerge":
            self._flow.merge_cell(continues=value != "restart")

    def data(self, text: str) -> None:
        """Keep the text of a run."""
        if self._text and self._open and not self._unseen:
            paragraph = self._open[-1]
            paragraph.words.append(text)
            bold = self._run is not None and self._run.is_bold
            paragraph.is_bold = paragraph.is_bold and (bold or not text.strip())

    def closed(self, name: str) -> None:
        """Write a paragraph, a row or a table."""
        if name in _UNSEEN:
            self._unseen -= 1
        elif self._unseen:
            return
        elif name == "t":
            self._text = False
        elif name == "r":
            self._run = None
        elif name == "p" and self._open:
            self._write(self._open.pop())
        elif name == "tbl" and self._tables:
            self._flow.close_table()
            self._tables -= 1

    def _write(self, paragraph: _Paragraph) -> None:
        words = "".join(paragraph.words)
        level = paragraph.level
        if level == LISTED:
            number, depth = self._styles.lists.get(paragraph.style, ("", 0))
            depth = paragraph.depth or depth
            mark = self._numbering.mark(paragraph.list or number, depth) if words.strip() else ""
            self._flow.item(words, depth, mark)
        elif level:
            self._flow.heading(words, level)
        elif self._heads(paragraph, words):
            self._flow.heading(words, 7, named=False)
        else:
            self._flow.paragraph(words, kind=self._kind)

    def _heads(self, paragraph: _Paragraph, words: str) -> bool:
        """Tell whether a paragraph is a bold line, which heads what follows."""
        return (
            paragraph.is_bold
            and 0 < len(words.strip()) <= _LONGEST_BOLD
            and "\n" not in words.strip()
            and not self._flow.in_cell
        )
