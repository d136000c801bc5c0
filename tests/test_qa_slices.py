"""Every span of every stage slices back to its text, over documents of all sorts."""

import hashlib
from itertools import pairwise

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from qa.assistant import Assistant
from qa.documents.loading import make_document
from qa.formats.encodings import decode
from qa.formats.limits import Limits, Watch
from qa.reading.candidates import propose, propose_cells
from qa.reading.question import analyse
from qa.reading.selector import FeatureSelector
from qa.schema import Citation, Document, Hit, PassageKind, Span
from qa.text.blocks import find_blocks
from qa.text.headings import promote_headings
from qa.text.lines import FENCE, read_lines
from qa.text.passages import LONGEST_PASSAGE, split_passages, windows
from qa.text.tokens import fold, sentences, tokenize, trim

WORDS = [
    *"the trade of 2030 reached $70 billion, said President Xi in Astana on 4 May 2023.".split(),
    *"Who when why? Dr. U.S. e.g. 41% (“quoted”) 'single' x = y; a|b ** __ `code` #tag @me".split(),
    *["贸易额", "达到700亿美元。", "北京！", "カタカナ", "ภาษาไทย", "한국어"],
    *["שלום", "مرحبا", "e\u0301te\u0301", "İstanbul", "ﬁne", "ａｂｃ", "½", "𝔘𝔫𝔦", "ß"],
    *["👩\u200d👩\u200d👧", "🇫🇷", "\u202eevil", "\x1b[31m", "\x07", "a\u00a0b", "\ufeff", "\u3000"],
    *["https://example.org/a?b=c", "x@y.org", "©", "—", "…", "[1]", "::", "1,000.5", "-3", "\x1c"],
]
words = st.lists(st.sampled_from(WORDS), min_size=1, max_size=14).map(" ".join)
prose = st.lists(words, min_size=1, max_size=5).map(". ".join)
margins = st.sampled_from(["", " ", "  ", "    ", "\t", "\u3000\u3000"])
markers = st.sampled_from(["- ", "* ", "1. ", "2) ", "(a) ", "ii. ", "• ", "o  ", "> ", "A. "])
cells = st.lists(words.map(lambda text: text[:20]), min_size=1, max_size=4)


def wrapped(text: str) -> list[str]:
    """Return the text in lines of about 50 characters."""
    lines = [""]
    for word in text.split(" "):
        if len(lines[-1]) + len(word) > 50:
            lines.append("")
        lines[-1] = f"{lines[-1]} {word}".strip()
    return lines


def table(rows: list[list[str]], ruled: bool) -> list[str]:
    lines = ["| " + " | ".join(row) + " |" for row in rows]
    return [lines[0], "|---|:-:|", *lines[1:]] if ruled else lines


chunks = st.one_of(
    prose.map(lambda text: [text]),
    prose.map(wrapped),
    words.map(lambda text: [text]),
    st.tuples(st.integers(1, 6), words).map(lambda pair: ["#" * pair[0] + " " + pair[1]]),
    words.map(lambda text: [text, "====="]),
    st.lists(st.tuples(margins, markers, words), min_size=1, max_size=5).map(
        lambda items: ["".join(item) for item in items]
    ),
    st.builds(table, st.lists(cells, min_size=1, max_size=4), st.booleans()),
    st.tuples(words, words).map(lambda pair: ["```sh", *pair, "```"]),
    st.tuples(words, words).map(lambda pair: ["---", "title: " + pair[0], "by: " + pair[1], "---"]),
    st.sampled_from(
        ["***", "| |", "|", ">", "#", "-", "1.", "~~~", "+--+--+", "Copyright © 2020 A Ltd",
         "Figure 2: Trade", "来源:新华社", "Port. [Photo/A]", "Q: Why is it so?", "\u2028", "\x0c"]
    ).map(lambda line: [line]),
    st.text(st.characters(codec="utf-8", exclude_characters="\0"), max_size=40).map(
        lambda text: [text]
    ),
)  # fmt: skip
breaks = st.sampled_from(["\n", "\r\n", "\r", "\n\n", "\r\n\r\n", "\n \n"])
texts = (
    st.lists(st.tuples(chunks, breaks, breaks), min_size=1, max_size=8)
    .map(lambda parts: "".join(inner.join(lines) + outer for lines, inner, outer in parts))
    .filter(
        lambda text: text.strip("\ufeff \t\r\n\x0b\x0c\x1c\x1d\x1e\x1f\x85\xa0\u3000\u2028\u2029")
    )
)
questions = st.one_of(
    words.filter(str.strip),
    st.sampled_from(["What was the trade target for 2030?", "Who said it?"]),
)


def document_of(text: str) -> Document:
    return make_document(text, "folder/a.txt")


def in_order(spans: list[Span]) -> bool:
    return all(a.end <= b.start for a, b in pairwise(spans))


@given(texts)
def test_sentences_are_slices_that_hold_every_visible_character(text: str) -> None:
    spans = sentences(text)
    assert in_order(spans)
    assert all(trim(text, span.start, span.end) == span for span in spans)
    assert "".join("".join(span.of(text).split()) for span in spans) == "".join(text.split())


@given(texts)
def test_tokens_are_slices_that_hold_every_visible_character(text: str) -> None:
    tokens = tokenize(text)
    assert in_order([token.span for token in tokens])
    assert all(token.folded == fold(token.span.of(text)) for token in tokens)
    assert "".join(token.span.of(text) for token in tokens) == "".join(text.split())


@given(texts)
def test_blocks_hold_every_line_with_a_word(text: str) -> None:
    blocks = find_blocks(text)
    assert in_order([block.span for block in blocks])
    for line in read_lines(text):
        if any(letter.isalnum() for letter in line.content) and not FENCE.match(line.full):
            assert any(block.span.overlaps(line.span) for block in blocks)


