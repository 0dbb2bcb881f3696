"""Training: the one loop of every tuning method, in a fixed order: a resumed run equals an unbroken one bit for bit."""

import base64
from collections.abc import Callable
from dataclasses import dataclass
from itertools import pairwise
from typing import Any

import torch
from torch import Tensor, nn

from troupe_worker.checkpoints import Checkpoints, Snapshot, Tensors
from troupe_worker.errors import JobFailed
from troupe_worker.stopping import StopSignal

OnProgress = Callable[[str, int, int], None]  # (phase, step, of how many)
WEIGHT_DECAY = 1e-2
LARGEST_GRADIENT = 1.0


@dataclass(frozen=True)
class Session:
    """What a tuning method needs of the attempt that runs it."""

    on_progress: OnProgress
    checkpoints: Checkpoints
    stop: StopSignal


def train(
    parameters: dict[str, nn.Parameter],
    find_loss: Callable[[], Tensor],
    steps: int,
    learning_rate: float,
    random: torch.Generator,
    session: Session,
    kept: Snapshot | None,
) -> list[float]:
    """Train `parameters` and return the loss of every step. All that `find_loss` draws by lot must come from `random`."""
    optimiser = torch.optim.AdamW(parameters.values(), lr=learning_rate, weight_decay=WEIGHT_DECAY)
    losses = _restore(kept, parameters, optimiser, random) if kept and "optimiser" in kept.parts else []
    with session.stop.patience():
        while True:
            step = len(losses)
            session.on_progress("tune", step, steps)
            last = step == steps or session.stop.wanted  # asked once: between two looks the signal could slip past the saving
            if last or session.checkpoints.due(step):
                session.checkpoints.save(*_snapshot(parameters, optimiser, random, losses))
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
    return losses


def thin_losses(losses: list[float], points: int = 20) -> list[float]:
    """Return the mean loss of each of `points` stretches of the run."""
    edges = [len(losses) * point // points for point in range(points + 1)]
    pairs = [(low, high) for low, high in pairwise(edges) if high > low]
    return [round(sum(losses[low:high]) / (high - low), 6) for low, high in pairs]


def _snapshot(
    parameters: dict[str, nn.Parameter], optimiser: torch.optim.AdamW, random: torch.Generator, losses: list[float]
) -> tuple[dict[str, Tensors], dict[str, Any]]:
    state = {f"{key}/{name}": value for key, it in parameters.items() for name, value in optimiser.state[it].items()}
    drawn = base64.b64encode(random.get_state().numpy().tobytes()).decode()
    return {"trained": dict(parameters), "optimiser": state}, {"step": len(losses), "losses": losses, "random": drawn}


def _restore(
    kept: Snapshot, parameters: dict[str, nn.Parameter], optimiser: torch.optim.AdamW, random: torch.Generator
) -> list[float]:
    with torch.no_grad():
        for key, parameter in parameters.items():
            parameter.copy_(kept.parts["trained"][key])
    for name, value in kept.parts["optimiser"].items():
        key, _, field = name.rpartition("/")
        # AdamW counts its steps on the CPU, wherever the parameter is.
        optimiser.state[parameters[key]][field] = value if field == "step" else value.to(parameters[key].device)
    random.set_state(torch.frombuffer(bytearray(base64.b64decode(kept.notes["random"])), dtype=torch.uint8))
    return list(kept.notes["losses"])
