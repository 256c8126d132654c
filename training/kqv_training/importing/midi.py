"""One Standard MIDI File to parts of notes in beats, from its first sounding 4/4 bar on.

The grid is the beat, so tempo changes move nothing; the tempo that lasts longest is the song's. Stretches in another metre are cut
out. A file that can't be read, or that is not in four, is an ImportRefusal.
"""

from __future__ import annotations

import hashlib
import io
import math
import re
from collections import Counter, defaultdict
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Iterator, NamedTuple

import mido

from .raw import ImportRefusal

DRUM_CHANNEL = 9

#: The longest that a note without an end is held, in beats.
UNENDED_BEATS = 4.0

#: The shortest stretch of 4/4 worth keeping, and the share of the music that must be in four, in bars and in beats.
SHORTEST_STRETCH = 4
LEAST_SHARE_IN_FOUR = 0.5

#: Beats beyond which a file is taken for damaged: two hours at 140.
LONGEST_BEATS = 20000


class MidiNote(NamedTuple):
    """A note: start and length in beats, MIDI pitch, velocity 0..1."""

    start: float
    length: float
    pitch: int
    velocity: float


@dataclass
class MidiPart:
    """What one track plays on one channel with one program, in time order; `name` is the track's."""

    name: str
    channel: int
    program: int
    notes: list[MidiNote] = field(default_factory=list)


@dataclass
class MidiSong:
    """A file's parts in beats from bar line zero, `tempo` in beats per minute, `bars` of four beats, and the file's SHA-256."""

    tempo: float
    bars: int
    parts: list[MidiPart]
    sha256: str
    cut_bars: int = 0


def read_midi(path: Path) -> MidiSong:
    """The song of a MIDI file. Throws an ImportRefusal that names the cause: broken, no notes, metre."""
    data = path.read_bytes()
    file = _open(data)
    division = file.ticks_per_beat
    tempos, metres = _maps(file)
    parts = list(_parts(file))
    end = max((note.start + note.length for part in parts for note in part.notes), default=0.0)
    if not end:
        raise ImportRefusal("no notes")
    if end > LONGEST_BEATS:
        raise ImportRefusal(f"broken: it lasts {end:.0f} beats")
    metres = [(tick / division, numerator, denominator) for tick, numerator, denominator in metres]
    scale, stretches = _stretches_in_four(metres, end, parts)
    tempo = _longest_tempo([(tick / division, tempo) for tick, tempo in tempos], end) * scale
    parts = [replace(part, notes=[_scaled(note, scale) for note in part.notes]) for part in parts]
    kept = [part for part in (_cut(part, stretches) for part in parts) if part.notes]
    if not kept:
        raise ImportRefusal("no notes")
    bars = sum(bars for _, bars in stretches)
    silent = int(min(part.notes[0].start for part in kept) + 1e-6) // 4
    for part in kept:
        part.notes = [note._replace(start=note.start - 4 * silent) for note in part.notes]
    last = max(note.start for part in kept for note in part.notes)
    cut = int(end * scale / 4) - bars
    return MidiSong(tempo, min(bars - silent, int(last / 4) + 1), kept, hashlib.sha256(data).hexdigest(), max(0, cut))


def _open(data: bytes) -> mido.MidiFile:
    """The parsed file; key signatures that say nothing (they would stop the parser) are made to say C."""
    repaired = re.sub(rb"\xff\x59\x02(.)([^\x00\x01])", b"\xff\x59\x02\x00\x00", data, flags=re.DOTALL)
    try:
        file = mido.MidiFile(file=io.BytesIO(repaired), clip=True)
    except (EOFError, OSError, ValueError, KeyError, IndexError, LookupError, TypeError, AttributeError) as error:
        raise ImportRefusal(f"broken: {type(error).__name__} {error}".strip()) from error
    if file.type == 2:
        raise ImportRefusal("broken: a file of independent patterns (type 2)")
    if not 0 < file.ticks_per_beat < 0x8000:
        raise ImportRefusal("broken: no beats (time in frames)")
    return file


def _maps(file: mido.MidiFile) -> tuple[list[tuple[int, int]], list[tuple[int, int, int]]]:
    """(tick, microseconds a beat) and (tick, numerator, denominator) in time order; 120 a minute and 4/4 where nothing is said."""
    tempos, metres = [(0, 500000)], [(0, 4, 4)]
    for track in file.tracks:
        tick = 0
        for message in track:
            tick += message.time
            if message.type == "set_tempo" and message.tempo > 0:
                tempos.append((tick, message.tempo))
            elif message.type == "time_signature" and message.numerator > 0:
                metres.append((tick, message.numerator, message.denominator))
    return sorted(tempos, key=lambda entry: entry[0]), sorted(metres, key=lambda entry: entry[0])


