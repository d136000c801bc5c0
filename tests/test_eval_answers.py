"""Test exact match and F1 against numbers derived by hand from the SQuAD 2.0 definitions."""

from itertools import permutations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from eval.metrics.answers import accepted_answers, exact_match, f1, normalise

# (answer, accepted answers, exact match, F1), frozen. How each F1 comes about:
#  1 equal after normalising: case, the article and the full stop go
#  2 "$" goes: both sides are "70 billion"
#  3 given 4 tokens, gold 2, common 2: P = 2/4, R = 1, F1 = 2/3
#  4 given 1, gold 3, common 1: P = 1, R = 1/3, F1 = 1/2
#  5 the best of several: against the second 2 of 2 and 2 of 3, F1 = 2 * 1 * 2/3 / (5/3) = 4/5
#  6 nothing in common
#  7 counted with multiplicity: given "new new york", gold "new york city", common 2 of 3 and 3
#  8 a hyphen goes and joins: "twentyone" is not "twenty one"
#  9 right to refuse: no answer and the empty answer
# 10 an answer where there is none
# 11 a refusal where there is an answer
# 12 a gold answer that is an article alone does not count: as if there were none
# 13 an article within: "state of art" on both sides
# 14 "a" stands inside words and stays there: "banana", not "bnn"
# 15 only ASCII punctuation goes: curly quotes stay, so the tokens differ
# 16 any white space separates: 2 common of 2 and 2
FIXTURE = [
    ("The Federal Reserve.", ["federal reserve"], 1, 1.0),
    ("$70 billion", ["70 billion"], 1, 1.0),
    ("70 billion by 2030", ["$70 billion"], 0, 2 / 3),
    ("Lee", ["Director Jane Lee"], 0, 1 / 2),
    ("Jane Lee", ["the director", "Dr Jane Lee"], 0, 4 / 5),
    ("Paris", ["London", "Rome"], 0, 0.0),
    ("new New York", ["New York City"], 0, 2 / 3),
    ("twenty-one", ["twenty one"], 0, 0.0),
    ("", [], 1, 1.0),
    ("Paris", [], 0, 0.0),
    ("", ["Paris"], 0, 0.0),
    ("", ["The"], 1, 1.0),
    ("state of the art", ["State-of-the-art", "state of art"], 1, 1.0),
    ("a banana", ["banana"], 1, 1.0),
    ("“hello”", ["hello"], 0, 0.0),
    ("Boao\u00a0\nForum", ["boao forum"], 1, 1.0),
]


@pytest.mark.parametrize(("answer", "gold", "matches", "score"), FIXTURE)
def test_frozen_fixture(answer: str, gold: list[str], matches: int, score: float) -> None:
    assert exact_match(answer, gold) == matches
    assert f1(answer, gold) == pytest.approx(score)


def test_article_alone_is_no_answer() -> None:
    assert accepted_answers(["The", "an.", "x"]) == ("x",)
    assert accepted_answers(["The", " "]) == ("",)


words = st.lists(
    st.sampled_from(["the", "a", "Fed", "2030", "rate,", "$5", "—", "北京"]), max_size=6
)
texts = words.map(" ".join)


@given(answer=texts, gold=st.lists(texts, max_size=3))
def test_bounds_and_order(answer: str, gold: list[str]) -> None:
    score = f1(answer, gold)
    assert 0 <= exact_match(answer, gold) <= score <= 1
    for order in permutations(gold):
        assert f1(answer, order) == score


@given(answer=texts, gold=texts)
def test_f1_is_symmetric_and_slow_oracle_agrees(answer: str, gold: str) -> None:
    given_tokens, gold_tokens = normalise(answer).split(), normalise(gold).split()
    left = list(gold_tokens)
    common = 0
    for token in given_tokens:
        if token in left:
            left.remove(token)
            common += 1
    total = len(given_tokens) + len(gold_tokens)
    expected = 2 * common / total if given_tokens and gold_tokens else float(total == 0)
    assert f1(answer, [gold]) == pytest.approx(expected)
    if gold_tokens:
        assert f1(answer, [gold]) == f1(gold, [answer])
