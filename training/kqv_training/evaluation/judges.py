"""Judges fitted on composed songs: the style of drum patterns, the energy and the section of a phrase, from its notes alone.

The composer repeats a bar to the note, and a judge fitted on its songs alone takes that for the mark of a section: with 3 of 100
notes left out, at random, it named 81 % of held-out phrases where it had named 91 %, with 12 of 100 left out 70 %. No listener
would. So judges are fitted on thinned copies too, after which the same three shares are 89, 89 and 88 %.
"""

from __future__ import annotations

from random import Random
from typing import Sequence

import numpy as np
from sklearn.ensemble import RandomForestClassifier, RandomForestRegressor

from ..composer.styles import COMPOSED_STYLES
from ..language import COMPOSED_TRACKS, Bar, Part, vocabulary
from .metrics import STEPS, event_count, part_of, polyphony, windows

#: Bars with drums without which a phrase has no style to be heard.
FEWEST_BARS = 4

#: An outro mirrors an intro, so the two are one answer; `loop` means unknown and is left out.
SECTION_NAMES = {"intro": "intro or outro", "outro": "intro or outro", "build": "build", "drop": "drop", "break": "break"}

#: Shares of the notes that the copies leave out on which judges are fitted beside the songs themselves.
THINNINGS = (0.04, 0.1)


def thinned(bars: Sequence[Bar], share: float, rng: Random) -> list[Bar]:
    """The bars with each hit and note left out with probability `share`; the labels stay what they were."""
    return [
        Bar(bar.controls, [
            Part(part.track, part.density, [hit for hit in part.hits if rng.random() >= share],
                 [note for note in part.notes if rng.random() >= share])
            for part in bar.parts
        ])
        for bar in bars
    ]


def _phrases_to_fit(songs: Sequence[tuple[str, Sequence[Bar]]]) -> list[tuple[str, Sequence[Bar]]]:
    """(style, phrase) of all phrases of the songs and of their thinned copies."""
    rng = Random("thinned")
    phrases = [(style, phrase) for style, bars in songs for phrase in windows(bars)]
    return phrases + [(style, thinned(phrase, share, rng)) for share in THINNINGS for style, phrase in phrases]


def drum_features(bars: Sequence[Bar]) -> np.ndarray | None:
    """What the drums of a phrase play: by piece the mean level at every step, hits a bar, and in how many bars it sounds; flat.

    Levels are 0..1. None when fewer than FEWEST_BARS bars have drums; bars without count nowhere.
    """
    words = vocabulary()
    parts = [part for bar in bars if (part := part_of(bar, "drums")) is not None and part.hits]
    if len(parts) < FEWEST_BARS:
        return None
    grid = np.zeros((len(parts), len(words.pieces), STEPS), dtype=np.float32)
    for index, part in enumerate(parts):
        for hit in part.hits:
            grid[index, hit.piece, hit.position] = (hit.level + 1) / words.hit_levels
    sounds = grid > 0
    return np.concatenate([grid.mean(0).ravel(), sounds.sum(2).mean(0), sounds.any(2).mean(0)])


def phrase_features(bars: Sequence[Bar]) -> np.ndarray:
    """What a phrase sounds like, without its style: notes by track and their growth from its first half to its second, levels, voices, pieces."""
    words = vocabulary()
    halves = bars[: len(bars) // 2], bars[len(bars) // 2 :]
    counts = [[np.mean([event_count(bar, track) for bar in half]) for half in halves] for track in COMPOSED_TRACKS]
    hits = [hit for bar in bars for part in bar.parts for hit in part.hits]
    notes = [note for bar in bars for part in bar.parts for note in part.notes]
    pieces = [words.pieces[name] for name in ("kick", "snare", "clap", "closed hat", "open hat", "ride", "crash")]
    return np.array([
        *(first + second for first, second in counts), *(second - first for first, second in counts),
        *(np.mean([event_count(bar, track) > 0 for bar in bars]) for track in COMPOSED_TRACKS),
        np.mean([hit.level for hit in hits]) if hits else 0.0, np.mean([note.velocity for note in notes]) if notes else 0.0,
        np.mean([note.pitch for note in notes]) if notes else 0.0, polyphony(bars) or 0.0,
        *(sum(hit.piece == piece for hit in hits) / len(bars) for piece in pieces),
    ])


def _styled(style: str, bars: Sequence[Bar]) -> np.ndarray:
    """The features of a phrase with its style told, since every style has energies and sections of its own."""
    return np.concatenate([phrase_features(bars), [style == name for name in COMPOSED_STYLES]])


class StyleJudge:
    """Names the style of a phrase by its drums alone: a random forest."""

    def __init__(self, songs: Sequence[tuple[str, Sequence[Bar]]]) -> None:
        phrases = [(style, drum_features(phrase)) for style, phrase in _phrases_to_fit(songs)]
        rows = [(style, features) for style, features in phrases if features is not None]
        self.model = RandomForestClassifier(200, n_jobs=-1, random_state=1)
        self.model.fit(np.stack([row for _, row in rows]), [style for style, _ in rows])

    def styles(self, phrases: Sequence[Sequence[Bar]]) -> list[str | None]:
        """The style of every phrase; None where too few bars have drums."""
        features = [drum_features(bars) for bars in phrases]
        heard = iter(self.model.predict(np.stack(known))) if (known := [row for row in features if row is not None]) else iter(())
        return [None if row is None else str(next(heard)) for row in features]


class PhraseJudge:
    """Names the energy 0-7 and the section of a phrase whose style is known."""

    def __init__(self, songs: Sequence[tuple[str, Sequence[Bar]]]) -> None:
        phrases = _phrases_to_fit(songs)
        features = np.stack([_styled(style, phrase) for style, phrase in phrases])
        self.energy_model = RandomForestRegressor(100, min_samples_leaf=3, n_jobs=-1, random_state=1).fit(
            features, [asked_energy(phrase) for _, phrase in phrases])
        sections = [asked_section(phrase) for _, phrase in phrases]
        known = [i for i, section in enumerate(sections) if section]
        self.section_model = RandomForestClassifier(100, min_samples_leaf=2, class_weight="balanced", n_jobs=-1, random_state=1)
        self.section_model.fit(features[known], [sections[i] for i in known])

    def energies(self, phrases: Sequence[tuple[str, Sequence[Bar]]]) -> np.ndarray:
        """The energy that each (style, phrase) sounds like."""
        return self.energy_model.predict(np.stack([_styled(style, bars) for style, bars in phrases]))

    def sections(self, phrases: Sequence[tuple[str, Sequence[Bar]]]) -> list[str]:
        """The section that each (style, phrase) sounds like."""
        return [str(name) for name in self.section_model.predict(np.stack([_styled(style, bars) for style, bars in phrases]))]


def asked_energy(bars: Sequence[Bar]) -> float:
    """The mean energy that a phrase's controls ask for."""
    return float(np.mean([bar.controls.energy for bar in bars]))


def asked_section(bars: Sequence[Bar]) -> str | None:
    """The section that a phrase's controls ask for; None when they name several, or `loop`."""
    names = {SECTION_NAMES.get(vocabulary().sections[bar.controls.section]) for bar in bars}
    return names.pop() if len(names) == 1 else None
