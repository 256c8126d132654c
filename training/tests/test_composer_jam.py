"""Jams obey a player at once: new sections, energies, keys and styles in any order, and every bar labelled with what it plays."""

from itertools import groupby

import numpy as np
import pytest

from kqv_training.composer.jam import compose_jam
from kqv_training.composer.styles import COMPOSED_STYLES
from kqv_training.evaluation.metrics import event_count, in_key
from kqv_training.language import COMPOSED_TRACKS, Bar, vocabulary

JAMS = {style: [compose_jam(seed, style) for seed in range(12)] for style in COMPOSED_STYLES}
ALL = [jam for jams in JAMS.values() for jam in jams]


def legs(jam: list[Bar]) -> list[list[Bar]]:
    """The bars of a jam, style by style."""
    return [list(group) for _, group in groupby(jam, lambda bar: bar.controls.style)]


def test_the_same_seed_gives_the_same_jam() -> None:
    assert compose_jam(3, "techno") == JAMS["techno"][3]
    assert compose_jam(4, "techno") != JAMS["techno"][3]


@pytest.mark.parametrize("style", COMPOSED_STYLES)
def test_a_jam_begins_in_its_style_and_goes_through_others(style: str) -> None:
    for jam in JAMS[style]:
        assert vocabulary().styles[jam[0].controls.style] == style
        assert 2 <= len(legs(jam)) <= 4


def test_keys_stay_at_some_changes_of_style_and_move_at_others() -> None:
    moves = [before[-1].controls.key != after[0].controls.key for jam in ALL for before, after in zip(legs(jam), legs(jam)[1:])]
    assert 0.15 < np.mean(moves) < 0.6


def test_every_section_and_energy_comes_and_sections_follow_in_any_order() -> None:
    words = vocabulary()
    seen = {(bar.controls.section, bar.controls.energy) for jam in ALL for bar in jam}
    assert {section for section, _ in seen} == {words.sections.index(name) for name in ("intro", "build", "drop", "break", "loop", "outro")}
    assert {energy for section, energy in seen if section == words.sections.index("break")} == set(range(8))
    follows = {(a.controls.section, b.controls.section) for jam in ALL for a, b in zip(jam, jam[1:]) if a.controls.section != b.controls.section}
    assert len(follows) >= 25


def test_more_energy_means_more_notes() -> None:
    counts = [[] for _ in range(8)]
    for jam in ALL:
        for bar in jam:
            counts[bar.controls.energy].append(sum(event_count(bar, track) for track in COMPOSED_TRACKS))
    means = [np.mean(each) for each in counts]
    assert means[7] > 1.5 * means[0]
    assert np.corrcoef(range(8), means)[0, 1] > 0.95


def test_pitches_stay_in_the_key_that_is_labelled() -> None:
    counts = in_key([bar for jam in ALL for bar in jam])
    assert sum(inside for inside, _ in counts.values()) == sum(total for _, total in counts.values())
