"""Test that every format is read, and that what is quoted stands at the place that it names."""

import csv
import io
import sys
from collections.abc import Callable
from dataclasses import replace
from datetime import datetime
from email.message import EmailMessage
from pathlib import Path
from zipfile import ZipFile

import docx
import openpyxl
import pytest
from docx.enum.style import WD_STYLE_TYPE
from fpdf import FPDF

from qa import Answer, Assistant, load_folder
from qa.errors import DocumentError
from qa.formats.layout import Extracted
from qa.formats.limits import Limits
from qa.formats.readers import extract
from qa.schema import Document, PassageKind
from qa.text.passages import split_passages

TARGET = "The trade target for 2030 was set at $70 billion by both sides."
OTHERS = (
    "The harbour was dredged twice in the nineties.",
    "Olive oil is pressed in the autumn, when the mills open.",
    "The mayor opened the new library in Aktau.",
)


def read(content: bytes, name: str, **limits: float) -> Extracted:
    return extract(content, name, replace(Limits(), **limits))


def document_of(content: bytes, name: str, folder: Path) -> Document:
    (folder / name).write_bytes(content)
    (document,) = load_folder(folder).documents
    return document


def make_pdf(*pages: str) -> bytes:
    pdf = FPDF()
    pdf.set_font("Helvetica", size=11)
    for page in pages:
        pdf.add_page()
        pdf.multi_cell(0, None, page)
    return bytes(pdf.output())


def make_docx(fill: Callable[[docx.document.Document], None]) -> bytes:
    document, file = docx.Document(), io.BytesIO()
    fill(document)
    document.save(file)
    return file.getvalue()


def make_xlsx(**sheets: list[list[object]]) -> bytes:
    book, file = openpyxl.Workbook(), io.BytesIO()
    book.remove(book.active)
    for title, rows in sheets.items():
        sheet = book.create_sheet(title)
        for row in rows:
            sheet.append(row)
    book.save(file)
    return file.getvalue()


def report_docx() -> bytes:
    def fill(document: docx.document.Document) -> None:
        document.add_heading("Report", 0)
        document.add_heading("Results", 1)
        document.add_paragraph(OTHERS[0])
        document.add_heading("Trade", 2)
        document.add_paragraph(TARGET)
        document.add_heading("Culture", 1)
        document.add_paragraph(OTHERS[2])

    return make_docx(fill)


def report_html() -> bytes:
    return (
        "<!doctype html><title>Report - Press</title><nav><a href=/>Home</a> trade target</nav>"
        f"<h1>Results</h1><p>{OTHERS[0]}<h2>Trade</h2><p>{TARGET}</p><script>var trade</script>"
        f"<h1>Culture</h1><p>{OTHERS[2]}"
    ).encode()


def report_eml() -> bytes:
    message = EmailMessage()
    message["Subject"], message["From"] = "The summit", "Ann Lee <ann@example.org>"
    message["Date"] = "Tue, 02 Jul 2024 10:00:00 +0000"
    message.set_content(f"Dear Bo,\n\n{TARGET}\n\n{OTHERS[1]}\n")
    message.add_alternative(f"<p>{TARGET}", subtype="html")
    message.add_attachment(b"\0", maintype="application", subtype="zip", filename="maps.zip")
    return message.as_bytes()


TABLE: list[list[object]] = [
    ["Project", "Year", "Trade target"],
    ["Railway", 2013, "$20 billion"],
    ["Summit", 2030, "$70 billion"],
]


def table_csv() -> bytes:
    file = io.StringIO(newline="")
    csv.writer(file, delimiter=";").writerows(TABLE)
    return file.getvalue().encode("utf-8-sig")


@pytest.mark.parametrize(
    ("name", "content", "question", "place"),
    [
        ("a.pdf", make_pdf(*OTHERS[:2], TARGET, OTHERS[2]), "", "page 3"),
        ("a.docx", report_docx(), "", "Results > Trade"),
        ("a.html", report_html(), "", "Results > Trade"),
        ("a.eml", report_eml(), "", ""),
        ("a.xlsx", make_xlsx(Notes=[["See below"]], Plan=TABLE), "summit", "Plan, C3"),
        ("a.csv", table_csv(), "summit", "C3"),
    ],
)
def test_an_answer_is_found_in_its_place_until_the_file_changes(
    tmp_path: Path, name: str, content: bytes, question: str, place: str
) -> None:
    (tmp_path / name).write_bytes(content)
    question = f"What trade target was set for {question or 2030}?"
    answer = Assistant.from_folder(tmp_path).ask(question)
    reopened = saved_and_asked(tmp_path, question)
    for one in (answer, reopened):
        found = [one for one in (*one.citations, *one.nearest) if "$70 billion" in one.quote]
        assert found, one.to_dict()
        assert found[0].place == place
        assert found[0].to_dict()["place"] == place
        assert found[0].verify()
        assert not replace(found[0], quote="$71 billion").verify()
        assert not replace(found[0], extracted=found[0].extracted[1:]).verify()
    (tmp_path / name).write_bytes(content + b" ")
    assert not found[0].verify()


