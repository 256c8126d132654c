"""The drummer plays the idiom of each style, changes it in phrases, and obeys intensity and energy."""

from functools import cache
from random import Random

import pytest

from kqv_training.composer.arrangement import BarPlan
from kqv_training.composer.drums import DrumWriter
from kqv_training.composer.fills import FAMILIES, choose_roll, make_fill
from kqv_training.composer.styles import COMPOSED_STYLES
from kqv_training.language import Hit, vocabulary

SEEDS = range(30)
PIECES = vocabulary().pieces
BEATS = {0, 12, 24, 36}
FOUR_ON_THE_FLOOR = ("house", "acid", "techno")


@cache
def drop(style: str, seed: int, bars: int = 32, intensity: float = 0.8, energy: int = 6, visit: int = 1) -> list[list[Hit]]:
    """The drums of a drop at one intensity."""
    drummer = DrumWriter(Random(seed), style)
    return [drummer.write(BarPlan("drop", energy, bar, bars, {"drums": intensity, "bass": 0.5}, visit)) for bar in range(bars)]


def positions(hits: list[Hit], *pieces: str) -> set[int]:
    return {hit.position for hit in hits if hit.piece in {PIECES[piece] for piece in pieces}}


def grooves(style: str) -> list[list[Hit]]:
    """The bars of drops that end no phrase."""
    return [hits for seed in SEEDS for bar, hits in enumerate(drop(style, seed)) if bar % 8 != 7]


def share(bars: list[list[Hit]], holds) -> float:
    return sum(map(holds, bars)) / len(bars)


@pytest.mark.parametrize("style", FOUR_ON_THE_FLOOR)
def test_the_kick_falls_on_every_beat(style: str) -> None:
    assert share(grooves(style), lambda hits: BEATS <= positions(hits, "kick")) >= 0.97


@pytest.mark.parametrize("style", ["electro", "breaks"])
def test_broken_styles_break_the_kick_and_keep_the_snare(style: str) -> None:
    bars = grooves(style)
    assert not any(BEATS <= positions(hits, "kick") for hits in bars)
    assert share(bars, lambda hits: 0 in positions(hits, "kick")) >= 0.95
    assert share(bars, lambda hits: {12, 36} <= positions(hits, "snare")) >= 0.9


def test_house_claps_on_two_and_four_under_open_hats_between_the_beats() -> None:
    bars = grooves("house")
    assert share(bars, lambda hits: {12, 36} <= positions(hits, "clap", "snare")) >= 0.9
    assert share(bars, lambda hits: {6, 18, 30, 42} <= positions(hits, "open hat", "pedal hat")) >= 0.8


def test_acid_takes_few_elements() -> None:
    voices = [len({hit.piece for hit in hits}) for hits in grooves("acid")]
    assert sum(voices) / len(voices) < sum(len({hit.piece for hit in hits}) for hits in grooves("house")) / len(voices)


def test_most_techno_loops_three_against_four() -> None:
    def crosses(hits: list[Hit]) -> bool:
        for piece in ("rim", "low tom", "mid tom", "high tom", "cowbell", "claves", "low conga", "mute conga"):
            struck = positions(hits, piece)
            if any({start, start + 9, start + 18, start + 27} <= struck for start in (0, 3, 6, 9)):
                return True
        return False

    assert share([drop("techno", seed)[2] for seed in SEEDS], crosses) >= 0.75


def test_the_techno_ride_waits_for_the_second_half() -> None:
    def rides(bars: list[list[Hit]]) -> int:
        return sum(bool(positions(hits, "ride")) for hits in bars)

    first = sum(rides(drop("techno", seed)[:16]) for seed in SEEDS)
    second = sum(rides(drop("techno", seed)[16:]) for seed in SEEDS)
    assert second > 2 * first


def test_breaks_whisper_between_the_snares() -> None:
    def ghosts(hits: list[Hit]) -> bool:
        return any(hit.piece == PIECES["snare"] and hit.level == 0 and hit.position not in (12, 36) for hit in hits)

    assert share(grooves("breaks"), ghosts) >= 0.6


def test_most_breaks_move_a_kick_in_some_bar_of_four() -> None:
    moved = [len({frozenset(positions(hits, "kick")) for hits in drop("breaks", seed)[:3]}) > 1 for seed in SEEDS]
    assert sum(moved) >= 0.3 * len(SEEDS)


def test_fast_breaks_play_fewer_kicks() -> None:
    def kicks(tempo: float) -> int:
        plan = BarPlan("drop", 6, 1, 32, {"drums": 0.8})
        return sum(len(positions(DrumWriter(Random(seed), "breaks", tempo).write(plan), "kick")) for seed in range(200))

    assert kicks(172) < kicks(130)


def test_electro_ends_phrases_with_claps_in_triplets() -> None:
    def triplets(hits: list[Hit]) -> bool:
        return any(position % 3 for position in positions(hits, "clap"))

    ends = [drop("electro", seed)[bar] for seed in SEEDS for bar in (7, 15, 23)]
    assert 0.1 < share(ends, triplets) < 0.6
    assert share(grooves("electro"), triplets) < 0.1


