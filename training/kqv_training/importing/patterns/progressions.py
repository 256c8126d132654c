"""Free MIDI Chords: chord progressions with their moods, to songs of 8 bars in a key of their own.

Chords lie between 48 and 72 and move as little as they can; half of the songs have the roots in the bass. A rhythm figure of the
source, or a whole bar a chord, says when they sound. No drums: those come from elsewhere.
"""

from __future__ import annotations

import re
from pathlib import Path
from random import Random
from typing import TYPE_CHECKING, Iterator, NamedTuple

from ..raw import ImportRefusal, RawNote, RawSong
from .rows import read_pattern_file, refusing

if TYPE_CHECKING:
    from ..report import ImportReport

SOURCE = "free_midi_chords"
BARS = 8
LOW, HIGH = 48, 72
BASS_LOW = 28

DARK = {"Dark", "Sad", "Lonely", "Mysterious", "Spiritual", "Tender", "Peaceful", "Dramatic"}
TEMPOS = {"pop": range(84, 125, 4), "ambient": range(70, 101, 2), "house": range(118, 129, 2)}

SCALES = {
    "major": (0, 2, 4, 5, 7, 9, 11), "mixolydian": (0, 2, 4, 5, 7, 9, 10), "lydian": (0, 2, 4, 6, 7, 9, 11),
    "minor": (0, 2, 3, 5, 7, 8, 10), "dorian": (0, 2, 3, 5, 7, 9, 10), "phrygian": (0, 1, 3, 5, 7, 8, 10),
    "harmonic": (0, 2, 3, 5, 7, 8, 11),
}


class Chord(NamedTuple):
    """A chord: root as a pitch class above the tonic, and its intervals above the root."""

    root: int
    intervals: tuple[int, ...]


class Onset(NamedTuple):
    """One stroke of a rhythm figure: step from its start, length in steps, and whether the next chord begins with it."""

    step: int
    length: int
    is_new: bool


def _chords(row: dict) -> list[Chord]:
    """The chords of a row; an ImportRefusal when one is no chord or when they can't fill 8 bars."""
    chords = [Chord(int(root) % 12, tuple(int(i) for i in intervals)) for root, intervals in row["chords"]]
    if any(len(chord.intervals) < 2 or max(chord.intervals) > 24 for chord in chords):
        raise ImportRefusal("broken row: a chord has fewer than two notes or one beyond two octaves")
    if not 2 <= len(chords) <= BARS:
        raise ImportRefusal(f"not 2 to {BARS} chords: {len(chords)}")
    return chords


def phrase(chords: list[Chord]) -> list[Chord]:
    """The chords as 4 or 8 bars of one chord each: where they are fewer, the last ones stay for two bars."""
    bars = 4 if len(chords) <= 4 else BARS
    missing = bars - len(chords)
    held = [2 if index >= len(chords) - missing else 1 for index in range(len(chords))]
    return [chord for chord, times in zip(chords, held) for _ in range(times)][:bars] if missing <= len(chords) else chords * 2


def scale_mode(row: dict, chords: list[Chord]) -> str:
    """The mode of a row: what the source says, or for "modal" the first scale that holds every note; else chromatic."""
    if row["mode"] in ("major", "minor"):
        return row["mode"]
    tones = {(chord.root + interval) % 12 for chord in chords for interval in chord.intervals}
    return next((mode for mode, scale in SCALES.items() if tones <= set(scale)), "chromatic")


def family_name(chords: list[Chord]) -> str:
    """The same text for progressions that are one circle of chords entered at different places or in different keys."""
    turns = [chords[turn:] + chords[:turn] for turn in range(len(chords))]
    circles = [[((chord.root - turn[0].root) % 12, chord.intervals) for chord in turn] for turn in turns]
    return f"{SOURCE}/" + " ".join(f"{root}:{'.'.join(map(str, intervals))}" for root, intervals in min(circles))


def choose_style(mode: str, chords: list[Chord], mood: str, rng: Random) -> str:
    """pop, or for dark minor ones ambient and for other minor ones house in half of the cases."""
    tonic = next((chord for chord in chords if chord.root == 0), chords[0])
    if mode in ("major", "lydian", "mixolydian") or 4 in tonic.intervals:
        return "pop"
    dark = bool(DARK & set(mood.split()))
    return rng.choice(("ambient", "ambient", "house", "pop") if dark else ("house", "house", "pop", "ambient"))


def parse_figure(words: list[str]) -> list[Onset]:
    """The strokes of a rhythm figure: beats and a letter each, N the next chord, S the same again, X a rest.

    An ImportRefusal when it is not spelt so or does not fill whole bars.
    """
    onsets, step = [], 0
    for word in words:
        spelt = re.fullmatch(r"([\d.]*)([NSX])", word)
        if spelt is None:
            raise ImportRefusal(f"broken rhythm: {word} is no number of beats with N, S or X")
        length = round(float(spelt.group(1) or 1) * 12)
        if spelt.group(2) != "X":
            onsets.append(Onset(step, length, spelt.group(2) == "N"))
        step += length
    if step == 0 or step % 48 or not onsets:
        raise ImportRefusal("broken rhythm: it does not fill whole bars")
    return onsets


