"""Chords, lead, arpeggio and the whole band: in key, voice-led, thinned and filled by intensity, and in conversation with each other."""

from random import Random

import numpy as np
import pytest
from composer_band import A_MINOR, alone, onsets, play
from scipy.stats import spearmanr

from kqv_training.composer.arrangement import BarPlan
from kqv_training.composer.harmony import SCALES, Tonality, chord_degrees
from kqv_training.composer.phrasing import BEATS, even_spread, note_count, take
from kqv_training.composer.progressions import LOOPS, MOVES, Progression, choose_progression
from kqv_training.composer.song import Band, compose_song, emptied
from kqv_training.composer.styles import COMPOSED_STYLES
from kqv_training.composer.voicing import voice_loop
from kqv_training.language import Note, make_part, vocabulary

PITCHED = ("bass", "chords", "lead", "arp")
SEEDS = range(8)


def test_every_pitched_note_of_two_hundred_songs_is_in_the_labelled_scale() -> None:
    words = vocabulary()
    for seed in range(34):
        for style in COMPOSED_STYLES:
            for bar in compose_song(seed, style):
                tonality = Tonality(bar.controls.key, words.modes[bar.controls.mode])
                assert all(tonality.contains(note.pitch) for part in bar.parts for note in part.notes)


def test_some_songs_change_key_and_only_where_a_section_begins() -> None:
    changing = 0
    for seed in range(40):
        bars = compose_song(seed, "house")
        keys = [bar.controls.key for bar in bars]
        changes = [i for i in range(1, len(bars)) if keys[i] != keys[i - 1]]
        changing += bool(changes)
        assert all(i % 8 == 0 for i in changes)
    assert 0 < changing < 25


@pytest.mark.parametrize("track", PITCHED)
@pytest.mark.parametrize("style", COMPOSED_STYLES)
def test_more_intensity_never_means_fewer_notes_and_reaches_every_density(style: str, track: str) -> None:
    levels = set()
    for seed in SEEDS:
        means = []
        for intensity in np.linspace(0, 1, 34):
            bars = alone(style, seed, track, float(intensity))
            means.append(np.mean([len(notes) for notes in bars]))
            levels |= {make_part(track, notes).density for notes in bars}
        drops = [before - after for before, after in zip(means, means[1:])]
        assert max(drops) <= 0.5, f"seed {seed} loses notes: {means}"
        assert means[-1] >= 2.5 * means[0]
    assert set(range(1, 8)) <= levels


@pytest.mark.parametrize("track", PITCHED)
@pytest.mark.parametrize("style", COMPOSED_STYLES)
def test_density_follows_intensity_in_rank(style: str, track: str) -> None:
    words = vocabulary()
    asked, made = [], []
    for seed in range(8):
        for intensity in np.linspace(0.05, 1, 15):
            bars = alone(style, seed, track, float(intensity), 4)
            asked.append(float(intensity))
            made.append(float(np.mean([words.density_level(track, len(notes)) for notes in bars])))
    assert spearmanr(asked, made).statistic >= 0.9


@pytest.mark.parametrize("style", COMPOSED_STYLES)
def test_voices_move_by_small_steps(style: str) -> None:
    moves = []
    for seed in range(40):
        previous: list[int] = []
        for events in play(Band(seed, style, A_MINOR), 16, intensity={"chords": 0.55}):
            for step in onsets(events["chords"]):
                pitches = sorted(note.pitch for note in events["chords"] if note.position == step)
                assert 2 <= len(pitches) <= 5
                if len(previous) == len(pitches) and previous != pitches:
                    moves += [abs(a - b) for a, b in zip(previous, pitches)]
                previous = pitches
    assert np.mean(moves) <= 2.5


def test_a_loop_returns_to_its_first_chord_as_smoothly_as_it_left() -> None:
    loop = voice_loop([(0, 4, 9), (0, 5, 9), (2, 7, 11), (4, 7, 11)], 61)
    around = [*loop, loop[0]]
    for before, after in zip(around, around[1:]):
        assert np.mean([abs(a - b) for a, b in zip(before, after)]) <= 3
        assert all(low < high for low, high in zip(after, after[1:]))
        assert all(after[i] < before[i + 1] for i in range(2)), "a voice overtakes its neighbour"


