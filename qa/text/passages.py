"""Turn a document into citable passages: every passage is a slice of its document.

Long paragraphs become windows that end with sentences; lists of short items stay whole, with what
opens them; what stands above another list's item or a table row is kept beside it. Finding the
blocks is left to `qa.text.blocks` and `qa.text.headings`.
"""

from collections.abc import Iterator, Sequence
from pathlib import Path

from qa.schema import Document, Passage, PassageKind, Span
from qa.text.blocks import Block, BlockKind, find_blocks
from qa.text.headings import promote_headings
from qa.text.lines import BREAKS, list_items
from qa.text.tokens import sentences, trim

LONGEST_PASSAGE = 1000  # characters, about 160 English words: what a reader takes in one window
_DEEPEST = 7  # one below the deepest heading of Markdown
_FEWEST_ITEMS, _LONGEST_ITEM = 2, 100  # of a list that stays whole; the latter in characters
_STACKED = 2  # headings without a mark that are kept above another one
_KINDS = {
    BlockKind.HEADING: PassageKind.HEADING,
    BlockKind.PARAGRAPH: PassageKind.PARAGRAPH,
    BlockKind.QUOTE: PassageKind.PARAGRAPH,
    BlockKind.CODE: PassageKind.PARAGRAPH,
    BlockKind.FOOTNOTE: PassageKind.PARAGRAPH,
    BlockKind.TABLE_SECTION: PassageKind.HEADING,
    BlockKind.LIST_ITEM: PassageKind.LIST_ITEM,
    BlockKind.TABLE_ROW: PassageKind.TABLE_ROW,
    BlockKind.CAPTION: PassageKind.CAPTION,
    BlockKind.SOURCE_LINE: PassageKind.SOURCE_LINE,
    BlockKind.BOILERPLATE: PassageKind.BOILERPLATE,
}


class _Above:
    """What a reader of the page sees above the block that comes next."""

    def __init__(self, document: Document) -> None:
        self.text = document.text
        known = document.title in document.text or document.title == Path(document.source).stem
        self.title = "" if known else document.title  # one that was given, and tells more
        self.headings: list[Block] = []
        self.items: list[Block] = []
        self.lead_in = ""
        self.header = ""
        self.bare = False  # nothing yet stands below the last heading

    def heading(self, block: Block) -> str:
        """Return the title and the headings that a block stands under, widest first."""
        above = self.parents(block) if block.kind is BlockKind.HEADING else self.headings
        words = [heading.span.of(self.text) for heading in above]
        return " › ".join([self.title, *words] if self.title else words)

    def parents(self, heading: Block) -> list[Block]:
        """Return the open headings of a lower level; those without a mark are the deepest.

        Of two without a mark, one above the other, the lower one stands under the upper one.
        """
        depth = heading.level or _DEEPEST
        kept = [above for above in self.headings if (above.level or _DEEPEST) < depth]
        if self.bare and not heading.level:
            words = heading.span.of(self.text)
            stacked = [above for above in self.headings if not above.level][-_STACKED:]
            kept += [above for above in stacked if above.span.of(self.text) != words]
        return kept

    def item_lead_in(self, item: Block) -> str:
        """Return the line above the list, and the items that a nested item stands under."""
        while self.items and self.items[-1].level >= item.level:
            self.items.pop()
        parents = [parent.span.of(self.text) for parent in self.items]
        self.items.append(item)
        return "\n".join(part for part in [self.lead_in, *parents] if part)

    def move_past(self, block: Block) -> None:
        """Remember what matters of a block for those below it."""
        if block.kind is BlockKind.HEADING:
            self.headings = [*self.parents(block), block]
        self.bare = block.kind is BlockKind.HEADING
        if block.kind is BlockKind.TABLE_HEADER:
            self.header = block.span.of(self.text)
        elif block.kind is not BlockKind.TABLE_ROW:
            self.header = ""
        if block.kind is BlockKind.CAPTION:
            self.lead_in = block.span.of(self.text)
        elif block.kind is BlockKind.PARAGRAPH:
            last = sentences(self.text, block.span.start, block.span.end)[-1]
            self.lead_in = last.of(self.text)
        elif block.kind is BlockKind.HEADING:
            self.lead_in = ""
        if block.kind is not BlockKind.LIST_ITEM:
            self.items.clear()


def split_passages(document: Document, longest: int = LONGEST_PASSAGE) -> tuple[Passage, ...]:
    """Return the passages of a document, in its order; ``longest`` is in characters.

    The document's own blocks are used where it has some, else those that its text looks like.
    """
    return tuple(_passages(document, longest))


