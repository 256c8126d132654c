"""Fixtures of the model families: tiny random models as `transformers` saves them, and what it computes with them.

Run as `python -m kqv_training.family_fixtures`; it needs `transformers`. Each model goes to tests/fixtures/decoder/<family> with
its config.json, its safetensors and an expected.json: logits and attention of a prompt (f32, on the CPU, eager attention) and the 256
tokens that greedy decoding appends. Weights are drawn so that f16 holds each exactly, and so that at every greedy step the best
token leads by GREEDY_MARGIN: no engine's rounding decides a token.
"""

from __future__ import annotations

import json
from dataclasses import dataclass

import torch
import transformers
from torch import nn
from transformers import AutoModelForCausalLM, PreTrainedConfig, PreTrainedModel

from .fixtures import FIXTURE_FOLDER, rounded

PROMPT_TOKENS, PROMPT_SEED = 40, 29
LAST_LOGITS = 4
QUERIES = (0, 3, 21, PROMPT_TOKENS - 1)
GREEDY_TOKENS, GREEDY_MARGIN = 256, 2e-3
FEWEST_DISTINCT = 20
SMALLEST_WEIGHT = 2.0**-13
VOCABULARY = 97

SIZES = dict(vocab_size=VOCABULARY, hidden_size=32, intermediate_size=48, num_hidden_layers=2, num_attention_heads=4,
             num_key_value_heads=2, max_position_embeddings=512, bos_token_id=1, eos_token_id=2, pad_token_id=0)


@dataclass(frozen=True)
class Family:
    """What is special about a fixture: its configuration, how it is stored, and how its random weights are scaled."""

    config: PreTrainedConfig
    storage: torch.dtype = torch.bfloat16
    shard_bytes: str = "1MB"
    embedding_size: float = 0.3
    final_norm_gain: float = 1.5


def families() -> dict[str, Family]:
    """Every fixture by the name of its folder."""
    return {
        "gpt2": Family(
            transformers.GPT2Config(vocab_size=VOCABULARY, n_positions=300, n_embd=32, n_layer=2, n_head=4, n_inner=48,
                                    bos_token_id=1, eos_token_id=2),
            storage=torch.float32,
            embedding_size=0.08,
            final_norm_gain=8,
        ),
        "llama": Family(llama_config(), storage=torch.float32),
        "llama-sharded": Family(llama_config(attention_bias=True, mlp_bias=True), shard_bytes="20KB"),
        "gemma3": Family(
            transformers.Gemma3TextConfig(
                **SIZES | dict(num_hidden_layers=3), head_dim=16, sliding_window=12, query_pre_attn_scalar=24,
                layer_types=["sliding_attention", "sliding_attention", "full_attention"],
                rope_parameters={
                    "sliding_attention": {"rope_type": "default", "rope_theta": 100.0},
                    "full_attention": {"rope_type": "linear", "rope_theta": 1000.0, "factor": 4.0},
                },
            ),
            embedding_size=0.03,
            final_norm_gain=15,
        ),
        "phi3": Family(
            transformers.Phi3Config(**SIZES, original_max_position_embeddings=512, sliding_window=20),
            storage=torch.float16,
        ),
        "qwen2": Family(
            transformers.Qwen2Config(
                **SIZES, use_sliding_window=True, sliding_window=14, max_window_layers=1, tie_word_embeddings=True,
                rope_parameters={"rope_type": "yarn", "rope_theta": 100.0, "factor": 4.0, "original_max_position_embeddings": 32,
                                 "beta_fast": 4.0, "beta_slow": 1.0},
            ),
            embedding_size=0.15,
            final_norm_gain=4,
        ),
        "qwen3": Family(
            transformers.Qwen3Config(**SIZES, head_dim=16, hidden_act="gelu", tie_word_embeddings=True),
            embedding_size=0.15,
            final_norm_gain=4,
        ),
    }


def llama_config(**more: object) -> PreTrainedConfig:
    """Heads wider than the residual stream's share, and Llama-3 scaling with frequencies in each of its three bands."""
    return transformers.LlamaConfig(
        **SIZES, head_dim=16, tie_word_embeddings=False,
        rope_parameters={"rope_type": "llama3", "rope_theta": 500.0, "factor": 4.0, "low_freq_factor": 1.0,
                         "high_freq_factor": 4.0, "original_max_position_embeddings": 64},
        **more,
    )


