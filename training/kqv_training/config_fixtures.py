"""What `transformers` makes of config.json files in the styles of many years: tests/fixtures/decoder/configs.json.

Run as `python -m kqv_training.config_fixtures`; it needs `transformers`. Each case has the entries as a maker publishes them (with
fewer layers) and what they mean: for each layer the keys that a query sees (0: all) and the frequencies by which it turns, and the
factor on cosine and sine.
"""

from __future__ import annotations

import importlib
import json

import transformers
from transformers import AutoConfig

from .fixtures import FIXTURE_FOLDER

LLAMA = dict(model_type="llama", vocab_size=128256, hidden_size=2048, intermediate_size=8192, num_hidden_layers=4,
             num_attention_heads=32, num_key_value_heads=8, max_position_embeddings=131072, rms_norm_eps=1e-5, hidden_act="silu",
             tie_word_embeddings=True)
QWEN = dict(model_type="qwen2", vocab_size=151936, hidden_size=896, intermediate_size=4864, num_hidden_layers=4,
            num_attention_heads=14, num_key_value_heads=2, max_position_embeddings=32768, max_window_layers=2, rms_norm_eps=1e-6,
            rope_theta=1000000.0, sliding_window=4096, tie_word_embeddings=True)
GEMMA = dict(model_type="gemma3_text", vocab_size=262144, hidden_size=640, intermediate_size=2048, num_hidden_layers=6,
             num_attention_heads=4, num_key_value_heads=1, head_dim=256, max_position_embeddings=32768, rms_norm_eps=1e-6,
             query_pre_attn_scalar=256, sliding_window=512)

CASES: dict[str, dict] = {
    "Llama 2: no base, no scaling": LLAMA,
    "Llama 3.2: three bands": LLAMA | dict(rope_theta=500000.0, head_dim=64, rope_scaling=dict(
        factor=32.0, high_freq_factor=4.0, low_freq_factor=1.0, original_max_position_embeddings=8192, rope_type="llama3")),
    "Llama of 2023: linear scaling": LLAMA | dict(rope_scaling=dict(type="linear", factor=8.0)),
    "Llama: yarn as first published": LLAMA | dict(rope_scaling=dict(
        type="yarn", factor=16.0, original_max_position_embeddings=4096, finetuned=True)),
    "Llama: yarn with everything": LLAMA | dict(rope_parameters=dict(
        rope_type="yarn", rope_theta=20000.0, factor=8.0, original_max_position_embeddings=4096, beta_fast=16.0, beta_slow=2.0,
        attention_factor=1.25, truncate=False)),
    "Llama: yarn with two scales of magnitude": LLAMA | dict(rope_scaling=dict(
        rope_type="yarn", factor=40.0, original_max_position_embeddings=4096, mscale=1.0, mscale_all_dim=0.5)),
    "Llama: bands over the model's own positions": LLAMA | dict(rope_scaling=dict(
        rope_type="llama3", factor=4.0, high_freq_factor=4.0, low_freq_factor=1.0)),
    "Mistral 0.1": LLAMA | dict(model_type="mistral", sliding_window=4096, rope_theta=10000.0),
    "Mistral 0.2: no window": LLAMA | dict(model_type="mistral", sliding_window=None, rope_theta=1000000.0),
    "Mistral that does not mention its window": LLAMA | dict(model_type="mistral", rope_theta=1000000.0),
    "Phi-3 mini": LLAMA | dict(model_type="phi3", sliding_window=2047, rope_theta=10000.0, rope_scaling=None,
                               original_max_position_embeddings=4096),
    "Qwen2.5": QWEN | dict(use_sliding_window=False),
    "Qwen2.5 with its window": QWEN | dict(use_sliding_window=True),
    "Qwen2.5 for long texts": QWEN | dict(rope_scaling=dict(type="yarn", factor=4.0, original_max_position_embeddings=8192)),
    "Qwen3": QWEN | dict(model_type="qwen3", attention_bias=False, use_sliding_window=False, sliding_window=None),
    "Gemma-3 of 270 million": GEMMA | dict(rope_theta=1000000.0, rope_local_base_freq=10000.0, rope_scaling=None,
                                           _sliding_window_pattern=6),
    "Gemma-3, with scaling of the global layers": GEMMA | dict(
        rope_theta=1000000, rope_local_base_freq=10000, rope_scaling=dict(factor=8.0, rope_type="linear"), sliding_window_pattern=3),
    "Gemma-3 that leaves out what is usual": {key: GEMMA[key] for key in ("model_type", "hidden_size", "num_hidden_layers")},
    "Gemma-3 of Transformers 5": GEMMA | dict(
        layer_types=["full_attention"] + ["sliding_attention"] * 5,
        rope_parameters=dict(full_attention=dict(rope_type="linear", rope_theta=5000.0, factor=2.0),
                             sliding_attention=dict(rope_type="default", rope_theta=300.0))),
}


def meaning(entries: dict) -> dict:
    """The windows, frequencies and magnitudes that `transformers` reads out of a config.json."""
    config = AutoConfig.for_model(**json.loads(json.dumps(entries)))
    family = config.model_type.removesuffix("_text")
    module = importlib.import_module(f"transformers.models.{family}.modeling_{family}")
    rotary = getattr(module, f"{family.capitalize()}RotaryEmbedding")(config)
    types = getattr(config, "layer_types", None)
    window = getattr(config, "sliding_window", None) or 0
    layers = []
    for layer in range(config.num_hidden_layers):
        kind = f"{types[layer]}_" if family == "gemma3" else ""
        is_full = types is not None and types[layer] == "full_attention"
        frequencies = getattr(rotary, f"{kind}inv_freq").tolist()
        layers.append({
            "window": 0 if is_full else window,
            "magnitude": getattr(rotary, f"{kind}attention_scaling"),
            "frequencies": [float(f"{frequency:.8g}") for frequency in frequencies],
        })
    return {"layers": [layers[0], layers[-1]], "tied": bool(config.tie_word_embeddings)}


def write_config_fixtures() -> None:
    """One file with all cases."""
    transformers.utils.logging.set_verbosity_error()
    cases = [{"name": name, "config": entries, "meaning": meaning(entries)} for name, entries in CASES.items()]
    (FIXTURE_FOLDER / "configs.json").write_text(json.dumps(cases) + "\n")
    print(f"{len(cases)} configurations written to {FIXTURE_FOLDER / 'configs.json'}.")


if __name__ == "__main__":
    write_config_fixtures()