def _passages(document: Document, longest: int) -> Iterator[Passage]:
    text = document.text
    above = _Above(document)
    blocks = document.blocks or promote_headings(text, find_blocks(text))
    kept = [block for block in blocks if block.kind is not BlockKind.METADATA]
    for group in _grouped(text, kept, longest):
        if len(group) > 1:
            yield _list(document, group, above)
        elif group[0].kind is not BlockKind.TABLE_HEADER:
            yield from _of_block(document, group[0], above, longest)
        for block in group:
            above.move_past(block)


def _of_block(document: Document, block: Block, above: _Above, longest: int) -> Iterator[Passage]:
    lead_in = ""
    if block.kind is BlockKind.LIST_ITEM:
        lead_in = above.item_lead_in(block)
    elif block.kind is BlockKind.TABLE_ROW:
        lead_in = above.lead_in
    for span in windows(document.text, block.span, longest):
        yield Passage(
            document.id,
            span,
            span.of(document.text),
            _KINDS[block.kind],
            heading=above.heading(block),
            lead_in=lead_in,
            header=above.header if block.kind is BlockKind.TABLE_ROW else "",
        )


def _list(document: Document, group: Sequence[Block], above: _Above) -> Passage:
    """Return a list as one passage, with the paragraph that opens it if that is in the group."""
    first, span = group[0], _span(document.text, group)
    lead_in = above.item_lead_in(first) if first.kind is BlockKind.LIST_ITEM else ""
    words, heading = span.of(document.text), above.heading(first)
    return Passage(document.id, span, words, PassageKind.LIST, heading=heading, lead_in=lead_in)


def _grouped(text: str, blocks: Sequence[Block], longest: int) -> Iterator[Sequence[Block]]:
    """Yield blocks, those together that make one passage: the items of a list of short ones, and
    the paragraph that opens it with a colon.
    """
    place = 0
    while place < len(blocks):
        first = place + int(_opens_list(text, blocks[place]))
        stop = first
        while stop < len(blocks) and blocks[stop].kind is BlockKind.LIST_ITEM:
            stop += 1
        after = max(stop, place + 1)
        starts = (place, first) if stop > first else ()
        fitting = (
            at for at in starts if _is_enumeration(text, blocks[at:stop], first - at, longest)
        )
        whole = next(fitting, after)
        yield from ([block] for block in blocks[place:whole])
        if whole < after:
            yield blocks[whole:after]
        place = after


def _opens_list(text: str, block: Block) -> bool:
    return block.kind is BlockKind.PARAGRAPH and text[block.span.end - 1] in ":："


def _is_enumeration(text: str, group: Sequence[Block], opening: int, longest: int) -> bool:
    """Tell whether blocks, after ``opening`` others, are short items of one level, and all of them
    fit a passage.
    """
    items, span = group[opening:], _span(text, group)
    return (
        len(items) >= _FEWEST_ITEMS
        and len({item.level for item in items}) == 1
        and max(len(item.span) for item in items) <= _LONGEST_ITEM
        and len(span) <= longest
        and len(list_items(span.of(text))) == len(items)
    )


def _span(text: str, group: Sequence[Block]) -> Span:
    """Return the span of blocks, with the marker of the first where that is an item."""
    start = group[0].span.start
    if group[0].kind is BlockKind.LIST_ITEM:
        start = max(text.rfind(sign, 0, start) for sign in BREAKS) + 1
        while text[start].isspace():
            start += 1
    return Span(start, group[-1].span.end)


def windows(text: str, span: Span, longest: int) -> list[Span]:
    """Cut a span at sentence borders into windows of about equal length, none above ``longest``.

    A sentence that is itself longer is cut at white space, or within a word if there is none.
    """
    if len(span) <= longest:
        return [span]
    pieces = [
        piece
        for sentence in sentences(text, span.start, span.end)
        for piece in _cut(text, sentence, longest)
    ]
    target = len(span) / -(-len(span) // longest)
    found = [pieces[0]]
    for piece in pieces[1:]:
        joined = Span(found[-1].start, piece.end)
        overshoot, shortfall = len(joined) - target, target - len(found[-1])
        if len(joined) <= longest and overshoot <= shortfall:
            found[-1] = joined
        else:
            found.append(piece)
    return found


def _cut(text: str, span: Span, longest: int) -> list[Span]:
    """Cut one overlong sentence into pieces of at most ``longest`` characters."""
    pieces: list[Span] = []
    start = span.start
    while span.end - start > longest:
        space = max(text.rfind(blank, start + longest // 2, start + longest) for blank in " \n\t")
        end = space if space > start else start + longest
        piece = trim(text, start, end)
        if piece is not None:
            pieces.append(piece)
        start = end
    rest = trim(text, start, span.end)
    return [*pieces, rest] if rest is not None else pieces
