"""Walk through a light markup line by line: its text is the file's own, its blocks are told apart.

What marks what in a dialect is left to `qa.formats.dialects`; no markup is checked, only read.
"""

import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field

from qa.formats.limits import Watch
from qa.schema import Block, BlockKind, Span
from qa.text import trim

_LINE = re.compile(r"[^\r\n]*(?:\r\n|\r|\n|$)")
ITEM = re.compile(r"\s*(?P<mark>[-+•]|\*{1,5}|\.{1,5}|(?:\d{1,3}|#|[a-zA-Z])[.)]|\\item)\s+(?=\S)")
_TAB = 8


@dataclass(frozen=True, slots=True)
class Line:
    """A line: where it starts in the text, its words with the blanks around them."""

    start: int
    words: str

    @property
    def is_blank(self) -> bool:
        """Whether nothing stands in it."""
        return not self.words.strip()

    @property
    def indent(self) -> int:
        """How many columns its words stand further in."""
        wide = self.words.expandtabs(_TAB)
        return len(wide) - len(wide.lstrip())


Taken = tuple[int, list[Block]]  # the line after a part, and its blocks
Dialect = Callable[["Walk", int], Taken | None]


@dataclass(slots=True)
class Walk:
    """The lines of a file, the styles of its headings, and what it says of itself."""

    text: str
    watch: Watch
    lines: list[Line] = field(default_factory=list)
    styles: list[str] = field(default_factory=list)
    facts: dict[str, str] = field(default_factory=dict)

    def __post_init__(self) -> None:
        found = (match for match in _LINE.finditer(self.text) if match.group())
        self.lines = [Line(match.start(), match.group().rstrip("\r\n")) for match in found]

    def blocks(self, dialect: Dialect) -> list[Block]:
        """Return the blocks; what a dialect takes counts more than lists and paragraphs."""
        found: list[Block] = []
        at = 0
        while at < len(self.lines):
            self.watch.check()
            if self.lines[at].is_blank:
                at += 1
                continue
            taken = dialect(self, at) or self._item(at, dialect) or self._paragraph(at, dialect)
            at = max(taken[0], at + 1)
            found += taken[1]
        return found

    def words(self, at: int) -> str:
        """Return the words of a line, or "" beyond the last one."""
        return self.lines[at].words.strip() if at < len(self.lines) else ""

    def block(
        self, kind: BlockKind, at: int, stop: int, level: int = 0, skip: int = 0
    ) -> list[Block]:
        """Return the lines up to ``stop`` as a block, ``skip`` characters of the first left out."""
        if stop <= at:
            return []
        last = self.lines[stop - 1]
        span = trim(self.text, self.lines[at].start + skip, last.start + len(last.words))
        return [Block(kind, span, level)] if span else []

    def within(self, kind: BlockKind, at: int, match: re.Match[str], level: int = 0) -> list[Block]:
        """Return the group ``words`` of a match in a line as a block."""
        start = self.lines[at].start
        span = trim(self.text, start + match.start("words"), start + match.end("words"))
        return [Block(kind, span, level)] if span else []

    def level(self, style: str) -> int:
        """Return the level of a heading, in the order in which styles come."""
        if style not in self.styles:
            self.styles.append(style)
        return self.styles.index(style) + 1

    def until(self, at: int, ends: Callable[[str], bool]) -> int:
        """Return the next line whose words end a part, or the end of the file."""
        while at < len(self.lines) and not ends(self.words(at)):
            at += 1
        return at

    def indented(self, at: int, indent: int) -> int:
        """Return where lines end that stand further in than ``indent``, blank ones among them."""
        last = at
        while at < len(self.lines) and (self.lines[at].is_blank or self.lines[at].indent > indent):
            at += 1
            last = at if not self.lines[at - 1].is_blank else last
        return last

    def row(self, kind: BlockKind, at: int, borders: Sequence[tuple[int, int]]) -> list[Block]:
        """Return a line as a row of a table, with its cells between the given columns."""
        start = self.lines[at].start
        stop = start + len(self.lines[at].words)
        cells = tuple(
            trim(self.text, start + left, min(start + right, stop)) if start + left < stop else None
            for left, right in borders
        )
        held = [cell for cell in cells if cell]
        if not held:
            return []
        return [Block(kind, Span(held[0].start, held[-1].end), cells=cells)]

    def _item(self, at: int, dialect: Dialect) -> Taken | None:
        match = ITEM.match(self.lines[at].words)
        if match is None:
            return None
        indent, stop = self.lines[at].indent, at + 1
        while stop < len(self.lines) and not self.lines[stop].is_blank:
            inside = self.lines[stop].indent > indent or match["mark"] == "\\item"
            if ITEM.match(self.lines[stop].words) or not inside or dialect(self, stop):
                break
            stop += 1
        level = indent + len(match["mark"]) if match["mark"][0] in "*." else indent
        found = self.block(BlockKind.LIST_ITEM, at, stop, level, match.end())
        return stop, [Block(one.kind, one.span, level, match["mark"]) for one in found]

    def _paragraph(self, at: int, dialect: Dialect) -> Taken:
        stop = at + 1
        while stop < len(self.lines) and not self.lines[stop].is_blank:
            if dialect(self, stop) is not None or ITEM.match(self.lines[stop].words):
                break
            stop += 1
        return stop, self.block(BlockKind.PARAGRAPH, at, stop)
