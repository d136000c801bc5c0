"""Read reStructuredText, AsciiDoc, Org and LaTeX as text whose marks are understood.

Headings, lists, code and tables are told apart; comments, options and preambles are not read. The
text stays the file's own. Walking through the lines is left to `qa.formats.light`.
"""

import re
from itertools import pairwise

from qa.formats.encodings import decode
from qa.formats.layout import Extracted
from qa.formats.light import Dialect, Taken, Walk
from qa.formats.limits import Watch
from qa.schema import Block, BlockKind

_RULE = re.compile(r"([=\-`:.'\"~^_*+#<>])\1{2,}$")
_DIRECTIVE = re.compile(r"\.\.\s+(?:\|[^|]+\|\s+)?(?P<name>[\w:.-]+)::\s*(?P<words>.*)$")
_SET_APART = frozenset(
    "code code-block sourcecode parsed-literal prompt doctest highlight math".split()
)
_UNSEEN = frozenset(
    "image include toctree contents index meta raw module currentmodule literalinclude "
    "default-role only tags".split()
)
_OPTION = re.compile(r"\s+:[\w-]+:(?:\s|$)")
_NOTE = re.compile(r"\.\.\s+\[[^\]]+\]\s+(?P<words>.+)")
_GRID = re.compile(r"\+(?:[-=]+\+)+$")
_SIMPLE = re.compile(r"=+(?:\s+=+)+$")


def read_rst(content: bytes, watch: Watch) -> Extracted:
    """Return the file's own text with the blocks of reStructuredText."""
    return _read(content, watch, _rst)


def read_asciidoc(content: bytes, watch: Watch) -> Extracted:
    """Return the file's own text with the blocks of AsciiDoc."""
    return _read(content, watch, _asciidoc)


def read_org(content: bytes, watch: Watch) -> Extracted:
    """Return the file's own text with the blocks of Org."""
    return _read(content, watch, _org)


def read_tex(content: bytes, watch: Watch) -> Extracted:
    """Return the file's own text with the blocks of LaTeX, without its preamble."""
    return _read(content, watch, _tex)


def _read(content: bytes, watch: Watch, dialect: Dialect) -> Extracted:
    found = decode(content, watch)
    walk = Walk(found.text, watch)
    blocks = walk.blocks(dialect)
    first = next((one for one in blocks if one.kind is BlockKind.HEADING), None)
    title = walk.facts.pop("title", "") or (first.span.of(found.text) if first else "")
    facts = tuple(sorted(walk.facts.items()))
    return Extracted(found.text, found.places, title, facts, found.doubts, tuple(blocks) or None)


def _rst(walk: Walk, at: int) -> Taken | None:
    words, below = walk.words(at), walk.words(at + 1)
    rule = _RULE.match(words)
    if rule and below and walk.words(at + 2) == words and len(words) >= len(below):
        level = walk.level(f"{rule.group(1)} above")
        return at + 3, walk.block(BlockKind.HEADING, at + 1, at + 2, level)
    under = _RULE.match(below)
    if under and not rule and not walk.lines[at].indent and len(below) >= len(words) - 1:
        return at + 2, walk.block(BlockKind.HEADING, at, at + 1, walk.level(under.group(1)))
    if words.startswith("..") and (words == ".." or words[2] == " "):
        return _explicit(walk, at)
    if _GRID.match(words) or _SIMPLE.match(words):
        return _grid(walk, at) if words[0] == "+" else _simple(walk, at)
    if rule:
        return at + 1, []
    if words.endswith("::"):
        stop = walk.indented(at + 1, walk.lines[at].indent)
        opening = walk.block(BlockKind.PARAGRAPH, at, at + 1) if words != "::" else []
        return stop, [*opening, *walk.block(BlockKind.CODE, at + 1, stop)]
    return None


def _explicit(walk: Walk, at: int) -> Taken:
    """Take a directive, a footnote, or a comment with all that stands below it."""
    indent = walk.lines[at].indent
    directive, note = _DIRECTIVE.search(walk.lines[at].words), _NOTE.search(walk.lines[at].words)
    stop = walk.indented(at + 1, indent)
    if note:
        skip = note.start("words")
        return stop, walk.block(BlockKind.FOOTNOTE, at, max(stop, at + 1), 0, skip)
    if directive is None or directive["name"] in _UNSEEN:
        return stop, []
    body = at + 1
    while body < stop and _OPTION.match(walk.lines[body].words):
        body += 1
    if directive["name"] in _SET_APART:
        return stop, walk.block(BlockKind.CODE, body, stop)
    opening = walk.within(BlockKind.PARAGRAPH, at, directive)
    if directive["name"] in ("figure", "table", "csv-table", "list-table"):
        opening = walk.within(BlockKind.CAPTION, at, directive)
        opening = [] if directive["name"] == "figure" else opening
    return body, opening


