"""Music on the 48-step grid before it has labels: what every reader of a source makes, and what labelling takes.

Steps count from the song's first bar line. A reader decides roles and grid; key, density, section, energy and split are
decided once, for all sources, in `labels.py`.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import NamedTuple


class ImportRefusal(ValueError):
    """A file or a part of one that can't be used; the message says why, for the report."""


class RawHit(NamedTuple):
    """A drum hit: absolute step, index of the kit piece in the vocabulary, velocity 0..1."""

    step: int
    piece: int
    velocity: float


class RawNote(NamedTuple):
    """A pitched note: absolute step, MIDI pitch, velocity 0..1, length in steps (at least 1), slide (bass only)."""

    step: int
    pitch: int
    velocity: float
    length: int
    slide: bool = False


@dataclass
class RawSong:
    """Unlabelled music: `hits` of the drums, `notes` by pitched track ("bass", "chords", "lead", "arp").

    `tempo` in beats per minute; `bars` counts whole 4/4 bars; `key` is (pitch class of the tonic, mode name) where the source
    says it; `licence` in the source's own words. `sections` and `energies` are given per bar where the source knows them.
    """

    source: str
    name: str
    family: str
    style: str
    licence: str
    tempo: float
    bars: int
    hits: list[RawHit] = field(default_factory=list)
    notes: dict[str, list[RawNote]] = field(default_factory=dict)
    key: tuple[int, str] | None = None
    sections: list[str] | None = None
    energies: list[int] | None = None
