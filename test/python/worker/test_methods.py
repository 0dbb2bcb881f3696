"""Tuning methods as jobs: one subject version, the same bytes however often it was cut, and pictures of it."""

from pathlib import Path

import pytest
import torch
from diffusers import DDPMScheduler
from PIL import Image
from troupe_worker.adapters import read_adapter
from troupe_worker.encoder import load_encoder
from troupe_worker.errors import JobFailed
from troupe_worker.lessons import draw_times
from troupe_worker.methods import METHODS, dreambooth_lora, find_method
from troupe_worker.methods.dreambooth_lora import strengthen
from troupe_worker.methods.textual_inversion import read_noun
from troupe_worker.prompts import encode_prompts, replace_words
from troupe_worker.settings import read_settings, write_settings
from troupe_worker.stopping import Stopped
from worker.library import SETTINGS, TUNE, VARIANTS, VERSION
from worker.tiny_models import make_base

MODELS = Path(__file__).parents[3] / "models"
ONEACTOR = {"proposals": 4, "drawSteps": 2, "auxiliaries": 2, "steps": 8, "views": 2, "flip": True, "probePatience": 2}
RECIPES = {
    "dreambooth-lora": SETTINGS,
    "oneactor": {**ONEACTOR, "probeEvery": 0, "norm": "running"},
    "textual-inversion": {"steps": 8, "batch": 2, "views": 2},
}
PROPOSED = {"method": "oneactor", "settings": {**ONEACTOR, "probeEvery": 2, "track": "proposal", "proposal": 2, "adain": True}}


def look(pixels):
    """An encoder of sorts: mean colours."""
    return torch.nn.functional.normalize(pixels.float().mean((1, 2)), dim=1)


def cut(monkeypatch, at):
    """Let the training end at its step `at`, as by SIGTERM between two looks."""
    from troupe_worker import training

    steps, real = [], training.torch.isfinite

    def find_step(*inputs):
        steps.append(1)
        if len(steps) == at:
            raise Stopped
        return real(*inputs)

    monkeypatch.setattr("troupe_worker.checkpoints.STEPS_BETWEEN", 3)
    monkeypatch.setattr(training.torch, "isfinite", find_step)


def test_every_method_is_tried_here():
    assert RECIPES.keys() == METHODS.keys()


@pytest.mark.parametrize("method", ["oneactor", "textual-inversion", "proposed"])
def test_a_cut_tuning_ends_in_the_bytes_of_an_unbroken_one(method, models, tmp_path, monkeypatch):
    from worker.library import Library

    monkeypatch.setattr("troupe_worker.tune.load_encoder", lambda folder: look)
    recipe = PROPOSED if method == "proposed" else {"method": method, "settings": RECIPES[method]}
    unbroken, broken = Library(tmp_path / "unbroken", *models), Library(tmp_path / "broken", *models)
    assert unbroken.run("tune", unbroken.put_tune(recipe=recipe)) == 0
    cut(monkeypatch, 5)
    assert broken.run("tune", broken.put_tune(recipe=recipe)) == 75
    assert broken.run("tune", TUNE) == 0
    files = unbroken.files(VERSION)
    assert broken.files(VERSION) == files
    assert ("proposals.png" in files) == (method == "proposed")
    assert len(files["adapter.safetensors"]) < 16_000, "a few vectors"


@pytest.mark.parametrize("method", ["oneactor", "textual-inversion"])
def test_a_campaign_is_drawn_by_the_method_of_its_subject(method, library):
    assert library.run("tune", library.put_tune(recipe={"method": method, "settings": RECIPES[method]})) == 0
    library.put_render(cells=2)
    plan = library.json("campaigns/spring/plan.json")
    plan["subjects"][0]["method"] = method
    assert library.run("render", library.put_render(cells=2, subjects=plan["subjects"])) == 0
    names = {"oneactor": "a girl waving", "textual-inversion": "a sks waving"}
    assert library.json(f"{VARIANTS}cell_{0:024}.json")["promptDrawn"] == names[method]
    assert len(library.files(VARIANTS)) == 4


@pytest.mark.parametrize("method", METHODS)
def test_settings_survive_the_wire(method):
    for defaults in find_method(method, "tune").DEFAULTS.values():
        assert read_settings(defaults, write_settings(defaults)) == defaults


@pytest.mark.parametrize("settings", [{"track": "upload"}, {"proposals": 4, "proposal": 5}, {"norm": "none"}, {"push": -1}])
def test_settings_that_mean_nothing_are_refused(settings):
    with pytest.raises(JobFailed, match="setting_invalid"):
        read_settings(find_method("oneactor", "tune").DEFAULTS["sd15"], settings)


