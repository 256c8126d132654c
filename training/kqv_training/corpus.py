"""The training corpus: composed songs as one long token stream, with the places where bars begin.

Whole songs stand in random order, with short stretches of other songs strewn between them, so that the model sees keys, styles
and controls change in mid-flow, as they do under a player's hands. Split by song: validation has its own seeds.
"""

from __future__ import annotations

import json
from collections import Counter
from concurrent.futures import ProcessPoolExecutor
from dataclasses import dataclass
from pathlib import Path
from random import Random

import numpy as np

from .composer.song import compose_song
from .composer.styles import COMPOSED_STYLES
from .grammar import check_sequence
from .language import COMPOSED_TRACKS, encode_bar, vocabulary

#: Validation songs count their seeds from here, training songs from the configuration's seed; the two may not meet.
VALIDATION_SEED = 1_000_000


@dataclass
class Corpus:
    """`tokens` of the whole stream (uint16) and `bars`: offsets at which a bar begins (int64)."""

    tokens: np.ndarray
    bars: np.ndarray


def composed_song(job: tuple[int, str]) -> list[list[int]]:
    """The bars of one song as token lists, checked against the grammar; `job` is (seed, style)."""
    bars = [encode_bar(bar) for bar in compose_song(*job)]
    check_sequence([token for bar in bars for token in bar])
    return bars


def build_corpus(first_seed: int, songs_per_style: int, seed: int, workers: int = 2) -> tuple[Corpus, dict]:
    """The stream of `songs_per_style` songs of every style and its measurements."""
    jobs = [(first_seed + i, style) for i in range(songs_per_style) for style in COMPOSED_STYLES]
    with ProcessPoolExecutor(workers) as pool:
        songs = list(pool.map(composed_song, jobs, chunksize=16))
    rng = Random(seed)
    pieces: list[list[list[int]]] = []
    for bars in songs:
        pieces.append(bars)
        if rng.random() < 0.25:
            for _ in range(rng.randint(3, 8)):
                other = rng.choice(songs)
                first = rng.randrange(0, len(other) - 4, 4)
                pieces.append(other[first : first + rng.choice((4, 8, 8, 16))])
    rng.shuffle(pieces)
    stream = [bar for piece in pieces for bar in piece]
    lengths = np.array([len(bar) for bar in stream])
    bars = np.concatenate(([0], np.cumsum(lengths)[:-1]))
    tokens = np.array([token for bar in stream for token in bar], dtype=np.uint16)
    return Corpus(tokens, bars), measure(songs, [style for _, style in jobs])


def measure(songs: list[list[list[int]]], styles: list[str]) -> dict:
    """Bars and tokens a bar by style, and octiles of the note counts of sounding bars by track."""
    words = vocabulary()
    by_style: dict[str, list[int]] = {style: [] for style in COMPOSED_STYLES}
    counts: dict[str, Counter] = {track: Counter() for track in COMPOSED_TRACKS}
    for bars, style in zip(songs, styles):
        for bar in bars:
            by_style[style].append(len(bar))
            track = ""
            notes = Counter()
            for token in bar:
                family = words.family_of[token]
                if family == "TRACK":
                    track = words.tracks[words.value(token)]
                elif family in ("HIT", "PITCH"):
                    notes[track] += 1
            for name, count in notes.items():
                counts[name][count] += 1
    octiles = {}
    for track, counter in counts.items():
        values = np.repeat(list(counter), list(counter.values()))
        octiles[track] = [int(np.percentile(values, 100 * i / 7)) for i in range(1, 7)]
    return {
        "songs": len(songs),
        "bars": int(sum(map(len, songs))),
        "tokensPerBar": {
            style: {"mean": round(float(np.mean(lengths)), 1), "median": float(np.median(lengths)),
                    "p90": float(np.percentile(lengths, 90))}
            for style, lengths in by_style.items() if lengths
        },
        "measuredOctiles": octiles,
        "densityBounds": {track: words.density_bounds[track] for track in COMPOSED_TRACKS},
    }


def load_or_build(folder: Path, songs_per_style: int, validation_songs_per_style: int, seed: int) -> tuple[Corpus, Corpus, dict]:
    """Training and validation corpora, from `folder` when they were built there with the same numbers and vocabulary."""
    recipe = {"songs": songs_per_style, "validation": validation_songs_per_style, "seed": seed}
    report_path = folder / "corpus.json"
    if report_path.exists():
        report = json.loads(report_path.read_text())
        if report["recipe"] == recipe and report["densityBounds"] == {t: vocabulary().density_bounds[t] for t in COMPOSED_TRACKS}:
            stored = np.load(folder / "corpus.npz")
            train = Corpus(stored["train_tokens"], stored["train_bars"])
            return train, Corpus(stored["validation_tokens"], stored["validation_bars"]), report
    if seed < VALIDATION_SEED + validation_songs_per_style and seed + songs_per_style > VALIDATION_SEED:
        raise ValueError(f"With seed {seed} the training songs would include validation songs; choose another seed.")
    train, report = build_corpus(seed, songs_per_style, seed)
    validation, _ = build_corpus(VALIDATION_SEED, validation_songs_per_style, seed)
    report |= {"recipe": recipe, "trainTokens": len(train.tokens), "validationTokens": len(validation.tokens)}
    folder.mkdir(parents=True, exist_ok=True)
    np.savez(folder / "corpus.npz", train_tokens=train.tokens, train_bars=train.bars,
             validation_tokens=validation.tokens, validation_bars=validation.bars)
    report_path.write_text(json.dumps(report, indent=1))
    return train, validation, report
