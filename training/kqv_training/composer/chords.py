"""Chord writing for strings, keys and organ: pads, pushed chords and stabs over one voice-led loop."""

from __future__ import annotations

from random import Random
from typing import Collection, NamedTuple

from ..language import Note
from .arrangement import BLOCK_BARS, BarPlan
from .harmony import Tonality, chord_degrees
from .phrasing import (
    ACCENT, SIXTEENTHS, even_spread, fill_up, length_index, loudness, may_change, note_count, order_by_distance, order_by_weight, take,
)
from .progressions import HALF_BAR, BarHarmony, Chord, Progression
from .voicing import planed_loop, voice_loop

#: Chord tones over a bass, and without one. With a bass the root is left out, except in triads and bare fifths.
COLOURS = {
    "triad": ((0, 2, 4), (0, 2, 4)),
    "fifth": ((0, 4, 2), (0, 4, 2)),
    "seventh": ((2, 4, 6), (0, 2, 4, 6)),
    "ninth": ((2, 4, 6, 8), (0, 2, 4, 6, 8)),
    "airy ninth": ((2, 6, 8), (0, 2, 6, 8)),
    "thirteenth": ((2, 6, 8, 12), (0, 2, 6, 8, 12)),
}

#: How common each colour is, by style.
STYLE_COLOURS = {
    "house": (2, 0.5, 4, 6, 3, 1.5), "acid": (5, 3, 3, 0.7, 1, 0), "techno": (6, 2, 3, 1, 1, 0),
    "electro": (5, 1.5, 4, 2, 1, 0.3), "breaks": (3, 1, 4, 4, 2, 1), "ambient": (2, 1, 3, 5, 3, 1.5),
}

#: How common it is that a song strikes, holds or pushes its chords, by style.
MANNERS = {
    "house": (6, 2, 2), "acid": (5, 4, 1), "techno": (6, 3.5, 0.5), "electro": (5, 4, 1), "breaks": (3, 5, 2), "ambient": (0.4, 7, 2),
}

#: Notes of a bar by intensity, for struck and for sustained chords.
STRUCK = ((0, 3), (0.25, 5), (0.5, 9), (0.75, 13), (0.9, 18), (1, 26))
SUSTAINED = ((0, 2), (0.2, 3.6), (0.5, 6), (0.7, 8.5), (0.85, 12), (1, 24))

#: How the top note of a chord that stays moves, in scale steps, one entry a bar or two.
TOPS = ((0, 0, 1, 0), (0, 1, 0, -1), (0, -1, 0, -1), (0, 1, 2, 1), (0, 0, 0, 1), (0, 0, -1, -1), (0, 1, 1, 0))


def _struck_rhythm(rng: Random) -> list[int]:
    """An order of strokes: off-beats, late sixteenths, tresillo, Charleston, an even spread, or freely syncopated."""
    family = rng.choices(("offbeat", "late", "tresillo", "charleston", "spread", "free"), (3, 3, 3, 2, 3, 2))[0]
    if family == "offbeat":
        start = [rng.choice((6, 18))]
        start += [start[0] + 24] + rng.sample([step for step in (6, 18, 30, 42) if step % 24 != start[0]], 2)
    elif family == "late":
        start = [9, 27] + rng.choice(([42], [18, 42], [45, 18], [33, 18], [3, 42]))
    elif family == "tresillo":
        start = rng.choice(([0, 9, 18], [0, 18, 9], [9, 18, 0])) + rng.choice(([24, 33, 42], [33, 42], [30, 42], [27, 36]))
    elif family == "charleston":
        start = [0, 18] + rng.choice(([30, 42], [42, 9], [33, 27], [24, 42]))
    elif family == "spread":
        start = order_by_distance(rng, even_spread(rng.choice((3, 5, 5, 6, 7)), rng.randrange(16)))
    else:
        start = order_by_weight(rng, {step: {6: 5, 9: 3, 3: 2, 0: 1}[step % 12] for step in SIXTEENTHS})[:5]
        start = order_by_distance(rng, start)
    return fill_up(start, rng)


