"""Sources that hold patterns instead of songs: human drum takes, drum clips, chord progressions, rendered acid sessions.

`read_all` makes songs of them on the grid. Every choice is drawn from the row's own name, so one import is like the next and a
row that goes missing changes no other.
"""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Iterator

from ..raw import RawSong
from .acid_sessions import read_acid_sessions
from .drum_loops import read_drum_loops
from .drum_takes import read_drum_takes
from .progressions import read_progressions

if TYPE_CHECKING:
    from ..report import ImportReport


def read_all(folder: Path, report: ImportReport) -> Iterator[RawSong]:
    """The songs made of the four pattern sources in `folder`; what can't be read is named in `report` and skipped."""
    yield from read_drum_takes(folder / "gmd", report)
    yield from read_drum_loops(folder / "composable_drum_patterns.jsonl.gz", report)
    yield from read_progressions(folder / "free_midi_chords.jsonl.gz", report)
    yield from read_acid_sessions(folder / "acid_banger_renders.jsonl.gz", report)
