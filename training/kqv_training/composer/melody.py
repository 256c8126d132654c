"""Lead and arpeggio: a lead of two-bar questions and answers, an arpeggio that runs through the chord."""

from __future__ import annotations

from random import Random

from ..language import Note, vocabulary
from .arrangement import BarPlan
from .harmony import Tonality, chord_degrees

LEAD_LOW, LEAD_HIGH = 60, 84
ARP_LOW, ARP_HIGH = 55, 88

#: How many sixteenths of 32 a lead may use at most, by style.
BUSIEST_LEAD = {"house": 19, "acid": 22, "techno": 18, "electro": 20, "breaks": 18, "ambient": 11}


def _into(pitch: int, low: int, high: int) -> int:
    """The pitch moved by octaves into a range."""
    while pitch < low:
        pitch += 12
    while pitch > high:
        pitch -= 12
    return pitch


class LeadWriter:
    """A two-bar question, and an answer that keeps its rhythm and changes its end. Chord tones on strong steps."""

    def __init__(self, rng: Random, style: str, tonality: Tonality) -> None:
        self.rng = rng
        self.style = style
        self.tonality = tonality
        inside = [d for d in range(-7, 15) if LEAD_LOW <= tonality.pitch(d, LEAD_LOW) <= LEAD_HIGH]
        first = rng.randrange(max(1, len(inside) - 9))
        self.degrees = inside[first : first + 10]
        self.velocity = rng.choice((4, 5, 5, 6))
        self.legato = rng.random() < (0.9 if style == "ambient" else 0.35)
        self.hypnotic = rng.random() < {"acid": 0.6, "techno": 0.5, "electro": 0.3}.get(style, 0.1)
        self._compose()

    def _compose(self) -> None:
        rng = self.rng
        grid = 3 if self.style != "ambient" else 6
        weights = {0: 3.0, 6: 2.0, 3: 1.0, 9: 1.2}
        places = list(range(0, 96, grid))
        ordered = sorted(places, key=lambda p: rng.random() ** (1 / weights[p % 12]), reverse=True)
        self.places = ordered[: BUSIEST_LEAD[self.style]]
        self.question = self._walk()
        self.answer = dict(self.question)
        for place in sorted(self.places)[-max(2, len(self.places) // 3):]:
            self.answer[place] = self._clamp(self.question[place] + rng.choice((-2, -1, 1, 2)))

    def _clamp(self, degree: int) -> int:
        return max(self.degrees[0], min(self.degrees[-1], degree))

    def _walk(self) -> dict[int, int]:
        """Scale degrees by place: mostly small steps, or a riff of two pitches and an octave."""
        degree, line = self.rng.choice([d for d in self.degrees if d % 7 in (0, 2, 4)]), {}
        few = [self._clamp(degree + step) for step in (0, self.rng.choice((-3, -1, 1, 2)), 7)]
        for place in sorted(self.places):
            line[place] = degree
            if self.hypnotic:
                degree = self.rng.choices(few, (5, 2, 1))[0]
                continue
            degree = self._clamp(degree + self.rng.choices((0, 1, -1, 2, -2, 3, -3, -4), (4, 4, 4, 2, 2, 1, 1, 0.5))[0])
        return line

    def write(self, plan: BarPlan, root: int) -> list[Note]:
        """The notes of one bar; empty where the phrase rests."""
        if plan.bar % 16 == 0 and plan.bar and self.rng.random() < 0.3:
            self._compose()
        intensity = plan.intensity["lead"]
        count = max(2, round(len(self.places) * intensity))
        half = plan.bar % 2 * 48
        line = self.question if plan.bar % 4 < 2 else self.answer
        places = sorted(place for place in self.places[:count] if half <= place < half + 48)
        chord = {self.tonality.pitch_class(d) for d in chord_degrees(self.tonality, root, (0, 2, 4, 6))}
        notes = []
        for i, place in enumerate(places):
            pitch = self.tonality.pitch(line[place], LEAD_LOW)
            if place % 12 == 0:
                pitch = min((p for p in range(LEAD_LOW, LEAD_HIGH + 1) if p % 12 in chord), key=lambda p: (abs(p - pitch), p))
            following = places[i + 1] if i + 1 < len(places) else half + 48
            length = min(following - place, 24 if self.style == "ambient" else 12) if self.legato else 3
            notes.append(Note(place - half, pitch, self.velocity, vocabulary().duration_index(length)))
        return notes


class ArpWriter:
    """Chord tones up, down, up and down or at random, in sixteenths, eighths or dotted eighths."""

    def __init__(self, rng: Random, style: str, tonality: Tonality) -> None:
        self.rng = rng
        self.tonality = tonality
        self.shape = rng.choice(("up", "down", "updown", "walk", "up"))
        self.tones = rng.choice(((0, 2, 4), (0, 2, 4, 6), (0, 4), (0, 2, 4, 8)))
        self.low = rng.choice((55, 57, 60, 64))
        self.gate = vocabulary().duration_index(rng.choice((2, 3, 3)))
        self.velocity = rng.choice((3, 4, 5))
        self.slow = style == "ambient"
        self.order = [rng.randrange(8) for _ in range(16)]
        self.holes = sorted(range(16), key=lambda _: rng.random())

    def _pitch_index(self, index: int, count: int) -> int:
        if self.shape == "up":
            return index % count
        if self.shape == "down":
            return count - 1 - index % count
        if self.shape == "walk":
            return self.order[index % 16] % count
        cycle = max(1, 2 * count - 2)
        return min(index % cycle, cycle - index % cycle)

    def write(self, plan: BarPlan, root: int) -> list[Note]:
        """The notes of one bar; the octave range widens with intensity."""
        intensity = plan.intensity["arp"]
        octaves = 1 if intensity < 0.35 else 2
        degrees = [degree + 7 * octave for octave in range(octaves)
                   for degree in chord_degrees(self.tonality, root % 7, self.tones)]
        pitches = sorted({_into(self.tonality.pitch(degree, self.low), ARP_LOW, ARP_HIGH) for degree in degrees})
        if intensity < 0.3 or self.slow and intensity < 0.7:
            positions = list(range(0, 48, 12 if intensity < 0.12 else 9 if intensity < 0.22 else 6))
        else:
            silent = set(self.holes[: round(16 * (1 - min(1.0, intensity + 0.15)))])
            positions = [3 * i for i in range(16) if i not in silent]
        return [Note(position, pitches[self._pitch_index(i, len(pitches))], self.velocity, self.gate)
                for i, position in enumerate(positions)]
