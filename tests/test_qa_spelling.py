"""Test what is taken for a misspelt word, and what is left alone."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from embeddings import load_words
from qa.interaction import WordIndex
from qa.lexical import LexicalIndex
from qa.schema import Passage, Span
from qa.spelling import respelt

TEXT = "The country set up a network of railways in Kazakhstan for the purpose of trade."


@pytest.fixture(scope="module")
def passages() -> list[Passage]:
    return [Passage("d", Span(0, len(TEXT)), TEXT)]


@pytest.fixture(scope="module")
def words(passages: list[Passage]) -> WordIndex:
    return WordIndex.build(passages, load_words())


@pytest.mark.parametrize(
    ("typed", "meant"),
    [
        ("wich contry has a netwrok?", "which country has a network?"),
        ("pupose of trade in Kazakstan", "purpose of trade in Kazakhstan"),
        ("waht  is the RAILWAYS' trade?", "what  is the RAILWAYS' trade?"),
        ("Is the giraffe a railway?", "Is the giraffe a railway?"),  # known, though not here
        ("the Zqx of Brzeszczot", "the Zqx of Brzeszczot"),  # like nothing here
        ("contry2 in 2030", "contry2 in 2030"),
        ("贸易额 …", "贸易额 …"),
    ],
)
def test_words_are_respelt(
    passages: list[Passage], words: WordIndex, typed: str, meant: str
) -> None:
    unknown = LexicalIndex.build(passages).unknown_words(typed)
    assert respelt(typed, words, unknown) == meant


@given(question=st.text(max_size=60))
def test_a_question_without_unknown_words_stays_as_it_is(words: WordIndex, question: str) -> None:
    assert respelt(question, words, ()) == question


def test_of_two_words_as_like_the_more_frequent_one_is_meant() -> None:
    texts = ["the train", "the trail", "the trail"]
    passages = [Passage("d", Span(at, at + len(text)), text) for at, text in enumerate(texts)]
    index = WordIndex.build(passages, load_words())
    assert respelt("traiq", index, ("traiq",)) == "trail"