def saved_and_asked(folder: Path, question: str) -> Answer:
    index = folder.parent / f"{folder.name}.index"
    Assistant.from_folder(folder).save(index)
    return Assistant.open(index).ask(question)


def test_a_paragraph_goes_on_over_a_page_break(tmp_path: Path) -> None:
    lines = [f"{word} " * 12 + word for word in ("alpha", "beta", "gamma", "delta", "eps")]
    content = make_pdf("\n".join(lines[:3]), "\n".join(lines[3:]))
    document = document_of(content, "a.pdf", tmp_path)
    (passage,) = split_passages(document)
    assert passage.text.startswith("alpha")
    assert document.place(passage.span.start) == "page 1"
    assert document.place(passage.span.end - 1) == "page 2"


def test_docx_keeps_lists_tables_notes_and_what_stands_above_them(tmp_path: Path) -> None:
    def fill(document: docx.document.Document) -> None:
        style = document.styles.add_style("House heading", WD_STYLE_TYPE.PARAGRAPH)
        style.base_style = document.styles["Heading 2"]
        document.add_paragraph("Ports", style=style)
        document.add_paragraph("Goals:")
        document.add_paragraph("Build a port", style="List Bullet")
        document.add_paragraph("Dredge it", style="List Number 2")
        table = document.add_table(0, 3)
        for row in TABLE:
            for cell, value in zip(table.add_row().cells, row, strict=True):
                cell.text = str(value)
        table.rows[1].cells[0].merge(table.rows[1].cells[1])
        document.add_paragraph("The\tend")
        document.core_properties.title = "The plan"

    document = document_of(make_docx(fill), "a.docx", tmp_path)
    assert document.title == "The plan"
    assert document.text == (
        "Ports\n\nGoals:\n\n• Build a port\n1. Dredge it\n\nProject | Year | Trade target\n"
        "Railway 2013 |  | $20 billion\nSummit | 2030 | $70 billion\n\nThe end"
    )
    rows = [one for one in split_passages(document) if one.kind is PassageKind.TABLE_ROW]
    assert rows[1].header == "Project | Year | Trade target"


def test_sheets_show_values_as_people_see_them() -> None:
    rows = [
        ["Sales by year"],
        [],
        ["Day", "Share", "Sum", "Paid"],
        [datetime(2024, 7, 2), 0.125, 0.1 + 0.2, True],
        [datetime(2024, 7, 2, 9, 30), 1, "=1+1", "a|b\nc"],
        [],
        [1, 2],
    ]
    file = io.BytesIO(make_xlsx(Data=rows))
    book = openpyxl.load_workbook(file)
    book["Data"]["B4"].number_format = "0.0%"
    book.save(file)
    found = read(file.getvalue(), "a.xlsx")
    assert found.text == (
        "Data\n\nSales by year\n\nDay | Share | Sum | Paid\n"
        "2024-07-02 | 12.5% | 0.3 | TRUE\n2024-07-02 09:30:00 | 1 |  | a¦b c\n\n1 | 2"
    )
    shown = {one.label: found.text[one.start :].split("\n\n")[0] for one in found.places}
    labels = {label: words.split(" |")[0] for label, words in shown.items()}
    assert labels["Data, A1"].startswith("Sales by year")
    assert (labels["Data, C4"], labels["Data, D5"], labels["Data, B7"]) == ("0.3", "a¦b c", "2")
    assert labels["Data, row 5"] == "2024-07-02 09:30:00"


