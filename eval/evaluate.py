"""Evaluate an assistant on a gold set: run every system, gather the report.

What is run is set up in `eval.systems`, what comes of it is put together in `eval.report.build`.
"""

from dataclasses import replace
from pathlib import Path

from eval.datasets.gold import read_gold
from eval.report.build import Report, build_report
from eval.runner import run_system
from eval.systems import Corpus, main_system, systems
from qa import Assistant


def evaluate(
    assistant: Assistant, gold: Path, *, baselines: bool = True, progress: bool = False
) -> Report:
    """Return the report of an assistant on the gold file ``gold`` over its own documents.

    Raise `EvalError` where the gold file is no use. What the assistant says about its documents
    (files left out, say) is among the report's warnings.
    """
    questions = read_gold(gold, assistant.documents)
    questions = replace(questions, warnings=(*assistant.problems, *questions.warnings))
    corpus = Corpus(assistant)
    chosen = systems(assistant, corpus) if baselines else (main_system(assistant, corpus),)
    passages = tuple(corpus.passages)
    runs = [run_system(each, questions.questions, passages, progress) for each in chosen]
    return build_report(questions, corpus, runs)
