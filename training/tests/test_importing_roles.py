"""Roles and tracks: parts are known by name, program, register, voices and rhythm, and merge into five tracks in their registers."""

from __future__ import annotations

from pathlib import Path

import pytest

from kqv_training.importing.arrange import arrange
from kqv_training.importing.drums import piece_of
from kqv_training.importing.merge import REGISTERS, limit_voices, merge_chords, merge_lines, split_low_voice, to_register
from kqv_training.importing.midi import MidiNote, MidiPart, read_midi
from kqv_training.importing.raw import ImportRefusal, RawNote
from kqv_training.importing.roles import role_of
from kqv_training.language import vocabulary
from midi_files import every, house, make_file, make_track

PIECES = vocabulary().pieces


def line(pitches: list[int], step: float = 0.5, length: float = 0.4, bars: int = 8) -> list[MidiNote]:
    """A single line through `pitches`, again and again."""
    count = int(bars * 4 / step)
    return [MidiNote(index * step, length, pitches[index % len(pitches)], 0.8) for index in range(count)]


def held(chord: list[int], bars: int = 8) -> list[MidiNote]:
    """A chord a bar."""
    return [MidiNote(bar * 4.0, 4.0, pitch, 0.6) for bar in range(bars) for pitch in chord]


@pytest.mark.parametrize("name, role", [
    ("Bass", "bass"), ("Sub", "bass"), ("Acid 303", "bass"), ("Lead 1", "lead"),
    ("Melody", "lead"), ("Riser 2", None), ("FX Whoosh", None), ("Sidechain Control", None), ("Kick 01", "drums"), ("Chika1", "drums"),
])
def test_a_name_tells_the_role(name: str, role: str | None) -> None:
    assert role_of(MidiPart(name, 0, 0, line([60, 62, 64, 67, 65], 1.0))) == role


def test_a_pad_is_chords_even_when_it_plays_single_long_notes() -> None:
    for name in ("Warm Pad", "Strings", "Choir"):
        assert role_of(MidiPart(name, 0, 0, line([60, 62, 64, 67], 4.0, 4.0))) == "chords"


def test_a_program_tells_the_role_of_a_nameless_part() -> None:
    assert role_of(MidiPart("", 0, 33, line([40, 43, 45]))) == "bass"
    assert role_of(MidiPart("", 0, 89, held([60, 64, 67]))) == "chords"
    assert role_of(MidiPart("", 0, 81, line([72, 74, 76, 79, 77], 1.0))) == "lead"


def test_register_voices_and_rhythm_tell_the_role_without_name_and_program() -> None:
    assert role_of(MidiPart("ch4", 0, 0, line([33, 33, 36])), programs_said=False) == "bass"
    assert role_of(MidiPart("ch5", 0, 0, held([57, 60, 64, 67])), programs_said=False) == "chords"
    assert role_of(MidiPart("ch6", 0, 0, line([69, 72, 76, 81], 0.25, 0.2)), programs_said=False) == "arp"
    assert role_of(MidiPart("ch7", 0, 0, line([69, 71, 72, 76, 74], 1.5, 1.0)), programs_said=False) == "lead"


def test_channel_ten_is_drums_whatever_it_plays() -> None:
    assert role_of(MidiPart("Lead", 9, 0, line([36, 38]))) == "drums"


@pytest.mark.parametrize("note, name, piece", [
    (36, "", "kick"), (38, "", "snare"), (42, "", "closed hat"), (46, "", "open hat"), (49, "", "crash"), (63, "", "open conga"),
    (0, "Kick 01", "kick"), (0, "Clap 04", "clap"), (0, "bassdrum_acoustic01.ogg", "kick"), (0, "Hat_o.ds", "open hat"),
    (0, "hihat_closed01.ogg", "closed hat"), (63, "shaaka.ds", "shaker"), (0, "snare_rim01.ogg", "rim"), (0, "Cymbal Crash", "crash"),
    (0, "tom_hi01.ogg", "high tom"), (0, "Loaded O-HiHat", "open hat"), (0, "Little C-HiHat", "closed hat"),
])
def test_drum_notes_become_kit_pieces_by_name_then_by_note(note: int, name: str, piece: str) -> None:
    assert piece_of(note, name) == PIECES[piece]


def test_effects_and_unknown_notes_are_no_kit_piece() -> None:
    assert piece_of(36, "ufo_buzz.ds") is None and piece_of(3) is None


def test_lines_move_by_octaves_alone_into_their_register() -> None:
    for track, (low, high) in REGISTERS.items():
        notes = [RawNote(index, pitch, 0.8, 3) for index, pitch in enumerate(range(22, 106, 5))]
        moved = to_register(track, notes)
        assert all(low <= note.pitch <= high for note in moved)
        assert [note.pitch % 12 for note in moved] == [note.pitch % 12 for note in notes]


def test_a_line_in_its_register_is_not_moved_and_a_high_bass_keeps_its_shape() -> None:
    inside = [RawNote(0, 50, 0.8, 3), RawNote(3, 52, 0.8, 3)]
    assert to_register("bass", inside) == inside
    high = [RawNote(index, pitch, 0.8, 3) for index, pitch in enumerate((72, 74, 84))]
    assert [note.pitch - to_register("bass", high)[0].pitch for note in to_register("bass", high)] == [0, 2, 12]


