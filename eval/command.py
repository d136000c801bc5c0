"""Define ``qa eval`` and the commands of ``python -m eval``: arguments, printing, exit codes.

Nothing heavy is imported before a command runs. Exit codes: 0 for done or a gate that held, 1 for
a significant loss, 2 for a broken run. Other data than gold files are left to `eval.benchmarks`.
"""

import argparse
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Any

from eval.console import BROKEN, DONE, add_assistant_options, note, points, write_text

if TYPE_CHECKING:
    from eval.report import Comparison, Report

SPLITS = ("dev", "test")
_Commands = Any  # argparse names the type of add_subparsers' result only in private


def add(subparsers: _Commands) -> None:
    """Register ``qa eval``."""
    parser = subparsers.add_parser(
        "eval",
        help="measure the assistant on your own documents and questions",
        description="Put the questions of a gold file to the assistant over a folder, print the "
        "scores beside those of simpler systems, and write a report. Exit codes: 0 done or gate "
        "held, 1 significant loss, 2 broken run.",
    )
    parser.add_argument("gold", metavar="GOLD", help="questions, one JSON object a line")
    parser.add_argument("--docs", required=True, metavar="FOLDER", help="the documents")
    _add_options(parser)
    parser.set_defaults(run=_run_gold)


def add_own(subparsers: _Commands) -> None:
    """Register the commands of ``python -m eval``: our gold sets, the benchmarks, tables."""
    from importlib.resources import files

    from eval.benchmarks import add_benchmarks

    for split in SPLITS:
        parser = subparsers.add_parser(split, help=f"our own gold questions, {split} split")
        parser.set_defaults(run=_run_gold, gold=str(files("eval") / "gold" / f"{split}.jsonl"))
        parser.set_defaults(docs=str(files("seeds")))
        _add_options(parser)
    add_benchmarks(subparsers)
    table = subparsers.add_parser("table", help="print the tables of a report as Markdown")
    table.add_argument("report", help="a report.json")
    table.add_argument(
        "--before", metavar="REPORT", help="compare with this one, by kind, with paired tests"
    )
    table.set_defaults(run=_run_table)


def _add_options(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("--out", metavar="DIR", help="write report.html and report.json there")
    parser.add_argument("--json", metavar="OUT", help="write the report as JSON there")
    parser.add_argument("--baseline", metavar="REPORT", help="compare with this report.json")
    parser.add_argument("--gate", action="store_true", help="exit 1 on a significant loss")
    parser.add_argument("--update-baseline", action="store_true", help="accept this run instead")
    parser.add_argument(
        "--min-effect",
        type=points,
        metavar="POINTS",
        default=1.0,
        help="smallest loss of F1 that fails the gate (default 1.0)",
    )
    parser.add_argument("--main-only", action="store_true", help="leave the other systems out")
    add_assistant_options(parser)


def _run_gold(arguments: argparse.Namespace) -> int:
    from eval.report import broken_run, compare
    from eval.runner import evaluate
    from qa import Assistant

    _check_options(arguments)
    old = _baseline(arguments)
    progress = not arguments.quiet
    assistant = Assistant.from_folder(
        arguments.docs, encoder=arguments.encoder, progress=progress and sys.stderr.isatty()
    ).using(min_confidence=arguments.min_confidence)
    baselines = not arguments.main_only
    report = evaluate(assistant, Path(arguments.gold), baselines=baselines, progress=progress)
    verdict = None if old is None else compare(old, report, arguments.min_effect)
    broken = bool(broken_run(report))
    _write(report, verdict, arguments)
    if arguments.update_baseline:
        _update(report, broken, Path(arguments.baseline))
    _tell(report, verdict, arguments.quiet)
    if arguments.gate and verdict is not None and not arguments.update_baseline:
        return int(verdict.exit_code)
    return BROKEN if broken else DONE


def _check_options(arguments: argparse.Namespace) -> None:
    from eval.schema import EvalError

    for option in ("gate", "update_baseline"):
        if getattr(arguments, option) and not arguments.baseline:
            name = option.replace("_", "-")
            raise EvalError(f"--{name} needs --baseline REPORT, the report.json to compare with")


def _baseline(arguments: argparse.Namespace) -> "Report | None":
    """Return the baseline; one that is to be replaced may be missing or unreadable."""
    from eval.report import load_report
    from eval.schema import EvalError

    if not arguments.baseline:
        return None
    try:
        return load_report(Path(arguments.baseline))
    except EvalError as error:
        if not arguments.update_baseline:
            raise
        note(f"{error}; nothing to compare with")
        return None


def _tell(report: "Report", verdict: "Comparison | None", quiet: bool) -> None:
    from eval.report import broken_run, render_table, render_verdict

    for warning in () if quiet else report.warnings:
        note(warning)
    print(render_table(report))
    if verdict is not None:
        print(f"\n{render_verdict(verdict)}")
    for line in broken_run(report):
        note(line)


def _write(report: "Report", verdict: "Comparison | None", arguments: argparse.Namespace) -> None:
    from eval.report import render_page, render_verdict, save_report

    if arguments.json:
        save_report(report, Path(arguments.json))
    if not arguments.out:
        return
    folder = Path(arguments.out)
    save_report(report, folder / "report.json")
    write_text(folder / "report.html", render_page(report))
    if verdict is not None:
        write_text(folder / "gate.md", render_verdict(verdict) + "\n")
    if not arguments.quiet:
        note(f"wrote {folder / 'report.html'}")


def _update(report: "Report", broken: bool, path: Path) -> None:
    from eval.report import save_report

    if broken:
        note(f"{path} is left as it was: a broken run is no baseline")
        return
    save_report(report, path)
    note(f"{path} is the baseline from now on; commit it")


def _run_table(arguments: argparse.Namespace) -> int:
    from eval.report import load_report, render_differences, render_table

    report = load_report(Path(arguments.report))
    if arguments.before is None:
        print(render_table(report))
    else:
        print(render_differences(load_report(Path(arguments.before)), report))
    return DONE
