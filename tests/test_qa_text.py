"""Test sentences, tokens, terms and folding by worked examples."""

import pytest

from qa.errors import SpanError
from qa.schema import Span
from qa.text.tokens import fold, is_cjk, sentences, terms, tokenize, trim


def split(text: str) -> list[str]:
    return [span.of(text) for span in sentences(text)]


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("It rose. It fell.", ["It rose.", "It fell."]),
        ("Dr. Li and Mr. Xi met. They left.", ["Dr. Li and Mr. Xi met.", "They left."]),
        ("It grew 1.1 percent. Then 2.", ["It grew 1.1 percent.", "Then 2."]),
        ("The U.S. economy grew. J. Reed left.", ["The U.S. economy grew.", "J. Reed left."]),
        ("“Real security!” he said. Yes.", ["“Real security!” he said.", "Yes."]),
        ("Is it so? No! Why…", ["Is it so?", "No!", "Why…"]),
        ("贸易增长。目标是700亿！好", ["贸易增长。", "目标是700亿！", "好"]),
        ("one\r\n\r\ntwo\n \nthree\r\rfour", ["one", "two", "three", "four"]),
        ("wrapped\nby hand. Next", ["wrapped\nby hand.", "Next"]),
        ("Visit China.org.cn today.", ["Visit China.org.cn today."]),
        ("It was I. She left.", ["It was I.", "She left."]),
        ("1. Open it. 2.1. Pour.", ["1. Open it.", "2.1. Pour."]),
        ("In 2013. Then in 2014. End.", ["In 2013.", "Then in 2014.", "End."]),
        ("क्या? हाँ। नहीं।", ["क्या?", "हाँ।", "नहीं।"]),
        (" \n\t", []),
        ("", []),
    ],
)
def test_sentences(text: str, expected: list[str]) -> None:
    """Each case is what a reader would call its sentences; none is cut at an abbreviation."""
    assert split(text) == expected


def test_sentences_of_a_part_keep_the_places_of_the_whole() -> None:
    text = "First. Second one. Third."
    assert [span.of(text) for span in sentences(text, 7, 18)] == ["Second one."]


@pytest.mark.parametrize(
    ("word", "folded"),
    [
        ("Straße", "strasse"),
        ("İstanbul", "istanbul"),
        ("Bozkır", "bozkir"),
        ("ﬁnance", "finance"),
        ("ＡＢＣ", "abc"),
        ("naïve", "naive"),
        ("nai\u0308ve", "naive"),
        ("1,000,000", "1000000"),
        ("贸易", "贸易"),
    ],
)
def test_fold(word: str, folded: str) -> None:
    """Spellings that a reader takes for one word meet in one form."""
    assert fold(word) == folded
    assert fold(folded) == folded


def test_tokens_keep_their_places_when_folding_changes_lengths() -> None:
    """``ﬁ`` folds to two letters; the token of ``rate`` still starts at its own place, 8."""
    tokens = tokenize("The ﬁx  rate")
    assert [token.folded for token in tokens] == ["the", "fix", "rate"]
    assert tokens[2].span == Span(8, 12)


def test_terms_of_chinese_are_bigrams_that_do_not_cross_other_words() -> None:
    """700 parts the two runs: 贸易额达 gives 贸易 易额 额达, 亿美元 gives 亿美 美元."""
    assert terms("贸易额达700亿美元") == ["贸易", "易额", "额达", "700", "亿美", "美元"]
    assert terms("额") == ["额"]


def test_terms_drop_the_possessive() -> None:
    assert terms("China's Boys’ trade") == ["china", "boys", "trade"]


def test_scripts_without_spaces() -> None:
    assert all(map(is_cjk, "贸カภ"))
    assert not any(map(is_cjk, "a1é한"))


def test_trim_finds_every_white_space() -> None:
    assert trim("\u3000\x1c a \u2028", 0, 6) == Span(3, 4)


@pytest.mark.parametrize(("start", "end"), [(-1, 2), (2, 2), (3, 2)])
def test_no_span_is_empty_or_reversed(start: int, end: int) -> None:
    with pytest.raises(SpanError):
        Span(start, end)


def test_a_span_beyond_its_text_is_refused() -> None:
    with pytest.raises(SpanError, match="beyond 3"):
        Span(1, 4).of("abc")


def test_spans_touch_without_overlapping() -> None:
    assert not Span(0, 3).overlaps(Span(3, 5))
    assert Span(0, 3).overlaps(Span(2, 5))
    assert Span(0, 5).covers(Span(0, 5))
    assert not Span(1, 5).covers(Span(0, 5))
    assert Span(1, 5).shift(2) == Span(3, 7)
