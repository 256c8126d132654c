"""What each style likes: tempo, modes, how often the harmony stands still, and how often each track plays in a drop."""

from __future__ import annotations

from typing import NamedTuple


class StyleRules(NamedTuple):
    """The tastes of a style; tempo range in beats per minute, presence as probabilities."""

    tempo: tuple[int, int]
    modes: dict[str, int]
    static_harmony: float
    presence: dict[str, float]


_COMMON_MODES = {"minor": 64, "dorian": 17, "phrygian": 3, "major": 7, "mixolydian": 4, "harmonic": 3, "lydian": 2}
_DARK_MODES = {"minor": 62, "phrygian": 22, "dorian": 9, "harmonic": 4, "major": 2, "mixolydian": 1}

STYLE_RULES = {
    "house": StyleRules((116, 128), _COMMON_MODES, 0.1, dict(drums=1, bass=0.95, chords=0.88, lead=0.35, arp=0.25)),
    "acid": StyleRules((120, 140), _DARK_MODES, 0.7, dict(drums=1, bass=0.98, chords=0.3, lead=0.3, arp=0.15)),
    "techno": StyleRules((126, 144), _DARK_MODES, 0.7, dict(drums=1, bass=0.93, chords=0.4, lead=0.22, arp=0.3)),
    "electro": StyleRules((114, 132), _DARK_MODES, 0.4, dict(drums=1, bass=0.95, chords=0.5, lead=0.42, arp=0.32)),
    "breaks": StyleRules((126, 174), _COMMON_MODES, 0.2, dict(drums=1, bass=0.93, chords=0.7, lead=0.42, arp=0.25)),
    "ambient": StyleRules((66, 110), _COMMON_MODES, 0.15, dict(drums=0.4, bass=0.65, chords=0.95, lead=0.5, arp=0.5)),
}

COMPOSED_STYLES = tuple(STYLE_RULES)
