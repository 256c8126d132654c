"""Fixtures for the decoders of the application: what PyTorch computes in f32, for the shipped model and for a tiny one.

Run as `python -m kqv_training.fixtures`. The tiny model has grouped key-value heads and a window shorter than the text, in three
storages: f16 (tiny/), f32 (tiny-f32/) and bf16 (tiny-bf16/).
"""

from __future__ import annotations

import json
from pathlib import Path

import torch

from .export import composed_tokens, hugging_face_config, load_model, write_weights
from .model import Decoder, ModelShape

ROOT = Path(__file__).resolve().parents[2]
MODEL_FOLDER = ROOT / "static/models/kqv-small"
FIXTURE_FOLDER = ROOT / "tests/fixtures/decoder"

SHIPPED_TOKENS, SHIPPED_SEED, SHIPPED_LAST = 96, 2_000_001, 4
TINY_TOKENS, TINY_SEED = 40, 17
TINY_SHAPE = ModelShape(vocab_size=48, hidden_size=32, num_hidden_layers=2, num_attention_heads=4, num_key_value_heads=2,
                        head_dim=8, intermediate_size=64, sliding_window=16)


def rounded(values: torch.Tensor) -> list:
    """Nested lists of numbers with six decimals."""
    return torch.round(values.double(), decimals=6).tolist()


@torch.no_grad()
def shipped_fixture(model: Decoder) -> dict:
    """Logits [4][vocabulary] of the last positions; of the last query, attention [layers][heads][keys] and residual norms [layers]."""
    tokens = composed_tokens("house", SHIPPED_SEED, "drop", SHIPPED_TOKENS)
    logits, weights, residuals = model.inspect(torch.tensor([tokens]))
    return {
        "tokens": tokens,
        "logits": rounded(logits[0, -SHIPPED_LAST:]),
        "attention": [rounded(layer[0, :, -1]) for layer in weights],
        "residualNorms": [round(residual[0, -1].norm().item(), 6) for residual in residuals],
    }


@torch.no_grad()
def tiny_fixture(model: Decoder) -> dict:
    """Logits [tokens][vocabulary] and attention [layers][heads][query][keys 0..query], zero outside the window."""
    tokens = torch.randint(0, TINY_SHAPE.vocab_size, (1, TINY_TOKENS), generator=torch.Generator().manual_seed(TINY_SEED))
    logits, weights, residuals = model.inspect(tokens)
    attention = [
        [[rounded(head[query, : query + 1]) for query in range(TINY_TOKENS)] for head in layer[0]] for layer in weights
    ]
    return {
        "tokens": tokens[0].tolist(),
        "logits": rounded(logits[0]),
        "attention": attention,
        "residualNorms": [rounded(residual[0].norm(dim=-1)) for residual in residuals],
    }


def write_tiny(storage: str, folder: Path) -> None:
    """A tiny random model stored as `storage` ("float16", "float32" or "bfloat16"), with what it should compute."""
    torch.manual_seed(TINY_SEED)
    model = Decoder(TINY_SHAPE)
    with torch.no_grad():
        for parameter in model.parameters():
            parameter.copy_(1 + 0.2 * torch.randn_like(parameter) if parameter.dim() == 1 else 0.35 * torch.randn_like(parameter))
    folder.mkdir(parents=True, exist_ok=True)
    config = hugging_face_config(TINY_SHAPE, storage)
    (folder / "config.json").write_text(json.dumps(config, indent="\t") + "\n")
    write_weights(model, folder / "model.safetensors", getattr(torch, storage))
    (folder / "expected.json").write_text(json.dumps(tiny_fixture(load_model(folder))) + "\n")


def write_fixtures() -> None:
    """All fixtures of tests/fixtures/decoder."""
    FIXTURE_FOLDER.mkdir(parents=True, exist_ok=True)
    shipped = shipped_fixture(load_model(MODEL_FOLDER))
    (FIXTURE_FOLDER / "shipped.json").write_text(json.dumps(shipped) + "\n")
    for storage, name in (("float16", "tiny"), ("float32", "tiny-f32"), ("bfloat16", "tiny-bf16")):
        write_tiny(storage, FIXTURE_FOLDER / name)
    print(f"Fixtures written to {FIXTURE_FOLDER}.")


if __name__ == "__main__":
    write_fixtures()
