"""What the model is compared with: held-out excerpts by style, real songs, and songs from which measures are fitted."""

from __future__ import annotations

import hashlib
import json
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from random import Random
from typing import Sequence

from ..composer.song import compose_song
from ..composer.styles import COMPOSED_STYLES
from ..language import Bar, encode_bar
from ..openings import opening
from ..songs import IMPORTED_PATH, Song, load_songs
from .metrics import silent_bars

#: Seeds of composed songs that neither training nor its validation reads; what is fitted comes from the second range.
UNSEEN_SEED, FITTING_SEED = 5_000_000, 6_000_000

#: Real songs on which the language model is judged, and sources that hold whole pieces of the styles that are composed.
REAL_SOURCES = ("lmms_free", "wavesabre_songs", "farbrausch_v2m")
EXCERPT_SOURCES = (*REAL_SOURCES, "acid_banger_renders")

PROMPT_BARS, EXCERPT_BARS = 4, 16

#: The most excerpts of a style that come from imported songs.
IMPORTED_SHARE = 1 / 3


@dataclass(frozen=True)
class Excerpt:
    """Held-out bars of a style: the first four are what the model reads, the rest is what it would have to write."""

    style: str
    source: str
    bars: tuple[Bar, ...]

    @property
    def prompt(self) -> list[int]:
        """The tokens of the bars that are read first."""
        return [token for bar in self.bars[:PROMPT_BARS] for token in encode_bar(bar)]

    @property
    def rest(self) -> tuple[Bar, ...]:
        """The bars after the prompt."""
        return self.bars[PROMPT_BARS:]


@lru_cache(maxsize=1)
def imported(path: Path = IMPORTED_PATH) -> tuple[Song, ...]:
    """The imported songs; none when nothing has been imported."""
    return tuple(load_songs(path)) if path.exists() else ()


def imported_of(split: str, sources: Sequence[str] | None = None) -> list[Song]:
    """The imported songs of a split, of all sources or of these."""
    return [song for song in imported() if song.split == split and (sources is None or song.source in sources)]


@lru_cache(maxsize=2048)
def unseen_song(seed: int, style: str) -> tuple[Bar, ...]:
    """A composed song that training never saw."""
    return tuple(compose_song(seed, style))


def _spans(bars: Sequence[Bar], count: int) -> list[tuple[Bar, ...]]:
    """Stretches of `count` bars, one after another, of which none is silent for more than a quarter."""
    spans = [tuple(bars[first : first + count]) for first in range(0, len(bars) - count + 1, count)]
    return [span for span in spans if silent_bars(span) <= count // 4 and not silent_bars(span[:PROMPT_BARS])]


def held_out_excerpts(style: str, count: int) -> list[Excerpt]:
    """`count` excerpts of a style, a third at most from imported songs, the others composed from unseen seeds; always the same."""
    rng, size = Random(f"excerpts:{style}"), PROMPT_BARS + EXCERPT_BARS
    found = [
        Excerpt(style, song.source, span)
        for song in imported_of("validation", EXCERPT_SOURCES) if song.style == style for span in _spans(song.bars, size)
    ]
    rng.shuffle(found)
    excerpts = found[: int(count * IMPORTED_SHARE)]
    seed = UNSEEN_SEED
    while len(excerpts) < count:
        spans = _spans(unseen_song(seed, style), size)
        excerpts += [Excerpt(style, "composed", rng.choice(spans))] if spans else []
        seed += 1
    return excerpts


def fitting_songs(per_style: int, first_seed: int = FITTING_SEED) -> list[tuple[str, tuple[Bar, ...]]]:
    """(style, bars) of composed songs for fitting the classifiers, none of them an excerpt."""
    return [(style, unseen_song(first_seed + i, style)) for style in COMPOSED_STYLES for i in range(per_style)]


def fingerprint() -> str:
    """A hash of the material: of the imported songs, the openings, and what the composer makes today."""
    described = IMPORTED_PATH.with_suffix(".json")
    text = json.loads(described.read_text())["sha256"] if described.exists() else "nothing imported"
    composed = [encode_bar(bar) for style in COMPOSED_STYLES for bar in unseen_song(UNSEEN_SEED, style)]
    openings = [opening(style)["tokens"] for style in COMPOSED_STYLES]
    return hashlib.sha256(f"{text} {openings} {composed}".encode()).hexdigest()
