"""Adapters: the one file format of a tuned subject. safetensors with one metadata entry, equal bytes for equal content."""

import json
from collections.abc import Mapping
from dataclasses import dataclass

import safetensors.torch
from torch import Tensor

from troupe_worker.canonical import canonical_json, hash_contract
from troupe_worker.contracts import Recipe
from troupe_worker.errors import JobFailed

# One entry only: safetensors writes several in an order that differs between processes.
METADATA_KEY = "troupe"


@dataclass(frozen=True)
class Adapter:
    """What tuning made: tensors, and what they mean."""

    tensors: Mapping[str, Tensor]
    recipe: Recipe
    token: str
    noun: str
    licence: str

    @property
    def recipe_hash(self) -> str:
        return hash_contract(self.recipe)


def write_adapter(adapter: Adapter) -> bytes:
    """Return the file of an adapter. It holds no time stamp and no path."""
    about = {
        "recipe": json.loads(canonical_json(adapter.recipe)),
        "recipeHash": adapter.recipe_hash,
        "token": adapter.token,
        "noun": adapter.noun,
        "licence": adapter.licence,
    }
    metadata = {METADATA_KEY: json.dumps(about, sort_keys=True, separators=(",", ":"), ensure_ascii=False)}
    tensors = {name: tensor.detach().cpu().contiguous() for name, tensor in sorted(adapter.tensors.items())}
    return safetensors.torch.save(tensors, metadata)


def read_adapter(content: bytes) -> Adapter:
    """Read the file of an adapter; nothing in it is executed."""
    try:
        length = int.from_bytes(content[:8], "little")
        about = json.loads(json.loads(content[8 : 8 + length])["__metadata__"][METADATA_KEY])
        recipe = Recipe.model_validate(about["recipe"])
        tensors = safetensors.torch.load(content)
    except (ValueError, KeyError, TypeError, safetensors.SafetensorError) as error:
        raise JobFailed("adapter_missing", "The adapter is not a file that this worker wrote.") from error
    adapter = Adapter(tensors, recipe, about["token"], about["noun"], about["licence"])
    if adapter.recipe_hash != about["recipeHash"]:
        raise JobFailed("adapter_missing", "The adapter's recipe does not match the hash beside it.")
    return adapter
