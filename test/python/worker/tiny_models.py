"""Tiny random base models of all three families, in memory or as a locked folder. They draw noise, quickly and exactly."""

import hashlib
import json
from pathlib import Path

import torch
from diffusers import AutoencoderKL, DDIMScheduler, StableDiffusionPipeline, StableDiffusionXLPipeline, UNet2DConditionModel
from transformers import CLIPTextConfig, CLIPTextModel, CLIPTextModelWithProjection, CLIPTokenizer
from troupe_worker.contracts import BaseModelRef, LockedFile
from troupe_worker.locks import LOCK_FILE, digest_model
from troupe_worker.models import BaseModel

WORDS = "a girl boy sks zwx waving on the beach in snow park red coat , smiling".split()
# What the templates of learning say: a prompt of letters would be longer than the tiny encoders read.
WORDS += "portrait picture of an image drawing depiction one view close clear bright good alone this is as seen from".split()
WORDS += "front full scene with illustration half body".split()
SIZE = {"paperdoll": 32, "sd15": 32, "sdxl": 32}
LICENCE = "Apache-2.0"


def make_tokenizer(length: int = 16) -> CLIPTokenizer:
    """A tokenizer that knows `WORDS` whole: each is merged letter by letter, as byte-pair encoding does."""
    tokens, merges = ["<|startoftext|>", "<|endoftext|>"], []
    for word in WORDS:
        pieces = [*word[:-1], f"{word[-1]}</w>"]
        tokens += pieces
        while len(pieces) > 1:
            merges.append((pieces[0], pieces[1]))
            pieces[:2] = ["".join(pieces[:2])]
            tokens.append(pieces[0])
    vocabulary = {token: place for place, token in enumerate(dict.fromkeys(tokens))}
    return CLIPTokenizer(vocab=vocabulary, merges=list(dict.fromkeys(merges)), model_max_length=length)


def _text_config(tokenizer: CLIPTokenizer, **more: int) -> CLIPTextConfig:
    ids = {"bos_token_id": tokenizer.bos_token_id, "eos_token_id": tokenizer.eos_token_id, "pad_token_id": tokenizer.pad_token_id}
    shape = {"hidden_size": 16, "intermediate_size": 32, "num_hidden_layers": 2, "num_attention_heads": 2}
    length = {"max_position_embeddings": tokenizer.model_max_length, "vocab_size": len(tokenizer)}
    return CLIPTextConfig(**shape, **length, **ids, **more)


def make_pipeline(family: str) -> StableDiffusionPipeline | StableDiffusionXLPipeline:
    """A stock pipeline of `family` with random weights, always the same."""
    torch.manual_seed(7)
    latents = 16 if family == "paperdoll" else 4
    vae = AutoencoderKL(
        down_block_types=("DownEncoderBlock2D",) * 2,
        up_block_types=("UpDecoderBlock2D",) * 2,
        block_out_channels=(8, 8),
        norm_num_groups=4,
        latent_channels=latents,
        sample_size=32,
    ).eval()
    tokenizer = make_tokenizer()
    parts = {"vae": vae, "tokenizer": tokenizer, "text_encoder": CLIPTextModel(_text_config(tokenizer)).eval()}
    more = {}
    if family == "sdxl":
        parts["tokenizer_2"] = make_tokenizer()
        parts["text_encoder_2"] = CLIPTextModelWithProjection(_text_config(tokenizer, projection_dim=16)).eval()
        # 6 sizes x 8 channels, and the pooled state.
        more = {"addition_embed_type": "text_time", "addition_time_embed_dim": 8}
        more |= {"projection_class_embeddings_input_dim": 6 * 8 + 16}
    parts["unet"] = UNet2DConditionModel(
        sample_size=16,
        in_channels=latents,
        out_channels=latents,
        down_block_types=("CrossAttnDownBlock2D", "DownBlock2D"),
        up_block_types=("UpBlock2D", "CrossAttnUpBlock2D"),
        block_out_channels=(16, 16),
        layers_per_block=1,
        norm_num_groups=4,
        attention_head_dim=2,
        cross_attention_dim=32 if family == "sdxl" else 16,
        **more,
    ).eval()
    schedule = {"num_train_timesteps": 1000, "clip_sample": False, "set_alpha_to_one": False, "steps_offset": 1}
    if family == "paperdoll":
        schedule |= {"beta_schedule": "squaredcos_cap_v2", "prediction_type": "v_prediction", "timestep_spacing": "trailing"}
    else:
        schedule |= {"beta_schedule": "scaled_linear", "beta_start": 0.00085, "beta_end": 0.012}
    scheduler = DDIMScheduler(**schedule)
    if family == "sdxl":
        return StableDiffusionXLPipeline(**parts, scheduler=scheduler, add_watermarker=False)
    none = {"safety_checker": None, "feature_extractor": None, "requires_safety_checker": False}
    return StableDiffusionPipeline(**parts, scheduler=scheduler, **none)


def make_base(family: str) -> BaseModel:
    """The same model as `make_pipeline` makes, as the worker holds it."""
    pipeline = make_pipeline(family)
    pairs = [("text_encoder", "tokenizer")] + ([("text_encoder_2", "tokenizer_2")] if family == "sdxl" else [])
    return BaseModel(
        ref=BaseModelRef(name=f"tiny-{family}", family=family, digest="0" * 64),
        licence=LICENCE,
        vae=pipeline.vae,
        unet=pipeline.unet,
        text_encoders=tuple(getattr(pipeline, encoder) for encoder, _ in pairs),
        tokenizers=tuple(getattr(pipeline, tokenizer) for _, tokenizer in pairs),
        scheduler_config=dict(pipeline.scheduler.config),
        nothing_is_zero=family == "sdxl",
        device=torch.device("cpu"),
        dtype=torch.float32,
    ).freeze()


def write_models(models: Path, family: str = "paperdoll") -> BaseModelRef:
    """Write a tiny model and its lock below `models`, as a deployment has them."""
    name = f"tiny-{family}"
    make_pipeline(family).save_pretrained(models / name, safe_serialization=True)
    return lock_folder(models, name, family)


def lock_folder(models: Path, name: str, family: str) -> BaseModelRef:
    """Write the lock of what is in the folder now."""
    files = []
    for path in sorted(path for path in (models / name).rglob("*") if path.is_file()):
        content = path.read_bytes()
        digest = hashlib.sha256(content).hexdigest()
        files.append({"file": path.relative_to(models / name).as_posix(), "bytes": len(content), "sha256": digest})
    lock = {"models": {name: {"family": family, "licence": LICENCE, "commercialUse": True, "files": files}}}
    (models / LOCK_FILE).write_text(json.dumps(lock))
    return BaseModelRef(name=name, family=family, digest=digest_model([LockedFile(**entry) for entry in files]))
