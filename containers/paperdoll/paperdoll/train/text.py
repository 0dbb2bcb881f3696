"""The text encoder: pretrained alone to say what a caption says, then frozen.

Trained together with a young UNet it collapses: all prompts get the same features. Shape letters: B batch, T tokens,
D features."""

from collections.abc import Callable
from functools import partial
from pathlib import Path

import numpy as np
import torch
import torch.nn.functional as F
from torch import Tensor, nn
from transformers import CLIPTextConfig, CLIPTextModel, CLIPTokenizer

from paperdoll.captions import DETAILS, attributes, caption
from paperdoll.sampling import sample_scene
from paperdoll.train.learner import NUM_PARTS, Learner, LearnSettings, Part, read_average, run_training
from paperdoll.train.progress import Reporter
from paperdoll.train.tokens import MAX_TOKENS, encode_captions, make_tokenizer, read_tokenizer

WIDTH, LAYERS, HEADS = 192, 4, 4
STRANGE = 0.3  # share of captions into which a token that means nothing is slipped: names of subjects come later


def build_text_encoder(tokenizer: CLIPTokenizer) -> CLIPTextModel:
    """Return an untrained CLIPTextModel for `tokenizer`."""
    return CLIPTextModel(
        CLIPTextConfig(
            vocab_size=len(tokenizer),
            hidden_size=WIDTH,
            intermediate_size=4 * WIDTH,
            projection_dim=WIDTH,
            num_hidden_layers=LAYERS,
            num_attention_heads=HEADS,
            max_position_embeddings=MAX_TOKENS,
            bos_token_id=tokenizer.bos_token_id,
            eos_token_id=tokenizer.eos_token_id,
            pad_token_id=tokenizer.pad_token_id,
        )
    )


class CaptionReader(nn.Module):
    """The text encoder with the heads that pretraining needs: attributes from the end and the mean, identity from each token."""

    def __init__(self, encoder: CLIPTextModel, answers: dict[str, tuple[str, ...]]) -> None:
        super().__init__()
        self.encoder, self.answers = encoder, answers
        total = sum(len(values) for values in answers.values())
        self.from_end, self.from_mean = nn.Linear(WIDTH, total), nn.Linear(WIDTH, total)
        self.token = nn.Linear(WIDTH, encoder.config.vocab_size)

    def loss(self, ids_BT: Tensor, truth_BA: Tensor) -> tuple[Tensor, dict[str, float]]:
        """Return the loss, and the share of attributes that the end of the caption gets right."""
        features_BTD = self.encoder(ids_BT).last_hidden_state
        end_B = (ids_BT == self.encoder.config.eos_token_id).int().argmax(1)
        seen_BT = torch.arange(ids_BT.shape[1]) <= end_B[:, None]
        end_BD = features_BTD[torch.arange(len(ids_BT)), end_B]
        mean_BD = (features_BTD * seen_BT[..., None]).sum(1) / seen_BT.sum(1, keepdim=True)
        loss = F.cross_entropy(self.token(features_BTD[seen_BT]), ids_BT[seen_BT])
        sizes = [len(values) for values in self.answers.values()]
        right = []
        for head, given_BD in ((self.from_end, end_BD), (self.from_mean, mean_BD)):
            for index, logits in enumerate(head(given_BD).split(sizes, 1)):
                loss = loss + F.cross_entropy(logits, truth_BA[:, index]) / 4
                if head is self.from_end:
                    right.append((logits.argmax(1) == truth_BA[:, index]).float().mean().item())
        return loss, {"right": float(np.mean(right))}


def _possible_answers(seed: int, count: int = 3000) -> dict[str, tuple[str, ...]]:
    rng = np.random.Generator(np.random.PCG64([seed, 77]))
    found: dict[str, set[str]] = {}
    for _ in range(count):
        for name, value in attributes(*sample_scene(rng, "train")).items():
            found.setdefault(name, set()).add(value)
    return {name: tuple(sorted(values)) for name, values in found.items()}