@pytest.mark.parametrize(
    ("html", "text"),
    [
        ("<p>One<p>two<br>three", "One\n\ntwo\nthree"),
        ("a<br>b<br> <br>c", "a\nb\n\nc"),
        ("AT&amp;T &lt;b&gt; &eacute;", "AT&T <b> é"),
        ("<ul><li>a<ul><li>b</ul><li><p>c</p></ul><p>d", "• a\n  • b\n• c\n\nd"),
        ("<table><tr><th>A<th>B<tr><td>1<td>2</table>", "A | B\n1 | 2"),
        ("<table><tr><th>A<th>B</table>after", "A | B\n\nafter"),
        ("<table><tr><td colspan=2>x<td>y<tr><td>1<td>2<td>3", "x |  | y\n1 | 2 | 3"),
        ("<table><tr><td><h1>T</h1>a<td>b<table><tr><td>1<td>2", "T\n\na\n\nb\n\n1 | 2"),
        ("<pre>a\n  b</pre>c", "a\n  b\n\nc"),
        ("a<script>b<p>c</script>d<style>e</style><!-- f -->", "ad"),
        ("<nav>menu<h1>Title</h1>text", "Title\n\ntext"),
        ("co&shy;ope&#x200b;rate a&nbsp;b\0\x1b", "cooperate a b\ufffd\ufffd"),
        ("<p>a<![if x]>b<![endif]><?php c ?><!x>d", "abd"),
        ("a < b > c <", "a < b > c <"),
        ("<p>a<b", "a"),
    ],
)
def test_html_shows_what_a_browser_would(html: str, text: str) -> None:
    assert read(html.encode(), "a.html").text == text


def test_html_says_who_and_when() -> None:
    head = (
        '<meta property="og:site_name" content="Press"><title>A\n b</title>'
        '<meta name=date content="soon"><meta name=date content="2024-07-02T10:00">'
    )
    found = read(f"{head}<p>x".encode(), "a.htm")
    assert (found.title, found.metadata) == (
        "A b",
        (("date", "2024-07-02"), ("publisher", "Press")),
    )


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16", "cp1252", "gb18030"])
def test_html_is_decoded_as_it_says(encoding: str) -> None:
    content = f'<meta charset="{encoding}"><p>café 1 €'.encode(encoding)
    assert read(content, "a.html").text == "café 1 €"


def test_a_message_is_read_with_its_headers(tmp_path: Path) -> None:
    document = document_of(report_eml(), "a.eml", tmp_path)
    assert document.title == "The summit"
    assert (document.publisher, document.date) == ("Ann Lee", "2024-07-02")
    assert document.text.startswith("Subject: The summit\n\nFrom: Ann Lee <ann@example.org>")
    assert document.text.endswith("Attachment: maps.zip")
    assert document.text.count(TARGET) == 1


def test_a_manifest_counts_more_than_the_file(tmp_path: Path) -> None:
    (tmp_path / "manifest.json").write_text('{"documents": [{"file": "a.eml", "title": "Mine"}]}')
    document = document_of(report_eml(), "a.eml", tmp_path)
    assert (document.title, document.publisher) == ("Mine", "Ann Lee")


def test_every_extracted_text_has_places_and_plain_text_has_none() -> None:
    """This is how a citation knows in which text its spans count."""
    assert read(b"words", "a.txt").places == read(b"# words", "a.md").places == ()
    samples = {
        ".pdf": make_pdf("words"), ".docx": report_docx(), ".xlsx": make_xlsx(A=[["words"]]),
        ".csv": b"words", ".eml": report_eml(), ".html": b"words",
    }  # fmt: skip
    for suffix, content in samples.items():
        found = read(content, f"a{suffix}")
        assert found.places[0].start == 0, suffix
    for suffix in (".md", ".rst", ".adoc", ".org", ".tex", ".log"):
        assert read(b"words", f"a{suffix}").places == (), suffix


def test_docx_without_styles_or_properties_is_read() -> None:
    packed = io.BytesIO()
    body = "<w:document xmlns:w='x'><w:p><w:r><w:t>words</w:t></w:r></w:p></w:document>"
    with ZipFile(packed, "w") as archive:
        archive.writestr("word/document.xml", body)
    assert read(packed.getvalue(), "a.docx").text == "words"


@pytest.mark.parametrize(("name", "library"), [("a.pdf", "pypdfium2"), ("a.xlsx", "openpyxl")])
def test_a_missing_library_is_named_with_the_command_that_brings_it(
    name: str, library: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(sys.modules, library, None)
    content = make_pdf("words") if library == "pypdfium2" else make_xlsx(A=[["words"]])
    with pytest.raises(DocumentError) as caught:
        read(content, name)
    assert str(caught.value) == (
        f"{name}: needs a library that is not installed ({library}): "
        'pip install "extractive-qa[formats]"'
    )