def test_chords_leave_the_root_to_the_bass_except_in_triads() -> None:
    rootless = 0
    for seed in range(40):
        band = Band(seed, "house", A_MINOR)
        harmony = band.home.bar(0)
        events = play(band, 1, intensity={"bass": 0.5, "chords": 0.6})[0]
        root = A_MINOR.pitch_class(harmony.chords[0].degree)
        first = [n for n in events["chords"] if n.position < 24]
        if first and not any(note.pitch % 12 == root for note in first):
            rootless += 1
            assert band.chords.colour not in ("triad", "fifth") or len(band.home.degrees) == 1
    assert rootless >= 15


@pytest.mark.parametrize("mode", SCALES)
def test_progressions_fill_whole_bars_and_know_no_diminished_chord(mode: str) -> None:
    tonality = Tonality(0, mode)
    for seed in range(200):
        progression = choose_progression(Random(seed), mode, 0.1)
        assert sum(progression.spans) % 2 == 0
        for degree in progression.degrees:
            fifth = (tonality.pitch_class(degree + 4) - tonality.pitch_class(degree)) % 12
            assert fifth == 7 or degree in {d for loop in LOOPS[mode] for d in loop} | set(MOVES[mode])
        assert 0 in progression.degrees or 1 in progression.degrees


def test_a_chord_that_changes_in_the_middle_of_a_bar_begins_at_half_bar() -> None:
    harmony = Progression((0, 5), (3, 1)).bar(1)
    assert [(chord.position, chord.degree) for chord in harmony.chords] == [(0, 0), (24, 5)]
    assert not harmony.arrives
    assert harmony.at(23).degree == 0
    assert harmony.at(24).degree == 5
    assert harmony.following.degree == 0


@pytest.mark.parametrize("style", COMPOSED_STYLES)
def test_a_lead_answers_its_question_in_the_same_rhythm_with_another_end(style: str) -> None:
    different = 0
    for seed in range(30):
        bars = alone(style, seed, "lead", 0.6, 4)
        question, answer = bars[:2], bars[2:]
        assert [onsets(bar) for bar in question] == [onsets(bar) for bar in answer]
        different += [n.pitch for bar in question for n in bar] != [n.pitch for bar in answer for n in bar]
    assert different >= 15


def test_a_lead_rests_half_of_the_time_and_its_hook_returns_after_sixteen_bars() -> None:
    for seed in range(30):
        bars = alone("house", seed, "lead", 0.5, 36)
        assert sum(map(len, bars[:4])) <= 32
        assert [onsets(bar) for bar in bars[:4]] == [onsets(bar) for bar in bars[32:36]]


@pytest.mark.parametrize("style", COMPOSED_STYLES)
def test_leads_stand_on_chord_tones_on_the_beat(style: str) -> None:
    for seed in range(20):
        band = Band(seed, style, A_MINOR)
        for bar, events in enumerate(play(band, 8, intensity={"lead": 0.7})):
            for note in events["lead"]:
                degree = band.home.bar(bar).at(note.position).degree
                chord = {A_MINOR.pitch_class(d) for d in chord_degrees(A_MINOR, degree, (0, 2, 4, 6))}
                assert note.position not in BEATS or note.pitch % 12 in chord


@pytest.mark.parametrize("style", COMPOSED_STYLES)
def test_arpeggios_run_through_the_chord(style: str) -> None:
    for seed in range(20):
        band = Band(seed, style, A_MINOR)
        for bar, events in enumerate(play(band, 8, intensity={"arp": 0.7})):
            for note in events["arp"]:
                degree = band.home.bar(bar).at(note.position).degree
                chord = {A_MINOR.pitch_class(d) for d in chord_degrees(A_MINOR, degree, (0, 2, 4, 6, 8))}
                assert note.pitch % 12 in chord


