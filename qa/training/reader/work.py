"""Name the files of the working folder, make each one once, and read them back.

Everything here is made from the training data on the CPU before any network learns.
"""

import random
from collections.abc import Iterator
from dataclasses import dataclass, replace
from itertools import islice
from pathlib import Path

import numpy as np
from tokenizers import Tokenizer

from embeddings.training.data import Example, read_examples, training_prose, training_questions
from qa.training.questions.keywords import as_keywords, with_keywords
from qa.training.questions.tables import table_questions
from qa.training.questions.written import neighbours, written_questions
from qa.training.reader.pairs import Pairs
from qa.training.reader.questions import question_pairs
from qa.training.reader.shards import shard_paths, write_shards
from qa.training.reader.tokens import match_classes, train_tokenizer
from qa.training.reader.vectors import start_vectors

SEED = 1
NEIGHBOURS = 2  # paragraphs on either side of one of ours that serve as hard negatives
TABLES = 20  # one question on a made-up table is added for every so many others
LENT = 100  # the made-up tables take their names from one paragraph in this many
DEV = {"xquad-en": "qa-xquad-en", "new-wiki": "qa-squadshifts-new-wiki"}


@dataclass(frozen=True, slots=True)
class Work:
    """A folder of prepared data and of runs; ``every`` thins the prose for trials."""

    folder: Path
    data: Path
    vocabulary: int = 48_000
    every: int = 1
    seed: int = SEED

    def prepare(self) -> None:
        """Make tokenizer, shards, vectors and questions, each if missing."""
        self.folder.mkdir(parents=True, exist_ok=True)
        if not self.path("tokenizer.json").exists():
            train_tokenizer(self._sample(), self.vocabulary).save(str(self.path("tokenizer.json")))
        tokenizer = self.tokenizer()
        if not shard_paths(self.path("shards")):
            prose = islice(training_prose(self.data), 0, None, self.every)
            write_shards(tokenizer, prose, self.path("shards"))
        if not self.path("vectors.npy").exists():
            self._describe(tokenizer)
        if not self.path("questions.npz").exists():
            asked = [*training_questions(self.data), *written_questions(self.data, "taught")]
            prose = islice(training_prose(self.data), 0, None, LENT)
            tables = table_questions(prose, len(asked) // TABLES, self.seed)
            examples = [*with_keywords(asked, self.seed), *tables]
            around = neighbours(self.data, examples, NEIGHBOURS)
            question_pairs(tokenizer, examples, around).save(self.path("questions.npz"))

    def _sample(self) -> Iterator[str]:
        yield from islice(training_prose(self.data), 0, None, 10 * self.every)
        for example in training_questions(self.data):
            yield example.question

    def _describe(self, tokenizer: Tokenizer) -> None:
        np.save(self.path("classes.npy"), match_classes(tokenizer))
        np.save(self.path("vectors.npy"), start_vectors(tokenizer, self.seed))

    def path(self, name: str) -> Path:
        """Return where a file of this folder lies."""
        return self.folder / name

    def tokenizer(self) -> Tokenizer:
        """Read the tokenizer."""
        return Tokenizer.from_file(str(self.path("tokenizer.json")))

    def vectors(self) -> np.ndarray:
        """Read the vectors that embeddings start from."""
        return np.load(self.path("vectors.npy"))

    def classes(self) -> np.ndarray:
        """Read which pieces count as the same word."""
        return np.load(self.path("classes.npy"))

    def questions(self) -> Pairs:
        """Read the questions."""
        return Pairs.load(self.path("questions.npz"))


def choice_sets(data: Path) -> dict[str, list[Example]]:
    """Read the sets for choices: XQuAD-en, the same as keywords, the first half of new-wiki.

    The second half is for reports alone.
    """
    sets = {}
    for name, file in DEV.items():
        path = next((data / "dev").glob(f"{file}.jsonl*"))
        sets[name] = list(read_examples(path))
    half, chance = len(sets["new-wiki"]) // 2, random.Random(SEED)
    hurried = (replace(e, question=as_keywords(e.question, chance)) for e in sets["xquad-en"])
    return {
        "xquad-en": sets["xquad-en"],
        "new-wiki": sets["new-wiki"][:half],
        "keywords": list(hurried),
    }
