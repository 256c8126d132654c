"""The music language on the Python side: bars of notes on the grid to tokens and back.

Everything comes from `training/vocabulary.json`, which `npm run vocabulary` writes from src/lib/music. The spelling of
a part is the canonical (shortest) one of `bars.ts`: POS, VEL and DUR are written only when they change.
"""

from __future__ import annotations

import json
from dataclasses import dataclass, field
from functools import lru_cache
from pathlib import Path
from typing import NamedTuple, Sequence

VOCABULARY_PATH = Path(__file__).resolve().parents[1] / "vocabulary.json"

#: The parts that every composed bar writes, in this order; `guest` belongs to people.
COMPOSED_TRACKS = ("drums", "bass", "chords", "lead", "arp")

CONTROL_FAMILIES = ("STYLE", "SECTION", "ENERGY", "TEMPO", "KEY", "MODE")


class MusicLanguageError(ValueError):
    """A token sequence or a bar that the music language does not admit."""


class Vocabulary:
    """The generated table: token names, family ranges, grids and density bounds."""

    def __init__(self, table: dict) -> None:
        self.table = table
        self.tokens: list[str] = table["tokens"]
        self.size = len(self.tokens)
        self.start = {name: span["start"] for name, span in table["families"].items()}
        self.count = {name: span["size"] for name, span in table["families"].items()}
        self.styles: list[str] = table["styles"]
        self.sections: list[str] = table["sections"]
        self.modes: list[str] = table["modes"]
        self.keys: list[str] = table["keys"]
        self.tracks: list[str] = table["tracks"]
        self.durations: list[int] = table["durations"]
        self.hit_levels = len(table["hitLevels"])
        self.pieces = {piece["name"]: index for index, piece in enumerate(table["drumPieces"])}
        self.pitch_min: int = table["pitchMin"]
        self.default_velocity: int = table["partDefaults"]["velocity"]
        self.default_duration: int = table["partDefaults"]["duration"]
        self.density_bounds: dict[str, list[int]] = table["densityBounds"]
        self.family_of = [""] * self.size
        for name, span in table["families"].items():
            for token in range(span["start"], span["start"] + span["size"]):
                self.family_of[token] = name

    def token(self, family: str, value: int = 0) -> int:
        """The token of the `value`-th member of `family`; a MusicLanguageError when there is none."""
        if not 0 <= value < self.count[family]:
            raise MusicLanguageError(
                f"{family} has the values 0 to {self.count[family] - 1}; {value} is not one of them."
            )
        return self.start[family] + value

    def value(self, token: int) -> int:
        """Which value of its family a token is."""
        return token - self.start[self.family_of[token]]

    def tempo_bin(self, beats_per_minute: float) -> int:
        """The index of the tempo bin nearest to a tempo in beats per minute."""
        bins = self.table["tempoBins"]
        return min(range(len(bins)), key=lambda index: abs(bins[index] - beats_per_minute))

    def duration_index(self, steps: int) -> int:
        """The index of the note length nearest to `steps` (48 a bar); ties go to the shorter."""
        return min(range(len(self.durations)), key=lambda i: (abs(self.durations[i] - steps), i))

    def density_level(self, track: str, note_count: int) -> int:
        """The density level 0-7 of a bar with `note_count` notes of `track`, as density.ts computes it."""
        if note_count <= 0:
            return 0
        return 1 + sum(note_count > bound for bound in self.density_bounds[track])


@lru_cache(maxsize=1)
def vocabulary() -> Vocabulary:
    """The vocabulary of the repository, read once."""
    return Vocabulary(json.loads(VOCABULARY_PATH.read_text()))


class Controls(NamedTuple):
    """The controls that open a bar, as value indices of their families."""

    style: int
    section: int
    energy: int
    tempo: int
    key: int
    mode: int


class Hit(NamedTuple):
    """A drum hit: step 0-47, kit piece index, level 0-3."""

    position: int
    piece: int
    level: int