@given(texts)
def test_headings_are_promoted_in_place(text: str) -> None:
    blocks = find_blocks(text)
    assert [block.span for block in promote_headings(text, blocks)] == [
        block.span for block in blocks
    ]


@given(texts, st.integers(20, LONGEST_PASSAGE))
def test_passages_are_slices_in_order_of_at_most_the_longest(text: str, longest: int) -> None:
    document = document_of(text)
    passages = split_passages(document, longest)
    assert in_order([passage.span for passage in passages])
    for passage in passages:
        assert passage.document_id == document.id
        assert document.text[passage.span.start : passage.span.end] == passage.text
        assert 0 < len(passage.text) <= longest
        assert passage.text == passage.text.strip()


@given(texts)
def test_passages_hold_every_letter_of_the_blocks(text: str) -> None:
    """A cut loses nothing but white space; what stands above something else becomes its context."""
    passages = split_passages(document_of(text), 60)
    held = "".join(f"{passage.context}\0{passage.text}" for passage in passages)
    for block in promote_headings(text, find_blocks(text)):
        if block.kind.value not in ("table header", "heading"):
            for part in windows(text, block.span, 60):
                assert part.of(text) in held


@given(texts, st.integers(1, 200))
def test_windows_lose_only_white_space(text: str, longest: int) -> None:
    whole = trim(text, 0, len(text))
    assert whole is not None
    spans = windows(text, whole, longest)
    assert in_order(spans)
    assert all(len(span) <= longest for span in spans)
    assert "".join("".join(span.of(text).split()) for span in spans) == "".join(text.split())


@given(texts)
def test_proposals_lie_in_their_sentence(text: str) -> None:
    for sentence in sentences(text):
        for proposal in propose(text, sentence):
            assert sentence.covers(proposal.span)
            assert trim(text, proposal.span.start, proposal.span.end) == proposal.span


@given(cells, cells)
def test_cells_are_slices_with_the_name_of_their_column(row: list[str], header: list[str]) -> None:
    row, header = ([cell.replace("|", "/") for cell in line] for line in (row, header))
    text, above = table([row], False)[0], table([header], False)[0]
    proposals = propose_cells(text, Span(0, len(text)), above)
    expected = [
        (cell.strip(), header[number].strip() if number < len(header) else "")
        for number, cell in enumerate(row)
        if cell.strip()
    ]
    assert [(cell.span.of(text), cell.column) for cell in proposals] == expected


@settings(max_examples=25)
@given(texts, questions)
def test_candidates_and_citations_are_slices(tiny: str, text: str, question: str) -> None:
    document = document_of(text)
    assistant = Assistant.from_documents([document], encoder=tiny)
    answer = assistant.ask(question, top_k=3)
    assert len(answer.hits) <= 3
    assert [hit.rank for hit in answer.hits] == list(range(1, len(answer.hits) + 1))
    assert all(hit.passage.kind is not PassageKind.BOILERPLATE for hit in answer.hits)
    assert answer.reading is not None
    for candidate in answer.reading.candidates:
        assert candidate.span.of(text) == candidate.text
        assert candidate.context.covers(candidate.span)
        assert candidate.hit.passage.span.covers(candidate.context)
    for citation in [
        *answer.citations,
        *answer.nearest,
        *(alternative.citation for alternative in answer.alternatives),
    ]:
        assert text[citation.span.start : citation.span.end] == citation.quote
        assert citation.context_span.of(text) == citation.context
    assert (answer.text is None) == (not answer.citations) == (answer.reason is not None)
    assert all(citation.quote == answer.text for citation in answer.citations)
    assert all(0 <= value <= 1 for value in [answer.confidence, *answer.reading.confidences])


@given(texts, questions)
def test_the_selector_places_every_candidate(text: str, question: str) -> None:
    document = document_of(text)
    hits = [Hit(one, 1.0, rank) for rank, one in enumerate(split_passages(document), 1)]
    for candidate, _ in FeatureSelector(lambda _: 1.0).candidates(analyse(question), hits):
        assert candidate.span.of(text) == candidate.text


def decoded(content: bytes) -> str:
    return decode(content, Watch("a.txt", Limits())).text


@settings(max_examples=15)
@given(texts, st.booleans(), st.integers(min_value=0))
def test_a_citation_holds_until_its_file_changes(
    tmp_path_factory: pytest.TempPathFactory, text: str, marked: bool, at: int
) -> None:
    """One byte that differs is enough: the quote may stand, the file is another."""
    file = tmp_path_factory.mktemp("file") / "a.txt"
    content = (b"\xef\xbb\xbf" if marked else b"") + text.encode()
    file.write_bytes(content)
    digest = hashlib.sha256(content).hexdigest()
    document = make_document(decoded(content), "a.txt", location=str(file), sha256=digest)
    citations = [
        Citation("a.txt", "", None, None, passage.span, passage.text, passage.text, passage.span,
                 document.sha256, document.location)
        for passage in split_passages(document)
    ]  # fmt: skip
    assert all(citation.verify() for citation in citations)
    at %= len(content)
    file.write_bytes(content[:at] + bytes([content[at] ^ 1]) + content[at + 1 :])
    assert not any(citation.verify() for citation in citations)
    file.unlink()
    assert not any(citation.verify() for citation in citations)


@given(st.text(st.characters(codec="utf-8", exclude_characters="\0")))
def test_line_ends_and_code_points_are_those_of_the_file(text: str) -> None:
    if text.strip() and not text.startswith("\ufeff"):
        assert decoded(text.encode()) == text
        assert decoded(b"\xef\xbb\xbf" + text.encode()) == text
