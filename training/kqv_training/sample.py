"""Sampling under the grammar: many streams at once, controls forced in every bar's head, densities forced on request."""

from __future__ import annotations

from typing import Sequence

import numpy as np
import torch

from .grammar import GrammarWalk
from .language import COMPOSED_TRACKS, Controls, encode_controls, vocabulary
from .model import Decoder, KeyValueCache

#: For every stream and bar: the density level of each composed track, or None to let the model choose.
Densities = Sequence[Sequence[Sequence[int] | None]]


@torch.no_grad()
def sample_bars(model: Decoder, controls: Sequence[Controls], bars: int, seed: int,
                densities: Densities | None = None, prompts: Sequence[list[list[int]]] | None = None) -> list[list[int]]:
    """`bars` whole bars for every stream, as tokens at temperature 1; one stream for each entry of `controls`.

    `prompts` are bars (as token lists) that each stream reads first and that are not returned.
    """
    words = vocabulary()
    streams = len(controls)
    heads = [encode_controls(one) for one in controls]
    walk, cache = GrammarWalk(streams), KeyValueCache(model.shape)
    generator = torch.Generator().manual_seed(seed)
    forced: list[list[int]] = [head[:] for head in heads]
    bars_begun = np.zeros(streams, dtype=int)
    for row, prompt in enumerate(prompts or []):
        forced[row] = [token for bar in prompt for token in bar] + forced[row]
        bars_begun[row] = -len(prompt)
    written: list[list[int]] = [[] for _ in range(streams)]
    bar_token, guest = words.token("BAR"), words.token("TRACK", words.tracks.index("guest"))
    logits = torch.zeros(streams, words.size)
    while (bars_begun <= bars).any():
        mask = walk.admitted()
        mask[:, guest] = False
        shaped = logits.masked_fill(~torch.from_numpy(mask), float("-inf"))
        drawn = torch.multinomial(shaped.softmax(-1), 1, generator=generator)[:, 0].numpy()
        for row in range(streams):
            if forced[row]:
                drawn[row] = forced[row].pop(0)
            elif drawn[row] == bar_token:
                forced[row] = heads[row][1:]
            token = int(drawn[row])
            if token == bar_token:
                bars_begun[row] += 1
            asked = densities[row][min(bars_begun[row], bars) - 1] if densities else None
            if asked and words.family_of[token] == "TRACK":
                level = asked[COMPOSED_TRACKS.index(words.tracks[words.value(token)])]
                forced[row] = [words.token("DENSITY", level)]
            if 1 <= bars_begun[row] <= bars:
                written[row].append(token)
        walk.advance(drawn)
        logits = model.step(torch.from_numpy(drawn), cache)
    return written