def _figures(header: dict, report: ImportReport) -> dict[str, list[Onset]]:
    """The rhythm figures of the file by name; broken ones are named in `report`."""
    figures = {}
    rhythms = header.get("rhythms", {})
    if not isinstance(rhythms, dict):
        report.refuse(SOURCE, "rhythms", "broken rhythm: the first row names no figures")
        return {}
    for name, words in sorted(rhythms.items()):
        with refusing(report, SOURCE, f"rhythm {name}"):
            figures[name] = parse_figure(words)
    return figures


def voicings(pitch_classes: set[int]) -> list[tuple[int, ...]]:
    """Every close voicing of the pitch classes between LOW and HIGH, rising."""
    found = []
    for bottom in range(LOW, HIGH + 1):
        if bottom % 12 in pitch_classes:
            voicing = tuple(sorted(bottom + (pitch_class - bottom) % 12 for pitch_class in pitch_classes))
            if voicing[-1] <= HIGH:
                found.append(voicing)
    return found


def nearest_voicing(pitch_classes: set[int], previous: tuple[int, ...]) -> tuple[int, ...]:
    """The voicing that moves least from `previous`: the sum over both chords of each note's way to the nearest of the other.

    A semitone inside the voicing counts as two steps of movement; between equals the one nearest to the middle wins.
    """

    def movement(voicing: tuple[int, ...]) -> tuple[float, float]:
        ways = [min(abs(a - b) for b in previous) for a in voicing] + [min(abs(a - b) for a in voicing) for b in previous]
        semitones = sum(upper - lower == 1 for lower, upper in zip(voicing, voicing[1:]))
        return sum(ways) + 2 * semitones, abs(sum(voicing) / len(voicing) - 60)

    return min(voicings(pitch_classes), key=movement)


def _strokes(slots: list[Chord], figure: list[Onset] | None) -> Iterator[tuple[int, int, Chord]]:
    """(step, length, chord) over 8 bars: a chord a bar, or the chords one after the other as the figure calls them."""
    if figure is None:
        for bar in range(BARS):
            yield bar * 48, 48, slots[bar % len(slots)]
        return
    span = -(-(figure[-1].step + figure[-1].length) // 48) * 48
    called = -1
    for start in range(0, BARS * 48, span):
        for onset in figure:
            called += onset.is_new
            if start + onset.step + onset.length <= BARS * 48:
                yield start + onset.step, onset.length, slots[max(called, 0) % len(slots)]


def progression_song(row: dict, number: int, figures: dict[str, list[Onset]], licence: str) -> RawSong:
    """The song of a row; an ImportRefusal, or the error of a broken row, when there is none."""
    name = f"{number - 1} {row['name']}"
    rng = Random(f"progression {name}")
    chords = _chords(row)
    tonic, mode = rng.randrange(12), scale_mode(row, chords)
    style = choose_style(mode, chords, row["mood"], rng)
    figure = None if style == "ambient" or not figures or rng.random() < 0.4 else figures[rng.choice(sorted(figures))]
    with_bass = rng.random() < 0.5
    harmony, bass = [], []
    voicing: tuple[int, ...] = (54, 60, 66)
    for step, length, chord in _strokes(phrase(chords), figure):
        root = (tonic + chord.root) % 12
        tones = {(root + interval) % 12 for interval in chord.intervals}
        voicing = nearest_voicing(tones - {root} if with_bass and len(tones) > 3 else tones, voicing)
        harmony += [RawNote(step, pitch, 0.75, length) for pitch in voicing]
        if with_bass:
            bass.append(RawNote(step, BASS_LOW + (root - BASS_LOW) % 12, 0.8, length))
    notes = {"chords": harmony} | ({"bass": bass} if bass else {})
    tempo = float(rng.choice(TEMPOS[style]))
    return RawSong(SOURCE, name, family_name(chords), style, licence, tempo, BARS, notes=notes, key=(tonic, mode))


def read_progressions(path: Path, report: ImportReport) -> Iterator[RawSong]:
    """The songs of the progressions in `path`, in its order; what is broken or does not fit 8 bars is named in `report`."""
    file = read_pattern_file(path, SOURCE, report)
    if file is None:
        return
    figures = _figures(file.header, report)
    for number, row in file.rows:
        song = None
        with refusing(report, SOURCE, f"line {number}"):
            song = progression_song(row, number, figures, file.licence)
        if song is not None:
            yield song
