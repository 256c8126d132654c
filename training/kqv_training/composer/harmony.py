"""Scales, progressions and voice leading. Degrees count from 0 on the tonic of a seven-note scale."""

from __future__ import annotations

from itertools import product
from random import Random
from typing import NamedTuple, Sequence

SCALES = {
    "major": (0, 2, 4, 5, 7, 9, 11),
    "minor": (0, 2, 3, 5, 7, 8, 10),
    "dorian": (0, 2, 3, 5, 7, 9, 10),
    "phrygian": (0, 1, 3, 5, 7, 8, 10),
    "lydian": (0, 2, 4, 6, 7, 9, 11),
    "mixolydian": (0, 2, 4, 5, 7, 9, 10),
    "harmonic": (0, 2, 3, 5, 7, 8, 11),
}

#: Bass notes stay inside this register in every key.
BASS_LOW, BASS_HIGH = 28, 52

VOICING_LOW, VOICING_HIGH = 48, 74

#: Progressions of one, two or four chords, as degrees, by the colour of the mode.
PROGRESSIONS = {
    "minor": ((0,), (0, 3), (0, 6), (0, 5), (0, 5, 2, 6), (5, 6, 0, 0), (0, 0, 3, 3), (0, 3, 5, 6), (0, 2, 3, 6),
              (0, 6, 5, 6), (5, 3, 0, 6), (0, 0, 5, 4), (0, 2, 5, 3)),
    "dorian": ((0,), (0, 3), (0, 3, 0, 6), (0, 1), (0, 6, 3, 3), (0, 2, 3, 0)),
    "phrygian": ((0,), (0, 1), (0, 0, 1, 0), (0, 1, 2, 1), (0, 6, 1, 0)),
    "major": ((0, 3), (0, 5, 3, 4), (1, 4, 0, 0), (3, 4, 0, 5), (0, 2, 3, 3), (0, 1, 3, 3)),
    "lydian": ((0, 1), (0,), (0, 1, 5, 1)),
    "mixolydian": ((0, 6), (0, 6, 3, 0), (0, 4, 6, 3)),
    "harmonic": ((0,), (0, 3), (0, 3, 5, 4), (0, 5, 3, 4)),
}


class Tonality(NamedTuple):
    """A key (pitch class of the tonic) and the name of its mode."""

    key: int
    mode: str

    def pitch_class(self, degree: int) -> int:
        """The pitch class of a scale degree; any integer, 7 a octave up."""
        return (self.key + SCALES[self.mode][degree % 7]) % 12

    def pitch(self, degree: int, low: int) -> int:
        """The MIDI pitch of a degree where degree 0 is the lowest tonic at or above `low`."""
        tonic = low + (self.key - low) % 12
        return tonic + 12 * (degree // 7) + SCALES[self.mode][degree % 7]

    def contains(self, pitch: int) -> bool:
        """Whether a MIDI pitch belongs to the scale."""
        return (pitch - self.key) % 12 in SCALES[self.mode]


class Harmony(NamedTuple):
    """A chord progression: degrees and how many bars each lasts."""

    degrees: tuple[int, ...]
    bars_each: int

    def degree_at(self, bar: int) -> int:
        """The chord's degree in a bar counted from the start of its section."""
        return self.degrees[bar // self.bars_each % len(self.degrees)]


def choose_harmony(rng: Random, mode: str, static: float) -> Harmony:
    """A progression of the mode; with probability `static` one chord only."""
    if rng.random() < static:
        return Harmony((0,), 1)
    degrees = rng.choice(PROGRESSIONS[mode])
    return Harmony(degrees, rng.choice((1, 1, 2, 2, 4)) if len(degrees) < 4 else rng.choice((1, 2)))


def chord_degrees(tonality: Tonality, root: int, tones: Sequence[int]) -> list[int]:
    """Degrees of the chord tones (0 root, 2 third, 4 fifth, 6 seventh, 8 ninth), a flat ninth replaced by the root."""
    degrees = []
    for tone in tones:
        interval = (tonality.pitch_class(root + tone) - tonality.pitch_class(root)) % 12
        degrees.append(root if tone == 8 and interval == 1 else root + tone)
    return degrees


def voice_chord(tonality: Tonality, root: int, tones: Sequence[int], previous: Sequence[int] | None, centre: int) -> list[int]:
    """The chord as ascending MIDI pitches 48-74, moving least from `previous` (or gathered around `centre`)."""
    classes = sorted({tonality.pitch_class(degree) for degree in chord_degrees(tonality, root, tones)})
    places = [[pitch for pitch in range(VOICING_LOW, VOICING_HIGH + 1) if pitch % 12 == one] for one in classes]
    best: tuple[float, list[int]] | None = None
    for candidate in product(*places):
        pitches = sorted(candidate)
        gaps = [high - low for low, high in zip(pitches, pitches[1:])]
        span = pitches[-1] - pitches[0]
        if span > 17 or min(gaps, default=3) < 1:
            continue
        cost = 0.25 * abs(sum(pitches) / len(pitches) - centre) + (3 if 1 in gaps else 0) + (2 if span < 7 else 0)
        if previous:
            cost += sum(min(abs(pitch - old) for old in previous) for pitch in pitches)
            cost += 0.5 * abs(pitches[-1] - previous[-1])
        if best is None or cost < best[0]:
            best = (cost, pitches)
    if best is None:
        raise ValueError(f"No voicing of degree {root} in {tonality} fits between {VOICING_LOW} and {VOICING_HIGH}.")
    return best[1]


def fold_bass(pitch: int) -> int:
    """The pitch moved by octaves into the bass register 28-52."""
    while pitch < BASS_LOW:
        pitch += 12
    while pitch > BASS_HIGH:
        pitch -= 12
    return pitch
