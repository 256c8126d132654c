"""Bass lines on the chord's root with fifth, seventh and octave: house between the kicks, rolling techno, electro octaves, the long
falling notes of breaks, and ambient roots. Pitches stay in the register 28-52."""

from __future__ import annotations

from random import Random
from typing import Collection, NamedTuple

from ..language import Note
from .acid import AcidBass
from .arrangement import BarPlan
from .harmony import BASS_HIGH, BASS_LOW, Tonality
from .phrasing import ACCENT, BEATS, SIXTEENTHS, even_spread, length_index, loudness, note_count, order_by_weight, take
from .progressions import BarHarmony

ROOT, THIRD, FIFTH, SEVENTH, OCTAVE = 0, 2, 4, 6, 7


class BassKind(NamedTuple):
    """A way of playing: rhythm family, note length in steps (0 = until the next note), share of plain roots, and other scale steps."""

    rhythm: str
    lengths: tuple[int, ...]
    plain: float
    colours: tuple[tuple[int, ...], ...]


KINDS = {
    "offbeat": BassKind("offbeat", (3, 3, 4, 6), 0.65, ((OCTAVE,), (FIFTH, SEVENTH), (OCTAVE, SEVENTH), (FIFTH,))),
    "syncopated": BassKind("spread", (2, 3, 3, 4), 0.45, ((FIFTH, SEVENTH, OCTAVE), (SEVENTH, OCTAVE), (FIFTH, OCTAVE), (THIRD, FIFTH))),
    "octaves": BassKind("octaves", (2, 3, 3, 4), 0.6, ((OCTAVE,), (OCTAVE, SEVENTH), (OCTAVE, FIFTH))),
    "dotted": BassKind("dotted", (3, 3, 6), 0.65, ((OCTAVE,), (FIFTH,), (SEVENTH, OCTAVE))),
    "deep": BassKind("deep", (0, 9, 12), 0.55, ((SEVENTH, FIFTH), (FIFTH,), (OCTAVE, SEVENTH))),
    "rolling": BassKind("rolling", (2, 3, 3), 0.85, ((OCTAVE,), (1,), (SEVENTH,), (THIRD,))),
    "fall": BassKind("deep", (9, 12, 18, 0), 0.7, ((FIFTH,), (SEVENTH,), (OCTAVE,))),
    "steps": BassKind("spread", (6, 6, 9), 0.5, ((FIFTH, SEVENTH), (SEVENTH,), (OCTAVE, SEVENTH))),
    "reese": BassKind("long", (0,), 0.75, ((SEVENTH,), (FIFTH,), (1,))),
    "roots": BassKind("long", (0, 0, 36), 0.8, ((FIFTH,), (OCTAVE,), (FIFTH, OCTAVE))),
    "pulse": BassKind("octaves", (6, 6, 9), 0.85, ((FIFTH,), (OCTAVE,))),
}

#: How common each way of playing is, by style.
STYLE_KINDS = {
    "house": {"offbeat": 3, "syncopated": 5, "octaves": 1.5, "dotted": 1.5, "deep": 2},
    "techno": {"rolling": 5, "offbeat": 2, "dotted": 1.5, "syncopated": 1},
    "electro": {"octaves": 4, "syncopated": 4, "dotted": 1},
    "breaks": {"fall": 5, "reese": 2.5, "steps": 2, "deep": 1},
    "ambient": {"roots": 6, "pulse": 1.5, "deep": 1},
}

#: Notes of a bar by intensity, by style.
COUNTS = {
    "house": ((0, 1), (0.5, 4.4), (0.85, 7.5), (0.93, 10), (1, 14)),
    "techno": ((0, 1.5), (0.5, 5.5), (0.85, 10), (0.93, 12), (1, 14.5)), "electro": ((0, 1), (0.5, 5), (0.85, 9), (1, 14.5)),
    "breaks": ((0, 0.6), (0.5, 2.4), (0.8, 4.5), (0.9, 6.5), (1, 13.5)),
    "ambient": ((0, 0.7), (0.25, 1.6), (0.5, 2.7), (0.75, 4.6), (0.9, 7.4), (1, 13.5)),
}