def _grid(walk: Walk, at: int) -> Taken:
    """Take a table with borders all around its cells; a row of several lines stays several."""
    border = walk.lines[at].words
    marks = [place for place, sign in enumerate(border) if sign == "+"]
    columns = [(left + 1, right) for left, right in pairwise(marks)]
    stop = walk.until(at, lambda words: words[:1] not in ("+", "|"))
    headed = next((n for n in range(at, stop) if "=" in walk.words(n)[:3]), at)
    found: list[Block] = []
    for number in range(at, stop):
        if walk.words(number)[0] == "|":
            kind = BlockKind.TABLE_HEADER if number < headed else BlockKind.TABLE_ROW
            found += walk.row(kind, number, columns)
    return stop, found


def _simple(walk: Walk, at: int) -> Taken:
    """Take a table whose columns rules of equal signs tell."""
    rule = walk.lines[at].words
    columns = [match.span() for match in re.finditer(r"=+", rule)]
    columns[-1] = (columns[-1][0], len(walk.text))
    rules = [at]
    while len(rules) < 3:
        following = walk.until(rules[-1] + 1, lambda words: bool(_SIMPLE.match(words)))
        if following >= len(walk.lines):
            break
        rules.append(following)
    found: list[Block] = []
    for number in range(at + 1, rules[-1]):
        headed = len(rules) == 3 and number < rules[1]
        if number not in rules and not walk.lines[number].is_blank:
            kind = BlockKind.TABLE_HEADER if headed else BlockKind.TABLE_ROW
            found += walk.row(kind, number, columns)
    return max(rules[-1], at) + 1, found


_TITLE = re.compile(r"(?P<mark>={1,6}|#{1,6})\s+(?P<words>\S.*)$")
_FENCES = {"----": BlockKind.CODE, "....": BlockKind.CODE, "```": BlockKind.CODE, "////": None}
_ATTRIBUTE = re.compile(r":!?(?P<name>[\w-]+)!?:\s*(?P<words>.*)$")
_BLOCK_TITLE = re.compile(r"\.(?P<words>[^\s.].*)$")
_DELIMITER = re.compile(r"(?:={4,}|\*{4,}|_{4,}|'{3,}|<{3,}|\+{4,}|--)$")
_MACRO = re.compile(r"(?:image|include|toc|ifdef|ifndef|endif)::|\[.*\]$|//(?!/)")


def _asciidoc(walk: Walk, at: int) -> Taken | None:
    words = walk.words(at)
    title, attribute = _TITLE.match(words), _ATTRIBUTE.match(words)
    if title:
        return at + 1, walk.within(
            BlockKind.HEADING, at, _again(walk, at, _TITLE), len(title["mark"])
        )
    if attribute:
        if attribute["name"] in ("author", "revdate") and attribute["words"]:
            walk.facts["date" if "date" in attribute["name"] else "author"] = attribute["words"]
        return at + 1, []
    if words.startswith("|==="):
        return _cells(walk, at)
    for fence, kind in _FENCES.items():
        if (words.startswith(fence) and len(set(words)) == 1) or (fence == "```" == words[:3]):
            stop = walk.until(at + 1, ("```" if fence == "```" else words).__eq__)
            return stop + 1, walk.block(kind, at + 1, stop) if kind else []
    if _DELIMITER.match(words) or _MACRO.match(words):
        return at + 1, []
    if caption := _BLOCK_TITLE.match(walk.lines[at].words):
        return at + 1, walk.within(BlockKind.CAPTION, at, caption)
    return None


def _again(walk: Walk, at: int, form: re.Pattern[str]) -> re.Match[str]:
    """Match a form in a line where its words begin, so that offsets are those of the line."""
    line = walk.lines[at].words
    match = form.match(line, len(line) - len(line.lstrip()))
    if match is None:
        raise ValueError(f"the line lost its mark: {line!r}")
    return match


def _cells(walk: Walk, at: int) -> Taken:
    """Take a table of AsciiDoc: a line of several cells is a row, else as many as the first row."""
    stop = walk.until(at + 1, lambda words: words.startswith("|==="))
    found: list[Block] = []
    for number in range(at + 1, stop):
        line = walk.lines[number].words
        borders = [match.start() for match in re.finditer(r"(?<!\\)\|", line)]
        columns = [(a + 1, b) for a, b in pairwise([*borders, len(line)])]
        headed = not found and walk.words(number + 1) == ""
        kind = BlockKind.TABLE_HEADER if headed else BlockKind.TABLE_ROW
        if len(columns) > 1:
            found += walk.row(kind, number, columns)
        else:
            marks = len(line) - len(line.lstrip("| "))
            found += walk.block(BlockKind.PARAGRAPH, number, number + 1, 0, marks)
    return stop + 1, found


