"""The Groove MIDI Dataset: human takes on a Roland TD-11 kit, played to a click, to drum songs of style groove.

Timing goes to the grid, velocities stay (the ghost notes are the point). A beat keeps at most MAX_BARS bars; where the same drummer
played a fill of the same style and tempo in the same session, the fill becomes its last bar.
"""

from __future__ import annotations

import csv
import re
import struct
from collections import defaultdict
from dataclasses import dataclass
from pathlib import Path
from random import Random
from typing import TYPE_CHECKING, Iterator

import mido
import numpy as np
from mido.midifiles.meta import KeySignatureError

from ...language import vocabulary
from ..raw import ImportRefusal, RawHit, RawSong
from .feel import Feel, measure_feel, snap

if TYPE_CHECKING:
    from ..report import ImportReport

SOURCE = "gmd"
MIN_BARS, MAX_BARS = 2, 32
#: No drummer plays so many bars; a file that says so is broken.
LONGEST_TAKE = 2000

#: What the pads of the kit send, and the General MIDI notes beside them, as kit pieces.
PIECE_OF_PITCH = {
    35: "kick", 36: "kick",
    37: "rim", 38: "snare", 40: "snare", 39: "clap",
    22: "closed hat", 42: "closed hat", 26: "open hat", 46: "open hat", 44: "pedal hat",
    48: "high tom", 50: "high tom", 45: "mid tom", 47: "mid tom", 43: "floor tom", 58: "floor tom", 41: "floor tom",
    49: "crash", 52: "crash", 55: "crash", 57: "crash",
    51: "ride", 59: "ride", 53: "ride bell",
    54: "tambourine", 56: "cowbell",
}

_MIDI_ERRORS = (OSError, EOFError, ValueError, LookupError, TypeError, struct.error, KeySignatureError)


@dataclass(frozen=True)
class Take:
    """One row of info.csv: who played what; `file` is the name of its MIDI file."""

    drummer: str
    session: str
    style: str
    tempo: float
    is_fill: bool
    metre: str
    file: str

    @property
    def family(self) -> str:
        """What must stay on one side of a split: a drummer's takes of a style in a session; the ten set grooves, whoever plays."""
        groove = re.search(r"groove\d+$", self.style)
        return f"gmd/{groove.group()}" if groove else f"gmd/{self.drummer}/{self.session}/{self.style.split('/')[0]}"


def _take(row: dict) -> Take:
    """The take of a row of info.csv; its metre from the file's name, as the column for it holds dates."""
    file = re.sub(r"[\\/]+", "__", row["midi_filename"])
    metre = re.search(r"_(\d+)-(\d+)\.mid$", file)
    if metre is None:
        raise ImportRefusal("broken row: its file name says no metre")
    session, tempo = row["session"].split("/")[-1], float(row["bpm"])
    if not 20 <= tempo <= 400:
        raise ImportRefusal(f"broken row: {row['bpm']} is no tempo")
    return Take(row["drummer"], session, row["style"], tempo, row["beat_type"] == "fill", "/".join(metre.groups()), file)


def _takes(path: Path, report: ImportReport) -> list[Take]:
    """The takes in 4/4 that info.csv lists, in its order; the rest is refused."""
    try:
        text = path.read_bytes().decode("cp949", errors="replace")
    except OSError as error:
        report.refuse(SOURCE, path.name, f"unreadable: {error.strerror}")
        return []
    try:
        rows = list(csv.DictReader(text.splitlines()))
    except csv.Error as error:
        report.refuse(SOURCE, path.name, f"broken file: {error}")
        return []
    takes = []
    for number, row in enumerate(rows, 2):
        try:
            take = _take(row)
        except (KeyError, TypeError, ValueError, AttributeError) as error:
            reason = str(error) if isinstance(error, ImportRefusal) else "broken row: a column is missing or is no number"
            report.refuse(SOURCE, f"{path.name} line {number}", reason)
            continue
        if take.metre != "4/4":
            report.refuse(SOURCE, take.file, f"metre: {take.metre}")
            continue
        takes.append(take)
    return takes


@dataclass(frozen=True)
class Onsets:
    """The hits of a take as played: steps (not whole) from its start, kit piece indices, velocities 0..1."""

    times: np.ndarray
    pieces: np.ndarray
    velocities: np.ndarray


def read_onsets(path: Path, report: ImportReport) -> Onsets:
    """The hits of a MIDI file; an ImportRefusal when it can't be read or holds none. Pads without a piece are counted."""
    if not path.is_file():
        raise ImportRefusal("missing file")
    try:
        midi = mido.MidiFile(path)
    except _MIDI_ERRORS as error:
        raise ImportRefusal(f"broken file: {str(error) or type(error).__name__}") from error
    if midi.ticks_per_beat <= 0:
        raise ImportRefusal("broken file: its time does not count in beats")
    pieces, hits, unknown = vocabulary().pieces, [], 0
    for track in midi.tracks:
        ticks = 0
        for message in track:
            ticks += message.time
            if message.type != "note_on" or message.velocity == 0:
                continue
            piece = PIECE_OF_PITCH.get(message.note)
            if piece is None:
                unknown += 1
            else:
                hits.append((ticks * 12 / midi.ticks_per_beat, pieces[piece], message.velocity / 127))
    if unknown:
        report.note(SOURCE, "hits of pads that no kit piece stands for", unknown)
    if not hits:
        raise ImportRefusal("no notes")
    if max(hits)[0] >= LONGEST_TAKE * 48:
        raise ImportRefusal(f"broken file: hits beyond bar {LONGEST_TAKE}")
    times, numbers, velocities = (np.array(column) for column in zip(*sorted(hits)))
    return Onsets(times, numbers, velocities)


