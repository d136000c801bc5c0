"""Read the questions that we wrote ourselves on paragraphs of the prose.

Most use other words than the text, and a fifth have no answer in their paragraph. The file holds
questions, answers and line numbers, not the paragraphs; ``written.md`` says how it was made.
"""

import lzma
from collections import defaultdict
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Literal

from embeddings.training.data import Example, training_prose

SOURCE = "written"
NOTHING = "-"
FILE = Path(__file__).with_name("written.tsv.xz")
# One paragraph in this many teaches no network, so that what is fitted on top of one (selector,
# calibration, fusion) sees the network as it is on new text.
KEPT_BACK = 8


def written_questions(
    data: Path, part: Literal["taught", "kept back"], file: Path = FILE
) -> Iterator[Example]:
    """Yield our questions in the order of their paragraphs.

    ``file`` has four columns, separated by tabs: name of a prose file, line number in it from 0,
    question, and answer or ``-``. Questions on prose that ``data`` lacks are skipped.

    Raises:
        ValueError: an answer does not occur in its paragraph, or the prose lacks its line.
    """
    asked: dict[str, dict[int, list[tuple[str, str]]]] = defaultdict(lambda: defaultdict(list))
    with lzma.open(file, "rt", encoding="utf-8", newline="\n") as lines:
        for line in lines:
            name, number, question, answer = line.rstrip("\n").split("\t")
            asked[name][int(number)].append((question, answer))
    for name, places in asked.items():
        if not list((data / "train").glob(f"{name}.txt*")):
            continue
        for number, paragraph in enumerate(training_prose(data, (name,))):
            found = places.pop(number, ())
            if (number % KEPT_BACK == 0) == (part == "kept back"):
                for question, answer in found:
                    yield _example(f"{name}-{number}", question, paragraph, answer)
        if places:
            raise ValueError(f"{name} has no line {min(places)}, on which a question was written")


def neighbours(data: Path, examples: Iterable[Example], reach: int) -> dict[str, tuple[str, ...]]:
    """Return for each paragraph that we wrote questions on the paragraphs around it.

    These are up to ``reach`` before it, itself, and up to ``reach`` after it in the same file:
    most often of one article.
    """
    places: dict[str, dict[int, str]] = defaultdict(dict)
    for example in examples:
        if example.source == SOURCE:
            name, _, number = example.id.rpartition("-")
            places[name][int(number)] = example.context
    found = {}
    for name, known in places.items():
        prose = list(training_prose(data, (name,)))
        for number, paragraph in known.items():
            around = prose[max(0, number - reach) : number + reach + 1]
            found[paragraph] = tuple(around)
    return found


def _example(identity: str, question: str, paragraph: str, answer: str) -> Example:
    if answer == NOTHING:
        return Example(identity, question, paragraph, (), SOURCE)
    start = paragraph.find(answer)
    if start < 0:
        raise ValueError(f"{identity}: {answer!r} is no slice of the paragraph")
    return Example(identity, question, paragraph, ((answer, start),), SOURCE)
