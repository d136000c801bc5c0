"""Add the benchmarks to ``python -m eval``: arguments, printing, exit codes.

Nothing heavy is imported before a command runs. What is measured is left to the other files here.
"""

import argparse
import json
import sys
from pathlib import Path
from typing import Any

from eval.console import BROKEN, DONE, add_assistant_options, count, note, write_text

QUESTIONS = 150  # of each file, for `scale`
SCALE_SIZES = (100, 1_000, 10_000, 100_000)
DATABASE_SIZES = (1_000, 10_000, 100_000)
_Commands = Any  # argparse names the type of add_subparsers' result only in private


def add_benchmarks(subparsers: _Commands) -> None:
    """Register the commands squad, beir, speed, scale and database."""
    _add_squad_and_beir(subparsers)
    speed = subparsers.add_parser("speed", help="time the command and ask(), cold and cached")
    speed.add_argument("--runs", type=count, default=5, metavar="N", help="runs of each (5)")
    speed.set_defaults(run=_run_speed)
    _add_scale(subparsers)
    _add_database(subparsers)


def _add_squad_and_beir(subparsers: _Commands) -> None:
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
        add_assistant_options(parser)


def _add_scale(subparsers: _Commands) -> None:
    parser = subparsers.add_parser(
        "scale",
        help="cost and answers from 100 paragraphs to a million",
        description="Measure how costs and answers grow with the paragraphs. Two free cores take "
        "about four minutes for the sizes to 100000, and half an hour more for 1000000 with 5 GB "
        "of memory (bm25s alone: more) and 3 GB of temporary files.",
    )
    parser.add_argument(
        "--data",
        default="data",
        metavar="DIR",
        help="questions with contexts, dev/qa-*.jsonl.xz, and train/prose-*.txt.xz (data)",
    )
    parser.add_argument(
        "--sizes", type=count, nargs="+", metavar="N", help="paragraphs (100 1000 10000 100000)"
    )
    parser.add_argument(
        "--questions", type=count, default=QUESTIONS, metavar="N", help=f"a file ({QUESTIONS})"
    )
    parser.add_argument(
        "--json",
        metavar="OUT",
        help="write the figures there, tables and a plot beside them (extra: bench)",
    )
    parser.add_argument(
        "--resume", action="store_true", help="keep the steps that OUT holds, measure the others"
    )
    parser.set_defaults(run=_run_scale)


def _add_database(subparsers: _Commands) -> None:
    parser = subparsers.add_parser("database", help="what an index in PostgreSQL costs")
    parser.add_argument("url", help="postgresql://...; a schema there is made and removed")
    parser.add_argument("text", help="paragraphs, one a line, plain or .xz")
    parser.add_argument(
        "--sizes", type=int, nargs="+", metavar="N", default=DATABASE_SIZES, help="paragraphs"
    )
    parser.add_argument("--json", metavar="OUT", help="write the figures there too")
    parser.set_defaults(run=_run_database)


def _run_squad(arguments: argparse.Namespace) -> int:
    from eval.benchmarks.reading import score_reading
    from eval.datasets import read_squad

    scores = score_reading(
        read_squad(Path(arguments.file))[arguments.skip :],
        pooled=arguments.pooled,
        limit=arguments.limit,
        encoder=arguments.encoder,
        progress=not arguments.quiet,
    )
    text = _write_json(scores.to_dict(), arguments.json)
    print(text, end="")
    for error in scores.errors[:20]:
        note(error)
    return BROKEN if scores.errors else DONE


def _run_beir(arguments: argparse.Namespace) -> int:
    from eval.benchmarks.beir import render_scores, report, score_collection
    from eval.datasets import as_collection, read_collection, read_squad

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
    _write_json(found, arguments.json)
    print(render_scores(found))
    return DONE


def _run_speed(arguments: argparse.Namespace) -> int:
    from eval.benchmarks.speed import measure, render

    print(render(*measure(arguments.runs)))
    return DONE


def _run_scale(arguments: argparse.Namespace) -> int:
    from eval.benchmarks.scale import measure, resumable, write_scale
    from eval.benchmarks.scale_plot import draw
    from eval.benchmarks.scale_table import render_scale
    from eval.schema import EvalError

    out = None if arguments.json is None else Path(arguments.json)
    begun = None
    if arguments.resume:
        if out is None:
            raise EvalError("--resume needs --json OUT, the figures to go on with")
        begun = resumable(out, arguments.questions)

    def told(step: str, found: dict[str, Any]) -> None:
        note(step)
        if out is not None:
            write_scale(found, out)

    sizes = arguments.sizes or SCALE_SIZES
    found = measure(Path(arguments.data), sizes, arguments.questions, told, begun)
    print(render_scale(found))
    if out is not None:
        draw(found, out.with_suffix(".svg"))
    return DONE


def _run_database(arguments: argparse.Namespace) -> int:
    from eval.benchmarks.database import measure, render

    figures = measure(arguments.url, Path(arguments.text), arguments.sizes)
    _write_json(figures, arguments.json)
    print(render(figures))
    return DONE


def _write_json(figures: dict[str, Any], path: str | None) -> str:
    """Write figures as JSON if ``path`` names a file, and return that text."""
    text = json.dumps(figures, indent=1) + "\n"
    if path:
        write_text(Path(path), text)
    return text
