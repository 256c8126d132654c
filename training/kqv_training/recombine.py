"""New songs from parts of others that fit: same style, same mode, moved into the same key, without clashes.

A guest part plays over a host for a stretch of whole phrases. Drums fit everywhere; a lead or an arpeggio fits where its notes
do not stand a semitone from what bass and chords hold; loops of drums and progressions without drums find each other.
"""

from __future__ import annotations

from random import Random
from typing import Sequence

from .language import COMPOSED_TRACKS, Bar, Note, Part, vocabulary
from .songs import Song

PHRASE_BARS = 8
#: The largest share of a guest's notes that may stand a semitone from a note of the host that sounds with them.
MOST_CLASHES = 0.05
ATTEMPTS = 12


def sounds(bar: Bar, track: str) -> bool:
    """Whether a track plays in a bar."""
    return bar.parts[COMPOSED_TRACKS.index(track)].density > 0


def clashes(guest: Sequence[Note], host: Sequence[Note]) -> float:
    """The share of the guest's notes that begin a semitone (in pitch class) from a note of the host that sounds then."""
    durations = vocabulary().durations
    rubbing = sum(
        any((note.pitch - other.pitch) % 12 in (1, 11) and other.position <= note.position < other.position + durations[other.duration]
            for other in host)
        for note in guest
    )
    return rubbing / len(guest) if guest else 0.0


def moved(part: Part, semitones: int) -> Part:
    """The part transposed, by octaves less where it would leave its register."""
    words = vocabulary()
    pitches = [note.pitch + semitones for note in part.notes]
    if pitches and (min(pitches) < words.pitch_min or max(pitches) > words.pitch_min + words.count["PITCH"] - 1):
        return moved(part, semitones - 12 if semitones > 0 else semitones + 12)
    return Part(part.track, part.density, list(part.hits), [note._replace(pitch=note.pitch + semitones) for note in part.notes])


def _stretch(rng: Random, song: Song, count: int) -> tuple[Bar, ...] | None:
    """`count` bars of a song from a phrase on; None when it is shorter."""
    starts = range(0, len(song.bars) - count + 1, 4)
    return song.bars[(first := rng.choice(starts)) : first + count] if starts else None


def joined(host: Sequence[Bar], guest: Sequence[Bar], track: str) -> list[Bar] | None:
    """The host's bars with the guest's part of `track`; None when the guest is silent, or does not fit."""
    if not any(sounds(bar, track) for bar in guest):
        return None
    place = COMPOSED_TRACKS.index(track)
    result = []
    for bar, other in zip(host, guest):
        shift = (bar.controls.key - other.controls.key + 6) % 12 - 6
        part = moved(other.parts[place], shift if track != "drums" else 0)
        others = [note for each in bar.parts if each.track not in (track, "drums") for note in each.notes]
        pitched_apart = track != "drums" and bar.controls.mode != other.controls.mode
        if pitched_apart or clashes(part.notes, others) > MOST_CLASHES:
            return None
        result.append(Bar(bar.controls, [*bar.parts[:place], part, *bar.parts[place + 1 :]]))
    return result


def _guest_track(rng: Random, host: Sequence[Bar]) -> str:
    """A track that the host lacks, or its drums."""
    silent = [track for track in COMPOSED_TRACKS if not any(sounds(bar, track) for bar in host)]
    if "drums" in silent:
        return "drums"
    return rng.choice([track for track in silent if track in ("lead", "arp", "chords", "bass")] or ["drums"])


def recombine(rng: Random, songs: Sequence[Song], count: int) -> list[Song]:
    """`count` new songs of 16 or 32 bars; fewer when little fits together."""
    by_style: dict[str, list[Song]] = {}
    for song in songs:
        by_style.setdefault(song.style, []).append(song)
    #: drums of the people's style fit under everything, and under pieces of other styles that have none
    drummers = by_style.get("groove", [])
    made: list[Song] = []
    pitched = [song for song in songs if song.style != "groove"]
    for _ in range(count * ATTEMPTS):
        if len(made) == count or not pitched:
            break
        song = rng.choice(pitched)
        bars = _stretch(rng, song, rng.choice((2, 4)) * PHRASE_BARS) or _stretch(rng, song, PHRASE_BARS)
        if bars is None or not any(sounds(bar, track) for bar in bars for track in ("bass", "chords")):
            continue
        track = _guest_track(rng, bars)
        choir = drummers if track == "drums" and drummers and rng.random() < 0.4 else by_style[song.style]
        other = rng.choice(choir)
        guest = _stretch(rng, other, len(bars)) or _stretch(rng, other, PHRASE_BARS)
        if other is song or guest is None:
            continue
        repeated = [guest[index % len(guest)] for index in range(len(bars))]
        result = joined(bars, repeated, track)
        if result is not None:
            made.append(Song("recombined", f"{song.name} + {track} of {other.name}", song.family, song.style,
                             f"{song.licence}; {other.licence}", "train", tuple(result)))
    return made
