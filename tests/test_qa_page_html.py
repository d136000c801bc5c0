"""Test the HTML that the page shows: what it says, and that no text becomes a tag."""

import dataclasses
from html.parser import HTMLParser
from pathlib import Path

from hypothesis import given
from hypothesis import strategies as st

from qa.answering import cite
from qa.documents.loading import load_folder, make_document
from qa.page.answers import render_answer, without
from qa.page.documents import render_document
from qa.page.history import render_history
from qa.page.library import SHARED
from qa.page.markup import marked, printable
from qa.page.visits import Entry
from qa.schema import Alternative, Answer, Citation, Document, Hit, Passage, Span
from qa.text.tokens import sentences

QUESTION = "Who set the budget?"


def entry(chosen: tuple[str, float] | None, *others: tuple[str, float]) -> Entry:
    """Return an answer of two documents' words, the first of them chosen, or a refusal."""
    text = "The target is 70 billion. It rose in 2024.\n"
    later = make_document("The target is 90 billion.\n", "later.txt", metadata=[("date", "2025")])
    documents = {one.id: one for one in (make_document(text, "early.txt"), later)}

    def cited(words: str) -> Citation:
        document = next(one for one in documents.values() if words in one.text)
        start = document.text.index(words)
        sentence = next(
            span
            for span in sentences(document.text)
            if span.covers(Span(start, start + len(words)))
        )
        return cite(document, Span(start, start + len(words)), sentence)

    answer = Answer(
        "What is the target?",
        None if chosen is None else chosen[0],
        0.1 if chosen is None else chosen[1],
        citations=() if chosen is None else (cited(chosen[0]),),
        alternatives=tuple(Alternative(cited(words), sure) for words, sure in others),
        reason="nothing is said of it" if chosen is None else None,
    )
    return Entry(1, SHARED, answer, "2026-01-01T00:00:00+00:00", documents)


def test_another_value_of_another_document_is_shown_with_its_date() -> None:
    html = render_answer(entry(("70 billion", 0.6), ("90 billion", 0.4), ("2024", 0.1)))
    assert "The documents also say" in html
    assert html.count("nearly as likely") == 1
    assert "<time>2025</time>" in html


def test_weaker_readings_are_folded_away() -> None:
    html = render_answer(entry(("70 billion", 0.6), ("The target", 0.5), ("90 billion", 0.2)))
    assert "<summary>Other candidates (2)</summary>" in html
    assert "nearly as likely" not in html
    html = render_answer(entry(None, ("90 billion", 0.1)))
    assert "<summary>Guesses that were withheld (1)</summary>" in html
    assert "Nothing is said of it." in html


def test_a_refusal_offers_the_question_without_unknown_words_where_it_still_asks() -> None:
    refused = entry(None)
    assert "Ask without" not in render_answer(refused, ("target",))
    longer = dataclasses.replace(refused.answer, question="What Zork target was set in Astana?")
    refused.answer = longer
    html = render_answer(refused, ("zork",), more_documents=True)
    assert "Ask without “Zork”" in html
    assert 'data-question="What target was set in Astana?"' in html
    assert "Ask all documents" in html


def test_a_quote_is_checked_against_the_file(tmp_path: Path) -> None:
    (tmp_path / "a.txt").write_bytes(b"The budget was set by Ada.\n")
    (document,) = load_folder(tmp_path).documents
    citation = cite(document, Span(22, 25), Span(0, 26))
    answer = Answer(QUESTION, "Ada", 0.9, citations=(citation,))
    shown = Entry(1, SHARED, answer, "", {document.id: document})
    assert "✓ checked" in render_answer(shown)
    (tmp_path / "a.txt").write_bytes(b"The budget was set by Bob.\n")
    assert "the file has changed" in render_answer(shown)


class Parsed(HTMLParser):
    """What a browser makes of HTML: its text, and the names of its tags and attributes."""

    def __init__(self, html: str) -> None:
        super().__init__()
        self.text, self.names = "", set[str]()
        self.feed(html)
        self.close()

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.names |= {f"<{tag}>", *(name for name, _ in attrs)}

    def handle_data(self, data: str) -> None:
        self.text += data


@given(st.text(max_size=40), st.integers(0, 40), st.integers(0, 40), st.integers(0, 9))
def test_marking_never_loses_or_adds_a_letter(text: str, start: int, end: int, at: int) -> None:
    quote = Span(at + start, at + end) if start < end else None
    sentence = None if quote is None else Span(max(quote.start - 2, 0), quote.end + 3)
    cut = marked(text, at, sentence, quote)
    assert cut.before + cut.opening + cut.quote + cut.closing + cut.after == text
    assert cut.quote == ("" if quote is None else text[start:end])


@given(st.text(max_size=40), st.integers(0, 40), st.integers(1, 40))
def test_a_document_is_shown_letter_by_letter(text: str, start: int, length: int) -> None:
    document = Document("1", text, "Title", "a.txt", "", "")
    html = render_document(document, Span(start, start + length), Span(start, start + length + 2))
    assert Parsed(html[html.index('<div class="text"') :]).text == printable(text)


def test_a_long_document_is_shown_whole_in_blocks() -> None:
    """The quote spans lines, the sentence around it several blocks' worth of them."""
    lines = [f"line {number} of many" for number in range(9000)]
    text = "\n".join(lines)
    sentence, quote = Span(50_000, 60_000), Span(54_000, 55_000)
    html = render_document(make_document(text, "long.txt"), quote, sentence)
    body = html[html.index('<div class="block">') :].removesuffix("</div>")
    assert body.count('<div class="block">') > 20
    shown = body.replace('<div class="block">', "").replace("</div>", "")
    assert f"<mark>{quote.of(text)}</mark>" in shown
    for tag in ('<span class="sentence">', "</span>", "<mark>", "</mark>"):
        assert shown.count(tag) == 1
        shown = shown.replace(tag, "")
    assert shown == text


def everywhere(text: str) -> str:
    """Return what the page shows of an answer, a refusal and a document that hold ``text``."""
    said = f"The word {text}"
    fields = (("publisher", said), ("date", said))
    document = Document("1", said, said, said, "", said, metadata=fields)
    span = Span(0, len(said))
    cited = cite(document, span, span)
    passage = Passage("1", span, said, heading=said)
    hits = (Hit(passage, 1.0, 1, ()),)
    others = (Alternative(cited, 0.1),)
    found = Answer(said, said, 0.9, citations=(cited,), alternatives=others, hits=hits)
    refused = Answer(said, None, 0.1, reason=said, nearest=(cited,), read_as=said, hits=hits)
    entries = [Entry(1, SHARED, answer, "", {"1": document}) for answer in (found, refused)]
    answers = [render_answer(entry, ("word",), more_documents=True) for entry in entries]
    return "".join([*answers, render_history(entries), render_document(document, span, None)])


@given(st.text(st.sampled_from("<>\"'&/=!-{}%$# \0\x1b\r\nab"), max_size=30))
def test_no_text_becomes_a_tag_or_an_attribute(text: str) -> None:
    shown = Parsed(everywhere(text))
    assert shown.names == Parsed(everywhere("")).names
    assert not set(shown.text) & set("\0\x1b\r")


def test_a_question_is_shortened_by_the_words_that_nobody_mentions() -> None:
    assert without("When did the Zork visit Astana?", ("zork",)) == "When did the visit Astana?"
