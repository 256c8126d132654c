"""Does it last? A thousand bars of every style in one breath.

The take begins from the application's opening and follows a schedule as a player would: build, drop, break, build, drop, a hundred bars
a round, energies with the sections, densities left to the model, key and style fixed. So every block of a hundred bars is asked the
same, and what changes between blocks is the model's drift. Beside it a take of every style is left alone, as the application
plays when nobody touches it: style and tempo given, all else the model's.
"""

from __future__ import annotations

from typing import Sequence

import numpy as np
from scipy import stats

from ..composer.styles import COMPOSED_STYLES
from ..drawing import AS_PLAYED
from ..language import Bar, Controls, music_text, parse_bars, vocabulary
from ..openings import opening
from ..sample import Asked, TakeRequest
from .material import UNSEEN_SEED, unseen_song
from .metrics import MEASURES, mean_measures, repeated_bars, silent_bars, sounding_tracks, windows
from .resemblance import TOLERANCES

BLOCK = 100

#: A round: section, and the energies of its stretches of four bars.
ROUND = (
    ("build", (4, 5)), ("drop", (6, 6, 7, 6, 6, 7, 6, 7)), ("break", (3, 2, 1, 2)), ("build", (4, 6)),
    ("drop", (7, 6, 6, 7, 7, 6, 7, 6, 7)),
)

#: Composed songs of a style that show how much music of the corpus repeats itself.
HELD_OUT_SONGS = 12

#: Drift allowed over the whole take: the tolerances of resemblance, one note in ten, and a tenth of a voice.
DRIFT_LIMITS = TOLERANCES | {"noteDensity": 0.10, "polyphony": 0.10}


def round_of_controls(base: Controls) -> list[Asked]:
    """The controls of the hundred bars of a round, in the key, mode, tempo and style of `base`."""
    sections = vocabulary().sections
    return [
        tuple(base._replace(section=sections.index(section), energy=energy))
        for section, energies in ROUND for energy in energies for _ in range(4)
    ]


def scheduled_requests(bars: int) -> list[TakeRequest]:
    """A take of `bars` bars of every style, on the schedule."""
    requests = []
    for index, style in enumerate(COMPOSED_STYLES):
        tokens = opening(style)["tokens"]
        controls = round_of_controls(parse_bars(tokens)[-1].controls) * -(-bars // BLOCK)
        requests.append(TakeRequest(controls[:bars], AS_PLAYED, 30_000 + index, tuple(tokens)))
    return requests


def left_alone_requests(bars: int) -> list[TakeRequest]:
    """A take of `bars` bars of every style with everything but style and tempo left to the model."""
    requests = []
    for index, style in enumerate(COMPOSED_STYLES):
        tokens = opening(style)["tokens"]
        base = parse_bars(tokens)[-1].controls
        requests.append(TakeRequest([(base.style, None, None, base.tempo, None, None)] * bars, AS_PLAYED, 40_000 + index, tuple(tokens)))
    return requests


def drift(values: Sequence[float]) -> tuple[float, float]:
    """The change from first to last value along the fitted line, and the probability of such a slope without any drift."""
    if len(values) < 3 or np.ptp(values) == 0:
        return 0.0, 1.0
    fit = stats.linregress(range(len(values)), values)
    return float(fit.slope * (len(values) - 1)), float(fit.pvalue)


def block_measures(bars: Sequence[Bar]) -> list[dict]:
    """Measures of every block of a hundred bars, in windows of eight, with repeats, silences and tracks that sound."""
    return [
        mean_measures(windows(block)) | {
            "repeated": repeated_bars(block) / len(block), "silent": silent_bars(block) / len(block),
            "soundingTracks": float(np.mean([sounding_tracks(bar) for bar in block])),
        }
        for block in windows(bars, min(BLOCK, len(bars)))
    ]


def summary(bars: Sequence[Bar]) -> dict:
    """Of a whole take: shares of bars that repeat beyond four times, that are silent, and that differ from all others."""
    return {"bars": len(bars), "repeated": repeated_bars(bars) / len(bars), "silent": silent_bars(bars) / len(bars),
            "different": len({music_text(bar) for bar in bars}) / len(bars)}


def change_of(blocks: Sequence[dict], name: str) -> tuple[float, float]:
    """`drift` of a measure over blocks; density and polyphony as a share of their mean."""
    values = [block[name] for block in blocks if block[name] is not None]
    change, probability = drift(values)
    return (change / float(np.mean(values)) if name in ("noteDensity", "polyphony") and values else change), probability


def drift_of(blocks: Sequence[dict], tests: int) -> dict:
    """By measure of one take: the change over it, and whether it counts as flat.

    One take wavers, so flat is a change within the limit or one that cannot be told from none: p above 0.05 divided by the number of
    `tests` made.
    """
    result = {}
    for name in MEASURES:
        change, probability = change_of(blocks, name)
        flat = abs(change) <= DRIFT_LIMITS[name] or probability > 0.05 / tests
        result[name] = {"change": change, "probability": probability, "flat": bool(flat)}
    return result


def common_drift(takes: Sequence[dict]) -> dict:
    """By measure: the mean of the takes' changes, and whether it is within the limit, whatever its probability."""
    result = {}
    for name in MEASURES:
        change = float(np.mean([take["drift"][name]["change"] for take in takes]))
        result[name] = {"change": change, "flat": abs(change) <= DRIFT_LIMITS[name]}
    return result


def answer(scheduled: Sequence[Sequence[Bar]], left_alone: Sequence[Sequence[Bar]]) -> dict:
    """The result of the question, takes in the order of the styles.

    Flat means that what the styles have in common does not drift, and that no style drifts beyond its wavering.
    """
    tests = len(COMPOSED_STYLES) * len(MEASURES)
    result: dict = {"blockBars": BLOCK, "styles": {}, "leftAlone": {}, "driftLimits": DRIFT_LIMITS}
    result["heldOut"] = {style: held_out_summary(style) for style in COMPOSED_STYLES}
    for style, bars, alone in zip(COMPOSED_STYLES, scheduled, left_alone, strict=True):
        blocks = block_measures(bars)
        result["styles"][style] = summary(bars) | {"blocks": blocks, "drift": drift_of(blocks, tests)}
        result["leftAlone"][style] = summary(alone) | {"blocks": block_measures(alone)}
    rows = list(result["styles"].values())
    result["drift"] = common_drift(rows)
    result["repeated"] = float(np.mean([row["repeated"] for row in rows]))
    result["silent"] = float(np.mean([row["silent"] for row in rows]))
    flat = all(one["flat"] for row in [result, *rows] for one in row["drift"].values())
    return result | {"met": {"flat": flat, "repeated": result["repeated"] == 0, "silent": result["silent"] == 0}}


def held_out_summary(style: str, songs: int = HELD_OUT_SONGS) -> dict:
    """The shares of `summary` in composed songs of a style that training never saw, all together."""
    rows = [summary(unseen_song(UNSEEN_SEED + i, style)) for i in range(songs)]
    bars = [row["bars"] for row in rows]
    shares = {name: float(np.average([row[name] for row in rows], weights=bars)) for name in ("repeated", "silent", "different")}
    return {"bars": sum(bars), **shares}