def test_energy_lifts_the_arpeggio_and_makes_players_louder() -> None:
    heights, levels = {}, {}
    for energy in (2, 7):
        notes = [n for seed in range(40) for bar in alone("house", seed, "arp", 0.7, 2, energy=energy) for n in bar]
        heights[energy] = np.mean([note.pitch for note in notes])
        levels[energy] = np.mean([note.velocity for note in notes])
    assert heights[7] > heights[2] + 2
    assert levels[7] > levels[2] + 1


@pytest.mark.parametrize("answering, asking", [("lead", "bass"), ("chords", "bass"), ("lead", "chords")])
def test_the_answering_track_plays_in_the_gaps_of_the_other(answering: str, asking: str) -> None:
    together, apart = 0, 0
    for seed in range(60):
        for answers in (True, False):
            band = Band(seed, "electro", A_MINOR)
            band.imitates = False
            both = {answering: 0.45, asking: 0.5}
            bars = play(band, 4, intensity=both, answering=answering if answers else None)
            spoken = bars[3 if band.turn_bars == 2 else 1]
            shared = len(set(onsets(spoken[answering])) & set(onsets(spoken[asking])))
            together, apart = together + shared * answers, apart + shared * (not answers)
    assert together < 0.45 * apart


def test_an_imitating_lead_repeats_what_the_bass_said_higher() -> None:
    heard = 0
    for seed in range(40):
        band = Band(seed, "acid", A_MINOR)
        band.imitates = True
        bars = play(band, 4, intensity={"bass": 0.75, "lead": 0.6}, answering="lead")
        first = 4 // 2 if band.turn_bars == 2 else 1
        said = {(n.position, n.pitch % 12) for n in bars[first - band.turn_bars]["bass"]}
        assert {(n.position, n.pitch % 12) for n in bars[first]["lead"]} <= said
        heard += len(bars[first]["lead"])
    assert heard > 100


def test_a_break_may_present_the_chords_of_the_drop_that_follows() -> None:
    presented = 0
    for seed in range(40):
        band = Band(seed, "house", A_MINOR)
        chords = {
            (section, visit): band.progression(BarPlan(section, 5, 0, 16, {}, visit=visit))
            for section, visit in (("drop", 1), ("break", 1), ("drop", 2))
        }
        fresh = chords["break", 1] != chords["drop", 1]
        presented += fresh and chords["break", 1] == chords["drop", 2]
    assert 5 < presented < 25


def test_pushed_chords_ring_across_the_bar_line_but_not_out_of_a_section() -> None:
    durations, crossing = vocabulary().durations, 0
    for seed in range(60):
        band = Band(seed, "breaks", A_MINOR)
        for bar in range(8):
            plan = BarPlan("break", 2, bar, 8, {"chords": 0.4})
            rings = [n.position + durations[n.duration] > 48 for n in band.play(plan)["chords"]]
            crossing += any(rings)
            assert not (plan.is_last and any(rings))
    assert crossing > 60


def test_a_bar_that_empties_keeps_nothing_after_that_step() -> None:
    durations = vocabulary().durations
    notes = [Note(0, 60, 5, vocabulary().duration_index(48)), Note(33, 62, 5, 2, True), Note(36, 64, 5, 2)]
    left = emptied(notes, 36)
    assert [note.position for note in left] == [0, 33]
    assert all(note.position + durations[note.duration] <= 36 for note in left)
    assert not left[1].slide


def test_rhythm_is_an_order_of_importance() -> None:
    assert even_spread(3, 0, 8) == [0, 6, 15]
    assert take([6, 18, 30, 42], 2) == [6, 18]
    assert take([6, 18, 30, 42], 2, {6}) == [18, 30]
    assert take([6, 18], 2, {6}) == [6, 18]
    assert note_count(0.25, ((0, 2), (0.5, 6))) == 4
    assert note_count(2.0, ((0, 2), (0.5, 6))) == 6
