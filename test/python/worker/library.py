"""A library on disk with one subject, and the worker run on it: in this process, or as a process that can be killed."""

import hashlib
import json
import multiprocessing
import os
from multiprocessing.process import BaseProcess
from pathlib import Path

import numpy as np
import torch
from troupe_worker.__main__ import main
from troupe_worker.attempts import describe_object
from troupe_worker.canonical import canonical_json
from troupe_worker.contracts import BaseModelRef, Plan, RenderJob, TuneJob
from troupe_worker.pictures import write_png
from troupe_worker.storage.folder import TEMPORARY

TUNE = "job_" + "a" * 24
RENDER = "job_" + "b" * 24
SETTINGS = {"rank": 2, "steps": 12, "batch": 2, "classPictures": 4, "classSteps": 2, "views": 2}
SAMPLER = {"name": "dpm-solver++", "steps": 3, "guidance": 4}
VERSION = "subjects/mina/versions/1/"
VARIANTS = "campaigns/spring/variants/"

# Children start in a fraction of a second because the server has imported torch; they are processes of their own all the same.
processes = multiprocessing.get_context("forkserver")
processes.set_forkserver_preload(["troupe_worker.tune", "troupe_worker.render", "troupe_worker.methods.dreambooth_lora"])


class Library:
    """Everything below `root`; the models are elsewhere, read-only in spirit."""

    def __init__(self, root: Path, models: Path, base: BaseModelRef) -> None:
        self.root, self.models, self.base = root, models, base
        random = np.random.default_rng(0)
        self.references = []
        for height, width in ((40, 40), (48, 40)):
            content = _png(random.integers(0, 255, (height, width, 3), dtype=np.uint8))
            digest = hashlib.sha256(content).hexdigest()
            key = f"subjects/mina/references/{digest}.png"
            self.put(key, content)
            self.references.append({"key": key, "sha256": digest})

    def put(self, key: str, content: bytes) -> None:
        (self.root / key).parent.mkdir(parents=True, exist_ok=True)
        (self.root / key).write_bytes(content)

    def read(self, key: str) -> bytes:
        return (self.root / key).read_bytes()

    def json(self, key: str) -> dict:
        return json.loads(self.read(key))

    def files(self, prefix: str) -> dict[str, bytes]:
        """Return what lies below `prefix`, without what a killed process was writing: a name that nobody looks for."""
        paths = sorted(path for path in (self.root / prefix).rglob("*") if path.is_file() and not path.name.startswith(TEMPORARY))
        return {path.relative_to(self.root / prefix).as_posix(): path.read_bytes() for path in paths}

    def put_tune(self, settings: dict | None = None, **changes: object) -> str:
        job = {
            **{"job": TUNE, "verb": "tune", "base_model": self.base, "subject": "mina", "kind": "character", "noun": "girl"},
            **{"token": "sks", "version": 1, "references": self.references, "output": VERSION},
            **{"recipe": {"method": "dreambooth-lora", "settings": {**SETTINGS, **(settings or {})}}},
        }
        self.put(f"jobs/{TUNE}/job.json", canonical_json(TuneJob(**{**job, **changes})))
        return TUNE

    def put_render(self, cells: int = 3, shards: int = 1, **changes: object) -> str:
        stored = describe_object(f"{VERSION}adapter.safetensors", self.read(f"{VERSION}adapter.safetensors"))
        subject = {"subject": "mina", "noun": "girl", "token": "sks", "version": 1, "method": "dreambooth-lora"}
        subject |= {"recipe": self.json(f"{VERSION}report.json")["recipeHash"], "adapter": stored}
        scenes = ("waving", "on the beach", "in snow")
        wanted = [
            {
                **{"cell": f"cell_{number:024}", "prompt": f"{{mina}} {scenes[number % 3]}", "subjects": ["mina"]},
                **{"seed": number, "width": 64, "height": 64},
            }
            for number in range(cells)
        ]
        plan = {"campaign": "spring", "source": "0" * 64, "base_model": self.base, "sampler": SAMPLER}
        plan |= {"subjects": [subject], "cells": wanted}
        self.put("campaigns/spring/plan.json", canonical_json(Plan(**{**plan, **changes})))
        job = {"job": RENDER, "verb": "render", "campaign": "spring", "plan": "campaigns/spring/plan.json"}
        self.put(f"jobs/{RENDER}/job.json", canonical_json(RenderJob(**job, shards=shards, output=VARIANTS)))
        return RENDER

    def address(self, job: str) -> str:
        return str(self.root / "jobs" / job / "job.json")

    def environment(self, **more: str) -> dict[str, str]:
        # On a busy machine two threads that wait for each other make tiny tensors ten times slower.
        return {"TROUPE_MODELS": str(self.models), "OMP_NUM_THREADS": "1", **more}

    def run(self, verb: str, job: str, epoch: int = 1, **environment: str) -> int:
        """Run the worker in this process and return its exit code."""
        before = dict(os.environ)
        os.environ.update(self.environment(**environment))
        try:
            return main([verb, "--job", self.address(job), "--epoch", str(epoch)])
        finally:
            os.environ.clear()
            os.environ.update(before)

    def start(self, verb: str, job: str, **environment: str) -> BaseProcess:
        """Start the worker as a process of its own."""
        process = processes.Process(target=_child, args=(verb, self.address(job), self.environment(**environment)))
        process.start()
        return process


def _child(verb: str, address: str, environment: dict[str, str]) -> None:
    os.environ.update(environment)
    raise SystemExit(main([verb, "--job", address]))


def _png(pixels: np.ndarray) -> bytes:
    return write_png(torch.from_numpy(pixels))
