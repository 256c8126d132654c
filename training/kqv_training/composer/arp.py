"""The arpeggio: chord tones in a figure (up, down, up and down, a walk, Alberti, a pedal) on straight, dotted, 3+3+2 or triplet time."""

from __future__ import annotations

from random import Random
from typing import Collection

from ..language import Note
from .arrangement import BarPlan
from .harmony import Tonality, chord_degrees, into_range
from .phrasing import length_index, loudness, may_change, note_count, order_by_weight, take
from .progressions import BarHarmony

ARP_LOW, ARP_HIGH = 55, 88

#: Notes of a bar by intensity; ambient runs slower.
COUNTS = ((0, 3), (0.2, 6.5), (0.45, 10), (0.75, 14.5), (0.9, 16), (1, 16))
CALM_COUNTS = ((0, 2.5), (0.25, 6), (0.55, 9.5), (0.85, 14.5), (1, 16))

FIGURES = ("up", "up", "down", "updown", "updown", "downup", "walk", "alberti", "pedal")

#: Heads of the 3+3+2 grouping of both half bars.
HEADS = (0, 9, 18, 24, 33, 42)


class ArpWriter:
    """One figure and one time feel a song; the octave rises with energy, the gate is the song's."""

    def __init__(self, rng: Random, style: str, tonality: Tonality) -> None:
        self.rng = rng
        self.tonality = tonality
        self.curve = CALM_COUNTS if style == "ambient" else COUNTS
        self.figures = rng.choice(FIGURES), rng.choice(FIGURES)
        self.figure = self.figures[0]
        self.tones = rng.choice(((0, 2, 4), (0, 2, 4), (0, 2, 4, 6), (0, 4), (0, 2, 4, 8), (0, 4, 8), (2, 4, 6)))
        self.low = rng.choice((55, 57, 60, 60, 64))
        self.gate = rng.choice((1, 2, 2, 3, 3, 3, 6)) if style != "ambient" else rng.choice((3, 3, 6, 12))
        self.feel = rng.choices(("straight", "dotted", "332", "gallop", "triplet"), (5, 2.5, 2.5, 1, 0.35))[0]
        self.level = rng.choice((3, 4, 4, 5))
        self.accents = rng.choices(("none", "heads", "first"), (5, 1.5, 2))[0]
        self.range = rng.choice((1, 1, 2))
        self.lift = rng.random() < 0.7
        self.restarts = rng.random() < 0.7
        self.walk = self._walk()
        self.order = self._rhythm()

    def modulate(self, tonality: Tonality) -> None:
        """Goes on in another key."""
        self.tonality = tonality

    def _walk(self) -> list[int]:
        """Sixteen places that move by one or two, the same in every bar."""
        places = [0]
        while len(places) < 16:
            places.append(places[-1] + self.rng.choice((-1, -1, 1, 1, 1, 2, -2)))
        return places

    def _rhythm(self) -> list[int]:
        """The steps of a bar in order of importance."""
        rng = self.rng
        if self.feel == "triplet":
            return [0, 24, 12, 36, 8, 20, 32, 44, 4, 16, 28, 40]
        first = {
            "straight": [0, 24, 12, 36, 6, 18, 30, 42] if rng.random() < 0.6 else [6, 30, 18, 42, 0, 24, 12, 36],
            "332": [0, 18, 9, 24, 42, 33],
            "gallop": [0, 24, 12, 36, 6, 30, 18, 42, 9, 33, 21, 45],
            "dotted": [],
        }[self.feel]
        rest = {step: 2.0 if step % 6 == 0 else 1.0 for step in range(0, 48, 3) if step not in first}
        return [*first, *order_by_weight(rng, rest)]

    def _dotted(self, bar: int) -> list[int]:
        """Every third sixteenth, running on across the bars of a four-bar phrase, then the sixteenths around."""
        start = -(bar % 4 * 48) % 9
        run = list(range(start, 48, 9))
        return run + [step for step in self.order if step not in run]

    def _pick(self, index: int, position: int, count: int) -> int:
        """Which of `count` ascending pitches the `index`-th note plays."""
        if self.figure == "up":
            return index % count
        if self.figure == "down":
            return count - 1 - index % count
        if self.figure == "alberti":
            return (0, count - 1, count // 2, count - 1)[index % 4]
        if self.figure == "pedal":
            return 0 if index % 2 == 0 else 1 + index // 2 % max(1, count - 1)
        cycle = max(1, 2 * count - 2)
        if self.figure == "walk":
            place = self.walk[position // 3] % cycle
        else:
            place = (index + (count - 1 if self.figure == "downup" else 0)) % cycle
        return min(place, cycle - place)

    def write(self, plan: BarPlan, harmony: BarHarmony, avoided: Collection[int] = ()) -> list[Note]:
        """The notes of one bar. Steps in `avoided` belong to another track and are played last."""
        if plan.bar == 0:
            self.figure = self.figures[0]
        elif may_change(plan, "arp") and self.rng.random() < 0.3:
            self.figure = self.figures[self.figure == self.figures[0]]
        count = note_count(plan.intensity["arp"], self.curve)
        order = self.order
        if self.feel == "dotted":
            order = self._dotted(plan.bar)
        elif self.feel == "triplet" and count > len(order):
            order = list(range(0, 48, 3))
        positions = take(order, count, avoided)
        octaves = self.range + (1 if self.lift and plan.energy >= 5 else 0)
        level = loudness(plan, self.level)
        ladders = {chord.degree: self._ladder(chord.degree, octaves) for chord in harmony.chords}
        first = 0 if self.restarts else plan.bar % 4 * count
        notes = []
        for index, position in enumerate(positions):
            ladder = ladders[harmony.at(position).degree]
            pitch = ladder[self._pick(first + index, position, len(ladder))]
            end = positions[index + 1] if index + 1 < len(positions) else 48
            loud = self.accents == "heads" and position in HEADS or self.accents == "first" and position % 24 == 0
            notes.append(Note(position, pitch, level + 1 if loud else level, length_index(min(self.gate, end - position))))
        return notes

    def _ladder(self, root: int, octaves: int) -> list[int]:
        """The chord's pitches over the octaves, ascending, inside the arpeggio's range."""
        tones = chord_degrees(self.tonality, root, self.tones)
        degrees = [degree + 7 * octave for octave in range(octaves) for degree in tones]
        base = self.low if root <= 3 else self.low - 12
        return sorted({into_range(self.tonality.pitch(degree, base), ARP_LOW, ARP_HIGH) for degree in degrees})
