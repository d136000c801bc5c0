"""Put every question to a system, take the time, and judge what comes back.

A question that breaks the system is kept as failed, never dropped. Means are left to
`eval.report.summary`.
"""

from collections.abc import Sequence
from contextlib import suppress
from dataclasses import replace
from time import perf_counter

from tqdm import tqdm

from eval.judge import judge
from eval.schema import Attempt, GoldQuestion, Place, Run
from eval.systems import System


def run_system(
    system: System,
    questions: Sequence[GoldQuestion],
    passages: Sequence[Place],
    progress: bool = False,
) -> Run:
    """Return a judgement and a time for every question, in their order.

    Models load before the clock runs. The ranking that is judged is made outside of the time.
    """
    with suppress(Exception):  # a broken system fails below, question by question
        system.attempt(questions[0])
    judged, times = [], []
    # None: a bar on a terminal alone
    for question in tqdm(questions, system.name, disable=None if progress else True):
        started = perf_counter()
        attempt = _attempt(system, question)
        times.append(1000 * (perf_counter() - started))
        if not attempt.error:
            attempt = _with_ranking(system, question, attempt)
        judged.append(judge(question, attempt, passages))
    return Run(system.name, system.description, tuple(judged), tuple(times))


def _attempt(system: System, question: GoldQuestion) -> Attempt:
    try:
        return system.attempt(question)
    except Exception as error:
        return _failed(error)


def _with_ranking(system: System, question: GoldQuestion, attempt: Attempt) -> Attempt:
    try:
        return replace(attempt, ranked=system.rank(question))
    except Exception as error:
        return _failed(error)


def _failed(error: Exception) -> Attempt:
    return Attempt(error=f"{type(error).__name__}: {error}")
