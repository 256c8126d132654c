"""The feel of a human drum take (straight or in triplets, swung, early or late), and its hits on the steps of the grid.

A beat has 12 steps. A straight take goes to the sixteenths 0 3 6 9, wherever its swing puts the second and the fourth, because
swing is performed at playback; a take in triplets goes to 0 4 8. One decision a take: a drummer does not change feel inside one.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache

import numpy as np

#: Where the second sixteenth of an eighth may fall in a straight take, in steps: 3 is even, 4 is a full triplet swing.
SWINGS = (3.0, 3.25, 3.5, 3.75, 4.0)

#: Where the last third of a beat may fall in a take in triplets: drummers play it early at speed.
THIRDS = (8.0, 7.5, 7.0)

#: How far a take may lie behind (or, below 0, before) the beat as a whole, in steps.
LAGS = tuple(np.arange(-1.75, 1.76, 0.25).tolist())

#: Triplets must explain the timing this much better than sixteenths, which have more places to be near, before a take is in triplets.
TRIPLET_ADVANTAGE = 0.8

#: What an unlikely reading costs, in steps of error: a step of lag, a step of swing, and all the weight being off the beat.
LAG_COST, SWING_COST, OFF_BEAT_COST = 0.06, 0.2, 0.4

_BINS_PER_STEP = 8


@dataclass(frozen=True)
class Feel:
    """The timing of a take: in triplets or straight, the place of its late onset (see SWINGS and THIRDS), and its lag in steps."""

    triplet: bool
    late: float
    lag: float

    @property
    def anchors(self) -> tuple[float, ...]:
        """Where in a beat the onsets are expected, in steps, lag left out."""
        return (0.0, self.late / 2, self.late) if self.triplet else (0.0, self.late, 6.0, 6.0 + self.late)


@lru_cache(maxsize=None)
def _nearest(feel: Feel) -> tuple[np.ndarray, np.ndarray]:
    """For each phase bin of a beat, the distance in steps to the nearest anchor of `feel`, and which anchor that is."""
    phases = (np.arange(12 * _BINS_PER_STEP) + 0.5) / _BINS_PER_STEP
    apart = np.abs(phases[:, None] - np.array(feel.anchors) - feel.lag) % 12
    apart = np.minimum(apart, 12 - apart)
    return apart.min(1), apart.argmin(1)


def _cost(weights: np.ndarray, feel: Feel) -> float:
    """How badly `feel` explains the shares of the onsets in each phase bin: mean distance in steps, and what the reading costs."""
    apart, anchor = _nearest(feel)
    shares = np.bincount(anchor, weights=weights, minlength=len(feel.anchors))
    swing = abs(feel.late - (8 if feel.triplet else 3))
    off_beat = shares.max() - shares[0]
    return float(apart @ weights + LAG_COST * abs(feel.lag) + SWING_COST * swing + OFF_BEAT_COST * off_beat)


def measure_feel(times: np.ndarray, velocities: np.ndarray) -> Feel:
    """How the onsets at `times` (steps, not whole) are meant; loud ones weigh more, and what isn't clearly in triplets is straight."""
    bins = 12 * _BINS_PER_STEP
    weights = np.bincount((times * _BINS_PER_STEP).astype(int) % bins, weights=velocities, minlength=bins)
    weights = weights / max(weights.sum(), 1e-9)
    straight, triplet = (
        min((_cost(weights, feel), index, feel) for index, feel in enumerate(Feel(kind, late, lag) for late in places for lag in LAGS))
        for kind, places in ((False, SWINGS), (True, THIRDS))
    )
    return triplet[2] if triplet[0] < TRIPLET_ADVANTAGE * straight[0] else straight[2]


def snap(times: np.ndarray, feel: Feel) -> np.ndarray:
    """The whole steps of onsets at `times`, as `feel` hears them; never before step 0."""
    beats, phases = np.divmod(times - feel.lag, 12)
    places = np.array((*feel.anchors, 12.0))
    steps = np.array((0, 4, 8, 12) if feel.triplet else (0, 3, 6, 9, 12))
    nearest = np.abs(phases[:, None] - places).argmin(1)
    return np.maximum(beats * 12 + steps[nearest], 0).astype(int)
