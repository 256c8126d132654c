"""Rendered acid sessions: lines with accents and slides in their registers, mutes, the stretch that is kept, the sample."""

import gzip
import json

import pytest

from kqv_training.importing.patterns.acid_sessions import line_notes, read_acid_sessions, session_song
from kqv_training.importing.report import ImportReport
from kqv_training.language import vocabulary

PIECES = vocabulary().pieces
FLOOR = [[120 if step % 4 == 0 else 0 for step in range(16)], [0, 0, 51, 0] * 4, [10, 40, 0, 0] * 4, [0, 0, 0, 0, 127, 0, 0, 0] * 2]
HOLES = [[120] + [0] * 15, *FLOOR[1:]]
LINE = [[40 + step % 3, step == 3, False] if step % 2 else None for step in range(16)]
OTHER = [[45 - step % 5, step == 5, False] if step % 2 else None for step in range(16)]


def session(mutes=(0, 8, 0, 2, 4, 0, 1, 0), drums=(FLOOR,), acid1=(LINE, OTHER)):
    """Eight blocks of eight bars; the first line changes with every block, the mutes as given."""
    sequence = [[block % len(acid1), 0, block % len(drums), mutes[block]] for block in range(8) for _ in range(8)]
    return {"bars": 64, "acid1": list(acid1), "acid2": [LINE], "drums": list(drums), "seq": sequence}


def write(path, rows):
    with gzip.open(path, "wt") as stream:
        stream.write("\n".join(json.dumps(line) for line in [{"licence": "CC BY 4.0"}, *rows]) + "\n")
    return path


def test_accents_are_loud_and_steps_are_sixteenths():
    notes = line_notes([[40, 1, 0], None, [43, 0, 0]], 28, 52, slides=True)
    assert [(note.step, note.pitch, note.velocity, note.length, note.slide) for note in notes] == [
        (0, 40, 1.0, 3, False), (6, 43, 0.7, 3, False)
    ]


def test_a_slide_belongs_to_the_note_before_and_holds_until_the_next():
    notes = line_notes([[40, 0, 0], [43, 0, 1], None, [45, 0, 1], None, None, [40, 0, 1]], 28, 52, slides=True)
    assert [(note.step, note.length, note.slide) for note in notes] == [(0, 3, True), (3, 6, True), (9, 3, False), (18, 3, False)]


def test_a_lead_has_no_slides():
    assert not any(note.slide for note in line_notes([[40, 0, 0], [43, 0, 1]], 60, 84, slides=False))


@pytest.mark.parametrize(("low", "high"), [(28, 52), (60, 84)])
def test_a_line_moves_by_octaves_as_one_into_its_register(low, high):
    pitches = [28, 33, 40, 48]
    notes = line_notes([[pitch, 0, 0] for pitch in pitches], low, high, slides=False)
    assert all(low <= note.pitch <= high for note in notes)
    assert [note.pitch - notes[0].pitch for note in notes] == [pitch - 28 for pitch in pitches]


def test_a_pitch_outside_the_register_keeps_its_pitch_class():
    notes = line_notes([[30, 0, 0], [40, 0, 0], [69, 0, 0]], 28, 52, slides=True)
    assert all(28 <= note.pitch <= 52 for note in notes) and notes[2].pitch % 12 == 69 % 12


def test_a_mute_bit_silences_its_voice_and_faint_hits_stay_out():
    song = session_song(session(), "session 1", "CC BY 4.0")
    by_bar = [{hit.piece for hit in song.hits if hit.step // 48 == bar} for bar in range(song.bars)]
    every = {PIECES["kick"], PIECES["open hat"], PIECES["closed hat"], PIECES["snare"]}
    assert every in by_bar
    assert every - {PIECES["snare"]} in by_bar
    closed = {hit.step % 48 for hit in song.hits if hit.piece == PIECES["closed hat"]}
    assert closed == {3, 15, 27, 39}


def test_a_pattern_repeats_four_bars_at_most_and_a_song_has_24_to_32_bars():
    song = session_song(session(), "session 1", "CC BY 4.0")
    assert 24 <= song.bars <= 32 and song.style == "acid" and song.family == "acid_banger_renders/session 1"
    events = [*song.hits, *song.notes["bass"]]
    bars = [tuple((event.step % 48, event[1]) for event in events if event.step // 48 == bar) for bar in range(song.bars)]
    assert all(len(set(bars[first : first + 5])) > 1 for first in range(len(bars) - 4))


def test_mutes_of_a_voice_that_has_nothing_to_play_make_no_difference():
    silent_snare = [FLOOR[0], FLOOR[1], FLOOR[2], [0] * 16]
    played = session(mutes=(0, 8, 0, 8, 0, 8, 0, 8), drums=(silent_snare,), acid1=(LINE,))
    assert session_song(played, "session 1", "") is None


def test_a_session_without_a_floor_or_with_a_line_on_one_note_is_passed_over():
    assert session_song(session(drums=(HOLES,)), "session 1", "") is None
    one_note = [[40, 0, 0] if step % 2 else None for step in range(16)]
    assert session_song(session(acid1=(one_note, LINE)), "session 1", "") is None


def test_broken_rows_are_counted_and_the_sample_is_the_same_each_time(tmp_path):
    broken = [{"bars": 64}, session() | {"seq": [[7, 0, 0, 0]] * 64}, session(acid1=(LINE, [[400, 0, 0]] * 16))]
    rows = [session() for _ in range(5)] + broken + [session(drums=(HOLES,))]
    path, report = write(tmp_path / "acid.gz", rows), ImportReport()
    songs = list(read_acid_sessions(path, report))
    assert len(songs) == 5 and len({song.family for song in songs}) == 5
    assert report.as_dict()["acid_banger_renders"]["refused"] == 3
    passed_over = "sessions passed over: no long stretch with a floor kick and both lines moving"
    assert report.as_dict()["acid_banger_renders"]["notes"][passed_over] == 1
    assert songs == list(read_acid_sessions(path, ImportReport()))


def test_no_more_sessions_than_the_sample_are_made(tmp_path, monkeypatch):
    monkeypatch.setattr("kqv_training.importing.patterns.acid_sessions.SESSIONS", 3)
    report = ImportReport()
    assert len(list(read_acid_sessions(write(tmp_path / "acid.gz", [session()] * 7), report))) == 3
    assert report.as_dict()["acid_banger_renders"]["notes"]["sessions not drawn"] == 4
