"""Reading MIDI: what is broken or not in four is refused by name, the rest comes in beats from the first sounding bar."""

from __future__ import annotations

from pathlib import Path

import mido
import pytest

from kqv_training.importing.midi import read_midi
from kqv_training.importing.raw import ImportRefusal
from midi_files import TICKS, every, house, make_file, make_track


def test_a_file_is_read_with_names_programs_channels_tempo_and_bars(tmp_path: Path) -> None:
    song = read_midi(make_file(tmp_path / "house.mid", house(8), tempo=124))
    assert round(song.tempo) == 124 and song.bars == 8
    assert [(part.name, part.channel, part.program) for part in song.parts][3:] == [("Bass", 0, 38), ("Pad", 1, 89), ("Lead", 2, 81)]
    first = song.parts[3].notes[0]
    assert (first.start, first.length, first.pitch, round(first.velocity * 127)) == (0.5, 0.25, 33, 96)


@pytest.mark.parametrize("damage", ("empty", "text", "truncated", "no tracks"))
def test_a_broken_file_is_refused_as_broken(tmp_path: Path, damage: str) -> None:
    whole = make_file(tmp_path / "song.mid", house(8)).read_bytes()
    data = {"empty": b"", "text": b"this is not music at all, sorry", "truncated": whole[: len(whole) // 2], "no tracks": whole[:20]}[damage]
    path = tmp_path / "broken.mid"
    path.write_bytes(data)
    with pytest.raises(ImportRefusal, match="broken|no notes"):
        read_midi(path)


def test_every_cut_of_a_file_is_refused_or_read_but_never_an_error(tmp_path: Path) -> None:
    whole = make_file(tmp_path / "song.mid", house(2)).read_bytes()
    path = tmp_path / "cut.mid"
    for length in range(0, len(whole), 97):
        path.write_bytes(whole[:length])
        try:
            read_midi(path)
        except ImportRefusal as refusal:
            assert str(refusal)


def test_a_file_without_notes_is_refused(tmp_path: Path) -> None:
    with pytest.raises(ImportRefusal, match="no notes"):
        read_midi(make_file(tmp_path / "silent.mid", [make_track("Lead", 0, [])]))


@pytest.mark.parametrize("metre", ((3, 4), (5, 4), (7, 8), (6, 8)))
def test_a_song_in_another_metre_is_refused(tmp_path: Path, metre: tuple[int, int]) -> None:
    with pytest.raises(ImportRefusal, match="metre"):
        read_midi(make_file(tmp_path / "odd.mid", house(8), metres=[(0, *metre)]))


def test_twelve_eight_is_four_beats_of_triplets(tmp_path: Path) -> None:
    track = make_track("Lead", 0, every(0.5, 12, 60, length=0.5))
    song = read_midi(make_file(tmp_path / "shuffle.mid", [track], tempo=150, metres=[(0, 12, 8)]))
    assert song.bars == 8 and round(song.tempo) == 100
    assert [round(note.start * 12) for note in song.parts[0].notes[:4]] == [0, 4, 8, 12]


def test_bars_in_another_metre_are_cut_out_and_counted(tmp_path: Path) -> None:
    track = make_track("Lead", 0, [(beat, 0.5, 60 + int(beat) % 12, 90) for beat in range(16 + 6 + 32)])
    song = read_midi(make_file(tmp_path / "mixed.mid", [track], metres=[(0, 4, 4), (16, 3, 4), (22, 4, 4)]))
    assert song.bars == 12 and song.cut_bars == 1
    assert [note.pitch - 60 for note in song.parts[0].notes[14:18]] == [2, 3, 22 % 12, 23 % 12]
    assert song.parts[0].notes[16].start == 16


def test_silent_bars_at_the_start_are_left_out_and_a_pickup_keeps_its_bar(tmp_path: Path) -> None:
    song = read_midi(make_file(tmp_path / "late.mid", [make_track("Lead", 0, [(11.0, 1, 60, 90), (12.0, 4, 64, 90), (16.0, 4, 65, 90)])]))
    assert [note.start for note in song.parts[0].notes] == [3.0, 4.0, 8.0] and song.bars == 3


def test_a_note_without_an_end_lasts_four_beats_at_most(tmp_path: Path) -> None:
    track = mido.MidiTrack([
        mido.Message("note_on", note=60, velocity=80), mido.Message("note_on", note=60, velocity=80, time=TICKS),
        mido.Message("note_on", note=64, velocity=80, time=TICKS),
    ])
    lengths = [(note.pitch, note.length) for note in read_midi(make_file(tmp_path / "open.mid", [track])).parts[0].notes]
    assert lengths == [(60, 1.0), (60, 4.0), (64, 4.0)]


def test_a_file_of_type_0_has_its_parts_by_channel(tmp_path: Path) -> None:
    merged = mido.merge_tracks(house(4))
    path = tmp_path / "merged.mid"
    mido.MidiFile(type=0, ticks_per_beat=TICKS, tracks=[merged]).save(path)
    assert sorted(part.channel for part in read_midi(path).parts) == [0, 1, 2, 9]


def test_the_tempo_that_lasts_longest_is_the_songs(tmp_path: Path) -> None:
    track = make_track("Lead", 0, every(1, 8, 60))
    track.insert(0, mido.MetaMessage("set_tempo", tempo=mido.bpm2tempo(90)))
    track.insert(1, mido.MetaMessage("set_tempo", tempo=mido.bpm2tempo(140), time=4 * TICKS))
    assert round(read_midi(make_file(tmp_path / "tempo.mid", [track])).tempo) == 140


def test_a_key_signature_that_says_nothing_does_not_stop_the_reader(tmp_path: Path) -> None:
    path = make_file(tmp_path / "key.mid", house(4))
    data = path.read_bytes()
    at = data.index(b"\xff\x51")
    broken = data[: at - 1] + b"\x00\xff\x59\x02\xff\xff" + data[at - 1 :]
    size = int.from_bytes(broken[18:22], "big") + 6
    path.write_bytes(broken[:18] + size.to_bytes(4, "big") + broken[22:])
    assert read_midi(path).bars == 4