def on_grid(onsets: Onsets, feel: Feel) -> list[RawHit]:
    """The hits on whole steps; of two hits of a piece on one step the louder stays."""
    loudest: dict[tuple[int, int], float] = {}
    for step, piece, velocity in zip(snap(onsets.times, feel).tolist(), onsets.pieces.tolist(), onsets.velocities.tolist()):
        loudest[step, piece] = max(velocity, loudest.get((step, piece), 0.0))
    return [RawHit(step, piece, velocity) for (step, piece), velocity in sorted(loudest.items())]


def whole_bars(hits: list[RawHit]) -> tuple[list[RawHit], int]:
    """The hits from the first full bar to the last one, counted from there, and the number of bars.

    A bar at either end with less than half of the usual number of hits is a pickup or an ending, not a bar of the beat.
    """
    counts = np.bincount([hit.step // 48 for hit in hits])
    full = np.flatnonzero(counts >= np.median(counts) / 2)
    first, last = int(full[0]), int(full[-1])
    return [hit._replace(step=hit.step - first * 48) for hit in hits if first <= hit.step // 48 <= last], last - first + 1


def _fill_bar(path: Path, feel: Feel, report: ImportReport) -> list[RawHit]:
    """The fullest bar of a fill, on the grid as the beat it ends feels; an ImportRefusal when it has too few hits."""
    hits = on_grid(read_onsets(path, report), feel)
    counts = np.bincount([hit.step // 48 for hit in hits])
    bar = int(counts.argmax())
    if counts[bar] < 4:
        raise ImportRefusal("fewer than four hits in the bar of a fill")
    return [hit._replace(step=hit.step - bar * 48) for hit in hits if hit.step // 48 == bar]


def _song(take: Take, fills: list[Take], folder: Path, licence: str, report: ImportReport) -> RawSong:
    """The song of a beat, ended by one of `fills` (which is taken out of the list) where there is one."""
    onsets = read_onsets(folder / "midi" / take.file, report)
    feel = measure_feel(onsets.times, onsets.velocities)
    hits, bars = whole_bars(on_grid(onsets, feel))
    if bars < MIN_BARS:
        raise ImportRefusal(f"shorter than {MIN_BARS} bars")
    if bars > MAX_BARS:
        report.note(SOURCE, f"bars beyond the first {MAX_BARS} of a take", bars - MAX_BARS)
    bars = min(bars, MAX_BARS)
    bars -= bars % 4 if bars > 4 else 0
    hits = [hit for hit in hits if hit.step < bars * 48]
    while fills and bars >= 4:
        fill = fills.pop(Random(f"fill {take.file}").randrange(len(fills)))
        try:
            ending = _fill_bar(folder / "midi" / fill.file, feel, report)
        except ImportRefusal as refusal:
            report.refuse(SOURCE, fill.file, str(refusal))
            continue
        last = (bars - 1) * 48
        hits = [hit for hit in hits if hit.step < last] + [hit._replace(step=hit.step + last) for hit in ending]
        report.note(SOURCE, "fills that end a beat", 1)
        break
    report.note(SOURCE, "takes in triplets" if feel.triplet else "takes in sixteenths", 1)
    name = take.file.removesuffix(".mid")
    return RawSong(SOURCE, name, take.family, "groove", licence, take.tempo, bars, hits=hits)


def read_drum_takes(folder: Path, report: ImportReport) -> Iterator[RawSong]:
    """The beats in 4/4 of the dataset in `folder`, in the order of its info.csv; other takes are named in `report`."""
    takes = _takes(folder / "info.csv", report)
    try:
        licence = re.split(r"(?<=\.)\s", (folder / "LICENSE").read_text(encoding="utf-8").strip())[0]
    except (OSError, UnicodeDecodeError):
        if takes:
            report.refuse(SOURCE, "LICENSE", "no licence: nothing of the folder may be used")
        return
    fills: dict[tuple, list[Take]] = defaultdict(list)
    for take in takes:
        if take.is_fill:
            fills[take.family, take.tempo].append(take)
    for take in takes:
        if take.is_fill:
            continue
        try:
            yield _song(take, fills[take.family, take.tempo], folder, licence, report)
        except ImportRefusal as refusal:
            report.refuse(SOURCE, take.file, str(refusal))
    report.note(SOURCE, "fills left over: no beat of the session, style and tempo was without one", sum(map(len, fills.values())))
