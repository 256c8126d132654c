"""The training corpus: songs of every group as one token array, with the places where bars and songs begin.

Groups are what a training stage mixes: `composed` (rules), `jam` (the same band under a player's hands, see composer/jam.py),
`recombined` (parts of songs that fit, see recombine.py), and the imported ones: `electronic` (real house, techno, electro), `band` (full arrangements of other kinds) and `patterns` (drum
takes, loops, progressions). Split by song and family: validation songs of the composer have seeds of their own.
"""

from __future__ import annotations

import hashlib
import json
from collections import Counter
from concurrent.futures import ProcessPoolExecutor
from dataclasses import dataclass
from pathlib import Path
from random import Random
from typing import Callable, Sequence

import numpy as np

from .composer.jam import compose_jam
from .composer.song import compose_song
from .composer.styles import COMPOSED_STYLES
from .grammar import check_sequence
from .language import COMPOSED_TRACKS, encode_bar, vocabulary
from .recombine import recombine
from .songs import IMPORTED_PATH, Song, load_songs

#: Validation songs count their seeds from here, training songs from the configuration's seed; the two may not meet.
VALIDATION_SEED = 1_000_000

#: The group of each imported source.
GROUP_OF_SOURCE = {
    "lmms_free": "electronic", "wavesabre_songs": "electronic", "farbrausch_v2m": "electronic",
    "simutrans": "band", "freedoom": "band", "easyrpg_rtp": "band",
    "gmd": "patterns", "composable_drum_patterns": "patterns", "free_midi_chords": "patterns", "acid_banger_renders": "patterns",
}


@dataclass
class Corpus:
    """`tokens` (uint16) of all songs; `bars` and `songs`: where each begins, in tokens and in bars, with the end as a last entry.

    `parts` (int8): the track each token belongs to, -1 in a bar's head. `groups`, `styles`: names by song.
    """

    tokens: np.ndarray
    bars: np.ndarray
    songs: np.ndarray
    groups: list[str]
    styles: list[str]
    parts: np.ndarray

    def group_tokens(self, group: str) -> np.ndarray:
        """The tokens of a group's songs, joined."""
        chosen = [self.song(index) for index, name in enumerate(self.groups) if name == group]
        return np.concatenate(chosen) if chosen else np.empty(0, dtype=np.uint16)

    def song(self, index: int) -> np.ndarray:
        """The tokens of one song."""
        return self.tokens[self.bars[self.songs[index]] : self.bars[self.songs[index + 1]]]


def parts_of(tokens: np.ndarray) -> np.ndarray:
    """The track [n] that each token belongs to, -1 in the head of a bar."""
    words = vocabulary()
    first = words.start["TRACK"]
    opens = (tokens >= first) & (tokens < first + words.count["TRACK"]) | (tokens == words.token("BAR"))
    marks = np.flatnonzero(opens)
    values = np.where(tokens[marks] == words.token("BAR"), -1, tokens[marks].astype(int) - first).astype(np.int8)
    return np.repeat(values, np.diff(np.append(marks, len(tokens))))


def make_corpus(songs: Sequence[tuple[str, str, list[list[int]]]]) -> Corpus:
    """A corpus of (group, style, bars as token lists)."""
    bars = [bar for _, _, song in songs for bar in song]
    tokens = np.array([token for bar in bars for token in bar], dtype=np.uint16)
    return Corpus(
        tokens,
        np.concatenate(([0], np.cumsum([len(bar) for bar in bars], dtype=np.int64))),
        np.concatenate(([0], np.cumsum([len(song) for _, _, song in songs], dtype=np.int64))),
        [group for group, _, _ in songs], [style for _, style, _ in songs], parts_of(tokens),
    )


def composed_song(job: tuple[int, str]) -> Song:
    """One song of the composer, checked against the grammar; `job` is (seed, style)."""
    seed, style = job
    return checked(Song("composed", str(seed), f"{style} {seed}", style, "MIT", "train", tuple(compose_song(seed, style))))


def composed_jam(job: tuple[int, str]) -> Song:
    """One jam of the composer, checked against the grammar; `job` is (seed, first style)."""
    seed, style = job
    return checked(Song("jam", str(seed), f"jam from {style} {seed}", style, "MIT", "train", tuple(compose_jam(seed, style))))


def checked(song: Song) -> Song:
    """The song itself; it raises where its tokens break the grammar."""
    check_sequence([token for bar in song.tokens() for token in bar])
    return song


def compose_songs(first_seed: int, per_style: int, workers: int = 2, compose: Callable[[tuple[int, str]], Song] = composed_song) -> list[Song]:
    """`per_style` songs (or jams, as `compose` has it) of every style, in the order of their seeds."""
    jobs = [(first_seed + i, style) for i in range(per_style) for style in COMPOSED_STYLES]
    with ProcessPoolExecutor(workers) as pool:
        return list(pool.map(compose, jobs, chunksize=16))