def _parts(file: mido.MidiFile) -> Iterator[MidiPart]:
    """The parts with notes. A program holds for its channel in all tracks; a note without an end lasts four beats at most."""
    division = file.ticks_per_beat
    events = []
    for index, track in enumerate(file.tracks):
        tick = 0
        for message in track:
            tick += message.time
            if message.type in ("note_on", "note_off", "program_change"):
                events.append((tick, message.type != "program_change", index, message))
    events.sort(key=lambda event: event[:2])
    programs: dict[int, int] = {}
    notes: dict[tuple[int, int, int], list[MidiNote]] = defaultdict(list)
    open_notes: dict[tuple[int, int, int], tuple[int, int, int]] = {}

    def close(place: tuple[int, int, int], tick: int) -> None:
        start, velocity, program = open_notes.pop(place)
        index, channel, pitch = place
        length = max(tick - start, 1) / division
        notes[index, channel, program].append(MidiNote(start / division, length, pitch, velocity / 127))

    for tick, _, index, message in events:
        if message.type == "program_change":
            programs[message.channel] = message.program
            continue
        place = (index, message.channel, message.note)
        if place in open_notes:
            close(place, tick)
        if message.type == "note_on" and message.velocity > 0:
            open_notes[place] = (tick, message.velocity, programs.get(message.channel, 0))
    for place in list(open_notes):
        close(place, open_notes[place][0] + round(UNENDED_BEATS * division))
    for (index, channel, program), played in sorted(notes.items()):
        yield MidiPart((file.tracks[index].name or "").strip(), channel, program, sorted(played))


def _longest_tempo(tempos: list[tuple[float, int]], end: float) -> float:
    """The tempo in beats per minute that lasts the most beats."""
    lasting: Counter = Counter()
    for (start, tempo), (following, _) in zip(tempos, [*tempos[1:], (end, 0)]):
        lasting[tempo] += max(0.0, min(following, end) - start)
    return 60e6 / max(lasting, key=lambda tempo: (lasting[tempo], -tempo))


def _stretches_in_four(metres: list[tuple[float, int, int]], end: float, parts: list[MidiPart]) -> tuple[float, list[tuple[float, int]]]:
    """How beats scale, and (first beat, bars) of every stretch in four; 12/8 is four beats of three eighths.

    Throws an ImportRefusal when less than half of the notes are in four or no stretch is long enough.
    """
    segments = [
        (start, following, numerator / denominator)
        for (start, numerator, denominator), (following, _, _) in zip(metres, [*metres[1:], (end + 4, 4, 4)])
        if following > start
    ]
    starts = [note.start for part in parts for note in part.notes]
    if any((n, d) == (12, 8) for _, n, d in metres) and not any(n / d == 1 for _, n, d in metres[1:]):
        segments = [(start * 2 / 3, last * 2 / 3, whole / 1.5) for start, last, whole in segments]
        starts = [start * 2 / 3 for start in starts]
        scale = 2 / 3
    else:
        scale = 1.0
    stretches: list[tuple[float, float]] = []
    for start, last, whole in segments:
        if whole not in (0.5, 1.0, 2.0):
            continue
        if stretches and abs(stretches[-1][1] - start) < 1e-6 and (start - stretches[-1][0]) % 4 < 1e-6:
            stretches[-1] = (stretches[-1][0], last)
        else:
            stretches.append((start, last))
    inside = sum(any(first <= start < last for first, last in stretches) for start in starts)
    if inside < LEAST_SHARE_IN_FOUR * len(starts):
        main = Counter(whole for start, last, whole in segments for _ in range(int(last - start))).most_common(1)
        raise ImportRefusal(f"metre: bars of {main[0][0] * 4 if main else 0:g} beats")
    last_start = max(starts)
    whole_bars = [(first, int((min(last, last_start + 4 - 1e-6) - first) // 4) if last <= end * scale else int((last_start - first) // 4) + 1)
                  for first, last in stretches if first <= last_start]
    kept = [(first, bars) for first, bars in whole_bars if bars >= SHORTEST_STRETCH] or (whole_bars if inside == len(starts) else [])
    if not kept:
        raise ImportRefusal("metre: no stretch in four is long enough")
    return scale, kept


def _scaled(note: MidiNote, scale: float) -> MidiNote:
    """The note with time multiplied by `scale`."""
    return note._replace(start=note.start * scale, length=note.length * scale)


def _cut(part: MidiPart, stretches: list[tuple[float, int]]) -> MidiPart:
    """The part with only the stretches, moved together; a note does not reach over the end of its stretch into the next."""
    notes, offset = [], 0.0
    for first, bars in stretches:
        last = first + 4 * bars
        room = last if first != stretches[-1][0] else math.inf
        for note in part.notes:
            if first - 0.06 <= note.start < last - 0.06:
                start = max(0.0, note.start - first)
                notes.append(note._replace(start=start + offset, length=min(note.length, room - note.start)))
        offset += 4 * bars
    return replace(part, notes=notes)
