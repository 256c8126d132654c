"""Pure measures of a window of bars.

Pitch-class entropy, scale consistency, groove consistency and polyphony are those of MusPy (Dong et al. 2020), the first three as the
Multitrack Music Transformer (Dong et al. 2023) reports them, on a grid of 48 steps a bar. A measure that has nothing to measure is None.
"""

from __future__ import annotations

from typing import Iterator, Sequence

import numpy as np

from ..composer.harmony import Tonality
from ..language import COMPOSED_TRACKS, Bar, Note, Part, music_text, vocabulary

STEPS = 48
MAJOR, MINOR = (0, 2, 4, 5, 7, 9, 11), (0, 2, 3, 5, 7, 8, 10)

#: Bars in a window: a phrase.
WINDOW = 8


def notes_of(bars: Sequence[Bar]) -> Iterator[tuple[int, Note]]:
    """Every pitched note with the number of its bar."""
    for index, bar in enumerate(bars):
        for part in bar.parts:
            for note in part.notes:
                yield index, note


def pitch_class_entropy(bars: Sequence[Bar]) -> float | None:
    """Shannon entropy of the pitch classes in bits; None without pitched notes."""
    counts = np.bincount([note.pitch % 12 for _, note in notes_of(bars)], minlength=12)
    if not counts.any():
        return None
    shares = counts[counts > 0] / counts.sum()
    return float(-(shares * np.log2(shares)).sum())


def scale_consistency(bars: Sequence[Bar]) -> float | None:
    """The largest share of pitched notes that one of the 24 major and natural minor scales holds."""
    counts = np.bincount([note.pitch % 12 for _, note in notes_of(bars)], minlength=12)
    if not counts.any():
        return None
    held = [counts[[(key + step) % 12 for step in scale]].sum() for key in range(12) for scale in (MAJOR, MINOR)]
    return float(max(held) / counts.sum())


def onset_grid(bars: Sequence[Bar]) -> np.ndarray:
    """Whether anything begins at a step, boolean [bars, 48]; drums included."""
    grid = np.zeros((len(bars), STEPS), dtype=bool)
    for index, bar in enumerate(bars):
        for part in bar.parts:
            for event in (*part.hits, *part.notes):
                grid[index, event.position] = True
    return grid


def groove_consistency(bars: Sequence[Bar]) -> float | None:
    """1 - the mean Hamming distance, as a share of the grid, between the onsets of successive bars; None under two bars."""
    if len(bars) < 2:
        return None
    grid = onset_grid(bars)
    return float(1 - (grid[1:] != grid[:-1]).mean())


def polyphony(bars: Sequence[Bar]) -> float | None:
    """Mean number of pitched notes that sound together, over the steps at which any does."""
    changes = np.zeros(len(bars) * STEPS + 1)
    durations = vocabulary().durations
    for index, note in notes_of(bars):
        first = index * STEPS + note.position
        changes[first] += 1
        changes[min(first + durations[note.duration], len(changes) - 1)] -= 1
    sounding = changes.cumsum()[:-1]
    return float(sounding[sounding > 0].mean()) if sounding.any() else None


def note_density(bars: Sequence[Bar]) -> float:
    """Hits and notes a bar."""
    return sum(len(part.hits) + len(part.notes) for bar in bars for part in bar.parts) / len(bars)


MEASURES = {
    "pitchClassEntropy": pitch_class_entropy,
    "scaleConsistency": scale_consistency,
    "grooveConsistency": groove_consistency,
    "polyphony": polyphony,
    "noteDensity": note_density,
}


def windows(bars: Sequence[Bar], size: int = WINDOW) -> list[Sequence[Bar]]:
    """Successive windows of `size` bars; a rest that is shorter is left out."""
    return [bars[first : first + size] for first in range(0, len(bars) - size + 1, size)]


def mean_measures(spans: Sequence[Sequence[Bar]]) -> dict[str, float | None]:
    """The mean of every measure over windows; None where no window has it."""
    result: dict[str, float | None] = {}
    for name, measure in MEASURES.items():
        values = [value for span in spans if (value := measure(span)) is not None]
        result[name] = float(np.mean(values)) if values else None
    return result


def part_of(bar: Bar, track: str) -> Part | None:
    """A track's part of a bar, None when the bar does not write it."""
    return next((part for part in bar.parts if part.track == track), None)


def event_count(bar: Bar, track: str) -> int:
    """How many hits or notes a track has in a bar."""
    part = part_of(bar, track)
    return len(part.hits) + len(part.notes) if part else 0


def sounding_tracks(bar: Bar) -> int:
    """How many tracks have anything to play."""
    return sum(event_count(bar, track) > 0 for track in COMPOSED_TRACKS)


def repeated_bars(bars: Sequence[Bar]) -> int:
    """How many bars repeat the music before them verbatim for the fifth time or more: beyond four times running."""
    tired, run, last = 0, 0, None
    for bar in bars:
        text = music_text(bar)
        run = run + 1 if text == last else 1
        last = text
        tired += run > 4
    return tired


def silent_bars(bars: Sequence[Bar]) -> int:
    """How many bars play nothing at all."""
    return sum(sounding_tracks(bar) == 0 for bar in bars)


def in_key(bars: Sequence[Bar]) -> dict[str, tuple[int, int]]:
    """By pitched track: how many notes belong to their bar's key and mode, and how many notes there are.

    Bars whose mode is `chromatic` ask for no scale and are left out.
    """
    words = vocabulary()
    counts = {track: [0, 0] for track in COMPOSED_TRACKS[1:]}
    for bar in bars:
        mode = words.modes[bar.controls.mode]
        if mode == "chromatic":
            continue
        tonality = Tonality(bar.controls.key, mode)
        for part in bar.parts:
            for note in part.notes:
                counts[part.track][0] += tonality.contains(note.pitch)
                counts[part.track][1] += 1
    return {track: (inside, total) for track, (inside, total) in counts.items()}
