"""Turn a document into citable passages: every passage is a slice of its document.

Long paragraphs become windows that end with sentences; lists of short items stay whole, with what
opens them; what stands above another list's item or a table row is kept beside it. Finding the
blocks is left to `qa.text.blocks` and `qa.text.headings`, what stands above them to
`qa.text.above`.
"""

from collections.abc import Iterator, Sequence
from itertools import islice

from qa.blocks import Block, BlockKind, Span
from qa.schema import Document, Passage, PassageKind
from qa.text.above import DEEPEST, Above
from qa.text.blocks import classified, find_blocks
from qa.text.headings import promote_headings, promote_questions
from qa.text.lines import BREAKS, list_items
from qa.text.tokens import sentences, trim

LONGEST_PASSAGE = 1000  # characters, about 160 English words: what a reader takes in one window
_DENSITY = 3  # times that a figure takes more room in a reader than a letter
_FEWEST_ITEMS, _LONGEST_ITEM = 2, 100  # of a list that stays whole; the latter in characters
_ABOVE = frozenset({BlockKind.HEADING, BlockKind.TABLE_HEADER, BlockKind.TABLE_SECTION})
_KINDS = {
    BlockKind.HEADING: PassageKind.HEADING,
    BlockKind.PARAGRAPH: PassageKind.PARAGRAPH,
    BlockKind.QUOTE: PassageKind.PARAGRAPH,
    BlockKind.CODE: PassageKind.PARAGRAPH,
    BlockKind.FOOTNOTE: PassageKind.PARAGRAPH,
    BlockKind.TABLE_HEADER: PassageKind.TABLE_ROW,
    BlockKind.TABLE_SECTION: PassageKind.TABLE_ROW,
    BlockKind.LIST_ITEM: PassageKind.LIST_ITEM,
    BlockKind.TABLE_ROW: PassageKind.TABLE_ROW,
    BlockKind.CAPTION: PassageKind.CAPTION,
    BlockKind.SOURCE_LINE: PassageKind.SOURCE_LINE,
    BlockKind.BOILERPLATE: PassageKind.BOILERPLATE,
}


def split_passages(document: Document, longest: int = LONGEST_PASSAGE) -> tuple[Passage, ...]:
    """Return the passages of a document, in its order; ``longest`` is in characters.

    The document's own blocks are used where it has some, else those that its text looks like.
    """
    return tuple(_passages(document, longest))


def _passages(document: Document, longest: int) -> Iterator[Passage]:
    text = document.text
    above = Above(document)
    blocks = [one for one in _blocks(document) if one.kind is not BlockKind.METADATA]
    alone = {id(block) for at, block in enumerate(blocks) if _stands_alone(blocks, at)}
    for group in _grouped(text, blocks, longest):
        if len(group) > 1:
            yield _list(document, group, above)
        elif group[0].kind not in _ABOVE or id(group[0]) in alone:
            yield from _of_block(document, group[0], above, longest)
        for block in group:
            above.move_past(block)


def _blocks(document: Document) -> list[Block]:
    """Return the blocks that a document came with, else those that its text looks like."""
    text = document.text
    if not document.blocks:
        return promote_headings(text, find_blocks(text))
    return promote_questions(text, [classified(text, block) for block in document.blocks])


def _stands_alone(blocks: Sequence[Block], at: int) -> bool:
    """Tell whether nothing stands under a heading, or below the names of columns or rows.

    What has something below it is read with that, and no passage of its own competes with it.
    """
    block = blocks[at]
    if block.kind not in _ABOVE:
        return False
    passed = {BlockKind.BOILERPLATE}
    if block.kind is not BlockKind.HEADING:
        passed = {BlockKind.TABLE_HEADER, BlockKind.TABLE_SECTION}
    below = next((one for one in islice(blocks, at + 1, None) if one.kind not in passed), None)
    if below is None or block.kind is not BlockKind.HEADING:
        return below is None or below.kind is not BlockKind.TABLE_ROW
    depth = block.level or DEEPEST
    return below.kind is BlockKind.HEADING and 0 < (below.level or depth + 1) <= depth


def _of_block(document: Document, block: Block, above: Above, longest: int) -> Iterator[Passage]:
    heading, kind, text = above.heading(block), _KINDS[block.kind], document.text
    if kind is PassageKind.TABLE_ROW:
        yield from _of_row(document, block, above, longest)
        return
    lead_in = above.lead_in if block.kind is BlockKind.CODE else ""
    if block.kind is BlockKind.LIST_ITEM:
        mark = block.mark if any(map(str.isalnum, block.mark)) else ""
        lead_in = "\n".join(part for part in (above.item_lead_in(block), mark) if part)
    for span in windows(text, block.span, longest):
        yield Passage(document.id, span, span.of(text), kind, heading=heading, lead_in=lead_in)


def _of_row(document: Document, block: Block, above: Above, longest: int) -> Iterator[Passage]:
    """Yield a row; a wide one in parts, each under its first cell and the names of its columns."""
    text, lead_in = document.text, above.row_lead_in()
    for number, columns in enumerate(_parts(block, above, longest)):
        spans = [block.cells[at] for at in columns] if columns else []
        filled = [span for span in spans if span]
        whole = Span(filled[0].start, filled[-1].end) if number and filled else block.span
        if not number and filled and len(columns) < len(block.cells):
            whole = Span(block.span.start, filled[-1].end)
        key = f"{above.named([0])}: {block.cells[0].of(text)}".removeprefix(": ") if (
            number and block.cells[0]) else ""  # fmt: skip
        for span in windows(text, whole, longest):
            yield Passage(
                document.id,
                span,
                span.of(text),
                PassageKind.TABLE_ROW,
                heading=above.heading(block),
                lead_in="\n".join(part for part in (lead_in, key) if part),
                header="" if block.kind is BlockKind.TABLE_HEADER else above.named(columns),
            )


def _parts(block: Block, above: Above, longest: int) -> list[list[int]]:
    """Return the columns of a row, in parts that fit a passage together with their names."""
    parts: list[list[int]] = [[]]
    length = 0
    for at, cell in enumerate(block.cells):
        added = (len(cell) if cell else 0) + len(above.named([at])) * bool(above.columns) + 4
        if length + added > longest and any(block.cells[one] for one in parts[-1]):
            parts.append([])
            length = 0
        parts[-1].append(at)
        length += added
    return [part for part in parts if any(block.cells[at] for at in part)] or [[]]


def _list(document: Document, group: Sequence[Block], above: Above) -> Passage:
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

    A sentence that is itself longer is cut at white space, or within a word if there is none. Of
    figures and codes, which make more tokens than words do, a window holds less.
    """
    figures = sum(map(str.isdigit, span.of(text)))
    if len(span) + _DENSITY * figures > 2 * longest:
        longest = max(longest * len(span) // (len(span) + _DENSITY * figures), 1)
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
