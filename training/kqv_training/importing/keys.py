"""Key and mode from sounding pitches: how likely each of 12 tonics and 7 modes makes the notes heard, window by window.

A mode is a distribution over the scale degrees (tonic, fifth and third above the other scale tones, little outside the scale); the
bass has its own, steeper towards the tonic. Windows are joined by a best path that pays for every change of key.
"""

from __future__ import annotations

from functools import lru_cache
from typing import Sequence

import numpy as np

from ..composer.harmony import SCALES
from ..language import vocabulary
from .raw import RawNote

#: What a mode has to gain in mean log likelihood before it is believed over the plain ones.
RESERVE = {"major": 0.0, "minor": 0.0, "dorian": 0.02, "mixolydian": 0.025, "phrygian": 0.025, "lydian": 0.035, "harmonic": 0.03}

#: The price of a change of key between two windows, in mean log likelihood.
CHANGE_PRICE = 0.35

#: Windows of this many bars have one key.
WINDOW_BARS = 8

#: Below these shares of the sounding time inside the scale a window, or the stretch of windows in its key, is called chromatic.
CLEAR_WINDOW = 0.8
CLEAR_STRETCH = 0.84

#: Fewer distinct pitch classes than this say nothing about the mode.
FEWEST_CLASSES = 3

OUTSIDE = 0.012


@lru_cache(maxsize=1)
def _profiles() -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Log likelihoods of all parts and of the bass, [84 × 12], and what each state must gain, [84]; state = tonic * 7 + mode."""
    everything, bass, reserve = [], [], []
    for tonic in range(12):
        for mode, scale in SCALES.items():
            for rows, weights in ((everything, (2.2, 1.35, 1.6)), (bass, (4.5, 1.1, 1.6))):
                row = np.full(12, OUTSIDE * 7)
                row[list(scale)] = 1.0
                row[0], row[scale[2]], row[7] = weights
                rows.append(np.roll(np.log(row / row.sum()), tonic))
            reserve.append(RESERVE[mode])
    return np.array(everything), np.array(bass), np.array(reserve)


class _Sounding:
    """Notes as arrays, to be counted window by window; a note counts at most a bar, and its attack a little."""

    def __init__(self, notes: Sequence[RawNote], weigh_downbeats: bool = False) -> None:
        self.first = np.array([note.step for note in notes], dtype=int)
        self.last = self.first + np.array([min(note.length, 48) for note in notes], dtype=int)
        self.classes = np.array([note.pitch % 12 for note in notes], dtype=int)
        self.weight = np.ones(len(notes))
        if weigh_downbeats:
            self.weight += 0.5 * (self.first % 48 == 0) + 1.0 * (self.first % 192 == 0) + 0.5 * (self.first % 384 == 0)

    def between(self, first: int, last: int) -> np.ndarray:
        """Sounding steps by pitch class between two steps, [12]."""
        length = np.minimum(self.last, last) - np.maximum(self.first, first)
        length = np.where(length > 0, length + 3 * (self.first >= first), 0)
        return np.bincount(self.classes, length * self.weight, minlength=12)[:12] if len(self.first) else np.zeros(12)


def find_keys(notes: dict[str, list[RawNote]], bars: int) -> list[tuple[int, str]]:
    """Tonic and mode of every bar; "chromatic" where the notes do not say it, with the tonic the bass suggests."""
    pitched = [note for track in notes.values() for note in track]
    all_parts, bass_line, lowest = _Sounding(pitched), _Sounding(notes.get("bass", []), True), _Sounding(_lowest(pitched), True)
    everything, bass, reserve = _profiles()
    edges = [*range(0, max(1, bars - WINDOW_BARS // 2), WINDOW_BARS), bars]
    scores, heards = [], []
    for first, last in zip(edges, edges[1:]):
        heard = all_parts.between(first * 48, last * 48)
        low = bass_line.between(first * 48, last * 48)
        if not low.any():
            low = lowest.between(first * 48, last * 48)
        heards.append(heard)
        weight = min(1.0, heard.sum() / ((last - first) * 24)) if heard.any() else 0.0
        score = np.zeros(84)
        if heard.any():
            score += weight * (everything @ (heard / heard.sum()) - reserve)
        if low.any():
            score += weight * 0.5 * (bass @ (low / low.sum()))
        scores.append(score)
    path = _best_path(np.array(scores))
    modes = list(SCALES)
    keys: list[tuple[int, str]] = []
    for state, heard, first, last in zip(path, heards, edges, edges[1:]):
        tonic, mode = state // 7, modes[state % 7]
        same = sum((h for h, s in zip(heards, path) if s == state), np.zeros(12))
        keys += [(tonic, mode if _is_clear(heard if heard.any() else same, same, tonic, mode) else "chromatic")] * (last - first)
    return keys


def _lowest(notes: Sequence[RawNote]) -> list[RawNote]:
    """The lowest note of every onset: the bass of music without a bass part."""
    by_step: dict[int, RawNote] = {}
    for note in notes:
        if note.step not in by_step or note.pitch < by_step[note.step].pitch:
            by_step[note.step] = note
    return list(by_step.values())


def _best_path(scores: np.ndarray) -> list[int]:
    """The states [windows] of the highest sum of `scores` [windows × 84] less the price of changes."""
    total, back = scores[0].copy(), []
    for row in scores[1:]:
        best = int(total.argmax())
        moved = total[best] - CHANGE_PRICE
        back.append(np.where(total >= moved, np.arange(84), best))
        total = np.maximum(total, moved) + row
    state = int(total.argmax())
    path = [state]
    for came in reversed(back):
        state = int(came[state])
        path.append(state)
    return path[::-1]


def _is_clear(window: np.ndarray, stretch: np.ndarray, tonic: int, mode: str) -> bool:
    """Whether the window and the stretch of windows in that key stay inside the scale and are rich enough to tell a mode."""
    scale = [(tonic + degree) % 12 for degree in SCALES[mode]]
    if (stretch > 0.02 * stretch.sum()).sum() < FEWEST_CLASSES:
        return False
    return bool(window[scale].sum() >= CLEAR_WINDOW * window.sum() and stretch[scale].sum() >= CLEAR_STRETCH * stretch.sum())


def key_indices(key: tuple[int, str]) -> tuple[int, int]:
    """The vocabulary's indices of a tonic and a mode name."""
    return key[0] % 12, vocabulary().modes.index(key[1])
