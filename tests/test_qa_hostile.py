"""Test that no file, however broken or hostile, harms the others or goes unnamed."""

import contextlib
import csv
import io
import zipfile
from collections.abc import Callable
from dataclasses import replace
from html import escape
from itertools import pairwise
from pathlib import Path

import openpyxl
import pytest
from fpdf import FPDF
from hypothesis import given, settings
from hypothesis import strategies as st

from qa import DocumentError, Limits, load_folder, split_passages
from qa.commands.main import main
from qa.documents.loading import make_document
from qa.formats.layout import Extracted, clean, tidy
from qa.formats.lines import read_page
from qa.formats.pages import block_words, find_pieces
from qa.formats.readers import READERS, REMEDIES, extract

ENTITIES = (
    '<?xml version="1.0" encoding="{encoding}"?><!DOCTYPE x [<!ENTITY a "aaaaaaaaaa">'
    '<!ENTITY b "&a;&a;&a;&a;&a;&a;&a;&a;"><!ENTITY c SYSTEM "file:///etc/passwd">]>'
    "<w:document xmlns:w='x'><w:p><w:t>&b;&c;</w:t></w:p></w:document>"
)
WORD = "<w:document xmlns:w='x'>{}<w:p><w:t>{}</w:t></w:p>{}</w:document>"


