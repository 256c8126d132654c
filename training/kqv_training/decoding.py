"""A decoder for sampling on the CPU: one token of every row at a step, keys and values in preallocated rings.

It computes what model.py computes, in f32 (bf16 was measured slower at these sizes). A step is bound by what it reads, so the
projections of a layer are fused, and attention with its single query is two plain batched products rather than
scaled_dot_product_attention.
"""

from __future__ import annotations

import numpy as np
import torch
import torch.nn.functional as functional
from torch import Tensor

from .model import Decoder, rotate


class StepDecoder:
    """A batch of sequences that stand at the same position, each with its own cache of the last `sliding_window` tokens."""

    def __init__(self, model: Decoder, batch: int) -> None:
        shape = model.shape
        self.shape, self.position = shape, 0
        self.embedding = model.model.embed_tokens.weight.detach()
        self.final_norm = model.model.norm.weight.detach()
        self.layers = []
        for block in model.model.layers:
            attention, feed = block.self_attn, block.mlp
            matrices = (
                torch.cat([attention.q_proj.weight, attention.k_proj.weight, attention.v_proj.weight]), attention.o_proj.weight,
                torch.cat([feed.gate_proj.weight, feed.up_proj.weight]), feed.down_proj.weight,
                block.input_layernorm.weight, block.post_attention_layernorm.weight,
            )
            self.layers.append(tuple(matrix.detach().contiguous() for matrix in matrices))
        size = (len(self.layers), batch, shape.num_key_value_heads, shape.sliding_window, shape.head_dim)
        self.keys, self.values = torch.zeros(size), torch.zeros(size)
        half = torch.arange(0, shape.head_dim, 2, dtype=torch.float64)
        self.frequencies = shape.rope_theta ** -(half / shape.head_dim)

    def keep(self, rows: np.ndarray) -> None:
        """Forgets all rows of the batch but these."""
        chosen = torch.from_numpy(np.asarray(rows, dtype=np.int64))
        self.keys, self.values = self.keys[:, chosen].clone(), self.values[:, chosen].clone()

    def _rotary(self) -> tuple[Tensor, Tensor]:
        """Cosines and sines [head_dim] of the present position, computed in f64 since a take may be long."""
        angles = self.position * self.frequencies
        angles = torch.cat((angles, angles))
        return angles.cos().float(), angles.sin().float()

    @torch.no_grad()
    def step(self, tokens: np.ndarray) -> np.ndarray:
        """Logits [batch, vocabulary] after one more token of every row, `tokens` [batch]."""
        shape, batch = self.shape, len(tokens)
        heads, groups = shape.num_key_value_heads, shape.num_attention_heads // shape.num_key_value_heads
        slot, filled = self.position % shape.sliding_window, min(self.position + 1, shape.sliding_window)
        cosine, sine = self._rotary()
        x = self.embedding[torch.from_numpy(np.asarray(tokens, dtype=np.int64))]
        for layer, (into, out, gate_up, down, first_norm, second_norm) in enumerate(self.layers):
            normed = functional.rms_norm(x, (shape.hidden_size,), first_norm, shape.rms_norm_eps)
            joined = functional.linear(normed, into).view(batch, -1, shape.head_dim)
            turned = rotate(joined[:, : shape.num_attention_heads + heads], cosine, sine)
            query = turned[:, : shape.num_attention_heads].reshape(batch, heads, groups, shape.head_dim)
            keys, values = self.keys[layer], self.values[layer]
            keys[:, :, slot] = turned[:, shape.num_attention_heads :]
            values[:, :, slot] = joined[:, shape.num_attention_heads + heads :]
            weights = query * shape.head_dim**-0.5 @ keys[:, :, :filled].transpose(-1, -2)
            mixed = weights.softmax(-1) @ values[:, :, :filled]
            x = x + functional.linear(mixed.reshape(batch, -1), out)
            normed = functional.rms_norm(x, (shape.hidden_size,), second_norm, shape.rms_norm_eps)
            gate, up = functional.linear(normed, gate_up).chunk(2, -1)
            x = x + functional.linear(functional.silu(gate) * up, down)
        self.position += 1
        normed = functional.rms_norm(x, (shape.hidden_size,), self.final_norm, shape.rms_norm_eps)
        return (normed @ self.embedding.T).numpy()
