"""Read the characters of a PDF with PDFium, in a process that is run for it alone.

PDFium is written in C++ and cannot be stopped between two characters: a hostile file may let it
hang, burst or take all memory. `qa.formats.apart` starts this process and ends it then. Making
lines of the runs of characters is left to `qa.formats.lines`.
"""

import contextlib
import json
import math
import sys
from collections import Counter
from collections.abc import Iterator
from ctypes import POINTER, c_double, c_int, cast, create_string_buffer
from typing import Any

import pypdfium2
import pypdfium2.raw as pdf

_HYPHENS = frozenset({0x02, 0xAD, 0xFFFE})  # what PDFium makes of a hyphen at the end of a line
_RAISED = {ord(plain): raised for plain, raised in zip("0123456789", "⁰¹²³⁴⁵⁶⁷⁸⁹", strict=True)}
_APART = 1.0  # times the height of the letters, the gap at which a cell or column begins
_SMALL, _RISE = 0.8, 0.15  # of the height of the letter before, for a number raised above it
_BOLD = 600  # weight, of 1000
_BLANK = 0x20
_BLANKS = (_BLANK, 0x0A, 0x0D)  # what PDFium adds between words and lines
_CHARACTERS = 500_000  # of a page
_LONGEST_VALUE = 10_000  # characters
_CHECKED = (pdf.FPDF_FORMFIELD_CHECKBOX, pdf.FPDF_FORMFIELD_RADIOBUTTON)
_FILLED = (pdf.FPDF_FORMFIELD_TEXTFIELD, pdf.FPDF_FORMFIELD_COMBOBOX, pdf.FPDF_FORMFIELD_LISTBOX)

_loose = pdf.FS_RECTF()

Box = tuple[float, float, float, float]  # left, bottom, right, top, in points
Run = list[Any]  # text, box, is bold, characters without a letter, name of a field, quarter turns


def serve() -> None:
    """Answer each file of standard input by a line on the whole and a line for each page."""
    source, sink = sys.stdin.buffer, sys.stdout.buffer
    while header := source.readline():
        asked = json.loads(header)
        _limit(asked["seconds"], asked["memory"])
        content = source.read(asked["size"])
        for answer in _answers(content, asked["pages"]):
            sink.write(json.dumps(answer).encode() + b"\n")
            sink.flush()


def _limit(seconds: float, memory: int) -> None:
    """Let the system end this process beyond a time of computing and an amount of memory."""
    with contextlib.suppress(ImportError, OSError, ValueError):  # not on every system
        import resource

        used = resource.getrusage(resource.RUSAGE_SELF)
        end = math.ceil(used.ru_utime + used.ru_stime + seconds) + 1
        resource.setrlimit(resource.RLIMIT_CPU, (end, resource.getrlimit(resource.RLIMIT_CPU)[1]))
        resource.setrlimit(resource.RLIMIT_AS, (memory, memory))
        resource.setrlimit(resource.RLIMIT_CORE, (0, 0))


def _answers(content: bytes, most: int) -> Iterator[dict[str, Any]]:
    try:
        document = pypdfium2.PdfDocument(content)
    except pypdfium2.PdfiumError as error:
        yield {"error": "encrypted" if "password" in str(error).lower() else "damaged"}
        return
    with document:
        count = len(document)
        title = document.get_metadata_value("Title")
        yield {"pages": count, "title": title.encode("utf-8", "replace").decode()}
        if count > most:
            return
        with contextlib.suppress(pypdfium2.PdfiumError):
            document.init_forms()
        for number in range(count):
            try:
                yield _page(document, number)
            except pypdfium2.PdfiumError:
                yield {"failed": True}


def _page(document: Any, number: int) -> dict[str, Any]:
    page = document[number]
    text = page.get_textpage()
    try:
        left, bottom, right, top = page.get_bbox()
        edges = [_turned((left, bottom, right, top), turns) for turns in range(4)]
        shown = [run for run in _runs(text) if _meet(run[1], edges[run[5]])]
        return {"runs": shown + _values(document, page)}
    finally:
        text.close()
        page.close()


