"""Test which spans are proposed, and what a question asks for."""

import pytest

from qa.reading.candidates import (
    SpanKind,
    balanced,
    enumerates,
    joined,
    looks,
    propose_cells,
    with_unit,
)
from qa.reading.question import AnswerKind, analyse
from qa.schema import Span


@pytest.mark.parametrize(
    ("text", "kind", "words"),
    [
        ("Trade rose to $70 billion by 2030.", SpanKind.MONEY, "$70 billion"),
        ("It reached USD 41 billion, they say.", SpanKind.MONEY, "USD 41 billion"),
        ("They paid 1,200.50 euros.", SpanKind.MONEY, "1,200.50 euros"),
        ("It fell 1.1 percent.", SpanKind.PERCENT, "1.1 percent"),
        ("Some 15% is renewable.", SpanKind.PERCENT, "15%"),
        ("It opened on June 26, 2024.", SpanKind.DATE, "June 26, 2024"),
        ("2024年07月25日 came.", SpanKind.DATE, "2024年07月25日"),
        ("They spoke on Tuesday.", SpanKind.DATE, "Tuesday"),
        ("It sent 50 million doses.", SpanKind.NUMBER, "50 million doses"),
        ("He met Volkan Bozkir there.", SpanKind.NAME, "Volkan Bozkir"),
        ("It begins in Kashgar, China, they say.", SpanKind.PLACE, "Kashgar, China"),
        ("It fell because of a 3.5 percent duty.", SpanKind.CAUSE, "because of a 3.5 percent duty"),
        ("He said “It was worth it” twice.", SpanKind.QUOTE, "“It was worth it”"),
        ("At 9:30, in Room 4.12, they met.", SpanKind.CLAUSE, "they met"),
        ("It cost 4.2 million euros.", SpanKind.CLAUSE, "cost 4.2 million"),
    ],
)
def test_what_a_span_looks_like(text: str, kind: SpanKind, words: str) -> None:
    start = text.index(words)
    assert looks(text, Span(start, start + len(words))) is kind


@pytest.mark.parametrize(
    ("row", "header", "cells"),
    [
        ("| a | b |", "| A | B |", [("a", "A"), ("b", "B")]),
        ("a | b", "A | B", [("a", "A"), ("b", "B")]),
        ("| a || c |", "| A | B | C |", [("a", "A"), ("c", "C")]),
        ("| a | b | c |", "| A |", [("a", "A"), ("b", ""), ("c", "")]),
        ("| a |", "", [("a", "")]),
        ("|", "", []),
    ],
)
def test_cells(row: str, header: str, cells: list[tuple[str, str]]) -> None:
    found = propose_cells(row, Span(0, len(row)), header)
    assert [(cell.span.of(row), cell.column) for cell in found] == cells


@pytest.mark.parametrize(
    ("text", "figure", "whole"),
    [
        ("It costs 4.2 million euros.", "4.2 million", "4.2 million euros"),
        ("It costs 1,200,300 dollars.", "1,200,300", "1,200,300 dollars"),
        ("They want $70 billion by 2030.", "70", "$70 billion"),
        ("They want $70 billion by 2030.", "2030", "2030"),
        ("They want $70 billion by 2030.", "billion", "billion"),
        ("Some 15 percent, or 30 people.", "15", "15 percent"),
        ("Some 15 percent, or 30 people.", "30", "30"),
    ],
)
def test_a_figure_comes_with_its_currency_or_percent(text: str, figure: str, whole: str) -> None:
    start = text.index(figure)
    assert with_unit(text, Span(start, start + len(figure))).of(text) == whole


@pytest.mark.parametrize(
    ("question", "kind"),
    [
        ("What trade target was set for 2030?", AnswerKind.MONEY),
        ("What is the annual budget of the programme?", AnswerKind.MONEY),
        ("When was it launched?", AnswerKind.DATE),
        ("In which year did it open?", AnswerKind.DATE),
        ("How many doses were given?", AnswerKind.COUNT),
        ("By how much did trade grow?", AnswerKind.PERCENT),
        ("How long will it take?", AnswerKind.DURATION),
        ("Why did it fall?", AnswerKind.REASON),
        ("Where does the railway begin?", AnswerKind.PLACE),
        ("Who moderated the panel?", AnswerKind.PERSON),
        ("What did Xi say about security?", AnswerKind.QUOTE),
        ("Which bank financed it?", AnswerKind.ENTITY),
        ("贸易额目标是多少？", AnswerKind.ANY),
        ("", AnswerKind.ANY),
    ],
)
def test_kinds_of_questions(question: str, kind: AnswerKind) -> None:
    assert analyse(question).kind is kind


def test_a_question_by_hand() -> None:
    question = analyse("Which bank financed the China-Kyrgyzstan railway in 2013?")
    assert question.focus == ("bank", "financ")
    assert question.numbers == ("2013",)
    assert question.names == ("china", "kyrgyzstan")


@pytest.mark.parametrize(
    ("text", "span", "whole"),
    [
        ("the bureau (GCE) said", "GCE)", "GCE"),
        ("the bureau (GCE) said", "(GCE", "GCE"),
        ("f(x) is", "f(x)", "f(x)"),
        ('"We would," he said', '"We would', "We would"),
        ('"We would," he said', '"We would,"', '"We would,"'),
        ("a “so-called” fund", "called” fund", "called” fund"),  # a mark inside stays
        ("see [1]", "1]", "1"),
        ("an )", ")", ")"),
    ],
)
def test_a_mark_without_its_partner_is_no_part_of_an_answer(
    text: str, span: str, whole: str
) -> None:
    start = text.index(span)
    assert balanced(text, Span(start, start + len(span))).of(text) == whole


def test_enumerations_run_from_one_span_to_another() -> None:
    text = "It links rail, road and the pipeline; trade. Rail and ships."
    rail, road, pipe = Span(9, 13), Span(15, 19), Span(28, 36)
    assert joined(text, rail, pipe) == Span(9, 36)
    assert joined(text, road, pipe) == Span(15, 36)
    assert joined(text, rail, road) is None  # no "and" before the last
    assert joined(text, pipe, rail) is None
    assert joined(text, pipe, Span(45, 49)) is None  # a stop between them
    assert enumerates(text, Span(9, 36))
    assert not enumerates(text, rail)


@pytest.mark.parametrize(
    ("question", "several"),
    [
        ("Which four qualities should it have?", True),
        ("In which areas do they work?", True),
        ("What were the terms?", True),
        ("Name the countries of the bloc.", True),
        ("What is the capital?", False),
        ("Which railway opened?", False),
        ("What does this mean?", False),
        ("Which process was chosen?", False),
    ],
)
def test_questions_that_ask_for_several_things(question: str, several: bool) -> None:
    assert analyse(question).several is several
