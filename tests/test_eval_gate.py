"""Test the gate on reports made by hand: held, lost, refused, and what it says."""

from dataclasses import replace

import pytest

from eval.report.build import FORMAT, Report, Row
from eval.report.gate import Exit, broken_run, compare
from eval.report.summary import Latency, SystemScores
from eval.report.verdict import plain, render_verdict
from eval.schema import FailureStage, Marks

ROW = Row(
    id="", question="", kind="", difficulty="", wording="", answers=("x",), evidence=(),
    answer="x", confidence=0.5, reason="", best=None, right=True, best_right=True,
    loss=FailureStage.NONE, error="", marks=Marks(f1_with_refusal=100.0), read=(), others=(),
)  # fmt: skip


def rows(count: int, wrong: int = 0) -> tuple[Row, ...]:
    """Return ``count`` questions of which the first ``wrong`` are lost."""
    good = [replace(ROW, id=f"q{n:03}", question=f"Question {n}?") for n in range(count)]
    return tuple(lost(row) if n < wrong else row for n, row in enumerate(good))


def lost(row: Row) -> Row:
    marks = Marks(f1_with_refusal=0.0)
    return replace(row, answer=None, right=False, loss=FailureStage.RETRIEVAL, marks=marks)


def report(questions: tuple[Row, ...], documents: str = "same") -> Report:
    return Report(
        FORMAT, "gold", "", 1, documents, len(questions), (), (), (), (), (), (), questions, ()
    )


@pytest.mark.parametrize(
    ("count", "wrong", "verdict"),
    [
        (200, 0, Exit.HELD),
        (200, 2, Exit.HELD),  # (1 - 2/200) ** 200 = 0.13: chance
        (200, 6, Exit.LOSS),  # 0.002
        (10, 1, Exit.HELD),  # 0.35
        (10, 4, Exit.LOSS),  # 0.006
        (4, 4, Exit.LOSS),
    ],
)
def test_decision(count: int, wrong: int, verdict: Exit) -> None:
    found = compare(report(rows(count)), report(rows(count, wrong)))
    assert found.exit_code is verdict
    assert len(found.lost) == wrong
    assert found.difference == pytest.approx(-100 * wrong / count)


def test_a_gain_is_held() -> None:
    found = compare(report(rows(50, 20)), report(rows(50)))
    assert found.exit_code is Exit.HELD
    assert (len(found.won), len(found.lost)) == (20, 0)


def test_a_significant_loss_below_the_minimum_effect_is_held() -> None:
    old, new = report(rows(2000)), report(rows(2000, 12))
    assert compare(old, new).p_value < 0.05
    assert compare(old, new, minimum_effect=1.0).exit_code is Exit.HELD
    assert compare(old, new, minimum_effect=0.5).exit_code is Exit.LOSS


def test_what_rounding_in_the_json_took_is_no_loss() -> None:
    third = tuple(replace(row, marks=Marks(f1_with_refusal=200 / 3)) for row in rows(100))
    kept = tuple(replace(row, marks=Marks(f1_with_refusal=66.6667)) for row in rows(100))
    found = compare(report(kept), report(third), minimum_effect=0.0)
    assert (found.p_value, found.exit_code) == (1.0, Exit.HELD)


def test_the_same_comparison_gives_the_same_numbers() -> None:
    old, new = report(rows(60, 2)), report(rows(60, 6))
    assert compare(old, new) == compare(old, new)


def test_a_missing_question_breaks_the_run() -> None:
    found = compare(report(rows(5)), report(rows(5)[1:]))
    assert found.exit_code is Exit.BROKEN
    assert found.broken == ("question q000 of the baseline is missing",)


def test_a_failed_question_breaks_the_run_even_if_the_baseline_lacks_it() -> None:
    extra = replace(lost(ROW), id="new", error="KeyError: 'x'")
    found = compare(report(rows(5)), report((*rows(5), extra)))
    assert found.exit_code is Exit.BROKEN
    assert found.broken == ("1 question(s) failed, KeyError: 'x': new",)
    assert broken_run(report((extra,))) == found.broken


def test_another_system_that_broke_breaks_the_run() -> None:
    latency = Latency(1.0, 1.0, 1.0, 1.0)
    systems = tuple(SystemScores(name, "", n, (), latency) for n, name in enumerate(("we", "they")))
    found = compare(report(rows(5)), replace(report(rows(5)), systems=systems))
    assert found.broken == ("they: 1 question(s) failed",)


def test_new_questions_are_reported_and_do_not_count() -> None:
    extra = tuple(lost(replace(row, id=f"new-{row.id}")) for row in rows(20))
    found = compare(report(rows(20)), report((*rows(20), *extra)))
    assert found.exit_code is Exit.HELD
    assert (found.compared, len(found.added)) == (20, 20)
    assert "Not in the baseline, not counted (20)" in render_verdict(found)


def test_edited_questions_are_reported_and_do_not_count() -> None:
    first, second, *others = rows(20)
    edited = (lost(replace(first, answers=("y",))), lost(replace(second, question="?")), *others)
    found = compare(report(rows(20)), report(edited))
    assert found.changed == ("q000", "q001")
    assert (found.compared, found.exit_code) == (18, Exit.HELD)


def test_nothing_to_compare_is_broken() -> None:
    found = compare(report(rows(2)), report(tuple(replace(r, question="?") for r in rows(2))))
    assert found.exit_code is Exit.BROKEN
    assert "no question can be compared" in found.broken[0]


def test_a_weak_test_warns_and_still_decides() -> None:
    few = compare(report(rows(12)), report(rows(12, 6)))
    assert any("12 questions make a weak test" in warning for warning in few.warnings)
    assert "about 25 points" in few.warnings[0]
    assert few.exit_code is Exit.LOSS
    assert compare(report(rows(200)), report(rows(200))).warnings == ()


def test_other_documents_and_failures_of_the_baseline_are_mentioned() -> None:
    old = report((replace(lost(ROW), id="f", question="F?", error="X"), *rows(80)))
    new = report((replace(ROW, id="f", question="F?"), *rows(80)), documents="other")
    found = compare(old, new)
    assert found.exit_code is Exit.HELD
    assert found.compared == 80
    assert [warning.split()[0] for warning in found.warnings] == ["the", "1"]


def test_the_words_of_a_verdict() -> None:
    questions = rows(10)
    said = replace(questions[0], answer="<b>a | b</b>", question="What\nis `it`?")
    old = report((said, *questions[1:]))
    new = report((lost(said), *rows(10, 5)[1:]))
    words = render_verdict(compare(old, new))
    assert words.startswith("## Gate failed: a significant loss\n")
    assert "100.0 before, 50.0 now (-50.0 points" in words
    assert "### Right before, wrong now (5)" in words
    assert "- **q000** What is \\`it\\`? (lost at retrieval)\n" in words
    assert "  - before: &lt;b&gt;a \\| b&lt;/b&gt;\n  - now: (refused)" in words
    assert "accept it with `--update-baseline`" in words
    assert render_verdict(compare(old, old)).startswith("## Gate held")
    assert all(len(line) <= 160 for line in words.splitlines() if line.startswith(("-", "  -")))


def test_long_lists_are_cut() -> None:
    words = render_verdict(compare(report(rows(100)), report(rows(100, 90))))
    assert "### Right before, wrong now (90)" in words
    assert "- ... and 60 more" in words
    assert plain("x" * 100).endswith("x…")
