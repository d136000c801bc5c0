"""The stages of each track, in order: what is learnt, how fast, from which weights it starts.

Recurrent: a language model, then questions. Transformer: replaced tokens, cloze questions, then
real ones. Any other stage starts from the last one of these before the questions.
"""

import json
from collections.abc import Callable
from dataclasses import asdict, dataclass, replace
from pathlib import Path
from typing import Any

import torch
from safetensors import safe_open
from safetensors.torch import load_file, save_file
from torch import Tensor, distributed, nn

from embeddings.pretraining.encoders import (
    Encoder,
    contrast_loss,
    contrast_stream,
    retrieval,
)
from embeddings.pretraining.language import Language
from embeddings.pretraining.measure import quality, refusal, torch_score
from embeddings.pretraining.objectives import Detector, prose_stream
from embeddings.pretraining.readers import Shape, build
from embeddings.pretraining.tasks import cloze_stream, new_reader, reading_loss, real_stream
from embeddings.pretraining.training import Plan, Run, Stream
from embeddings.pretraining.work import Work, choice_sets

ORDER = {
    "recurrent": ("language", "finetune"),
    "transformer": ("detect", "cloze", "finetune"),
}
WEIGHTS = "reader.safetensors"


@dataclass(frozen=True, slots=True)
class Pace:
    """How a stage learns: rate, tokens a batch (to contrast, pairs), dropout, share of the rate at
    which embeddings move.
    """

    rate: float
    tokens: int
    dropout: float
    slow: float = 0.0
    constant: bool = False


PACES = {
    ("recurrent", "language"): Pace(2e-3, 8_192, 0.1, slow=1.0),
    ("recurrent", "cloze"): Pace(2e-3, 3_072, 0.1, slow=0.1, constant=True),
    ("recurrent", "finetune"): Pace(2.5e-3, 3_072, 0.2, slow=0.1),
    ("recurrent", "contrast"): Pace(1e-3, 128, 0.1, slow=0.1),
    ("transformer", "contrast"): Pace(3e-4, 128, 0.1, slow=1.0),
    ("transformer", "detect"): Pace(1e-3, 8_192, 0.0, slow=1.0),
    ("transformer", "cloze"): Pace(4e-4, 8_192, 0.1, slow=1.0),
    ("transformer", "finetune"): Pace(3e-4, 8_192, 0.1, slow=1.0),
}
GPU_TOKENS = {"language": 65_536, "detect": 131_072, "cloze": 65_536, "finetune": 16_384}


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
        pace = PACES[self.shape.track, self.kind]
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
            constant=pace.constant,
            device=self.device,
            seed=self.work.seed,
            pause=self.pause,
        )
        state = Run(learner, loss, plan).go(stream)
        path = self.folder / WEIGHTS
        if isinstance(learner, Encoder):
            figures = {"run": self.name, "tokens": state.tokens, **retrieval(learner, self.work)}
            path.with_name("quality.json").write_text(json.dumps(figures, indent=1) + "\n")
        if not distributed.is_initialized() or not distributed.get_rank():
            minutes = round(state.seconds / 60, 2)
            notes = {"tokens": state.tokens, "steps": state.steps, "minutes": minutes}
            save_reader(reader, shape, path, notes)
        return path

    def _task(self, reader: nn.Module, pace: Pace) -> tuple[nn.Module, Callable, Stream]:
        tokens = GPU_TOKENS[self.kind] if self.device == "cuda" else pace.tokens
        seed = self.work.seed + (distributed.get_rank() if distributed.is_initialized() else 0)
        if self.kind == "detect":
            detector = Detector(reader).to(self.device)
            return detector, self._detecting(detector), prose_stream(self.work, tokens, seed)
        if self.kind == "language":
            language = Language(reader).to(self.device)
            stream = prose_stream(self.work, tokens, seed)
            return language, lambda ids: language(ids.to(self.device)), stream
        if self.kind == "cloze":
            return reader, reading_loss(reader, self.device), cloze_stream(self.work, tokens, seed)
        if self.kind == "contrast":
            encoder = Encoder(reader).to(self.device)
            stream = contrast_stream(self.work.questions(), pace.tokens, seed)
            return encoder, lambda batch: contrast_loss(encoder, batch, self.device), stream
        stream = real_stream(self.work, tokens, seed, self.share)
        return reader, reading_loss(reader, self.device), stream

    def _detecting(self, detector: Detector) -> Callable[[Tensor], Tensor]:
        run = torch.compile(detector) if self.device == "cuda" else detector
        return lambda ids: run(ids.to(self.device, non_blocking=True))


def save_reader(reader: nn.Module, shape: Shape, path: Path, notes: dict[str, Any]) -> None:
    """Write the weights of a reader with its shape and notes in the header."""
    held = {name: value.detach().cpu().contiguous() for name, value in reader.state_dict().items()}
    part = path.with_suffix(".part")
    save_file(held, part, {"shape": json.dumps(asdict(shape)), "notes": json.dumps(notes)})
    part.replace(path)


def load_reader(path: Path) -> tuple[nn.Module, dict[str, Any]]:
    """Read a reader and its notes back."""
    with safe_open(path, "pt") as held:
        header = held.metadata()
    shape, weights = Shape(**json.loads(header["shape"])), load_file(path)
    blank = torch.zeros((2, shape.vocabulary), dtype=torch.int64)
    reader = build(shape, weights.get("classes", blank))
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
