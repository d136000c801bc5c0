"""Read the training data: prose, one paragraph a line, and questions with their spans.

The data is in a folder, ``--data DIR``, with ``train/`` and ``dev/`` inside; it is not part of the
repository. How it is used is left to the recipes.
"""

import json
import lzma
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path


@dataclass(frozen=True, slots=True)
class Example:
    """A question, its paragraph, and every accepted answer with its start in code points."""

    id: str
    question: str
    context: str
    answers: tuple[tuple[str, int], ...]
    source: str


def read_lines(path: Path) -> Iterator[str]:
    """Yield the lines of a text file, plain or ``.xz``, without line endings."""
    opener = lzma.open if path.suffix == ".xz" else open
    with opener(path, "rt", encoding="utf-8", newline="\n") as lines:
        for line in lines:
            yield line.rstrip("\n")


def read_examples(path: Path) -> Iterator[Example]:
    """Yield the questions of a ``.jsonl`` or ``.jsonl.xz`` file in order."""
    source = path.name.split(".")[0]
    for line in read_lines(path):
        row = json.loads(line)
        answers = tuple((answer["text"], answer["start"]) for answer in row["answers"])
        yield Example(row["id"], row["question"], row["context"], answers, source)


def training_questions(data: Path, names: tuple[str, ...] = ("qa-*",)) -> Iterator[Example]:
    """Yield every training question of the files in ``data/train`` that match ``names``."""
    for name in names:
        for path in sorted((data / "train").glob(f"{name}.jsonl*")):
            yield from read_examples(path)


def training_prose(data: Path, names: tuple[str, ...] = ("prose-*",)) -> Iterator[str]:
    """Yield every paragraph of the prose files in ``data/train`` that match ``names``."""
    for name in names:
        for path in sorted((data / "train").glob(f"{name}.txt*")):
            yield from read_lines(path)
