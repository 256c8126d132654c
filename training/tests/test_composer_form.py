"""Arrangements keep to phrases of eight bars, follow an energy curve, and bring their tracks in and out as the style does."""

from itertools import groupby
from random import Random

import numpy as np
import pytest

from kqv_training.composer.arrangement import LONGEST, SHORTEST, BarPlan, plan_song
from kqv_training.composer.jam import compose_jam
from kqv_training.composer.song import MOST_ALIKE, compose_song
from kqv_training.composer.styles import COMPOSED_STYLES, STYLE_RULES, choose_tempo
from kqv_training.language import COMPOSED_TRACKS, music_text, vocabulary

SEEDS = range(100)
PLANS = {style: [plan_song(Random(f"{style}:{seed}"), style) for seed in SEEDS] for style in COMPOSED_STYLES}
SONGS = {style: [compose_song(seed, style) for seed in range(8)] for style in COMPOSED_STYLES}
DANCE = [style for style in COMPOSED_STYLES if style != "ambient"]


def sections(plans: list[BarPlan]) -> list[list[BarPlan]]:
    """The plans of a song, section by section."""
    starts = [i for i, plan in enumerate(plans) if plan.bar == 0] + [len(plans)]
    return [plans[first:end] for first, end in zip(starts, starts[1:])]


def mean_energy(style: str, name: str, visit: int | None = None) -> float:
    return float(np.mean([p.energy for s in PLANS[style] for p in s if p.section == name and visit in (None, p.visit)]))


@pytest.mark.parametrize("style", COMPOSED_STYLES)
def test_sections_count_their_own_bars_in_eights(style: str) -> None:
    for plans in PLANS[style]:
        for section in sections(plans):
            assert len(section) == section[0].bars and len(section) % 8 == 0
            assert [plan.bar for plan in section] == list(range(len(section)))
            assert len({plan.section for plan in section}) == 1


@pytest.mark.parametrize("style", COMPOSED_STYLES)
def test_songs_run_from_intro_to_outro_or_are_loops(style: str) -> None:
    loops = 0
    for plans in PLANS[style]:
        names = [section[0].section for section in sections(plans)]
        if names[0] == "loop":
            loops += 1
            assert set(names) == {"loop"}
            continue
        assert SHORTEST <= len(plans) <= LONGEST
        assert names[0] == "intro" and names[-1] == "outro" and names.count("drop") >= 2
        assert all(names[i + 1] == "drop" for i, name in enumerate(names) if name == "build")
    assert 0.1 * len(PLANS[style]) < loops < 0.4 * len(PLANS[style])


@pytest.mark.parametrize("style", COMPOSED_STYLES)
def test_tracks_enter_and_leave_at_phrases(style: str) -> None:
    for plans in PLANS[style]:
        for before, after in zip(plans, plans[1:]):
            if before.intensity.keys() == after.intensity.keys():
                continue
            assert after.bar % 4 == 0
            bass_thins = after.section == "build" and before.intensity.keys() - after.intensity.keys() == {"bass"}
            assert after.bar % 8 == 0 or bass_thins or after.section in ("intro", "outro", "break") or after.section == "loop" and after.bars <= 16


@pytest.mark.parametrize("style", COMPOSED_STYLES)
def test_no_three_tracks_change_inside_a_drop(style: str) -> None:
    for plans in PLANS[style]:
        for before, after in zip(plans, plans[1:]):
            if after.section == "drop" and after.bar:
                assert len(before.intensity.keys() ^ after.intensity.keys()) <= 3


@pytest.mark.parametrize("style", COMPOSED_STYLES)
def test_energy_rises_to_the_drop_falls_in_the_break_and_out(style: str) -> None:
    assert mean_energy(style, "intro") < mean_energy(style, "build") < mean_energy(style, "drop", 1) < mean_energy(style, "drop", 2)
    assert mean_energy(style, "break") < mean_energy(style, "build") - 1
    outros = [section for plans in PLANS[style] for section in sections(plans) if section[0].section == "outro" and len(section) > 8]
    assert np.mean([s[0].energy for s in outros]) > np.mean([s[-1].energy for s in outros]) + 1.5
    builds = [section for plans in PLANS[style] for section in sections(plans) if section[0].section == "build"]
    assert all(section[4].energy >= min(7, section[0].energy + 1) for section in builds)


@pytest.mark.parametrize("style", COMPOSED_STYLES)
def test_the_outro_ends_with_what_began_the_intro(style: str) -> None:
    for plans in PLANS[style]:
        if plans[0].section == "intro":
            assert plans[-1].intensity.keys() == plans[0].intensity.keys()


@pytest.mark.parametrize("style", DANCE)
def test_the_break_takes_the_drums_out_and_the_drop_brings_them_back(style: str) -> None:
    def drummed(name: str, first_half: bool) -> float:
        chosen = [p for s in PLANS[style] for p in s if p.section == name and (p.progress < 0.5) == first_half]
        return float(np.mean(["drums" in plan.intensity for plan in chosen]))

    assert drummed("break", True) < 0.4
    assert drummed("break", True) < drummed("break", False)
    assert drummed("drop", True) > 0.97