def measure(songs: Sequence[tuple[str, str, list[list[int]]]]) -> dict:
    """Songs and bars by group, tokens a bar by style, and octiles of the note counts of sounding bars by track."""
    words = vocabulary()
    by_style: dict[str, list[int]] = {style: [] for style in words.styles}
    by_group: dict[str, Counter] = {}
    counts: dict[str, Counter] = {track: Counter() for track in COMPOSED_TRACKS}
    for group, style, bars in songs:
        by_style[style] += [len(bar) for bar in bars]
        by_group.setdefault(group, Counter()).update(songs=1, bars=len(bars), tokens=sum(map(len, bars)))
        for bar in bars:
            row = np.array(bar)
            parts = parts_of(row)[(row >= words.start["HIT"]) & (row < words.start["VEL"])]
            for track, count in zip(*np.unique(parts, return_counts=True)):
                counts[words.tracks[track]][int(count)] += 1
    octiles = {
        track: [int(np.percentile(np.repeat(list(counter), list(counter.values())), 100 * i / 7)) for i in range(1, 7)]
        for track, counter in counts.items() if counter
    }
    return {
        "groups": {group: dict(counter) for group, counter in by_group.items()},
        "tokensPerBar": {
            style: {"mean": round(float(np.mean(lengths)), 1), "median": float(np.median(lengths)),
                    "p90": float(np.percentile(lengths, 90))}
            for style, lengths in by_style.items() if lengths
        },
        "measuredOctiles": octiles,
        "densityBounds": {track: words.density_bounds[track] for track in COMPOSED_TRACKS},
    }


def _digest(corpus: Corpus) -> str:
    return hashlib.sha256(corpus.tokens.tobytes() + corpus.bars.tobytes() + corpus.songs.tobytes()).hexdigest()


def _store(path: Path, corpus: Corpus) -> None:
    np.savez_compressed(path, tokens=corpus.tokens, bars=corpus.bars, songs=corpus.songs,
                        groups=np.array(corpus.groups), styles=np.array(corpus.styles))


def _read(path: Path) -> Corpus:
    with np.load(path) as stored:
        tokens = stored["tokens"]
        return Corpus(tokens, stored["bars"], stored["songs"], stored["groups"].tolist(), stored["styles"].tolist(), parts_of(tokens))


def _labelled(songs: Sequence[Song], group: str | None = None) -> list[tuple[str, str, list[list[int]]]]:
    return [(group or GROUP_OF_SOURCE[song.source], song.style, song.tokens()) for song in songs]


def build(songs_per_style: int, jams_per_style: int, validation_songs_per_style: int, recombined_songs: int, seed: int,
          imported: Path = IMPORTED_PATH) -> tuple[Corpus, Corpus, dict]:
    """Training and validation corpora and their report; the same for the same numbers, composer and imported songs."""
    if seed < VALIDATION_SEED + validation_songs_per_style and seed + max(songs_per_style, jams_per_style) > VALIDATION_SEED:
        raise ValueError(f"With seed {seed} the training songs would include validation songs; choose another seed.")
    real = load_songs(imported)
    composed = compose_songs(seed, songs_per_style)
    training = [song for song in real if song.split == "train"]
    mixed = recombine(Random(seed), [*training, *composed], recombined_songs)
    jams = compose_songs(seed, jams_per_style, compose=composed_jam)
    rows = _labelled(composed, "composed") + _labelled(jams, "jam") + _labelled(mixed, "recombined") + _labelled(training)
    held_out = _labelled(compose_songs(VALIDATION_SEED, validation_songs_per_style), "composed")
    held_out += _labelled(compose_songs(VALIDATION_SEED, validation_songs_per_style, compose=composed_jam), "jam")
    held_out += _labelled([song for song in real if song.split == "validation"])
    train, validation = make_corpus(rows), make_corpus(held_out)
    report = measure(rows) | {
        "validation": measure(held_out)["groups"],
        "trainTokens": len(train.tokens), "validationTokens": len(validation.tokens),
        "trainSha256": _digest(train), "validationSha256": _digest(validation),
        "importedSha256": json.loads(imported.with_suffix(".json").read_text())["sha256"],
    }
    return train, validation, report


def load_or_build(folder: Path, songs_per_style: int, jams_per_style: int, validation_songs_per_style: int,
                  recombined_songs: int, seed: int) -> tuple[Corpus, Corpus, dict]:
    """Training and validation corpora, from `folder` when they were built there with the same numbers."""
    recipe = {"songs": songs_per_style, "jams": jams_per_style, "validation": validation_songs_per_style, "recombined": recombined_songs, "seed": seed}
    report_path = folder / "corpus.json"
    if report_path.exists():
        report = json.loads(report_path.read_text())
        if report["recipe"] == recipe:
            return _read(folder / "train.npz"), _read(folder / "validation.npz"), report
    train, validation, report = build(songs_per_style, jams_per_style, validation_songs_per_style, recombined_songs, seed)
    report["recipe"] = recipe
    folder.mkdir(parents=True, exist_ok=True)
    _store(folder / "train.npz", train)
    _store(folder / "validation.npz", validation)
    report_path.write_text(json.dumps(report, indent=1))
    return train, validation, report
