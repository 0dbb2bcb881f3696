"""The embedded base model: what is committed is what the lock says, and an unmodified pipeline draws what the worker draws."""

from pathlib import Path

import numpy as np
import torch
from diffusers import StableDiffusionPipeline
from troupe_worker.contracts import BaseModelRef, ModelsLock, Sampler
from troupe_worker.locks import LOCK_FILE, digest_model
from troupe_worker.models import load_model, pick_dtype
from troupe_worker.prompts import check_token
from troupe_worker.sampling import PictureRequest, draw_pictures

MODELS = Path(__file__).parents[3] / "models"
PROMPT = "a girl waving, on a beach"


def embedded() -> BaseModelRef:
    locked = ModelsLock.model_validate_json((MODELS / LOCK_FILE).read_bytes()).models["paperdoll"]
    return BaseModelRef(name="paperdoll", family="paperdoll", digest=digest_model(locked.files))


def test_stock_diffusers_draws_from_the_folder_what_the_worker_draws():
    pipeline = StableDiffusionPipeline.from_pretrained(MODELS / "paperdoll", torch_dtype=torch.float32, local_files_only=True)
    pipeline.set_progress_bar_config(disable=True)
    settings = {"num_inference_steps": 2, "guidance_scale": 4, "width": 64, "height": 64, "output_type": "np"}
    stock = pipeline(PROMPT, generator=torch.Generator("cpu").manual_seed(1), **settings).images[0]
    base = load_model(MODELS, embedded(), "cpu", torch.float32)
    assert base.native_size == 128
    check_token(base, "sks")
    sampler = Sampler(name="dpm-solver++", steps=2, guidance=4)
    ours = draw_pictures(base, [PictureRequest(PROMPT, 1, 64, 64)], sampler)[0].numpy()
    assert np.array_equal(ours, (stock * 255).round().astype("uint8"))


def test_half_precision_draws_the_same_pictures_to_the_eye():
    sampler, asked = Sampler(name="dpm-solver++", steps=4, guidance=4), [PictureRequest(PROMPT, 1, 128, 128)]
    single, half = (
        draw_pictures(load_model(MODELS, embedded(), "cpu", dtype), asked, sampler)[0].numpy().astype(float)
        for dtype in (torch.float32, torch.bfloat16)
    )
    assert 0 < np.abs(single - half).mean() < 2  # of 255


def test_precision_is_what_the_processor_multiplies_fast(monkeypatch):
    for has_units, dtype in ((True, torch.bfloat16), (False, torch.float32)):
        monkeypatch.setattr(torch.cpu, "_is_avx512_bf16_supported", lambda has_units=has_units: has_units)
        assert pick_dtype("cpu") == dtype
        assert pick_dtype("cuda") == torch.bfloat16
