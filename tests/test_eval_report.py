"""Test a report over real documents: its JSON, its tables, its page, hostile words among them."""

import json
import re
from dataclasses import replace
from html.parser import HTMLParser
from pathlib import Path

import pytest

from eval.console import markdown
from eval.report import Report, load_report, save_report
from eval.report.page import render_page
from eval.report.paired import render_differences
from eval.report.storage import from_plain, to_plain
from eval.report.summary import FailureCount
from eval.report.table import choices, failures_table, render_table
from eval.runner import evaluate
from eval.schema import EvalError, FailureStage, GoldAnswer, GoldQuestion, Location
from eval.systems import MAIN, PassageMap, systems
from qa import Assistant, Citation, Span, Weights, make_document

HOSTILE = "</script><img src=x onerror=alert(1)>"
TEXTS = {
    "arlen.md": f"# Arlen\n\nThe mayor of Arlen is Mira Holt. {HOSTILE} is its motto.\n",
    "brevik.md": "# Brevik\n\nThe town of Brevik was founded in 1921.\n",
}
GOLD = [
    {"id": "1", "question": "Who is the mayor of Arlen?", "answers": ["Mira Holt"],
     "document": "arlen.md", "kind": "person", "difficulty": "easy"},
    {"id": "2", "question": "When was Brevik founded?", "answers": ["1921"],
     "document": "brevik.md", "kind": "date", "difficulty": "easy"},
    {"id": "3", "question": f"What is {HOSTILE}?", "answers": ["motto"],
     "document": "arlen.md", "kind": f"<{HOSTILE}", "difficulty": '"><b>'},
    {"id": "4", "question": "Who won the race on Mars?", "answers": [], "document": None,
     "kind": "off_topic", "difficulty": "easy"},
]  # fmt: skip


@pytest.fixture(scope="module")
def assistant() -> Assistant:
    return Assistant.from_documents([make_document(text, name) for name, text in TEXTS.items()])