class Note(NamedTuple):
    """A pitched note: step 0-47, MIDI pitch, velocity level 0-7, duration index, slide (bass only)."""

    position: int
    pitch: int
    velocity: int
    duration: int
    slide: bool = False


@dataclass
class Part:
    """One track's part of a bar: hits for drums, notes for the others, sorted by position then piece or pitch."""

    track: str
    density: int
    hits: list[Hit] = field(default_factory=list)
    notes: list[Note] = field(default_factory=list)


@dataclass
class Bar:
    """A bar: its controls and its parts in track order."""

    controls: Controls
    parts: list[Part]


def make_part(track: str, events: Sequence[Hit] | Sequence[Note]) -> Part:
    """A part with its events sorted and its density label measured."""
    density = vocabulary().density_level(track, len(events))
    ordered = sorted(events)
    if track == "drums":
        return Part(track, density, hits=ordered)
    return Part(track, density, notes=ordered)


def encode_part(part: Part) -> list[int]:
    """One part as tokens, beginning with TRACK and DENSITY."""
    words = vocabulary()
    tokens = [words.token("TRACK", words.tracks.index(part.track)), words.token("DENSITY", part.density)]
    position = -1
    for hit in part.hits:
        if hit.position != position:
            position = hit.position
            tokens.append(words.token("POS", position))
        tokens.append(words.token("HIT", hit.piece * words.hit_levels + hit.level))
    velocity, duration = words.default_velocity, words.default_duration
    for note in part.notes:
        if note.position != position:
            position = note.position
            tokens.append(words.token("POS", position))
        if note.velocity != velocity:
            velocity = note.velocity
            tokens.append(words.token("VEL", velocity))
        if note.duration != duration:
            duration = note.duration
            tokens.append(words.token("DUR", duration))
        tokens.append(words.token("PITCH", note.pitch - words.pitch_min))
        if note.slide:
            tokens.append(words.token("SLIDE"))
    return tokens


def encode_controls(controls: Controls) -> list[int]:
    """The seven tokens that open a bar."""
    words = vocabulary()
    heads = [words.token(family, value) for family, value in zip(CONTROL_FAMILIES, controls)]
    return [words.token("BAR"), *heads]


def music_text(bar: Bar) -> tuple[int, ...]:
    """What a bar sounds like, as tokens: the notes of the tracks that play, without controls and density levels."""
    sounding = [encode_part(part) for part in bar.parts if part.hits or part.notes]
    return tuple(token for tokens in sounding for token in (tokens[0], *tokens[2:]))


def encode_bar(bar: Bar) -> list[int]:
    """A bar as tokens."""
    return encode_controls(bar.controls) + [token for part in bar.parts for token in encode_part(part)]


def parse_bars(tokens: Sequence[int]) -> list[Bar]:
    """The bars of a token sequence that the grammar admits; a last bar cut short is returned as far as it goes."""
    words = vocabulary()
    bars: list[Bar] = []
    heads: list[int] = []
    position, velocity, duration = 0, words.default_velocity, words.default_duration
    for token in tokens:
        family, value = words.family_of[token], words.value(token)
        if family == "BAR":
            heads = []
        elif family in CONTROL_FAMILIES:
            heads.append(value)
            if len(heads) == len(CONTROL_FAMILIES):
                bars.append(Bar(Controls(*heads), []))
        elif family == "TRACK":
            bars[-1].parts.append(Part(words.tracks[value], 0))
            velocity, duration = words.default_velocity, words.default_duration
        elif family == "DENSITY":
            bars[-1].parts[-1].density = value
        elif family == "POS":
            position = value
        elif family == "HIT":
            piece, level = divmod(value, words.hit_levels)
            bars[-1].parts[-1].hits.append(Hit(position, piece, level))
        elif family == "VEL":
            velocity = value
        elif family == "DUR":
            duration = value
        elif family == "PITCH":
            note = Note(position, value + words.pitch_min, velocity, duration)
            bars[-1].parts[-1].notes.append(note)
        elif family == "SLIDE":
            notes = bars[-1].parts[-1].notes
            notes[-1] = notes[-1]._replace(slide=True)
    return bars
