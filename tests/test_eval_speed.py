"""Test that throughput is what was timed, and that its table says so."""

from eval.benchmarks.speed import Throughput, compare, render
from qa import Assistant, make_document


def test_questions_are_asked_one_by_one_and_at_once_in_turns() -> None:
    assistant = Assistant.from_documents([make_document("The budget is $12 million.", "a.txt")])
    asked: list[str] = []

    class Heard(Assistant):
        def ask(self, question, top_k=None, where=None):  # type: ignore[no-untyped-def]
            asked.append(question)
            return assistant.ask(question, top_k, where)

    found = compare(Heard(assistant._index), ["What is the budget?", "Who?"], 2)
    assert sorted(asked) == sorted(4 * ["What is the budget?", "Who?"])
    assert found.questions == 2
    assert len(found.one_by_one) == len(found.at_once) == 2
    assert min(*found.one_by_one, *found.at_once) > 0


def test_throughput_is_rendered_with_its_spread() -> None:
    """By hand: 10 questions in 2, 4 and 1 s are 5, 2.5 and 10 a second; twice, 4 and 1 times."""
    found = Throughput(10, (2000.0, 4000.0, 1000.0), (1000.0, 1000.0, 1000.0))
    lines = render((), found).splitlines()
    assert lines[0].split() == ["milliseconds", "median", "least", "most"]
    assert lines[2].split()[-3:] == ["median", "least", "most"]
    assert [line.split()[-3:] for line in lines[3:]] == [
        ["5.00", "2.50", "10.00"],
        ["10.00", "10.00", "10.00"],
        ["2.00", "1.00", "4.00"],
    ]
