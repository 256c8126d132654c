"""Is it valid? How often the model, left without the mask, chooses a token that the grammar refuses.

It writes everything itself, heads of bars included, after a held-out prompt; a refused token is counted and another is drawn under the mask.
"""

from __future__ import annotations

from dataclasses import replace
from typing import Sequence

from ..composer.styles import COMPOSED_STYLES
from ..language import CONTROL_FAMILIES, parse_bars
from ..openings import opening
from ..drawing import AS_PLAYED, RAW, Sampling
from ..sample import Take, TakeRequest

AIM = 0.001

#: The application's temperature, top-p and min-p without its biases, and the model's own distribution.
SETTINGS: dict[str, Sampling] = {"asPlayed": replace(AS_PLAYED, scale_lock=0.0, silence_penalty=0.0), "raw": RAW}


def free_requests(streams: int, bars: int) -> list[TakeRequest]:
    """Takes without the mask, half of them with each of the two settings, from the openings in turn."""
    nothing = [(None,) * len(CONTROL_FAMILIES)] * bars
    return [
        TakeRequest(nothing, sampling, 50_000 + 100 * number + i, tuple(opening(COMPOSED_STYLES[i % len(COMPOSED_STYLES)])["tokens"]),
                    masked=False)
        for number, sampling in enumerate(SETTINGS.values()) for i in range(streams // 2)
    ]


def answer(takes: Sequence[Take]) -> dict:
    """The result of the question, takes in the order of `free_requests`."""
    half = len(takes) // 2
    result: dict = {}
    for name, rows in zip(SETTINGS, (takes[:half], takes[half:])):
        drawn, refused = sum(take.drawn for take in rows), sum(take.refused for take in rows)
        result[name] = {"tokens": drawn, "refused": refused, "share": refused / max(1, drawn),
                        "bars": sum(len(parse_bars(take.tokens)) for take in rows)}
    return result | {"masked": 0, "aim": AIM, "met": {name: result[name]["share"] <= AIM for name in SETTINGS}}
