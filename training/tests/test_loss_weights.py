"""What answers to a changed control weighs more in the loss, and nothing else does."""

import numpy as np

from kqv_training.composer.song import compose_song
from kqv_training.language import Bar, encode_bar, vocabulary
from kqv_training.loss_weights import changed_bars, steering_weights

SONG = compose_song(1, "house")


def with_energies(energies: list[int]) -> list[list[int]]:
    """Bars of a song under these energies, as token lists."""
    return [encode_bar(Bar(bar.controls._replace(energy=energy, section=1), bar.parts)) for bar, energy in zip(SONG[32:], energies)]


def is_density(tokens: np.ndarray) -> np.ndarray:
    first = vocabulary().start["DENSITY"]
    return (tokens >= first) & (tokens < first + vocabulary().count["DENSITY"])


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


def test_strength_one_weighs_all_alike_and_a_head_that_is_cut_off_is_no_bar() -> None:
    row = np.array([*with_energies([4])[0], vocabulary().token("BAR"), vocabulary().token("STYLE", 0)])
    assert (steering_weights(row[None], 1.0) == 1).all()
    assert len(changed_bars(row)[0]) == 1
