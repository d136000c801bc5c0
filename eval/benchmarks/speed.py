"""Time the assistant: import, the command, `ask()` and its parts, `ask_many()`, indexing.

Times are wall-clock times of this machine as it is now; compare runs by their ratio. `ask()` and
`ask_many()` take turns, so that other processes slow both alike. Judging answers is left to
`eval.runner`.
"""

import os
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from importlib.resources import files

from qa import Assistant, ask

QUESTION = "what trade target was set for 2030?"
_READ = 8
_ASKED = (
    QUESTION,
    "Who is responsible for the response to cybersecurity threats?",
    "When was the Belt and Road Initiative launched?",
    "What is the capital of France?",
)
_MANY = 8 * _ASKED


@dataclass(frozen=True, slots=True)
class Throughput:
    """How many milliseconds the same questions took one by one and at once, turn by turn."""

    questions: int
    one_by_one: tuple[float, ...]
    at_once: tuple[float, ...]

    def __str__(self) -> str:
        ratios = [one / all for one, all in zip(self.one_by_one, self.at_once, strict=True)]
        rows = (
            ("ask(), one by one", [1000 * self.questions / time for time in self.one_by_one]),
            ("ask_many()", [1000 * self.questions / time for time in self.at_once]),
            ("  times as many, turn by turn", ratios),
        )
        head = _row(f"questions a second, of {self.questions}", "median", "least", "most")
        return "\n".join([head, *(_figures(name, values, 2) for name, values in rows)])


@dataclass(frozen=True, slots=True)
class Timing:
    """How many milliseconds each run of an action took."""

    name: str
    milliseconds: tuple[float, ...]

    def __str__(self) -> str:
        return _figures(self.name, self.milliseconds, 1)


def measure(runs: int) -> tuple[tuple[Timing, ...], Throughput]:
    """Return the timings of ``runs`` runs each, beginning with an empty process; the throughput."""
    with tempfile.TemporaryDirectory() as cache:
        cold = _times("qa ask, no cached index", runs, lambda n: _command(f"{cache}/{n}"))
        cached = _times("qa ask, cached index", runs, lambda n: _command(f"{cache}/0"))
    ask(QUESTION)
    assistant = Assistant.from_folder(str(files("seeds")), cache=False)
    count = len(assistant.passages)
    hits = {question: assistant.retrieve(question, _READ) for question in _ASKED}

    def asked(number: int) -> str:
        return _ASKED[number % len(_ASKED)]

    timings = (
        _times("python, doing nothing", runs, lambda n: _python("pass")),
        _times("python, import qa", runs, lambda n: _python("import qa")),
        cold,
        cached,
        _times("ask() in a running process", 5 * runs, lambda n: ask(asked(n))),
        _times("  find 8 passages", 5 * runs, lambda n: assistant.retrieve(asked(n), _READ)),
        _times(
            "  read them and answer",
            5 * runs,
            lambda n: assistant.answer(asked(n), hits[asked(n)]),
        ),
        _times(
            f"index {count} passages in memory",
            runs,
            lambda n: Assistant.from_documents(assistant.documents),
        ),
    )
    return timings, compare(assistant, _MANY, runs)


def render(timings: tuple[Timing, ...], throughput: Throughput) -> str:
    """Return two tables of medians, minima and maxima."""
    head = _row("milliseconds", "median", "least", "most")
    return "\n".join([head, *map(str, timings), "", str(throughput)])


def _row(name: str, *cells: str) -> str:
    return f"{name:<44}" + "".join(f"{cell:>9}" for cell in cells)


def _figures(name: str, values: Sequence[float], digits: int) -> str:
    found = (statistics.median(values), min(values), max(values))
    return _row(name, *(f"{value:.{digits}f}" for value in found))


def compare(assistant: Assistant, questions: Sequence[str], turns: int) -> Throughput:
    """Time the same questions one by one and at once, in turns."""
    one_by_one: list[float] = []
    at_once: list[float] = []
    for _ in range(turns):
        one_by_one += _times(
            "", 1, lambda _: [assistant.ask(one) for one in questions]
        ).milliseconds
        at_once += _times("", 1, lambda _: assistant.ask_many(questions)).milliseconds
    return Throughput(len(questions), tuple(one_by_one), tuple(at_once))


def _times(name: str, runs: int, action: Callable[[int], object]) -> Timing:
    times: list[float] = []
    for number in range(runs):
        begun = time.perf_counter()
        action(number)
        times.append(1000 * (time.perf_counter() - begun))
    return Timing(name, tuple(times))


def _python(code: str) -> None:
    subprocess.run([sys.executable, "-c", code], check=True)


def _command(cache: str) -> None:
    code = f"import sys; from qa.commands.main import main; sys.exit(main(['ask', {QUESTION!r}]))"
    subprocess.run(
        [sys.executable, "-c", code],
        check=False,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
        env={**os.environ, "QA_CACHE_DIR": cache},
    )