def test_of_two_basses_one_plays_at_a_time_and_the_other_fills_its_silence() -> None:
    busy = [RawNote(bar * 48 + step, 36, 0.8, 6) for bar in range(2) for step in (0, 12, 24)]
    sparse = [RawNote(bar * 48, 43, 0.8, 48) for bar in range(4)]
    merged = merge_lines("bass", [sparse, busy], 4)
    assert [note.pitch for note in merged] == [36] * 6 + [43] * 2


def test_chords_have_five_voices_at_most_and_keep_the_outer_ones() -> None:
    cluster = [RawNote(0, pitch, 0.8, 12) for pitch in (48, 52, 55, 60, 62, 64, 67, 72)]
    kept = [note.pitch for note in limit_voices("chords", cluster)]
    assert len(kept) == 5 and kept[0] == 48 and kept[-1] == 72 and 62 in kept
    assert len(merge_chords([cluster, cluster], 1)) == 5


def test_a_pianists_left_hand_is_bass() -> None:
    low, rest = split_low_voice([RawNote(0, 36, 0.8, 12), *(RawNote(0, pitch, 0.8, 12) for pitch in (60, 64)), RawNote(12, 67, 0.8, 12)])
    assert [note.pitch for note in low] == [36] and [note.pitch for note in rest] == [60, 64, 67]


def test_a_house_song_becomes_five_tracks_without_loss(tmp_path: Path) -> None:
    played = arrange(read_midi(make_file(tmp_path / "house.mid", house(8), tempo=124)))
    assert (played.bars, round(played.tempo)) == (8, 124)
    assert {(hit.step % 48) for hit in played.hits if hit.piece == PIECES["kick"]} == {0, 12, 24, 36}
    assert {(hit.step % 48) for hit in played.hits if hit.piece == PIECES["clap"]} == {12, 36}
    assert [(note.step, note.pitch, note.length) for note in played.notes["bass"][:4]] == [(6, 33, 3), (18, 33, 3), (30, 33, 3), (42, 33, 3)]
    assert [note.pitch for note in played.notes["chords"][:3]] == [57, 60, 64]
    assert [note.step for note in played.notes["lead"][:4]] == [0, 18, 27, 36]
    assert round(played.notes["bass"][0].velocity * 127) == 96


def test_a_shuffle_becomes_straight_eighths(tmp_path: Path) -> None:
    shuffled = [(beat + place, 0.3, 42, 90) for beat in range(32) for place in (0, 2 / 3)]
    tracks = [make_track("Hat", 9, shuffled), make_track("Bass", 0, every(1, 8, 36), 38)]
    played = arrange(read_midi(make_file(tmp_path / "shuffle.mid", tracks)))
    assert {hit.step % 12 for hit in played.hits} == {0, 6} and played.done["songs with swung eighths straightened"] == 1


def test_a_house_song_written_at_half_tempo_is_doubled(tmp_path: Path) -> None:
    tracks = [make_track("Kick", 9, every(0.5, 8, 36)), make_track("Bass", 0, every(0.5, 8, 36, first=0.25, length=0.125), 38)]
    played = arrange(read_midi(make_file(tmp_path / "half.mid", tracks, tempo=64)))
    assert (played.bars, round(played.tempo)) == (16, 128) and played.done["half-time bars doubled"] == 8
    assert {hit.step % 48 for hit in played.hits} == {0, 12, 24, 36}
    assert {note.step % 12 for note in played.notes["bass"]} == {6}


def test_a_slow_song_with_a_slow_kick_is_not_doubled(tmp_path: Path) -> None:
    tracks = [make_track("Kick", 9, every(2, 8, 36)), make_track("Bass", 0, every(1, 8, 36), 38)]
    assert arrange(read_midi(make_file(tmp_path / "slow.mid", tracks, tempo=80))).bars == 8


def test_effects_are_dropped_and_counted_and_a_file_of_effects_is_refused(tmp_path: Path) -> None:
    effect = make_track("Riser", 3, every(1, 8, 60))
    played = arrange(read_midi(make_file(tmp_path / "some.mid", [*house(8), effect])))
    assert played.done["parts without a role dropped"] == 1
    with pytest.raises(ImportRefusal, match="no part has a role"):
        arrange(read_midi(make_file(tmp_path / "all.mid", [effect])))


def test_a_part_out_of_tune_with_all_others_is_dropped_from_a_converted_file(tmp_path: Path) -> None:
    wrong = make_track("Bass slap", 4, [(bar * 4.0 + beat, 0.5, 66 + 3 * (beat % 2), 90) for bar in range(8) for beat in range(4)], 38)
    tracks = [track for track in house(8) if track.name != "Bass"]
    played = arrange(read_midi(make_file(tmp_path / "mistuned.mid", [*tracks, wrong])), programs_said=False)
    assert "bass" not in played.notes and played.done["parts out of tune with all others dropped"] == 1
