"""Test that a filter leaves exactly the documents that it describes, and says what it cannot."""

from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from qa.assistant import Assistant
from qa.commands.main import main
from qa.documents.filters import Filter
from qa.documents.loading import make_document
from qa.errors import InputError
from qa.schema import Document
from qa.text.language import language_of, told

ENGLISH = "The port of Aktau is by the sea, and the ships are loaded with grain."
DOCUMENTS = [
    make_document(
        ENGLISH, "ports/aktau.md", metadata=[("date", "2024-07-25"), ("status", "Final")]
    ),
    make_document("Der Hafen liegt am Meer.", "ports/old/hafen.txt", metadata=[("date", "2023")]),
    make_document("港口在海边。货物很多。", "gang.txt", metadata=[("date", "2024-02")]),
    make_document("The ports and the sea.", "portsmouth.md", metadata=[("language", "fr-CA")]),
]  # fmt: skip
NAMES = [document.source for document in DOCUMENTS]
QUESTION = "What lies by the sea?"


def chosen(where: Filter) -> list[str]:
    ids = where.choose(DOCUMENTS, language_of)
    return [document.source for document in DOCUMENTS if document.id in ids]


@pytest.mark.parametrize(
    ("where", "places"),
    [
        (Filter(), [0, 1, 2, 3]),
        (Filter(documents=("gang.txt", "portsmouth.md")), [2, 3]),
        (Filter(folder="ports"), [0, 1]),
        (Filter(folder="/ports/old/"), [1]),
        (Filter(since="2024"), [0, 2]),
        (Filter(since="2023-11"), [0, 1, 2]),
        (Filter(until="2024-02-10"), [1, 2]),
        (Filter(since="2024-07-25", until="2024-07-25"), [0]),
        (Filter(since="2024-07-26"), []),
        (Filter(language="en"), [0]),
        (Filter(language="ZH"), [2]),
        (Filter(language="fr"), [3]),
        (Filter(language="und-Latn"), [1]),
        (Filter(fields=(("status", "final"),)), [0]),
        (Filter(fields=(("date", "2023"), ("title", "Hafen"))), [1]),
        (Filter(fields=(("date", "2023"), ("title", "aktau"))), []),
        (Filter(folder="ports", since="2024", language="en", fields=(("title", "aktau"),)), [0]),
    ],
    ids=str,
)
def test_what_passes(where: Filter, places: list[int]) -> None:
    assert chosen(where) == [NAMES[place] for place in places]


@pytest.mark.parametrize(
    ("where", "message"),
    [
        (Filter(documents=("a.md",)), "no document is called 'a.md'; known: gang.txt, ports/aktau"),
        (Filter(folder="port"), "no folder is called 'port'; known: ports, ports/old"),
        (Filter(fields=(("state", "x"),)), "no field is called 'state'; known: date, language,"),
    ],
    ids=str,
)
def test_what_is_unknown_is_said_with_what_is_known(where: Filter, message: str) -> None:
    with pytest.raises(InputError, match=message):
        chosen(where)


def test_a_message_lists_some_of_many_names() -> None:
    many = [make_document("x", f"{number:03}.txt") for number in range(40)]
    with pytest.raises(InputError, match=r"known: 000.txt, .*, 009.txt and 30 more$"):
        Filter(documents=("no",)).choose(many, language_of)


@pytest.mark.parametrize(
    "when", ["", "24", "2024-7", "2024-13", "2024-02-30", "July", "2024-07-25T"]
)
def test_what_is_no_date_is_refused(when: str) -> None:
    for wrong in ({"since": when}, {"until": when}):
        with pytest.raises(InputError, match="a date is 2024, 2024-07 or 2024-07-25"):
            Filter(**wrong)


days = st.dates().map(str)
dates = st.builds(lambda day, length: day[:length], days, st.sampled_from([4, 7, 10]))


@given(when=dates, since=dates, until=dates)
def test_a_date_passes_where_one_of_its_days_may(when: str, since: str, until: str) -> None:
    """By hand: the first and the last day that each date may stand for, as text."""
    documents = [make_document("x", "a.txt", metadata=[("date", when)])]
    first, last = when + "-01-01"[len(when) - 4 :], when + "-12-31"[len(when) - 4 :]
    low, high = since + "-01-01"[len(since) - 4 :], until + "-12-31"[len(until) - 4 :]
    passed = Filter(since=since, until=until).choose(documents, language_of)
    assert bool(passed) == (first <= high and low <= last)


@pytest.mark.parametrize(
    ("text", "language"),
    [
        ("The trade target was set by the council for 2030.", "en"),
        ("Das Handelsziel wurde vom Rat festgelegt.", "und-Latn"),
        ("L'objectif commercial a été fixé par le conseil.", "und-Latn"),
        ("贸易额目标是700亿美元", "zh"),
        ("貿易の目標は七百億ドルです", "ja"),
        ("무역 목표", "ko"),
        ("Цель торговли", "und-Cyrl"),
        ("هدف التجارة", "und-Arab"),
        ("ᚠᚢᚦ", "und"),
        ("12 345", "und"),
    ],
)
def test_a_language_is_told_where_it_can_be(text: str, language: str) -> None:
    assert told(text) == language


@pytest.fixture(scope="module")
def assistant(tiny: str) -> Assistant:
    return Assistant.from_documents(DOCUMENTS, encoder=tiny)


@given(st.sets(st.sampled_from(NAMES), min_size=1), st.integers(1, 9))
def test_only_what_is_chosen_is_read_and_all_of_it(
    assistant: Assistant, names: set[str], top_k: int
) -> None:
    answer = assistant.ask(QUESTION, top_k, Filter(documents=tuple(sorted(names))))
    able = [
        passage
        for passage in assistant.retriever.passages
        if assistant.document(passage.document_id).source in names
    ]
    assert len(answer.hits) == min(top_k, len(able))
    assert {hit.passage for hit in answer.hits} <= set(able)


def test_a_filter_that_leaves_nothing_is_a_refusal(assistant: Assistant) -> None:
    answer = assistant.ask(QUESTION, where=Filter(language="eo", since="2030"))
    assert (answer.text, answer.confidence, answer.hits) == (None, 0.0, ())
    assert answer.reason == "no document passes the filter (since 2030, language eo)"


def test_the_command_line(tmp_path: Path, tiny: str, capsys: pytest.CaptureFixture[str]) -> None:
    def save(document: Document) -> None:
        (tmp_path / document.source).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / document.source).write_text(document.text, "utf-8")

    for document in DOCUMENTS:
        save(document)

    def ask(*options: str) -> tuple[int, str]:
        base = ["ask", QUESTION, "--json", "--encoder", tiny, "--docs", str(tmp_path)]
        code = main([*base, *options])
        printed = capsys.readouterr()
        return code, printed.out + printed.err

    for options in (["--document", "gang.txt"], ["--language", "zh"]):
        code, printed = ask(*options)
        assert code in (0, 1)
        assert "gang.txt" in printed
        assert "aktau.md" not in printed
    assert "no document passes the filter (since 2024)" in ask("--since", "2024")[1]
    code, printed = ask("--field", "status=final")
    assert code == 2
    assert "no field is called 'status'; known: title" in printed
    with pytest.raises(SystemExit):
        ask("--field", "status")