def packed(**members: bytes) -> bytes:
    file = io.BytesIO()
    with zipfile.ZipFile(file, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content in members.items():
            archive.writestr(name.replace("__", "/") + ".xml", content)
    return file.getvalue()


def workbook(rows: list[list[object]]) -> bytes:
    book, file = openpyxl.Workbook(), io.BytesIO()
    for row in rows:
        book.active.append(row)
    book.save(file)
    return file.getvalue()


def comma_separated(rows: list[list[str]]) -> bytes:
    file = io.StringIO(newline="")
    csv.writer(file).writerows(rows)
    return file.getvalue().encode()


def pdf_of(fill: Callable[[FPDF], None]) -> bytes:
    pdf = FPDF()
    pdf.set_font("Helvetica")
    pdf.add_page()
    fill(pdf)
    return bytes(pdf.output())


def pdf_with_words(pdf: FPDF) -> None:
    pdf.multi_cell(0, None, "The harbour was dredged in 1993 by two ships from Aktau.")


def encrypted(pdf: FPDF) -> None:
    pdf.set_encryption(owner_password="one", user_password="two")
    pdf_with_words(pdf)


def kept_from_change(pdf: FPDF) -> None:
    pdf.set_encryption(owner_password="one", user_password="")
    pdf_with_words(pdf)


def refusal(content: bytes, name: str, **limits: float) -> str:
    with pytest.raises(DocumentError) as caught:
        extract(content, name, replace(Limits(), **limits))
    return str(caught.value)


WORDS = pdf_of(pdf_with_words)
ZEROS = packed(word__document=bytes(11_000_000))


@pytest.mark.parametrize(
    ("name", "content", "message"),
    [
        ("bad.pdf", pdf_of(lambda pdf: pdf.rect(10, 10, 50, 50)), "has no text layer, it was scan"),
        ("bad.pdf", pdf_of(encrypted), "is encrypted; save a copy without a password"),
        ("bad.pdf", WORDS[:300], "is damaged"),
        ("bad.pdf", b"<html>Not found</html>", "is no PDF, whatever its name says"),
        ("bad.docx", ZEROS, "packed 10.. times smaller"),
        ("bad.xlsx", ZEROS, "packed 10.. times smaller"),
        ("bad.docx", b"PK\3\4" + bytes(200), "is damaged (File is not a zip file)"),
        ("bad.docx", packed(other=b"<a/>"), "is no DOCX document"),
        ("bad.docx", packed(word__document=b"<a><b></a>"), "is damaged (ParseError: mismatched"),
        ("bad.docx", bytes.fromhex("d0cf11e0a1b11ae1") + bytes(600), "is encrypted, or of an old"),
        ("bad.xlsx", workbook([["words"]])[:-300], "is damaged"),
        ("bad.xlsx", packed(word__document=b"<a/>"), "is damaged (KeyError"),
        ("bad.xlsx", workbook([]), "is empty; fill it or remove it"),
        ("bad.eml", b"\0\1\2", "is no saved message"),
        ("bad.html", b"<script>alert(1)</script>", "is empty"),
        ("bad.doc", b"words", "of a format that is not read; open it in its program and save it"),
        ("bad.PPT", b"words", "save it as PDF"),
    ],
)
def test_a_bad_file_is_named_and_the_others_are_read(
    tmp_path: Path, name: str, content: bytes, message: str
) -> None:
    (tmp_path / "good.txt").write_text("Good.")
    (tmp_path / name).write_bytes(content)
    loaded = load_folder(tmp_path)
    assert [document.source for document in loaded.documents] == ["good.txt"]
    (problem,) = loaded.problems
    assert problem.startswith(f"{name}: ")
    for part in message.split(".."):
        assert part in problem


@pytest.mark.parametrize("encoding", ["utf-8", "utf-16", "cp037"])
@pytest.mark.parametrize("name", ["word__document", "xl__workbook"])
def test_entities_are_never_expanded(name: str, encoding: str) -> None:
    """Other encodings than these two are left to the parser, which knows no declared entity."""
    content = packed(**{name: ENTITIES.format(encoding=encoding).encode(encoding)})
    message = refusal(content, "a.docx" if "word" in name else "a.xlsx")
    assert "declares XML entities" in message or "is damaged" in message
    assert "root:" not in message


def test_a_size_that_lies_unpacks_no_more_than_it_says() -> None:
    """The declared size stands in the central directory, after the signature PK 1 2."""
    content = bytearray(packed(word__document=WORD.format("", "words" * 9999, "").encode()))
    place = content.rindex(b"PK\1\2") + 24
    content[place : place + 4] = (20).to_bytes(4, "little")
    assert "is damaged (BadZipFile: Bad CRC-32" in refusal(bytes(content), "a.docx")


def test_deep_files_are_read_to_the_bottom() -> None:
    html = b"<div>" * 100_000 + b"<ul><li><table><tr><td>" * 2_000 + b"words"
    assert extract(html, "a.html", Limits()).text.strip("- ") == "words"
    inner = WORD.format("<w:tbl><w:p>" * 20_000, "words", "</w:p></w:tbl>" * 20_000)
    content = packed(word__document=inner.encode())
    assert extract(content, "a.docx", Limits()).text == "words"
    parts = b"".join(
        b'Content-Type: multipart/mixed; boundary="b%d"\n\n--b%d\n' % (n, n) for n in range(1200)
    )
    assert "is damaged (RecursionError" in refusal(b"Subject: deep\n" + parts, "a.eml")


LARGE = {
    "a.txt": b"words " * 50,
    "a.html": b"<p>words" * 50,
    "a.csv": b"words,words\n" * 50,
    "a.xlsx": workbook([["words", "words"]] * 50),
    "a.docx": packed(
        word__document=WORD.format("<w:p><w:t>words</w:t></w:p>" * 50, "", "").encode()
    ),
    "a.eml": b"Subject: x\n\n" + b"words\n\n" * 50,
    "a.pdf": pdf_of(lambda pdf: pdf.multi_cell(0, None, "words " * 50)),
}


@pytest.mark.parametrize("name", LARGE)
def test_every_reader_keeps_to_the_limits(name: str) -> None:
    assert "holds more text than 99 characters" in refusal(LARGE[name], name, characters=99)
    assert "the limit for a file is 99; split it" in refusal(LARGE[name], name, file_bytes=99)
    assert "takes longer to read than 0 seconds" in refusal(LARGE[name], name, seconds=0)
    if name.endswith((".docx", ".xlsx")):
        assert "unpacks to" in refusal(LARGE[name], name, unpacked_bytes=99)
    assert len(extract(LARGE[name], name, Limits()).text) >= 249


def test_the_command_line_sets_the_size(
    tmp_path: Path, tiny: str, capsys: pytest.CaptureFixture[str]
) -> None:
    (tmp_path / "good.txt").write_text("The target is $70 billion.")
    (tmp_path / "large.txt").write_text("words " * 200_000)
    options = ["--docs", str(tmp_path), "--encoder", tiny, "--max-size", "1"]
    assert main(["ask", *options, "What is the target?"]) in (0, 1)
    said = capsys.readouterr().err
    assert "large.txt: has 1200000 bytes, the limit for a file is 1000000; split it" in said


def test_a_pdf_of_too_many_pages_is_left_out() -> None:
    content = pdf_of(lambda pdf: [pdf.add_page() for _ in range(3)])
    assert "has 4 pages, the limit is 3; split it" in refusal(content, "a.pdf", pages=3)


def test_a_pdf_that_is_only_kept_from_change_is_read() -> None:
    assert "dredged in 1993" in extract(pdf_of(kept_from_change), "a.pdf", Limits()).text


def test_one_page_that_is_broken_loses_no_other(tmp_path: Path) -> None:
    """A page without text is named when it is not alone in that, or a cover page would be."""

    def fill(pdf: FPDF) -> None:
        pdf_with_words(pdf)
        for _ in range(2):
            pdf.add_page()
            pdf.rect(10, 10, 50, 50)

    (tmp_path / "a.pdf").write_bytes(pdf_of(fill))
    loaded = load_folder(tmp_path)
    assert loaded.documents[0].text.startswith("The harbour")
    assert loaded.problems[0].startswith(
        "a.pdf: pages 2, 3 hold no text, perhaps they were scanned"
    )


def check(found: Extracted) -> None:
    """Hold places and passages against the text."""
    starts = [place.start for place in found.places]
    assert starts == sorted(starts)
    assert all(0 <= start <= len(found.text) for start in starts)
    found.text.encode("utf-8")
    blocks = found.blocks or ()
    assert all(one.span.end <= two.span.start for one, two in pairwise(blocks))
    for block in blocks:
        assert all(block.span.covers(cell) for cell in block.cells if cell)
    document = make_document(found.text, "a.txt", places=found.places, blocks=blocks)
    for passage in split_passages(document):
        assert passage.span.of(found.text) == passage.text


def check_or_refuse(content: bytes, name: str) -> None:
    """Read a file; nothing but the one kind of error may come out."""
    with contextlib.suppress(DocumentError):
        check(extract(content, name, replace(Limits(), seconds=5)))


TEXT = st.text(st.characters(exclude_categories=["Cs"]), max_size=60)
PRINTABLE = st.text(st.characters(exclude_categories=["Cs", "Cc"]), max_size=30)


@given(st.lists(TEXT, min_size=1, max_size=6))
def test_paragraphs_of_html_come_back(texts: list[str]) -> None:
    html = "".join(f"<p>{escape(text)}</p>" for text in texts).replace("\0", "")
    expected = [clean(" ".join(text.replace("\0", "").split())) for text in texts]
    kept = "\n\n".join(text for text in expected if text)
    if kept.strip():
        found = extract(html.encode(), "a.html", Limits())
        assert found.text == kept
        check(found)
    else:
        assert "is empty" in refusal(html.encode(), "a.html")


@settings(max_examples=15)
@given(st.lists(st.lists(PRINTABLE, min_size=1, max_size=4), min_size=1, max_size=4))
def test_cells_come_back_at_their_places(rows: list[list[str]]) -> None:
    kept = [["words", "and more"], *([f"x{cell}" for cell in row] for row in rows)]
    for name, content, sheet in (
        ("a.xlsx", workbook(kept), "Sheet, "),
        ("a.csv", comma_separated(kept), ""),
    ):
        found = extract(content, name, Limits())
        check(found)
        starts = {place.label: place.start for place in found.places}
        for number, row in enumerate(kept, 1):
            for letter, cell in zip("ABCD", row, strict=False):
                start = starts[f"{sheet}{letter}{number}"]
                assert found.text[start:].startswith(tidy(cell).replace("|", "¦"))


@given(st.lists(PRINTABLE, min_size=1, max_size=8))
def test_a_page_loses_nothing_but_hyphens_and_blanks(lines: list[str]) -> None:
    runs = [
        [words, [50, 700 - 12 * at, 50 + 5 * len(words), 710 - 12 * at], False, 0, "", 0]
        for at, words in enumerate(lines)
    ]
    pieces, known = find_pieces([read_page(runs)])
    text = "".join(block_words(piece, known)[0] for piece in pieces)
    assert letters(text) == letters("".join(lines))


def letters(text: str) -> str:
    return "".join(clean(text).replace("-", "").split())


@settings(max_examples=150)
@given(st.sampled_from(sorted(READERS)), st.binary(max_size=300))
def test_any_bytes_are_text_or_a_refusal(suffix: str, content: bytes) -> None:
    check_or_refuse(content, f"a{suffix}")


@settings(max_examples=100)
@given(
    st.sampled_from(sorted(LARGE)),
    st.lists(st.tuples(st.floats(0, 1, exclude_max=True), st.binary(max_size=4)), max_size=5),
)
def test_a_damaged_file_is_text_or_a_refusal(name: str, damage: list[tuple[float, bytes]]) -> None:
    content = bytearray(LARGE[name])
    for place, change in damage:
        start = int(place * len(content))
        content[start : start + len(change)] = change
    check_or_refuse(bytes(content), name)


def test_formats_are_read_or_refused_never_both() -> None:
    assert not READERS.keys() & REMEDIES.keys()
