"""Recorded calls: a graph draws the same bits as Python does, and only where nobody looks into the UNet."""

import gc
import weakref

import pytest
import torch
from diffusers import UNet2DConditionModel
from torch import nn
from troupe_worker import traces
from troupe_worker.attention import cross_attention_layers, record_maps
from troupe_worker.contracts import Sampler
from troupe_worker.features import record_features
from troupe_worker.lora import add_lora, drop_loras, wear_loras
from troupe_worker.sampling import PictureRequest, draw_latents
from worker.tiny_models import make_base

STEPS = 4
SAMPLER = Sampler(name="dpm-solver++", steps=STEPS, guidance=4)
REQUESTS = [PictureRequest(prompt, seed, 32, 32) for seed, prompt in enumerate(["a girl", "a boy waving", "a girl in snow"])]


@pytest.fixture(autouse=True)
def recordings(monkeypatch):
    """Every call's recording, begun with the third call."""
    made, record = [], torch.jit.trace
    monkeypatch.setattr(torch.jit, "trace", lambda *asked, **how: made.append(1) or record(*asked, **how))
    monkeypatch.setattr(traces, "WORTH_CALLS", 2)
    return made


def draw_stock(monkeypatch, base, requests=REQUESTS, sampler=SAMPLER):
    with monkeypatch.context() as patch:
        patch.setattr(traces, "WORTH_CALLS", 10**9)
        return draw_latents(base, requests, sampler)


def make_adapter(base, seed, rank=2):
    random = torch.Generator().manual_seed(seed)
    parameters = add_lora(base, "mina", rank, random)
    drop_loras(base)
    return {key: torch.randn(it.shape, generator=random) for key, it in parameters.items()}


@pytest.mark.parametrize("dtype", [torch.float32, torch.bfloat16])
@pytest.mark.parametrize("family", ["paperdoll", "sd15", "sdxl"])
def test_a_graph_draws_the_same_bits_of_any_number_of_rows(family, dtype, monkeypatch, recordings):
    base = make_base(family)
    for part in (base.unet, *base.text_encoders):
        part.to(dtype)
    object.__setattr__(base, "dtype", dtype)
    for count in (3, 1, 2):
        stock = draw_stock(monkeypatch, base, REQUESTS[:count])
        assert torch.equal(draw_latents(base, REQUESTS[:count], SAMPLER), stock)
    unguided = Sampler(name="ddim", steps=STEPS, guidance=1)
    stock = draw_stock(monkeypatch, base, sampler=unguided)
    assert torch.equal(draw_latents(base, REQUESTS, unguided), stock) and len(recordings) == 1
    # Nothing of the model is a constant of the graph.
    base.unet.conv_in.weight = nn.Parameter(base.unet.conv_in.weight * 2, requires_grad=False)
    base.unet.conv_out.weight.mul_(2)
    assert torch.equal(draw_latents(base, REQUESTS, unguided), draw_stock(monkeypatch, base, sampler=unguided))
    assert len(recordings) == 1


def test_two_cores_draw_the_same_bits_while_one_records(monkeypatch, recordings):
    torch.set_num_threads(2)
    base = make_base("sdxl")
    stock = draw_stock(monkeypatch, base)
    for _ in range(3):
        assert torch.equal(draw_latents(base, REQUESTS, SAMPLER), stock)
    assert len(recordings) == 1


def test_a_graph_is_recorded_when_it_is_worth_it_and_for_each_size(monkeypatch, recordings):
    monkeypatch.setattr(traces, "WORTH_CALLS", 2 * STEPS)
    base, asked = make_base("paperdoll"), []
    ask = UNet2DConditionModel.forward
    monkeypatch.setattr(UNet2DConditionModel, "forward", lambda *told, **how: asked.append(1) or ask(*told, **how))
    for recorded, by_python in ((0, STEPS), (0, 2 * STEPS), (1, 2 * STEPS + 1), (1, 2 * STEPS + 1)):
        draw_latents(base, REQUESTS, SAMPLER)
        assert len(recordings) == recorded and len(asked) == by_python
    large = [PictureRequest("a girl", 3, 64, 32)]
    stock = draw_stock(monkeypatch, base, large)
    assert all(torch.equal(draw_latents(base, large, SAMPLER), stock) for _ in range(2))
    assert len(recordings) == 2


@pytest.mark.parametrize("family", ["paperdoll", "sdxl"])
def test_adapters_of_one_make_share_a_graph_and_leave_the_plain_one(family, monkeypatch, recordings):
    base = make_base(family)
    plain = draw_latents(base, REQUESTS, SAMPLER)
    drawn = []
    for seed in (1, 2, 1):
        with wear_loras(base, {"mina-2 née": make_adapter(base, seed)}):
            drawn.append(draw_latents(base, REQUESTS, SAMPLER))
            assert torch.equal(drawn[-1], draw_stock(monkeypatch, base))
        assert torch.equal(draw_latents(base, REQUESTS, SAMPLER), plain)
    assert torch.equal(drawn[0], drawn[2]) and not torch.equal(drawn[0], drawn[1]) and not torch.equal(drawn[0], plain)
    assert len(recordings) == 2


def test_adapters_of_another_make_get_their_own_graph(monkeypatch, recordings):
    base = make_base("sd15")
    one, other = make_adapter(base, 1), make_adapter(base, 2)
    for worn in ({"mina": one}, {"mina": make_adapter(base, 1, rank=3)}, {"mina": one, "tom": other}):
        with wear_loras(base, worn):
            both = draw_latents(base, REQUESTS, SAMPLER)
            assert torch.equal(both, draw_stock(monkeypatch, base))
    with wear_loras(base, {"mina": one, "tom": other}):
        base.unet.set_adapter("tom")
        assert torch.equal(draw_latents(base, REQUESTS, SAMPLER), draw_stock(monkeypatch, base))
        base.unet.set_adapter(["mina", "tom"])
        assert torch.equal(draw_latents(base, REQUESTS, SAMPLER), both)
    assert len(recordings) == 4 and len(traces._KNOWN[base.unet]) == traces.KEPT_STRUCTURES


def test_who_looks_into_the_model_sees_every_call(recordings):
    base = make_base("sd15")
    layers = cross_attention_layers(base)
    for _ in range(2):
        with record_features(base) as features:
            draw_latents(base, REQUESTS, SAMPLER, whole=True)
        with record_maps(base, layers) as maps:
            draw_latents(base, REQUESTS, SAMPLER)
        assert features and all(len(kept) == STEPS for kept in maps.values())
    assert not recordings


def test_a_drawing_that_breaks_off_leaves_the_model_as_it_was(recordings):
    base, steps = make_base("sd15"), []

    def break_off(step):
        steps.append("forward" in vars(base.unet))
        if recordings:
            raise KeyError(step)

    with pytest.raises(KeyError):
        draw_latents(base, REQUESTS, SAMPLER, break_off)
    assert steps == [True] * 3 and "forward" not in vars(base.unet)


def test_graphs_go_with_their_model(recordings):
    base = make_base("paperdoll")
    draw_latents(base, REQUESTS, SAMPLER)
    unet, weight = weakref.ref(base.unet), weakref.ref(base.unet.conv_in.weight)
    assert recordings and base.unet in traces._KNOWN
    del base
    gc.collect()
    assert unet() is None and weight() is None