@pytest.fixture(scope="module")
def gold(tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("gold") / "gold.jsonl"
    path.write_text("\n".join(map(json.dumps, GOLD)), encoding="utf-8")
    return path


@pytest.fixture(scope="module")
def report(assistant: Assistant, gold: Path) -> Report:
    return evaluate(assistant, gold)


def test_every_system_answers_every_question(report: Report) -> None:
    names = [system.system for system in report.systems]
    assert names[0] == MAIN
    assert len(names) == 7
    assert all(system.failed == 0 for system in report.systems)
    assert [row.id for row in report.questions] == ["1", "2", "3", "4"]
    assert all(len(row.others) == 6 for row in report.questions)
    assert report.questions[0].right
    assert report.questions[3].right
    assert report.questions[3].answer is None


def test_the_oracle_reads_one_passage_that_holds_the_answer(report: Report) -> None:
    oracle = report.systems[-1]
    assert oracle.system == "oracle passage + selector"
    assert oracle.score("recall_at_5").value is None
    assert oracle.score("f1").value >= 100 * 2 / 3


def test_each_system_is_what_its_name_says(assistant: Assistant) -> None:
    located = PassageMap(assistant)
    by_name = {system.name: system for system in systems(assistant, located)}
    name = Location("brevik.md", Span(14, 20))
    asked = GoldQuestion("q", "Which town was founded in 1921?", (GoldAnswer("x", (name,)),), ())
    alone = by_name["oracle passage + selector"].predict(asked)
    assert [location.covers(name) for location in alone.read] == [True]
    for part in ("BM25", "dense"):
        weights = Weights(float(part == "BM25"), float(part == "dense"), words=0.0, pairs=0.0)
        hits = assistant.retriever.reweighted(weights).retrieve(asked.text, 10)
        assert by_name[f"{part} + selector"].rank(asked) == located.locations(hits)
        assert by_name[f"{part} + top sentence"].rank(asked) == located.locations(hits)
        signals = [dict(hit.signals)[part.lower()] for hit in hits]
        assert signals == sorted(signals, reverse=True)
    sentence = by_name["BM25 + top sentence"].predict(asked)
    assert sentence.text == "The town of Brevik was founded in 1921."
    assert sentence.location == Location("brevik.md", Span(10, 49))


def test_an_answer_that_its_citation_does_not_hold_is_refused(assistant: Assistant) -> None:
    located = PassageMap(assistant)
    answer = assistant.ask("Who is the mayor of Arlen?")
    assert located.prediction(answer).text == "Mira Holt"
    moved = replace(answer.citations[0], span=answer.citations[0].span.shift(1))
    for off in (replace(answer, citations=(moved,)), replace(answer, citations=())):
        with pytest.raises(EvalError, match="is not what its citation points to"):
            located.prediction(off)
    with pytest.raises(EvalError, match="was the best span"):
        located.prediction(
            replace(answer, text="Holt", citations=(shortened(answer.citations[0]),))
        )


def shortened(citation: Citation) -> Citation:
    return replace(citation, span=Span(citation.span.start + 5, citation.span.end))


def test_scores_have_intervals_and_counts(report: Report) -> None:
    right = report.systems[0].score("right")
    assert right.count == 4
    assert right.low <= right.value <= right.high
    assert report.systems[0].score("f1").count == 3
    assert report.systems[3].score("auroc").value is None  # a sentence has no confidence
    counts = {(group.field, group.name): group.score("right").count for group in report.groups}
    assert (counts["kind", "person"], counts["difficulty", "easy"]) == (1, 3)


def test_the_same_run_gives_the_same_report_but_for_times(
    assistant: Assistant, gold: Path, report: Report
) -> None:
    def timeless(one: Report) -> Report:
        systems = tuple(replace(s, latency=report.systems[0].latency) for s in one.systems)
        return replace(one, systems=systems, milliseconds=())

    assert timeless(evaluate(assistant, gold)) == timeless(report)


def test_json_round_trip(report: Report, tmp_path: Path) -> None:
    save_report(report, tmp_path / "deep" / "report.json")
    again = load_report(tmp_path / "deep" / "report.json")
    assert to_plain(again) == to_plain(report)
    assert again.questions[2].loss is report.questions[2].loss
    lines = (tmp_path / "deep" / "report.json").read_text().splitlines()
    assert sum(line.startswith('{"id": "') for line in lines) == 4


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"format": 99}, "its format is 99"),
        ({"answerable": "3"}, "report.answerable must be int, not '3'"),
        ({"answerable": True}, "report.answerable must be int, not True"),
        ({"surprise": 1}, "lacks or does not know surprise"),
        ({"questions": [{"id": "1"}]}, r"report.questions\[0\] lacks"),
        ({"losses": {}}, "report.losses must be a list"),
    ],
)
def test_a_report_that_is_off_is_refused(
    report: Report, tmp_path: Path, change: dict[str, object], message: str
) -> None:
    (tmp_path / "r.json").write_text(json.dumps({**to_plain(report), **change}))
    with pytest.raises(EvalError, match=message):
        load_report(tmp_path / "r.json")
    with pytest.raises(EvalError, match="there is no such report"):
        load_report(tmp_path / "absent.json")
    (tmp_path / "r.json").write_text("{")
    with pytest.raises(EvalError, match="no report that can be used"):
        load_report(tmp_path / "r.json")


def test_plain_values_come_back_typed(report: Report) -> None:
    system = report.systems[0]
    again = from_plain(type(system), json.loads(json.dumps(to_plain(system))))
    assert again.scores[0].name == system.scores[0].name
    assert isinstance(again.scores, tuple)


def test_tables(report: Report) -> None:
    words = render_table(report)
    assert words.startswith("Questions of `gold.jsonl`: 4, answerable 3; documents: 2.")
    assert f"| {MAIN} " in words
    assert "| kind: person " in words
    for block in words.split("\n\n"):
        assert len({len(line) for line in block.splitlines()}) == 1  # columns line up


