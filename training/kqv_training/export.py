"""The shipped model folder: config.json, model.safetensors (f16, Hugging Face names), vocabulary.json, instrument.json."""

from __future__ import annotations

import hashlib
import json
import shutil
from dataclasses import asdict
from pathlib import Path

import torch
from safetensors.torch import load_file, save_file

from .composer.song import compose_song
from .language import VOCABULARY_PATH, encode_bar, vocabulary
from .model import Decoder, ModelShape

#: The self-test sequence: the beginning of a composed house drop that training never saw.
SELF_TEST_SEED, SELF_TEST_TOKENS = 2_000_000, 48


def composed_tokens(style: str, seed: int, section: str, count: int) -> list[int]:
    """The first `count` tokens from the first bar of `section` of a composed song that has one."""
    index = vocabulary().sections.index(section)
    while True:
        bars = [bar for bar in compose_song(seed, style) if bar.controls.section == index]
        tokens = [token for bar in bars for token in encode_bar(bar)]
        if len(tokens) >= count:
            return tokens[:count]
        seed += 1


def hugging_face_config(shape: ModelShape, dtype: str = "float16") -> dict:
    """config.json as MistralForCausalLM reads it."""
    return {
        "architectures": ["MistralForCausalLM"],
        "model_type": "mistral",
        **asdict(shape),
        "hidden_act": "silu",
        "max_position_embeddings": 32768,
        "attention_dropout": 0.0,
        "initializer_range": 0.02,
        "tie_word_embeddings": True,
        "use_cache": True,
        "bos_token_id": None,
        "eos_token_id": None,
        "torch_dtype": dtype,
    }


def write_weights(model: Decoder, path: Path, dtype: torch.dtype = torch.float16) -> None:
    """model.safetensors in the given storage; refuses weights that f16 cannot hold."""
    tensors = {name: tensor.detach().to(dtype).contiguous() for name, tensor in model.state_dict().items()}
    for name, tensor in tensors.items():
        if not torch.isfinite(tensor).all():
            raise ValueError(f"{name} has values that {dtype} cannot hold; train with a lower learning rate.")
    save_file(tensors, path, metadata={"format": "pt"})
    path.chmod(0o644)


def load_model(folder: Path) -> Decoder:
    """The model of a folder in f32, its weights as stored (rounded to f16)."""
    config = json.loads((folder / "config.json").read_text())
    fields = ModelShape.__dataclass_fields__
    model = Decoder(ModelShape(**{name: config[name] for name in fields}))
    model.load_state_dict({name: tensor.float() for name, tensor in load_file(folder / "model.safetensors").items()})
    return model.eval()


@torch.no_grad()
def self_test(model: Decoder) -> dict:
    """Tokens, and the five likeliest next tokens with their logits, best first."""
    tokens = composed_tokens("house", SELF_TEST_SEED, "drop", SELF_TEST_TOKENS)
    logits = model(torch.tensor([tokens]))[0, -1]
    values, best = logits.topk(5)
    return {"tokens": tokens, "top5": best.tolist(), "logits": [round(value, 6) for value in values.tolist()]}


def export_model(model: Decoder, name: str, styles: list[str], folder: Path) -> dict:
    """Writes the folder and returns the content of instrument.json."""
    folder.mkdir(parents=True, exist_ok=True)
    (folder / "config.json").write_text(json.dumps(hugging_face_config(model.shape), indent="\t") + "\n")
    weights = folder / "model.safetensors"
    write_weights(model, weights)
    shutil.copyfile(VOCABULARY_PATH, folder / "vocabulary.json")
    shipped = load_model(folder)
    instrument = {
        "name": name,
        "parameters": sum(parameter.numel() for parameter in shipped.parameters()),
        "styles": styles,
        "window": model.shape.sliding_window,
        "sha256": hashlib.sha256(weights.read_bytes()).hexdigest(),
        "bytes": weights.stat().st_size,
        "selfTest": self_test(shipped),
    }
    (folder / "instrument.json").write_text(json.dumps(instrument, indent="\t") + "\n")
    return instrument
