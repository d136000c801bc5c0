"""Read HTML as it is written, tag by tag: no tree is built, so that depth and gaps do no harm.

What a browser does not show is passed over. What becomes of the words is left to
`qa.formats.flow`, which of them are seen to `qa.formats.seen`.
"""

import re
from html.parser import HTMLParser

from qa.blocks import BlockKind
from qa.formats.encodings import declared_in, decode
from qa.formats.flow import Flow
from qa.formats.layout import BULLET, Extracted
from qa.formats.limits import Watch
from qa.formats.seen import Unseen, raised

_PIECE = 1_000_000  # characters that are read between two looks at the clock
_HEADINGS = ("h1", "h2", "h3", "h4", "h5", "h6")
_MINOR = {"dt": 7, "summary": 7}  # they head what follows, below every other heading
_BLOCKS = frozenset(
    "address article aside blockquote body caption center dd details dialog div dl dt fieldset "
    "figcaption figure footer form header hr html legend main p section summary".split()
)
_LISTS, _CELLS = ("ul", "ol", "menu"), ("td", "th")
_GROUPS = ("thead", "tbody", "tfoot")
_OWN = frozenset(("li", "pre", "title", "caption", "figcaption", *_MINOR))  # kinds of their own
_BOLD = ("b", "strong")
_LONGEST_BOLD = 160  # characters of a bold line that heads what follows
_META = {
    "og:site_name": "publisher",
    "article:published_time": "date",
    "date": "date",
    "dc.date": "date",
    "author": "author",
}
_DATE = re.compile(r"\d{4}(?:-\d\d(?:-\d\d)?)?(?!\d)")

Attributes = dict[str, str]


def read_html(content: bytes, watch: Watch) -> Extracted:
    """Return the text that a browser would show, and the headings that each part stands under."""
    page = _Page(Flow(watch), watch)
    found = decode(content, watch, declared_in(content), lenient=True)
    write_html(found.text, page)
    return page.writer.extracted(page.title, sorted(page.metadata.items()), found.doubts)


def add_html(text: str, writer: Flow, watch: Watch) -> None:
    """Write the text of a page to what was written before."""
    write_html(text, _Page(writer, watch))


def write_html(text: str, page: "_Page") -> None:
    """Parse piece by piece; what stays open at the end, a tag or a comment, is not shown."""
    for start in range(0, len(text), _PIECE):
        page.watch.check()
        page.feed(text[start : start + _PIECE])
    page.feed(" \n")
    page.finish()


