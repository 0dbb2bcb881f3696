"""Drawing on several cores: each draws its share, words are worked out once, and nobody goes on alone."""

import time
from concurrent.futures import ThreadPoolExecutor

import pytest
import torch
from diffusers import DDPMScheduler
from troupe_worker.attention import cross_attention_layers
from troupe_worker.contracts import Sampler
from troupe_worker.cores import cut_rows, run_parts
from troupe_worker.lessons import find_errors
from troupe_worker.lora import add_lora
from troupe_worker.prompts import Conditioning, encode_prompts, find_word
from troupe_worker.sampling import PictureRequest, draw_pictures
from worker.tiny_models import make_base

SAMPLER = Sampler(name="dpm-solver++", steps=4, guidance=4)
REQUESTS = [PictureRequest("a girl waving", seed, 32, 32) for seed in range(3)]


def test_rows_are_shared_out_and_a_card_takes_them_all():
    torch.set_num_threads(2)
    assert cut_rows(5, torch.device("cpu")) == [slice(0, 2), slice(2, 5)]
    assert cut_rows(1, torch.device("cpu")) == [slice(0, 1)]
    assert cut_rows(5, torch.device("cuda")) == [slice(0, 5)]


@pytest.mark.parametrize("family", ["paperdoll", "sdxl"])
def test_two_cores_draw_what_one_draws(family):
    base, told = make_base(family), []
    alone = draw_pictures(base, REQUESTS, SAMPLER, told.append)
    torch.set_num_threads(2)
    together = draw_pictures(base, REQUESTS, SAMPLER, told.append)
    assert (alone.int() - together.int()).abs().max() <= 2
    assert told == [0, 1, 2, 3] * 2 and torch.get_num_threads() == 2


def test_words_are_worked_out_once_a_drawing():
    base, asked = make_base("sd15"), []
    layers = cross_attention_layers(base)
    for layer in layers:
        base.unet.get_submodule(layer).to_k.register_forward_hook(lambda *call: asked.append(1))
    processors = {layer: type(base.unet.get_submodule(layer).processor) for layer in layers}
    draw_pictures(base, REQUESTS, SAMPLER)
    assert len(asked) == len(layers) > 0
    assert processors == {layer: type(base.unet.get_submodule(layer).processor) for layer in layers}, "put back"


def test_a_part_that_breaks_ends_the_others():
    torch.set_num_threads(2)
    base, steps = make_base("sd15"), []

    def break_off(step):
        steps.append(step)
        raise KeyError(step)

    with pytest.raises(KeyError):
        draw_pictures(base, REQUESTS, SAMPLER, break_off)
    assert steps == [0]


def test_two_threads_that_read_prompts_read_what_each_asks():
    base = make_base("sdxl")

    def read(count):
        for _ in range(count):
            assert find_word(base, "a girl waving", "girl") == (2,)
            assert len(encode_prompts(base, ["a girl"]).states_BTD[0]) == base.tokenizers[0].model_max_length

    with ThreadPoolExecutor(2) as pool:
        list(pool.map(read, [150, 150]))


@pytest.mark.parametrize("seed", [0, 2])
def test_what_broke_first_is_what_is_raised(seed):
    torch.set_num_threads(2)
    base = make_base("sd15")

    def make_denoise(part, told, timesteps):
        def denoise(x_BCHW, t):
            if any(request.seed == seed for request in part):
                raise KeyError(seed)
            time.sleep(0.01)
            return torch.zeros_like(x_BCHW)

        return denoise

    with pytest.raises(KeyError, match=str(seed)):
        draw_pictures(base, REQUESTS, SAMPLER, make_denoise=make_denoise)


@pytest.mark.parametrize("family", ["paperdoll", "sdxl"])
@pytest.mark.parametrize("lora", [True, False])
def test_two_cores_learn_what_one_learns(family, lora):
    base = make_base(family)
    told = encode_prompts(base, ["a girl waving", "a boy", "a girl in snow"])
    states = told.states_BTD.detach().requires_grad_(not lora)
    weights = list(add_lora(base, "mina", 2, torch.Generator().manual_seed(0)).values()) if lora else [states]
    told = Conditioning(states, None if told.pooled_BP is None else told.pooled_BP.detach())
    random = torch.Generator().manual_seed(1)
    clean, noise = torch.randn(2, 3, base.unet.config.in_channels, 16, 16, generator=random)
    scheduler = DDPMScheduler.from_config(base.scheduler_config)
    found = []
    for threads in (1, 2, 2):
        torch.set_num_threads(threads)
        errors = find_errors(base, clean, noise, torch.tensor([3, 500, 900]), told, scheduler)
        found.append([errors.detach(), *torch.autograd.grad((errors * torch.tensor([1.0, 2.0, 3.0])).sum(), weights)])
    for one, two, again in zip(*found, strict=True):
        torch.testing.assert_close(one, two, rtol=1e-4, atol=1e-6)
        assert torch.equal(two, again)
    assert any(it.abs().sum() > 0 for it in found[1][1:])


def test_parts_answer_in_their_order_with_a_core_each():
    torch.set_num_threads(2)
    found = run_parts([lambda: ("first", torch.get_num_threads()), lambda: ("second", torch.get_num_threads())])
    assert found == [("first", 1), ("second", 1)] and torch.get_num_threads() == 2