def presence(style: str, section: str, *tracks: str, energies: range = range(8)) -> float:
    """The share of the phrases of a section that begin with any of the tracks."""
    phrases = [plans[i] for plans in PLANS[style] for i in range(0, len(plans), 8) if plans[i].section == section]
    return float(np.mean([bool(set(tracks) & plan.intensity.keys()) for plan in phrases if plan.energy in energies]))


@pytest.mark.parametrize("style", COMPOSED_STYLES)
def test_lead_and_arp_take_part_in_drops_and_the_more_the_higher_the_energy(style: str) -> None:
    assert presence(style, "drop", "bass") > 0.6
    low, high = (0.22, 0.46) if style == "acid" else (0.42, 0.7)
    assert low < presence(style, "drop", "lead") < high
    assert (0.12 if style == "acid" else 0.33) < presence(style, "drop", "arp") < 0.62
    for track in ("lead", "arp"):
        calm, hot = (presence(style, "drop", track, energies=energies) for energies in (range(6), range(7, 8)))
        assert calm < hot


@pytest.mark.parametrize("style", COMPOSED_STYLES)
def test_a_break_has_chords_and_mostly_a_voice_over_them(style: str) -> None:
    assert presence(style, "break", "lead", "arp") > 0.8
    assert presence(style, "break", "lead", "arp") > presence(style, "intro", "lead", "arp") + 0.3
    assert presence(style, "break", "chords") > (0.5 if style == "acid" else 0.65)


def test_the_more_tracks_sound_the_less_each_of_them_plays() -> None:
    drops = [plan for style in DANCE for song in PLANS[style] for plan in song if plan.section == "drop" and plan.energy == 6]

    def mean_intensity(tracks: int) -> float:
        return float(np.mean([value for plan in drops if len(plan.intensity) == tracks for value in plan.intensity.values()]))

    assert mean_intensity(3) > 1.04 * mean_intensity(4) > 1.04**2 * mean_intensity(5)


@pytest.mark.parametrize("style", COMPOSED_STYLES)
def test_no_bar_comes_a_fifth_time_running(style: str) -> None:
    songs = [*SONGS[style], *(compose_song(seed, style) for seed in range(20, 32)), *(compose_jam(seed, style) for seed in range(6))]
    texts = [[music_text(bar) for bar in song] for song in songs]
    runs = [len(list(bars)) for song in texts for text, bars in groupby(song) if text]
    assert max(runs) <= MOST_ALIKE
    assert max(runs) >= 2


@pytest.mark.parametrize("style", COMPOSED_STYLES)
def test_answers_come_from_sounding_tracks_in_groups_of_four(style: str) -> None:
    answered = 0
    for plans in PLANS[style]:
        for first in range(0, len(plans), 4):
            group = plans[first : first + 4]
            assert len({plan.answering for plan in group}) == 1
            answered += group[0].answering is not None
            assert group[0].answering is None or group[0].answering in group[0].intensity
            assert group[0].turn is None or group[0].turn in COMPOSED_TRACKS
    assert answered > 0


def test_some_tracks_ignore_the_energy() -> None:
    drops = [p for s in PLANS["house"] for p in s if p.section == "drop" and p.energy >= 6 and "drums" in p.intensity]
    thin = np.mean([plan.intensity["drums"] < 0.3 for plan in drops])
    assert 0.01 < thin < 0.12


@pytest.mark.parametrize("style", COMPOSED_STYLES)
def test_only_the_bar_before_a_drop_empties(style: str) -> None:
    for plans in PLANS[style]:
        for plan, following in zip(plans, plans[1:]):
            if plan.empties_at < 48:
                assert plan.empties_at >= 24 and plan.is_last and following.section == "drop" and following.bar == 0
        assert plans[-1].empties_at == 48


@pytest.mark.parametrize("style", DANCE)
def test_the_energy_label_is_audible_in_the_drums(style: str) -> None:
    bars = [bar for song in SONGS[style] for bar in song]
    ranks = [np.argsort(np.argsort(values, kind="stable")) for values in
             ([bar.controls.energy for bar in bars], [len(bar.parts[0].hits) for bar in bars])]
    assert 0.5 < np.corrcoef(*ranks)[0, 1] < 0.95


@pytest.mark.parametrize("style", COMPOSED_STYLES)
def test_every_bar_of_a_build_or_drop_sounds(style: str) -> None:
    loud = {vocabulary().sections.index(name) for name in ("build", "drop")}
    for song in SONGS[style]:
        assert all(any(part.density for part in bar.parts) for bar in song if bar.controls.section in loud)


def test_tempi_keep_to_the_style() -> None:
    rng = Random(0)
    for style, rules in STYLE_RULES.items():
        for _ in range(200):
            tempo = choose_tempo(rng, style)
            inside = [low <= tempo <= high for low, high in (rules.tempo, rules.fast_tempo or rules.tempo)]
            assert any(inside)
    assert {round(tempo) > 150 for tempo in (choose_tempo(rng, "breaks") for _ in range(100))} == {True, False}


@pytest.mark.parametrize("style", COMPOSED_STYLES)
def test_phrases_keep_their_tracks_for_a_while(style: str) -> None:
    casts = [len(list(bars)) for plans in PLANS[style] for _, bars in groupby(plans, key=lambda plan: tuple(plan.intensity))]
    assert np.mean(casts) >= 7
