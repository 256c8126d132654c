"""Basses: the root where the chord changes, room for the kick, and acid lines that develop a motif."""

from random import Random

import numpy as np
import pytest
from composer_band import A_MINOR, alone, onsets, play

from kqv_training.composer.acid import AcidBass
from kqv_training.composer.arrangement import BarPlan
from kqv_training.composer.bass import GrooveBass
from kqv_training.composer.phrasing import BEATS
from kqv_training.composer.progressions import Progression
from kqv_training.composer.song import Band
from kqv_training.language import Note


@pytest.mark.parametrize("style", ["house", "techno", "electro", "breaks", "ambient"])
def test_the_bass_takes_the_root_where_the_chord_changes(style: str) -> None:
    seen = 0
    for seed in range(30):
        band = Band(seed, style, A_MINOR)
        if not isinstance(band.bass, GrooveBass):
            continue
        for bar, events in enumerate(play(band, 16, intensity={"bass": 0.6})):
            harmony = band.home.bar(bar)
            if harmony.arrives and events["bass"]:
                first = events["bass"][0]
                seen += 1
                assert first.pitch % 12 == A_MINOR.pitch_class(harmony.at(first.position).degree)
    assert seen > 50


def test_half_of_the_house_basses_leave_the_first_beat_to_the_kick() -> None:
    leaves, songs = 0, 0
    for seed in range(200):
        band = Band(seed, "house", A_MINOR)
        if isinstance(band.bass, GrooveBass):
            songs += 1
            leaves += not any(0 in onsets(bar["bass"]) for bar in play(band, 4, intensity={"drums": 0.7, "bass": 0.6}))
    assert 0.35 < leaves / songs < 0.65


def test_rolling_techno_bass_stays_between_the_kicks() -> None:
    rolling = [seed for seed in range(80) if getattr(Band(seed, "techno", A_MINOR).bass, "name", "") == "rolling"]
    assert len(rolling) > 10
    for seed in rolling:
        for events in play(Band(seed, "techno", A_MINOR), 4, intensity={"drums": 0.7, "bass": 0.8}):
            assert not set(onsets(events["bass"])) & BEATS
            assert len(events["bass"]) >= 8


def acid_lines(intensity: float = 0.75, bars: int = 16) -> list[list[list[Note]]]:
    """What sixty acid basses play over one chord."""
    harmony = Progression((0,), (2,)).bar(0)
    players = [AcidBass(Random(seed), A_MINOR) for seed in range(60)]
    return [[player.write(BarPlan("drop", 6, bar, 64, {"bass": intensity}), harmony, set()) for bar in range(bars)] for player in players]


def test_acid_motifs_use_few_pitch_classes_and_most_sixteenths() -> None:
    for bars in acid_lines():
        for notes in bars:
            assert 9 <= len(notes) <= 14
        assert 2 <= len({note.pitch % 12 for notes in bars[:2] for note in notes}) <= 5
    classes = [len({note.pitch % 12 for note in bars[0]}) for bars in acid_lines()]
    assert 2 <= np.mean(classes) <= 4


def test_acid_accents_favour_weak_sixteenths_and_slides_go_to_octave_or_neighbour() -> None:
    notes = [note for bars in acid_lines() for line in bars for note in line]
    accents = [note for note in notes if note.velocity == 7]
    assert 0.18 <= len(accents) / len(notes) <= 0.32
    assert np.mean([note.position % 12 == 0 for note in accents]) < 0.2
    slides = [(a, b) for bars in acid_lines() for line in bars for a, b in zip(line, line[1:]) if a.slide]
    assert 0.13 <= sum(note.slide for note in notes) / len(notes) <= 0.27
    assert np.mean([a.pitch != b.pitch for a, b in slides]) > 0.8
    assert np.mean([abs(a.pitch - b.pitch) in (1, 2, 3, 4, 5, 12) for a, b in slides]) > 0.7


def test_an_acid_motif_is_stated_developed_by_little_and_comes_home() -> None:
    changed, homes = 0, 0
    for bars in acid_lines(bars=64):
        kept = []
        for first in range(0, 60, 4):
            before, after = (
                {(b % 2, n.position, n.pitch) for b in range(start, start + 2) for n in bars[b]} for start in (first, first + 4)
            )
            kept.append(len(before & after) / max(len(before), len(after)))
        changed += min(kept) < 1
        homes += any({(n.position, n.pitch) for n in bars[b]} == {(n.position, n.pitch) for n in bars[0]} for b in range(32, 64, 2))
        assert np.median(kept) > 0.6
    assert changed > 50
    assert homes > 40


def test_a_new_section_begins_with_the_motif_of_the_song() -> None:
    bass = AcidBass(Random(3), A_MINOR)
    harmony = Progression((0,), (2,)).bar(0)
    first = bass.write(BarPlan("drop", 6, 0, 32, {"bass": 0.7}), harmony, set())
    for bar in range(1, 32):
        bass.write(BarPlan("drop", 6, bar, 32, {"bass": 0.7}), harmony, set())
    assert bass.write(BarPlan("drop", 6, 0, 32, {"bass": 0.7}), harmony, set()) == first


def test_breaks_have_falling_bass_notes() -> None:
    falls = [
        (high.pitch, low.pitch)
        for seed in range(60)
        for notes in (alone("breaks", seed, "bass", 0.6, 4) if isinstance(Band(seed, "breaks", A_MINOR).bass, GrooveBass) else [])
        for high, low in zip(notes, notes[1:]) if high.slide
    ]
    assert len(falls) > 10
    assert all(low < high for high, low in falls)