_STAR = re.compile(r"(?P<mark>\*+)\s+(?:(?:TODO|DONE)\s+)?(?P<words>.*?)(?:\s+:[\w@:]+:)?\s*$")
_KEYWORD = re.compile(r"#\+(?P<name>\w+):?\s*(?P<words>.*)$")


def _org(walk: Walk, at: int) -> Taken | None:
    words = walk.words(at)
    star = _STAR.match(walk.lines[at].words)
    if star:
        return at + 1, walk.within(BlockKind.HEADING, at, star, len(star["mark"]))
    keyword = _KEYWORD.match(words)
    if keyword:
        name = keyword["name"].lower()
        if name in ("begin_src", "begin_example", "begin_comment"):
            end = f"#+end_{name[6:]}"
            stop = walk.until(at + 1, lambda one: one.lower() == end)
            seen = name != "begin_comment"
            return stop + 1, walk.block(BlockKind.CODE, at + 1, stop) if seen else []
        if name in ("title", "author", "date"):
            walk.facts[name] = keyword["words"]
        if name == "caption":
            return at + 1, walk.within(BlockKind.CAPTION, at, _again(walk, at, _KEYWORD))
        return at + 1, []
    if words == ":PROPERTIES:":
        return walk.until(at, lambda one: one == ":END:") + 1, []
    if words.startswith("|"):
        return _bars(walk, at)
    return (at + 1, []) if words == "#" or words.startswith("# ") else None


def _bars(walk: Walk, at: int) -> Taken:
    stop = walk.until(at, lambda words: not words.startswith("|"))
    headed = walk.words(at + 1).startswith("|-")
    found: list[Block] = []
    for number in range(at, stop):
        line = walk.lines[number].words
        borders = [place for place, sign in enumerate(line) if sign == "|"]
        columns = list(zip([one + 1 for one in borders], borders[1:], strict=False))
        if not walk.words(number).startswith("|-"):
            kind = BlockKind.TABLE_HEADER if headed and number == at else BlockKind.TABLE_ROW
            found += walk.row(kind, number, columns)
    return stop, found


_SECTION = re.compile(
    r"\s*\\(?P<name>part|chapter|section|subsection|subsubsection|paragraph)\*?"
    r"(?:\[[^\]]*\])?\{(?P<words>[^{}]*)\}"
)
_DEPTHS = ("part", "chapter", "section", "subsection", "subsubsection", "paragraph")
_SAID = re.compile(r"\\(title|author|date)\{([^{}\\]*)\}")
_VERBATIM = re.compile(r"\\begin\{(verbatim|lstlisting|minted|comment|tikzpicture)\*?\}")
_COMMAND = re.compile(
    r"\s*\\(?:begin|end|label|maketitle|tableofcontents|include|input|usepackage|centering|caption"
    r"|bibliography|hline|toprule|midrule|bottomrule|newpage|clearpage|includegraphics)\b"
)
_CAPTION = re.compile(r"\s*\\caption\{(?P<words>[^{}]*)\}")


def _tex(walk: Walk, at: int) -> Taken | None:
    line, words = walk.lines[at].words, walk.words(at)
    if words.startswith("\\documentclass"):
        stop = walk.until(at, lambda one: one.startswith("\\begin{document}"))
        after = walk.lines[stop].start if stop < len(walk.lines) else len(walk.text)
        walk.facts.update(_SAID.findall(walk.text[walk.lines[at].start : after]))
        return stop + 1, []
    section, verbatim = _SECTION.match(line), _VERBATIM.match(words)
    if section:
        level = _DEPTHS.index(section["name"]) + 1
        return at + 1, walk.within(BlockKind.HEADING, at, section, level)
    if verbatim:
        end = f"\\end{{{verbatim.group(1)}"
        stop = walk.until(at + 1, lambda one: one.startswith(end))
        seen = verbatim.group(1) not in ("comment", "tikzpicture")
        return stop + 1, walk.block(BlockKind.CODE, at + 1, stop) if seen else []
    if caption := _CAPTION.match(line):
        return at + 1, walk.within(BlockKind.CAPTION, at, caption)
    if words.startswith("%") or _COMMAND.match(line):
        return at + 1, []
    if "&" in words and words.endswith("\\\\"):
        cuts = [-1, *(m.start() for m in re.finditer(r"(?<!\\)&", line)), line.rindex("\\\\")]
        columns = [(a + 1, b) for a, b in pairwise(cuts)]
        return at + 1, walk.row(BlockKind.TABLE_ROW, at, columns)
    return None
