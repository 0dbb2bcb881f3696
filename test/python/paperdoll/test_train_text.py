"""The tokenizer gives one token a word, and the text encoder tells captions apart."""

from functools import cache
from pathlib import Path

import numpy as np
import pytest
import torch
from paperdoll.captions import caption
from paperdoll.sampling import sample_scene
from paperdoll.train.text import build_text_encoder, measure_likeness
from paperdoll.train.tokens import MAX_TOKENS, encode_captions, find_merges, make_tokenizer, read_tokenizer
from paperdoll.vocabulary import CAPTION_WORDS, RARE_TOKENS
from transformers import CLIPTextModel, CLIPTokenizer

MODEL = Path(__file__).parents[3] / "models" / "paperdoll"


@cache
def _tokenizer(folder: Path) -> CLIPTokenizer:
    make_tokenizer(folder)
    return read_tokenizer(folder)


@pytest.fixture
def tokenizer(tmp_path_factory) -> CLIPTokenizer:
    return _tokenizer(tmp_path_factory.getbasetemp() / "tokenizer")


@pytest.mark.parametrize("word", (*CAPTION_WORDS, *RARE_TOKENS, ","))
def test_every_word_is_one_token(tokenizer, word):
    ids = tokenizer(word).input_ids
    assert len(ids) == 3
    assert ids[1] not in (tokenizer.bos_token_id, tokenizer.eos_token_id)


def test_no_caption_says_a_rare_token():
    assert not set(RARE_TOKENS) & set(CAPTION_WORDS)


def test_every_caption_fits(tokenizer):
    rng = np.random.Generator(np.random.PCG64(3))
    for _ in range(200):
        ids = tokenizer(caption(*sample_scene(rng, "validation"), "full", rng)).input_ids
        assert len(ids) <= MAX_TOKENS


def test_padding_and_cutting_are_as_the_pipelines_expect(tokenizer):
    ids = encode_captions(tokenizer, ["a girl", "red " * 200])
    assert ids.shape == (2, MAX_TOKENS)
    assert ids[0, 3:].eq(tokenizer.pad_token_id).all()
    assert ids[1, -1] == tokenizer.eos_token_id


def test_merges_read_in_order_rebuild_the_words():
    merges = find_merges(("green", "red", "greed"))
    assert {"".join(pair) for pair in merges} >= {"green</w>", "red</w>", "greed</w>"}


def test_an_untrained_encoder_has_the_promised_shape(tokenizer):
    features = build_text_encoder(tokenizer)(encode_captions(tokenizer, ["a girl"])).last_hidden_state
    assert features.shape == (1, MAX_TOKENS, 192)


def test_different_captions_have_different_features():
    encoder = CLIPTextModel.from_pretrained(MODEL / "text_encoder", torch_dtype=torch.float32)
    figures = measure_likeness(CLIPTokenizer.from_pretrained(MODEL / "tokenizer"), encoder, count=32)
    assert figures["tokensCosineMean"] < 0.6
    assert figures["tokensCosineMax"] < 0.98
