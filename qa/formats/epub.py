"""Read EPUB: the chapters of a book in the order in which its package names them."""

import posixpath
from urllib.parse import unquote

from qa.formats.archive import open_archive
from qa.formats.encodings import declared_in, decode
from qa.formats.flow import Flow
from qa.formats.html import add_html
from qa.formats.layout import Extracted
from qa.formats.limits import Watch
from qa.formats.parts import Attributes, Handler, parse_part

_CONTAINER = "META-INF/container.xml"
_PAGES = ("application/xhtml+xml", "text/html")
_FIELDS = {"title": "title", "creator": "author", "publisher": "publisher", "date": "date"}


def read_epub(content: bytes, watch: Watch) -> Extracted:
    """Return the text of a book, under the headings of its chapters."""
    archive = open_archive(content, watch)
    container, package = _Container(), _Package()
    parse_part(archive, _CONTAINER, container, watch)
    parse_part(archive, container.package, package, watch)
    names = set(archive.namelist())
    folder = posixpath.dirname(container.package)
    writer = Flow(watch)
    for item in package.spine:
        target, kind = package.items.get(item, ("", ""))
        name = posixpath.normpath(posixpath.join(folder, unquote(target)))
        if kind in _PAGES and name in names and "nav" not in package.kinds.get(item, ""):
            chapter = archive.read(name)
            found = decode(chapter, watch, declared_in(chapter), lenient=True)
            add_html(found.text, writer, watch)
    if not package.spine:
        raise watch.refusal("is no EPUB book, or damaged; take it from its source again")
    if "META-INF/encryption.xml" in names and not writer.length:
        raise watch.refusal("is protected against copying; take a copy that is not")
    fields = dict(package.fields)
    title = fields.pop("title", "")
    return writer.extracted(title, sorted(fields.items()))


class _Container(Handler):
    """Where the package of the book is."""

    def __init__(self) -> None:
        self.package = ""

    def opened(self, name: str, attributes: Attributes) -> None:
        """Note the first package."""
        if name == "rootfile":
            self.package = self.package or attributes.get("full-path", "")


class _Package(Handler):
    """What the book is made of, in which order it is read, and who wrote it when."""

    def __init__(self) -> None:
        self.items: dict[str, tuple[str, str]] = {}
        self.kinds: dict[str, str] = {}
        self.spine: list[str] = []
        self.fields: dict[str, str] = {}
        self._field = ""

    def opened(self, name: str, attributes: Attributes) -> None:
        """Note a part, its turn, or what is said of the book."""
        key = attributes.get("id", "")
        if name == "item":
            self.items[key] = attributes.get("href", ""), attributes.get("media-type", "")
            self.kinds[key] = attributes.get("properties", "")
        elif name == "itemref":
            self.spine.append(attributes.get("idref", ""))
        field = _FIELDS.get(name, "")
        self._field = field if field not in self.fields else ""

    def data(self, text: str) -> None:
        """Keep what is said of the book."""
        if self._field and text.strip():
            held = self.fields.get(self._field, "")
            self.fields[self._field] = (held + text).strip()

    def closed(self, name: str) -> None:
        """End what was said."""
        self._field = ""
