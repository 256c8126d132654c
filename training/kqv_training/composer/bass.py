"""Bass writing: the acid line that develops a motif, and the bass lines of the other styles that follow the chord roots.

Positions are steps (48 a bar), pitches stay in the register 28-52; velocity level 7 is the accent.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from random import Random

from ..language import Note, vocabulary
from .arrangement import BarPlan
from .harmony import BASS_LOW, Tonality, fold_bass

ACCENT, PLAIN, SOFT = 7, 5, 4
SIXTEENTH = 3


@dataclass(frozen=True)
class AcidStep:
    """One sixteenth of an acid motif; it sounds while its rank is below the number of notes asked for."""

    rank: int
    degree: int
    octave: int
    accent: bool
    slide: bool


class AcidBass:
    """A sixteen- or thirty-two-step line of few pitches, with accents and slides, changed a little every four or eight bars."""

    def __init__(self, rng: Random, tonality: Tonality) -> None:
        self.rng = rng
        self.tonality = tonality
        self.low = rng.choice((28, 28, 30))
        colours = [1, 2, 3, 4, 6, 6, 4, 2]
        rng.shuffle(colours)
        self.degrees = list(dict.fromkeys(colours))[: rng.randint(1, 4)]
        self.bars = rng.choice((1, 1, 2))
        self.follows_chord = rng.random() < 0.5
        self.pace = rng.choice((4, 8, 8))
        self.accent_share = rng.uniform(0.15, 0.32)
        self.slide_share = rng.uniform(0.1, 0.27)
        self.motif = self._compose()
        self.home = list(self.motif)

    def _step(self, index: int, previous: int) -> AcidStep:
        rng = self.rng
        draw = rng.random()
        degree = 0 if draw < 0.5 else previous if draw < 0.68 else rng.choice(self.degrees)
        weak = index % 4 != 0
        octave = rng.choices((0, 1, -1), (10, 3.5 if weak else 1, 0.6))[0]
        accent = rng.random() < self.accent_share * (1.3 if index % 4 in (2, 3) else 0.7)
        return AcidStep(0, degree, octave, accent, rng.random() < self.slide_share)

    def _compose(self) -> list[AcidStep]:
        steps: list[AcidStep] = []
        for index in range(16):
            steps.append(self._step(index, steps[-1].degree if steps else 0))
        ranks = sorted(range(16), key=lambda i: self.rng.random() - (0.45 if i in (0, 3, 6, 10) else 0))
        steps = [replace(steps[i], rank=ranks.index(i)) for i in range(16)]
        if self.bars == 1:
            return steps
        second = list(steps)
        for index in self.rng.sample(range(16), self.rng.randint(2, 5)):
            second[index] = replace(self._step(index, 0), rank=steps[index].rank)
        return steps + second

    def _develop(self) -> None:
        """One small change: new steps, a rotation, moved accents, new slides, or back to the beginning."""
        rng, motif = self.rng, self.motif
        kind = rng.choice(("steps", "steps", "steps", "rotate", "accents", "slides", "home"))
        if kind == "steps":
            for index in rng.sample(range(len(motif)), rng.randint(1, 2)):
                motif[index] = replace(self._step(index % 16, motif[index - 1].degree), rank=motif[index].rank)
        elif kind == "rotate":
            shift = rng.choice((1, 2, 3, 6))
            self.motif = motif[-shift:] + motif[:-shift]
        elif kind == "accents":
            shift = rng.choice((1, 2, 3))
            self.motif = [replace(step, accent=motif[i - shift].accent) for i, step in enumerate(motif)]
        elif kind == "slides":
            self.motif = [replace(step, slide=rng.random() < self.slide_share) for step in motif]
        else:
            self.motif = list(self.home)

    def write(self, plan: BarPlan, root: int, next_root: int, kicks: set[int]) -> list[Note]:
        """The notes of one bar."""
        if plan.bar and plan.bar % self.pace == 0:
            self._develop()
        sounding = round(4 + 12 * plan.intensity["bass"])
        offset = plan.bar % self.bars * 16
        steps = [(i, self.motif[offset + i]) for i in range(16) if self.motif[offset + i].rank < sounding]
        chord = root if self.follows_chord else 0
        notes = []
        for place, (index, step) in enumerate(steps):
            pitch = fold_bass(self.tonality.pitch(chord % 7 + step.degree, self.low) + 12 * step.octave)
            gap = steps[place + 1][0] - index if place + 1 < len(steps) else 99
            slide = step.slide and gap <= 2
            duration = SIXTEENTH * gap if slide else SIXTEENTH
            notes.append(Note(index * SIXTEENTH, pitch, ACCENT if step.accent else PLAIN,
                              vocabulary().duration_index(duration), slide))
        return notes


#: Rhythms by style: positions in order of importance; the intensity decides how many sound.
RHYTHMS = {
    "house": (
        (6, 30, 18, 42, 45, 33, 9), (0, 33, 15, 24, 9, 42, 45), (0, 9, 18, 30, 42, 27, 36), (6, 18, 30, 42, 3, 27, 15, 39),
        (0, 18, 30, 9, 42, 45), (3, 9, 18, 27, 33, 42, 45), (6, 15, 30, 39, 21, 45, 42), (0, 21, 30, 9, 39, 45),
        (0, 6, 18, 30, 42, 36, 24, 12), (9, 18, 33, 42, 0, 27, 45),
    ),
    "techno": (
        (6, 30, 18, 42, 9, 33, 21, 45, 3, 27, 15, 39), (9, 21, 33, 45, 6, 18, 30, 42, 3, 15, 27, 39),
        (3, 6, 9, 27, 30, 33, 15, 18, 21, 39, 42, 45), (0, 9, 18, 27, 36, 45, 6, 30, 42), (6, 18, 30, 42, 3, 15, 27, 39),
    ),
    "electro": (
        (0, 18, 30, 6, 21, 42, 9, 45, 33, 27, 15, 39), (0, 3, 9, 18, 24, 27, 33, 42, 6, 30, 45), (0, 6, 18, 24, 30, 42, 9, 33, 45, 21),
        (0, 9, 15, 24, 33, 39, 18, 42, 6, 30),
    ),
    "breaks": ((0, 30, 18, 42, 9, 27), (0, 27, 42, 18, 9), (0, 18, 30, 36, 9, 45), (0, 6, 30, 33, 18, 42)),
    "ambient": ((0, 24, 36), (0, 36, 18), (0, 30, 42)),
}

#: Notes of a bar at full intensity, and the length of a note in steps, by style.
MOST_NOTES = {"house": 8, "techno": 12, "electro": 12, "breaks": 6, "ambient": 3}

#: Above this intensity the sixteenths that a rhythm leaves out fill in, up to `FULLEST` notes.
CROWDED, FULLEST = 0.9, 14
NOTE_LENGTHS = {"house": (3, 3, 4, 6), "techno": (2, 3, 3), "electro": (2, 3, 3), "breaks": (6, 9, 12, 18), "ambient": (24, 36, 48)}


class GrooveBass:
    """A bass line on the chord's root with fifth, seventh and octave, its rhythm fixed per song and thinned by intensity."""

    def __init__(self, rng: Random, style: str, tonality: Tonality) -> None:
        self.rng = rng
        self.style = style
        self.tonality = tonality
        self.length = rng.choice(NOTE_LENGTHS[style])
        self.avoids_kick = style == "house" and rng.random() < 0.45 or style == "techno"
        self.plain = {"house": 0.55, "techno": 0.8, "electro": 0.4, "breaks": 0.6, "ambient": 0.85}[style]
        self._choose_pattern()

    def _choose_pattern(self) -> None:
        rng = self.rng
        rhythm = rng.choice(RHYTHMS[self.style])
        rest = [3 * i for i in range(16) if 3 * i not in rhythm]
        rng.shuffle(rest)
        self.rhythm = (*rhythm, *rest)
        self.own_count = min(len(rhythm), MOST_NOTES[self.style])
        colours = rng.choice(((7, 4), (7,), (4, 6), (7, 6), (4, 7, 6), (2, 4)))
        if self.style == "techno":
            colours = rng.choice(((7,), (1,), (2,), (6,)))
        self.shapes = [[0 if rng.random() < self.plain or position == 0 else rng.choice(colours) for position in self.rhythm]]
        second = list(self.shapes[0])
        for _ in range(rng.randint(0, 2)):
            second[rng.randrange(len(second))] = rng.choice((0, *colours))
        self.shapes.append(second)
        accented = rng.sample(rhythm, 1 if self.style != "ambient" else 0)
        self.accented = set(accented) if rng.random() < 0.6 else set()
        self.softens = self.style in ("house", "ambient") and rng.random() < 0.3

    def _pitch(self, root: int, colour: int) -> int:
        """`colour` scale steps above the chord root, which lies in the lowest octave of the register."""
        lowest = BASS_LOW + (self.tonality.pitch_class(root) - BASS_LOW) % 12
        interval = (self.tonality.pitch_class(root + colour) - self.tonality.pitch_class(root)) % 12
        return lowest + interval + 12 * (colour // 7)

    def write(self, plan: BarPlan, root: int, next_root: int, kicks: set[int]) -> list[Note]:
        """The notes of one bar; the last pickup may lead to the next chord's root."""
        rng = self.rng
        if plan.opens_phrase and plan.bar and rng.random() < 0.15:
            self._choose_pattern()
        intensity = plan.intensity["bass"]
        count = max(1, round(min(1.0, intensity / CROWDED) * self.own_count))
        if intensity > CROWDED:
            count += round((intensity - CROWDED) / (1 - CROWDED) * (FULLEST - self.own_count))
        events = sorted(zip(self.rhythm, self.shapes[plan.bar % 2]))
        kept = set(self.rhythm[:count])
        if self.avoids_kick and len(kept - kicks) >= 2 and intensity <= CROWDED:
            kept -= kicks
        events = [event for event in events if event[0] in kept]
        notes = []
        ends = [position for position, _ in events[1:]] + [self.length + 48]
        for (position, colour), end in zip(events, ends):
            length = vocabulary().duration_index(min(self.length, end - position))
            leads_on = position >= 42 and next_root != root and rng.random() < 0.5
            pitch = self._pitch(next_root, 0) if leads_on else self._pitch(root, colour)
            velocity = ACCENT if position in self.accented else SOFT if self.softens else PLAIN
            slide = self.style == "breaks" and position == events[-1][0] and len(notes) > 1 and rng.random() < 0.15
            notes.append(Note(position, pitch, velocity, length, slide))
        return notes


def make_bass(rng: Random, style: str, tonality: Tonality) -> AcidBass | GrooveBass:
    """The bass player of a song: acid lines in acid, sometimes in techno, electro and house."""
    borrowed = {"acid": 1.0, "techno": 0.25, "electro": 0.12, "house": 0.06}.get(style, 0.0)
    if rng.random() < borrowed:
        return AcidBass(rng, tonality)
    return GrooveBass(rng, style, tonality)
