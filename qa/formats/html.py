"""Read HTML as it is written, tag by tag: no tree is built, so that depth and gaps do no harm."""

import re
from html.parser import HTMLParser

from qa.formats.encodings import declared_in, decode
from qa.formats.layout import Extracted, Writer
from qa.formats.limits import Watch

_PIECE = 1_000_000  # characters that are read between two looks at the clock
_UNSEEN = frozenset(
    "script style template noscript svg math iframe object select button nav".split()
)
_CONTENT = frozenset("body main article h1 table".split())  # ends what is unseen: it was not closed
_HEADINGS = ("h1", "h2", "h3", "h4", "h5", "h6")
_BLOCKS = frozenset(
    "address article aside blockquote body caption center dd details dialog div dl dt fieldset "
    "figcaption figure footer form header hr html legend main p section summary".split()
)
_LISTS, _CELLS = ("ul", "ol", "menu"), ("td", "th")
_META = {
    "og:site_name": "publisher",
    "article:published_time": "date",
    "date": "date",
    "dc.date": "date",
}
_DATE = re.compile(r"\d{4}(?:-\d\d(?:-\d\d)?)?(?!\d)")


def read_html(content: bytes, watch: Watch) -> Extracted:
    """Return the text that a browser would show, and the headings that each part stands under."""
    page = _Page(Writer(watch), watch)
    found = decode(content, watch, declared_in(content), lenient=True)
    write_html(found.text, page)
    return page.writer.extracted(page.title, sorted(page.metadata.items()), found.doubts)


def add_html(text: str, writer: Writer, watch: Watch) -> None:
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

    def __init__(self, writer: Writer, watch: Watch) -> None:
        super().__init__(convert_charrefs=True)
        self.writer = writer
        self.watch = watch
        self.title = ""
        self.metadata: dict[str, str] = {}
        self._words: list[str] = []
        self._unseen: list[str] = []
        self._lists = 0
        self._kind = ""  # of the open block: a heading's tag, "li", "pre", "title"
        self._headers: list[bool] = []  # of the cells of the open row

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        """Open a block, a list, a table, a row or a cell."""
        self.watch.check()
        if self._unseen and tag in _CONTENT:
            self._unseen.clear()
        if tag == "nav":
            self._flush()
        if tag in _UNSEEN:
            self._unseen.append(tag)
        elif tag == "br":
            self._words.append("\n")
        elif tag == "meta":
            self._describe({name: value or "" for name, value in attrs})
        elif tag in _BLOCKS:
            self._flush(keep=self._kind == "li" and not "".join(self._words).strip())
        elif tag in _HEADINGS or tag in ("li", "pre", "title"):
            self._flush()
            self._kind = tag
        elif tag in _LISTS:
            self._flush()
            self._lists += 1
        elif tag in ("table", "tr", *_CELLS):
            self._flush()
            self._open_in_table(tag, dict(attrs))

    def handle_endtag(self, tag: str) -> None:
        """Close what the tag opened, if it is open."""
        self.watch.check()
        if tag in self._unseen:
            del self._unseen[self._unseen.index(tag) :]
        elif tag in _BLOCKS or tag in _HEADINGS or tag in ("li", "pre", "title", *_CELLS):
            self._flush()
        elif tag in _LISTS:
            self._flush()
            self._lists = max(self._lists - 1, 0)
            if not self._lists:
                self.writer.part()
        elif tag in ("tr", "table"):
            self._flush()
            self._close_row()
            if tag == "table":
                self.writer.close_table()

    def handle_data(self, data: str) -> None:
        """Keep words that a browser would show."""
        if not self._unseen:
            self._words.append(data if self._kind == "pre" else re.sub(r"\s+", " ", data))

    def parse_marked_section(self, i: int, report: bool = True) -> int:
        """Pass over ``<![...]>`` of any kind, where the standard library may give up."""
        return self.parse_bogus_comment(i, report)

    def finish(self) -> None:
        """Write what is left open."""
        self._flush()
        self._close_row()
        self.writer.close_table()

    def _open_in_table(self, tag: str, attributes: dict[str, str | None]) -> None:
        if tag == "table":
            self._headers.clear()
            self.writer.open_table()
        elif tag == "tr":
            self._close_row()
        else:
            self._headers.append(tag == "th")
            self.writer.open_cell()
            self.writer.widen_cell(attributes.get("colspan") or "1")

    def _close_row(self) -> None:
        self.writer.close_row(header=bool(self._headers) and all(self._headers))
        self._headers.clear()

    def _describe(self, attributes: dict[str, str]) -> None:
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
        words, kind = "".join(self._words), self._kind
        self._words.clear()
        self._kind = kind if keep else ""
        if not words.strip():
            return
        if kind == "title":
            self.title = self.title or " ".join(words.split())
        elif kind == "pre":
            self.writer.code(words)
        elif kind == "li":
            self.writer.item(words, max(self._lists - 1, 0))
        elif kind:
            self.writer.heading(words, int(kind[1]))
        else:
            self.writer.paragraph(words)
