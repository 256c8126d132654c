"""Chord writing for a string ensemble: pads, held rhythms and stabs, voiced with the least movement."""

from __future__ import annotations

from random import Random

from ..language import Note, vocabulary
from .arrangement import BarPlan
from .harmony import Tonality, voice_chord

#: Stab rhythms, positions in steps, ordered from few to many strokes.
STABS = (
    ((9, 27), (9, 27, 42), (9, 18, 27, 42), (3, 9, 18, 27, 42)),
    ((0, 9), (0, 9, 18), (0, 9, 18, 33), (0, 9, 18, 24, 33, 42)),
    ((6, 30), (6, 18, 30, 42), (6, 18, 30, 42), (6, 18, 30, 39, 42)),
    ((18,), (18, 42), (6, 18, 42), (6, 15, 30, 39)),
    ((0, 18), (0, 18, 30), (0, 18, 30, 42), (0, 9, 18, 30, 42)),
    ((6,), (6, 33), (6, 15, 33), (6, 15, 24, 33, 42)),
)

#: Held rhythms as (position, length) pairs.
HELD = (((0, 48),), ((0, 24), (24, 24)), ((0, 18), (18, 30)), ((0, 36), (36, 12)), ((0, 18), (18, 18), (36, 12)), ((6, 42),))

TONES = ((2, 4, 6), (0, 2, 4), (2, 4, 6, 8), (0, 2, 4, 6), (2, 6, 8), (0, 4, 6, 8), (0, 4))

#: How likely a song holds its chords in the drop instead of striking them.
HOLDS = {"house": 0.3, "acid": 0.4, "techno": 0.4, "electro": 0.5, "breaks": 0.6, "ambient": 0.95}


class ChordWriter:
    """The strings of one song: one voicing size, one stab family, pads where it breathes."""

    def __init__(self, rng: Random, style: str, tonality: Tonality) -> None:
        self.rng = rng
        self.tonality = tonality
        self.tones = rng.choices(TONES, (3, 3, 5, 4, 2, 2, 1))[0]
        if style in ("acid", "techno"):
            self.tones = rng.choice(((0, 2, 4), (2, 4, 6), (0, 4), (0, 2, 4, 6)))
        self.centre = rng.randint(57, 65)
        self.holds = rng.random() < HOLDS[style]
        self.ambient = style == "ambient"
        self.velocity = rng.choice((4, 5, 5, 6))
        self.stab_length = rng.choice((2, 3, 3, 6))
        self.previous: list[int] | None = None
        self.voicings: dict[int, list[int]] = {}
        self._choose_rhythm()

    def _choose_rhythm(self) -> None:
        self.stabs = self.rng.choice(STABS)
        self.held = self.rng.choices(HELD, (6, 2, 2, 1, 1, 1))[0]

    def _voicing(self, root: int) -> list[int]:
        """The song's voicing of a chord, found once so that a progression repeats exactly."""
        if root not in self.voicings:
            self.voicings[root] = voice_chord(self.tonality, root, self.tones, self.previous, self.centre)
        self.previous = self.voicings[root]
        return self.previous

    def write(self, plan: BarPlan, root: int) -> list[Note]:
        """The notes of one bar."""
        if plan.opens_phrase and plan.bar and self.rng.random() < 0.12:
            self._choose_rhythm()
        pitches = self._voicing(root)
        intensity = plan.intensity["chords"]
        calm = plan.section == "break" or self.holds or self.ambient
        index = vocabulary().duration_index
        if calm:
            simple = intensity < 0.5 and self.held[0][0] == 0
            figure = HELD[0] if simple else self.held
            voices = pitches if intensity > 0.3 else pitches[-3:]
            return [Note(p, pitch, self.velocity - 1, index(length)) for p, length in figure for pitch in voices]
        level = min(3, int(intensity * 4))
        voices = pitches if intensity > 0.25 else pitches[-3:]
        positions = self.stabs[level]
        if plan.bar % 4 == 3 and level < 3 and self.rng.random() < 0.6:
            positions = self.stabs[level + 1]
        return [Note(p, pitch, self.velocity, index(self.stab_length)) for p in positions for pitch in voices]
