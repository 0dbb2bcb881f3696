"""The kit that methods share: words, adapters and attention, on all three shapes."""

import pytest
import torch
from troupe_worker.attention import cross_attention_layers, record_maps
from troupe_worker.contracts import Sampler
from troupe_worker.errors import JobFailed
from troupe_worker.lora import add_lora, drop_loras, lora_parameters
from troupe_worker.prompts import check_token, cut_prompt, encode_prompts, find_word, replace_words
from troupe_worker.sampling import PictureRequest, draw_latents
from troupe_worker.subjects import caption
from troupe_worker.training import thin_losses
from worker.tiny_models import make_base

FAMILIES = ["paperdoll", "sd15", "sdxl"]
SAMPLER = Sampler(name="ddim", steps=2, guidance=4)
REQUEST = PictureRequest("a sks girl waving", 3, 32, 32)


@pytest.mark.parametrize("family", FAMILIES)
def test_the_adapter_trains_and_nothing_else(family):
    base = make_base(family)
    before = {name: it.clone() for part in (base.unet, *base.text_encoders, base.vae) for name, it in part.named_parameters()}
    parameters = add_lora(base, "mina", 2, torch.Generator().manual_seed(0))
    trains = {name for name, it in base.unet.named_parameters() if it.requires_grad}
    assert len(trains) == len(parameters) > 0 and all("lora_" in name for name in trains)
    told = encode_prompts(base, ["a sks girl"])
    added = {"text_embeds": told.pooled_BP, "time_ids": torch.zeros(1, 6)} if told.pooled_BP is not None else None
    channels = base.unet.config.in_channels
    answer = base.unet(torch.ones(1, channels, 16, 16), 5, encoder_hidden_states=told.states_BTD, added_cond_kwargs=added).sample
    answer.square().mean().backward()
    reached = [key for key, it in parameters.items() if it.grad is not None and it.grad.abs().sum() > 0]
    assert reached == [key for key in parameters if "lora_B" in key], "A learns only once B is not zero"
    torch.optim.SGD(parameters.values(), 1.0).step()
    drop_loras(base)
    after = {name: it for part in (base.unet, *base.text_encoders, base.vae) for name, it in part.named_parameters()}
    assert before.keys() == after.keys() and all(torch.equal(before[name], after[name]) for name in before)


@pytest.mark.parametrize("family", FAMILIES)
def test_a_fresh_adapter_changes_nothing(family):
    base = make_base(family)
    plain = draw_latents(base, [REQUEST], SAMPLER)
    add_lora(base, "mina", 2, torch.Generator().manual_seed(0))
    assert torch.equal(draw_latents(base, [REQUEST], SAMPLER), plain)
    assert lora_parameters(base.unet, "other") == {}


@pytest.mark.parametrize("family", FAMILIES)
def test_recorded_maps_are_chances_and_change_no_picture(family):
    base = make_base(family)
    plain = draw_latents(base, [REQUEST], SAMPLER)
    layers = cross_attention_layers(base)
    with record_maps(base, layers) as maps:
        watched = draw_latents(base, [REQUEST], SAMPLER)
    assert torch.allclose(watched, plain, atol=1e-4)
    assert layers and all(len(kept) == SAMPLER.steps for kept in maps.values())
    for map_BNT in (it for kept in maps.values() for it in kept):
        assert map_BNT.shape[::2] == (2, 16) and torch.allclose(map_BNT.sum(-1), torch.ones(1))
    assert torch.equal(draw_latents(base, [REQUEST], SAMPLER), plain)


@pytest.mark.parametrize("family", FAMILIES)
def test_a_replaced_word_is_the_vector_it_was_given(family):
    base = make_base(family)
    rows = [tokenizer("sks", add_special_tokens=False).input_ids[0] for tokenizer in base.tokenizers]
    own = [it.get_input_embeddings().weight[row].detach() for it, row in zip(base.text_encoders, rows, strict=True)]
    plain = encode_prompts(base, ["a sks girl"]).states_BTD
    with replace_words(base, {"sks": tuple(own)}):
        assert torch.equal(encode_prompts(base, ["a sks girl"]).states_BTD, plain)
    vectors = tuple((vector + 1).requires_grad_() for vector in own)
    with replace_words(base, {"sks": vectors}):
        changed = encode_prompts(base, ["a sks girl"]).states_BTD
        untouched = encode_prompts(base, ["a boy"]).states_BTD
    assert not torch.equal(changed, plain) and torch.equal(untouched, encode_prompts(base, ["a boy"]).states_BTD)
    changed.square().sum().backward()
    assert all(vector.grad.abs().sum() > 0 for vector in vectors)


def test_words_are_found_where_they_are():
    base = make_base("sdxl")
    assert find_word(base, "a sks girl waving", "sks") == (2,)
    assert find_word(base, "a sks girl waving", "girl waving") == (3, 4)
    with pytest.raises(ValueError, match="boy"):
        find_word(base, "a sks girl", "boy")
    with pytest.raises(JobFailed):
        check_token(base, "unheard")


def test_a_prompt_is_recorded_as_far_as_it_is_read():
    base = make_base("paperdoll")
    long = "a girl " * 20
    assert cut_prompt(base, long) == ("a girl " * 7).strip()
    assert cut_prompt(base, "a girl, waving") == "a girl, waving"


def test_captions_name_the_subject():
    assert caption("mina", "a sks girl", None) == "a sks girl"
    assert caption("mina", "a sks girl", "{mina} on the beach") == "a sks girl on the beach"
    assert caption("mina", "a sks girl", "on the beach") == "a sks girl, on the beach"


def test_losses_are_thinned_to_means():
    assert thin_losses([1.0, 3.0, 5.0, 7.0], 2) == [2.0, 6.0]
    assert thin_losses([1.0], 20) == [1.0]
