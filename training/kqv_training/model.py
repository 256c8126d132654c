"""The decoder in PyTorch, computed exactly as Hugging Face's MistralForCausalLM does.

RMSNorm, rotary positions (rotate-half, theta 10000), grouped key-value heads, SwiGLU, no biases, tied embeddings. Query i sees key j
iff 0 <= i - j < sliding_window. Parameter names are those of the published safetensors layout.
"""

from __future__ import annotations

from dataclasses import dataclass

import torch
import torch.nn.functional as functional
from torch import Tensor, nn


@dataclass(frozen=True)
class ModelShape:
    """The sizes of a decoder; `sliding_window` in tokens."""

    vocab_size: int
    hidden_size: int = 192
    num_hidden_layers: int = 6
    num_attention_heads: int = 6
    num_key_value_heads: int = 6
    head_dim: int = 32
    intermediate_size: int = 512
    sliding_window: int = 768
    rms_norm_eps: float = 1e-5
    rope_theta: float = 10000.0


class RMSNorm(nn.Module):
    """x / sqrt(mean(x^2) + eps) * weight, the mean in f32."""

    def __init__(self, size: int, eps: float) -> None:
        super().__init__()
        self.weight = nn.Parameter(torch.ones(size))
        self.eps = eps

    def forward(self, x: Tensor) -> Tensor:
        wide = x.float()
        normed = wide * torch.rsqrt(wide.pow(2).mean(-1, keepdim=True) + self.eps)
        return self.weight * normed.to(x.dtype)


def rotary_tables(shape: ModelShape, first: int, count: int) -> tuple[Tensor, Tensor]:
    """Cosines and sines [count, head_dim] of the positions first .. first + count - 1."""
    half = torch.arange(0, shape.head_dim, 2, dtype=torch.float32)
    frequencies = 1.0 / (shape.rope_theta ** (half / shape.head_dim))
    angles = torch.arange(first, first + count, dtype=torch.float32)[:, None] * frequencies
    angles = torch.cat((angles, angles), -1)
    return angles.cos(), angles.sin()


def rotate(x: Tensor, cosine: Tensor, sine: Tensor) -> Tensor:
    """Rotary embedding of x [batch, heads, tokens, head_dim] in the rotate-half form."""
    low, high = x.chunk(2, -1)
    return x * cosine + torch.cat((-high, low), -1) * sine


