"""Make the reader, from its language model to its ONNX file: ``python -m qa.training.reader``.

Without a step, all of them run in order; a run that was stopped resumes where it was.
"""

import argparse
import json
import os
from dataclasses import replace
from pathlib import Path

import torch
from torch import distributed

from qa.training.reader.export import export_reader
from qa.training.reader.readers import Shape
from qa.training.reader.stages import ORDER, WEIGHTS, Stage, evaluate
from qa.training.reader.work import Work

STEPS = ("all", "prepare", *ORDER, "evaluate", "export")
SHAPE = Shape(width=128, depth=2, ground=192)
SMOKE = Shape(700, width=8, depth=2, ground=12)


def parsed(arguments: list[str] | None = None) -> argparse.Namespace:
    """Read the command line."""
    parser = argparse.ArgumentParser("python -m qa.training.reader", description=__doc__)
    parser.add_argument("step", nargs="?", default="all", choices=STEPS)
    parser.add_argument("--data", type=Path, required=True, help="folder with train/ and dev/")
    parser.add_argument("--work", type=Path, required=True, help="folder for all that is made")
    parser.add_argument("--device", default="cpu", choices=("cpu", "cuda"))
    parser.add_argument("--minutes", type=float, default=60.0, help="for each stage of learning")
    parser.add_argument("--pause", type=float, default=float("inf"), help="stop earlier, resumable")
    parser.add_argument("--name", default="reader", help="name of the run")
    parser.add_argument("--weights", help="weights to start from, or none; default: stage before")
    parser.add_argument("--depth", type=int, help="LSTMs under the recurrent reader's first level")
    parser.add_argument("--ground", type=int, help="width of those LSTMs")
    parser.add_argument("--width", type=int, help="width of the network")
    parser.add_argument("--share", type=float, default=1.0, help="share of the real questions")
    parser.add_argument("--every", type=int, default=1, help="evaluate on every n-th question")
    parser.add_argument("--threads", type=int, default=2)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--smoke", action="store_true", help="tiny sizes, seconds")
    return parser.parse_args(arguments)


def main(arguments: list[str] | None = None) -> None:
    """Run the step that the command line names, or all of them."""
    asked = parsed(arguments)
    torch.set_num_threads(asked.threads)
    if "WORLD_SIZE" in os.environ:
        distributed.init_process_group("gloo")
    torch.set_float32_matmul_precision("high")
    shape = _shape(asked)
    work = Work(asked.work, asked.data, shape.vocabulary, seed=asked.seed)
    steps = STEPS[1:] if asked.step == "all" else (asked.step,)
    for step in steps:
        _do(step, asked, work, shape)


def _shape(asked: argparse.Namespace) -> Shape:
    shape = SMOKE if asked.smoke else SHAPE
    changes = {key: getattr(asked, key) for key in ("width", "depth", "ground")}
    return replace(shape, **{k: v for k, v in changes.items() if v is not None})


def _do(step: str, asked: argparse.Namespace, work: Work, shape: Shape) -> None:
    tuned = work.path("runs") / asked.name / "finetune" / WEIGHTS
    if step == "prepare":
        work.prepare()
    elif step == "evaluate":
        print(json.dumps(evaluate(work, tuned, asked.every)))
    elif step == "export":
        print(json.dumps(export_reader(work, tuned, work.path("export"), asked.every)))
    else:
        minutes = 0.01 if asked.smoke else asked.minutes
        stage = Stage(
            work, asked.name, step, shape, minutes, asked.device, asked.share, asked.pause
        )
        print(stage.train(_start(asked, work, step)))


def _start(asked: argparse.Namespace, work: Work, step: str) -> Path | None:
    """Return the weights named on the command line, else those of the latest stage before."""
    if asked.weights is not None:
        return None if asked.weights == "none" else Path(asked.weights)
    earlier = ORDER[: ORDER.index(step)]
    made = [work.path("runs") / asked.name / stage / WEIGHTS for stage in reversed(earlier)]
    return next((path for path in made if path.exists()), None)


if __name__ == "__main__":
    main()