def _sustained_rhythm(rng: Random, pushes: bool) -> list[int]:
    """An order of strokes for held chords: the downbeat (or no stroke there, when chords are pushed), then halves and thirds."""
    weights = {0: 1e6, 24: 6, 18: 6, 36: 4, 30: 2.5, 42: 2, 12: 2, 9: 1.5, 6: 1, 33: 1}
    if pushes:
        weights |= {0: 0.3, 6: 2, 18: 5}
    return fill_up(order_by_weight(rng, weights), rng)


class ChordRhythm(NamedTuple):
    """Orders of strokes: struck, struck in the varied bars, held, and pushed across the bar line."""

    struck: list[int]
    varied: list[int]
    held: list[int]
    pushed: list[int]


def _compose_rhythm(rng: Random) -> ChordRhythm:
    struck = _struck_rhythm(rng)
    varied = list(struck)
    swap = rng.randrange(1, 3)
    varied[swap], varied[swap + 2] = varied[swap + 2], varied[swap]
    return ChordRhythm(struck, varied, _sustained_rhythm(rng, False), _sustained_rhythm(rng, True))


class ChordWriter:
    """The chords of one song: one colour, one manner of playing, a rhythm and another that may take its turn, least movement."""

    def __init__(self, rng: Random, style: str, tonality: Tonality) -> None:
        self.rng = rng
        self.tonality = tonality
        self.colour = rng.choices(list(COLOURS), STYLE_COLOURS[style])[0]
        self.centre = rng.randint(58, 64)
        self.manner = rng.choices(("struck", "held", "pushed"), MANNERS[style])[0]
        self.breathes = rng.random() < 0.8
        self.push = rng.choice((3, 6, 6, 6, 12))
        self.anticipates = rng.random() < 0.4
        self.planes = rng.random() < {"house": 0.16, "techno": 0.16}.get(style, 0.03)
        self.lasting = rng.random() < 0.12
        self.top = rng.choice(TOPS) if rng.random() < 0.85 else (0,)
        self.top_bars = rng.choice((1, 1, 2))
        self.sings = rng.random() < 0.2
        self.level = rng.choice((4, 5, 5, 5))
        self.gate = rng.choice((2, 3, 3, 3, 4, 6))
        self.accent_place = rng.choice((None, None, 0, 1))
        self.loops: dict[tuple[Progression, bool], list[tuple[int, ...]]] = {}
        self.home, self.other = (_compose_rhythm(rng) for _ in range(2))
        self.rhythm = self.home
        self.variant_bars = rng.choice(((1, 3), (3,), (3,), ()))

    def modulate(self, tonality: Tonality) -> None:
        """Goes on in another key."""
        self.tonality = tonality
        self.loops.clear()

    def _voicings(self, progression: Progression, with_bass: bool) -> list[tuple[int, ...]]:
        """The song's voicings of a loop, found once so that the loop repeats exactly."""
        found = self.loops.get((progression, with_bass))
        if found is None:
            tones = COLOURS[self.colour][0 if with_bass else 1]
            classes = [
                tuple(sorted({self.tonality.pitch_class(d) for d in chord_degrees(self.tonality, degree, tones)}))
                for degree in progression.degrees
            ]
            found = voice_loop(classes, self.centre)
            if self.planes:
                found = planed_loop(self.tonality, found[0], progression.degrees)
            self.loops[progression, with_bass] = found
        return found

    def _pitches(self, chord: Chord, voices: list[tuple[int, ...]], bar: int, count: int) -> list[int]:
        """The `count` voices of a chord that say most about it, with the top moved as the song's tune wants."""
        pitches = list(voices[chord.place])
        if len(voices) == 1 or self.sings:
            moved = self.tonality.move(pitches[-1], self.top[bar // self.top_bars % len(self.top)])
            pitches[-1] = moved if moved > pitches[-2] else pitches[-1]
        if len(pitches) <= count:
            return pitches
        telling = [self.tonality.pitch_class(chord.degree + tone) for tone in (2, 8, 6, 4)]
        rank = {pitch: telling.index(pitch % 12) if pitch % 12 in telling else 9 for pitch in pitches}
        rank[pitches[-1]] = -1
        return sorted(sorted(pitches, key=lambda pitch: rank[pitch])[:count])

    def write(self, plan: BarPlan, harmony: BarHarmony, progression: Progression, avoided: Collection[int] = ()) -> list[Note]:
        """The notes of one bar. Steps in `avoided` belong to another track and are played last."""
        if plan.bar == 0:
            self.rhythm = self.home
        elif may_change(plan, "chords") and self.rng.random() < 0.3:
            self.rhythm = self.other if self.rhythm is self.home else self.home
        manner = self.manner
        if plan.section == "break" and manner == "struck" and self.breathes:
            manner = "pushed" if self.anticipates else "held"
        voices = self._voicings(progression, "bass" in plan.intensity)
        size = len(voices[0])
        wanted = note_count(plan.intensity["chords"], STRUCK if manner == "struck" else SUSTAINED)
        strokes = max(1, min(9, round(wanted / size)))
        count = max(3 if strokes > 1 else 2, min(size, round(wanted / strokes)))
        if manner == "struck":
            return self._strike(plan, harmony, voices, strokes, count, avoided)
        return self._hold(plan, harmony, voices, strokes, count, manner == "pushed")

    def _strike(self, plan: BarPlan, harmony: BarHarmony, voices: list[tuple[int, ...]], strokes: int, count: int,
                avoided: Collection[int]) -> list[Note]:
        """Short chords; the last may be the next bar's chord, early."""
        order = self.rhythm.varied if plan.bar % 4 in self.variant_bars else self.rhythm.struck
        positions = take(order, strokes, avoided)
        notes: list[Note] = []
        level = loudness(plan, self.level)
        for index, position in enumerate(positions):
            gap = (positions[index + 1] if index + 1 < len(positions) else 48) - position
            early = self.anticipates and position >= 42 and harmony.leaves and not plan.is_last
            chord, bar = (harmony.following, plan.bar + 1) if early else (harmony.at(position), plan.bar)
            accented = self.accent_place is not None and index % 2 == self.accent_place and strokes > 1
            velocity = min(ACCENT, level + 1) if accented else level
            length = length_index(9 if early and self.gate > 2 else min(self.gate, gap))
            notes += [Note(position, pitch, velocity, length) for pitch in self._pitches(chord, voices, bar, count)]
        return notes

    def _hold(self, plan: BarPlan, harmony: BarHarmony, voices: list[tuple[int, ...]], strokes: int, count: int,
              pushes: bool) -> list[Note]:
        """Chords that ring into each other; pushed ones begin before the bar line and ring across it."""
        enters = self.push if pushes and not plan.is_last and (plan.bar + 1) % BLOCK_BARS else 0
        entered = pushes and plan.bar % BLOCK_BARS != 0
        if self.lasting and not pushes and strokes == 1 and not harmony.arrives and plan.bar % 2:
            return []
        order = self.rhythm.pushed if entered else self.rhythm.held
        positions = [step for step in take(order, strokes) if step < 48 - enters]
        if enters:
            positions = positions[:strokes - 1] if entered else positions
            positions.append(48 - enters)
        elif not positions:
            positions = [0]
        if len(harmony.chords) > 1 and HALF_BAR not in positions:
            positions = sorted({*positions[:max(1, strokes - 1)], HALF_BAR})
        notes: list[Note] = []
        level = loudness(plan, self.level - 1)
        for index, position in enumerate(positions):
            early = enters > 0 and position == 48 - enters
            end = positions[index + 1] if index + 1 < len(positions) else 48
            if early:
                end = 48 + (48 - enters if strokes == 1 else 18)
            elif self.lasting and strokes == 1 and not pushes and not harmony.leaves and plan.bar % 2 == 0 and not plan.is_last:
                end = 96
            chord, bar = (harmony.following, plan.bar + 1) if early else (harmony.at(position), plan.bar)
            length = length_index(end - position)
            notes += [Note(position, pitch, level, length) for pitch in self._pitches(chord, voices, bar, count)]
        return notes
