"""Is it affordable? Tokens a bar in the takes, and how fast the application's CPU fallback writes, as measured in the browser."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Sequence

import numpy as np

from ..language import Bar, encode_bar
from .metrics import sounding_tracks

TOKENS_AIM, BARS_AIM = 110, 2

#: The figures of `npm run bench:bars`, when it has been run.
BARS_PATH = Path(__file__).resolve().parents[3] / "bench/results/bars.json"


def tokens_a_bar(takes: Sequence[Sequence[Bar]], tracks: int | None = None) -> dict | None:
    """Bars, and mean, median and 90th percentile of their tokens; of bars on which just `tracks` tracks sound, or of all."""
    lengths = [len(encode_bar(bar)) for bars in takes for bar in bars if tracks in (None, sounding_tracks(bar))]
    if not lengths:
        return None
    return {"bars": len(lengths), "mean": float(np.mean(lengths)), "median": float(np.median(lengths)),
            "p90": float(np.percentile(lengths, 90))}


def measured_speed(digest: str, path: Path = BARS_PATH) -> dict | None:
    """The CPU fallback's row of the browser measurement, with whether it was made with the weights of this hash; None without one."""
    if not path.exists():
        return None
    measured = json.loads(path.read_text())
    engines = [row for row in measured["engines"] if "gpu" not in row["engine"].lower()]
    if not engines:
        return None
    row = next((row for row in engines if row.get("chosen")), max(engines, key=lambda row: row["barsPerBarTime"]))
    return {"engine": row["engine"], "tokensPerSecond": row["tokensPerSecond"], "barsPerBarTime": row["barsPerBarTime"],
            "machine": measured.get("machine"), "theseWeights": measured.get("model") == digest}


def answer(takes: Sequence[Sequence[Bar]], digest: str) -> dict:
    """The result of the question; a speed that was not measured has no verdict."""
    four, speed = tokens_a_bar(takes, 4), measured_speed(digest)
    met = {"tokens": bool(four and four["mean"] <= TOKENS_AIM)}
    if speed:
        met["bars"] = speed["barsPerBarTime"] >= BARS_AIM
    return {"fourTracks": four, "all": tokens_a_bar(takes), "speed": speed, "met": met}
