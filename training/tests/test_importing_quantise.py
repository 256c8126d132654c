"""Beats to the grid: what lies on it stays, jitter and swing go, triplets and rolls remain."""

from __future__ import annotations

from random import Random

import numpy as np

from kqv_training.importing.midi import MidiNote
from kqv_training.importing.quantise import quantise, roughness, shift_of, shuffle_of, straighten, swing_of


def notes_at(steps: list[float], length: float = 2.0) -> list[MidiNote]:
    """Notes of ascending pitch at steps of the grid, lengths in steps."""
    return [MidiNote(step / 12, length / 12, 60 + index % 5, 0.8) for index, step in enumerate(steps)]


def steps_of(notes: list[MidiNote], **how) -> list[int]:
    """The steps that notes are put on."""
    return [step for step, _, _ in quantise(notes, **how)]


def test_sixteenths_and_triplets_on_the_grid_stay_where_they_are() -> None:
    steps = [0, 3, 6, 9, 12, 16, 20, 24, 27, 33, 36, 40, 44, 48, 51]
    assert steps_of(notes_at(steps)) == steps


def test_lengths_on_the_grid_stay() -> None:
    for length in (1, 3, 6, 9, 12, 24, 48):
        assert {found for _, found, _ in quantise(notes_at([0, 96, 192], length))} == {length}


def test_human_timing_is_snapped_to_sixteenths() -> None:
    rng = Random(1)
    steps = [step for bar in range(8) for step in range(bar * 48, bar * 48 + 48, 3)]
    played = notes_at([max(0.0, step + rng.uniform(-0.9, 0.9)) for step in steps])
    assert steps_of(played) == steps


def test_a_performance_behind_the_beat_is_moved_onto_it() -> None:
    starts = np.arange(0, 384, 6) + 0.7
    shift = shift_of(starts)
    assert abs(shift - 0.7) < 0.01
    assert steps_of(notes_at(starts.tolist()), shift=shift) == list(range(0, 384, 6))


def test_swing_is_straightened() -> None:
    swung = [beat * 12 + place for beat in range(32) for place in (0, 4, 6, 10)]
    assert swing_of(np.array(swung, float)) == 4
    assert steps_of(notes_at(swung)) == [beat * 12 + place for beat in range(32) for place in (0, 3, 6, 9)]


def test_triplets_are_not_swing() -> None:
    triplets = np.arange(0, 384, 4).astype(float)
    assert swing_of(triplets) == 3.0
    assert steps_of(notes_at(triplets.tolist())) == triplets.astype(int).tolist()


def test_a_shuffle_is_swung_eighths_and_triplets_dotted_and_straight_rhythms_are_none() -> None:
    assert shuffle_of(np.array([beat * 12 + place for beat in range(32) for place in (0, 8)], float)) == 8
    for places in ((0, 4, 8), (0, 9), (0, 6), (0, 3, 6, 9), (0, 6, 9)):
        assert shuffle_of(np.array([beat * 12 + place for beat in range(32) for place in places], float)) == 6


def test_straightening_keeps_eighths_and_order() -> None:
    starts = np.array([0, 4, 6, 10, 12, 17.9])
    assert np.all(np.diff(straighten(starts, 4.0)) > 0)
    assert straighten(starts, 4.0)[[0, 1, 2, 3, 4]].tolist() == [0, 3, 6, 9, 12]


def test_a_roll_of_thirty_seconds_keeps_all_its_strokes() -> None:
    roll = [MidiNote(index * 1.5 / 12, 0.1, 38, 0.5) for index in range(16)]
    assert len(set(steps_of(roll))) == 16


def test_a_flam_is_one_stroke_and_the_louder_counts() -> None:
    flam = [MidiNote(0.95, 0.1, 38, 0.3), MidiNote(1.0, 0.1, 38, 0.9)]
    assert [(step, note.velocity) for step, _, note in quantise(flam)] == [(12, 0.9)]


def test_a_line_that_touches_stays_touching() -> None:
    line = [MidiNote(index * 0.5, 0.48, 60 + index, 0.8) for index in range(8)]
    assert [length for _, length, _ in quantise(line)] == [6] * 7 + [6]


def test_notes_without_a_beat_are_rough_and_notes_on_it_are_not() -> None:
    rng = Random(2)
    drifting = np.cumsum([rng.uniform(1, 9) for _ in range(400)])
    assert roughness(drifting) > 0.4 > 0.05 > roughness(np.arange(0, 400, 3).astype(float))