def test_ambient_is_soft_sparse_and_without_backbeat() -> None:
    bars = [hits for seed in SEEDS for hits in drop("ambient", seed, intensity=0.55, energy=4)]
    assert sum(map(len, bars)) / len(bars) < 9
    assert not any(positions(hits, "snare", "clap") & {12, 36} for hits in bars)
    assert max(hit.level for hits in bars for hit in hits) < 3


@pytest.mark.parametrize("style", COMPOSED_STYLES)
def test_every_song_has_a_groove_of_its_own(style: str) -> None:
    grooves = {tuple(sorted(drop(style, seed)[2])) for seed in range(100)}
    assert len(grooves) >= (80 if style == "ambient" else 97)


@pytest.mark.parametrize("style", COMPOSED_STYLES)
def test_grooves_repeat_and_vary(style: str) -> None:
    equal, total = 0, 0
    for seed in SEEDS:
        bars = [tuple(sorted(hits)) for hits in drop(style, seed)]
        equal += sum(bar in bars[max(0, i - 4) : i] for i, bar in enumerate(bars))
        total += len(bars)
        assert not any(len(set(bars[i : i + 5])) == 1 for i in range(len(bars) - 4))
    assert 0.4 <= equal / total <= 0.8


@pytest.mark.parametrize("style", [style for style in COMPOSED_STYLES if style != "ambient"])
def test_phrases_end_in_fills_and_drops_open_with_a_crash(style: str) -> None:
    songs = [[sorted(hits) for hits in drop(style, seed)] for seed in SEEDS]
    filled = [song[bar] not in song[:bar] for song in songs for bar in (7, 15, 23, 31)]
    assert sum(filled) >= 0.6 * len(filled)
    assert share([song[0] for song in songs], lambda hits: bool(positions(hits, "crash"))) >= 0.8


@pytest.mark.parametrize("style", COMPOSED_STYLES)
def test_fills_stay_at_the_end_of_the_bar(style: str) -> None:
    rng = Random(0)
    for steps in (6, 12, 24, 48):
        for _ in range(100):
            fill = make_fill(rng, style, steps, {"rim"})
            assert all(0 <= position < 48 and piece in PIECES and 0 <= level <= 3 for position, piece, level in fill.strokes)
            assert min((position for position, *_ in fill.strokes), default=47) >= min(fill.start, 24 if steps < 48 else 0)


@pytest.mark.parametrize("style", COMPOSED_STYLES)
def test_every_style_has_several_fills(style: str) -> None:
    rng = Random(0)
    fills = {make_fill(rng, style, 12, {"rim"}).strokes for _ in range(60)}
    assert len(fills) >= (8 if FAMILIES[style].keys() & {"snare run", "clap triplets"} else 3)


def test_rolls_quicken_grow_and_leave_the_bar_before_the_drop_short() -> None:
    for seed in SEEDS:
        drummer = DrumWriter(Random(seed), "acid")
        intensity = {"drums": 0.6, "bass": 0.5}
        bars = [drummer.write(BarPlan("build", 4, bar, 8, intensity, empties_at=36 if bar == 7 else 48)) for bar in range(8)]
        assert all(hit.position < 36 for hit in bars[-1])
        roll = drummer.roll
        if roll is None:
            continue
        rolled = [[hit for hit in hits if hit.piece == PIECES[roll.piece]] for hits in bars]
        assert len(rolled[4]) < len(rolled[6])
        assert max(hit.level for hit in rolled[6]) > max(hit.level for hit in rolled[8 - roll.bars])


def test_a_roll_never_outlasts_its_build() -> None:
    for seed in SEEDS:
        roll = choose_roll(Random(seed), "house", 8)
        assert roll is None or roll.bars <= 8


@pytest.mark.parametrize("style", COMPOSED_STYLES)
def test_intensity_adds_hits_and_energy_adds_force(style: str) -> None:
    counts = [sum(len(drop(style, seed, 8, intensity)[2]) for seed in SEEDS) for intensity in (0.05, 0.25, 0.45, 0.65, 0.85, 1.0)]
    assert counts == sorted(counts) and counts[-1] > 3 * counts[0]

    def force(energy: int) -> float:
        hits = [hit for seed in SEEDS for hit in drop(style, seed, 8, 0.7, energy)[2]]
        return sum(hit.level for hit in hits) / len(hits)

    assert force(1) < force(4) < force(7)


@pytest.mark.parametrize("style", COMPOSED_STYLES)
def test_a_second_drop_is_fuller_than_the_first(style: str) -> None:
    first, second = (sum(len(hits) for seed in SEEDS for hits in drop(style, seed, visit=visit)) for visit in (1, 2))
    assert second > first


@pytest.mark.parametrize("style", COMPOSED_STYLES)
def test_an_open_hat_closes_the_closed_one(style: str) -> None:
    for seed in SEEDS:
        for hits in drop(style, seed):
            assert not positions(hits, "open hat") & positions(hits, "closed hat", "pedal hat")
            assert len({(hit.position, hit.piece) for hit in hits}) == len(hits)
