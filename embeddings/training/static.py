"""Make the bundled static model: tokenizer, skip-gram vectors, contrastive training, export.

Run ``python -m embeddings.training.static --data DIR --out DIR``: half an hour on two free cores.
Each stage writes a file under ``OUT/stages``; ``--resume`` continues after the last one. The model
is written to ``OUT/model``. ``--smoke`` needs no data: it runs everything on a made-up corpus in
seconds.
"""

from __future__ import annotations

import argparse
import shutil
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path

import numpy as np
import torch
from tokenizers import Tokenizer

from embeddings.static import StaticEncoder
from embeddings.training import card, contrast, measure, pairs
from embeddings.training.data import training_prose
from embeddings.training.export import write_model
from embeddings.training.ragged import Ragged
from embeddings.training.smoke import write_smoke_data
from embeddings.training.vectors import skip_gram
from embeddings.training.vocabulary import count_words, train_tokenizer, write_tokens


@dataclass(frozen=True, slots=True)
class Recipe:
    """The settings of all stages; the defaults made the bundled model."""

    size: int = 50_000
    pieces: int = 9_000
    dimension: int = 200
    epochs: int = 1
    prose_share: float = 1.0
    rarity: float = 1e-4
    seed: int = 1
    contrast: contrast.Settings = field(default_factory=contrast.Settings)


SMOKE = Recipe(
    size=5_000,
    pieces=300,
    dimension=16,
    prose_share=1.0,
    contrast=contrast.Settings(steps=20, batch=32),
)


@dataclass(frozen=True, slots=True)
class Stages:
    """The stages of one run: its data, the folder for its results, and its settings."""

    data: Path
    folder: Path
    recipe: Recipe

    def run(self) -> None:
        """Run every stage whose file does not exist yet."""
        self.folder.mkdir(parents=True, exist_ok=True)
        self._stage("tokenizer.json", self._tokenizer)
        self._stage("prose.tokens", self._tokens)
        self._stage("vectors.npy", self._vectors)
        self._stage("pairs", self._pairs)
        self._stage("table.npy", self._table)

    def _stage(self, name: str, make: Callable[[Path], None]) -> None:
        path, unfinished = self.folder / name, self.folder / f"unfinished-{name}"
        if path.exists():
            print(f"{name}: kept", flush=True)
            return
        started = time.monotonic()
        shutil.rmtree(unfinished, ignore_errors=True)
        make(unfinished)
        unfinished.replace(path)
        print(f"{name}: {time.monotonic() - started:.0f} s", flush=True)

    @property
    def tokenizer(self) -> Tokenizer:
        """Return the tokenizer of the first stage."""
        return Tokenizer.from_file(str(self.folder / "tokenizer.json"))

    def _tokenizer(self, path: Path) -> None:
        counts = count_words(training_prose(self.data))
        train_tokenizer(counts, self.recipe.size, self.recipe.pieces).save(str(path))

    def _tokens(self, path: Path) -> None:
        write_tokens(self.tokenizer, training_prose(self.data), path)

    def _vectors(self, path: Path) -> None:
        recipe = self.recipe
        sentences = self.folder / "prose.tokens"
        rows = skip_gram(sentences, self.tokenizer, recipe.dimension, recipe.epochs, recipe.seed)
        _save(path, rows)

    def _pairs(self, path: Path) -> None:
        seed = self.recipe.seed
        examples = pairs.choose_questions(self.data, seed)
        questions, paragraphs, own, negatives = pairs.question_pairs(self.tokenizer, examples)
        prose = training_prose(self.data)
        share = self.recipe.prose_share
        sentences, firsts = pairs.sentence_pairs(self.tokenizer, prose, share, seed)
        path.mkdir()
        questions.save(path / "questions.npz")
        paragraphs.save(path / "paragraphs.npz")
        sentences.save(path / "sentences.npz")
        np.savez(path / "links.npz", own=own, negatives=negatives, firsts=firsts)

    def _table(self, path: Path) -> None:
        folder = self.folder / "pairs"
        with np.load(folder / "links.npz") as links:
            own, negatives, firsts = links["own"], links["negatives"], links["firsts"]
        learned = contrast.Pairs(
            Ragged.load(folder / "questions.npz"),
            Ragged.load(folder / "paragraphs.npz"),
            own,
            negatives,
            Ragged.load(folder / "sentences.npz"),
            firsts,
        )
        vectors = np.load(self.folder / "vectors.npy")
        counts = np.bincount(learned.sentences.values, minlength=len(vectors)) + 1.0
        rarity = self.recipe.rarity
        weights = (rarity / (rarity + counts / counts.sum())).astype(np.float32)
        table = contrast.Table(vectors, weights)
        contrast.train(table, learned, self.recipe.contrast, lambda line: print(line, flush=True))
        _save(path, table.folded(self.recipe.contrast.flatten))


def _save(path: Path, array: np.ndarray) -> None:
    with path.open("wb") as out:
        np.save(out, array)


def make(data: Path, out: Path, recipe: Recipe, resume: bool) -> Path:
    """Run the recipe and return the folder of the model."""
    if not resume:
        shutil.rmtree(out / "stages", ignore_errors=True)
    stages = Stages(data, out / "stages", recipe)
    stages.run()
    table = np.load(stages.folder / "table.npy")
    model = out / "model"
    shutil.rmtree(model, ignore_errors=True)
    write_model(model, stages.tokenizer, table, "")
    encoder = StaticEncoder.load(model)
    results = []
    for task in measure.tasks(data, report=True):
        results.append((task.name, measure.measure(encoder, task)))
        print(task.name, results[-1][1], flush=True)
    shutil.rmtree(model)
    write_model(model, stages.tokenizer, table, card.render(table.shape, results))
    return model


def main(arguments: list[str] | None = None) -> None:
    """Read the command line and run the recipe."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--data", type=Path, help="the folder with train/ and dev/")
    parser.add_argument("--out", type=Path, required=True, help="where stages and model go")
    parser.add_argument("--smoke", action="store_true", help="try it on a tiny made-up corpus")
    parser.add_argument("--resume", action="store_true", help="keep the stages that are done")
    parser.add_argument("--threads", type=int, default=2)
    given = parser.parse_args(arguments)
    if given.data is None and not given.smoke:
        parser.error("--data DIR is needed, or --smoke")
    torch.set_num_threads(given.threads)
    data = given.data
    if given.smoke:
        data = given.out / "smoke-data"
        write_smoke_data(data)
    print("model:", make(data, given.out, SMOKE if given.smoke else Recipe(), given.resume))


if __name__ == "__main__":
    main()
