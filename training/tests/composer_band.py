"""Bands in A minor that play a few bars of one section, for the tests of the composer's players."""

from kqv_training.composer.arrangement import BarPlan
from kqv_training.composer.harmony import Tonality
from kqv_training.composer.song import Band
from kqv_training.language import Note

A_MINOR = Tonality(9, "minor")


def play(band: Band, bars: int = 8, section: str = "drop", energy: int = 6, **plan) -> list[dict]:
    """The events of the first bars of a section; `plan` gives the intensity and what else the plan says."""
    return [band.play(BarPlan(section, energy, bar, 32, **plan)) for bar in range(bars)]


def alone(style: str, seed: int, track: str, intensity: float, bars: int = 8, **plan) -> list[list[Note]]:
    """The bars of one track that plays alone."""
    return [events[track] for events in play(Band(seed, style, A_MINOR), bars, intensity={track: intensity}, **plan)]


def onsets(notes: list[Note]) -> list[int]:
    return sorted({note.position for note in notes})
