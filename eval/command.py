"""The commands ``qa eval`` and ``python -m eval``: arguments, printing, exit codes.

Nothing heavy is imported before a command runs. Exit codes: 0 done, or the gate held; 1 the gate
found a significant loss; 2 a broken run.
"""

import argparse
import json
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from eval.report.build import Report
    from eval.report.gate import Comparison

DONE, BROKEN = 0, 2
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
    """Register the commands of ``python -m eval``."""
    from importlib.resources import files

    from eval.benchmarks.database import add_database
    from eval.benchmarks.scale import add_scale

    for split in SPLITS:
        parser = subparsers.add_parser(split, help=f"our own gold questions, {split} split")
        parser.set_defaults(run=_run_gold, gold=str(files("eval") / "gold" / f"{split}.jsonl"))
        parser.set_defaults(docs=str(files("seeds")))
        _add_options(parser)
    squad = subparsers.add_parser("squad", help="the selector on a SQuAD file or JSONL")
    squad.add_argument("file", help=".json or .jsonl, plain or .xz")
    squad.add_argument("--pooled", action="store_true", help="ask all contexts, end to end")
    squad.set_defaults(run=_run_squad)
    beir = subparsers.add_parser("beir", help="the retriever on a BEIR folder or a SQuAD file")
    beir.add_argument(
        "folder", help="corpus.jsonl, queries.jsonl and qrels.tsv, plain or .xz; or a SQuAD file"
    )
    beir.add_argument("--read", type=count, metavar="N", help="the reader judges N queries only")
    beir.set_defaults(run=_run_beir)
    for parser in (squad, beir):
        parser.add_argument("--json", metavar="OUT", help="write the scores there too")
        parser.add_argument("--limit", type=count, metavar="N", help="the first N questions only")
        parser.add_argument(
            "--skip", type=count, default=0, metavar="N", help="leave out the first N of a file"
        )
        _add_assistant_options(parser)
    speed = subparsers.add_parser("speed", help="time the command and ask(), cold and cached")
    speed.add_argument("--runs", type=count, default=5, metavar="N", help="runs of each (5)")
    speed.set_defaults(run=_run_speed)
    add_scale(subparsers)
    add_database(subparsers)
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
        type=_points,
        metavar="POINTS",
        default=1.0,
        help="smallest loss of F1 that fails the gate (default 1.0)",
    )
    parser.add_argument("--main-only", action="store_true", help="leave the other systems out")
    _add_assistant_options(parser)


def _add_assistant_options(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("--encoder", metavar="NAME_OR_PATH", help="another encoder (extra: models)")
    parser.add_argument(
        "--min-confidence",
        type=float,
        metavar="P",
        help="give every answer that is this sure (0 to 1), and no other",
    )
    parser.add_argument("--quiet", action="store_true", help="no progress, no notes on stderr")


def _run_gold(arguments: argparse.Namespace) -> int:
    from eval.evaluate import evaluate
    from eval.report.gate import broken_run, compare
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
    """Return the baseline; one that is to be replaced need not be readable, nor be there."""
    from eval.report.build import load_report
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
    from eval.report.gate import broken_run
    from eval.report.table import render_table
    from eval.report.verdict import render_verdict

    for warning in () if quiet else report.warnings:
        note(warning)
    print(render_table(report))
    if verdict is not None:
        print(f"\n{render_verdict(verdict)}")
    for line in broken_run(report):
        note(line)


def _write(report: "Report", verdict: "Comparison | None", arguments: argparse.Namespace) -> None:
    from eval.report.build import save_report, write_text
    from eval.report.page import render_page
    from eval.report.verdict import render_verdict

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
    from eval.report.build import save_report

    if broken:
        note(f"{path} is left as it was: a broken run is no baseline")
        return
    save_report(report, path)
    note(f"{path} is the baseline from now on; commit it")


def _run_squad(arguments: argparse.Namespace) -> int:
    from eval.benchmarks.reading import render_reading, score_reading
    from eval.datasets.squad import read_squad

    scores = score_reading(
        read_squad(Path(arguments.file))[arguments.skip :],
        pooled=arguments.pooled,
        limit=arguments.limit,
        encoder=arguments.encoder,
        progress=not arguments.quiet,
    )
    _print_json(render_reading(scores), arguments.json)
    for error in scores.errors[:20]:
        note(error)
    return BROKEN if scores.errors else DONE


def _run_beir(arguments: argparse.Namespace) -> int:
    from eval.benchmarks.beir import render_scores, report, score_collection
    from eval.datasets.collection import as_collection, read_collection
    from eval.datasets.squad import read_squad
    from eval.report.build import write_text

    path = Path(arguments.folder)
    if path.is_file():
        collection = as_collection(read_squad(path)[arguments.skip :])
    else:
        collection = read_collection(path)
    for warning in collection.warnings if not arguments.quiet else ():
        note(warning)
    scores = score_collection(
        collection,
        encoder=arguments.encoder,
        limit=arguments.limit,
        read=arguments.read,
        progress=not arguments.quiet and sys.stderr.isatty(),
    )
    found = report(path.name, arguments.skip, collection, scores)
    if arguments.json:
        write_text(Path(arguments.json), json.dumps(found, indent=1) + "\n")
    print(render_scores(found))
    return DONE


def _run_speed(arguments: argparse.Namespace) -> int:
    from eval.benchmarks.speed import measure, render

    print(render(*measure(arguments.runs)))
    return DONE


def _run_table(arguments: argparse.Namespace) -> int:
    from eval.report.build import load_report
    from eval.report.paired import render_differences
    from eval.report.table import render_table

    report = load_report(Path(arguments.report))
    if arguments.before is None:
        print(render_table(report))
    else:
        print(render_differences(load_report(Path(arguments.before)), report))
    return DONE


def _print_json(text: str, path: str | None) -> None:
    from eval.report.build import write_text

    if path:
        write_text(Path(path), text)
    print(text, end="")


def count(text: str) -> int:
    """Return the whole number from 1 that an option gives."""
    if not (text.isascii() and text.isdigit() and int(text) > 0):
        raise argparse.ArgumentTypeError(f"a whole number from 1 is wanted, not {text!r}")
    return int(text)


def _points(text: str) -> float:
    try:
        value = float(text)
    except ValueError:
        value = -1.0
    if not 0 <= value <= 100:
        raise argparse.ArgumentTypeError(f"points from 0 to 100 are wanted, not {text!r}")
    return value


def note(message: str) -> None:
    """Tell the user something beside the result."""
    print(f"eval: {message}", file=sys.stderr)
