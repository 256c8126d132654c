"""What each style likes: tempo, modes, how often the harmony stands still, and how often each track plays in a drop."""

from __future__ import annotations

from random import Random
from typing import NamedTuple


class StyleRules(NamedTuple):
    """The tastes of a style; tempo ranges in beats per minute, presence as probabilities.

    `fast_tempo` is a second range that a share of the songs takes instead.
    """

    tempo: tuple[int, int]
    modes: dict[str, int]
    static_harmony: float
    presence: dict[str, float]
    fast_tempo: tuple[int, int] | None = None
    fast_share: float = 0.0


_COMMON_MODES = {"minor": 64, "dorian": 17, "phrygian": 3, "major": 7, "mixolydian": 4, "harmonic": 3, "lydian": 2}
_DARK_MODES = {"minor": 62, "phrygian": 22, "dorian": 9, "harmonic": 4, "major": 2, "mixolydian": 1}

STYLE_RULES = {
    "house": StyleRules((116, 128), _COMMON_MODES, 0.1, dict(drums=1, bass=0.96, chords=0.88, lead=0.44, arp=0.38)),
    "acid": StyleRules((120, 140), _DARK_MODES, 0.7, dict(drums=1, bass=0.98, chords=0.32, lead=0.26, arp=0.18)),
    "techno": StyleRules((126, 144), _DARK_MODES, 0.7, dict(drums=1, bass=0.95, chords=0.42, lead=0.43, arp=0.4)),
    "electro": StyleRules((114, 132), _DARK_MODES, 0.4, dict(drums=1, bass=0.96, chords=0.5, lead=0.5, arp=0.4)),
    "breaks": StyleRules((125, 140), _COMMON_MODES, 0.2, dict(drums=1, bass=0.95, chords=0.7, lead=0.44, arp=0.38), (160, 174), 0.4),
    "ambient": StyleRules((66, 110), _COMMON_MODES, 0.15, dict(drums=0.58, bass=0.7, chords=0.95, lead=0.48, arp=0.38)),
}

COMPOSED_STYLES = tuple(STYLE_RULES)


def choose_tempo(rng: Random, style: str) -> float:
    """A tempo of the style in beats per minute."""
    rules = STYLE_RULES[style]
    if rules.fast_tempo and rng.random() < rules.fast_share:
        return rng.uniform(*rules.fast_tempo)
    return rng.uniform(*rules.tempo)
