"""Test what is taken for a misspelt word, and what is left alone."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from embeddings import load_encoder
from qa.documents.loading import make_document
from qa.index.build import build_index
from qa.index.local import LocalIndex
from qa.reading.spelling import respelt
from qa.text.passages import split_passages

TEXT = (
    "The country set up a network of railways in Kazakhstan for the purpose of trade.\n\n"
    "Nadia El Khattabi signed for Vantterra."
)


def index_of(text: str) -> LocalIndex:
    document, encoder = make_document(text, "a.txt"), load_encoder()
    return LocalIndex(build_index([document], split_passages(document), encoder), encoder)


@pytest.fixture(scope="module")
def words() -> LocalIndex:
    return index_of(TEXT)


@pytest.mark.parametrize(
    ("typed", "meant"),
    [
        ("wich contry has a netwrok?", "which country has a network?"),
        ("pupose of trade in Kazakstan", "purpose of trade in Kazakhstan"),
        ("waht  is the RAILWAYS' trade?", "what  is the RAILWAYS' trade?"),
        ("Is the giraffe a railway?", "Is the giraffe a railway?"),  # known, though not here
        ("Did Khatabi sign for vanterra?", "Did Khattabi sign for vantterra?"),
        ("Did Khatani sign?", "Did Khatani sign?"),  # may be somebody else
        ("the Zqx of Brzeszczot", "the Zqx of Brzeszczot"),  # like nothing here
        ("contry2 in 2030", "contry2 in 2030"),
        ("Does Networker run?", "Does Networker run?"),  # a name, two letters longer
        ("Who uses Trader?", "Who uses Trader?"),
        ("贸易额 …", "贸易额 …"),
    ],
)
def test_words_are_respelt(words: LocalIndex, typed: str, meant: str) -> None:
    assert respelt(typed, words, words.unknown_words(typed)) == meant


@given(question=st.text(max_size=60))
def test_a_question_without_unknown_words_stays_as_it_is(words: LocalIndex, question: str) -> None:
    assert respelt(question, words, ()) == question


def test_of_two_words_as_like_the_more_frequent_one_is_meant() -> None:
    index = index_of("the train\n\nthe trail\n\na trail")
    assert respelt("traiq", index, ("traiq",)) == "trail"
