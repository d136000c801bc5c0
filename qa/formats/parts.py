"""Parse the XML parts of a packed document: its title, and the levels of its styles.

The part that holds the text is left to `qa.formats.docx`.
"""

from xml.etree.ElementTree import XMLParser
from zipfile import ZipFile

from qa.formats.limits import Watch

LISTED = -1  # the level of a list item
LEVELS = tuple("012345678")  # values of w:outlineLvl; 9 is body text
_CHUNK = 1 << 16
_MOST_PARENTS = 20

Attributes = dict[str, str]


class Handler:
    """What the parser calls; names come without their namespaces."""

    def start(self, tag: str, attributes: Attributes) -> None:
        """Take an opening tag."""
        plain = {name.rpartition("}")[2]: value for name, value in attributes.items()}
        self.opened(tag.rpartition("}")[2], plain)

    def end(self, tag: str) -> None:
        """Take a closing tag."""
        self.closed(tag.rpartition("}")[2])

    def data(self, text: str) -> None:
        """Take a piece of text."""

    def close(self) -> None:
        """End the part."""

    def opened(self, name: str, attributes: Attributes) -> None:
        """Take an opening tag by its name."""

    def closed(self, name: str) -> None:
        """Take a closing tag by its name."""


class Properties(Handler):
    """The title that the document's properties give."""

    def __init__(self) -> None:
        self.title = ""
        self._inside = False

    def opened(self, name: str, attributes: Attributes) -> None:
        """Enter the title."""
        self._inside = name == "title"

    def closed(self, name: str) -> None:
        """Leave the title."""
        self._inside = False

    def data(self, text: str) -> None:
        """Keep the title's text."""
        if self._inside:
            self.title += text


class Styles(Handler):
    """The level of each paragraph style that has one: of a heading from 1, or `LISTED`."""

    def __init__(self) -> None:
        self.levels: dict[str, int] = {}
        self.lists: dict[str, tuple[str, int]] = {}  # the list and depth that a style gives
        self._parents: dict[str, str] = {}
        self._style = ""

    def opened(self, name: str, attributes: Attributes) -> None:
        """Note a style's name, which is English in every language, its parent, its level."""
        value = attributes.get("val", "")
        if name == "style":
            self._style = attributes.get("styleId", "")
        elif name == "numId" and value != "0":
            self.lists[self._style] = value, self.lists.get(self._style, ("", 0))[1]
            self.levels.setdefault(self._style, LISTED)
        elif name == "ilvl" and value in LEVELS:
            self.lists[self._style] = self.lists.get(self._style, ("", 0))[0], int(value)
        elif name == "basedOn":
            self._parents[self._style] = value
        elif name == "outlineLvl" and value in LEVELS:
            self.levels.setdefault(self._style, int(value) + 1)
        elif name == "name":
            named = value.lower()
            if named == "title":
                self.levels[self._style] = 1
            elif named.startswith("heading ") and named[8:].isdecimal():
                self.levels[self._style] = int(named[8:])
            elif named.startswith("list ") and named != "list paragraph":
                self.levels[self._style] = LISTED

    def close(self) -> None:
        """Let styles without a level of their own take that of the style they are based on."""
        for style, parent in self._parents.items():
            above = parent
            for _ in range(_MOST_PARENTS):
                if above in self.levels:
                    self.levels.setdefault(style, self.levels[above])
                    self.lists.setdefault(style, self.lists.get(above, ("", 0)))
                    break
                above = self._parents.get(above, "")


def parse_part(archive: ZipFile, name: str, handler: Handler, watch: Watch) -> None:
    """Feed a part to a handler, if the archive has it."""
    if name not in archive.namelist():
        return
    parser = XMLParser(target=handler)
    with archive.open(name) as part:
        while chunk := part.read(_CHUNK):
            watch.check()
            parser.feed(chunk)
    parser.close()
