"""Test the assistant as Python sees it: the same answers always, from everywhere, or a reason."""

import asyncio
import json
import random
import threading
from collections.abc import Awaitable
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import pytest

import qa
from qa import Answer, Assistant, DocumentError, Filter, InputError, ModelError
from qa.assistant import PASSAGES_READ
from qa.reading.prepared import LONGEST_QUESTION
from qa.schema import PassageKind
from qa.shipped import seeds_folder

QUESTIONS = [
    "What trade target was set for 2030?",
    "Who is responsible for the response to cybersecurity threats?",
    "What is the capital of France?",
    "When were diplomatic relations established?",
    "中国与中亚国家关系如何？",
    "How many sister cities are planned?",
    "???",
    "the of and",
]


@pytest.fixture(scope="module")
def seeds(tiny: str) -> Assistant:
    return Assistant.from_folder(seeds_folder(), encoder=tiny)


def test_eight_threads_get_the_answers_of_one(seeds: Assistant, tiny: str) -> None:
    expected = {question: seeds.ask(question) for question in QUESTIONS}
    fresh = Assistant.from_folder(seeds_folder(), encoder=tiny)
    asked = QUESTIONS * 12
    random.Random(5).shuffle(asked)
    with ThreadPoolExecutor(8) as pool:
        answers = list(pool.map(fresh.ask, asked))
    assert answers == [expected[question] for question in asked]


def test_many_questions_get_the_answers_of_each(seeds: Assistant) -> None:
    asked = QUESTIONS * 3
    where = Filter(documents=(seeds.documents[0].source,))
    assert seeds.ask_many(asked) == tuple(map(seeds.ask, asked))
    assert seeds.ask_many(QUESTIONS, 2, where) == tuple(
        seeds.ask(question, 2, where) for question in QUESTIONS
    )
    assert seeds.ask_many([]) == ()


def test_of_many_questions_the_one_that_cannot_be_asked_is_named(seeds: Assistant) -> None:
    with pytest.raises(InputError, match=r"^question 2: the question is empty"):
        seeds.ask_many(["What?", " ", "Who?"])
    with pytest.raises(InputError, match=r"^no document is called 'x'"):
        seeds.ask_many(["What?"], where=Filter(documents=("x",)))
    answers = list(seeds.ask_each(["What?", " ", "Who?"]))
    assert [isinstance(one, Answer) for one in answers] == [True, False, True]


