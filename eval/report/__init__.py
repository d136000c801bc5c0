"""Turn judged runs into a report: runs in; JSON, tables, a page and the gate's verdict out.

How a prediction is marked is left to `eval.judge`, what is printed when to `eval.command`.
"""

from eval.report.build import Report, build_report
from eval.report.gate import Comparison, broken_run, compare
from eval.report.page import render_page
from eval.report.paired import render_differences
from eval.report.storage import load_report, save_report
from eval.report.table import render_table
from eval.report.verdict import render_verdict

__all__ = [
    "Comparison", "Report", "broken_run", "build_report", "compare", "load_report",
    "render_differences", "render_page", "render_table", "render_verdict", "save_report",
]  # fmt: skip
