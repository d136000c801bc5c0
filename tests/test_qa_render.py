"""Test what fits into 80 columns, and how a quote is marked."""

import unicodedata
from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from qa.answering import in_words
from qa.commands.columns import CLOSE, OPEN, columns, shortened, visible, wrap
from qa.commands.render import explanation, render
from qa.schema import Alternative, Answer, Citation, Hit, Passage, Span

WORDS = ["trade", "贸易额", "e\u0301", "👩", "한국", "x" * 30, "，", "。", "a-b", "ｶﾅ", "שלום"]
texts = st.lists(st.sampled_from(WORDS), max_size=20).flatmap(
    lambda words: st.sampled_from([" ", ""]).map(lambda gap: gap.join(words))
)


def slow_columns(text: str) -> int:
    """Count as Unicode's report 11 does: W and F are wide, marks above letters have no width."""
    total = 0
    for letter in text:
        if unicodedata.category(letter) not in ("Mn", "Me"):
            total += 2 if unicodedata.east_asian_width(letter) in "WF" else 1
    return total


@given(texts)
def test_columns_are_those_of_unicode(text: str) -> None:
    assert columns(text) == slow_columns(text)


@given(texts, st.integers(6, 40), st.sampled_from(["", "  ", "  — "]))
def test_wrapped_lines_fit_and_lose_only_blanks(text: str, width: int, indent: str) -> None:
    lines = wrap(text, width, indent)
    assert all(columns(line) <= width for line in lines)
    assert "".join("".join(lines).split()) == "".join(((indent if lines else "") + text).split())
    assert all(line.startswith(" " * len(indent)) for line in lines[1:])


@given(texts, st.integers(2, 40))
def test_what_is_shortened_fits(text: str, width: int) -> None:
    short = shortened(text, width)
    assert columns(short) <= max(width, 2)
    assert short == text or (short[-1] == "…" and text.startswith(short[:-1]))


@given(st.text())
def test_nothing_visible_moves_the_cursor(text: str) -> None:
    shown = visible(text)
    assert len(shown) == len(text)
    assert all(letter.isprintable() or letter in "\u200c\u200d" for letter in shown)
    assert OPEN not in shown
    assert CLOSE not in shown


def test_the_items_of_a_list_stand_on_lines_of_their_own() -> None:
    text = "We sell:\n- tea\n  leaves\n- milk"
    quote = text[text.index("tea") :]
    shown = render(Answer("Q?", quote, 0.9, (citation(text, quote),))).splitlines()
    assert shown[:2] == ["tea leaves", "- milk"]
    assert shown[4:7] == ["  We sell:", "  - **tea leaves", "  - milk**"]
    assert text.splitlines()[0] == "We sell:"
    assert render(Answer("Q?", None, 0.1, nearest=(citation(text, text),))).count("  - tea") == 1


def test_wrapping_by_hand() -> None:
    """Wide characters break anywhere, but no line opens with a full stop."""
    assert wrap("贸易额增长。好", 11) == ["贸易额增", "长。好"]
    assert wrap("达到700亿 now", 7) == ["达到700", "亿 now"]
    assert wrap("one two", 7) == ["one two"]
    assert wrap("", 10) == []


SENTENCE = "The trade target for 2030 is $70 billion, **said** the plan. "


def citation(text: str = SENTENCE, quote: str = "$70 billion") -> Citation:
    start = text.index(quote)
    return Citation("a.txt", "The plan", "Press", "2024-07", Span(start, start + len(quote)),
                    quote, text.strip(), Span(0, len(text.strip())), "0" * 64, "")  # fmt: skip


def answer(one: Citation) -> Answer:
    return Answer("What?", one.quote, 0.91, (one,), (Alternative(citation(quote="2030"), 0.2),))


def test_an_answer_by_hand() -> None:
    assert render(answer(citation())) == "\n".join(
        [
            "$70 billion",
            "confidence 0.91 (very likely)",
            "",
            "  The trade target for 2030 is **$70 billion**, said the plan.",
            "",
            "  — The plan, Press, 2024-07",
            "    a.txt, characters 29 to 40",
            "",
            "Other candidates:",
            "  2030  (0.20, a.txt)",
        ]
    )


def test_color_marks_the_quote_and_marks_of_the_text_are_gone() -> None:
    lines = render(answer(citation()), color=True).split("\n")
    assert lines[0] == "\x1b[1;32m$70 billion\x1b[0m"
    assert lines[3] == (
        "  The trade target for 2030 is \x1b[1;32m$70 billion\x1b[0m, said the plan."
    )


def test_color_ends_with_each_line() -> None:
    quote = "word " * 40
    for line in render(answer(citation(f"A {quote}end.", quote.strip())), color=True).split("\n"):
        assert line.count("\x1b[1;32m") + line.count("\x1b[2m") == line.count("\x1b[0m")


def test_a_long_context_is_cut_around_the_quote() -> None:
    text = f"{'before ' * 200}$70 billion{' after' * 200}."
    shown = render(answer(citation(text)))
    assert len(shown) < 900
    assert "…" in shown
    assert "**$70 billion**" in shown.replace("\n ", "")


def test_a_refusal_by_hand() -> None:
    refusal = Answer("What?", None, 0.1, reason="no passage says", nearest=(citation(),))
    assert render(refusal).splitlines()[:6] == [
        "No answer in these documents.",
        "Reason: no passage says.",
        "",
        "Nearest passages:",
        "",
        "  $70 billion",
    ]


@pytest.mark.parametrize(
    ("confidence", "word"),
    [
        (1.0, "very likely"),
        (0.85, "very likely"),
        (0.65, "likely"),
        (0.4, "uncertain"),
        (0, "doubtful"),
    ],
)
def test_confidence_in_words(confidence: float, word: str) -> None:
    assert in_words(confidence) == word


def test_an_explanation_without_a_reading() -> None:
    hit = Hit(Passage("d", Span(0, 4), "Text"), 1.5, 1, (("bm25", 2.0),))
    row = explanation(replace(answer(citation()), hits=(hit,)))
    assert row["hits"] == [
        {"rank": 1, "score": 1.5, "bm25": 2.0, "kind": "paragraph", "text": "Text"}
    ]
    assert (row["candidates"], row["no_answer"]) == ([], None)
