"""The decoder sees exactly its window, steps as it reads, and matches Hugging Face."""

import hashlib
import json
from pathlib import Path

import pytest
import torch

from kqv_training.embedding import start_musically
from kqv_training.export import load_model
from kqv_training.fixtures import MODEL_FOLDER, TINY_SHAPE, write_tiny
from kqv_training.language import VOCABULARY_PATH, vocabulary
from kqv_training.model import Decoder, KeyValueCache, ModelShape

TOKENS = torch.randint(0, TINY_SHAPE.vocab_size, (2, 45), generator=torch.Generator().manual_seed(3))


@pytest.fixture(scope="module")
def tiny(tmp_path_factory: pytest.TempPathFactory) -> tuple[Decoder, Path]:
    folder = tmp_path_factory.mktemp("tiny")
    write_tiny("float16", folder)
    return load_model(folder), folder


@torch.no_grad()
def test_training_attention_equals_the_plain_formula_beyond_the_window(tiny: tuple[Decoder, Path]) -> None:
    model, _ = tiny
    assert torch.allclose(model(TOKENS), model.inspect(TOKENS)[0], atol=1e-4)


@torch.no_grad()
def test_steps_with_a_cache_equal_one_reading(tiny: tuple[Decoder, Path]) -> None:
    model, _ = tiny
    cache = KeyValueCache(model.shape)
    steps = [model.step(TOKENS[:, i], cache) for i in range(TOKENS.shape[1])]
    assert torch.allclose(torch.stack(steps, 1), model(TOKENS), atol=1e-4)


@torch.no_grad()
def test_attention_rows_sum_to_one_and_stay_in_the_window(tiny: tuple[Decoder, Path]) -> None:
    model, _ = tiny
    _, weights, _ = model.inspect(TOKENS)
    for layer in weights:
        assert torch.allclose(layer.sum(-1), torch.ones(()), atol=1e-5)
        query, key = 40, 40 - TINY_SHAPE.sliding_window
        assert layer[:, :, query, key].abs().max() == 0
        assert layer[:, :, query, key + 1].min() > 0


@torch.no_grad()
def test_the_export_matches_hugging_face(tiny: tuple[Decoder, Path]) -> None:
    transformers = pytest.importorskip("transformers")
    model, folder = tiny
    published = transformers.MistralForCausalLM.from_pretrained(folder, dtype=torch.float32, attn_implementation="eager")
    assert torch.allclose(published(TOKENS).logits, model(TOKENS), atol=1e-4)


def test_the_musical_start_puts_octaves_and_their_key_together() -> None:
    words = vocabulary()
    model = Decoder(ModelShape(vocab_size=words.size, num_hidden_layers=1))
    start_musically(model, 1, amplitude=10.0)
    rows = model.model.embed_tokens.weight
    key = rows[words.token("KEY", 9)]
    pitches = rows[words.token("PITCH", 0) : words.token("PITCH", 0) + 88]
    likest = (pitches @ key).topk(7).indices + words.pitch_min
    assert {int(pitch) % 12 for pitch in likest} == {9}


@torch.no_grad()
def test_the_shipped_model_passes_its_own_self_test() -> None:
    instrument = json.loads((MODEL_FOLDER / "instrument.json").read_text())
    model = load_model(MODEL_FOLDER)
    expected = instrument["selfTest"]
    values, best = model(torch.tensor([expected["tokens"]]))[0, -1].topk(5)
    assert best.tolist() == expected["top5"]
    assert torch.allclose(values, torch.tensor(expected["logits"]), atol=1e-3)
    assert hashlib.sha256((MODEL_FOLDER / "model.safetensors").read_bytes()).hexdigest() == instrument["sha256"]
    assert (MODEL_FOLDER / "vocabulary.json").read_text() == VOCABULARY_PATH.read_text()
