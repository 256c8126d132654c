"""What answers to a changed control weighs more in the loss, and nothing else does."""

import numpy as np

from kqv_training.composer.song import compose_song
from kqv_training.language import Bar, encode_bar, vocabulary
from kqv_training.loss_weights import changed_bars, steering_weights

SONG = compose_song(1, "house")


def with_energies(energies: list[int]) -> list[list[int]]:
    """Bars of a song under these energies, as token lists."""
    return [encode_bar(Bar(bar.controls._replace(energy=energy, section=1), bar.parts)) for bar, energy in zip(SONG[32:], energies)]


def is_of(family: str, tokens: np.ndarray) -> np.ndarray:
    first = vocabulary().start[family]
    return (tokens >= first) & (tokens < first + vocabulary().count[family])


def is_density(tokens: np.ndarray) -> np.ndarray:
    return is_of("DENSITY", tokens)


def test_a_bar_changes_when_its_style_section_or_energy_does_and_the_first_always() -> None:
    bars = with_energies([5, 5, 6, 6, 2])
    begins, changed = changed_bars(np.array([token for bar in bars for token in bar]))
    assert begins.tolist() == np.cumsum([0, *map(len, bars)])[:-1].tolist()
    assert changed.tolist() == [True, False, True, False, True]


def test_changed_bars_weigh_more_and_their_densities_most() -> None:
    bars = with_energies([5, 5, 6])
    row = np.array([token for bar in bars for token in bar])
    weights = steering_weights(row[None], 3.0)[0]
    assert weights.shape == (len(row) - 1,)
    targets, place = row[1:], np.repeat([0, 1, 2], [len(bar) for bar in bars])[1:]
    changed = place != 1
    assert set(weights[changed & ~is_density(targets)]) == {3.0}
    assert set(weights[changed & is_density(targets)]) == {9.0}
    assert set(weights[~changed & is_density(targets)]) == {3.0}
    assert set(weights[~changed & ~is_density(targets)]) == {1.0}


def test_pitches_weigh_more_in_the_bar_that_brings_a_new_key_or_mode_and_in_the_next() -> None:
    bars = [bar for bar in SONG[40:46]]
    keys, modes = (9, 9, 2, 2, 2, 2), (0, 0, 0, 0, 0, 2)
    rows = [encode_bar(Bar(bar.controls._replace(energy=5, section=1, key=key, mode=mode), bar.parts))
            for bar, key, mode in zip(bars, keys, modes)]
    row = np.array([token for tokens in rows for token in tokens])
    targets, place = row[1:], np.repeat(range(len(rows)), [len(tokens) for tokens in rows])[1:]
    weights, pitches = steering_weights(row[None], 3.0)[0], is_of("PITCH", row[1:])
    owed, settled = np.isin(place, (2, 3, 5)), np.isin(place, (1, 4))
    assert pitches[owed].sum() > 5 and pitches[settled].sum() > 5
    assert set(weights[owed & pitches]) == {3.0}
    assert set(weights[settled & pitches]) == {1.0}
    assert set(weights[owed & ~pitches & ~is_density(targets)]) == {1.0}


def test_strength_one_weighs_all_alike_and_a_head_that_is_cut_off_is_no_bar() -> None:
    row = np.array([*with_energies([4])[0], vocabulary().token("BAR"), vocabulary().token("STYLE", 0)])
    assert (steering_weights(row[None], 1.0) == 1).all()
    assert len(changed_bars(row)[0]) == 1