def test_a_lora_without_strength_is_the_base_model(tuned):
    adapter = read_adapter(tuned.read(f"{VERSION}adapter.safetensors"))
    still, half = strengthen(adapter, 0.0), strengthen(adapter, 0.5)
    rows = [key for key in adapter.tensors if key.endswith("lora_B.weight")]
    assert rows and all(not still.tensors[key].any() for key in rows)
    assert all(torch.equal(half.tensors[key] * 2, adapter.tensors[key]) for key in rows)


@pytest.mark.parametrize("family", ["sd15", "sdxl"])
def test_references_are_told_their_captions_and_the_class_its_noun(family, monkeypatch):
    base, given = make_base(family), []
    spoken = encode_prompts(base, ["a sks girl, smiling", "a sks girl, waving", "a girl"])
    lesson = dreambooth_lora.Lesson(torch.zeros(4, 4, 4, 4), torch.ones(3, 4, 4, 4), spoken)
    lesson.views_NCHW[2:] = 2  # two views of each reference
    monkeypatch.setattr(dreambooth_lora, "find_errors", lambda *asked: given.append(asked) or torch.arange(8.0))
    settings = dreambooth_lora.Settings(batch=4, views=2)
    scheduler = DDPMScheduler.from_config(base.scheduler_config)
    random = torch.Generator().manual_seed(0)
    losses = [dreambooth_lora.find_loss(base, lesson, settings, scheduler, random).item() for _ in range(20)]
    assert losses[0] == 1.5 + 5.5
    wanted = {0: 0, 2: 1, 1: 2}  # what a picture shows -> the row of what it is told
    for _, clean_BCHW, _, _, told, _ in given:
        for picture, states_TD in zip(clean_BCHW, told.states_BTD, strict=True):
            assert torch.equal(states_TD, spoken.states_BTD[wanted[int(picture.mean())]])
        assert (clean_BCHW[4:] == 1).all() and (clean_BCHW[:4] != 1).all()


@pytest.mark.parametrize("family", ["paperdoll", "sd15"])
def test_early_times_have_as_many_times_the_noise(family):
    scheduler = DDPMScheduler.from_config(make_base(family).scheduler_config)

    def times(earliness):
        return draw_times(1000, earliness, scheduler, torch.Generator().manual_seed(3))

    even = torch.randint(1000, (1000,), generator=torch.Generator().manual_seed(3))
    assert torch.equal(times(1.0), even), "as published, bit for bit"
    kept = scheduler.alphas_cumprod.double()
    ratios = ((1 - kept) / kept).sqrt()
    early, wanted = times(2.5), 2.5 * ratios[even]
    inside = wanted < ratios[-1]
    assert (early >= even).all() and (early[~inside] == 999).all()
    assert (ratios[early][inside] >= wanted[inside] * 0.999).all(), "at least so much noise"
    later = inside & (early > 0)
    assert (ratios[early - 1][later] <= wanted[later] * 1.001).all(), "and the first time that has it"


@pytest.mark.parametrize("method", METHODS)
def test_every_method_learns_at_the_times_that_its_settings_say(method, library, monkeypatch):
    name = f"troupe_worker.methods.{method.replace('-', '_')}" + (".lesson" if method == "oneactor" else "")
    asked, honest = [], draw_times
    monkeypatch.setattr(f"{name}.draw_times", lambda *told: asked.append(told[1]) or honest(*told))
    recipe = {"method": method, "settings": {**RECIPES[method], "steps": 2, "earliness": 3.0}}
    assert library.run("tune", library.put_tune(recipe=recipe)) == 0
    assert asked == [3.0, 3.0]


@pytest.mark.parametrize("family", ["sd15", "sdxl"])
def test_a_word_starts_as_its_noun(family):
    base = make_base(family)
    with replace_words(base, {"sks": tuple(read_noun(base, "girl"))}):
        found = encode_prompts(base, ["a sks waving"])
    torch.testing.assert_close(found.states_BTD, encode_prompts(base, ["a girl waving"]).states_BTD)


def test_the_embedded_encoder_tells_pictures_apart():
    encode = load_encoder(MODELS)
    picture = Image.open(MODELS.parent / "demo/subjects/mina/front.png").convert("RGB").resize((128, 128))
    other = Image.open(MODELS.parent / "demo/subjects/rusty/front.png").convert("RGB").resize((128, 128))
    pixels = torch.stack([torch.tensor(list(it.getdata()), dtype=torch.uint8).view(128, 128, 3) for it in (picture, other)])
    vectors = encode(pixels)
    torch.testing.assert_close(vectors.norm(dim=1), torch.ones(2))
    assert vectors[0] @ vectors[1] < 0.9 and torch.equal(encode(pixels), vectors)


def test_models_without_an_encoder_have_none(models):
    assert load_encoder(models[0]) is None
