"""Sessions of The Endless Acid Banger, rendered to steps: two acid lines and a drum machine, to songs of style acid.

The lines' pitch order is random, so a seeded sample of the sessions is enough. The first line is the bass, with its accents and
slides; the second goes up by octaves and becomes the lead.
"""

from __future__ import annotations

from pathlib import Path
from random import Random
from typing import TYPE_CHECKING, Iterator

from ...language import vocabulary
from ..raw import ImportRefusal, RawHit, RawNote, RawSong
from .rows import read_pattern_file, refusing

if TYPE_CHECKING:
    from ..report import ImportReport

SOURCE = "acid_banger_renders"
SESSIONS = 160
BASS_RANGE, LEAD_RANGE = (28, 52), (60, 84)
ACCENT, PLAIN = 1.0, 0.7
#: The drum machine's voices in the order of its rows and of the mute bits; a set bit silences the voice.
VOICES = ("kick", "open hat", "closed hat", "snare")
#: Hits below this MIDI velocity are softer than half of the softest level of the language, and stay out.
FAINT = 16
#: The most bars in a row that a song keeps of a pattern that repeats itself, and the lengths a song may have in bars.
LONGEST_REPEAT = 4
LENGTHS = (32, 28, 24)
#: The fewest notes a bar of the bass and of the lead.
FEWEST = (5, 2)
SIXTEENTH = 3

Step = list | None


def _fold(pitch: int, low: int, high: int) -> int:
    """A pitch moved by as few octaves as bring it into low..high."""
    if pitch < low:
        return low + (pitch - low) % 12
    return high - (high - pitch) % 12 if pitch > high else pitch


def _into(line: list[int], low: int, high: int) -> list[int]:
    """Pitches moved together by octaves to where most of them lie in low..high, the rest folded in one by one."""
    shift = min(range(-48, 61, 12), key=lambda s: (sum(not low <= pitch + s <= high for pitch in line), abs(s)))
    return [_fold(pitch + shift, low, high) for pitch in line]


def line_notes(steps: list[Step], low: int, high: int, slides: bool) -> list[RawNote]:
    """A line, one entry a sixteenth (a rest, or [pitch, accent, slide into]), as notes between `low` and `high`.

    A slide belongs to the note that it leaves: the note before, if at most one sixteenth rests between, holds until the slide ends.
    """
    sounding = [(index, step) for index, step in enumerate(steps) if step is not None]
    pitches = _into([step[0] for _, step in sounding], low, high)
    notes = []
    for place, (index, step) in enumerate(sounding):
        following = sounding[place + 1] if place + 1 < len(sounding) else None
        slide = slides and following is not None and bool(following[1][2]) and following[0] - index <= 2
        length = (following[0] - index) * SIXTEENTH if slide and following else SIXTEENTH
        notes.append(RawNote(index * SIXTEENTH, pitches[place], ACCENT if step[1] else PLAIN, length, slide))
    return notes


def _is_four_on_the_floor(pattern: list[list[int]]) -> bool:
    return all(pattern[0][step] > 60 for step in (0, 4, 8, 12))


def _audible(row: dict, bar: list[int]) -> tuple:
    """What is heard in a bar of the session's sequence: the same for bars that sound the same."""
    drums = [[v * (v >= FAINT and not bar[3] >> n & 1) for v in voice] for n, voice in enumerate(row["drums"][bar[2]])]
    return row["acid1"][bar[0]], row["acid2"][bar[1]], drums


def _thinned(row: dict) -> list[list[int]]:
    """The bars of a session without those that sound like each of the four before them: nothing turns a knob here."""
    kept: list[list[int]] = []
    heard: list[tuple] = []
    for bar in row["seq"]:
        sound = _audible(row, bar)
        if heard[-LONGEST_REPEAT:] != [sound] * LONGEST_REPEAT:
            kept.append(bar)
            heard.append(sound)
    return kept


def _stretch(row: dict, rng: Random) -> list[list[int]] | None:
    """The bars, as the session's sequence writes them, of a stretch that keeps the floor and where everything plays for 8 bars at least.

    None where the session has none. Among several the one with the fewest mutes wins, chance deciding between equals.
    """
    lines = (row["acid1"], row["acid2"])
    busy = [[sum(step is not None for step in pattern) >= fewest for pattern in line] for line, fewest in zip(lines, FEWEST)]
    moving = [len({step[0] for step in pattern if step is not None}) > 1 for pattern in row["acid1"]]
    floor = [_is_four_on_the_floor(pattern) for pattern in row["drums"]]
    sequence, found = _thinned(row), []
    for length in LENGTHS:
        for first in range(0, len(sequence) - length + 1, LONGEST_REPEAT):
            bars = sequence[first : first + length]
            if (
                all(busy[0][bar[0]] and busy[1][bar[1]] and moving[bar[0]] for bar in bars)
                and sum(floor[bar[2]] and not bar[3] & 1 for bar in bars) >= 0.75 * length
                and sum(bar[3] == 0 for bar in bars) >= 8
            ):
                found.append((sum(bar[3].bit_count() for bar in bars) / length, rng.random(), bars))
    return min(found)[2] if found else None


def session_song(row: dict, name: str, licence: str) -> RawSong | None:
    """The song of a session, None where it has no such stretch; an ImportRefusal or the error of a broken row otherwise."""
    if any(step is not None and step[0] not in range(128) for line in ("acid1", "acid2") for pattern in row[line] for step in pattern):
        raise ImportRefusal("broken row: a step is no MIDI note")
    rng = Random(f"acid session {name}")
    bars = _stretch(row, rng)
    if bars is None:
        return None
    pieces = vocabulary().pieces
    hits = []
    for number, (_, _, drums, mutes) in enumerate(bars):
        for voice, velocities in enumerate(row["drums"][drums]):
            if mutes >> voice & 1:
                continue
            hits += [
                RawHit(number * 48 + step * SIXTEENTH, pieces[VOICES[voice]], velocity / 127)
                for step, velocity in enumerate(velocities) if velocity >= FAINT
            ]
    lines = [[step for bar in bars for step in row[line][bar[n]]] for n, line in enumerate(("acid1", "acid2"))]
    notes = {"bass": line_notes(lines[0], *BASS_RANGE, slides=True), "lead": line_notes(lines[1], *LEAD_RANGE, slides=False)}
    tempo = float(rng.choice((126, 128, 130, 132, 134, 136, 138, 140, 142)))
    family = f"{SOURCE}/{name}"
    return RawSong(SOURCE, name, family, "acid", licence, tempo, len(bars), hits=sorted(hits), notes=notes)


def read_acid_sessions(path: Path, report: ImportReport) -> Iterator[RawSong]:
    """A sample of SESSIONS songs from the sessions of `path`; what is broken is named in `report`, what isn't drawn is counted."""
    file = read_pattern_file(path, SOURCE, report)
    if file is None:
        return
    rows = list(file.rows)
    Random("acid sessions").shuffle(rows)
    made = thin = 0
    for number, row in rows:
        if made == SESSIONS:
            break
        name = f"session {number - 1}"
        song = None
        with refusing(report, SOURCE, name):
            song = session_song(row, name, file.licence)
            thin += song is None
        if song is not None:
            made += 1
            yield song
    report.note(SOURCE, "sessions passed over: no long stretch with a floor kick and both lines moving", thin)
    report.note(SOURCE, "sessions not drawn", max(0, len(rows) - made - thin))
