"""The base model's training resumes exactly, and stock diffusers draws from the committed folder."""

import json
from pathlib import Path

import numpy as np
import pytest
import torch
from diffusers import AutoencoderKL, DPMSolverMultistepScheduler, StableDiffusionPipeline, UNet2DConditionModel
from paperdoll.dataset import DatasetSettings, make_dataset
from paperdoll.train import base as base_module
from paperdoll.train import diffusion
from paperdoll.train.export import export_base, lock_models, read_base
from paperdoll.train.learner import LearnSettings, read_average
from paperdoll.train.text import build_text_encoder
from paperdoll.train.tokens import make_tokenizer
from safetensors.torch import load_file

MODELS = Path(__file__).parents[3] / "models"


def _tiny_unet(latent_channels: int, text_width: int) -> UNet2DConditionModel:
    return UNet2DConditionModel(
        sample_size=16, in_channels=latent_channels, out_channels=latent_channels, block_out_channels=(8, 16),
        layers_per_block=1, cross_attention_dim=text_width, attention_head_dim=2, norm_num_groups=4,
        down_block_types=("CrossAttnDownBlock2D",) * 2, up_block_types=("CrossAttnUpBlock2D",) * 2,
    )  # fmt: skip


@pytest.fixture(scope="module")
def parts(tmp_path_factory):
    room = tmp_path_factory.mktemp("base")
    make_dataset(room / "pictures", DatasetSettings(40, 128, "train", 3), processes=1)
    torch.manual_seed(0)
    vae = AutoencoderKL(
        block_out_channels=(4, 4, 4, 4), down_block_types=("DownEncoderBlock2D",) * 4, norm_num_groups=2, latent_channels=4,
        up_block_types=("UpDecoderBlock2D",) * 4, mid_block_add_attention=False, sample_size=128,
    ).eval()  # fmt: skip
    tokenizer = make_tokenizer(room / "tokenizer")
    return room / "pictures", vae, (tokenizer, build_text_encoder(tokenizer).eval().requires_grad_(False))


def _train(folder: Path, parts, monkeypatch, steps: int, budget: int = 4) -> dict[str, torch.Tensor]:
    monkeypatch.setattr(base_module, "build_unet", _tiny_unet)
    monkeypatch.setattr(base_module, "draw_captions", lambda *args, **kwargs: [np.zeros((8, 8, 3), np.uint8)] * 16)
    settings = LearnSettings(minutes=1, rate=1e-3, steps=budget, average_every=1, warmup_steps=1)
    wanted = base_module.BaseSettings(small_batch=4, batch=2, small_share=0.5)
    real_run = base_module.run_training

    def run(learner, folder, reporter, parts_of, draw_sheet):
        real_run(learner, folder, reporter, parts_of, draw_sheet, stop=lambda: learner.step >= steps)

    monkeypatch.setattr(base_module, "run_training", run)
    base_module.train_base(folder, *parts, settings, wanted)
    monkeypatch.setattr(base_module, "run_training", real_run)
    return read_average(folder)[0]


def test_a_resumed_base_training_equals_an_unbroken_one(tmp_path, parts, monkeypatch):
    unbroken = _train(tmp_path / "a", parts, monkeypatch, steps=4)
    _train(tmp_path / "b", parts, monkeypatch, steps=1)
    resumed = _train(tmp_path / "b", parts, monkeypatch, steps=4)
    for name, value in unbroken.items():
        assert torch.equal(value, resumed[name]), name


def test_times_are_one_from_each_part_of_the_shifted_schedule():
    kept_T = diffusion.build_scheduler().alphas_cumprod
    times = diffusion.draw_times(10, torch.Generator().manual_seed(0))
    noise_to_signal = ((1 - kept_T) / kept_T).sqrt()[times]
    assert times.tolist() != sorted(times.tolist())
    parts = torch.atan(noise_to_signal / diffusion.EARLINESS) / (torch.pi / 2) * 10
    assert [int(part) for part in sorted(parts)] == list(range(10))


def test_the_first_epoch_is_in_order_and_the_second_is_shuffled():
    numbers = base_module._order(0, 0, 20, 10)
    assert list(numbers[:10]) == list(range(10))
    assert sorted(numbers[10:]) == list(range(10))
    assert list(numbers[10:]) != list(range(10))


def test_an_exported_folder_is_fp16_safetensors_that_the_stock_pipeline_loads(tmp_path, parts):
    _, vae, text = parts
    export_base(tmp_path / "paperdoll", vae, text, _tiny_unet(4, 192), "card")
    weights = load_file(tmp_path / "paperdoll" / "unet" / "diffusion_pytorch_model.safetensors")
    assert {value.dtype for value in weights.values()} == {torch.float16}
    assert not [path for path in tmp_path.rglob("*") if path.suffix in (".bin", ".pt", ".pkl", ".ckpt")]
    pipeline = read_base(tmp_path / "paperdoll")
    assert isinstance(pipeline.scheduler, DPMSolverMultistepScheduler)
    assert pipeline.scheduler.config.prediction_type == "v_prediction"
    lock_models(tmp_path)
    locked = json.loads((tmp_path / "models.lock.json").read_text())["models"]["paperdoll"]
    assert "model_index.json" in {entry["file"] for entry in locked["files"]}


def test_stock_diffusers_draws_from_the_committed_folder():
    pipeline = StableDiffusionPipeline.from_pretrained(MODELS / "paperdoll", torch_dtype=torch.float32)
    pipeline.set_progress_bar_config(disable=True)
    assert type(pipeline.vae) is AutoencoderKL
    prompts = ["a girl, on a beach", "a silver robot, in snow"]
    images = pipeline(prompts, num_inference_steps=6, generator=torch.Generator().manual_seed(1), output_type="np").images
    assert images.shape == (2, 128, 128, 3)
    assert images.std() > 0.1
    assert np.abs(images[0] - images[1]).mean() > 0.1


def test_the_committed_folder_keeps_to_its_budget():
    assert sum(path.stat().st_size for path in (MODELS / "paperdoll").rglob("*") if path.is_file()) <= 60_000_000
