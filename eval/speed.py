"""Time the assistant: import, the whole command cold and cached, `ask()` and its parts, many
questions at once, indexing.

Wall-clock times of this machine as it is now; compare runs by their ratio. Answers are not judged
here.
"""

import os
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
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
class Timing:
    """The times of one thing done several times, in milliseconds."""

    name: str
    milliseconds: tuple[float, ...]

    @property
    def median(self) -> float:
        """The middle time."""
        return statistics.median(self.milliseconds)

    def __str__(self) -> str:
        low, high = min(self.milliseconds), max(self.milliseconds)
        return f"{self.name:<44}{self.median:>9.1f}{low:>9.1f}{high:>9.1f}"


def measure(runs: int) -> tuple[Timing, ...]:
    """Return every timing, each of ``runs`` runs; an empty Python process comes as the baseline."""
    with tempfile.TemporaryDirectory() as cache:
        cold = _times("qa ask, no cached index", runs, lambda n: _command(f"{cache}/{n}"))
        cached = _times("qa ask, cached index", runs, lambda n: _command(f"{cache}/0"))
    ask(QUESTION)
    assistant = Assistant.from_folder(str(files("seeds")), cache=False)
    count = len(assistant.passages)
    hits = {question: assistant.retrieve(question, _READ) for question in _ASKED}

    def asked(number: int) -> str:
        return _ASKED[number % len(_ASKED)]

    return (
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
            f"ask(), {len(_MANY)} questions one by one",
            runs,
            lambda n: [assistant.ask(question) for question in _MANY],
        ),
        _times(f"ask_many(), the same {len(_MANY)}", runs, lambda n: assistant.ask_many(_MANY)),
        _times(
            f"index {count} passages in memory",
            runs,
            lambda n: Assistant.from_documents(assistant.documents),
        ),
    )


def render(timings: tuple[Timing, ...]) -> str:
    """Return the table of medians, fastest and slowest."""
    return "\n".join(
        [f"{'milliseconds':<44}{'median':>9}{'least':>9}{'most':>9}", *map(str, timings)]
    )


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
    code = f"import sys; from qa.cli import main; sys.exit(main(['ask', {QUESTION!r}]))"
    subprocess.run(
        [sys.executable, "-c", code],
        check=False,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
        env={**os.environ, "QA_CACHE_DIR": cache},
    )
