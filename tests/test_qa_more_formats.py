"""Test the readers of slides, OpenDocument, books, records, notebooks, RTF and mailboxes."""

import io
import json
import zipfile
from pathlib import Path

import pytest

from qa import load_folder
from qa.errors import DocumentError
from qa.formats.layout import Extracted
from qa.formats.limits import Limits
from qa.formats.readers import extract
from qa.schema import BlockKind

DECLARATION = '<?xml version="1.0" encoding="UTF-8"?>'


def packed(members: dict[str, str]) -> bytes:
    file = io.BytesIO()
    with zipfile.ZipFile(file, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content in members.items():
            archive.writestr(name, content)
    return file.getvalue()


def read(content: bytes | str, name: str) -> Extracted:
    return extract(content if isinstance(content, bytes) else content.encode(), name, Limits())


def parts(found: Extracted) -> list[tuple[str, str]]:
    assert found.blocks is not None
    return [(one.kind.value, one.span.of(found.text)) for one in found.blocks]


def cells(found: Extracted) -> list[list[str | None]]:
    rows = [one for one in found.blocks or () if one.kind is BlockKind.TABLE_ROW]
    return [[cell and cell.of(found.text) for cell in row.cells] for row in rows]


def label(found: Extracted, words: str) -> str:
    start = found.text.index(words)
    return [place.label for place in found.places if place.start <= start][-1]


def slide(title: str, *lines: str, hidden: bool = False) -> str:
    body = "".join(f"<a:p><a:r><a:t>{line}</a:t></a:r></a:p>" for line in lines)
    return (
        f'<p:sld xmlns:p="p" xmlns:a="a"{" show=" + chr(34) + "0" + chr(34) if hidden else ""}>'
        '<p:sp><p:nvPr><p:ph type="title"/></p:nvPr>'
        f"<a:p><a:r><a:t>{title}</a:t></a:r></a:p></p:sp>"
        f'<p:sp><p:nvPr><p:ph idx="1"/></p:nvPr>{body}</p:sp>'
        '<p:sp><p:nvPr><p:ph type="sldNum"/></p:nvPr><a:p><a:t>7</a:t></a:p></p:sp>'
        '<a:tbl><a:tblPr firstRow="1"/><a:tr><a:tc><a:p><a:t>Town</a:t></a:p></a:tc><a:tc><a:p>'
        "<a:t>Fee</a:t></a:p></a:tc></a:tr><a:tr><a:tc><a:p><a:t>Aktau</a:t></a:p></a:tc><a:tc>"
        "<a:p><a:t>5 euros</a:t></a:p></a:tc></a:tr></a:tbl></p:sld>"
    )


def relations(**targets: str) -> str:
    rows = "".join(
        f'<Relationship Id="{key}" Type="x/{"notesSlide" if "notes" in target else "slide"}" '
        f'Target="{target}"/>'
        for key, target in targets.items()
    )
    return f'<Relationships xmlns="r">{rows}</Relationships>'


def deck() -> bytes:
    return packed(
        {
            "ppt/presentation.xml": '<p:presentation xmlns:p="p" xmlns:r="r"><p:sldIdLst>'
            '<p:sldId id="1" r:id="b"/><p:sldId id="2" r:id="a"/><p:sldId id="3" r:id="c"/>'
            "</p:sldIdLst></p:presentation>",
            "ppt/_rels/presentation.xml.rels": relations(
                a="slides/slide1.xml", b="slides/slide2.xml", c="/ppt/slides/slide3.xml"
            ),
            "ppt/slides/slide1.xml": slide("The end", "Thank you all"),
            "ppt/slides/slide2.xml": slide("The harbour", "It was dredged in 1993"),
            "ppt/slides/slide3.xml": slide("Secret", "Nobody sees this", hidden=True),
            "ppt/slides/_rels/slide1.xml.rels": relations(n="../notesSlides/notes1.xml"),
            "ppt/notesSlides/notes1.xml": slide("", "Speak slowly here"),
        }
    )


def test_slides_are_read_in_their_order_with_tables_and_notes() -> None:
    found = read(deck(), "a.pptx")
    kinds = [kind for kind, _ in parts(found)]
    assert parts(found)[:2] == [("heading", "The harbour"), ("list item", "It was dredged in 1993")]
    assert kinds.count("table header") == 3
    assert cells(found)[0] == ["Aktau", "5 euros"]
    assert ("boilerplate", "7") in parts(found)
    assert found.text.index("dredged") < found.text.index("Thank you") < found.text.index("slowly")
    assert label(found, "Speak slowly here") == "slide 2, notes"
    assert "Nobody" not in found.text


ODT = (
    f'{DECLARATION}<o:document-content xmlns:o="o" xmlns:text="t" xmlns:table="b"><o:body>'
    "<text:tracked-changes><text:p>deleted words</text:p></text:tracked-changes>"
    '<text:h text:outline-level="2">Fees</text:h>'
    "<text:p>The fee<o:annotation><text:p>not so</text:p></o:annotation> is<text:s/>5 euros"
    "<text:note><text:note-body><text:p>From May on.</text:p></text:note-body></text:note>"
    ".</text:p>"
    "<text:list><text:list-item><text:p>tea</text:p></text:list-item></text:list>"
    "<table:table><table:table-row><table:table-cell><text:p>Town</text:p></table:table-cell>"
    "<table:table-cell><text:p>Fee</text:p></table:table-cell></table:table-row>"
    "<table:table-row><table:table-cell><text:p>Aktau</text:p></table:table-cell>"
    "<table:table-cell><text:p>5</text:p></table:table-cell></table:table-row></table:table>"
    "</o:body></o:document-content>"
)


def test_an_opendocument_text_is_read_with_what_is_seen() -> None:
    found = read(packed({"content.xml": ODT}), "a.odt")
    assert ("heading", "Fees") in parts(found)
    assert ("footnote", "From May on.") in parts(found)
    assert ("paragraph", "The fee is 5 euros.") in parts(found)
    assert ("list item", "tea") in parts(found)
    assert cells(found) == [["Aktau", "5"]]
    assert "deleted" not in found.text
    assert "not so" not in found.text


def test_an_opendocument_sheet_keeps_its_columns() -> None:
    def row(*words: str) -> str:
        held = "".join(
            f"<table:table-cell><text:p>{one}</text:p></table:table-cell>"
            if one
            else '<table:table-cell table:number-columns-repeated="2"/>'
            for one in words
        )
        return f"<table:table-row>{held}</table:table-row>"

    content = (
        f'{DECLARATION}<o:c xmlns:o="o" xmlns:text="t" xmlns:table="b"><o:spreadsheet>'
        f'<table:table table:name="Fees">{row("Town", "Adults", "Children", "Dogs")}'
        f"{row('Aktau', '', '7')}"
        '<table:table-row table:number-rows-repeated="1048000"><table:table-cell '
        'table:number-columns-repeated="16000"/></table:table-row></table:table>'
        "</o:spreadsheet></o:c>"
    )
    found = read(packed({"content.xml": content}), "a.ods")
    assert parts(found)[0] == ("heading", "Fees")
    assert cells(found) == [["Aktau", None, None, "7"]]


def book(chapter: str) -> bytes:
    return packed(
        {
            "META-INF/container.xml": '<c><rootfile full-path="O/b.opf"/></c>',
            "O/b.opf": '<package xmlns:dc="d"><metadata><dc:title>The Harbour</dc:title>'
            "<dc:creator>Ann Lee</dc:creator><dc:date>1998</dc:date></metadata><manifest>"
            '<item id="two" href="two%20.xhtml" media-type="application/xhtml+xml"/>'
            '<item id="one" href="one.xhtml" media-type="application/xhtml+xml"/>'
            '<item id="nav" href="nav.xhtml" properties="nav" media-type="application/xhtml+xml"/>'
            '</manifest><spine><itemref idref="nav"/><itemref idref="one"/><itemref idref="two"/>'
            "</spine></package>",
            "O/nav.xhtml": "<p>Contents</p>",
            "O/one.xhtml": "<h1>One</h1><p>First words.</p>",
            "O/two .xhtml": chapter,
        }
    )


def test_a_book_is_read_in_the_order_of_its_spine() -> None:
    found = read(book("<h1>Two</h1><p>The harbour was dredged in 1993.</p>"), "a.epub")
    assert [words for _, words in parts(found)] == [
        "One", "First words.", "Two", "The harbour was dredged in 1993.",
    ]  # fmt: skip
    assert found.title == "The Harbour"
    assert dict(found.metadata) == {"author": "Ann Lee", "date": "1998"}


@pytest.mark.parametrize(
    "text",
    [
        '[{"town": "Aktau", "fee": 5}, {"town": "Baku", "fee": null, "dogs": true}]',
        '{"town": "Aktau", "fee": 5}\n\n{"town": "Baku", "dogs": true}\n',
    ],
)
def test_records_of_the_same_fields_are_rows(text: str) -> None:
    found = read(text, "a.jsonl")
    assert parts(found)[0] == ("table header", "town | fee | dogs")
    assert cells(found) == [["Aktau", "5", None], ["Baku", None, "true"]]
    assert label(found, "Baku") == "record 2"


def test_other_records_are_paragraphs_of_their_fields() -> None:
    long = "The harbour was dredged twice in the nineties. " * 6
    found = read(json.dumps([{"a": {"b": [1, 2], "text": long}}, {"c": [{"d": "x"}]}]), "a.json")
    assert parts(found)[0] == ("paragraph", f"a.b: 1; 2\na.text: {long.strip()}")
    assert parts(found)[1] == ("paragraph", "c.d: x")
    one = read('{"name": "qa", "rows": [{"x": 1, "y": 2}, {"x": 3, "y": 4}]}', "a.json")
    assert parts(one)[:2] == [("paragraph", "name: qa"), ("heading", "rows")]


@pytest.mark.parametrize(
    ("name", "content", "message"),
    [
        ("a.json", "no json", r"is no JSON \(line 1"),
        ("a.json", "[" * 100_000, "is no JSON"),
        ("a.ipynb", "[]", "is no Jupyter notebook"),
        ("a.rtf", "words", "is no RTF document"),
        ("a.mbox", "words", "is no mailbox"),
        ("a.pptx", packed({"x.xml": "<a/>"}), "is no PPTX presentation"),
        ("a.odt", packed({"x.xml": "<a/>"}), "is no OpenDocument file"),
        ("a.epub", packed({"x.xml": "<a/>"}), "is no EPUB book"),
        ("a.odt", packed({"content.xml": "<!DOCTYPE a []><a/>"}), "declares XML entities"),
        ("a.epub", packed({"b.opf": "<!DOCTYPE a []><a/>"}), "declares XML entities"),
        ("a.pptx", packed({"big.xml": " " * 11_000_000}), "packed"),
    ],
)
def test_what_is_no_file_of_its_kind_is_refused(
    name: str, content: bytes | str, message: str
) -> None:
    with pytest.raises(DocumentError, match=message):
        read(content, name)


def test_a_notebook_is_its_prose_its_code_and_what_that_put_out() -> None:
    notebook = {
        "cells": [
            {"cell_type": "markdown", "source": ["# Harbour\n", "\n", "It was dredged in 1993."]},
            {
                "cell_type": "code",
                "source": "print(1 + 1)",
                "outputs": [{"text": ["2\n"]}, {"data": {"text/plain": "'x'", "image/png": "AA"}}],
            },
        ]
    }
    found = read(json.dumps(notebook), "a.ipynb")
    assert parts(found) == [
        ("heading", "Harbour"), ("paragraph", "It was dredged in 1993."),
        ("code", "print(1 + 1)"), ("code", "2"), ("code", "'x'"),
    ]  # fmt: skip


def test_rtf_is_read_without_its_marks() -> None:
    picture = r"{\pict\pngblip " + "89504e47" * 1000 + "}"
    rtf = (
        r"{\rtf1\ansi{\fonttbl{\f0 Arial;}}\b The fee\b0  is 5 \'80 in Z\'fcrich.\par "
        + picture
        + r"\trowd\intbl Town\cell Fee\cell\row\trowd\intbl Aktau\cell 5\cell\row\pard Ends.\par}"
    )
    found = read(rtf, "a.rtf")
    assert ("paragraph", "The fee is 5 € in Zürich.") in parts(found)
    assert cells(found) == [["Aktau", "5"]]
    assert "89504e47" not in found.text


def test_a_mailbox_is_its_messages() -> None:
    message = (
        "From {0}@example.org Thu Jul  2 10:00:00 2024\nFrom: {0} <{0}@example.org>\n"
        "Subject: {1}\n\n{2}\n\n"
    )
    content = message.format("ann", "Tea", "The tea is at four.") + message.format(
        "bo", "Ships", "From here on, 12 ships sail."
    )
    found = read(content, "a.mbox")
    headings = [words for kind, words in parts(found) if kind == "heading"]
    assert headings == ["Message 1: Tea", "Message 2: Ships"]
    assert "From here on, 12 ships sail." in found.text
    assert label(found, "12 ships") == "Message 2: Ships"


def test_text_without_an_extension_is_read_and_unknown_kinds_are_counted(tmp_path: Path) -> None:
    for name in ("README", "LICENSE", "a.log", "b.text"):
        (tmp_path / name).write_text("The fee is 5 euros.")
    for name in ("Makefile", "a.xyz", "b.xyz"):
        (tmp_path / name).write_text("x")
    (tmp_path / "sub").mkdir()
    (tmp_path / "sub" / "manifest.json").write_text('{"documents": []}')
    loaded = load_folder(tmp_path)
    assert [one.source for one in loaded.documents] == ["LICENSE", "README", "a.log", "b.text"]
    assert loaded.problems == (
        "3 files are of kinds that are not read (2 .xyz, 1 without extension); save them as text "
        "or PDF",
    )


def test_a_folder_of_unknown_kinds_says_so(tmp_path: Path) -> None:
    for number in range(38):
        (tmp_path / f"{number}.xyz").write_text("x")
    with pytest.raises(DocumentError, match=r"38 files are of kinds that are not read \(38 \.xyz"):
        load_folder(tmp_path)
