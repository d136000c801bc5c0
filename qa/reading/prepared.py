"""Prepare a question once, for every stage: check it, correct its spelling, analyse it.

What the rules tell of its words is left to `qa.reading.question`, the corrections to
`qa.reading.spelling`, finding passages to `qa.retrieval`.
"""

from dataclasses import replace

from qa.errors import InputError
from qa.reading.demonyms import forms
from qa.reading.question import Question, analyse
from qa.reading.spelling import Vocabulary, calmed, respelt
from qa.text import stem, terms

LONGEST_QUESTION = 4000  # characters


def prepare(asked: str, vocabulary: Vocabulary) -> Question:
    """Return the question that retrieval, reader and answer work on.

    Raise `InputError` where it is empty, too long or no string.
    """
    typed = checked(asked)
    question = analyse(calmed(typed))
    unknown = unknown_words(question, vocabulary)
    text = respelt(question.text, vocabulary, unknown)
    if text != question.text:
        question = analyse(text)
        unknown = unknown_words(question, vocabulary)
    return replace(
        question,
        asked=asked,
        read_as=None if text == typed else text,
        unknown=unknown,
        absent=absent_names(question, vocabulary),
    )


def unknown_words(question: Question, vocabulary: Vocabulary) -> tuple[str, ...]:
    """Return the question's content words that no passage holds, folded, in order."""
    nowhere = vocabulary.unknown(list(map(stem, question.words)))
    return tuple(word for word in question.words if stem(word) in nowhere)


def absent_names(question: Question, vocabulary: Vocabulary) -> tuple[str, ...]:
    """Return the question's names and figures that no passage holds, in order.

    A country is present where what is named after it is: "Norway" where there is "Norwegian".
    """
    stated = {*question.numbers, *question.names}
    nowhere = vocabulary.unknown([form for word in stated for form in forms(word)])
    order = dict.fromkeys(word for word in terms(question.text) if word in stated)
    return tuple(word for word in order if forms(word) <= nowhere)


def checked(question: str) -> str:
    """Return a question as the stages take it, lone surrogates replaced.

    Raise `InputError` where it is empty, too long or no string.
    """
    if not isinstance(question, str):
        raise InputError(f"a question is a string, not {type(question).__name__}")
    if not question.strip():
        raise InputError("the question is empty; type one, such as: what was the trade target?")
    if len(question) > LONGEST_QUESTION:
        raise InputError(
            f"the question has {len(question)} characters, the limit is {LONGEST_QUESTION}; "
            "shorten it"
        )
    return question.encode("utf-8", "replace").decode("utf-8")