def test_each_least_confidence_decides_as_a_run_with_it_would(
    assistant: Assistant, gold: Path, report: Report
) -> None:
    rows = {name: cells for name, *cells in choices(report.questions)}
    for least in (0.4, 0.7, 0.9):
        run = evaluate(assistant.using(min_confidence=least), gold, baselines=False)
        assert choices(run.questions)[0][1:] == rows[f"{least:g}"]
    assert rows["as it was run"][0] == "75.0"
    assert "--min-confidence" in render_page(report)


def test_two_reports_compared_by_kind(
    assistant: Assistant, gold: Path, report: Report, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Half of what was answered is refused: the mean falls, and no group gains."""
    wary = evaluate(assistant.using(min_confidence=1.0), gold, baselines=False)
    shown = render_differences(report, wary)
    assert "| all" in shown
    assert "| kind: person" in shown
    rows = [[cell.strip() for cell in line.split("|")[1:-1]] for line in shown.splitlines()]
    (change,) = (row for row in rows if row[:2] == ["all", "right"])
    assert change[2:5] == ["4", "100.0", "25.0"]
    assert change[5].startswith("-75.0 [")
    same = render_differences(report, report)
    assert "+0.0 [+0.0, +0.0]" in same
    assert "1.000" in same
    with pytest.raises(EvalError, match="no question in common"):
        render_differences(replace(report, questions=()), wary)


def test_a_table_by_hand() -> None:
    assert markdown(["a", "n"], [["x", "1.0"], ["long", "–"]]).splitlines() == [
        "| a    |   n |",
        "| ---- | --: |",
        "| x    | 1.0 |",
        "| long |   – |",
    ]


def test_failures_by_hand() -> None:
    counts = [("list", 3), ("date", 2), ("", 2), ("place", 1)]
    losses = [FailureCount(FailureStage.SELECTION, kind, count) for kind, count in counts]
    lines = failures_table([FailureCount(FailureStage.RETRIEVAL, "who", 4), *losses]).splitlines()
    cells = [[cell.strip() for cell in line.split("|")] for line in lines[2:]]
    assert [(row[1], row[2], row[4]) for row in cells] == [
        ("selection", "8", "list 3, date 2"),
        ("retrieval", "4", "who 4"),
    ]
    assert failures_table([]) == ""


class Tags(HTMLParser):
    """Collect what a browser would see of a page."""

    def __init__(self, page: str) -> None:
        super().__init__()
        self.open: list[str] = []
        self.seen: list[tuple[str, dict[str, str | None]]] = []
        self.feed(page)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.seen.append((tag, dict(attrs)))
        if tag not in ("meta", "input", "br"):
            self.open.append(tag)

    def handle_startendtag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.seen.append((tag, dict(attrs)))

    def handle_endtag(self, tag: str) -> None:
        assert self.open.pop() == tag


def test_the_page_is_whole_and_loads_nothing(report: Report) -> None:
    page = render_page(report)
    tags = Tags(page)
    assert tags.open == []
    names = [tag for tag, _ in tags.seen]
    assert not {"img", "link", "iframe", "object"} & set(names)
    assert names.count("script") == 1
    assert names.count("svg") == 3
    assert names.count("details") == 4 + 1  # the legend
    loading = {"src", "href", "srcset", "action", "data", "onerror", "onclick"}
    assert not [name for _, attributes in tags.seen for name in attributes if name in loading]
    assert not re.search(r"url\(|@import|https?://", page)
    assert "default-src 'none'" in page


def test_the_page_shows_hostile_words_as_words(report: Report) -> None:
    page = render_page(report)
    assert HOSTILE not in page
    assert "&lt;/script&gt;&lt;img src=x onerror=alert(1)&gt;" in page
    assert "<mark>Mira Holt</mark>" in page


def test_a_page_of_a_run_that_broke_everywhere(report: Report) -> None:
    row = replace(report.questions[0], error="KeyError: <x>", loss=FailureStage.ERROR, best=None)
    broken = replace(report, questions=(row,), risk_coverage=(), calibration=(), losses=())
    page = render_page(broken)
    assert "Questions that broke the assistant: 1." in page
    assert "KeyError: &lt;x&gt;" in page
    assert Tags(page).open == []
