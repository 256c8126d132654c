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


#: Tokens that a sequence can take back, nearly any bar: its ring of keys and values is longer than the window by so many.
MOST_TAKEN_BACK = 256


class StepDecoder:
    """A batch of sequences, each at its own position with a ring of its own, and able to take back its last few tokens."""

    def __init__(self, model: Decoder, batch: int) -> None:
        shape = model.shape
        self.shape, self.positions = shape, torch.zeros(batch, dtype=torch.int64)
        self.slots = shape.sliding_window + MOST_TAKEN_BACK
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
        size = (len(self.layers), batch, shape.num_key_value_heads, self.slots, shape.head_dim)
        self.keys, self.values = torch.zeros(size), torch.zeros(size)
        half = torch.arange(0, shape.head_dim, 2, dtype=torch.float64)
        self.frequencies = shape.rope_theta ** -(half / shape.head_dim)

    def keep(self, rows: np.ndarray) -> None:
        """Forgets all rows of the batch but these."""
        chosen = torch.from_numpy(np.asarray(rows, dtype=np.int64))
        self.keys, self.values = self.keys[:, chosen].clone(), self.values[:, chosen].clone()
        self.positions = self.positions[chosen]

    def take_back(self, row: int, count: int) -> None:
        """Forgets the last `count` tokens of a row; a ValueError when they are more than its ring can give back."""
        if not 0 <= count <= min(MOST_TAKEN_BACK, int(self.positions[row])):
            raise ValueError(f"{count} tokens cannot be taken back; {MOST_TAKEN_BACK} is the most, and no more than were read.")
        self.positions[row] -= count

    def _rotary(self) -> tuple[Tensor, Tensor]:
        """Cosines and sines [batch, 1, head_dim] of the present positions, computed in f64 since a take may be long."""
        angles = self.positions[:, None] * self.frequencies
        angles = torch.cat((angles, angles), 1)[:, None]
        return angles.cos().float(), angles.sin().float()

    def _unseen(self, filled: int) -> Tensor:
        """What attention adds to the scores of the ring's first slots, [batch, 1, 1, filled]: -inf where one holds no token in sight."""
        ages = (self.positions[:, None] - torch.arange(filled)) % self.slots
        in_sight = ages < (self.positions + 1).clamp(max=self.shape.sliding_window)[:, None]
        return torch.zeros(ages.shape).masked_fill_(~in_sight, -torch.inf)[:, None, None]

    @torch.no_grad()
    def step(self, tokens: np.ndarray) -> np.ndarray:
        """Logits [batch, vocabulary] after one more token of every row, `tokens` [batch]."""
        shape, batch = self.shape, len(tokens)
        heads, groups = shape.num_key_value_heads, shape.num_attention_heads // shape.num_key_value_heads
        rows, slots = torch.arange(batch), self.positions % self.slots
        filled = min(int(self.positions.max()) + 1, self.slots)
        (cosine, sine), unseen = self._rotary(), self._unseen(filled)
        x = self.embedding[torch.from_numpy(np.asarray(tokens, dtype=np.int64))]
        for layer, (into, out, gate_up, down, first_norm, second_norm) in enumerate(self.layers):
            normed = functional.rms_norm(x, (shape.hidden_size,), first_norm, shape.rms_norm_eps)
            joined = functional.linear(normed, into).view(batch, -1, shape.head_dim)
            turned = rotate(joined[:, : shape.num_attention_heads + heads], cosine, sine)
            query = turned[:, : shape.num_attention_heads].reshape(batch, heads, groups, shape.head_dim)
            keys, values = self.keys[layer], self.values[layer]
            keys[rows, :, slots] = turned[:, shape.num_attention_heads :]
            values[rows, :, slots] = joined[:, shape.num_attention_heads + heads :]
            weights = query * shape.head_dim**-0.5 @ keys[:, :, :filled].transpose(-1, -2)
            mixed = (weights + unseen).softmax(-1) @ values[:, :, :filled]
            x = x + functional.linear(mixed.reshape(batch, -1), out)
            normed = functional.rms_norm(x, (shape.hidden_size,), second_norm, shape.rms_norm_eps)
            gate, up = functional.linear(normed, gate_up).chunk(2, -1)
            x = x + functional.linear(functional.silu(gate) * up, down)
        self.positions += 1
        normed = functional.rms_norm(x, (shape.hidden_size,), self.final_norm, shape.rms_norm_eps)
        return (normed @ self.embedding.T).numpy()
