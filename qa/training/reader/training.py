"""Train a network on a stream of batches for some minutes; survive being killed at any moment.

The learning rate follows the clock: up in the first hundred steps, then down to nothing when the
minutes are over. On a CPU these are minutes of a core's work, however many share the machine. A
checkpoint is written whole or not at all. What is learned is left to ``tasks`` and ``language``.
"""

import json
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any, NamedTuple

import torch
from torch import Tensor, distributed, nn

# steps between two means of the weights, where several processes train together
MEET = 8


class Item(NamedTuple):
    """One batch of any task and the number of real tokens in it."""

    batch: Any
    tokens: int


# (pass number, progress from 0 to 1 at its start, batches to skip) -> the batches of that pass
Stream = Callable[[int, float, int], Iterator[Item]]


@dataclass(frozen=True, slots=True)
class Plan:
    """How long and how fast to train, and where the checkpoint lies.

    ``pause`` is after how many minutes this process stops, for another one to go on.
    """

    folder: Path
    minutes: float
    rate: float = 1.5e-3
    slow: float = 0.0
    decay: float = 0.01
    warm: int = 100
    average: float = 0.998
    every: float = 60.0
    device: str = "cpu"
    seed: int = 1
    constant: bool = False
    pause: float = float("inf")


@dataclass(slots=True)
class State:
    """How far a run has come; ``progress`` is that at the start of the current pass."""

    seconds: float = 0.0
    tokens: int = 0
    steps: int = 0
    turn: int = 0
    done: int = 0
    progress: float = 0.0


def multiplies_bf16(kind: str) -> bool:
    """Say whether a device, ``cpu`` or ``cuda``, multiplies in bf16; others learn in fp32."""
    if kind == "cuda":
        return torch.cuda.is_bf16_supported()
    known = torch.backends.mkldnn.is_available()
    return known and bool(torch.ops.mkldnn._is_mkldnn_bf16_supported())


