"""Only what was locked is loaded, and only formats that cannot run."""

import shutil

import pytest
from troupe_worker.errors import JobFailed
from troupe_worker.locks import verify_model
from troupe_worker.models import load_model
from worker.tiny_models import lock_folder


@pytest.fixture
def copied(models, tmp_path):
    folder, ref = models
    shutil.copytree(folder, tmp_path, dirs_exist_ok=True)
    return tmp_path, ref


def refused(models, ref):
    with pytest.raises(JobFailed) as failed:
        load_model(models, ref, "cpu")
    assert failed.value.code == "model_unverified"
    return failed.value.sentence


def test_what_was_locked_is_loaded(copied):
    base = load_model(*copied, "cpu")
    assert base.licence == "Apache-2.0" and base.native_size == 32
    assert not any(it.requires_grad for part in (base.unet, base.vae, *base.text_encoders) for it in part.parameters())


def test_a_changed_byte_is_refused(copied):
    models, ref = copied
    path = models / ref.name / "unet" / "diffusion_pytorch_model.safetensors"
    content = bytearray(path.read_bytes())
    content[-1] ^= 1
    path.write_bytes(content)
    assert "unet/diffusion_pytorch_model.safetensors" in refused(models, ref)


@pytest.mark.parametrize("name", ["unet/extra.safetensors", "model.py", "unet/diffusion_pytorch_model.bin", "unet/.hidden"])
def test_an_extra_file_is_refused(copied, name):
    models, ref = copied
    (models / ref.name / name).write_bytes(b"anything")
    assert refused(models, ref) == f"{ref.name}: {name} is extra."


def test_a_missing_file_is_refused(copied):
    models, ref = copied
    (models / ref.name / "tokenizer" / "tokenizer_config.json").unlink()
    assert refused(models, ref).endswith("is missing.")


@pytest.mark.parametrize("name", ["weights.bin", "weights.pt", "weights.ckpt", "weights.pkl", "code.py"])
def test_a_format_that_could_run_is_refused_even_when_locked(copied, name):
    models, ref = copied
    (models / ref.name / name).write_bytes(b"anything")
    assert "never loaded" in refused(models, lock_folder(models, ref.name, "paperdoll"))


def test_the_digest_stands_for_every_file(copied):
    models, ref = copied
    path = models / ref.name / "model_index.json"
    path.write_text(path.read_text() + "\n")
    relocked = lock_folder(models, ref.name, "paperdoll")
    assert relocked.digest != ref.digest and verify_model(models, relocked)
    refused(models, ref)
