"""The lead: hooks of four bars, a two-bar question and an answer with the same rhythm and another end, grown from one motif.

The first bar is the motif; the second repeats it in sequence, turned upside down, at half speed, or with a new end. Chord tones on
the beats, scale tones between. Where the lead answers another track it may take up what that track has just played.
"""

from __future__ import annotations

from random import Random
from typing import Collection, NamedTuple, Sequence

from ..language import Note
from .arrangement import BarPlan
from .harmony import Tonality, chord_degrees, into_range
from .phrasing import (
    ACCENT, BEATS, SIXTEENTHS, even_spread, fill_up, length_index, loudness, note_count, order_by_distance, order_by_weight, take,
)
from .progressions import BarHarmony

LEAD_LOW, LEAD_HIGH = 60, 84

#: Notes of a bar by intensity: hooks, and the long notes of ambient.
COUNTS = ((0, 1), (0.2, 2.6), (0.4, 4), (0.6, 5.4), (0.8, 7.4), (0.92, 9.4), (1, 13))
CALM_COUNTS = ((0, 0.8), (0.3, 2.6), (0.5, 4), (0.7, 5.2), (0.85, 6.6), (1, 13))

#: How a motif moves over the beats of its bar, in scale steps.
SHAPES = ((0, 1, 2, 4), (4, 2, 1, 0), (0, 2, 4, 2), (0, 2, -1, 1), (0, 0, 2, 0), (0, 0, 0, -2), (4, 4, 2, 2), (0, 4, 2, 1), (0, -1, 0, 2),
          (2, 0, 2, 4), (0, 0, 4, 2))

#: How likely a song's lead is a riff of two or three pitches, by style.
HYPNOTIC = {"acid": 0.6, "techno": 0.55, "electro": 0.35}


class Hook(NamedTuple):
    """Four bars: the order in which steps sound, and the scale degree at each step, bar by bar; and the degree of the last note."""

    orders: tuple[list[int], ...]
    lines: tuple[dict[int, int], ...]
    goal: int


