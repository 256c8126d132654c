"""Training rows drawn from a corpus: excerpts of songs, joined, transposed, thinned and freed of controls.

A row begins at some bar of some song, runs to the song's end or for a few bars, and goes on with another song until it is long
enough, so that keys, styles and controls also change in mid-flow, as they do under a player's hands. Where nothing but the
head of a bar tells what comes next, a model learns to read it. What a row holds depends on the seed, the step and the rank
of the process alone.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from .corpus import Corpus
from .language import vocabulary

#: The lengths in bars of an excerpt that is cut short.
CUT_BARS = (2, 4, 4, 8, 8, 16)


@dataclass(frozen=True)
class Augmentation:
    """How likely an excerpt loses parts, its section (`loop` stands there instead) and its mode (`chromatic`).

    `cut_share`: how likely it is cut short; `keep_key`: how likely it goes on in the key in which the excerpt before it ended.
    """

    part_drop_out: float = 0.15
    section_drop_out: float = 0.05
    mode_drop_out: float = 0.03
    transpose: bool = True
    cut_share: float = 0.25
    keep_key: float = 0.0


NO_AUGMENTATION = Augmentation(0.0, 0.0, 0.0, False)


def transposed(tokens: np.ndarray, semitones: int) -> np.ndarray:
    """The tokens [n] with every key and pitch moved; pitches that leave the vocabulary move by octaves instead."""
    words = vocabulary()
    key, pitch = words.start["KEY"], words.start["PITCH"]
    moved = tokens.copy()
    keys = (tokens >= key) & (tokens < key + words.count["KEY"])
    moved[keys] = key + (tokens[keys] - key + semitones) % 12
    pitches = (tokens >= pitch) & (tokens < pitch + words.count["PITCH"])
    values = tokens[pitches] - pitch + semitones
    if len(values) and (values.min() < 0 or values.max() >= words.count["PITCH"]):
        return transposed(tokens, semitones - 12 if semitones > 0 else semitones + 12)
    moved[pitches] = pitch + values
    return moved


def without_parts(tokens: np.ndarray, parts: np.ndarray, dropped: list[int]) -> np.ndarray:
    """The tokens [n] with the tracks in `dropped` silent (density 0), or the tokens themselves where a bar would be empty.

    `parts` [n] names the track that each token belongs to, -1 for a bar's head.
    """
    words = vocabulary()
    density = words.start["DENSITY"]
    gone = np.isin(parts, dropped)
    is_track = (tokens >= words.start["TRACK"]) & (tokens < words.start["TRACK"] + words.count["TRACK"])
    is_density = (tokens >= density) & (tokens < density + words.count["DENSITY"])
    sounding = ((tokens >= words.start["HIT"]) & (tokens < words.start["VEL"])) & ~gone
    begins = np.flatnonzero(tokens == words.token("BAR"))
    if not np.add.reduceat(sounding, begins).all():
        return tokens
    thinned = np.where(gone & is_density, density, tokens)
    return thinned[~gone | is_track | is_density]


def replaced(tokens: np.ndarray, family: str, value: str, names: list[str]) -> np.ndarray:
    """The tokens [n] with every member of a control's family set to `value`."""
    words = vocabulary()
    first = words.start[family]
    inside = (tokens >= first) & (tokens < first + words.count[family])
    return np.where(inside, first + names.index(value), tokens)


def keys_of(tokens: np.ndarray) -> np.ndarray:
    """The keys 0..11 that the bars of `tokens` name, in their order."""
    words = vocabulary()
    first = words.start["KEY"]
    return tokens[(tokens >= first) & (tokens < first + words.count["KEY"])] - first


def augmented(tokens: np.ndarray, parts: np.ndarray, rules: Augmentation, rng: np.random.Generator, key: int | None) -> np.ndarray:
    """One excerpt as training sees it this time; `key` is the key in which the excerpt before it ended."""
    words = vocabulary()
    if rng.random() < rules.part_drop_out:
        tracks = [int(track) for track in np.unique(parts) if track >= 0]
        tokens = without_parts(tokens, parts, list(rng.choice(tracks, int(rng.integers(1, 3)), replace=False)))
    if rng.random() < rules.section_drop_out:
        tokens = replaced(tokens, "SECTION", "loop", words.sections)
    if rng.random() < rules.mode_drop_out:
        tokens = replaced(tokens, "MODE", "chromatic", words.modes)
    if not rules.transpose:
        return tokens
    semitones = int(rng.integers(-6, 6))
    if key is not None and rng.random() < rules.keep_key:
        semitones = (key - int(keys_of(tokens)[0]) + 6) % 12 - 6
    return transposed(tokens, semitones)


class RowSampler:
    """Draws rows from the groups of a corpus in the proportions of `mixture` (group name to weight, in bars)."""

    def __init__(self, corpus: Corpus, mixture: dict[str, float], rules: Augmentation = Augmentation()) -> None:
        self.corpus, self.rules = corpus, rules
        sizes = np.diff(corpus.songs).astype(float)
        weights = np.zeros(len(sizes))
        missing = set(mixture) - set(corpus.groups)
        if missing:
            raise ValueError(f"The corpus has no songs of {', '.join(sorted(missing))}; it has {', '.join(sorted(set(corpus.groups)))}.")
        for group, share in mixture.items():
            members = np.array([name == group for name in corpus.groups])
            weights[members] = share * sizes[members] / sizes[members].sum()
        self.cumulative = np.cumsum(weights) / weights.sum()

    def _excerpt(self, rng: np.random.Generator, key: int | None) -> np.ndarray:
        corpus = self.corpus
        song = int(np.searchsorted(self.cumulative, rng.random(), side="right"))
        first, end = int(corpus.songs[song]), int(corpus.songs[song + 1])
        bar = int(rng.integers(first, end))
        if rng.random() < 0.5:
            bar = first + (bar - first) // 4 * 4
        if rng.random() < self.rules.cut_share:
            end = min(end, bar + int(rng.choice(CUT_BARS)))
        span = slice(int(corpus.bars[bar]), int(corpus.bars[end]))
        return augmented(corpus.tokens[span].astype(np.int64), corpus.parts[span], self.rules, rng, key)

    def rows(self, key: tuple[int, ...], count: int, length: int) -> np.ndarray:
        """`count` rows of `length` tokens, int64 [count, length]; the same for the same `key`."""
        rng = np.random.default_rng(key)
        drawn = np.empty((count, length), dtype=np.int64)
        for row in drawn:
            filled, last_key = 0, None
            while filled < length:
                excerpt = self._excerpt(rng, last_key)
                last_key = int(keys_of(excerpt)[-1])
                excerpt = excerpt[: length - filled]
                row[filled : filled + len(excerpt)] = excerpt
                filled += len(excerpt)
        return drawn
