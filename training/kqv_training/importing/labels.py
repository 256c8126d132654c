"""Labels for music on the grid: key and mode, section, energy, density, split. Every source is labelled here and alike."""

from __future__ import annotations

import hashlib
from collections import defaultdict
from typing import Sequence

from ..language import COMPOSED_TRACKS, Bar, Controls, Hit, Note, make_part, vocabulary
from ..songs import Song, Split
from .form import find_form
from .keys import find_keys, key_indices
from .raw import ImportRefusal, RawHit, RawNote, RawSong

#: The share of families that validate, and what the hash is seasoned with so that the small sources have two of them at least.
VALIDATION_SHARE = 0.12
SPLIT_SALT = "kqv"

#: Most voices that one position of a pitched track may hold.
MOST_VOICES = 6


def split_of(family: str) -> Split:
    """Which side of the split a family is on, from a hash of its name alone: never moves when songs come or go."""
    digest = hashlib.sha256(f"{SPLIT_SALT}:{family}".encode()).digest()
    return "validation" if int.from_bytes(digest[:4], "big") < VALIDATION_SHARE * 2**32 else "train"


def label_song(raw: RawSong) -> Song:
    """The song in labelled bars of the music language.

    Throws an ImportRefusal when there are no notes, or when an event lies outside the song's bars.
    """
    words = vocabulary()
    if raw.bars < 1 or not (raw.hits or any(raw.notes.values())):
        raise ImportRefusal("no notes")
    steps = [event.step for event in [*raw.hits, *(note for track in raw.notes.values() for note in track)]]
    if min(steps) < 0 or max(steps) >= raw.bars * 48:
        raise ImportRefusal("events outside the bars")
    keys = [raw.key] * raw.bars if raw.key else find_keys(raw.notes, raw.bars)
    sections, energies = find_form(raw)
    style, tempo = words.styles.index(raw.style), words.tempo_bin(raw.tempo)
    events = {"drums": _hits_by_bar(raw.hits), **{track: _notes_by_bar(track, raw.notes.get(track, [])) for track in COMPOSED_TRACKS[1:]}}
    bars = []
    for index in range(raw.bars):
        key, mode = key_indices(keys[index])
        section = words.sections.index(raw.sections[index] if raw.sections else sections[index])
        energy = raw.energies[index] if raw.energies else energies[index]
        parts = [make_part(track, events[track].get(index, [])) for track in COMPOSED_TRACKS]
        bars.append(Bar(Controls(style, section, energy, tempo, key, mode), parts))
    return Song(raw.source, raw.name, raw.family, raw.style, raw.licence, split_of(raw.family), tuple(bars))


def level_of(loudness: float, levels: int) -> int:
    """The index of the velocity level nearest to a loudness 0..1, of `levels` equally spaced up to 1."""
    return max(0, min(levels - 1, round(loudness * levels) - 1))


def _hits_by_bar(hits: Sequence[RawHit]) -> dict[int, list[Hit]]:
    """Hits by bar; of two hits of one piece at one step the louder stays."""
    loudest: dict[tuple[int, int], float] = {}
    for hit in hits:
        place = (hit.step, hit.piece)
        loudest[place] = max(hit.velocity, loudest.get(place, 0.0))
    bars: dict[int, list[Hit]] = defaultdict(list)
    for (step, piece), velocity in loudest.items():
        bars[step // 48].append(Hit(step % 48, piece, level_of(velocity, vocabulary().hit_levels)))
    return bars


def _notes_by_bar(track: str, notes: Sequence[RawNote]) -> dict[int, list[Note]]:
    """Notes by bar; a pitch sounds once a position (the longest note), octaves bring it into range, at most six voices stay."""
    words = vocabulary()
    levels = words.count["VEL"]
    by_step: dict[int, dict[int, RawNote]] = defaultdict(dict)
    for note in notes:
        pitch = _in_range(note.pitch)
        held = by_step[note.step].get(pitch)
        if held is None or note.length > held.length:
            by_step[note.step][pitch] = note
    bars: dict[int, list[Note]] = defaultdict(list)
    for step, voices in by_step.items():
        kept = sorted(voices)
        if len(kept) > MOST_VOICES:
            kept = [kept[0], *kept[1 - MOST_VOICES :]]
        for pitch in kept:
            note = voices[pitch]
            slide = note.slide and track == "bass"
            length = words.duration_index(max(1, note.length))
            bars[step // 48].append(Note(step % 48, pitch, level_of(note.velocity, levels), length, slide))
    return bars


def _in_range(pitch: int) -> int:
    """The pitch moved by octaves into what the language can write."""
    lowest, highest = vocabulary().table["pitchMin"], vocabulary().table["pitchMax"]
    while pitch < lowest:
        pitch += 12
    while pitch > highest:
        pitch -= 12
    return pitch
