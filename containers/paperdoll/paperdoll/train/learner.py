"""A model under training: its optimiser, its moving average, its counters, and the loop that every training shares."""

import math
import signal
import threading
import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path

import torch
from torch import Tensor, nn

from paperdoll.train.checkpoint import optimiser_tensors, read_checkpoint, restore_optimiser, write_checkpoint
from paperdoll.train.progress import Reporter

# Part of a batch: gives loss, figures to report, and number of samples.
Part = Callable[[], tuple[Tensor, dict[str, float], int]]
NUM_PARTS = 2


def num_parts(device: torch.device) -> int:
    """Into how many parts a batch is split: on a processor two, whose threads with a core each lose far less to other programs
    than one batch on two cores, because nothing waits for a core that is busy elsewhere."""
    return NUM_PARTS if device.type == "cpu" else 1


@dataclass(frozen=True)
class LearnSettings:
    """How to step: by `minutes` of clock, or by `steps` where they are given (tests, exact repeats)."""

    minutes: float
    rate: float
    steps: int | None = None
    warmup_steps: int = 100
    decay_from: float = 0.5  # share of the budget after which the rate falls
    last_rate: float = 0.02  # share of the rate left at the end
    weight_decay: float = 0.01
    clip: float = 1.0
    average: float = 0.999
    average_every: int = 4
    checkpoint_seconds: float = 120.0
    sheet_seconds: float = 600.0


class Learner:
    """Model, AdamW and moving average, saved and restored together."""

    def __init__(self, model: nn.Module, settings: LearnSettings) -> None:
        self.model, self.settings = model, settings
        trained = [parameter for parameter in model.parameters() if parameter.requires_grad]
        for parameter in trained:  # as gradients will lie, see `learn`
            parameter.data = parameter.data.contiguous()
        self.optimiser = torch.optim.AdamW(
            trained, lr=settings.rate, betas=(0.9, 0.99), weight_decay=settings.weight_decay, fused=True
        )
        self.average = {name: value.detach().clone() for name, value in model.named_parameters()}
        self.step, self.samples, self.seconds = 0, 0, 0.0
        self._threads = ThreadPoolExecutor(NUM_PARTS)

    @property
    def progress(self) -> float:
        """Share of the budget that is used, 0 to 1."""
        if self.settings.steps is not None:
            return min(1.0, self.step / self.settings.steps)
        return min(1.0, self.seconds / (60 * self.settings.minutes))

    @property
    def seconds_left(self) -> float:
        """Seconds until the budget is used, as far as they can be known."""
        if self.settings.steps is None:
            return max(0.0, 60 * self.settings.minutes - self.seconds)
        return (self.settings.steps - self.step) * self.seconds / max(self.step, 1)

    def rate_now(self) -> float:
        """Learning rate at this point: warm-up, level, then half a cosine down to `last_rate`."""
        settings = self.settings
        warm = min(1.0, (self.step + 1) / settings.warmup_steps)
        late = max(0.0, self.progress - settings.decay_from) / max(1e-9, 1 - settings.decay_from)
        fall = settings.last_rate + (1 - settings.last_rate) * (1 + math.cos(math.pi * late)) / 2
        return settings.rate * warm * fall

    def learn(self, parts: list[Part]) -> dict[str, float]:
        """One optimiser step on the mean loss of `parts`, each worked out by its own thread; return their figures."""
        trained = [parameter for parameter in self.model.parameters() if parameter.requires_grad]

        def work(part: Part) -> tuple[tuple[Tensor, ...], dict[str, float], int]:
            torch.set_num_threads(1)  # of this thread: one core each, no waiting for one another within a layer
            loss, figures, num_samples = part()
            return torch.autograd.grad(loss / len(parts), trained), figures | {"loss": loss.item()}, num_samples

        results = list(self._threads.map(work, parts))
        gradients = results[0][0]
        for others, _, _ in results[1:]:
            torch._foreach_add_(gradients, others)
        for parameter, gradient in zip(trained, gradients, strict=True):
            # The fused step of torch 2.13 walks through both as if they lay alike; after a picture in channels-last order the
            # gradient of a convolution does not, and each number would be moved by another's gradient.
            parameter.grad = gradient.contiguous()
        for group in self.optimiser.param_groups:
            group["lr"] = self.rate_now()
        nn.utils.clip_grad_norm_(self.model.parameters(), self.settings.clip)
        self.optimiser.step()
        self.optimiser.zero_grad(set_to_none=True)
        self.step += 1
        self.samples += sum(num_samples for _, _, num_samples in results)
        if self.step % self.settings.average_every == 0:
            # A young average follows closely, or the first sheets would show the random start.
            keep = min(self.settings.average, (1 + self.step) / (10 + self.step)) ** self.settings.average_every
            names, values = zip(*self.model.named_parameters(), strict=True)
            torch._foreach_lerp_([self.average[name] for name in names], [v.detach() for v in values], 1 - keep)
        return {key: sum(figures[key] for _, figures, _ in results) / len(results) for key in results[0][1]}

    def save(self, folder: Path) -> None:
        """Write a checkpoint."""
        tensors = {f"model.{name}": value for name, value in self.model.state_dict().items()}
        tensors |= {f"average.{name}": value for name, value in self.average.items()}
        tensors |= optimiser_tensors(self.model, self.optimiser)
        counters = {"step": self.step, "samples": self.samples, "seconds": self.seconds}
        write_checkpoint(folder, self.step, tensors, counters)

    def restore(self, folder: Path) -> bool:
        """Go back to the newest checkpoint in `folder`; say whether there was one."""
        found = read_checkpoint(folder)
        if found is None:
            return False
        tensors, counters = found
        self.model.load_state_dict({name[6:]: value for name, value in tensors.items() if name.startswith("model.")})
        self.average = {name: tensors[f"average.{name}"].to(value.device, copy=True) for name, value in self.average.items()}
        restore_optimiser(self.model, self.optimiser, tensors)
        self.step, self.samples, self.seconds = counters["step"], counters["samples"], counters["seconds"]
        return True


