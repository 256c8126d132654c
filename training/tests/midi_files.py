"""MIDI files for the tests of the importer, made with mido."""

from __future__ import annotations

from pathlib import Path
from typing import Sequence

import mido

TICKS = 480

#: A note of a made file: first beat, length in beats, pitch, velocity.
Played = tuple[float, float, int, int]


def make_track(name: str, channel: int, notes: Sequence[Played], program: int | None = None) -> mido.MidiTrack:
    """A named track of notes on one channel."""
    track = mido.MidiTrack([mido.MetaMessage("track_name", name=name)])
    if program is not None:
        track.append(mido.Message("program_change", channel=channel, program=program))
    events = []
    for start, length, pitch, velocity in notes:
        events.append((round((start + length) * TICKS), 0, mido.Message("note_off", channel=channel, note=pitch)))
        events.append((round(start * TICKS), 1, mido.Message("note_on", channel=channel, note=pitch, velocity=velocity)))
    tick = 0
    for time, _, message in sorted(events, key=lambda event: event[:2]):
        track.append(message.copy(time=time - tick))
        tick = time
    return track


def make_file(path: Path, tracks: Sequence[mido.MidiTrack], tempo: float = 120, metres: Sequence[tuple[float, int, int]] = ((0, 4, 4),)) -> Path:
    """Writes a file of type 1; `metres` are (first beat, numerator, denominator)."""
    head, tick = mido.MidiTrack([mido.MetaMessage("set_tempo", tempo=mido.bpm2tempo(tempo))]), 0
    for beat, numerator, denominator in metres:
        head.append(mido.MetaMessage("time_signature", numerator=numerator, denominator=denominator, time=round(beat * TICKS) - tick))
        tick = round(beat * TICKS)
    path.parent.mkdir(parents=True, exist_ok=True)
    mido.MidiFile(type=1, ticks_per_beat=TICKS, tracks=[head, *tracks]).save(path)
    return path


def every(beats: float, bars: int, pitch: int, velocity: int = 100, first: float = 0.0, length: float = 0.25) -> list[Played]:
    """The same note again and again, every so many beats."""
    count = int((bars * 4 - first - 1e-9) // beats) + 1
    return [(first + index * beats, length, pitch, velocity) for index in range(count)]


def house(bars: int = 8, transpose: int = 0) -> list[mido.MidiTrack]:
    """Kick, clap, hats, an off-beat bass, held chords, a lead."""
    roots = [45, 41, 48, 43]
    bass = [(bar * 4 + beat + 0.5, 0.25, roots[bar % 4] - 12 + transpose, 96) for bar in range(bars) for beat in range(4)]
    chords = [(bar * 4.0, 4.0, roots[bar % 4] + 12 + third + transpose, 70) for bar in range(bars) for third in (0, 3 if bar % 4 == 0 else 4, 7)]
    lead = [(bar * 4 + beat, 0.5, 69 + step + transpose, 90) for bar in range(bars) for beat, step in ((0, 0), (1.5, 3), (2.25, 7), (3, 5))]
    return [
        make_track("Kick", 9, every(1, bars, 36)),
        make_track("Clap", 9, every(2, bars, 39, first=1)),
        make_track("Hat", 9, every(0.5, bars, 42, 60)),
        make_track("Bass", 0, bass, 38),
        make_track("Pad", 1, chords, 89),
        make_track("Lead", 2, lead, 81),
    ]
