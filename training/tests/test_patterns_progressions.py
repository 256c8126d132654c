"""Chord progressions to songs: phrases, keys and modes, voices that move little, rhythm figures, families."""

import gzip
import json
from random import Random

import pytest

from kqv_training.importing.patterns.progressions import (
    Chord, choose_style, family_name, nearest_voicing, parse_figure, phrase, progression_song, read_progressions, scale_mode,
)
from kqv_training.importing.raw import ImportRefusal
from kqv_training.importing.report import ImportReport

I, IV, V, VI = (Chord(0, (0, 4, 7)), Chord(5, (0, 4, 7)), Chord(7, (0, 4, 7)), Chord(9, (0, 3, 7)))
SOURCE = "free_midi_chords"


def row(chords=(I, V, VI, IV), mode="major", mood="Hopeful", name="I V vi IV"):
    spelt = [[chord.root, list(chord.intervals)] for chord in chords]
    return {"name": name, "mode": mode, "mood": mood, "bars": len(chords), "spb": 16, "chords": spelt}


def write(path, rows, rhythms):
    with gzip.open(path, "wt") as stream:
        header = {"licence": "MIT (LICENSE)", "rhythms": rhythms}
        stream.write("\n".join(json.dumps(line) for line in [header, *rows]) + "\n")
    return path


def test_chords_fill_four_or_eight_bars_the_last_ones_held():
    assert phrase([I, V, VI, IV]) == [I, V, VI, IV]
    assert phrase([I, IV, V]) == [I, IV, V, V]
    assert phrase([I, IV]) == [I, I, IV, IV]
    assert phrase([I, V, VI, IV, V]) == [I, V, VI, VI, IV, IV, V, V]


def test_a_song_has_eight_bars_in_the_key_that_it_says():
    for number in range(2, 30):
        song = progression_song(row(), number, {}, "MIT")
        tonic, mode = song.key
        assert (song.bars, mode, song.style) == (8, "major", "pop") and not song.hits
        scale = {(tonic + degree) % 12 for degree in (0, 2, 4, 5, 7, 9, 11)}
        assert {note.pitch % 12 for note in song.notes["chords"]} <= scale
        assert {note.step for note in song.notes["chords"]} == set(range(0, 384, 48))


def test_keys_differ_and_about_half_of_the_songs_have_roots_in_the_bass():
    songs = [progression_song(row(), number, {}, "MIT") for number in range(2, 82)]
    assert len({song.key[0] for song in songs}) == 12
    with_bass = [song for song in songs if "bass" in song.notes]
    assert 25 <= len(with_bass) <= 55
    for song in with_bass:
        roots = [(song.key[0] + chord.root) % 12 for chord in (I, V, VI, IV)] * 2
        assert [note.pitch % 12 for note in song.notes["bass"]] == roots
        assert all(28 <= note.pitch <= 39 for note in song.notes["bass"])


def test_voices_stay_in_their_register_and_move_least():
    c_major = nearest_voicing({0, 4, 7}, (60, 64, 67))
    assert c_major == (60, 64, 67)
    assert nearest_voicing({5, 9, 0}, c_major) == (60, 65, 69)
    assert nearest_voicing({7, 11, 2}, c_major) == (59, 62, 67)
    song = progression_song(row(), 2, {}, "MIT")
    tops = [max(n.pitch for n in song.notes["chords"] if n.step // 48 == bar) for bar in range(8)]
    assert all(48 <= note.pitch <= 72 for note in song.notes["chords"])
    assert all(abs(a - b) <= 4 for a, b in zip(tops, tops[1:]))


def test_a_voicing_avoids_a_semitone_inside_where_it_can():
    voicing = nearest_voicing({0, 4, 7, 11}, (48, 52, 55, 59))
    assert all(upper - lower > 1 for lower, upper in zip(voicing, voicing[1:]))


def test_the_source_names_the_mode_and_modal_ones_take_the_scale_that_holds_them():
    assert scale_mode(row(mode="minor"), [I]) == "minor"
    assert scale_mode(row(mode="modal"), [Chord(0, (0, 3, 7)), Chord(5, (0, 4, 7))]) == "dorian"
    assert scale_mode(row(mode="modal"), [Chord(0, (0, 3, 7)), Chord(1, (0, 4, 7))]) == "phrygian"
    assert scale_mode(row(mode="modal"), [I, Chord(10, (0, 4, 7))]) == "mixolydian"
    assert scale_mode(row(mode="modal"), [I, Chord(8, (0, 4, 7)), Chord(2, (0, 4, 7))]) == "chromatic"


def test_style_follows_mode_and_mood():
    minor = [Chord(0, (0, 3, 7))]
    assert {choose_style("major", [I], "Dark Sad", Random(n)) for n in range(20)} == {"pop"}
    dark = [choose_style("minor", minor, "Mysterious Dark", Random(n)) for n in range(200)]
    bright = [choose_style("minor", minor, "Hopeful", Random(n)) for n in range(200)]
    assert dark.count("ambient") > bright.count("ambient") and bright.count("house") > dark.count("house")


def test_a_figure_says_when_chords_sound_and_which():
    assert parse_figure(["1.5N", "2.5N"]) == [(0, 18, True), (18, 30, True)]
    assert parse_figure(["N", "S", "0.5X", "1.5S"]) == [(0, 12, True), (12, 12, False), (30, 18, False)]
    for broken in (["1.5N"], ["4Q"], ["4X"], [], ["N N"]):
        with pytest.raises(ImportRefusal, match="broken rhythm"):
            parse_figure(broken)


def test_a_figure_plays_the_chords_one_after_the_other():
    figures = {"pop": parse_figure(["1.5N", "2.5N"])}
    songs = [progression_song(row(), number, figures, "MIT") for number in range(2, 30)]
    moved = [song for song in songs if any(note.step % 48 == 18 for note in song.notes["chords"])]
    assert 5 <= len(moved) < len(songs)
    for song in moved:
        for step, chord in ((0, I), (18, V), (48, VI), (66, IV), (96, I)):
            sounding = {(note.pitch - song.key[0] - chord.root) % 12 for note in song.notes["chords"] if note.step == step}
            assert sounding == set(chord.intervals)


def test_one_circle_of_chords_is_one_family_wherever_it_begins():
    assert family_name([I, V, VI, IV]) == family_name([VI, IV, I, V])
    assert family_name([I, V, VI, IV]) != family_name([I, VI, IV, V])


def test_broken_rows_and_figures_are_counted_and_the_rest_is_the_same_each_time(tmp_path):
    rows = [row(), row([I] * 9), {**row(), "chords": [[0, [0]]] * 4}, {"name": "x"}, {**row(), "chords": 7}, row(mode="minor")]
    path, report = write(tmp_path / "chords.gz", rows, {"pop": ["1.5N", "2.5N"], "odd": ["3N"]}), ImportReport()
    songs = list(read_progressions(path, report))
    assert len(songs) == 2 and songs[0].licence == "MIT (LICENSE)"
    assert report.as_dict()[SOURCE]["refused"] == 5
    assert songs == list(read_progressions(path, ImportReport()))


def test_rhythms_that_are_no_figures_are_named_and_every_chord_takes_a_bar(tmp_path):
    report = ImportReport()
    songs = list(read_progressions(write(tmp_path / "chords.gz", [row()], ["1N"]), report))
    assert {note.step % 48 for note in songs[0].notes["chords"]} == {0}
    assert report.reasons(SOURCE) == {"broken rhythm": 1}
