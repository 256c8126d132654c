"""Chord progressions: idiomatic loops and loops walked through a table of likely moves, with their rhythm in half bars."""

from __future__ import annotations

from random import Random
from typing import NamedTuple

HALF_BAR = 24

#: Loops that listeners know, as degrees, by mode.
LOOPS = {
    "minor": ((0, 3), (0, 6), (0, 5), (0, 5, 2, 6), (5, 6, 0, 0), (0, 3, 5, 6), (0, 2, 3, 6), (0, 6, 5, 6), (5, 3, 0, 6),
              (0, 0, 5, 4), (0, 2, 5, 3), (5, 6, 0), (0, 3, 6, 2), (0, 6, 5), (3, 0)),
    "dorian": ((0, 3), (0, 3, 0, 6), (0, 1), (0, 6, 3), (0, 2, 3, 0), (0, 1, 2, 1)),
    "phrygian": ((0, 1), (0, 0, 1, 0), (0, 1, 2, 1), (0, 6, 1, 0), (0, 5, 1)),
    "major": ((0, 3), (0, 5, 3, 4), (1, 4, 0, 0), (3, 4, 0, 5), (0, 2, 3), (0, 1, 3), (1, 4)),
    "lydian": ((0, 1), (0, 1, 5, 1), (0, 4, 1)),
    "mixolydian": ((0, 6), (0, 6, 3, 0), (0, 4, 6, 3), (0, 6, 3)),
    "harmonic": ((0, 3), (0, 4), (0, 3, 5, 4), (0, 5, 3, 4), (0, 5, 4)),
}

#: Likely next degrees by mode and degree. Diminished chords are left out.
MOVES = {
    "minor": {0: {3: 4, 5: 4, 6: 4, 2: 2, 4: 1}, 2: {6: 3, 5: 3, 3: 2}, 3: {0: 4, 6: 3, 5: 2, 4: 1, 2: 1},
              4: {0: 3, 5: 3, 3: 1}, 5: {6: 4, 2: 2, 0: 2, 3: 1, 4: 1}, 6: {0: 4, 5: 3, 2: 2, 3: 1}},
    "dorian": {0: {3: 5, 6: 3, 1: 2, 2: 1, 4: 1}, 1: {0: 3, 2: 1, 3: 1}, 2: {3: 3, 0: 1, 1: 1}, 3: {0: 4, 6: 2},
               4: {3: 3, 0: 1}, 6: {0: 4, 3: 2}},
    "phrygian": {0: {1: 6, 6: 2, 5: 1, 3: 1}, 1: {0: 6, 2: 2}, 2: {1: 4, 0: 1}, 3: {0: 1, 1: 2}, 5: {1: 2, 0: 2, 6: 1},
                 6: {0: 3, 1: 2, 5: 1}},
    "major": {0: {3: 4, 5: 3, 4: 2, 2: 1, 1: 1}, 1: {4: 4, 3: 1, 5: 1}, 2: {3: 2, 5: 2}, 3: {4: 3, 0: 3, 5: 1, 1: 1},
              4: {5: 2, 0: 3, 3: 1}, 5: {3: 3, 1: 2, 4: 1, 2: 1}},
    "lydian": {0: {1: 5, 5: 1, 4: 1}, 1: {0: 4, 5: 1, 4: 1}, 4: {1: 2, 0: 2}, 5: {1: 2, 0: 1}},
    "mixolydian": {0: {6: 5, 3: 3, 4: 1}, 3: {0: 3, 6: 1}, 4: {6: 2, 3: 2}, 6: {3: 3, 0: 3}},
    "harmonic": {0: {3: 4, 4: 4, 5: 2}, 3: {4: 4, 0: 2}, 4: {0: 4, 5: 1}, 5: {4: 3, 3: 1, 0: 1}},
}

#: How many half bars each chord of a loop lasts, by the number of chords, and how common that is.
SPANS = {
    2: {(2, 2): 5, (4, 4): 6, (8, 8): 3, (3, 1): 1, (6, 2): 2, (1, 1): 0.5},
    3: {(2, 2, 4): 4, (4, 4, 8): 2, (4, 2, 2): 2, (3, 1, 4): 1, (2, 1, 1): 1},
    4: {(2, 2, 2, 2): 7, (4, 4, 4, 4): 2, (3, 1, 2, 2): 1, (2, 2, 3, 1): 1.5, (1, 1, 1, 1): 0.5, (3, 1, 3, 1): 0.7},
}


class Chord(NamedTuple):
    """A chord inside a bar: the step where it begins, its degree, and its place in the loop."""

    position: int
    degree: int
    place: int


class BarHarmony(NamedTuple):
    """The chords of one bar, the first at step 0, the chord of the next downbeat, and whether step 0 brings a new chord."""

    chords: tuple[Chord, ...]
    following: Chord
    arrives: bool

    def at(self, position: int) -> Chord:
        """The chord that sounds at a step of the bar."""
        return [chord for chord in self.chords if chord.position <= position][-1]

    @property
    def leaves(self) -> bool:
        """Whether the next bar begins with another chord."""
        return self.following.degree != self.chords[-1].degree


class Progression(NamedTuple):
    """A loop of chords: degrees, and how many half bars each lasts. The loop fills whole bars."""

    degrees: tuple[int, ...]
    spans: tuple[int, ...]

    def _place(self, half: int) -> int:
        half %= sum(self.spans)
        for place, span in enumerate(self.spans):
            half -= span
            if half < 0:
                return place
        raise ValueError("A progression needs at least one chord that lasts.")

    def bar(self, bar: int) -> BarHarmony:
        """The harmony of a bar counted from the start of its section."""
        first, middle, following = (self._place(2 * bar + half) for half in range(3))
        chords = [Chord(0, self.degrees[first], first)]
        if self.degrees[middle] != self.degrees[first]:
            chords.append(Chord(HALF_BAR, self.degrees[middle], middle))
        before = self._place(2 * bar - 1)
        return BarHarmony(tuple(chords), Chord(0, self.degrees[following], following), self.degrees[before] != self.degrees[first])


def choose_progression(rng: Random, mode: str, static: float) -> Progression:
    """A loop of the mode; with probability `static` one chord that stays."""
    if rng.random() < static:
        return Progression((0,), (2,))
    degrees = rng.choice(LOOPS[mode]) if rng.random() < 0.6 else _walk(rng, mode)
    if len(degrees) == 4 and rng.random() < 0.12:
        degrees = degrees[2:] + degrees[:2]
    spans = SPANS[len(degrees)]
    return Progression(degrees, rng.choices(list(spans), list(spans.values()))[0])


def _walk(rng: Random, mode: str) -> tuple[int, ...]:
    """A loop of two to four different chords through the mode's likely moves, in which the last leads to the first."""
    moves = MOVES[mode]
    length = rng.choices((2, 3, 4), (3, 2, 5))[0]
    while True:
        degrees = [0 if rng.random() < 0.75 else rng.choice(list(moves[0]))]
        while len(degrees) < length:
            after = moves[degrees[-1]]
            degrees.append(rng.choices(list(after), list(after.values()))[0])
        if degrees[0] in moves[degrees[-1]] and len(set(degrees)) >= length - 1 and 0 in degrees:
            return tuple(degrees)
