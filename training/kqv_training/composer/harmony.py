"""Scales and keys. Degrees count from 0 on the tonic of a seven-note scale; 7 is the tonic an octave up."""

from __future__ import annotations

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

    def move(self, pitch: int, steps: int) -> int:
        """The MIDI pitch `steps` scale steps above a pitch of the scale; a ValueError for a pitch outside it."""
        octave, interval = divmod(pitch - self.key, 12)
        return self.key + 12 * (octave + (SCALES[self.mode].index(interval) + steps) // 7) + (
            SCALES[self.mode][(SCALES[self.mode].index(interval) + steps) % 7]
        )


def chord_degrees(tonality: Tonality, root: int, tones: Sequence[int]) -> list[int]:
    """Degrees of the chord tones: 0 root, 2 third, 4 fifth, 6 seventh, 8 ninth, 12 thirteenth.

    A flat ninth is replaced by the root and a flat thirteenth by the fifth: inside the scale they would rub.
    """
    degrees = []
    for tone in tones:
        interval = (tonality.pitch_class(root + tone) - tonality.pitch_class(root)) % 12
        if tone == 8 and interval == 1:
            tone = 0
        elif tone == 12 and interval == 8:
            tone = 4
        degrees.append(root + tone)
    return degrees


def into_range(pitch: int, low: int, high: int) -> int:
    """The pitch moved by octaves to lie from `low` to `high`, which are at least eleven semitones apart."""
    if pitch < low:
        return pitch + 12 * ((low - pitch + 11) // 12)
    if pitch > high:
        return pitch - 12 * ((pitch - high + 11) // 12)
    return pitch
