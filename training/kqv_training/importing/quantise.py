"""Beats to the 48-step grid: swing straightened, human timing snapped, triplets and rolls kept.

Each beat of a part takes the coarsest grid that explains it: sixteenths, triplets, or single steps where notes would fall together.
"""

from __future__ import annotations

from bisect import bisect_right
from collections import defaultdict
from typing import Sequence

import numpy as np

from .midi import MidiNote

#: Off-sixteenths later than this in their eighth (of 6 steps; straight is 3) swing, and the fewest that prove it.
SWUNG_FROM = 3.25
SWUNG_TO = 4.6
FEWEST_SWUNG = 12

#: Off-beats later than this in their beat (of 12 steps) are dotted, not shuffled.
LATEST_SHUFFLE = 8.7

#: A shift of the whole performance against the grid of at most so many steps is taken out.
LARGEST_SHIFT = 0.8

#: How much nearer, in mean steps, triplets must be than sixteenths.
TRIPLET_MARGIN = 0.3

#: Notes of one pitch nearer than this, in steps, are one note played twice (a flam).
FLAM_STEPS = 0.9

#: A performance whose onsets are further than this from any grid, in mean steps (chance is 0.75), is not on the beat.
FREE_TIME = 0.55

GRIDS = {"straight": np.array([0, 3, 6, 9, 12]), "triplet": np.array([0, 4, 8, 12]), "sextuplet": np.array([0, 2, 4, 6, 8, 10, 12])}


def swing_of(starts: np.ndarray) -> float:
    """Where the off-sixteenths of a performance lie in their eighth of 6 steps: 3 when straight, 4 with triplet swing.

    `starts` in steps. True triplets, which fill both thirds of an eighth pair, are not swing.
    """
    phase = starts % 6
    late = phase[(phase >= SWUNG_FROM) & (phase <= SWUNG_TO)]
    straight = ((phase > 2.5) & (phase < SWUNG_FROM)).sum()
    early = ((phase > 1.4) & (phase <= 2.5)).sum()
    if len(late) < FEWEST_SWUNG or len(late) < 2 * straight or len(late) < 3 * early:
        return 3.0
    return float(np.median(late))


def straighten(starts: np.ndarray, swing: float) -> np.ndarray:
    """Positions in steps with the off-sixteenths moved from `swing` back to 3, what lies between in proportion."""
    if swing == 3.0:
        return starts
    eighth, phase = np.floor(starts / 6), starts % 6
    return eighth * 6 + np.where(phase <= swing, phase * 3 / swing, 3 + (phase - swing) * 3 / (6 - swing))


def shuffle_of(starts: np.ndarray) -> float:
    """Where the off-beats of a performance lie in their beat of 12 steps: 6 when straight, about 8 when its eighths are swung.

    Beats that also fill their first third are triplets, not a shuffle; dotted rhythms lie later.
    """
    swing = 2 * swing_of(starts / 2)
    return swing if swing <= LATEST_SHUFFLE else 6.0


def shift_of(starts: np.ndarray) -> float:
    """How far a performance lies behind the sixteenths as a whole, in steps (negative: ahead); 0 when it can't be told."""
    if len(starts) < 16:
        return 0.0
    away = starts - 3 * np.round(starts / 3)
    shift = float(np.median(away))
    return shift if abs(shift) <= LARGEST_SHIFT and np.median(np.abs(away - shift)) < 0.6 else 0.0


def roughness(starts: np.ndarray) -> float:
    """The mean distance of onsets, in steps, from the nearer of sixteenths and triplets; chance is about 0.56."""
    if not len(starts):
        return 0.0
    straight = np.abs(starts - 3 * np.round(starts / 3))
    triplet = np.abs(starts - 4 * np.round(starts / 4))
    return float(np.minimum(straight, triplet + 0.001).mean())


def quantise(notes: Sequence[MidiNote], swing: float | None = None, shift: float = 0.0) -> list[tuple[int, int, MidiNote]]:
    """(step, length in steps, note) of every note; flams are merged into their louder stroke.

    `swing` is the song's, used where the part alone does not tell; `shift` is taken off first, in steps.
    """
    if not notes:
        return []
    raw = np.array([note.start for note in notes]) * 12
    starts = np.maximum(0.0, raw - shift)
    own = swing_of(starts)
    swung = own if own != 3.0 or swing is None else swing
    starts = straighten(starts, swung)
    steps = _snap(starts, [note.pitch for note in notes])
    placed: dict[tuple[int, int], tuple[int, int, MidiNote]] = {}
    onsets = sorted(set(steps.tolist()))
    raw_ends = np.array([note.start + note.length for note in notes]) * 12 - shift
    ends = straighten(np.maximum(0.0, raw_ends), swung).tolist()
    for step, end, note in zip(steps.tolist(), ends, notes):
        length = _length(step, end, onsets)
        held = placed.get((step, note.pitch))
        if held is None or note.velocity > held[2].velocity:
            placed[step, note.pitch] = (step, length if held is None else max(length, held[1]), note)
    return sorted(placed.values(), key=lambda row: (row[0], row[2].pitch))


def _length(step: int, end: float, onsets: list[int]) -> int:
    """Whole steps from `step` to `end`; an end within a step of the part's next onset meets it, others keep to sixteenths if near."""
    length = end - step
    following = bisect_right(onsets, step)
    if following < len(onsets) and abs(onsets[following] - end) <= 1.0:
        return onsets[following] - step
    sixteenths = round(length / 3) * 3
    if sixteenths >= 3 and abs(length - sixteenths) <= 0.75:
        return sixteenths
    return max(1, round(length))


def _snap(starts: np.ndarray, pitches: Sequence[int]) -> np.ndarray:
    """The step of every onset: beat by beat the coarsest grid that is near and keeps repeated notes apart."""
    beats: dict[int, list[int]] = defaultdict(list)
    for index, start in enumerate(starts):
        beats[int((start + 1.0) // 12)].append(index)
    triplets_before = False
    steps = np.zeros(len(starts), dtype=int)
    for beat in sorted(beats):
        members = beats[beat]
        inside = starts[members] - beat * 12
        distance = {name: np.abs(inside[:, None] - grid).min(1) for name, grid in GRIDS.items()}
        chosen = "straight"
        off_beat = np.abs(inside - 12 * np.round(inside / 12)) > 1
        if off_beat.any():
            straight, triplet, sextuplet = (float(distance[name][off_beat].mean()) for name in GRIDS)
            margin = TRIPLET_MARGIN * (0.5 if triplets_before else 1.0)
            thirds = len(set(np.round(inside[off_beat] / 4).tolist()))
            if triplet + margin < straight and (thirds > 1 or triplets_before or triplet < 0.2):
                chosen = "triplet"
            elif sextuplet + 0.5 < straight and len(set(np.round(inside[off_beat] / 2).tolist())) >= 3:
                chosen = "sextuplet"
        triplets_before = chosen != "straight"
        snapped = GRIDS[chosen][np.abs(inside[:, None] - GRIDS[chosen]).argmin(1)]
        if _collide(snapped, inside, [pitches[index] for index in members]):
            snapped = np.round(inside).astype(int)
        steps[members] = beat * 12 + snapped
    return np.maximum(0, steps)


def _collide(snapped: np.ndarray, inside: np.ndarray, pitches: Sequence[int]) -> bool:
    """Whether two notes of one pitch that were clearly apart fall on one step."""
    seen: dict[tuple[int, int], float] = {}
    for step, start, pitch in zip(snapped.tolist(), inside.tolist(), pitches):
        first = seen.setdefault((step, pitch), start)
        if start - first > FLAM_STEPS:
            return True
    return False
