"""Every measure, on bars whose value can be worked out by hand."""

import math

import pytest

from kqv_training.evaluation import endurance, metrics, originality, resemblance
from kqv_training.language import COMPOSED_TRACKS, Bar, Controls, Hit, Note, make_part, vocabulary


def bar(energy: int = 5, mode: str = "minor", key: int = 9, **events: list) -> Bar:
    """A house drop in A minor (unless told otherwise) with these events by track."""
    words = vocabulary()
    controls = Controls(0, words.sections.index("drop"), energy, 10, key, words.modes.index(mode))
    return Bar(controls, [make_part(track, events.get(track, [])) for track in COMPOSED_TRACKS])


def notes(*pairs: tuple[int, int], steps: int = 3) -> list[Note]:
    """Notes of one length from (position, pitch)."""
    return [Note(position, pitch, 5, vocabulary().duration_index(steps)) for position, pitch in pairs]


def test_entropy_of_four_equally_frequent_pitch_classes_is_two_bits_whatever_their_octave() -> None:
    one = bar(bass=notes((0, 36), (12, 50)), lead=notes((0, 64), (12, 77)))
    assert metrics.pitch_class_entropy([one]) == pytest.approx(2)
    assert metrics.pitch_class_entropy([bar(bass=notes((0, 33), (12, 45)))]) == 0
    uneven = bar(bass=notes((0, 36), (12, 36), (24, 36), (36, 43)))
    assert metrics.pitch_class_entropy([uneven]) == pytest.approx(-(0.75 * math.log2(0.75) + 0.25 * math.log2(0.25)))


def test_scale_consistency_is_the_share_in_the_best_major_or_minor_scale() -> None:
    c_major = [(i * 3, 60 + step) for i, step in enumerate((0, 2, 4, 5, 7, 9, 11))]
    assert metrics.scale_consistency([bar(lead=notes(*c_major))]) == 1
    assert metrics.scale_consistency([bar(lead=notes(*c_major, (24, 61)))]) == pytest.approx(7 / 8)


def test_measures_of_pitch_have_nothing_to_say_of_drums_alone() -> None:
    drums = [bar(drums=[Hit(0, 0, 3)])] * 2
    assert metrics.pitch_class_entropy(drums) is None
    assert metrics.scale_consistency(drums) is None
    assert metrics.polyphony(drums) is None
    assert metrics.groove_consistency(drums) == 1


def test_groove_consistency_counts_steps_whose_onsets_differ_between_successive_bars() -> None:
    four = bar(drums=[Hit(step, 0, 3) for step in (0, 12, 24, 36)])
    moved = bar(drums=[Hit(step, 0, 3) for step in (0, 12, 24, 39)])
    assert metrics.groove_consistency([four, moved]) == pytest.approx(1 - 2 / 48)
    assert metrics.groove_consistency([four, four, moved]) == pytest.approx(1 - 1 / 48)
    assert metrics.groove_consistency([four]) is None


def test_polyphony_is_the_mean_of_sounding_notes_where_any_sounds_and_notes_cross_the_bar_line() -> None:
    held = bar(chords=notes((24, 60), (24, 64), steps=48))
    empty = bar()
    assert metrics.polyphony([held, empty]) == 2
    single = bar(chords=notes((0, 60), (0, 64), steps=24), lead=notes((24, 72), steps=24))
    assert metrics.polyphony([single]) == pytest.approx(1.5)


def test_note_density_counts_hits_and_notes_a_bar() -> None:
    assert metrics.note_density([bar(drums=[Hit(0, 0, 3), Hit(0, 5, 1)], bass=notes((0, 36))), bar()]) == 1.5


def test_windows_leave_out_a_rest_that_is_too_short() -> None:
    assert [len(one) for one in metrics.windows([bar()] * 20, 8)] == [8, 8]


def test_a_bar_counts_as_repeated_from_its_fifth_time_running_on_whatever_its_controls() -> None:
    same = [bar(energy=i % 8, bass=notes((0, 36))) for i in range(6)]
    other = bar(bass=notes((0, 38)))
    assert metrics.repeated_bars(same) == 2
    assert metrics.repeated_bars(same[:4] + [other] + same[:4]) == 0


def test_only_bars_without_any_event_are_silent() -> None:
    assert metrics.silent_bars([bar(), bar(drums=[Hit(0, 0, 0)])]) == 1