def read_average(folder: Path) -> tuple[dict[str, Tensor], dict]:
    """Return the moving average in the newest checkpoint of `folder`, and its counters."""
    found = read_checkpoint(folder)
    if found is None:
        raise ValueError(f"{folder} holds no checkpoint; train first")
    return {name[8:]: value for name, value in found[0].items() if name.startswith("average.")}, found[1]


def run_training(
    learner: Learner,
    folder: Path,
    reporter: Reporter,
    parts_of: Callable[[int], list[Part]],
    draw_sheet: Callable[[], None] = lambda: None,
    stop: Callable[[], bool] = lambda: False,
) -> None:
    """Train until the budget is used or `stop` or SIGTERM says so; `parts_of(step)` gives the batch in parts."""
    asked = threading.Event()
    before = signal.signal(signal.SIGTERM, lambda *_: asked.set())  # one more step, then a checkpoint
    last_saved = last_sheet = time.monotonic()
    figures: dict[str, float] = {}
    while True:
        speed = {"rate": learner.rate_now(), "perSecond": learner.samples / max(learner.seconds, 1e-9)}
        reporter.report(learner.progress, learner.seconds_left, step=learner.step, samples=learner.samples, **speed, **figures)
        done = learner.progress >= 1 or stop() or asked.is_set()
        if done or time.monotonic() - last_saved > learner.settings.checkpoint_seconds:
            learner.save(folder)
            last_saved = time.monotonic()
        if learner.progress >= 1 or time.monotonic() - last_sheet > learner.settings.sheet_seconds:
            draw_sheet()
            last_sheet = time.monotonic()
        if done:
            signal.signal(signal.SIGTERM, before)
            return
        began = time.monotonic()
        figures = learner.learn(parts_of(learner.step))
        learner.seconds += time.monotonic() - began