def test_the_event_loop_goes_on_while_a_question_is_answered(
    seeds: Assistant, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The question waits for the loop: one that blocked it would wait for ever."""
    gone_on = threading.Event()
    ask = Assistant.ask

    def patient(self: Assistant, *arguments: Any) -> Answer:
        assert gone_on.wait(timeout=30)
        return ask(self, *arguments)

    async def both(asking: Awaitable[Answer]) -> Answer:
        task = asyncio.ensure_future(asking)
        await asyncio.sleep(0)
        gone_on.set()
        return await task

    monkeypatch.setattr("qa.shipped.seeds_assistant", lambda: seeds)
    expected = seeds.ask(QUESTIONS[0])
    monkeypatch.setattr(Assistant, "ask", patient)
    assert asyncio.run(both(seeds.aask(QUESTIONS[0]))) == expected
    gone_on.clear()
    assert asyncio.run(both(qa.aask(QUESTIONS[0]))) == expected


def test_every_quote_of_the_seeds_is_in_its_file(seeds: Assistant) -> None:
    for question in QUESTIONS:
        answer = seeds.ask(question)
        places = [
            *answer.citations,
            *answer.nearest,
            *(one.citation for one in answer.alternatives),
        ]
        assert all(place.verify() for place in places)
        assert (answer.text is None) == (not answer.citations) == (answer.reason is not None)
        assert not answer.nearest or answer.text is None


def test_page_chrome_is_never_read(seeds: Assistant) -> None:
    """003 ends with Sina's notices; a question in their very words does not reach them."""
    answer = seeds.ask("Copyright © 1996-2024 SINA Corporation All Rights Reserved", top_k=500)
    assert answer.hits
    assert all(hit.passage.kind is not PassageKind.BOILERPLATE for hit in answer.hits)


def test_top_k_is_the_number_of_passages_read(seeds: Assistant) -> None:
    assert len(seeds.ask(QUESTIONS[0]).hits) == PASSAGES_READ
    assert len(seeds.ask(QUESTIONS[0], top_k=3).hits) == 3
    assert len(seeds.ask(QUESTIONS[0], top_k=10**9).hits) <= len(seeds.passages)


def test_only_answers_as_sure_as_asked_for_are_given(seeds: Assistant) -> None:
    question = "What trade target was set for 2030?"
    sure = seeds.ask(question).confidence
    assert seeds.using(min_confidence=sure).ask(question).text is not None
    wary = seeds.using(min_confidence=min(sure + 0.01, 1)).ask(question)
    assert (wary.text, wary.confidence) == (None, sure)
    assert seeds.using(min_confidence=0).ask("Who is Zork of Zorkland?").text is not None
    assert seeds.min_confidence is None


@pytest.mark.parametrize("least", [-0.1, 1.1, float("nan"), True, "0.5"])
def test_a_confidence_that_is_none_is_refused(seeds: Assistant, least: Any) -> None:
    with pytest.raises(InputError, match="a probability from 0 to 1"):
        seeds.using(min_confidence=least)


@pytest.mark.parametrize("top_k", [0, -1, 1.5, "3", True])
def test_a_top_k_that_is_none_is_refused(seeds: Assistant, top_k: int) -> None:
    with pytest.raises(InputError, match="1 or more"):
        seeds.ask("What?", top_k=top_k)


@pytest.mark.parametrize("question", ["", " \n", "x" * (LONGEST_QUESTION + 1), None, 7, b"what"])
def test_a_question_that_is_none_is_refused(seeds: Assistant, question: str) -> None:
    with pytest.raises(InputError):
        seeds.ask(question)


@pytest.mark.parametrize(
    "question", ["\x00", "\ud800?", "🤷" * 2000, "\u202e what", "a" * LONGEST_QUESTION, "%s {0}"]
)
def test_any_other_text_is_a_question(seeds: Assistant, question: str) -> None:
    answer = seeds.ask(question)
    assert answer.question == question
    json.dumps(answer.to_dict(), allow_nan=False)


def test_documents_without_a_searchable_word_give_a_reason(tmp_path: Path, tiny: str) -> None:
    (tmp_path / "a.txt").write_text("Copyright © 2020 A\n")
    answer = Assistant.from_folder(tmp_path, encoder=tiny).ask("Who?")
    assert answer.text is None
    assert answer.reason
    (tmp_path / "a.txt").write_text("!!! ???\n")
    assert Assistant.from_folder(tmp_path, encoder=tiny).ask("Who?").text is None


def test_a_single_file_and_a_path_of_either_type(tmp_path: Path, tiny: str) -> None:
    file = tmp_path / "a.txt"
    file.write_text("The target is $70 billion.")
    assert Assistant.from_folder(file, encoder=tiny).documents == (
        Assistant.from_folder(str(file), encoder=tiny).documents
    )


def test_a_repr_says_what_and_where(seeds: Assistant) -> None:
    refusal = Answer("Q", None, 0.25, reason="nothing fits")
    assert repr(refusal) == "Answer(None, confidence=0.25, reason='nothing fits')"
    answer = seeds.ask("How much was the trade between China and Kazakhstan in 2023?")
    if answer.text is not None:
        place = answer.citations[0]
        assert f"at {place.document}[{place.span.start}:{place.span.end}]" in repr(answer)
        assert repr(answer.text) in repr(answer)


def test_a_document_is_found_by_its_id(seeds: Assistant) -> None:
    for document in seeds.documents:
        assert seeds.document(document.id) is document
    with pytest.raises(InputError, match="no document has the id 'x'"):
        seeds.document("x")


def test_errors_are_of_one_root(tmp_path: Path, tiny: str) -> None:
    with pytest.raises(DocumentError):
        Assistant.from_folder(tmp_path / "nothing", encoder=tiny)
    with pytest.raises(ModelError):
        Assistant.from_folder(seeds_folder(), encoder=str(tmp_path))
    for name in ("DocumentError", "InputError", "ModelError", "SpanError", "StoreError"):
        assert issubclass(getattr(qa, name), qa.QAError)


def test_an_unknown_name_is_an_attribute_error() -> None:
    with pytest.raises(AttributeError, match="no attribute 'answr'"):
        _ = qa.answr
    assert set(qa.__all__) == set(dir(qa))


def test_a_misspelt_question_is_read_as_it_was_meant(seeds: Assistant) -> None:
    typed, meant = "wich contry is called the bakcbone?", "which country is called the backbone?"
    answer = seeds.ask(typed)
    assert (answer.question, answer.read_as) == (typed, meant)
    right = seeds.ask(meant)
    assert right.read_as is None
    assert (answer.text, answer.confidence) == (right.text, right.confidence)


def test_a_question_in_capitals_is_read_in_small_letters(seeds: Assistant) -> None:
    typed = "WHAT TRADE TARGET WAS SET FOR 2030?"
    answer, right = seeds.ask(typed), seeds.ask(typed.lower())
    assert (answer.question, answer.read_as, right.read_as) == (typed, typed.lower(), None)
    assert (answer.text, answer.confidence) == (right.text, right.confidence)


@pytest.mark.parametrize("question", ["?", "🤷", "the of and is", "When?"])
def test_a_question_of_no_content_is_told_so(seeds: Assistant, question: str) -> None:
    answer = seeds.ask(question)
    assert answer.text is None
    assert "names nothing to look for" in str(answer.reason)


@pytest.mark.parametrize(
    ("question", "writing"),
    [("무역 목표는 얼마입니까?", "Korean"), ("Какова цель торговли?", "Cyrillic letters")],
)
def test_a_question_in_another_writing_is_refused_with_that_reason(
    seeds: Assistant, question: str, writing: str
) -> None:
    answer = seeds.ask(question)
    assert answer.text is None
    assert answer.reason is not None
    assert answer.hits
    assert answer.reason == (
        f"the question is written in {writing}, and no passage found for it is"
    )


def test_a_lone_surrogate_is_no_misspelling_and_harms_no_stage(seeds: Assistant) -> None:
    answer = seeds.ask("What trade target \ud800 was set?")
    assert answer.read_as is None
    assert seeds.retrieve("What trade target \ud800 was set?", 3) == answer.hits[:3]


def test_a_question_in_the_writing_of_a_document_is_read(tmp_path: Path, tiny: str) -> None:
    (tmp_path / "a.txt").write_text("2030年的贸易额目标是700亿美元。", "utf-8")
    answer = Assistant.from_folder(tmp_path, encoder=tiny).ask("贸易额目标是多少？")
    assert answer.hits
    assert "written" not in (answer.reason or "")
