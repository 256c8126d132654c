"""The acid line: a motif of few pitches with a contour (a goal, a return, neighbours, octaves), accents and slides, that develops.

A motif is thought in pool places, the few pitches of the song from low to high, so that a neighbour in the pool is a neighbour
to the ear; thinned by intensity it keeps its shape, because the steps that carry it are the last to fall silent.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from random import Random
from typing import Collection

from ..language import Note
from .arrangement import BarPlan
from .harmony import BASS_HIGH, BASS_LOW, Tonality, into_range
from .phrasing import ACCENT, length_index, loudness, note_count, order_by_weight, take
from .progressions import BarHarmony

#: Notes of a bar by intensity.
SOUNDING = ((0, 1), (0.2, 5.5), (0.42, 9), (0.85, 13.4), (1, 16))

#: Scale degrees a motif may use beside the tonic and its octave, by how common they are.
COLOUR_DEGREES = {-1: 3.0, 1: 1.6, 2: 2.5, 3: 1.0, 4: 2.2, 6: 2.6}

#: Plain notes stay below this velocity level, so that accents stand out.
LOUDEST_PLAIN = 5

#: How a bar of sixteenths is grouped into gestures.
GROUPINGS = ((4, 4, 4, 4), (3, 3, 3, 3, 4), (3, 3, 2, 3, 3, 2), (6, 6, 4), (4, 4, 3, 3, 2), (8, 8), (3, 3, 4, 3, 3))

#: Gestures as moves from the tonic's place in the pool; 9 stands for the octave.
GESTURES = (
    (0, 0, 0, 0, 0, 0), (0, 0, 9, 0, 0, 9), (0, 1, 0, 0, 1, 0), (0, -1, 0, 0, -1, 0), (0, 0, 1, 0, 0, 0), (0, 9, 0, 0, 9, 0),
    (0, 1, 2, 1, 0, 0), (9, 2, 1, 0, 0, 0), (0, 0, 0, 1, 2, 9), (2, 2, 1, 0, 0, 0), (0, 2, 0, 1, 0, 0), (9, 0, 0, 0, 1, 0),
    (0, 0, 1, 2, 0, 0), (1, 1, 0, 0, 0, 9), (0, 2, 2, 0, 1, 0), (0, 3, 0, 2, 0, 1), (2, 1, 0, 0, -1, 0), (0, -1, 0, 1, 0, 2),
    (0, 0, 3, 2, 0, 0), (0, -1, -1, 0, 9, 0),
)


@dataclass(frozen=True)
class AcidStep:
    """One sixteenth of a motif: its place in the pool, accent, slide into the next step."""

    place: int
    accent: bool = False
    slide: bool = False


class AcidBass:
    """A motif of one or two bars; every four or eight bars it changes by one idea, and after two or three it comes home."""

    def __init__(self, rng: Random, tonality: Tonality) -> None:
        self.rng = rng
        self.tonality = tonality
        self.low = rng.choice((28, 28, 30, 33))
        colours = order_by_weight(rng, COLOUR_DEGREES)[: rng.choices((1, 2, 3, 4), (2, 5, 4, 1.5))[0]]
        self.pool = sorted({0, 7, *colours})
        self.tonic = self.pool.index(0)
        self.octave = self.pool.index(7)
        self.bars = rng.choice((1, 2, 2))
        self.pace = rng.choice((4, 4, 8))
        self.phase = rng.choice((0, 0, 2))
        self.follows = rng.random() < 0.5
        self.turnaround = rng.choice((0, 4, 4, 8))
        self.answers_at = rng.choice((3, 4)) if rng.random() < 0.35 else 0
        self.accent_share = rng.uniform(0.2, 0.3)
        self.slide_share = rng.uniform(0.2, 0.32)
        first = self._compose()
        self.motif = first if self.bars == 1 else first + self._answer(first)
        self.order = self._rank()
        self._mark_slides()
        self._mark_accents()
        self.home = list(self.motif), list(self.order)
        self.changes = 0

    def modulate(self, tonality: Tonality) -> None:
        """Goes on in another key."""
        self.tonality = tonality

    def _gesture(self, length: int) -> list[AcidStep]:
        """A gesture of one to eight steps as pool places."""
        shape = self.rng.choice(GESTURES)
        return [AcidStep(self._place(shape[i % len(shape)])) for i in range(length)]

    def _place(self, move: int) -> int:
        return self.octave if move == 9 else max(0, min(len(self.pool) - 1, self.tonic + move))

    def _compose(self) -> list[AcidStep]:
        """A bar: two or three gestures over a grouping, repeated so that the ear learns them, with octaves between."""
        rng = self.rng
        self.grouping = rng.choice(GROUPINGS)
        gestures = [self._gesture(8) for _ in range(3)]
        gestures[0][0] = AcidStep(self.tonic if rng.random() < 0.8 else self.octave)
        pattern = rng.choice(((0, 0, 0, 1, 1, 1), (0, 1, 0, 2, 0, 1), (0, 1, 0, 1, 2, 2), (0, 0, 1, 0, 0, 2), (0, 0, 1, 1, 0, 2)))
        steps: list[AcidStep] = []
        for index, length in enumerate(self.grouping):
            steps += gestures[pattern[index]][:length]
        unused = [place for place, degree in enumerate(self.pool) if degree not in (0, 7) and AcidStep(place) not in steps]
        heard = len({self.pool[step.place] % 7 for step in steps})
        if unused and heard < 3 and (heard == 1 or rng.random() < 0.6):
            colour = rng.choice(unused)
            for index in rng.sample((3, 6, 7, 10, 11, 14, 15), 2):
                steps[index] = AcidStep(colour)
        if rng.random() < 0.75:
            weak = [i for i in range(16) if i % 4 and steps[i].place == steps[i - 1].place == self.tonic]
            for index in rng.sample(weak, min(len(weak), rng.choice((1, 2, 2, 3)))):
                steps[index] = AcidStep(self.octave)
        return steps

    def _answer(self, statement: list[AcidStep]) -> list[AcidStep]:
        """The statement with another end: a new gesture, its mirror, or a climb to the octave."""
        rng = self.rng
        tail = rng.choice((4, 5, 6, 8))
        end = rng.choice(("gesture", "mirror", "climb"))
        if end == "gesture":
            new = self._gesture(tail)
        elif end == "mirror":
            new = statement[-tail:][::-1]
        else:
            new = [AcidStep(min(self.octave, self.tonic + i * (len(self.pool) - self.tonic) // tail)) for i in range(tail)]
        return statement[:-tail] + new

    def _rank(self) -> list[int]:
        """The sixteenths in order of importance: heads of groups, goals, repeated notes between; a colour is among the first four."""
        heads = {sum(self.grouping[:i]) for i in range(len(self.grouping))}
        weights = {}
        for index in range(16):
            goal = self.motif[index].place != self.motif[index - 1].place
            weights[index] = (5 if index in heads else 1) * (2.2 if goal else 1) * (0.6 if index in (4, 12) else 1)
        order = order_by_weight(self.rng, weights)
        colour = next(i for i in order if self.motif[i].place not in (self.tonic, self.octave))
        order.remove(colour)
        order.insert(3, colour)
        return order

    def _mark_accents(self) -> None:
        """Accents on a fifth to a third of the steps, rather off the beat, the same in both bars."""
        weights = {i: (0.5, 1.2, 1.6, 2.2)[i % 4] * (2 if self.motif[i].place == self.octave else 1) for i in self.order[:12]}
        chosen = order_by_weight(self.rng, weights)[: round(12 * self.accent_share)]
        self.motif = [replace(step, accent=index % 16 in chosen) for index, step in enumerate(self.motif)]

    def _mark_slides(self) -> None:
        """Slides where the next step is an octave or a neighbour away."""
        rng, motif = self.rng, self.motif
        for first in range(0, len(motif), 16):
            moves = [i for i in range(first, first + 16) if self._slides_well(motif[i].place, motif[(i + 1) % len(motif)].place)]
            rng.shuffle(moves)
            chosen = set(moves[: max(1, round(13 * self.slide_share))])
            for index in range(first, first + 16):
                motif[index] = replace(motif[index], slide=index in chosen)

    def _slides_well(self, place: int, after: int) -> bool:
        return abs(place - after) == 1 or {place, after} == {self.tonic, self.octave}

    def _develop(self) -> None:
        """One idea: a step or two, a rotation, moved accents, new slides, a thinner line; after two or three, home again."""
        rng = self.rng
        self.changes += 1
        if self.changes > rng.choice((2, 3, 3)):
            self.motif, self.order = list(self.home[0]), list(self.home[1])
            self.changes = 0
            return
        motif = self.motif
        kind = rng.choices(("steps", "rotate", "accents", "slides", "ranks", "end"), (4, 1.5, 1.5, 1, 1.5, 1.5))[0]
        if kind == "steps":
            for index in rng.sample(range(1, len(motif)), rng.randint(1, 2)):
                place = rng.choice((motif[index - 1].place, self.octave, motif[index].place + 1, motif[index].place - 1))
                motif[index] = replace(motif[index], place=max(0, min(len(self.pool) - 1, place)))
        elif kind == "rotate":
            turn = rng.choice((3, 6, -3))
            self.motif = [motif[index - index % 16 + (index - turn) % 16] for index in range(len(motif))]
            self.order = [(index + turn) % 16 for index in self.order]
        elif kind == "accents":
            turn = rng.choice((3, 6, 2))
            self.motif = [replace(s, accent=motif[i - i % 16 + (i - turn) % 16].accent) for i, s in enumerate(motif)]
        elif kind == "slides":
            self._mark_slides()
        elif kind == "ranks":
            self.order[6:12] = rng.sample(self.order[6:12], 6)
        else:
            new = self._gesture(4)
            self.motif = motif[:-4] + [replace(old, place=step.place) for old, step in zip(motif[-4:], new)]

    def write(self, plan: BarPlan, harmony: BarHarmony, kicks: Collection[int], avoided: Collection[int] = ()) -> list[Note]:
        """The notes of one bar. An acid line runs over the kick; steps in `avoided` are played last."""
        if plan.bar == 0:
            self.motif, self.order, self.changes = list(self.home[0]), list(self.home[1]), 0
        elif (plan.bar + self.phase) % self.pace == 0:
            self._develop()
        count = note_count(plan.intensity["bass"], SOUNDING)
        offset = plan.bar % self.bars * 16
        indices = take(self.order, count, {step // 3 for step in avoided})
        transposed = self.answers_at if plan.bar % 8 in (6, 7) else 0
        chord = harmony.chords[0].degree if self.follows else 0
        level = min(LOUDEST_PLAIN, loudness(plan, 5))
        notes = []
        for n, index in enumerate(indices):
            step = self.motif[offset + index]
            turns = self.turnaround and plan.bar % self.turnaround == self.turnaround - 1 and index == indices[-1]
            place = step.place if not turns else self.octave if step.place != self.octave else self.tonic
            degree = self.pool[place] + transposed
            pitch = self.tonality.pitch((chord + 3) % 7 - 3 + degree, self.low)
            gap = indices[n + 1] - index if n + 1 < len(indices) else 1
            slides = step.slide and gap <= 2
            notes.append(Note(3 * index, into_range(pitch, BASS_LOW, BASS_HIGH), ACCENT if step.accent else level,
                              length_index(3 * gap if slides else 3), slides))
        return notes
