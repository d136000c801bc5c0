"""The two stages of the reader, in order: a language model, then questions.

What each learns from, how fast, and from which weights it starts; the loop is in ``training``.
"""

import json
from collections.abc import Callable
from dataclasses import asdict, dataclass, replace
from pathlib import Path
from typing import Any

import torch
from safetensors import safe_open
from safetensors.torch import load_file, save_file
from torch import distributed, nn

from qa.training.reader.language import Language, prose_stream
from qa.training.reader.measure import quality, refusal, torch_score
from qa.training.reader.readers import Recurrent, Shape
from qa.training.reader.tasks import new_reader, question_stream, reading_loss
from qa.training.reader.training import Plan, Run, Stream
from qa.training.reader.work import Work, choice_sets

ORDER = ("language", "finetune")
WEIGHTS = "reader.safetensors"


@dataclass(frozen=True, slots=True)
class Pace:
    """Learning rate, tokens a batch, dropout, and the share of the rate that embeddings get."""

    rate: float
    tokens: int
    dropout: float
    slow: float


PACES = {
    "language": Pace(2e-3, 8_192, 0.1, slow=1.0),
    "finetune": Pace(2.5e-3, 3_072, 0.2, slow=0.1),
}
GPU_TOKENS = {"language": 65_536, "finetune": 16_384}


@dataclass(frozen=True, slots=True)
class Stage:
    """One stage of a named run; ``share`` thins the real questions for quick comparisons."""

    work: Work
    name: str
    kind: str
    shape: Shape
    minutes: float
    device: str = "cpu"
    share: float = 1.0
    pause: float = float("inf")

    @property
    def folder(self) -> Path:
        """Where checkpoint, log and weights lie."""
        return self.work.path("runs") / self.name / self.kind

    def train(self, start: Path | None) -> Path:
        """Learn for the minutes, from the weights ``start`` if given; return the new weights."""
        pace = PACES[self.kind]
        size, width = self.work.vectors().shape
        shape = replace(self.shape, vocabulary=size, embedding=width, dropout=pace.dropout)
        reader = new_reader(self.work, shape)
        if start is not None:
            reader.load_state_dict(load_file(start), strict=False)
        learner, loss, stream = self._task(reader.to(self.device), pace)
        plan = Plan(
            self.folder,
            self.minutes,
            rate=pace.rate,
            slow=pace.slow,
            device=self.device,
            seed=self.work.seed,
            pause=self.pause,
        )
        state = Run(learner, loss, plan).go(stream)
        path = self.folder / WEIGHTS
        if not distributed.is_initialized() or not distributed.get_rank():
            minutes = round(state.seconds / 60, 2)
            notes = {"tokens": state.tokens, "steps": state.steps, "minutes": minutes}
            save_reader(reader, shape, path, notes)
        return path

    def _task(self, reader: Recurrent, pace: Pace) -> tuple[nn.Module, Callable, Stream]:
        tokens = GPU_TOKENS[self.kind] if self.device == "cuda" else pace.tokens
        seed = self.work.seed + (distributed.get_rank() if distributed.is_initialized() else 0)
        if self.kind == "language":
            language = Language(reader).to(self.device)
            stream = prose_stream(self.work, tokens, seed)
            return language, lambda ids: language(ids.to(self.device)), stream
        stream = question_stream(self.work, tokens, seed, self.share)
        return reader, reading_loss(reader, self.device), stream


def save_reader(reader: nn.Module, shape: Shape, path: Path, notes: dict[str, Any]) -> None:
    """Write the weights of a reader with its shape and notes in the header."""
    held = {name: value.detach().cpu().contiguous() for name, value in reader.state_dict().items()}
    part = path.with_suffix(".part")
    save_file(held, part, {"shape": json.dumps(asdict(shape)), "notes": json.dumps(notes)})
    part.replace(path)


def load_reader(path: Path) -> tuple[nn.Module, dict[str, Any]]:
    """Load a reader and its notes."""
    with safe_open(path, "pt") as held:
        header = held.metadata()
    shape, weights = Shape(**json.loads(header["shape"])), load_file(path)
    blank = torch.zeros((2, shape.vocabulary), dtype=torch.int64)
    reader = Recurrent(shape, weights.get("classes", blank))
    reader.load_state_dict(weights)
    return reader.eval(), json.loads(header["notes"])


def evaluate(work: Work, path: Path, every: int = 1) -> dict[str, Any]:
    """Score a reader on the sets that choices are made on; write and return the figures."""
    reader, notes = load_reader(path)
    score, tokenizer = torch_score(reader), work.tokenizer()
    sets = {name: held[::every] for name, held in choice_sets(work.data).items()}
    figures: dict[str, Any] = {"run": path.parent.parent.name, "stage": path.parent.name, **notes}
    for name, held in sets.items():
        figures[name] = {"questions": len(held), **quality(score, tokenizer, held)}
    figures["refusal on xquad-en"] = refusal(score, tokenizer, sets["xquad-en"])
    path.with_name("quality.json").write_text(json.dumps(figures, indent=1) + "\n")
    return figures
