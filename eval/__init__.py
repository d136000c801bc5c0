"""Measure an assistant: gold questions in, scores, a report and a verdict for CI out.

Nothing is imported here, so that ``qa --help`` finds `eval.command` without loading the rest. How
questions are answered is left to `qa`, of which only the public names are used.
"""
