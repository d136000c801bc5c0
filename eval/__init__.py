"""Measure an assistant: gold questions, honest scores, a report, and a gate for CI.

Nothing is imported here, so that the command line finds `eval.command` without loading the rest.
"""