class Run:
    """A network in training: its optimiser, the average of its weights, and its state."""

    def __init__(self, network: nn.Module, loss: Callable[[Any], Tensor], plan: Plan) -> None:
        self.network, self.loss, self.plan = network.to(plan.device), loss, plan
        self.state = State()
        self.optimiser = _optimiser(network, plan)
        self.mean = {k: v.detach().clone() for k, v in _learning(network)}
        self.saved, self.clock = time.monotonic(), self._now()
        plan.folder.mkdir(parents=True, exist_ok=True)
        self.path = plan.folder / "checkpoint.pt"
        if self.path.exists():
            self._resume()
        self.seen, self.begun = (self.state.tokens, self.state.seconds), self.state.seconds

    def go(self, stream: Stream) -> State:
        """Train until the minutes are over, then leave the averaged weights in the network."""
        torch.manual_seed(self.plan.seed + self.state.steps)
        self.network.train()
        self.clock = self._now()
        while self._left():
            state = self.state
            for item in stream(state.turn, state.progress, state.done):
                self._step(item)
                if not self._left():
                    break
            else:
                if not state.done:
                    raise ValueError(f"pass {state.turn} is empty: too little data for a batch")
                state.turn, state.done = state.turn + 1, 0
                state.progress = self._progress()
        self._save()
        self.network.load_state_dict(self.mean, strict=False)
        self.network.eval()
        return self.state

    def _now(self) -> float:
        if self.plan.device == "cpu":
            return time.process_time() / torch.get_num_threads()
        return time.monotonic()

    def _progress(self) -> float:
        return min(1.0, self.state.seconds / (60 * self.plan.minutes))

    def _left(self) -> bool:
        paused = self.state.seconds - self.begun >= 60 * self.plan.pause
        return self.state.seconds < 60 * self.plan.minutes and not paused

    def _step(self, item: Item) -> None:
        state, plan = self.state, self.plan
        fade = 1.0 if plan.constant else 1.0 - self._progress()
        for group in self.optimiser.param_groups:
            group["lr"] = (
                plan.rate * group["share"] * fade * min(1.0, (state.steps + 1) / plan.warm)
            )
        kind = torch.device(plan.device).type
        with torch.autocast(kind, torch.bfloat16, enabled=multiplies_bf16(kind)):
            loss = self.loss(item.batch)
        loss.backward()
        nn.utils.clip_grad_norm_(self.network.parameters(), 2.0)
        self.optimiser.step()
        self.optimiser.zero_grad()
        self._average(min(plan.average, (1 + state.steps) / (10 + state.steps)))
        state.tokens, state.steps, state.done = (
            state.tokens + item.tokens * _together(),
            state.steps + 1,
            state.done + 1,
        )
        self._meet()
        self._report(loss)

    @torch.no_grad()
    def _meet(self) -> None:
        """Move the clock; processes that train together take the mean of weights and time."""
        state, weights = self.state, [weight for _, weight in _learning(self.network)]
        if not distributed.is_initialized():
            took, self.clock = self._now() - self.clock, self._now()
            state.seconds += took
        elif state.steps % MEET == 0:
            took, self.clock = self._now() - self.clock, self._now()
            flat = torch.cat([*(weight.flatten() for weight in weights), torch.tensor([took])])
            distributed.all_reduce(flat)
            flat /= _together()
            nn.utils.vector_to_parameters(flat[:-1], weights)
            state.seconds += float(flat[-1])

    @torch.no_grad()
    def _average(self, keep: float) -> None:
        names, now = zip(*_learning(self.network), strict=True)
        torch._foreach_lerp_([self.mean[name] for name in names], list(now), 1 - keep)

    def _report(self, loss: Tensor) -> None:
        state = self.state
        if distributed.is_initialized() and distributed.get_rank():
            return
        if state.steps % 20 == 0:
            then, self.seen = self.seen, (state.tokens, state.seconds)
            speed = (state.tokens - then[0]) / max(state.seconds - then[1], 1e-9)
            line = {
                "at": datetime.now().isoformat(timespec="seconds"),
                "steps": state.steps,
                "tokens": state.tokens,
                "minutes": round(state.seconds / 60, 2),
                "turn": state.turn,
                "loss": round(float(loss.detach()), 4),
                "speed": round(speed),
            }
            with (self.plan.folder / "log.jsonl").open("a", encoding="utf-8") as log:
                log.write(json.dumps(line) + "\n")
            print(*(f"{key} {value}" for key, value in line.items()), flush=True)
        if time.monotonic() - self.saved > self.plan.every:
            self._save()

    def _save(self) -> None:
        if distributed.is_initialized() and distributed.get_rank():
            return
        held = {
            "network": self.network.state_dict(),
            "optimiser": self.optimiser.state_dict(),
            "mean": self.mean,
            "state": {k: getattr(self.state, k) for k in State.__slots__},
        }
        write_whole(held, self.path)
        self.saved = time.monotonic()

    def _resume(self) -> None:
        held = torch.load(self.path, map_location=self.plan.device, weights_only=True)
        self.network.load_state_dict(held["network"])
        self.optimiser.load_state_dict(held["optimiser"])
        self.mean, self.state = held["mean"], State(**held["state"])


def _together() -> int:
    return distributed.get_world_size() if distributed.is_initialized() else 1


def _learning(network: nn.Module) -> list[tuple[str, nn.Parameter]]:
    return [(name, weight) for name, weight in network.named_parameters() if weight.requires_grad]


def _optimiser(network: nn.Module, plan: Plan) -> torch.optim.Optimizer:
    """Return AdamW; embeddings learn at the ``slow`` share of the rate, at 0 not at all."""
    if not plan.slow:
        for name, weight in network.named_parameters():
            weight.requires_grad_("embed" not in name)
    named = _learning(network)
    shares = {1.0: [weight for name, weight in named if "embed" not in name]}
    shares[plan.slow] = shares.get(plan.slow, []) + [w for name, w in named if "embed" in name]
    groups = [{"params": held, "share": share} for share, held in shares.items() if held]
    return torch.optim.AdamW(
        groups, lr=plan.rate, weight_decay=plan.decay, betas=(0.9, 0.98), fused=True
    )


def write_whole(held: Any, path: Path) -> None:
    """Save so that a kill leaves either the old file or the new one."""
    part = path.with_suffix(".part")
    with part.open("wb") as out:
        torch.save(held, out)
        out.flush()
    part.replace(path)
