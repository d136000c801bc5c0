"""Evaluate an assistant on a gold set: put every question to every system, time and judge.

A question that raises an error is kept as failed, never dropped. Setting the systems up is left to
`eval.systems`, putting the report together to `eval.report`.
"""

from collections.abc import Sequence
from contextlib import suppress
from dataclasses import replace
from pathlib import Path
from time import perf_counter

from tqdm import tqdm

from eval.datasets import read_gold
from eval.judge import judge
from eval.report import Report, build_report
from eval.schema import GoldQuestion, Location, Prediction, Run
from eval.systems import PassageMap, System, main_system, systems
from qa import Assistant


def evaluate(
    assistant: Assistant, gold: Path, *, baselines: bool = True, progress: bool = False
) -> Report:
    """Return the report of an assistant on the gold file ``gold`` over its own documents.

    ``baselines`` adds the systems that it is compared with. What the assistant says about its
    documents (files left out, for example) is among the report's warnings. Raise `EvalError` if
    the gold file cannot be used.
    """
    questions = read_gold(gold, assistant.documents)
    questions = replace(questions, warnings=(*assistant.problems, *questions.warnings))
    located = PassageMap(assistant)
    chosen = systems(assistant, located) if baselines else (main_system(assistant, located),)
    passages = tuple(located.passages)
    runs = [run_system(each, questions.questions, passages, progress) for each in chosen]
    return build_report(questions, located, runs)


def run_system(
    system: System,
    questions: Sequence[GoldQuestion],
    passages: Sequence[Location],
    progress: bool = False,
) -> Run:
    """Return a judged prediction and a time for every question, in their order.

    Models load before the clock runs. The ranking that is judged is made outside of the time.
    """
    with suppress(Exception):  # a broken system fails below, question by question
        system.predict(questions[0])
    judged, times = [], []
    # None: a bar on a terminal alone
    for question in tqdm(questions, system.name, disable=None if progress else True):
        started = perf_counter()
        prediction = _predict(system, question)
        times.append(1000 * (perf_counter() - started))
        if not prediction.error:
            prediction = _with_ranking(system, question, prediction)
        judged.append(judge(question, prediction, passages))
    return Run(system.name, system.description, tuple(judged), tuple(times))


def _predict(system: System, question: GoldQuestion) -> Prediction:
    try:
        return system.predict(question)
    except Exception as error:
        return _failed(error)


def _with_ranking(system: System, question: GoldQuestion, prediction: Prediction) -> Prediction:
    try:
        return replace(prediction, ranked=system.rank(question))
    except Exception as error:
        return _failed(error)


def _failed(error: Exception) -> Prediction:
    return Prediction(error=f"{type(error).__name__}: {error}")