def _sample_batch(
    tokenizer: CLIPTokenizer, answers: dict[str, tuple[str, ...]], seed: int, number: int, count: int
) -> tuple[Tensor, Tensor]:
    rng = np.random.Generator(np.random.PCG64([seed, 3, number]))
    captions, truth = [], []
    while len(captions) < count:
        figures, scene = sample_scene(rng, "train")
        said = attributes(figures, scene)
        if all(value in answers[name] for name, value in said.items()):
            detail = DETAILS[int(rng.choice(len(DETAILS), p=(0.05, 0.15, 0.3, 0.5)))]
            captions.append(caption(figures, scene, detail, rng))
            truth.append([answers[name].index(value) for name, value in said.items()])
    ids_BT = encode_captions(tokenizer, captions)
    for row in np.flatnonzero(rng.random(count) < STRANGE):
        at = int(rng.integers(1, 20))
        ids_BT[row, at + 1 :] = ids_BT[row, at:-1].clone()
        ids_BT[row, at] = int(rng.integers(2, len(tokenizer)))
    ids_BT[:, -1] = tokenizer.eos_token_id
    # Tokens after the end are not judged, and nothing before them sees them: leave them out of the work.
    longest = int((ids_BT == tokenizer.eos_token_id).int().argmax(1).max()) + 1
    return ids_BT[:, :longest], torch.tensor(truth)


def train_text(folder: Path, settings: LearnSettings, batch: int, seed: int) -> None:
    """Pretrain, or go on pretraining, the text encoder; its tokenizer is written beside the checkpoints."""
    torch.manual_seed(seed)
    tokenizer, answers = make_tokenizer(folder / "tokenizer"), _possible_answers(seed)
    reader, reporter = CaptionReader(build_text_encoder(tokenizer), answers), Reporter("text")
    learner = Learner(reader, settings)
    learner.restore(folder)

    def parts_of(step: int) -> list[Part]:
        def work(part: int) -> tuple[Tensor, dict[str, float], int]:
            ids_BT, truth_BA = _sample_batch(tokenizer, answers, seed, step * NUM_PARTS + part, batch // NUM_PARTS)
            return *reader.loss(ids_BT, truth_BA), len(ids_BT)

        return [partial(work, part) for part in range(NUM_PARTS)]

    run_training(learner, folder, reporter, parts_of)
    if learner.progress >= 1:
        reporter.say("text.measured", **measure_likeness(*load_text(folder)))


def load_text(folder: Path) -> tuple[CLIPTokenizer, CLIPTextModel]:
    """Return tokenizer and frozen text encoder of the newest checkpoint."""
    tokenizer = read_tokenizer(folder / "tokenizer")
    encoder = build_text_encoder(tokenizer)
    weights = {name[8:]: value for name, value in read_average(folder)[0].items() if name.startswith("encoder.")}
    encoder.load_state_dict(weights)
    return tokenizer, encoder.eval().requires_grad_(False)


def make_embedder(tokenizer: CLIPTokenizer, encoder: CLIPTextModel) -> Callable[[list[str]], Tensor]:
    """Return the function from captions to (B, T, D) features."""

    @torch.no_grad()
    def embed(captions: list[str]) -> Tensor:
        return encoder(encode_captions(tokenizer, captions).to(encoder.device)).last_hidden_state

    return embed


@torch.inference_mode()
def measure_likeness(tokenizer: CLIPTokenizer, encoder: CLIPTextModel, count: int = 64) -> dict[str, float]:
    """Return mean and largest cosine between the features of different full captions (end token, and all tokens)."""
    rng = np.random.Generator(np.random.PCG64(5))
    captions = [caption(*sample_scene(rng, "validation"), "full", rng) for _ in range(count)]
    ids_BT = encode_captions(tokenizer, captions)
    features_BTD = encoder(ids_BT).last_hidden_state
    end_BD = features_BTD[torch.arange(count), (ids_BT == tokenizer.eos_token_id).int().argmax(1)]
    apart = ~torch.eye(count, dtype=torch.bool)
    figures = {}
    for name, given in (("end", end_BD), ("tokens", features_BTD.flatten(1))):
        unit = F.normalize(given, dim=1)
        cosines = (unit @ unit.T)[apart]
        figures |= {f"{name}CosineMean": round(cosines.mean().item(), 3), f"{name}CosineMax": round(cosines.max().item(), 3)}
    return figures