def test_membership_follows_the_asked_key_and_mode_by_track_and_skips_chromatic_bars() -> None:
    in_a_minor = bar(bass=notes((0, 33), (12, 34)), lead=notes((0, 72)))
    chromatic = bar(mode="chromatic", bass=notes((0, 34)))
    counts = metrics.in_key([in_a_minor, chromatic])
    assert counts["bass"] == (1, 2)
    assert counts["lead"] == (1, 1)
    assert counts["arp"] == (0, 0)


def test_comparison_is_by_pair_and_leaves_out_pairs_with_nothing_to_measure() -> None:
    real = [[bar(bass=notes((0, 36)))] * 8, [bar(drums=[Hit(0, 0, 3)])] * 8]
    written = [[bar(bass=notes((0, 36), (24, 37)))] * 8, [bar(bass=notes((0, 36)))] * 8]
    result = resemblance.compare(real, written)
    assert result["pitchClassEntropy"]["difference"] == pytest.approx(1)
    assert result["pitchClassEntropy"]["excerpts"] == 1
    assert result["noteDensity"]["difference"] == pytest.approx(0.5)


def test_drift_is_the_change_along_the_fitted_line() -> None:
    change, probability = endurance.drift([1.0, 1.1, 1.2, 1.3])
    assert change == pytest.approx(0.3)
    assert probability < 0.001
    assert endurance.drift([2.0, 2.0, 2.0]) == (0.0, 1.0)


def test_a_take_that_thins_out_is_not_flat_and_a_wavering_one_is() -> None:
    def block(density: float) -> dict:
        return {"pitchClassEntropy": 2.5, "scaleConsistency": 1.0, "grooveConsistency": 0.9, "polyphony": 3.0, "noteDensity": density}
    thinning = endurance.drift_of([block(40 - 3 * i) for i in range(10)], 30)
    wavering = endurance.drift_of([block(40 + (5, -5)[i % 2]) for i in range(10)], 30)
    assert not thinning["noteDensity"]["flat"] and thinning["polyphony"]["flat"]
    assert wavering["noteDensity"]["flat"]


def test_what_all_styles_have_in_common_must_stay_within_the_limits() -> None:
    def take(change: float) -> dict:
        return {"drift": {name: {"change": change if name == "pitchClassEntropy" else 0.0} for name in metrics.MEASURES}}
    assert endurance.common_drift([take(0.4), take(-0.3)])["pitchClassEntropy"] == {"change": pytest.approx(0.05), "flat": True}
    assert not endurance.common_drift([take(0.4), take(-0.1)])["pitchClassEntropy"]["flat"]


def test_a_round_of_the_schedule_lasts_a_hundred_bars() -> None:
    assert len(endurance.round_of_controls(bar().controls)) == endurance.BLOCK


MELODY = [[(0, 60), (6, 62), (12, 64), (18, 65), (24, 67), (36, step)] for step in (69, 71, 72, 74, 76, 77)]


def test_a_transposed_stretch_of_a_song_is_found_with_its_length_and_place() -> None:
    song = [bar(lead=notes(*melody)) for melody in MELODY]
    index = originality.SongIndex([("a song", song)], originality.PITCHED)
    stolen = [bar(lead=notes(*[(position, pitch + 5) for position, pitch in melody])) for melody in MELODY[1:4]]
    own = bar(lead=notes((0, 60), (3, 61), (9, 62), (15, 63), (21, 64), (27, 65)))
    found = index.longest_match([own, *stolen, own])
    assert (found["bars"], found["different"], found["song"], found["at"], found["inSong"]) == (3, 3, "a song", 1, 1)
    assert found["matching"] == pytest.approx(3 / 5)


def test_bars_out_of_the_songs_order_are_no_longer_stretch() -> None:
    song = [bar(lead=notes(*melody)) for melody in MELODY]
    index = originality.SongIndex([("a song", song)], originality.PITCHED)
    assert index.longest_match([song[3], song[1], song[0]])["bars"] == 1


def test_another_rhythm_or_another_bass_is_another_bar_and_few_notes_match_nothing() -> None:
    lead = notes(*MELODY[0])
    one = bar(lead=lead)
    assert originality.signature(one, originality.PITCHED) != originality.signature(bar(lead=lead, bass=notes((0, 36))), originality.PITCHED)
    assert originality.signature(bar(lead=notes((0, 60), (12, 62))), originality.PITCHED) is None
    assert originality.signature(one, ("drums",)) is None


def test_a_whole_take_is_summed_up_by_shares_of_its_bars() -> None:
    same, other = bar(bass=notes((0, 36))), bar(bass=notes((0, 38)))
    assert endurance.summary([same] * 6 + [other, bar()]) == {"bars": 8, "repeated": 0.25, "silent": 0.125, "different": 0.375}
