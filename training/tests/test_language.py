"""Bars become tokens and come back; the grammar admits what the composer writes and refuses what it must."""

from random import Random

import numpy as np
import pytest

from kqv_training.composer.song import compose_song
from kqv_training.composer.styles import COMPOSED_STYLES
from kqv_training.grammar import GrammarWalk, check_sequence
from kqv_training.language import COMPOSED_TRACKS, MusicLanguageError, encode_bar, parse_bars, vocabulary


@pytest.mark.parametrize("style", COMPOSED_STYLES)
@pytest.mark.parametrize("seed", range(4))
def test_composed_bars_round_trip_and_are_admitted(style: str, seed: int) -> None:
    bars = compose_song(seed, style)
    tokens = [token for bar in bars for token in encode_bar(bar)]
    check_sequence(tokens)
    assert parse_bars(tokens) == bars


def test_the_walk_admits_exactly_what_the_check_admits() -> None:
    tokens = [token for bar in compose_song(3, "acid")[:6] for token in encode_bar(bar)]
    walk = GrammarWalk(1)
    rng = Random(1)
    for offset, token in enumerate(tokens):
        admitted = np.flatnonzero(walk.admitted()[0])
        assert token in admitted
        other = rng.choice(sorted(set(range(vocabulary().size)) - set(admitted.tolist())))
        with pytest.raises(MusicLanguageError):
            check_sequence([*tokens[:offset], other])
        walk.advance([token])


def test_random_walks_of_the_grammar_survive_a_round_trip() -> None:
    walk, generator = GrammarWalk(8), np.random.default_rng(2)
    rows: list[list[int]] = [[] for _ in range(8)]
    for _ in range(400):
        mask = walk.admitted()
        chosen = np.array([generator.choice(np.flatnonzero(row)) for row in mask])
        walk.advance(chosen)
        for row, token in zip(rows, chosen):
            row.append(int(token))
    for row in rows:
        last_bar = len(row) - 1 - row[::-1].index(vocabulary().token("BAR"))
        parsed = parse_bars(row[:last_bar])
        spelled = [token for bar in parsed for token in encode_bar(bar)]
        assert parse_bars(spelled) == parsed
        assert len(spelled) <= last_bar


def test_a_wrong_token_is_named_in_the_message() -> None:
    words = vocabulary()
    with pytest.raises(MusicLanguageError, match="DENSITY_0 at token 1"):
        check_sequence([words.token("BAR"), words.token("DENSITY", 0)])


def test_density_levels_follow_the_bounds() -> None:
    words = vocabulary()
    for track in COMPOSED_TRACKS:
        bounds = words.density_bounds[track]
        assert sorted(set(bounds)) == bounds, "bounds rise strictly, so that every level exists"
        assert words.density_level(track, 0) == 0
        assert words.density_level(track, bounds[0]) == 1
        assert words.density_level(track, bounds[-1]) == 6
        assert words.density_level(track, bounds[-1] + 1) == 7
