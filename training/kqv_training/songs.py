"""Songs as bars of the music language, with where they come from; the file that holds imported songs.

An importer or the composer makes a `Song`; training, augmentation and evaluation read it. Every bar of a song writes the five
composed tracks in order; a silent track has density 0.
"""

from __future__ import annotations

import hashlib
import json
from dataclasses import dataclass
from pathlib import Path
from typing import Literal, Sequence

import numpy as np

from .grammar import check_sequence
from .language import Bar, encode_bar, parse_bars

Split = Literal["train", "validation"]

#: Where the imported songs of the repository lie: the bars, and beside them what was kept, dropped and why.
IMPORTED_PATH = Path(__file__).resolve().parents[1] / "corpus/imported.npz"


@dataclass(frozen=True)
class Song:
    """A piece of music in bars.

    `family` names what may never fall on two sides of a split: versions of one song, takes of one session. `licence` is the
    source's own words. `split` is decided by family.
    """

    source: str
    name: str
    family: str
    style: str
    licence: str
    split: Split
    bars: tuple[Bar, ...]

    def tokens(self) -> list[list[int]]:
        """The bars as token lists."""
        return [encode_bar(bar) for bar in self.bars]


def save_songs(path: Path, songs: Sequence[Song], report: dict) -> None:
    """Writes songs to `path` (.npz) and their index with `report` and the hash of the tokens to the .json beside it.

    Throws a MusicLanguageError when a bar is not of the music language, before anything is written.
    """
    bars = [tokens for song in songs for tokens in song.tokens()]
    flat = np.array([token for bar in bars for token in bar], dtype=np.uint16)
    check_sequence(flat.tolist())
    lengths = np.array([len(bar) for bar in bars], dtype=np.uint16)
    index = [
        {"source": song.source, "name": song.name, "family": song.family, "style": song.style, "licence": song.licence,
         "split": song.split, "bars": len(song.bars)}
        for song in songs
    ]
    path.parent.mkdir(parents=True, exist_ok=True)
    np.savez_compressed(path, tokens=flat, lengths=lengths)
    digest = hashlib.sha256(flat.tobytes() + lengths.tobytes()).hexdigest()
    described = {"sha256": digest, "tokens": len(flat), "bars": len(bars), "report": report, "songs": index}
    path.with_suffix(".json").write_text(json.dumps(described, indent=1, ensure_ascii=False) + "\n")


def load_songs(path: Path = IMPORTED_PATH) -> list[Song]:
    """The songs of a file that `save_songs` wrote; a ValueError when tokens and index do not belong together."""
    described = json.loads(path.with_suffix(".json").read_text())
    with np.load(path) as stored:
        tokens, lengths = stored["tokens"], stored["lengths"]
    if hashlib.sha256(tokens.tobytes() + lengths.tobytes()).hexdigest() != described["sha256"]:
        raise ValueError(f"{path} and the index beside it were not written together; import again.")
    bars = parse_bars(tokens.tolist())
    songs, first = [], 0
    for row in described["songs"]:
        count = row.pop("bars")
        songs.append(Song(**row, bars=tuple(bars[first : first + count])))
        first += count
    return songs
