"""Drum figures: strokes drawn by weighted positions under the habits of a kind of figure, not picked from a list.

A stroke carries the drum intensity (0..1) from which it sounds, so one figure serves every density of a song. Positions are steps.
"""

from __future__ import annotations

from dataclasses import dataclass
from random import Random
from typing import Mapping, NamedTuple, Sequence

GHOST, SOFT, PLAIN, ACCENT = range(4)
BEATS = (0, 12, 24, 36)
OFFBEATS = (6, 18, 30, 42)
BAR_STEPS, SIXTEENTH = 48, 3


class Stroke(NamedTuple):
    """A hit of a groove: step 0-47, kit piece name, level 0-3, and the intensity from which it sounds."""

    position: int
    piece: str
    level: int
    need: float = 0.0


@dataclass(frozen=True)
class Element:
    """One voice of a groove, such as the hats: its role in the kit and its strokes in each bar of its cycle."""

    role: str
    bars: tuple[tuple[Stroke, ...], ...]

    def at(self, bar: int) -> tuple[Stroke, ...]:
        """The strokes in a bar counted from the start of the section."""
        return self.bars[bar % len(self.bars)]


def strokes(positions: Sequence[int], piece: str, level: int, need: float = 0.0, spread: float = 0.0) -> tuple[Stroke, ...]:
    """One stroke a position, the first at `need`, the others spread over the next `spread` of intensity."""
    step = spread / max(1, len(positions))
    return tuple(Stroke(position, piece, level, need + step * place) for place, position in enumerate(positions))


def drawn(rng: Random, weights: Mapping[int, float], count: int) -> list[int]:
    """`count` positions drawn without replacement, the heavier the earlier; zero weights never."""
    possible = [position for position, weight in weights.items() if weight > 0]
    keys = {position: rng.random() ** (1 / weights[position]) for position in possible}
    return sorted(possible, key=keys.__getitem__, reverse=True)[:count]


def hat_levels(rng: Random) -> tuple[int, int, int, int]:
    """Levels of the four sixteenths of a beat: loudest off the beat, weak sixteenths softest."""
    off = rng.choice((PLAIN, PLAIN, ACCENT))
    weak = rng.choice((GHOST, GHOST, SOFT))
    return rng.choice((SOFT, SOFT, PLAIN)), weak, off, rng.choice((weak, SOFT))


def cell_figure(
    rng: Random, piece: str, chances: Sequence[float], levels: Sequence[int], need: float, spread: float
) -> tuple[Stroke, ...]:
    """Sixteenths from a cell of one, two or four beats, each drawn by the chance of its place in the beat.

    The cell repeats through the bar and its last beat may differ. The likelier a place, the lower its need; all repeats of a
    place enter together.
    """
    length = rng.choices((4, 8, 16), (5, 3, 2))[0]
    cell = [slot for slot in range(length) if rng.random() < chances[slot % 4]] or [2]
    slots = {slot + start: slot for start in range(0, 16, length) for slot in cell}
    if rng.random() < 0.35:
        early = {slot: source for slot, source in slots.items() if slot < 12}
        slots = early | {slot: slot for slot in range(12, 16) if rng.random() < chances[slot % 4]} or slots
    ranks = {slot: rng.random() * 0.35 - chances[slot % 4] for slot in range(16)}
    order = sorted({ranks[slot] for slot in slots.values()})
    return tuple(
        Stroke(slot * SIXTEENTH, piece, levels[slot % 4], need + spread * order.index(ranks[source]) / len(order))
        for slot, source in sorted(slots.items())
    )


def even_spread(count: int, shift: int) -> list[int]:
    """`count` strokes as even as sixteenths allow, turned by `shift` sixteenths."""
    return sorted((shift + place * 16 // count) % 16 * SIXTEENTH for place in range(count))


def syncopated(rng: Random, count: int, avoided: Sequence[int] = ()) -> list[int]:
    """At most `count` syncopated positions, most important first: of the tresillo, spread evenly, or drawn by off-beat weight."""
    kind = rng.choices(("tresillo", "even", "free"), (4, 3, 5))[0]
    if kind == "tresillo":
        shift = rng.choices((0, 3, 6, 9), (6, 1, 2, 1))[0]
        halves = rng.choice(((0, 9, 18, 24, 33, 42), (0, 9, 18, 27, 36, 42), (0, 9, 18, 33, 42), (9, 18, 33, 42), (24, 33, 42)))
        positions = [(position + shift) % BAR_STEPS for position in halves]
    elif kind == "even":
        positions = even_spread(rng.choice((3, 5, 5, 6, 7)), rng.randrange(16))
    else:
        weight = {0: 0.35, 3: 0.9, 6: 1.0, 9: 1.4}
        positions = drawn(rng, {p: weight[p % 12] for p in range(0, BAR_STEPS, SIXTEENTH)}, count)
    kept = [position for position in positions if position not in avoided] or [rng.choice((9, 33, 42))]
    return sorted(kept, key=lambda p: (p % 12 == 0, rng.random()))[:count]


def answered(rng: Random, bar: tuple[Stroke, ...]) -> tuple[Stroke, ...]:
    """The bar's answer: its second half with a stroke moved, left out or added."""
    late = [stroke for stroke in bar if stroke.position >= 24]
    rest = [stroke for stroke in bar if stroke not in late]
    model = rng.choice(late or list(bar))
    taken = {stroke.position for stroke in bar}
    free = [position for position in range(24, BAR_STEPS, SIXTEENTH) if position not in taken and position % 12]
    change = rng.choice(("move", "move", "omit", "add")) if len(late) > 1 else "add"
    if change != "add":
        late.remove(model)
    if change != "omit" and free:
        late.append(model._replace(position=rng.choice(free)))
    return tuple(sorted(rest + late))


def cycle(rng: Random, bar: tuple[Stroke, ...], chance: float = 0.45) -> tuple[tuple[Stroke, ...], ...]:
    """The bar alone, or with its answer in every second or every fourth bar."""
    if rng.random() >= chance:
        return (bar,)
    answer = answered(rng, bar)
    return (bar, answer) if rng.random() < 0.6 else (bar, bar, bar, answer)
