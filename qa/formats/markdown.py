"""Read Markdown: its text is the file's own, its blocks are those that CommonMark finds.

Finding them is left to markdown-it-py, whose tokens know their lines. What stands between the tags
of HTML is left to `qa.formats.fragments`.
"""

import re
from collections.abc import Iterator, Sequence
from dataclasses import replace
from functools import lru_cache
from itertools import pairwise
from typing import TYPE_CHECKING

from qa.formats.encodings import decode
from qa.formats.fragments import seen_fragments, seen_pieces
from qa.formats.layout import Extracted
from qa.formats.limits import Watch
from qa.schema import Block, BlockKind, Span
from qa.text import trim

if TYPE_CHECKING:
    from markdown_it import MarkdownIt
    from markdown_it.token import Token

_LINE = re.compile(r"[^\r\n]*(?:\r\n|\r|\n|$)")  # as CommonMark has it
_FRONT = re.compile(
    r"(---|\+\+\+)[ \t]*\r?\n(?=[\w\"'-]+[ \t]*[:=]|#)(.*?\n)(?:\1|\.\.\.)[ \t]*(?:\r?\n|$)",
    re.DOTALL,
)
_FIELD = re.compile(r"(?m)^(title|date|author|authors)\s*[:=]\s*(\S.*?)\s*$", re.IGNORECASE)
_ISO = re.compile(r"\d{4}(?:-\d\d(?:-\d\d)?)?(?!\d)")
_DEFINITION = re.compile(r"(?:[ ]{0,3}\[[^\]^][^\]]*\]:[^\r\n]*(?:\r\n|\r|\n|$))+")
_FOOTNOTE = re.compile(r"\[\^[^\]]+\]:\s*")
_BOLD_LINE = re.compile(r"(\*\*|__)(?=\S)([^\r\n]+?)\1[ \t]*(?:[:：][ \t]*)?(?:\\?[\r\n]+|$)")
_LONGEST_BOLD = 160  # characters of a bold line that heads what follows
_BORDER = re.compile(r"(?<!\\)\|")
_TASK = re.compile(r"\[[ xX]\]\s+")
_PREFIX = re.compile(r"[\s>]*")


def read_markdown(content: bytes, watch: Watch) -> Extracted:
    """Return the file's own text with its blocks, and what its front matter says."""
    decoded = decode(content, watch)
    text = decoded.text
    front = _FRONT.match(text)
    start = front.end() if front else 0
    blocks = _Walk(text, start, watch).blocks()
    known = _front_matter(front.group(2) or "") if front else {}
    if front and (span := trim(text, *front.span())):
        blocks.insert(0, Block(BlockKind.METADATA, span))
    title = known.pop("title", "") or _title(text, blocks)
    return Extracted(
        text,
        decoded.places,
        title,
        tuple(known.items()),
        decoded.doubts,
        tuple(blocks) or None,
    )


@lru_cache(maxsize=1)
def _parser() -> "MarkdownIt":
    from markdown_it import MarkdownIt

    parser = MarkdownIt("commonmark").enable("table").disable("reference")
    parser.core.ruler.enableOnly(["normalize", "block"])  # what is within a block stays as it is
    return parser


def _front_matter(lines: str) -> dict[str, str]:
    found: dict[str, str] = {}
    for field, value in _FIELD.findall(lines):
        words = value.strip("\"'[] ").replace('"', "")
        name = field.lower().removesuffix("s")
        date = _ISO.match(words)
        if name != "date":
            found.setdefault(name, words)
        elif date:
            found.setdefault("date", date.group())
    return found


def _title(text: str, blocks: Sequence[Block]) -> str:
    """Return the first heading of the first level that stands above everything else."""
    first = next((one for one in blocks if one.kind is not BlockKind.METADATA), None)
    if first is None or first.kind is not BlockKind.HEADING or first.level != 1:
        return ""
    return " ".join(first.span.of(text).split())


