"""Find the words that are seen between the tags of HTML amid text, where they stand.

Whole pages are left to `qa.formats.html`.
"""

import re
from collections.abc import Iterator

from qa.blocks import Block, BlockKind, Span
from qa.text import trim

_COMMENT = re.compile(r"<!--.*?(?:-->|\Z)", re.DOTALL)
_UNSEEN = re.compile(
    r"<!--.*?(?:-->|\Z)"
    r"|<(script|style|template|noscript|svg)\b.*?(?:</\1\s*>|\Z)"
    r"|<(\w{1,20})\b[^<>]{0,400}?\s(?:hidden\b|style\s*=\s*[\"'][^\"'<>]{0,200}?display\s*:\s*none)"
    r"[^<>]{0,400}>"
    r".*?(?:</\2\s*>|\Z)",
    re.DOTALL | re.IGNORECASE,
)
_TAG = re.compile(r"</?[a-zA-Z][^<>]*>|<[!?][^<>]*>")
_INLINE = re.compile(
    r"</?(?:a|abbr|b|bdi|cite|code|del|em|font|i|img|ins|kbd|mark|q|s|samp|small|span|strong|sub"
    r"|sup|tt|u|var|wbr)\b",
    re.IGNORECASE,
)
_HEADING = re.compile(r"<(?:h([1-6])|summary|dt)\b", re.IGNORECASE)


def seen_pieces(text: str, span: Span) -> Iterator[Span]:
    """Yield what is left of a span without the comments in it."""
    start = span.start
    for comment in _COMMENT.finditer(text, span.start, span.end):
        if piece := trim(text, start, comment.start()):
            yield piece
        start = comment.end()
    if piece := trim(text, start, span.end):
        yield piece


def seen_fragments(text: str, span: Span) -> Iterator[Block]:
    """Yield the words of a block of HTML: those of a heading's tag as a heading."""
    start, level = span.start, -1
    borders = [*_borders(text, span), (span.end, span.end)]
    for left, right in borders:
        piece = trim(text, start, left)
        if piece is not None:
            kind = BlockKind.PARAGRAPH if level < 0 else BlockKind.HEADING
            yield Block(kind, piece, max(level, 0))
        opening = _HEADING.match(text, left, right)
        level = int(opening.group(1) or 7) if opening else -1
        start = right


def _borders(text: str, span: Span) -> Iterator[tuple[int, int]]:
    """Yield where tags that part words stand, and what is not seen."""
    start = span.start
    for unseen in [*_UNSEEN.finditer(text, span.start, span.end), None]:
        stop = unseen.start() if unseen else span.end
        for tag in _TAG.finditer(text, start, stop):
            if not _INLINE.match(tag.group()):
                yield tag.span()
        if unseen:
            yield unseen.span()
            start = unseen.end()
