"""Test the HTML that the page shows: what it says, and that no text becomes a tag."""

import dataclasses
from pathlib import Path

from hypothesis import given
from hypothesis import strategies as st

from qa.answering import cite
from qa.documents.loading import load_folder, make_document
from qa.page.answers import render_answer, without
from qa.page.documents import render_document
from qa.page.library import SHARED
from qa.page.markup import escape, marked
from qa.page.visits import Entry
from qa.schema import Alternative, Answer, Citation, Span
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
    html = render_answer(refused, ("zork",), more=True)
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


@given(st.text(max_size=40), st.integers(0, 40), st.integers(0, 40), st.integers(0, 9))
def test_marking_never_loses_or_adds_a_letter(text: str, start: int, end: int, at: int) -> None:
    """Without the two kinds of tags, what is marked is what is escaped."""
    quote = Span(at + start, at + end) if start < end else None
    sentence = None if quote is None else Span(max(quote.start - 2, 0), quote.end + 3)
    html = marked(text, at, sentence, quote)
    for tag in ('<span class="sentence">', "</span>", "<mark>", "</mark>"):
        html = html.replace(tag, "")
    assert html == escape(text)


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


@given(st.text(max_size=60))
def test_escaped_text_opens_no_tag_and_closes_no_attribute(text: str) -> None:
    assert not set(escape(text)) & set("<>\"'\0\x1b")


def test_a_question_is_shortened_by_the_words_that_nobody_mentions() -> None:
    assert without("When did the Zork visit Astana?", ("zork",)) == "When did the visit Astana?"
