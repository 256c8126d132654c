"""What every pitched player shares: rhythm as an order of importance, how many notes an intensity asks for, and dynamics.

A rhythm is a list of steps (48 a bar), the most important first. Playing more of it never takes a note away, so that a track
grows and thins without changing its character.
"""

from __future__ import annotations

from random import Random
from typing import Collection, Mapping, Sequence

from ..language import vocabulary
from .arrangement import BarPlan

SIXTEENTHS = tuple(range(0, 48, 3))

BEATS = frozenset((0, 12, 24, 36))

#: The velocity level of an accent, above every plain level.
ACCENT = 7


def even_spread(onsets: int, rotation: int, slots: int = 16) -> list[int]:
    """`onsets` sixteenths spread as evenly as they go over `slots` sixteenths, turned by `rotation` of them, as steps."""
    return sorted(3 * ((i * slots // onsets + rotation) % slots) for i in range(onsets))


def order_by_weight(rng: Random, weights: Mapping[int, float]) -> list[int]:
    """The keys in a random order in which heavy ones tend to come first; weights are positive."""
    return sorted(weights, key=lambda step: rng.random() ** (1 / weights[step]), reverse=True)


def order_by_distance(rng: Random, steps: Collection[int]) -> list[int]:
    """The steps in an order in which each lies as far as it can from those before it, around the bar; the first is random."""
    rest = sorted(steps)
    order = [rest.pop(rng.randrange(len(rest)))]
    while rest:
        far = max(rest, key=lambda step: (min(min((step - one) % 48, (one - step) % 48) for one in order), rng.random()))
        rest.remove(far)
        order.append(far)
    return order


def note_count(intensity: float, curve: Sequence[tuple[float, float]]) -> int:
    """How many notes an intensity 0..1 asks for: straight lines through `curve`, pairs (intensity, notes) with both rising."""
    for (low, few), (high, many) in zip(curve, curve[1:]):
        if intensity <= high:
            return round(few + (many - few) * max(0.0, intensity - low) / (high - low))
    return round(curve[-1][1])


def take(order: Sequence[int], count: int, avoided: Collection[int] = ()) -> list[int]:
    """The `count` most important steps in time order; `avoided` ones count as the least important."""
    free = [step for step in order if step not in avoided]
    return sorted((free + [step for step in order if step in avoided])[:count])


def fill_up(order: Sequence[int], rng: Random) -> list[int]:
    """`order` followed by the sixteenths that it leaves out: off-beat eighths first, then weak sixteenths, then beats."""
    rest = [step for step in SIXTEENTHS if step not in order]
    return [*order, *order_by_weight(rng, {step: {6: 4.0, 0: 0.5}.get(step % 12, 1.5) for step in rest})]


def loudness(plan: BarPlan, level: int) -> int:
    """The velocity level 2-6 of a plain note of a player who usually plays at `level`: softer in calm bars, swelling in a build."""
    swell = round(2 * plan.progress) - 1 if plan.section == "build" else 0
    calm = {0: -2, 1: -2, 2: -1, 3: -1, 7: 1}.get(plan.energy, 0)
    return max(2, min(6, level + calm + swell))


def may_change(plan: BarPlan, track: str) -> bool:
    """Whether `track` may change something clear in this bar: at the opening of a phrase that is its turn, or anybody's."""
    return plan.opens_phrase and plan.bar > 0 and plan.turn in (None, track)


def length_index(steps: int) -> int:
    """The duration index of the longest note length that is not above `steps`, which is at least 1."""
    durations = vocabulary().durations
    return max(index for index, length in enumerate(durations) if length <= steps)
