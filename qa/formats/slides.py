"""Read PPTX: title, lines, tables and notes of each slide, in the order in which they are shown."""

import posixpath
from zipfile import ZipFile

from qa.formats.archive import open_archive
from qa.formats.flow import Flow
from qa.formats.layout import Extracted
from qa.formats.limits import Watch
from qa.formats.parts import Attributes, Handler, Properties, parse_part
from qa.schema import BlockKind

_DECK, _PROPERTIES = "ppt/presentation.xml", "docProps/core.xml"
_TITLES = ("title", "ctrTitle")
_CHROME = ("sldNum", "dt", "ftr", "sldImg", "hdr")  # number, date and footer of a slide


def read_pptx(content: bytes, watch: Watch) -> Extracted:
    """Return the text of the slides; ``slide 3`` is the place of what stands on the third."""
    archive = open_archive(content, watch)
    if _DECK not in archive.namelist():
        raise watch.refusal("is no PPTX presentation; open it in its program and save it as PPTX")
    writer, properties, deck = Flow(watch), Properties(), _Deck()
    parse_part(archive, _PROPERTIES, properties, watch)
    parse_part(archive, _DECK, deck, watch)
    targets = _targets(archive, _DECK, watch)
    slides = [targets[one][1] for one in deck.slides if one in targets]
    for number, slide in enumerate(slides, 1):
        handler = _Slide(writer, f"slide {number}")
        parse_part(archive, slide, handler, watch)
        if handler.is_hidden:
            continue
        for kind, part in _targets(archive, slide, watch).values():
            if kind.endswith("/notesSlide"):
                parse_part(archive, part, _Slide(writer, f"slide {number}, notes"), watch)
    return writer.extracted(properties.title)


class _Deck(Handler):
    """The slides of a presentation in order, by what its relations call them."""

    def __init__(self) -> None:
        self.slides: list[str] = []

    def start(self, tag: str, attributes: Attributes) -> None:
        """Note a slide; its name is an attribute with a namespace, beside a bare ``id``."""
        if tag.endswith("}sldId"):
            self.slides += [value for name, value in attributes.items() if name.endswith("}id")]


class _Relations(Handler):
    """The parts that a part refers to: by name, of what kind and where."""

    def __init__(self) -> None:
        self.found: dict[str, tuple[str, str]] = {}

    def opened(self, name: str, attributes: Attributes) -> None:
        """Note a relation within the file."""
        if name == "Relationship" and attributes.get("TargetMode") != "External":
            place = attributes.get("Type", ""), attributes.get("Target", "")
            self.found[attributes.get("Id", "")] = place


def _targets(archive: ZipFile, part: str, watch: Watch) -> dict[str, tuple[str, str]]:
    folder, name = posixpath.split(part)
    relations = _Relations()
    parse_part(archive, f"{folder}/_rels/{name}.rels", relations, watch)
    return {
        key: (kind, posixpath.normpath(posixpath.join(f"/{folder}", target)).lstrip("/"))
        for key, (kind, target) in relations.found.items()
    }


class _Slide(Handler):
    """Hands each paragraph to the writer when it closes; the shape's place says what it is."""

    def __init__(self, writer: Flow, label: str) -> None:
        self._writer = writer
        self._label = label
        self._shape = ""
        self._depth = 0
        self._words: list[str] | None = None
        self._text = False
        self.is_hidden = False

    def opened(self, name: str, attributes: Attributes) -> None:
        """Open a shape, a paragraph, a table or a cell."""
        if name == "sld" and attributes.get("show") in ("0", "false"):
            self.is_hidden = True
        elif name == "sp":
            self._shape = "text"
        elif name == "ph":
            self._shape = attributes.get("type", "body")
        elif name == "p":
            self._words, self._depth = [], 0
        elif name == "pPr" and attributes.get("lvl", "").isdecimal():
            self._depth = min(int(attributes["lvl"]), 8)
        elif name == "br" and self._words is not None:
            self._words.append("\n")
        else:
            self._in_table(name, attributes)
        self._text = name == "t"

    def _in_table(self, name: str, attributes: Attributes) -> None:
        covered = {attributes.get("hMerge"), attributes.get("vMerge")} & {"1", "true"}
        if name == "tbl":
            self._writer.open_table()
        elif name == "tblPr" and attributes.get("firstRow") == "1":
            self._writer.head_table()
        elif name == "tr":
            self._writer.open_row()
        elif name == "tc" and not covered:
            columns = attributes.get("gridSpan", "1")
            self._writer.open_cell(columns, attributes.get("rowSpan", "1"))

    def data(self, text: str) -> None:
        """Keep the text of a run."""
        if self._text and self._words is not None:
            self._words.append(text)

    def closed(self, name: str) -> None:
        """Write a paragraph, a row or a table."""
        if name == "t":
            self._text = False
        elif name == "p" and self._words is not None:
            self._write("".join(self._words))
            self._words = None
        elif name == "sp":
            self._shape = ""
        elif name == "tr":
            self._writer.close_row()
        elif name == "tbl":
            self._writer.close_table()

    def _write(self, words: str) -> None:
        if self.is_hidden or not words.strip():
            return
        if self._shape in _TITLES:
            self._writer.heading(words, 1, named=False)
        elif self._shape in _CHROME:
            self._writer.paragraph(words, self._label, BlockKind.BOILERPLATE)
        elif self._shape == "body" and "notes" not in self._label:
            self._writer.item(words, self._depth)
        else:
            self._writer.paragraph(words, self._label)
