"""The lesson in layout: shares are the world's own, and what is learned reaches the UNet."""

import numpy as np
import torch
from diffusers import UNet2DConditionModel
from paperdoll.dataset import DatasetSettings, make_dataset, sample_numbered
from paperdoll.drawing import draw, parts
from paperdoll.train.diffusion import build_scheduler, diffusion_loss
from paperdoll.train.layout import LayoutLearner, LayoutStore, count_cells


def test_a_cell_knows_how_much_of_each_part_it_holds(tmp_path):
    settings = DatasetSettings(6, 128, "train", 3)
    make_dataset(tmp_path / "pictures", settings, processes=1)
    store = LayoutStore(tmp_path / "pictures", tmp_path / "kept", 16)
    numbers = np.array([4, 1])
    store.fill(numbers)
    shares_NPHW = store.take(numbers)
    assert shares_NPHW.shape == (2, len(parts.PARTS), 16, 16)
    assert torch.equal(shares_NPHW.sum(1), torch.ones(2, 16, 16))
    figures, scene, _, _ = sample_numbered(settings, 1)  # rows are in ascending order
    truth = draw(figures, scene, 64, truth=True).truth
    share = sum(float((entry.part_map == parts.HEAD).mean()) for entry in truth)
    assert abs(float(shares_NPHW[0, parts.HEAD].mean()) - share) < 1e-6


def test_several_processes_draw_the_same_shares(tmp_path):
    make_dataset(tmp_path / "pictures", DatasetSettings(4, 128, "train", 3), processes=1)
    one, two = (LayoutStore(tmp_path / "pictures", tmp_path / name, 16) for name in ("one", "two"))
    one.fill(np.arange(4))
    two.fill(np.arange(4), processes=2)
    assert torch.equal(one.take(np.arange(4)), two.take(np.arange(4)))


def test_the_lesson_teaches_the_unet_and_leaves_its_answer_alone():
    torch.manual_seed(0)
    unet = UNet2DConditionModel(
        sample_size=8, in_channels=4, out_channels=4, block_out_channels=(8, 16, 16), layers_per_block=1, cross_attention_dim=8,
        attention_head_dim=2, norm_num_groups=4, down_block_types=("CrossAttnDownBlock2D",) * 3,
        up_block_types=("CrossAttnUpBlock2D",) * 3,
    )  # fmt: skip
    given = (torch.randn(2, 4, 8, 8), torch.tensor([5, 900]), torch.randn(2, 3, 8))
    before = unet(*given).sample
    taught = LayoutLearner(unet)
    taught.watch()
    assert torch.equal(unet(*given).sample, before)
    shares_BPHW = torch.zeros(2, len(parts.PARTS), 8, 8)
    shares_BPHW[:, parts.HEAD] = 1
    loss = taught.loss(shares_BPHW)
    assert 1.5 < loss.item() < 5  # near the logarithm of 21 parts: nothing is known yet
    gradients = torch.autograd.grad(loss, list(unet.down_blocks.parameters()), allow_unused=True)
    assert any(gradient is not None and gradient.abs().sum() > 0 for gradient in gradients)


def test_a_cell_of_a_head_counts_four_times_of_a_body_twice_and_the_loss_keeps_its_scale():
    shares_BPHW = torch.zeros(1, len(parts.PARTS), 4, 4)
    shares_BPHW[:, parts.HEAD, :2], shares_BPHW[:, parts.TORSO, 2:, :2], shares_BPHW[:, 0, 2:, 2:] = 1, 1, 1
    assert count_cells(shares_BPHW, 2).tolist() == [[[[4, 4], [2, 1]]]]
    cells = torch.tensor([[[[3.0, 3.0], [1.0, 1.0]]]])

    def unet(noisy, times, text):
        made = torch.zeros_like(noisy)
        made[..., :1, :] = 1  # wrong in the head's row alone
        return type("Made", (), {"sample": made})

    given = (build_scheduler().alphas_cumprod, torch.zeros(1, 3, 2, 2), torch.zeros(1, 1, 1), torch.tensor([500]))
    plain = diffusion_loss(unet, *given, torch.zeros(1, 3, 2, 2))
    counted = diffusion_loss(unet, *given, torch.zeros(1, 3, 2, 2), cells)
    assert abs(float(counted / plain) - 1.5) < 1e-6
    everywhere = torch.full_like(cells, 2.0)
    assert torch.allclose(diffusion_loss(unet, *given, torch.zeros(1, 3, 2, 2), everywhere), plain)