@torch.no_grad()
def random_model(family: Family, seed: int) -> PreTrainedModel:
    """A model whose attention and logits are far from uniform, so that mistakes show; f16 holds each weight exactly."""
    torch.manual_seed(seed)
    model = AutoModelForCausalLM.from_config(family.config, dtype=torch.float32)
    added_to_one = "gemma" in family.config.model_type
    for name, parameter in model.named_parameters():
        noise = torch.randn_like(parameter)
        if name.endswith("bias"):
            values = 0.3 * noise
        elif parameter.dim() == 1:
            is_final = name.endswith(("model.norm.weight", "ln_f.weight"))
            values = (family.final_norm_gain if is_final else 1) * (1 + 0.2 * noise) - (1 if added_to_one else 0)
        elif isinstance(model.get_submodule(name.rpartition(".")[0]), nn.Embedding) or "lm_head" in name:
            values = family.embedding_size * noise
        else:
            fan_in = parameter.shape[0] if family.config.model_type == "gpt2" else parameter.shape[1]
            values = 1.4 * fan_in**-0.5 * noise
        values = torch.where(values.abs() < SMALLEST_WEIGHT, SMALLEST_WEIGHT, values)
        stored = torch.float16 if family.storage == torch.float32 else family.storage
        parameter.copy_(values.to(stored))
    return model.to(family.storage)


@torch.no_grad()
def greedy(model: PreTrainedModel, tokens: list[int]) -> list[int] | None:
    """What follows `tokens`; None where a step is too close to call."""
    following: list[int] = []
    fed, cache = tokens, None
    for _ in range(GREEDY_TOKENS):
        result = model(torch.tensor([fed]), past_key_values=cache, use_cache=True)
        best = torch.topk(result.logits[0, -1], 2)
        if best.values[0] - best.values[1] < GREEDY_MARGIN:
            return None
        fed, cache = [best.indices[0].item()], result.past_key_values
        following += fed
    return following


@torch.no_grad()
def is_what_the_whole_text_gives(model: PreTrainedModel, tokens: list[int], following: list[int]) -> bool:
    """Whether one pass over the whole text, without a cache, agrees at every step, with half the margin at least."""
    logits = model(torch.tensor([tokens + following]), use_cache=False).logits[0, len(tokens) - 1 : -1]
    best = torch.topk(logits, 2)
    leads = best.values[:, 0] - best.values[:, 1]
    return best.indices[:, 0].tolist() == following and leads.min().item() > GREEDY_MARGIN / 2


@torch.no_grad()
def expectation(model: PreTrainedModel, tokens: list[int], following: list[int]) -> dict:
    """Logits [last positions][vocabulary], attention of some queries [layers][heads][keys], residual norms [layers][positions]."""
    norms: list[list[float]] = []
    decoder = model.get_decoder() if model.config.model_type != "gpt2" else model.transformer
    hooks = [
        layer.register_forward_hook(
            lambda _, __, output: norms.append(rounded((output[0] if isinstance(output, tuple) else output)[0].norm(dim=-1)))
        )
        for layer in (decoder.layers if hasattr(decoder, "layers") else decoder.h)
    ]
    result = model(torch.tensor([tokens]), output_attentions=True, use_cache=False)
    for hook in hooks:
        hook.remove()
    return {
        "tokens": tokens,
        "logits": rounded(result.logits[0, -LAST_LOGITS:]),
        "attention": [
            {"query": query, "weights": [rounded(layer[0, :, query, : query + 1]) for layer in result.attentions]}
            for query in QUERIES
        ],
        "residualNorms": norms,
        "greedy": following,
    }


def write_family(name: str, family: Family) -> None:
    """Looks for a seed whose greedy text is lively and clear at every step, and writes that model with what it computes."""
    folder = FIXTURE_FOLDER / name
    folder.mkdir(parents=True, exist_ok=True)
    tokens = torch.randint(0, VOCABULARY, (PROMPT_TOKENS,), generator=torch.Generator().manual_seed(PROMPT_SEED)).tolist()
    for seed in range(1000):
        for old in folder.iterdir():
            old.unlink()
        random_model(family, seed).save_pretrained(folder, max_shard_size=family.shard_bytes)
        (folder / "generation_config.json").unlink(missing_ok=True)
        model = AutoModelForCausalLM.from_pretrained(folder, dtype=torch.float32, attn_implementation="eager").eval()
        following = greedy(model, tokens)
        if following is None or len(set(following[GREEDY_TOKENS // 2 :])) < FEWEST_DISTINCT:
            continue
        if not is_what_the_whole_text_gives(model, tokens, following):
            continue
        (folder / "expected.json").write_text(json.dumps(expectation(model, tokens, following)) + "\n")
        for file in folder.iterdir():
            file.chmod(0o644)
        size = sum(file.stat().st_size for file in folder.iterdir())
        print(f"{name}: seed {seed}, {len(set(following))} different tokens of {GREEDY_TOKENS}, {size / 1000:.0f} kB")
        return
    raise SystemExit(f"No seed gives {name} a greedy text that is clear at every step: change the scale of its weights.")


def write_family_fixtures() -> None:
    """All families of tests/fixtures/decoder."""
    torch.set_num_threads(1)
    transformers.utils.logging.set_verbosity_error()
    transformers.utils.logging.disable_progress_bar()
    for name, family in families().items():
        write_family(name, family)


if __name__ == "__main__":
    write_family_fixtures()
