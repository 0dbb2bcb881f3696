"""What the bench's tests share: a kit of the committed models whose oracle and reader know the truth."""

from pathlib import Path

import pytest
from bench.fakes import TruthSight
from troupe_bench.base import encoder, oracle, paste, prompts, reader
from troupe_bench.kit import Kit

MODELS = Path(__file__).parents[3] / "models"


@pytest.fixture
def kit(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Kit:
    """The committed encoder and base model, and instruments that know everything drawn in the test. The VAE keeps all."""
    sight = TruthSight()
    for module in (encoder, oracle, paste, prompts, reader):
        monkeypatch.setattr(module, "draw", sight.draw)
    kit = Kit(tmp_path, MODELS)
    kit.__dict__.update(oracle=sight, reader=sight)
    kit.through_vae = lambda pixels_BHWC: pixels_BHWC.copy()
    return kit