def _rhythm(rng: Random, family: str, on_one: bool) -> list[int]:
    """All sixteenths in order of importance for a rhythm family; `on_one` says whether beat 1 is one of the first."""
    weights = {step: {0: 0.3, 3: 1.0, 6: 2.0, 9: 1.5}[step % 12] for step in SIXTEENTHS}
    if family == "offbeat":
        weights |= {6: 40, 18: 40, 30: 40, 42: 40}
    elif family == "spread":
        onsets = rng.choice((3, 5, 5, 6, 7))
        for step in even_spread(onsets, rng.randrange(16)):
            weights[step] *= 14
    elif family == "octaves":
        weights |= {step: (25 if step % 12 == 6 else 12 if step % 12 == 0 else 2) for step in SIXTEENTHS}
        for step in rng.sample((3, 9, 15, 21, 27, 33, 39, 45), 3):
            weights[step] = 15
    elif family == "dotted":
        weights |= {step: 30.0 for step in range(rng.choice((0, 3, 6, 0)), 48, 9)}
    elif family == "deep":
        weights |= {rng.choice((0, 0, 3, 6)): 60, rng.choice((27, 30, 33, 24, 18)): 12, rng.choice((42, 45, 39)): 9}
    elif family == "long":
        weights = {step: {0: 3.0, 6: 1.2}.get(step % 12, 0.3) for step in SIXTEENTHS} | {0: 500, 24: 12, 36: 8, 30: 5, 18: 4}
    else:
        return _rolling(rng)
    weights[0] = max(weights[0], 30) if on_one else min(weights[0], 0.3)
    return order_by_weight(rng, weights)


def _rolling(rng: Random) -> list[int]:
    """The sixteenths behind the kick, one place of the beat after the other, so that every thinning still rolls."""
    places = rng.choice(((6, 9, 3), (9, 6, 3), (6, 3, 9), (3, 9, 6), (9, 3, 6)))
    order = []
    for place in places:
        beats = [0, 12, 24, 36]
        rng.shuffle(beats)
        order += [beat + place for beat in beats]
    if rng.random() < 0.4:
        i, j = rng.randrange(3, 8), rng.randrange(3, 8)
        order[i], order[j] = order[j], order[i]
    return [*order, *rng.sample(sorted(BEATS), 4)]


