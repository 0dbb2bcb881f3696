"""Checkpoints: one folder per step, tensors as safetensors, everything else as JSON, complete or not there."""

import json
import shutil
from pathlib import Path

import numpy as np
import torch
from safetensors.torch import load_file, save_file
from torch import Tensor, nn

_PREFIX = "step-"


def _steps(folder: Path) -> list[Path]:
    return sorted(path for path in folder.glob(f"{_PREFIX}*") if path.is_dir())


def write_tensors(tensors: dict[str, Tensor], path: Path) -> None:
    """Write `tensors` to `path`; a reader sees the old file or the new one, never half of one."""
    part = path.with_name(path.name + ".part")
    save_file({name: tensor.detach().contiguous() for name, tensor in tensors.items()}, part)
    part.replace(path)


def write_json(value: object, path: Path) -> None:
    """Write `value` to `path` as JSON, whole or not at all."""
    part = path.with_name(path.name + ".part")
    part.write_text(json.dumps(value, indent=1) + "\n")
    part.replace(path)


def write_checkpoint(folder: Path, step: int, tensors: dict[str, Tensor], counters: dict) -> None:
    """Add the checkpoint of `step` to `folder`, then drop the older ones."""
    folder.mkdir(parents=True, exist_ok=True)
    part, final = folder / "part", folder / f"{_PREFIX}{step:08d}"
    shutil.rmtree(part, ignore_errors=True)
    part.mkdir()
    write_tensors(tensors, part / "tensors.safetensors")
    write_json(counters, part / "counters.json")
    if final.exists():  # the same step again, after a stop that came at once
        shutil.rmtree(final)
    # A rename is atomic: kill -9 leaves either the older checkpoint or this one.
    part.rename(final)
    for older in _steps(folder)[:-1]:
        shutil.rmtree(older)


def read_checkpoint(folder: Path) -> tuple[dict[str, Tensor], dict] | None:
    """Return tensors and counters of the newest checkpoint in `folder`, or None."""
    steps = _steps(folder)
    if not steps:
        return None
    return load_file(steps[-1] / "tensors.safetensors"), json.loads((steps[-1] / "counters.json").read_text())


def optimiser_tensors(model: nn.Module, optimiser: torch.optim.Optimizer) -> dict[str, Tensor]:
    """Return the optimiser's state as tensors named after the parameters they belong to."""
    names = {parameter: name for name, parameter in model.named_parameters()}
    return {
        f"optimiser.{key}.{names[parameter]}": torch.as_tensor(value)
        for parameter, state in optimiser.state.items()
        for key, value in state.items()
    }


def restore_optimiser(model: nn.Module, optimiser: torch.optim.Optimizer, tensors: dict[str, Tensor]) -> None:
    """Put back what `optimiser_tensors` returned."""
    parameters = dict(model.named_parameters())
    for name, tensor in tensors.items():
        if name.startswith("optimiser."):
            _, key, parameter = name.split(".", 2)
            optimiser.state[parameters[parameter]][key] = tensor.to(parameters[parameter].device, copy=True)


def open_map(path: Path, kind: type[np.generic], shape: tuple[int, ...]) -> np.memmap:
    """Return the array in `path`, made of zeros where there is none; a killed run leaves none or a whole one."""
    if not path.exists():
        part = path.with_suffix(".part")
        np.lib.format.open_memmap(part, mode="w+", dtype=kind, shape=shape).flush()
        part.rename(path)
    return np.load(path, mmap_mode="r+")
