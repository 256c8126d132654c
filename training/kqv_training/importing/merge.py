"""Parts with roles to the five tracks: one bass line, one lead, one arp at a time, chords of five voices, in their registers."""

from __future__ import annotations

from collections import Counter, defaultdict
from typing import Sequence

from .raw import RawNote

#: Where each track lies; a whole line moves by octaves to lie there, single notes outside follow.
REGISTERS = {"bass": (28, 52), "chords": (43, 79), "lead": (55, 91), "arp": (48, 96)}

#: Voices at one position: a bass has one, a lead or an arp two, chords five.
VOICES = {"bass": 1, "chords": 5, "lead": 2, "arp": 2}

#: The highest note taken for the bass of a part that plays bass and chords.
HIGHEST_SPLIT = 52

#: The bars over which a track keeps to one part, and the most chord notes a bar takes from more than one part.
PHRASE_BARS = 4
MOST_CHORD_NOTES = 18


def to_register(track: str, notes: Sequence[RawNote]) -> list[RawNote]:
    """The line moved by whole octaves so that most of it lies in the track's register, what is left outside by its own octaves."""
    if not notes:
        return []
    low, high = REGISTERS[track]
    centre = (low + high) / 2
    mean = sum(note.pitch for note in notes) / len(notes)
    best = max(
        range(-8, 9),
        key=lambda octave: (sum(low <= note.pitch + 12 * octave <= high for note in notes), -abs(mean + 12 * octave - centre)),
    )
    if all(low <= note.pitch <= high for note in notes):
        best = 0
    return [note._replace(pitch=_folded(note.pitch + 12 * best, low, high)) for note in notes]


def _folded(pitch: int, low: int, high: int) -> int:
    """The pitch moved by octaves into low..high."""
    while pitch < low:
        pitch += 12
    while pitch > high:
        pitch -= 12
    return pitch


def merge_lines(track: str, parts: Sequence[Sequence[RawNote]], bars: int) -> list[RawNote]:
    """One line of several parts: in each phrase of four bars the part that plays most, in its silent bars the next."""
    by_bar = [_by_bar(to_register(track, part)) for part in parts]
    merged: list[RawNote] = []
    before = -1
    for first in range(0, bars, PHRASE_BARS):
        phrase = range(first, min(bars, first + PHRASE_BARS))
        busy = [sum(len({note.step for note in part.get(bar, [])}) for bar in phrase) for part in by_bar]
        order = sorted(range(len(parts)), key=lambda i: (-busy[i] * (1.5 if i == before else 1.0), i))
        for bar in phrase:
            chosen = next((i for i in order if by_bar[i].get(bar)), None)
            if chosen is not None:
                merged += by_bar[chosen][bar]
        if order and busy[order[0]]:
            before = order[0]
    return limit_voices(track, merged)


def merge_chords(parts: Sequence[Sequence[RawNote]], bars: int) -> list[RawNote]:
    """The chord parts together, at most five voices at a position; a bar that gets too full keeps the part with the most voices."""
    by_bar = [_by_bar(to_register("chords", part)) for part in parts]
    merged: list[RawNote] = []
    for bar in range(bars):
        playing = sorted((part[bar] for part in by_bar if part.get(bar)), key=lambda notes: -_richness(notes))
        taken: list[RawNote] = []
        for notes in playing:
            if not taken or len(taken) + len(notes) <= MOST_CHORD_NOTES:
                taken += notes
        merged += taken
    return limit_voices("chords", merged)


def split_low_voice(notes: Sequence[RawNote]) -> tuple[list[RawNote], list[RawNote]]:
    """(bass, rest) of a part that plays both, as a pianist's or an organist's hands: a note below C sharp 3 that has no other at its
    onset, or none within a fourth above it, is bass."""
    by_step: dict[int, list[RawNote]] = defaultdict(list)
    for note in notes:
        by_step[note.step].append(note)
    low, rest = [], []
    for voices in by_step.values():
        voices.sort(key=lambda note: note.pitch)
        is_bass = voices[0].pitch <= HIGHEST_SPLIT and (len(voices) == 1 or voices[1].pitch - voices[0].pitch >= 5)
        low += voices[:1] if is_bass else []
        rest += voices[1:] if is_bass else voices
    return low, rest


def _richness(notes: Sequence[RawNote]) -> float:
    """How much of a bar's harmony a part holds: its pitch classes, then voices at an onset."""
    onsets = Counter(note.step for note in notes)
    return len({note.pitch % 12 for note in notes}) + 0.5 * len(notes) / len(onsets)


def _by_bar(notes: Sequence[RawNote]) -> dict[int, list[RawNote]]:
    """Notes by the bar they begin in."""
    bars: dict[int, list[RawNote]] = defaultdict(list)
    for note in notes:
        bars[note.step // 48].append(note)
    return bars


def limit_voices(track: str, notes: Sequence[RawNote]) -> list[RawNote]:
    """At most the track's number of voices at a position: a bass keeps its lowest, a lead and an arp the highest, chords their
    outer voices and those inside that add a pitch class. A single line is cut where the next note begins."""
    most = VOICES[track]
    by_step: dict[int, dict[int, RawNote]] = defaultdict(dict)
    for note in sorted(notes):
        held = by_step[note.step].get(note.pitch)
        if held is None or note.length > held.length:
            by_step[note.step][note.pitch] = note
    kept: list[RawNote] = []
    for step in sorted(by_step):
        voices = by_step[step]
        pitches = sorted(voices)
        if len(pitches) > most:
            pitches = _chosen(track, pitches, most)
        kept += [voices[pitch] for pitch in pitches]
    if track == "bass":
        kept = [
            note._replace(length=max(1, min(note.length, following.step - note.step))) if following else note
            for note, following in zip(kept, [*kept[1:], None])
        ]
    return kept


def _chosen(track: str, pitches: list[int], most: int) -> list[int]:
    """The `most` pitches of ascending `pitches` that carry a track's harmony or line."""
    if track == "bass":
        return pitches[:most]
    if track != "chords":
        return pitches[-most:]
    chosen, inner = [pitches[0], pitches[-1]], pitches[1:-1]
    while len(chosen) < most:
        classes = {pitch % 12 for pitch in chosen}
        new = next((pitch for pitch in reversed(inner) if pitch % 12 not in classes), inner[-1])
        chosen.append(new)
        inner.remove(new)
    return sorted(chosen)
