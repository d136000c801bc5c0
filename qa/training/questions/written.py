"""Read the questions that we wrote ourselves on paragraphs of the prose.

They ask in other words than the text, most of them, and a fifth has no answer where it is asked.
Only questions, answers and the places of the paragraphs are kept here; see ``written.md``.
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
KEPT_BACK = 8  # one paragraph in so many teaches no network: what is fitted to networks needs it


def written_questions(
    data: Path, part: Literal["taught", "kept back"], file: Path = FILE
) -> Iterator[Example]:
    """Yield our questions in the order of their paragraphs; one without answers has none there.

    A line holds, between tabs, a prose file's name, the number of a line in it from 0, a question
    and its answer, ``-`` for none. Prose that ``data`` lacks is passed over with its questions.
    Raise `ValueError` for an answer that is no slice of its paragraph, and for a line too many.
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
    """Return for each paragraph of our questions those of the same file that stand around it.

    They are the ``reach`` before it, itself and the ``reach`` after it: most often one article.
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
