"""Training: the one loop of every tuning method, in a fixed order: a resumed run equals an unbroken one bit for bit."""

import base64
from collections.abc import Callable
from dataclasses import dataclass
from itertools import pairwise
from types import MappingProxyType
from typing import Any

import torch
from torch import Tensor, nn

from troupe_worker.checkpoints import Checkpoints, Snapshot, Tensors
from troupe_worker.errors import JobFailed
from troupe_worker.stopping import StopSignal

Encode = Callable[[Tensor], Tensor]  # uint8 pictures (B, H, W, 3) -> unit vectors (B, V)
Show = Callable[[str, Tensor], None]
OnProgress = Callable[[str, int, int], None]  # (phase, step, of how many)
WEIGHT_DECAY = 1e-2
LARGEST_GRADIENT = 1.0


@dataclass(frozen=True)
class Session:
    """What a tuning method needs of the attempt that runs it."""

    on_progress: OnProgress
    checkpoints: Checkpoints
    stop: StopSignal
    encode: Encode | None = None  # identity vectors, where this worker has an encoder
    show: Show = lambda name, pixels_HWC: None  # writes a picture beside the version


@dataclass(frozen=True)
class Plateau:
    """When to stop early: `measure` is asked every so many steps, and after `patience` looks without a better one it is enough.
    What measured best is kept, not what came last. `measure` may draw nothing from the training's generator."""

    measure: Callable[[], float]
    every: int
    patience: int

    def ended(self, scores: list[float]) -> bool:
        return bool(scores) and len(scores) - 1 - scores.index(max(scores)) >= self.patience


def train(
    parameters: dict[str, nn.Parameter],
    find_loss: Callable[[], Tensor],
    steps: int,
    learning_rate: float,
    random: torch.Generator,
    session: Session,
    kept: Snapshot | None,
    buffers: Tensors = MappingProxyType({}),
    plateau: Plateau | None = None,
) -> list[float]:
    """Train `parameters` and return the loss of every step. All that `find_loss` draws by lot must come from `random`; what it
    changes beside the parameters must be among `buffers`."""
    optimiser = torch.optim.AdamW(parameters.values(), lr=learning_rate, weight_decay=WEIGHT_DECAY)
    run = _Run(parameters, buffers, optimiser, random)
    if kept and "optimiser" in kept.parts:
        run.restore(kept)
    losses = run.losses
    with session.stop.patience():
        while True:
            step = len(losses)
            session.on_progress("tune", step, steps)
            if plateau and step // plateau.every > len(run.scores):
                run.score(plateau.measure())
            ended = step == steps or (plateau is not None and plateau.ended(run.scores))
            last = ended or session.stop.wanted  # asked once: between two looks the signal could slip past the saving
            if last or session.checkpoints.due(step):
                session.checkpoints.save(*run.snapshot())
            if last:
                break
            loss = find_loss()
            if not torch.isfinite(loss):
                raise JobFailed("numbers_not_finite", f"The loss of step {step} is not a number: try a lower learningRate.")
            optimiser.zero_grad(set_to_none=True)
            loss.backward()
            nn.utils.clip_grad_norm_(list(parameters.values()), LARGEST_GRADIENT)
            optimiser.step()
            losses.append(round(loss.item(), 6))
    if run.best:
        run.put({**parameters, **buffers}, run.best)
    return losses


def thin_losses(losses: list[float], points: int = 20) -> list[float]:
    """Return the mean loss of each of `points` stretches of the run."""
    edges = [len(losses) * point // points for point in range(points + 1)]
    pairs = [(low, high) for low, high in pairwise(edges) if high > low]
    return [round(sum(losses[low:high]) / (high - low), 6) for low, high in pairs]


class _Run:
    """All that changes while training, and how it is kept and found again."""

    def __init__(
        self, parameters: dict[str, nn.Parameter], buffers: Tensors, optimiser: torch.optim.AdamW, random: torch.Generator
    ) -> None:
        self.parameters, self.buffers, self.optimiser, self.random = parameters, buffers, optimiser, random
        self.losses: list[float] = []
        self.scores: list[float] = []
        self.best: dict[str, Tensor] = {}

    def score(self, score: float) -> None:
        """Note how good the parameters are now, and keep them if they are the best so far."""
        if not self.scores or score > max(self.scores):
            self.best = {key: it.detach().clone() for key, it in {**self.parameters, **self.buffers}.items()}
        self.scores.append(score)

    def snapshot(self) -> tuple[dict[str, Tensors], dict[str, Any]]:
        """Return the parts and notes of a checkpoint."""
        states = self.optimiser.state
        state = {f"{key}/{name}": value for key, it in self.parameters.items() for name, value in states[it].items()}
        drawn = base64.b64encode(self.random.get_state().numpy().tobytes()).decode()
        parts: dict[str, Tensors] = {"trained": {**self.parameters, **self.buffers}, "optimiser": state}
        if self.best:
            parts["best"] = self.best
        return parts, {"step": len(self.losses), "losses": self.losses, "random": drawn, "scores": self.scores}

    def restore(self, kept: Snapshot) -> None:
        """Go on from a checkpoint."""
        self.put({**self.parameters, **self.buffers}, kept.parts["trained"])
        for name, value in kept.parts["optimiser"].items():
            key, _, field = name.rpartition("/")
            # AdamW counts its steps on the CPU, wherever the parameter is.
            device = self.parameters[key].device
            self.optimiser.state[self.parameters[key]][field] = value if field == "step" else value.to(device)
        self.random.set_state(torch.frombuffer(bytearray(base64.b64decode(kept.notes["random"])), dtype=torch.uint8))
        self.losses += kept.notes["losses"]
        self.scores += kept.notes["scores"]
        self.best = dict(kept.parts.get("best", {}))

    @torch.no_grad()
    def put(self, tensors: Tensors, values: Tensors) -> None:
        """Copy values into tensors of the same names."""
        for key, tensor in tensors.items():
            tensor.copy_(values[key])