class LeadWriter:
    """Two hooks a song: the first comes back after sixteen bars, the second stands between or in the break."""

    def __init__(self, rng: Random, style: str, tonality: Tonality) -> None:
        self.rng = rng
        self.calm = style == "ambient"
        self.curve = CALM_COUNTS if self.calm else COUNTS
        self.tonality = tonality
        self.level = rng.choice((4, 5, 5, 5, 6))
        self.gate = rng.choice((3, 3, 6, 12) if not self.calm else (12, 18, 24))
        self.legato = rng.random() < (0.9 if self.calm else 0.35)
        self.hypnotic = rng.random() < HYPNOTIC.get(style, 0.12)
        self.home = rng.choice((0, 0, 2, 4, -3))
        self.rests = rng.choices(((), (3,), (1, 3), (1,)), (6, 2, 2, 1))[0]
        self.accents = rng.random() < 0.3
        self.lifts = rng.random() < 0.3
        self.hooks = [self._compose(), self._compose()]
        self.contrast = rng.choice(("none", "sixteen", "break", "break"))

    def modulate(self, tonality: Tonality) -> None:
        """Goes on in another key."""
        self.tonality = tonality

    def _rhythm(self) -> list[int]:
        """A bar's steps in order of importance."""
        rng = self.rng
        if self.calm:
            weights = {step: {0: 4.0, 6: 2.0}.get(step % 12, 0.15) for step in SIXTEENTHS}
            return order_by_weight(rng, weights | {0: 10})
        cell = rng.choices(("spread", "free", "cell"), (3, 4, 3))[0]
        if cell == "spread":
            start = order_by_distance(rng, even_spread(rng.choice((3, 3, 5, 6, 7)), rng.choice((0, 0, 1, 2, 14, 15))))
        elif cell == "free":
            start = order_by_weight(rng, {step: {0: 3.0, 6: 2.5, 3: 0.8, 9: 1.6}[step % 12] for step in SIXTEENTHS})[:6]
        else:
            short = rng.choice(((0, 3, 6), (0, 6, 9), (0, 9, 12), (6, 9, 12), (0, 3, 9), (0, 6, 12), (3, 6, 12)))
            later = rng.choice((24, 24, 18))
            start = [step + turn for step in (short[0], short[2], short[1]) for turn in (0, later)]
        return fill_up(list(dict.fromkeys(step for step in start if step < 48)), rng)

    def _motif(self, first: int) -> dict[int, int]:
        """A degree for every sixteenth of a bar: a shape over the beats with neighbours between, or two pitches and their octave."""
        rng = self.rng
        if self.hypnotic:
            few = (first, first + rng.choice((-3, -1, 1, 2)), first + rng.choice((7, 4, 2)))
            return {step: rng.choices(few, (5, 3, 1.2))[0] for step in SIXTEENTHS}
        shape = rng.choice(SHAPES)
        line = {}
        for step in SIXTEENTHS:
            here, after = shape[step // 12], shape[min(3, step // 12 + 1)]
            toward = here + (after - here) * (step % 12) / 12
            line[step] = first + round(toward) + (rng.choice((0, 0, 0, 1, -1)) if step % 12 else 0)
        return line

    def _compose(self) -> Hook:
        rng = self.rng
        order, line = self._rhythm(), self._motif(self.home)
        change = rng.choices(("sequence", "invert", "augment", "end"), (4, 2, 1.5, 3))[0]
        second_order, second = list(order), dict(line)
        if change == "sequence":
            shift = rng.choice((-2, -1, 1, 2, 3))
            second = {step: degree + shift for step, degree in line.items()}
        elif change == "invert":
            second = {step: 2 * line[0] - degree + rng.choice((0, 0, 2)) for step, degree in line.items()}
        elif change == "augment":
            second_order = fill_up([2 * step for step in order if step < 24], rng)
            second = {step: line[step // 2 // 3 * 3] for step in SIXTEENTHS}
        else:
            second |= {step: degree for step, degree in self._motif(line[24]).items() if step >= 24}
        second_order = self._breathing(second_order)
        goal = rng.choice((0, 0, 2, 4)) + 7 * round((second[24] - 2) / 7)
        answer = {step: degree if step < 24 else self._toward(second[24], goal, (step - 24) / 21) for step, degree in second.items()}
        return Hook((order, second_order, order, second_order), (line, second, line, answer), goal)

    @staticmethod
    def _toward(first: int, goal: int, progress: float) -> int:
        return round(first + (goal - first) * min(1.0, 1.3 * progress))

    def _breathing(self, order: list[int]) -> list[int]:
        """The order with the last beat of the bar left for last, so that the phrase breathes."""
        return [step for step in order if step < 36] + [step for step in order if step >= 36]

    def _hook(self, plan: BarPlan) -> Hook:
        if self.contrast == "break" and plan.section == "break" or self.contrast == "sixteen" and plan.bar // 16 % 2:
            return self.hooks[1]
        return self.hooks[0]

    def write(self, plan: BarPlan, harmony: BarHarmony, avoided: Collection[int] = ()) -> list[Note]:
        """The notes of one bar; empty where the phrase rests. Steps in `avoided` belong to another track and are played last."""
        intensity = plan.intensity["lead"]
        place = plan.bar % 4
        if place in self.rests and intensity < 0.55:
            return []
        hook = self._hook(plan)
        count = max(1, note_count(intensity, self.curve) - (place % 2 if intensity > 0.3 else 0))
        positions = take(hook.orders[place], count, avoided)
        lift = 12 if self.lifts and plan.section == "drop" and plan.visit > 1 else 0
        level = loudness(plan, self.level)
        notes: list[Note] = []
        for index, position in enumerate(positions):
            last = index + 1 == len(positions)
            degree = hook.goal if last and place == 3 else hook.lines[place][position]
            pitch = into_range(self.tonality.pitch(degree, LEAD_LOW) + lift, LEAD_LOW, LEAD_HIGH)
            if position in BEATS or last and place == 3:
                pitch = self._chord_tone(pitch, harmony.at(position).degree)
            gap = 48 - position if last else positions[index + 1] - position
            length = min(gap, 24 if self.calm else 12) if self.legato else min(gap, self.gate)
            if self.calm and last:
                length = min(48 - position + 12, 36)
            loud = self.accents and position % 12 and index + 1 < len(positions) and positions[index + 1] - position >= 9
            notes.append(Note(position, pitch, min(ACCENT, level + 1) if loud else level, length_index(max(1, length))))
        return notes

    def _chord_tone(self, pitch: int, root: int) -> int:
        """The chord tone nearest to a pitch; the lower of two."""
        chord = {self.tonality.pitch_class(degree) for degree in chord_degrees(self.tonality, root, (0, 2, 4, 6))}
        return min((p for p in range(LEAD_LOW, LEAD_HIGH + 1) if p % 12 in chord), key=lambda p: (abs(p - pitch), p))

    def imitate(self, plan: BarPlan, heard: Sequence[Note], avoided: Collection[int] = ()) -> list[Note]:
        """What another track played a turn ago, in the lead's register, in the gaps of what it plays now; as many notes as asked for."""
        count = note_count(plan.intensity["lead"], self.curve)
        tops = {note.position: note for note in heard}
        order = sorted(tops, key=lambda step: (step in avoided, step not in BEATS and tops[step].velocity < ACCENT, step))
        level = loudness(plan, self.level)
        return [
            Note(step, into_range(tops[step].pitch, LEAD_LOW + 3, LEAD_HIGH), ACCENT if tops[step].velocity == ACCENT else level,
                 length_index(3))
            for step in sorted(order[:count])
        ]
