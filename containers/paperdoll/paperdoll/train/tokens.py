"""The tokenizer: CLIP's format, one token a word.

A word that no caption uses falls apart into letters, each of which the text encoder learns to overlook."""

import json
from collections import Counter
from pathlib import Path

from tokenizers import AddedToken
from transformers import CLIPTokenizer

from paperdoll.vocabulary import CAPTION_WORDS, RARE_TOKENS

MAX_TOKENS = 80
START, END = "<|startoftext|>", "<|endoftext|>"
_LETTERS = "abcdefghijklmnopqrstuvwxyz0123456789,.-'!?"


def _merge(pieces: tuple[str, ...], pair: tuple[str, str]) -> tuple[str, ...]:
    merged, at = [], 0
    while at < len(pieces):
        if pieces[at : at + 2] == pair:
            merged.append(pieces[at] + pieces[at + 1])
            at += 2
        else:
            merged.append(pieces[at])
            at += 1
    return tuple(merged)


def find_merges(words: tuple[str, ...]) -> list[tuple[str, str]]:
    """Return byte pair merges, most frequent first, until every word is one piece: read in order they never disagree."""
    split = {word: (*word[:-1], word[-1] + "</w>") for word in words}
    merges = []
    while any(len(pieces) > 1 for pieces in split.values()):
        pairs = Counter(pair for pieces in split.values() for pair in zip(pieces, pieces[1:], strict=False))
        best = min(pairs, key=lambda pair: (-pairs[pair], pair))
        merges.append(best)
        split = {word: _merge(pieces, best) for word, pieces in split.items()}
    return merges


def make_tokenizer(folder: Path) -> CLIPTokenizer:
    """Write vocab.json and merges.txt to `folder`, and return the tokenizer read back from them."""
    words = tuple(sorted(set(CAPTION_WORDS) | set(RARE_TOKENS)))
    hyphened = [word for word in words if not word.isalpha()]  # CLIP would cut them at the hyphen
    merges = find_merges(tuple(word for word in words if word.isalpha()))
    pieces = list(_LETTERS) + [letter + "</w>" for letter in _LETTERS] + ["".join(pair) for pair in merges]
    vocabulary = {piece: number for number, piece in enumerate(dict.fromkeys([START, END, *pieces]))}
    folder.mkdir(parents=True, exist_ok=True)
    (folder / "vocab.json").write_text(json.dumps(vocabulary, ensure_ascii=False))
    (folder / "merges.txt").write_text("#version: 0.2\n" + "\n".join(" ".join(pair) for pair in merges) + "\n")
    ordered = [tuple(pair) for pair in merges]
    tokenizer = CLIPTokenizer(vocab=vocabulary, merges=ordered, model_max_length=MAX_TOKENS)
    tokenizer.add_tokens([AddedToken(word, single_word=True, normalized=True) for word in hyphened])
    tokenizer.save_pretrained(folder)
    return tokenizer


def read_tokenizer(folder: Path) -> CLIPTokenizer:
    """Return the tokenizer in `folder`."""
    return CLIPTokenizer.from_pretrained(folder)


def encode_captions(tokenizer: CLIPTokenizer, captions: list[str]):
    """Return (B, 80) token ids, as the pipelines make them."""
    return tokenizer(captions, padding="max_length", max_length=MAX_TOKENS, truncation=True, return_tensors="pt").input_ids
