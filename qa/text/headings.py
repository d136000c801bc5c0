"""Find the headings that carry no mark: questions above answers, short lines above a body.

Marked headings are found in `qa.text.blocks`.
"""

import re
from collections.abc import Sequence
from dataclasses import replace
from itertools import pairwise

from qa.schema import Block, BlockKind
from qa.text.lines import looks_like_heading, parted

_QUESTION = re.compile(r"(?:[^\W\d_]{1,8}\s?\d{0,3}\s?[:.)]\s*)?[^\W\d_].*[?？]")
_LONGEST_QUESTION = 160  # characters


def promote_headings(text: str, blocks: Sequence[Block]) -> list[Block]:
    """Return the blocks with some paragraphs turned into headings, or into page chrome amid it."""
    return _find_plain_headings(text, promote_questions(text, blocks))


def promote_questions(text: str, found: Sequence[Block]) -> list[Block]:
    """Turn the questions of a list of questions and answers into headings of their answers."""
    places = [
        place
        for place, (block, below) in enumerate(pairwise(found))
        if block.kind is BlockKind.PARAGRAPH
        and below.kind in (BlockKind.PARAGRAPH, BlockKind.LIST_ITEM)
        and _is_question(block.span.of(text))
        and not _is_question(below.span.of(text))
    ]
    marked = list(found)
    if len(places) > 1:
        for place in places:
            marked[place] = replace(found[place], kind=BlockKind.HEADING)
    return marked


def _is_question(content: str) -> bool:
    """Tell whether a line is one question and nothing else."""
    return len(content) <= _LONGEST_QUESTION and _QUESTION.fullmatch(content) is not None


def _find_plain_headings(text: str, found: Sequence[Block]) -> list[Block]:
    """Turn short unpunctuated lines into headings above a body, amid page chrome into chrome."""
    below: Block | None = None
    marked: list[Block] = []
    for place in reversed(range(len(found))):
        block = found[place]
        if block.kind is BlockKind.PARAGRAPH and looks_like_heading(block.span.of(text)):
            if below is None and _is_amid_chrome(found, place):
                block = replace(block, kind=BlockKind.BOILERPLATE)
            elif _has_body(text, block, below) and not _in_run(text, found, place):
                block = replace(block, kind=BlockKind.HEADING)
        if block.kind not in (BlockKind.BOILERPLATE, BlockKind.SOURCE_LINE, BlockKind.CAPTION):
            below = block
        marked.append(block)
    return marked[::-1]


def _has_body(text: str, block: Block, below: Block | None) -> bool:
    """Tell whether prose, a heading, a list or a table stands below, or less loud letters do."""
    if below is None or below.kind is not BlockKind.PARAGRAPH:
        return below is not None
    content = below.span.of(text)
    return not looks_like_heading(content) or (
        block.span.of(text).isupper() and not content.isupper()
    )


def _in_run(text: str, found: Sequence[Block], place: int) -> bool:
    """Tell whether a line stands in a run of such lines, as in an address or a poem."""
    above = [_is_run_line(text, found, place - back) for back in (1, 2)]
    below = _is_run_line(text, found, place + 1)
    joined_above = above[0] and _adjoin(text, found, place - 1)
    joined_below = below and _adjoin(text, found, place)
    further = joined_above and above[1] and _adjoin(text, found, place - 2)
    return further or (joined_above and joined_below)


def _is_run_line(text: str, found: Sequence[Block], place: int) -> bool:
    if not 0 <= place < len(found) or found[place].kind is not BlockKind.PARAGRAPH:
        return False
    return looks_like_heading(found[place].span.of(text))


def _adjoin(text: str, found: Sequence[Block], place: int) -> bool:
    return not parted(text, found[place].span.end, found[place + 1].span.start)


def _is_amid_chrome(found: Sequence[Block], place: int) -> bool:
    """Tell whether page chrome stands above a block, and below it chrome or nothing."""
    above = found[place - 1].kind if place else None
    below = found[place + 1].kind if place + 1 < len(found) else BlockKind.BOILERPLATE
    return above is BlockKind.BOILERPLATE and below is BlockKind.BOILERPLATE
