"""Test that a text is decoded as it was written, and that a guess is told."""

from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from qa import Citation, load_folder, split_passages
from qa.errors import DocumentError
from qa.formats.encodings import Decoded, declared_in, decode
from qa.formats.layout import Extracted
from qa.formats.limits import Limits, Watch
from qa.formats.readers import extract
from qa.schema import Document

WRITTEN = {
    "cp1252": "Name;Betrag\nMüller, Straße 3;12,50 €\n",
    "cp1250": "Zażółć gęślą jaźń; cena wynosi 12 złotych",
    "cp1251": "Цена билета составляет триста рублей.",
    "koi8_r": "Цена билета составляет триста рублей.",
    "cp1253": "Η τιμή του εισιτηρίου είναι τριακόσια ευρώ.",
    "cp932": "料金は三百円です。適用は明日からです。",
    "euc_jp": "料金は三百円です。適用は明日からです。",
    "iso-2022-jp": "料金は三百円です。",
    "gb18030": "票价是三百元。这里的室内温度不高。",
    "big5": "票價是三百元。這裡的溫度不高。",
    "cp949": "요금은 삼백 원입니다. 내일부터 적용됩니다.",
}
UNICODE = ("utf-8", "utf-8-sig", "utf-16", "utf-16-le", "utf-16-be", "utf-32")


def decoded(content: bytes, declared: str = "") -> Decoded:
    return decode(content, Watch("a.txt", Limits()), declared)


def read(content: bytes, name: str) -> Extracted:
    return extract(content, name, Limits())


@pytest.mark.parametrize("encoding", UNICODE)
def test_unicode_is_known_by_its_mark_or_its_zeros(encoding: str) -> None:
    text = "The fee is 5 €.\r\nIt is due in May.\n"
    found = decoded(text.encode(encoding))
    assert (found.text, found.guess) == (text, "")
    assert found.is_utf8 is encoding.startswith("utf-8")


@pytest.mark.parametrize("big", [True, False])
def test_utf_32_of_either_order_is_known_by_its_mark(big: bool) -> None:
    content = b"\0\0\xfe\xff" if big else b"\xff\xfe\0\0"
    content += "words".encode("utf-32-be" if big else "utf-32-le")
    assert decoded(content).text == "words"


@pytest.mark.parametrize(("encoding", "text"), WRITTEN.items())
def test_other_encodings_are_guessed(encoding: str, text: str) -> None:
    found = decoded(text.encode(encoding))
    assert (found.text, found.is_utf8) == (text, False)
    if encoding != "iso-2022-jp":  # its escapes leave nothing to guess
        assert f"read as {encoding.upper()}, a guess" in found.guess


def test_a_stray_byte_does_not_change_how_the_others_are_read() -> None:
    lines = ["Zürich;5", "Genève;6", "料金;7"]
    found = decoded("\n".join(lines).encode() + "\nMalmö;8".encode("latin-1"))
    assert found.text.splitlines() == [*lines, "Malmö;8"]
    assert found.guess == "is UTF-8 but for 1 byte, read as CP1252"


def test_a_single_byte_of_latin_1_does_not_lose_a_table() -> None:
    found = read("town,tariff\nParis,5\nMalmö,6\n".encode("latin-1"), "a.csv")
    assert "Malmö" in found.text
    assert found.doubts == (
        "is not UTF-8 and was read as CP1252, a guess; if letters look wrong, save it as UTF-8",
    )


@pytest.mark.parametrize(
    ("content", "declared", "text"),
    [
        (b"\x80", "iso-8859-1", "€"),
        (b"\x80", "cp99999", "€"),
        (b"\x80", "unicode_escape", "€"),
        ("日本".encode("iso-2022-jp"), "ISO-2022-JP", "日本"),
        ("é".encode(), "windows-1252", "é"),
        ("žluť".encode("iso-8859-2"), "ISO-8859-2", "žluť"),
    ],
)
def test_an_encoding_is_believed_where_it_is_a_known_one(
    content: bytes, declared: str, text: str
) -> None:
    assert decoded(content, declared).text == text


def test_a_page_says_its_encoding_in_a_declaration_or_a_tag() -> None:
    assert declared_in(b'<?xml version="1.0" encoding="koi8-r"?><html>') == "koi8-r"
    assert declared_in(b"<html><meta charset=big5>") == "big5"
    assert declared_in(b"<p>encoding='big5'") == ""
    page = '<?xml version="1.0" encoding="Shift_JIS"?><html><body><p>料金は三百円です。'
    found = read(page.encode("shift_jis"), "a.xhtml")
    assert (found.text, found.doubts) == ("料金は三百円です。", ())


@pytest.mark.parametrize("content", [b"a\0b", bytes(range(256)), b"\xff\xfea\0\0\0b\0"])
def test_bytes_that_are_no_text_are_refused(content: bytes) -> None:
    with pytest.raises(DocumentError, match=r"a\.txt: is a binary file"):
        decoded(content)


@given(st.binary(max_size=300), st.sampled_from(["", "utf-7", "gbk", "iso-2022-kr", "cp437"]))
def test_any_bytes_are_text_or_a_refusal(content: bytes, declared: str) -> None:
    try:
        found = decoded(content, declared)
    except DocumentError:
        return
    found.text.encode("utf-8")
    assert "\0" not in found.text


def citation_of(document: Document) -> Citation:
    passage = split_passages(document)[-1]
    return Citation(
        document.source, "", None, None, passage.span, passage.text, passage.text, passage.span,
        document.sha256, document.location,
        extracted=document.text if document.places else None,
    )  # fmt: skip


@pytest.mark.parametrize("encoding", ["utf-8", "utf-16", "cp1252"])
def test_a_citation_of_any_encoding_holds_until_its_file_changes(
    tmp_path: Path, encoding: str
) -> None:
    file = tmp_path / "a.txt"
    file.write_bytes("Café.\n\nThe fee is 5 €.".encode(encoding))
    (document,) = load_folder(tmp_path).documents
    citation = citation_of(document)
    assert citation.quote == "The fee is 5 €."
    assert citation.verify()
    file.write_bytes("Café.\n\nThe fee is 6 €.".encode(encoding))
    assert not citation.verify()
