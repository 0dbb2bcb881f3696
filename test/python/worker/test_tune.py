"""Tuning: one subject version out of references, the same bytes however often it was cut."""

import json

import pytest
import torch
from troupe_worker.adapters import read_adapter
from troupe_worker.contracts import Recipe, Sampler, SubjectReport
from troupe_worker.lora import wear_loras
from troupe_worker.sampling import PictureRequest, draw_pictures
from troupe_worker.stopping import Stopped
from worker.library import TUNE, VERSION
from worker.tiny_models import make_base, make_pipeline


def test_a_job_makes_one_subject_version(tuned):
    assert sorted(tuned.files(VERSION)) == ["adapter.safetensors", "preview.png", "recipe.json", "report.json"]
    report = SubjectReport.model_validate(tuned.json(f"{VERSION}report.json"))
    assert report.steps == 12 and report.recipe == Recipe.model_validate(tuned.json(f"{VERSION}recipe.json"))
    result = tuned.json(f"jobs/{TUNE}/result.json")
    assert (result["state"], len(result["outputs"])) == ("done", 4)
    progress = tuned.json(f"jobs/{TUNE}/progress.json")
    assert progress["of"] >= progress["step"]


def test_every_setting_of_the_recipe_is_written_out(tuned):
    settings = tuned.json(f"{VERSION}recipe.json")["settings"]
    assert settings["rank"] == 2 and settings["maxZoom"] == 1.15 and settings["priorWeight"] == 1.0


def test_the_adapter_says_what_it_is(tuned):
    adapter = read_adapter(tuned.read(f"{VERSION}adapter.safetensors"))
    assert (adapter.token, adapter.noun, adapter.licence) == ("sks", "girl", "Apache-2.0")
    assert adapter.recipe.base_model.digest == tuned.base.digest
    assert adapter.recipe_hash == tuned.json(f"{VERSION}report.json")["recipeHash"]


def test_a_second_run_of_a_finished_job_changes_nothing(tuned_copy):
    before = tuned_copy.files("")
    assert tuned_copy.run("tune", TUNE) == 0
    assert tuned_copy.files("") == before


def test_equal_jobs_make_equal_bytes_with_nothing_but_references_in_reach(tuned, library):
    assert all(path.endswith(".png") for path in library.files("")), "no drawn world's truth"
    assert library.run("tune", library.put_tune()) == 0
    assert library.files(VERSION) == tuned.files(VERSION)


@pytest.mark.parametrize("cut_at", [1, 4, 11])
def test_a_resumed_run_equals_an_unbroken_one(tuned, library, monkeypatch, cut_at):
    from troupe_worker import training

    steps = []

    def find_step(*inputs):
        steps.append(1)
        if len(steps) == cut_at:
            raise Stopped
        return real(*inputs)

    real = training.torch.isfinite
    monkeypatch.setattr("troupe_worker.checkpoints.STEPS_BETWEEN", 3)
    monkeypatch.setattr(training.torch, "isfinite", find_step)
    assert library.run("tune", library.put_tune()) == 75
    assert library.run("tune", TUNE) == 0
    assert library.files(VERSION) == tuned.files(VERSION)


def test_a_damaged_checkpoint_is_passed_over(tuned, library, monkeypatch):
    monkeypatch.setattr("troupe_worker.checkpoints.STEPS_BETWEEN", 4)
    assert library.run("tune", library.put_tune()) == 0
    folder = library.root / f"jobs/{TUNE}"
    newest = max((folder / "checkpoints/manifests").iterdir())
    part = json.loads(newest.read_text())["parts"]["trained"]
    (folder / f"checkpoints/parts/{part}.safetensors").write_bytes(b"cut short")
    for path in [folder / "result.json", *(library.root / VERSION).iterdir()]:
        path.unlink()
    assert library.run("tune", TUNE) == 0
    assert library.files(VERSION) == tuned.files(VERSION)


def test_stock_diffusers_loads_the_adapter_and_draws_our_picture(tuned):
    content = tuned.read(f"{VERSION}adapter.safetensors")
    base, sampler = make_base("paperdoll"), Sampler(name="ddim", steps=4, guidance=4)
    request = PictureRequest("a sks girl waving", 5, 32, 32)
    plain = draw_pictures(base, [request], sampler)[0]
    with wear_loras(base, {"mina": read_adapter(content).tensors}):
        ours = draw_pictures(base, [request], sampler)[0]
    assert torch.equal(draw_pictures(base, [request], sampler)[0], plain), "taking the adapter off leaves the base model"
    assert not torch.equal(ours, plain)

    pipeline = make_pipeline("paperdoll")
    pipeline.load_lora_weights(str(tuned.root / VERSION), weight_name="adapter.safetensors")
    pipeline.set_progress_bar_config(disable=True)
    settings = {"num_inference_steps": 4, "guidance_scale": 4, "width": 32, "height": 32, "output_type": "np"}
    stock = pipeline(request.prompt, generator=torch.Generator("cpu").manual_seed(5), **settings)
    assert torch.equal(torch.from_numpy((stock.images[0] * 255).round().astype("uint8")), ours)