class _Page(HTMLParser):
    """Gathers words until a tag ends their block, and hands them to the writer."""

    def __init__(self, writer: Flow, watch: Watch) -> None:
        super().__init__(convert_charrefs=True)
        self.writer = writer
        self.watch = watch
        self.title = ""
        self.metadata: dict[str, str] = {}
        self._words: list[str] = []
        self._unseen = Unseen()
        self._lists: list[int | None] = []  # the number of the next item; None where none is shown
        self._mark = BULLET
        self._kind = ""  # of the open block: a heading's tag, or one of _OWN
        self._quotes = self._bold = 0
        self._is_bold = True  # nothing but bold words in the open block so far
        self._raised = -1  # where in the words a superscript begins
        self._group = ""  # of the rows of the open table

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        """Open a block, a list, a table, a row or a cell."""
        self.watch.check()
        attributes = {name: value or "" for name, value in attrs}
        if tag == "nav":
            self._flush()
        if self._unseen.open(tag, attributes):
            return
        if tag == "br":
            self._break()
        elif tag == "meta":
            self._describe(attributes)
        elif tag in _BOLD:
            self._bold += 1
        elif tag == "sup":
            self._raised = len(self._words)
        elif tag in _HEADINGS or tag in _OWN or tag in _BLOCKS or tag in _LISTS:
            self._open_block(tag, attributes)
        elif tag in ("table", "tr", *_CELLS, *_GROUPS):
            self._flush()
            self._open_in_table(tag, attributes)

    def _open_block(self, tag: str, attributes: Attributes) -> None:
        if tag in _HEADINGS or tag in _OWN:
            self._flush()
            self._kind = tag
            if tag == "li":
                self._count(attributes.get("value", ""))
        elif tag in _BLOCKS:
            self._flush(keep=self._kind == "li" and not "".join(self._words).strip())
            self._quotes += tag == "blockquote"
        else:
            self._flush()
            start = attributes.get("start", "")
            self._lists.append((_number(start) or 1) if tag == "ol" else None)

    def handle_endtag(self, tag: str) -> None:
        """Close what the tag opened, if it is open."""
        self.watch.check()
        if self._unseen.close(tag):
            return
        if tag in _BOLD:
            self._bold = max(self._bold - 1, 0)
        elif tag == "sup":
            self._lower()
        elif tag in _BLOCKS or tag in _HEADINGS or tag in _OWN or tag in _CELLS:
            self._flush()
            self._quotes = max(self._quotes - (tag == "blockquote"), 0)
        elif tag in _LISTS:
            self._flush()
            if self._lists:
                self._lists.pop()
            if not self._lists:
                self.writer.part()
        elif tag in ("tr", "table", *_GROUPS):
            self._flush()
            self.writer.close_row()
            self._group = ""
            if tag == "table":
                self.writer.close_table()

    def handle_data(self, data: str) -> None:
        """Keep words that a browser would show."""
        if not self._unseen:
            self._words.append(data if self._kind == "pre" else re.sub(r"\s+", " ", data))
            self._is_bold = self._is_bold and (self._bold > 0 or not data.strip())

    def parse_marked_section(self, i: int, report: bool = True) -> int:
        """Pass over ``<![...]>`` of any kind, where the standard library may give up."""
        return self.parse_bogus_comment(i, report)

    def finish(self) -> None:
        """Write what is left open."""
        self._flush()
        self.writer.close_table()

    def _open_in_table(self, tag: str, attributes: Attributes) -> None:
        if tag == "table":
            self.writer.open_table()
        elif tag == "tr":
            self.writer.open_row(header=self._group == "thead")
        elif tag in _GROUPS:
            self._group = tag
        else:
            columns, rows = (attributes.get(name) or "1" for name in ("colspan", "rowspan"))
            self.writer.open_cell(columns, rows, header=tag == "th")

    def _count(self, value: str) -> None:
        """Set the mark of the item that opens."""
        self._mark = BULLET
        if self._lists and self._lists[-1] is not None:
            number = _number(value) or self._lists[-1]
            self._lists[-1] = number + 1
            self._mark = f"{number}."

    def _break(self) -> None:
        """End a line; a bold one that opens a paragraph heads it."""
        if self._bold_line() and not self.writer.in_cell:
            self._flush()
        else:
            self._words.append("\n")

    def _bold_line(self) -> bool:
        words = "".join(self._words).strip()
        return bool(words) and self._is_bold and not self._kind and len(words) <= _LONGEST_BOLD

    def _lower(self) -> None:
        """Write the superscript that ends; a mark of a note is left out."""
        if self._raised >= 0:
            before, within = self._words[: self._raised], self._words[self._raised :]
            self._words = [*before, raised("".join(before), "".join(within))]
            self._raised = -1

    def _describe(self, attributes: Attributes) -> None:
        name = (attributes.get("property") or attributes.get("name") or "").lower()
        value = attributes.get("content", "").strip()
        if name in _META and value:
            date = _DATE.match(value)
            if _META[name] != "date":
                self.metadata.setdefault(_META[name], value)
            elif date:
                self.metadata.setdefault("date", date.group())

    def _flush(self, *, keep: bool = False) -> None:
        """Hand the gathered words on as a block of the open kind; ``keep`` leaves that open."""
        if not self._words:
            self._kind = self._kind if keep else ""
            self._raised, self._is_bold = -1, True
            return
        self._lower()
        words, kind, bold = "".join(self._words), self._kind, self._bold_line()
        self._words.clear()
        self._kind, self._is_bold = kind if keep else "", True
        if not words.strip():
            return
        if kind == "title":
            self.title = self.title or " ".join(words.split())
        elif kind == "pre":
            self.writer.code(words)
        elif kind == "li":
            self.writer.item(words, max(len(self._lists) - 1, 0), self._mark)
        elif kind in ("caption", "figcaption"):
            self.writer.caption(words)
        elif kind:
            self.writer.heading(words, _MINOR.get(kind) or int(kind[1]), named=kind not in _MINOR)
        elif bold and not self.writer.in_cell:
            self.writer.heading(words, 7, named=False)
        else:
            quoted = BlockKind.QUOTE if self._quotes else BlockKind.PARAGRAPH
            self.writer.paragraph(words, kind=quoted)


def _number(value: str) -> int | None:
    return int(value) if value.isascii() and value.isdigit() and len(value) < 6 else None
