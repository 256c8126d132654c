"""A musical start for the embedding: circles for pitch class and place in the bar, shared between keys and pitches.

A pitch begins as the Fourier features of its pitch class plus those of its height, a key as the features of its tonic, a position as
those of its step. With tied embeddings, "which pitches belong to this key" is then a linear map for all twelve keys at once, which
a small model finds in minutes instead of hours. Training is free to move everything.
"""

from __future__ import annotations

import math

import torch
from torch import Tensor

from .language import vocabulary
from .model import Decoder

PITCH_CLASS_HARMONICS = (1, 2, 3, 4, 5, 6)
HEIGHT_HARMONICS = (0.5, 1, 1.5, 2)
POSITION_HARMONICS = (1, 2, 3, 4, 6, 8, 12, 16)


def circle(values: Tensor, period: float, harmonics: tuple[float, ...]) -> Tensor:
    """Unit rows [values, 2 x harmonics] of cosines and sines around a circle of `period`."""
    angles = 2 * math.pi * values[:, None] * torch.tensor(harmonics) / period
    features = torch.cat((angles.cos(), angles.sin()), -1)
    return features / features.norm(dim=-1, keepdim=True)


@torch.no_grad()
def start_musically(model: Decoder, seed: int, amplitude: float = 0.3) -> None:
    """Adds the features, of norm `amplitude` each, to the random embedding, along random orthogonal directions."""
    words = vocabulary()
    embedding = model.model.embed_tokens.weight
    generator = torch.Generator().manual_seed(seed)
    square = torch.randn(embedding.shape[1], embedding.shape[1], generator=generator)
    directions = torch.linalg.qr(square).Q
    sizes = [2 * len(h) for h in (PITCH_CLASS_HARMONICS, HEIGHT_HARMONICS, POSITION_HARMONICS)]
    by_class, by_height, by_position = directions[: sum(sizes)].split(sizes)

    def rows(family: str) -> slice:
        return slice(words.start[family], words.start[family] + words.count[family])

    pitches = torch.arange(words.count["PITCH"]) + float(words.pitch_min)
    embedding[rows("PITCH")] += amplitude * circle(pitches, 12, PITCH_CLASS_HARMONICS) @ by_class
    embedding[rows("PITCH")] += amplitude * circle(pitches, 96, HEIGHT_HARMONICS) @ by_height
    embedding[rows("KEY")] += amplitude * circle(torch.arange(12.0), 12, PITCH_CLASS_HARMONICS) @ by_class
    positions = torch.arange(float(words.count["POS"]))
    embedding[rows("POS")] += amplitude * circle(positions, words.count["POS"], POSITION_HARMONICS) @ by_position
