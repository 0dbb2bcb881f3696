"""With no method applied, the kit draws what stock diffusers draws, bit for bit."""

import numpy as np
import pytest
import torch
from diffusers import DDIMScheduler, DPMSolverMultistepScheduler
from troupe_worker.contracts import Sampler
from troupe_worker.sampling import PictureRequest, draw_noise, draw_pictures
from worker.tiny_models import make_base, make_pipeline

PROMPTS = ["a girl waving , on the beach", "a boy in the snow", "a sks girl in a red coat"]
FAMILIES = ["paperdoll", "sd15", "sdxl"]


def draw(base, prompts, seeds, sampler, width=32, height=32):
    return draw_pictures(
        base, [PictureRequest(p, s, width, height) for p, s in zip(prompts, seeds, strict=True)], sampler
    ).numpy()


@pytest.mark.parametrize("family", FAMILIES)
@pytest.mark.parametrize("name", ["ddim", "dpm-solver++"])
@pytest.mark.parametrize("guidance", [1.0, 4.0])
def test_our_pictures_are_stock_pictures(family, name, guidance):
    pipeline = make_pipeline(family)
    config = pipeline.scheduler.config
    if name == "dpm-solver++":
        pipeline.scheduler = DPMSolverMultistepScheduler.from_config(config, algorithm_type="dpmsolver++")
    else:
        pipeline.scheduler = DDIMScheduler.from_config(config)
    pipeline.set_progress_bar_config(disable=True)
    generators = [torch.Generator("cpu").manual_seed(seed) for seed in (3, 4, 5)]
    stock = pipeline(
        PROMPTS, num_inference_steps=4, guidance_scale=guidance, generator=generators, width=48, height=32, output_type="np"
    ).images
    ours = draw(make_base(family), PROMPTS, (3, 4, 5), Sampler(name=name, steps=4, guidance=guidance), width=48)
    assert np.array_equal(ours, (stock * 255).round().astype("uint8"))


@pytest.mark.parametrize("family", FAMILIES)
def test_the_batch_does_not_change_a_picture(family):
    base, sampler = make_base(family), Sampler(name="dpm-solver++", steps=6, guidance=4)
    together = draw(base, PROMPTS, (3, 4, 5), sampler)
    for row, (prompt, seed) in enumerate(zip(PROMPTS, (3, 4, 5), strict=True)):
        alone = draw(base, [prompt], [seed], sampler)[0]
        assert np.abs(alone.astype(int) - together[row].astype(int)).max() <= 2


def test_the_batch_does_not_change_the_noise():
    assert torch.equal(draw_noise([1, 2, 3], (4, 2, 2))[2], draw_noise([3], (4, 2, 2))[0])


def test_another_seed_is_another_picture():
    base, sampler = make_base("paperdoll"), Sampler(name="ddim", steps=2, guidance=4)
    first, second = draw(base, [PROMPTS[0]] * 2, (1, 2), sampler)
    assert not np.array_equal(first, second)


def test_a_size_between_latents_is_refused():
    with pytest.raises(ValueError, match="33 x 32"):
        draw(make_base("paperdoll"), PROMPTS[:1], [1], Sampler(name="ddim", steps=2, guidance=4), width=33)
