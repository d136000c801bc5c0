"""Measure on other data: SQuAD and BEIR files or a text in; scores, times and memory out.

Our own gold questions and the report on them are left to `eval.runner` and `eval.report`.
"""

from eval.benchmarks.commands import add_benchmarks

__all__ = ["add_benchmarks"]
