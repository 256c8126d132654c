"""The form of a track: sections, energy, and which track plays how much in every block of eight bars."""

from __future__ import annotations

from dataclasses import dataclass
from random import Random

from ..language import COMPOSED_TRACKS
from .styles import STYLE_RULES

BLOCK_BARS = 8


@dataclass(frozen=True)
class BarPlan:
    """Where a bar stands: its section, energy 0-7, counts in bars, and the intensity 0..1 of each sounding track."""

    section: str
    energy: int
    bar: int
    bars: int
    intensity: dict[str, float]

    @property
    def progress(self) -> float:
        """How far the section has come, 0 at its first bar to 1 at its last."""
        return self.bar / max(1, self.bars - 1)

    @property
    def is_last(self) -> bool:
        return self.bar == self.bars - 1

    @property
    def ends_phrase(self) -> bool:
        """Whether this is the last bar of eight."""
        return self.bar % BLOCK_BARS == BLOCK_BARS - 1

    @property
    def opens_phrase(self) -> bool:
        return self.bar % BLOCK_BARS == 0


def _sections(rng: Random) -> list[tuple[str, int]]:
    """Section names and their lengths in bars, all multiples of eight."""
    if rng.random() < 0.3:
        return [("loop", 8 * rng.randint(1, 3)) for _ in range(rng.randint(2, 4))]
    form = [("intro", rng.choice((8, 16))), ("build", 8), ("drop", rng.choice((16, 16, 32)))]
    form += [("break", rng.choice((8, 16))), ("build", rng.choice((8, 8, 16))), ("drop", rng.choice((16, 24, 32)))]
    if rng.random() < 0.3:
        form += [("break", 8), ("drop", 16)]
    form.append(("outro", rng.choice((8, 16))))
    return form


def _block_energy(rng: Random, section: str, progress: float, drift: int) -> int:
    """The energy of a block, where `progress` 0..1 is its place in the section."""
    if section == "loop":
        return rng.choice((1, 2, 3, 4, 5, 5, 6, 6, 7))
    low, high = {"intro": (0, 3), "build": (3, 6), "drop": (5.5, 7), "break": (1, 3), "outro": (3, 0)}[section]
    exact = low + (high - low) * progress + drift + rng.choice((-1, 0, 0, 0, 1))
    return max(0, min(7, round(exact)))


def _presence(style: str, section: str, progress: float) -> dict[str, float]:
    """How likely each track sounds in a block."""
    base = STYLE_RULES[style].presence
    if section in ("drop", "loop"):
        return base
    factor = {
        "intro": dict(drums=1.0, bass=0.15 + 0.6 * progress, chords=0.2 + 0.4 * progress, lead=0.15, arp=0.3),
        "build": dict(drums=1.0, bass=0.65, chords=0.9, lead=0.6, arp=1.1),
        "break": dict(drums=0.4, bass=0.4, chords=1.6, lead=1.4, arp=1.4),
        "outro": dict(drums=1.0, bass=0.9 - 0.6 * progress, chords=0.7 - 0.4 * progress, lead=0.1, arp=0.3),
    }[section]
    return {track: min(0.97, base[track] * factor[track]) for track in COMPOSED_TRACKS}


def _active_tracks(rng: Random, style: str, section: str, progress: float) -> list[str]:
    if rng.random() < 0.12:
        active = [track for track in COMPOSED_TRACKS if rng.random() < 0.5]
    else:
        presence = _presence(style, section, progress)
        active = [track for track in COMPOSED_TRACKS if rng.random() < presence[track]]
    if not active:
        active = ["chords" if style == "ambient" else "drums"]
    return active


def plan_song(rng: Random, style: str) -> list[BarPlan]:
    """The plan of every bar of a track of 16 to about 130 bars."""
    habit = {track: rng.gauss(0, 0.16) for track in COMPOSED_TRACKS}
    drift = rng.choice((-1, 0, 0, 0))
    plans: list[BarPlan] = []
    for section, bars in _sections(rng):
        active: list[str] = []
        for first in range(0, bars, BLOCK_BARS):
            progress = first / max(1, bars - BLOCK_BARS)
            fresh = _active_tracks(rng, style, section, progress)
            active = _merge(rng, active, fresh) if active else fresh
            energy = _block_energy(rng, section, progress, drift)
            intensity = _intensities(rng, active, energy, habit)
            for bar in range(first, first + BLOCK_BARS):
                lift = int(section == "build" and bar % BLOCK_BARS >= 4)
                plans.append(BarPlan(section, min(7, energy + lift), bar, bars, intensity))
    return plans


def _merge(rng: Random, active: list[str], fresh: list[str]) -> list[str]:
    """The next block's tracks: at most two changes from the last block's."""
    changes = [track for track in COMPOSED_TRACKS if (track in active) != (track in fresh)]
    rng.shuffle(changes)
    kept = set(active) ^ set(changes[:2])
    return [track for track in COMPOSED_TRACKS if track in kept] or list(fresh)


def _intensities(rng: Random, active: list[str], energy: int, habit: dict[str, float]) -> dict[str, float]:
    """How much each track plays; now and then a track ignores the energy, as under a player's hand."""
    intensity = {}
    for track in active:
        expected = 0.12 + 0.8 * energy / 7 + habit[track] + rng.gauss(0, 0.14)
        wilful = rng.random() < 0.15
        intensity[track] = min(1.0, rng.uniform(0, 1.1)) if wilful else max(0.03, min(0.9, expected))
    if intensity.get("lead", 0) > 0.5 and "arp" in intensity:
        intensity["arp"] *= 0.5
    return intensity
