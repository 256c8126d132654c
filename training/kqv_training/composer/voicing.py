"""Voice leading: a loop of chords voiced as a whole, so that every voice moves as little as it can and the top sings."""

from __future__ import annotations

from functools import lru_cache
from itertools import product
from typing import Sequence

from .harmony import Tonality

VOICING_LOW, VOICING_HIGH = 48, 74

#: Voicings of one chord that are compared, and first chords from which a loop is tried.
KEPT, STARTS = 12, 4

#: What a move of the top voice costs by its size in semitones: a step is best, a leap is dear.
TOP_MOVES = (1.4, 0.4, 0.4, 1.2, 2.2, 3.5, 5, 7)


@lru_cache(maxsize=8192)
def voicings(classes: tuple[int, ...], centre: int) -> tuple[tuple[float, tuple[int, ...]], ...]:
    """The best placements of pitch classes as (cost, ascending pitches 48-74) around a mean pitch of `centre`."""
    places = [[pitch for pitch in range(VOICING_LOW, VOICING_HIGH + 1) if pitch % 12 == one] for one in classes]
    found = []
    for candidate in product(*places):
        pitches = tuple(sorted(candidate))
        gaps = [high - low for low, high in zip(pitches, pitches[1:])]
        span = pitches[-1] - pitches[0]
        if span > 19 or max(gaps, default=0) > 10:
            continue
        cost = 0.5 * abs(sum(pitches) / len(pitches) - centre) + 2.5 * gaps.count(1) + (3 if span < 5 else 0)
        cost += 3 * (bool(gaps) and gaps[-1] == 1) + 2 * (bool(gaps) and gaps[0] < 3 and pitches[0] < 53)
        found.append((cost, pitches))
    if not found:
        raise ValueError(f"No voicing of the pitch classes {classes} fits between {VOICING_LOW} and {VOICING_HIGH}.")
    return tuple(sorted(found)[:KEPT])


@lru_cache(maxsize=65536)
def movement(before: tuple[int, ...], after: tuple[int, ...]) -> float:
    """What going from one voicing to the next costs; voices are paired from the top, so that none cross."""
    inner = sum(abs(a - b) for a, b in zip(before[-2::-1], after[-2::-1]))
    top = abs(before[-1] - after[-1])
    return inner + TOP_MOVES[min(top, 7)] + 0.5 * max(0, top - 2)


def voice_loop(chords: Sequence[tuple[int, ...]], centre: int) -> list[tuple[int, ...]]:
    """One voicing for each chord (its pitch classes) of a loop: the cheapest way round, counting the way back to the first."""
    best: tuple[float, list[tuple[int, ...]]] | None = None
    options = [voicings(classes, centre) for classes in chords]
    for start_cost, start in options[0][:STARTS]:
        paths = [(start_cost, [start])]
        for choices in options[1:]:
            paths = [
                min(((cost + own + movement(path[-1], pitches), [*path, pitches]) for cost, path in paths), key=lambda p: p[0])
                for own, pitches in choices
            ]
        for cost, path in paths:
            total = cost + movement(path[-1], start)
            if best is None or total < best[0]:
                best = (total, path)
    assert best is not None
    return best[1]


def planed_loop(tonality: Tonality, first: tuple[int, ...], degrees: Sequence[int]) -> list[tuple[int, ...]]:
    """The first chord's voicing moved in parallel inside the scale to every degree, by the shorter way that stays in the register."""
    loop = []
    for degree in degrees:
        steps = (degree - degrees[0] + 3) % 7 - 3
        if tonality.move(first[0], steps) < VOICING_LOW:
            steps += 7
        loop.append(tuple(tonality.move(pitch, steps) for pitch in first))
    return loop