def windowed_attention(query: Tensor, key: Tensor, value: Tensor, window: int) -> Tensor:
    """Attention of whole sequences [batch, heads, tokens, head_dim] where query i sees keys i - window + 1 .. i.

    The first `window` queries are plainly causal; later ones go in blocks that touch only the keys they can see.
    """
    attend = functional.scaled_dot_product_attention
    count = query.shape[2]
    parts = [attend(query[:, :, :window], key[:, :, :window], value[:, :, :window], is_causal=True)]
    block = max(1, window // 3)
    for first in range(window, count, block):
        last = min(first + block, count)
        oldest = first - window + 1
        distance = torch.arange(first, last, device=query.device)[:, None] - torch.arange(oldest, last, device=query.device)[None]
        visible = (distance >= 0) & (distance < window)
        seen = slice(oldest, last)
        parts.append(attend(query[:, :, first:last], key[:, :, seen], value[:, :, seen], attn_mask=visible))
    return torch.cat(parts, 2)


class Attention(nn.Module):
    """Causal sliding-window attention with grouped key-value heads."""

    def __init__(self, shape: ModelShape) -> None:
        super().__init__()
        self.shape = shape
        queries = shape.num_attention_heads * shape.head_dim
        keys = shape.num_key_value_heads * shape.head_dim
        self.q_proj = nn.Linear(shape.hidden_size, queries, bias=False)
        self.k_proj = nn.Linear(shape.hidden_size, keys, bias=False)
        self.v_proj = nn.Linear(shape.hidden_size, keys, bias=False)
        self.o_proj = nn.Linear(queries, shape.hidden_size, bias=False)

    def _heads(self, x: Tensor, count: int) -> Tensor:
        return x.unflatten(-1, (count, self.shape.head_dim)).transpose(1, 2)

    def forward(
        self,
        x: Tensor,
        rotary: tuple[Tensor, Tensor],
        cache: KeyValueCache | None = None,
        mask: Tensor | None = None,
        weights_out: list[Tensor] | None = None,
    ) -> Tensor:
        shape = self.shape
        query = rotate(self._heads(self.q_proj(x), shape.num_attention_heads), *rotary)
        key = rotate(self._heads(self.k_proj(x), shape.num_key_value_heads), *rotary)
        value = self._heads(self.v_proj(x), shape.num_key_value_heads)
        if cache is not None:
            key, value = cache.append(self, key, value)
        groups = shape.num_attention_heads // shape.num_key_value_heads
        if groups > 1:
            key, value = key.repeat_interleave(groups, 1), value.repeat_interleave(groups, 1)
        if weights_out is not None:
            scores = query @ key.transpose(-1, -2) * shape.head_dim**-0.5
            weights = scores.masked_fill(~mask, float("-inf")).softmax(-1)
            weights_out.append(weights)
            mixed = weights @ value
        elif cache is not None:
            mixed = functional.scaled_dot_product_attention(query, key, value)
        else:
            mixed = windowed_attention(query, key, value, shape.sliding_window)
        return self.o_proj(mixed.transpose(1, 2).flatten(-2))


class KeyValueCache:
    """Keys and values of the last `sliding_window` tokens of each layer, in a ring.

    Keys carry their rotation, so their order in the ring does not matter to a query that sees all of them.
    """

    def __init__(self, shape: ModelShape) -> None:
        self.window = shape.sliding_window
        self.position = 0
        self.rings: dict[Attention, tuple[Tensor, Tensor]] = {}

    def append(self, layer: Attention, key: Tensor, value: Tensor) -> tuple[Tensor, Tensor]:
        """Stores one token's key and value; returns all visible ones, [batch, heads, <= window, head_dim]."""
        if layer not in self.rings:
            batch, heads, _, size = key.shape
            self.rings[layer] = (key.new_zeros(batch, heads, self.window, size), value.new_zeros(batch, heads, self.window, size))
        keys, values = self.rings[layer]
        slot, filled = self.position % self.window, min(self.position + 1, self.window)
        keys[:, :, slot], values[:, :, slot] = key[:, :, 0], value[:, :, 0]
        return keys[:, :, :filled], values[:, :, :filled]


class FeedForward(nn.Module):
    """SwiGLU: down(silu(gate(x)) * up(x))."""

    def __init__(self, shape: ModelShape) -> None:
        super().__init__()
        self.gate_proj = nn.Linear(shape.hidden_size, shape.intermediate_size, bias=False)
        self.up_proj = nn.Linear(shape.hidden_size, shape.intermediate_size, bias=False)
        self.down_proj = nn.Linear(shape.intermediate_size, shape.hidden_size, bias=False)

    def forward(self, x: Tensor) -> Tensor:
        return self.down_proj(functional.silu(self.gate_proj(x)) * self.up_proj(x))


class Block(nn.Module):
    """One layer: residual + attention(norm), then residual + feed-forward(norm)."""

    def __init__(self, shape: ModelShape) -> None:
        super().__init__()
        self.input_layernorm = RMSNorm(shape.hidden_size, shape.rms_norm_eps)
        self.self_attn = Attention(shape)
        self.post_attention_layernorm = RMSNorm(shape.hidden_size, shape.rms_norm_eps)
        self.mlp = FeedForward(shape)

    def forward(self, x: Tensor, rotary, cache=None, mask=None, weights_out=None) -> Tensor:
        x = x + self.self_attn(self.input_layernorm(x), rotary, cache, mask, weights_out)
        return x + self.mlp(self.post_attention_layernorm(x))


class Trunk(nn.Module):
    """Embedding, layers and final norm, under the names of the published layout."""

    def __init__(self, shape: ModelShape) -> None:
        super().__init__()
        self.embed_tokens = nn.Embedding(shape.vocab_size, shape.hidden_size)
        self.layers = nn.ModuleList(Block(shape) for _ in range(shape.num_hidden_layers))
        self.norm = RMSNorm(shape.hidden_size, shape.rms_norm_eps)


class Decoder(nn.Module):
    """The whole model; logits are hidden states times the embedding, transposed."""

    def __init__(self, shape: ModelShape) -> None:
        super().__init__()
        self.shape = shape
        self.model = Trunk(shape)
        for name, parameter in self.named_parameters():
            if parameter.dim() < 2:
                continue
            deep = name.endswith(("o_proj.weight", "down_proj.weight"))
            scale = (2 * shape.num_hidden_layers) ** -0.5 if deep else 1.0
            nn.init.normal_(parameter, std=0.02 * scale)

    def forward(self, tokens: Tensor) -> Tensor:
        """Logits [batch, tokens, vocabulary] of whole sequences that begin at position 0."""
        count = tokens.shape[1]
        x = self.model.embed_tokens(tokens)
        if torch.is_autocast_enabled(x.device.type):
            x = x.bfloat16()
        rotary = tuple(table.to(x) for table in rotary_tables(self.shape, 0, count))
        for layer in self.model.layers:
            x = layer(x, rotary)
        return self.model.norm(x) @ self.model.embed_tokens.weight.T

    def step(self, tokens: Tensor, cache: KeyValueCache) -> Tensor:
        """Logits [batch, vocabulary] after one more token of every sequence, tokens [batch]."""
        rotary = rotary_tables(self.shape, cache.position, 1)
        x = self.model.embed_tokens(tokens)[:, None]
        for layer in self.model.layers:
            x = layer(x, rotary, cache=cache)
        cache.position += 1
        return (self.model.norm(x) @ self.model.embed_tokens.weight.T)[:, 0]

    def inspect(self, tokens: Tensor) -> tuple[Tensor, list[Tensor], list[Tensor]]:
        """Logits, attention weights per layer [batch, heads, queries, keys], residual after each block."""
        count = tokens.shape[1]
        distance = torch.arange(count)[:, None] - torch.arange(count)[None]
        mask = (distance >= 0) & (distance < self.shape.sliding_window)
        rotary = rotary_tables(self.shape, 0, count)
        x = self.model.embed_tokens(tokens)
        weights: list[Tensor] = []
        residuals: list[Tensor] = []
        for layer in self.model.layers:
            x = layer(x, rotary, mask=mask, weights_out=weights)
            residuals.append(x)
        return self.model.norm(x) @ self.model.embed_tokens.weight.T, weights, residuals