class _Walk:
    """Goes through the tokens of a text from ``start`` and places them in it."""

    def __init__(self, text: str, start: int, watch: Watch) -> None:
        self._text = text
        self._watch = watch
        found = (match.span() for match in _LINE.finditer(text, start))
        self._lines = [span for span in found if span[0] < span[1]]
        self._tokens = _parser().parse(text[start:])
        self._lists: list[str] = []  # of the open lists: "." or ")" where numbered
        self._items: list[tuple[str, bool]] = []  # of the open items: mark; whether it has words
        self._quotes = 0

    def blocks(self) -> list[Block]:
        """Return the blocks in order."""
        found: list[Block] = []
        for token, content in pairwise([*self._tokens, *self._tokens[-1:]]):
            self._watch.check()
            for block in self._of(token, content):
                joins = found and block.kind is BlockKind.LIST_ITEM and not block.mark
                if joins and found[-1].kind is BlockKind.LIST_ITEM:  # its next paragraph
                    found[-1] = replace(found[-1], span=Span(found[-1].span.start, block.span.end))
                else:
                    found.append(block)
        return [one for one in found if any(letter.isalnum() for letter in one.span.of(self._text))]

    def _of(self, token: "Token", content: "Token") -> Iterator[Block]:
        """Yield the blocks that begin with a token; ``content`` is the token after it."""
        if token.type.startswith(("bullet_list", "ordered_list", "list_item", "blockquote")):
            self._nest(token)
        elif token.map is None:
            return
        elif token.type == "heading_open":
            yield from self._placed(BlockKind.HEADING, token, content, int(token.tag[1]))
        elif token.type == "paragraph_open":
            yield from self._paragraph(token, content)
        elif token.type in ("fence", "code_block"):
            first = token.map[0] + (token.type == "fence")
            span = self._span(first, first + token.content.count("\n"))
            yield from [Block(BlockKind.CODE, span)] if span else []
        elif token.type == "html_block":
            span = self._span(*token.map)
            yield from seen_fragments(self._text, span) if span else []
        elif token.type == "tr_open":
            yield from self._row(token.map[0], content.type == "th_open")

    def _nest(self, token: "Token") -> None:
        """Enter or leave a list, an item or a quotation."""
        if token.type.startswith("blockquote"):
            self._quotes += token.nesting
        elif token.type == "list_item_open":
            self._items.append((f"{token.info}{token.markup}", False))
        elif token.type == "list_item_close":
            self._items.pop()
        elif token.nesting > 0:
            self._lists.append(token.markup)
        else:
            self._lists.pop()

    def _paragraph(self, token: "Token", content: "Token") -> Iterator[Block]:
        kind = BlockKind.QUOTE if self._quotes else BlockKind.PARAGRAPH
        if self._items:
            mark, opened = self._items[-1]
            self._items[-1] = (mark, True)
            item = next(self._placed(BlockKind.LIST_ITEM, token, content), None)
            if item is not None:
                task = _TASK.match(self._text, item.span.start, item.span.end)
                span = Span(task.end(), item.span.end) if task else item.span
                yield replace(item, span=span, level=len(self._lists), mark="" if opened else mark)
            return
        for block in self._placed(kind, token, content):
            note = _FOOTNOTE.match(self._text, block.span.start, block.span.end)
            if note and note.end() < block.span.end:
                yield Block(BlockKind.FOOTNOTE, Span(note.end(), block.span.end))
            elif _DEFINITION.fullmatch(self._text, block.span.start, block.span.end):
                yield replace(block, kind=BlockKind.METADATA)
            else:
                yield from self._headed(block)

    def _headed(self, block: Block) -> Iterator[Block]:
        """Yield a paragraph without its comments, and a bold line that opens it as its heading."""
        bold = _BOLD_LINE.match(self._text, block.span.start, block.span.end)
        if bold and len(bold.group(2)) <= _LONGEST_BOLD and bold.group(2)[-1] not in ".!":
            yield Block(BlockKind.HEADING, Span(*bold.span(2)), 7)
            rest = trim(self._text, bold.end(), block.span.end)
            if rest is None:
                return
            block = replace(block, span=rest)
        yield from (replace(block, span=span) for span in seen_pieces(self._text, block.span))

    def _placed(
        self, kind: BlockKind, token: "Token", content: "Token", level: int = 0
    ) -> Iterator[Block]:
        """Yield a block where the words of a token stand in the text."""
        if not token.map or not content.content.strip():
            return
        words = content.content.split("\n")
        first, last = token.map[0], token.map[0] + len(words) - 1
        if last < len(self._lines):
            start = self._text.find(words[0].strip(), *self._lines[first])
            end = self._text.find(words[-1].strip(), *self._lines[last])
            if 0 <= start <= end:
                yield Block(kind, Span(start, end + len(words[-1].strip())), level)
            elif span := self._span(first, last + 1):
                yield Block(kind, span, level)

    def _span(self, first: int, stop: int) -> Span | None:
        """Return the span of some lines without surrounding blanks."""
        lines = self._lines[first:stop]
        return trim(self._text, lines[0][0], lines[-1][1]) if lines else None

    def _row(self, number: int, header: bool) -> Iterator[Block]:
        """Yield a row of a table with its cells."""
        span = self._span(number, number + 1)
        start = _PREFIX.match(self._text, span.start, span.end) if span else None
        if span is None or start is None or start.end() == span.end:
            return
        span = Span(start.end(), span.end)
        borders = [at.start() for at in _BORDER.finditer(self._text, span.start, span.end)]
        edges = [span.start - 1, *borders, span.end]
        cells = [trim(self._text, left + 1, right) for left, right in pairwise(edges)]
        if borders and borders[0] == span.start:
            del cells[0]
        if borders and borders[-1] == span.end - 1:
            del cells[-1]
        kind = BlockKind.TABLE_HEADER if header else BlockKind.TABLE_ROW
        yield Block(kind, span, cells=tuple(cells))
