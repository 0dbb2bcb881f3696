"""Prompts: how words become the states that a UNet attends to, for one text encoder or two.

Letters: B prompts, T tokens, D width of a token's state, P pooled width, E width of a word's embedding.
"""

from collections.abc import Iterator, Mapping
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from threading import Lock
from typing import Any

import torch
from torch import Tensor, nn
from transformers import BatchEncoding, CLIPTokenizer

from troupe_worker.errors import JobFailed
from troupe_worker.models import BaseModel

_READING = Lock()


@dataclass(frozen=True)
class Conditioning:
    """What the UNet is told: a state per token, and one for the whole prompt where the family has it."""

    states_BTD: Tensor
    pooled_BP: Tensor | None

    def rows(self, wanted: list[int]) -> "Conditioning":
        """Return the conditioning of these prompts, in this order, repeats included."""
        return Conditioning(self.states_BTD[wanted], None if self.pooled_BP is None else self.pooled_BP[wanted])


def join(*told: Conditioning) -> Conditioning:
    """Return the conditioning of the prompts of all, one after the other."""
    pooled = [it.pooled_BP for it in told if it.pooled_BP is not None]
    return Conditioning(torch.cat([it.states_BTD for it in told]), torch.cat(pooled) if pooled else None)


def encode_prompts(base: BaseModel, texts: list[str]) -> Conditioning:
    """Encode prompts as stock diffusers does; gradients flow to replaced words, so callers choose no_grad themselves."""
    if len(base.text_encoders) == 1:
        ids_BT = _tokenize(base.tokenizers[0], texts).to(base.device)
        return Conditioning(base.text_encoders[0](ids_BT, attention_mask=None)[0].to(base.dtype), None)
    states, pooled_BP = [], None
    for tokenizer, encoder in zip(base.tokenizers, base.text_encoders, strict=True):
        encoded = encoder(_tokenize(tokenizer, texts).to(base.device), output_hidden_states=True)
        pooled_BP = encoded[0]  # of the last encoder: the one with a projection
        states.append(encoded.hidden_states[-2])
    assert pooled_BP is not None
    return Conditioning(torch.concat(states, dim=-1).to(base.dtype), pooled_BP.to(base.dtype))


def encode_nothing(base: BaseModel, told: Conditioning) -> Conditioning:
    """Return the absence of a prompt, as often as `told` has prompts: what guidance moves away from."""
    if base.nothing_is_zero:
        assert told.pooled_BP is not None
        return Conditioning(torch.zeros_like(told.states_BTD), torch.zeros_like(told.pooled_BP))
    return encode_prompts(base, [""] * len(told.states_BTD))


def cut_prompt(base: BaseModel, text: str) -> str:
    """Return as much of `text` as the text encoders read: CLIP reads a fixed number of tokens and no more."""
    ends = []
    for tokenizer in base.tokenizers:
        offsets = _read(tokenizer, text, truncation=True, max_length=tokenizer.model_max_length, return_offsets_mapping=True)
        ends.append(max(end for _, end in offsets["offset_mapping"]))
    return text[: min(ends)]


def check_token(base: BaseModel, token: str) -> None:
    """Refuse a subject's token that is not one word of every tokenizer: it could not be told from other words."""
    for tokenizer in base.tokenizers:
        ids = _read(tokenizer, token, add_special_tokens=False).input_ids
        if len(ids) != 1 or ids[0] in tokenizer.all_special_ids:
            raise JobFailed("token_unknown", f"“{token}” is not one word of the base model {base.ref.name}.")


def find_word(base: BaseModel, text: str, word: str) -> tuple[int, ...]:
    """Return the places of `word` among the tokens of `text` (0 is the start token), of its first occurrence. Tokenizers that
    would put it in different places are refused: the states of both encoders stand side by side at each place."""
    found = {_find_places(tokenizer, text, word) for tokenizer in base.tokenizers}
    if len(found) > 1:
        raise ValueError(f"the tokenizers of {base.ref.name} disagree where {word!r} is in {text!r}")
    return found.pop()


def _find_places(tokenizer: CLIPTokenizer, text: str, word: str) -> tuple[int, ...]:
    ids = _tokenize(tokenizer, [text])[0].tolist()
    wanted = _read(tokenizer, word, add_special_tokens=False).input_ids
    for start in range(len(ids) - len(wanted) + 1):
        if ids[start : start + len(wanted)] == wanted:
            return tuple(range(start, start + len(wanted)))
    raise ValueError(f"{word!r} is not a word of {text!r}")


@contextmanager
def replace_words(base: BaseModel, vectors: Mapping[str, tuple[Tensor, ...]]) -> Iterator[None]:
    """Give words new embeddings (one (E,) vector per text encoder) while the context lasts; the models stay untouched."""
    with ExitStack() as hooks:
        for place, (tokenizer, encoder) in enumerate(zip(base.tokenizers, base.text_encoders, strict=True)):
            rows = {}
            for word, per_encoder in vectors.items():
                check_token(base, word)
                rows[_read(tokenizer, word, add_special_tokens=False).input_ids[0]] = per_encoder[place]

            def swap(module: nn.Module, args: tuple[Tensor, ...], found_BTE: Tensor, rows: dict = rows) -> Tensor:
                for row, vector_E in rows.items():
                    here_BT1 = (args[0] == row).unsqueeze(-1)
                    found_BTE = torch.where(here_BT1, vector_E.to(found_BTE), found_BTE)
                return found_BTE

            handle = encoder.get_input_embeddings().register_forward_hook(swap)
            hooks.callback(handle.remove)
        yield


def _tokenize(tokenizer: CLIPTokenizer, texts: list[str]) -> Tensor:
    length = tokenizer.model_max_length
    return _read(tokenizer, texts, padding="max_length", max_length=length, truncation=True, return_tensors="pt").input_ids


def _read(tokenizer: CLIPTokenizer, text: str | list[str], **how: Any) -> BatchEncoding:
    # How to pad and where to cut is a tokenizer's own state, set by each call: of two parts of a batch that read at the same time
    # one would read as the other asked.
    with _READING:
        return tokenizer(text, **how)
