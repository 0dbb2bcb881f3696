"""The VAE's encoder is solved, its decoder starts as a line, and both are AutoencoderKL's own layers."""

import pytest
import torch
from diffusers import AutoencoderKL
from paperdoll.train import vae as vae_module
from paperdoll.train.line import decode_line, lay_line
from paperdoll.train.pictures import draw_pictures, halve, to_images, to_tensor


@pytest.fixture(scope="module")
def solved() -> tuple[AutoencoderKL, torch.Tensor, float]:
    torch.manual_seed(0)
    vae = vae_module.build_vae()
    images = to_tensor([drawn.image for drawn in draw_pictures((1,), 12, "train", 128)])
    psnr = vae_module.solve_encoder(vae, images)
    lay_line(vae)
    return vae, images, psnr


def test_the_solved_encoder_keeps_pictures_without_training(solved):
    assert solved[2] > 24


def test_a_sample_of_the_latents_is_their_mean(solved):
    vae, images, _ = solved
    with torch.no_grad():
        latents = vae.encode(images[:2]).latent_dist
    assert latents.mean.shape == (2, vae_module.LATENT_CHANNELS, 16, 16)
    assert (latents.sample() - latents.mean).abs().max() < 0.01


def test_details_are_spread_nearly_as_wide_as_brightness(solved):
    vae, images, _ = solved
    with torch.no_grad():
        spread_K = vae.encode(images).latent_dist.mean.std((0, 2, 3))
    assert 3 < spread_K.max() / spread_K.min() < 6 and spread_K.square().mean().sqrt() == pytest.approx(1, abs=0.1)


def test_the_line_is_what_the_decoder_gives_while_its_branches_are_silent(solved):
    vae, images, _ = solved
    with torch.no_grad():
        z = vae.encode(images[:1]).latent_dist.mean
        assert torch.allclose(decode_line(vae, z), vae.decode(z).sample, atol=1e-4)


def test_pieces_are_decided_by_seed_and_step():
    assert torch.equal(vae_module.draw_pieces(1, 2, 4), vae_module.draw_pieces(1, 2, 4))
    assert not torch.equal(vae_module.draw_pieces(1, 2, 4), vae_module.draw_pieces(1, 3, 4))


def test_a_whole_picture_counts_its_faces_more_and_all_of_it_as_much_as_a_piece():
    pictures, weights = vae_module.draw_whole(1, 2, 6)
    assert pictures.shape == (6, 3, 128, 128) and weights.mean().item() == pytest.approx(1, abs=1e-5)
    ratios = (weights.amax((1, 2, 3)) / weights.amin((1, 2, 3))).tolist()
    assert set(map(round, ratios)) <= {1, 4} and 4 in map(round, ratios)
    made = pictures + 0.1 * (weights > weights.min())
    everywhere = torch.ones_like(weights)
    assert vae_module.reconstruction_loss(made, pictures, weights) > vae_module.reconstruction_loss(made, pictures, everywhere)


def test_pictures_survive_the_way_to_tensors_and_back():
    image = draw_pictures((5,), 1, "test", 64)[0].image
    assert (to_images(to_tensor([image]))[0] == image).all()
    assert halve(image[None]).shape == (1, 32, 32, 3)