class _Open:
    """Characters that stand side by side, about as far apart as words do."""

    def __init__(self, start: int, turns: int) -> None:
        self.start = start
        self.turns = turns
        self.words: list[str] = []
        self.boxes: list[Box] = []
        self.last: Box = (0.0, 0.0, 0.0, 0.0)  # of the last character that is not raised
        self.bad = 0

    def takes(self, here: Box) -> bool:
        """Tell whether a character goes on in this line."""
        last = self.last
        height = max(last[3] - last[1], 1.0)
        both = min(last[3], here[3]) - max(last[1], here[1])
        lower = max(min(height, here[3] - here[1]), 0.1)
        return both >= 0.4 * lower and -height < here[0] - last[2] < _APART * height

    def add(self, code: int, here: Box) -> None:
        """Take a character; a small raised number becomes a letter that says so."""
        letter = "-" if code in _HYPHENS else chr(code or 0xFFFD)
        last, height = self.last, self.last[3] - self.last[1]
        if here[3] - here[1] < _SMALL * height and here[1] > last[1] + _RISE * height:
            letter = letter.translate(_RAISED)
            self.last = (here[0], last[1], here[2], last[3])
        else:
            self.last = here
        self.words.append(letter)
        self.boxes.append(here)

    def closed(self, text: Any) -> Run:
        """Return the run, as tall as most of its characters are."""
        words = "".join(self.words).encode("utf-16", "surrogatepass").decode("utf-16", "replace")
        upright = Counter((round(one[1], 1), round(one[3], 1)) for one in self.boxes)
        bottom, top = upright.most_common(1)[0][0]
        left = min(one[0] for one in self.boxes)
        right = max(one[2] for one in self.boxes)
        box = [round(left, 1), bottom, round(right, 1), top]
        return [words, box, _is_bold(text, self.start), self.bad, "", self.turns]


def _runs(text: Any) -> Iterator[Run]:
    run: _Open | None = None
    for at in range(min(pdf.FPDFText_CountChars(text), _CHARACTERS)):
        code = pdf.FPDFText_GetUnicode(text, at)
        if code in _BLANKS and pdf.FPDFText_IsGenerated(text, at) == 1:
            if run and code == _BLANK:
                run.words.append(" ")
            continue
        box = _box(text, at)
        if run is None or not run.takes(_turned(box, run.turns)):
            if run:
                yield run.closed(text)
            angle = pdf.FPDFText_GetCharAngle(text, at)
            run = _Open(at, round(2 * angle / math.pi) % 4)
        run.add(code, _turned(box, run.turns))
        run.bad += code in (0, 0xFFFD) or pdf.FPDFText_HasUnicodeMapError(text, at) == 1
    if run:
        yield run.closed(text)


def _is_bold(text: Any, at: int) -> bool:
    if pdf.FPDFText_GetFontWeight(text, at) >= _BOLD:
        return True
    name, flags = create_string_buffer(100), c_int()
    pdf.FPDFText_GetFontInfo(text, at, name, 100, flags)
    return b"bold" in name.value.lower() or b"black" in name.value.lower()


def _box(text: Any, at: int) -> Box:
    if pdf.FPDFText_GetLooseCharBox(text, at, _loose):
        return (_loose.left, _loose.bottom, _loose.right, _loose.top)
    left, right, bottom, top = c_double(), c_double(), c_double(), c_double()
    pdf.FPDFText_GetCharBox(text, at, left, right, bottom, top)
    return (left.value, bottom.value, right.value, top.value)


def _turned(box: Box, turns: int) -> Box:
    """Return a box as one sees it who turns the page so that the letters stand upright."""
    for _ in range(turns):
        box = (box[1], -box[2], box[3], -box[0])
    return box


def _meet(one: Box, other: Box) -> bool:
    apart = one[0] >= other[2] or one[2] <= other[0] or one[1] >= other[3] or one[3] <= other[1]
    return not apart


def _values(document: Any, page: Any) -> list[Run]:
    """Return what is filled in the fields of a form, each where it stands, with its name."""
    form = document.formenv
    if form is None:
        return []
    found: list[Run] = []
    for number in range(pdf.FPDFPage_GetAnnotCount(page)):
        note = pdf.FPDFPage_GetAnnot(page, number)
        kind = pdf.FPDFAnnot_GetFormFieldType(form, note)
        value = ""
        if kind in _CHECKED:
            value = "☒" if pdf.FPDFAnnot_IsChecked(form, note) else "☐"
        elif kind in _FILLED:
            value = _string(pdf.FPDFAnnot_GetFormFieldValue, form, note)
        rect = pdf.FS_RECTF()
        if value.strip() and pdf.FPDFAnnot_GetRect(note, rect):
            name = _string(pdf.FPDFAnnot_GetFormFieldAlternateName, form, note)
            name = name or _string(pdf.FPDFAnnot_GetFormFieldName, form, note)
            box = [rect.left, rect.bottom, rect.right, rect.top]
            found.append([value, [round(edge, 1) for edge in box], False, 0, name or " ", 0])
        pdf.FPDFPage_CloseAnnot(note)
    return found


def _string(call: Any, form: Any, note: Any) -> str:
    size = min(call(form, note, None, 0), 2 * _LONGEST_VALUE)
    buffer = create_string_buffer(size + 2)
    call(form, note, cast(buffer, POINTER(pdf.FPDF_WCHAR)), size)
    return buffer.raw[:size].decode("utf-16-le", "replace").rstrip("\0")