class GrooveBass:
    """A bass line of one kind: its rhythm is the song's, the second bar of two and the fourth of four differ a little."""

    def __init__(self, rng: Random, style: str, tonality: Tonality) -> None:
        self.rng = rng
        self.style = style
        self.tonality = tonality
        kinds = STYLE_KINDS[style]
        self.name = rng.choices(list(kinds), list(kinds.values()))[0]
        self.kind = KINDS[self.name]
        self.length = rng.choice(self.kind.lengths)
        self.on_one = rng.random() < {"house": 0.5, "techno": 0.08, "ambient": 1.0}.get(style, 0.8)
        self.between_kicks = self.name == "rolling" or style in ("house", "techno") and rng.random() < 0.75
        self.approach = rng.choice(("root", "root", "step", "fifth", "none", "none"))
        self.ghosts = style in ("house", "breaks", "electro") and rng.random() < 0.3
        self.level = rng.choice((4, 5, 5, 5)) if style != "ambient" else 4
        self.low = rng.choice((28, 28, 29))
        self.phase = rng.choice((0, 4))
        self.falls_on = rng.choice(((1,), (3,), (1, 3))) if self.name == "fall" else (3,) if self.name == "reese" else ()
        self._compose()
        self.home = list(self.order), [list(shape) for shape in self.shapes]
        self.changes = 0

    def _compose(self) -> None:
        """Rhythm, its pitches for two bars as scale steps above the root by sixteenth, and the accents."""
        rng = self.rng
        self.order = _rhythm(rng, self.kind.rhythm, self.on_one)
        colours = rng.choice(self.kind.colours)
        shape = [ROOT] * 16
        if self.kind.rhythm == "octaves":
            high = rng.choice(((6,), (6,), (6, 9), (3, 9), (9,)))
            shape = [OCTAVE if 3 * i % 12 in high else ROOT for i in range(16)]
        elif self.name == "syncopated" and rng.random() < 0.35:
            figure = rng.choice(((ROOT, FIFTH, SEVENTH, OCTAVE), (ROOT, ROOT, OCTAVE, SEVENTH), (OCTAVE, SEVENTH, FIFTH, ROOT)))
            for n, step in enumerate(sorted(self.order[: rng.choice((4, 5, 6))])):
                shape[step // 3] = figure[n % 4]
        else:
            for step in self.order:
                if rng.random() > self.kind.plain:
                    weak = step % 12 != 0
                    shape[step // 3] = rng.choice([c for c in colours if weak or c != OCTAVE] or [ROOT])
        second = list(shape)
        for step in rng.sample(self.order[:6], rng.choice((0, 1, 1, 2))):
            second[step // 3] = rng.choice((ROOT, *colours))
        self.shapes = [shape, second]
        self.accents = set(rng.sample(self.order[:5], rng.choice((0, 0, 1, 1, 2)))) if self.style != "ambient" else set()
        self.moved = rng.random() < 0.4

    def _develop(self) -> None:
        """One step moves or one pitch changes; after three changes the line is itself again."""
        rng = self.rng
        self.changes += 1
        if self.changes > 3:
            self.order, self.shapes, self.changes = list(self.home[0]), [list(shape) for shape in self.home[1]], 0
        elif rng.random() < 0.5:
            early, late = rng.randrange(1, 6), rng.randrange(6, 10)
            if self.order[late] not in BEATS:
                self.order[early], self.order[late] = self.order[late], self.order[early]
        else:
            rng.choice(self.shapes)[rng.choice(self.order[:8]) // 3] = rng.choice((ROOT, *rng.choice(self.kind.colours)))

    def modulate(self, tonality: Tonality) -> None:
        """Goes on in another key."""
        self.tonality = tonality

    def pitch(self, degree: int, colour: int) -> int:
        """`colour` scale steps above a chord's root, which lies in the lowest octave of the register."""
        lowest = self.low + (self.tonality.pitch_class(degree) - self.low) % 12
        interval = (self.tonality.pitch_class(degree + colour) - self.tonality.pitch_class(degree)) % 12
        pitch = lowest + interval + 12 * (colour // 7)
        return pitch if pitch <= BASS_HIGH else pitch - 12

    def write(self, plan: BarPlan, harmony: BarHarmony, kicks: Collection[int], avoided: Collection[int] = ()) -> list[Note]:
        """The notes of one bar. Steps in `avoided` belong to another track and are played last, as are kicks if the song says so."""
        if plan.bar == 0:
            self.order, self.shapes, self.changes = list(self.home[0]), [list(shape) for shape in self.home[1]], 0
        elif plan.bar % 8 == self.phase and self.rng.random() < 0.4:
            self._develop()
        positions = self._positions(plan, kicks, avoided)
        ghosts = self._ghosts(positions)
        level = loudness(plan, self.level)
        notes: list[Note] = []
        degree = None
        for index, position in enumerate(positions):
            chord = harmony.at(position)
            end = positions[index + 1] if index + 1 < len(positions) else 48
            colour = self.shapes[plan.bar % 2][position // 3] if chord.degree == degree or not harmony.arrives and not index else ROOT
            degree = chord.degree
            pitch = self.pitch(chord.degree, colour)
            if index and position == positions[-1] and position >= 39 and harmony.leaves and not plan.is_last:
                pitch = self._approach(harmony.following.degree, pitch)
            if position in ghosts:
                notes.append(Note(position, pitch, max(1, level - 3), length_index(min(2, end - position))))
                continue
            length = end - position if self.length == 0 else min(self.length, end - position)
            notes.append(Note(position, pitch, ACCENT if position in self.accents else level, length_index(length)))
        return self._fall(notes) if plan.bar % 4 in self.falls_on else notes

    def _positions(self, plan: BarPlan, kicks: Collection[int], avoided: Collection[int]) -> list[int]:
        order = self.order
        if self.moved and plan.bar % 4 == 3:
            order = [*order[:2], order[3], order[2], *order[4:]]
        last = {*kicks, *BEATS} - ({0} if self.on_one else set()) if self.between_kicks else set()
        return take(order, note_count(plan.intensity["bass"], COUNTS[self.style]), {*last, *avoided})

    def _ghosts(self, positions: list[int]) -> set[int]:
        """The two least important of many notes, when they are weak sixteenths, in songs that play ghosts."""
        if not self.ghosts or len(positions) < 5:
            return set()
        rank = self.order.index
        return {step for step in sorted(positions, key=rank)[-2:] if step % 6 == 3}

    def _approach(self, following: int, pitch: int) -> int:
        """The note that leads to the next chord: its root, its fifth, or a scale step beside it."""
        target = self.pitch(following, ROOT)
        if self.approach == "none":
            return pitch
        if self.approach == "root":
            return target
        if self.approach == "fifth":
            return self.pitch(following, FIFTH)
        beside = self.tonality.move(target, -1 if pitch < target else 1)
        return beside if BASS_LOW <= beside <= BASS_HIGH else target

    def _fall(self, notes: list[Note]) -> list[Note]:
        """The last two notes as one fall: the first rings into the second, which lies below it."""
        if len(notes) < 2 or notes[-1].position - notes[-2].position < 6:
            return notes
        high, low = notes[-2:]
        if low.pitch >= high.pitch:
            high = high._replace(pitch=high.pitch + 12) if high.pitch + 12 <= BASS_HIGH else high
        if low.pitch >= high.pitch:
            return notes
        high = high._replace(duration=length_index(low.position - high.position), slide=True)
        return [*notes[:-2], high, low]


def make_bass(rng: Random, style: str, tonality: Tonality) -> AcidBass | GrooveBass:
    """The bass player of a song: acid lines in acid, sometimes in techno, electro and house."""
    borrowed = {"acid": 1.0, "techno": 0.22, "electro": 0.12, "house": 0.06, "breaks": 0.05}.get(style, 0.0)
    if rng.random() < borrowed:
        return AcidBass(rng, tonality)
    return GrooveBass(rng, style, tonality)
