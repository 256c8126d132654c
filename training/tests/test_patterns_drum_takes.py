"""Human drum takes: feel and grid, pads to kit pieces, what is refused, which takes belong together, fills at the end."""

import mido
import numpy as np
import pytest

from kqv_training.importing.patterns import read_all
from kqv_training.importing.patterns.drum_takes import PIECE_OF_PITCH, on_grid, read_drum_takes, read_onsets, whole_bars
from kqv_training.importing.patterns.feel import Feel, measure_feel, snap
from kqv_training.importing.raw import RawHit
from kqv_training.importing.report import ImportReport
from kqv_training.language import vocabulary

PIECES = vocabulary().pieces
LICENCE = "This work is licensed under the words of the source. To view a copy, write."


def beat(bars=4, offset=0.0):
    """Kick on 1 and 3, snare on 2 and 4, hats in eighths, a soft ghost on the last sixteenth of beat 2: (step, pitch, velocity)."""
    hits = []
    for bar in range(bars):
        hits += [(bar * 48 + step, 36, 90) for step in (0, 24)] + [(bar * 48 + step, 38, 110) for step in (12, 36)]
        hits += [(bar * 48 + step, 22, 60) for step in range(0, 48, 6)] + [(bar * 48 + 21, 40, 20)]
    return [(step + offset, pitch, velocity) for step, pitch, velocity in hits]


def save_midi(path, hits):
    file, track = mido.MidiFile(ticks_per_beat=480), mido.MidiTrack()
    file.tracks.append(track)
    now = 0
    for step, pitch, velocity in sorted(hits):
        tick = max(0, round(step * 40))
        track.append(mido.Message("note_on", channel=9, note=pitch, velocity=velocity, time=tick - now))
        now = tick
    file.save(path)


def dataset(folder, takes):
    """A folder like the source's; `takes` are (session, style, kind, metre, hits or None for no file)."""
    (folder / "midi").mkdir(parents=True)
    (folder / "LICENSE").write_text(LICENCE)
    lines = ["drummer,session,id,style,bpm,beat_type,time_signature,midi_filename,audio_filename,duration,split"]
    for number, (session, style, kind, metre, hits) in enumerate(takes, 1):
        name = f"{number}_{style.replace('/', '-')}_100_{kind}_{metre}.mid"
        # The source's column for the metre went through a spreadsheet that took 4-4 for a date.
        place = f"drummer1/{session}"
        lines.append(f"drummer1,{place},{place}/{number},{style},100,{kind},04\ufffd,drummer1\\{session}\\{name},x.wav,9.6,train")
        if hits is not None:
            save_midi(folder / "midi" / f"drummer1__{session}__{name}", hits)
    (folder / "info.csv").write_text("\n".join(lines) + "\n", encoding="cp949", errors="replace")
    return folder


def read(folder):
    report = ImportReport()
    return list(read_drum_takes(folder, report)), report


def times_of(places, bars=8, jitter=0.25, shift=0.0):
    """Onsets at `places` of every beat, each moved by chance; seeded."""
    exact = np.array([beat * 12 + place for beat in range(bars * 4) for place in places], float)
    return np.maximum(0, exact + shift + np.random.default_rng(1).normal(0, jitter, len(exact)))


def test_every_pad_of_the_kit_has_its_piece():
    named = {36: "kick", 38: "snare", 40: "snare", 37: "rim", 22: "closed hat", 42: "closed hat", 26: "open hat", 46: "open hat",
             44: "pedal hat", 48: "high tom", 50: "high tom", 45: "mid tom", 47: "mid tom", 43: "floor tom", 58: "floor tom",
             49: "crash", 55: "crash", 57: "crash", 52: "crash", 51: "ride", 59: "ride", 53: "ride bell"}
    assert {pitch: PIECE_OF_PITCH[pitch] for pitch in named} == named
    assert set(PIECE_OF_PITCH.values()) <= set(PIECES)


def test_straight_human_timing_goes_to_the_sixteenths_early_or_late():
    exact = snap(times_of((0, 3, 6, 9), jitter=0), Feel(False, 3.0, 0.0))
    for shift in (-0.75, 0.0, 0.75):
        times = times_of((0, 3, 6, 9), shift=shift)[4:]
        feel = measure_feel(times, np.tile([1.0, 0.3, 0.7, 0.3], len(times) // 4))
        assert not feel.triplet and abs(feel.lag - shift) <= 0.5
        assert (snap(times, feel) == exact[4:]).mean() > 0.98


def test_swung_sixteenths_are_straightened():
    times = times_of((0, 3.9, 6, 9.9))
    feel = measure_feel(times, np.ones(len(times)))
    assert not feel.triplet and feel.late >= 3.5
    assert set(snap(times, feel) % 12) == {0, 3, 6, 9}


def test_a_shuffle_keeps_its_triplets():
    for places in ((0, 8), (0, 4, 8)):
        times = times_of(places)
        feel = measure_feel(times, np.ones(len(times)))
        assert feel.triplet and set(snap(times, feel) % 12) == set(places)


def test_of_two_hits_of_a_piece_on_one_step_the_louder_stays(tmp_path):
    save_midi(tmp_path / "flam.mid", [(11.7, 38, 40), (12.1, 38, 100), (12.0, 36, 80)])
    hits = on_grid(read_onsets(tmp_path / "flam.mid", ImportReport()), Feel(False, 3.0, 0.0))
    assert hits == [RawHit(12, PIECES["kick"], 80 / 127), RawHit(12, PIECES["snare"], 100 / 127)]


def test_a_pickup_and_a_last_stroke_are_no_bars():
    hits = [RawHit(45, 0, 1.0), *(RawHit(48 * bar + step, 0, 1.0) for bar in (1, 2, 3) for step in range(0, 48, 6)), RawHit(192, 0, 1.0)]
    kept, bars = whole_bars(hits)
    assert bars == 3 and kept[0].step == 0 and len(kept) == 24


def test_a_beat_becomes_a_groove_song_with_its_ghost_notes(tmp_path):
    songs, report = read(dataset(tmp_path / "gmd", [("session1", "funk/fast", "beat", "4-4", beat(8, 0.3))]))
    song = songs[0]
    assert (song.style, song.tempo, song.bars, song.family) == ("groove", 100.0, 8, "gmd/drummer1/session1/funk")
    assert song.licence == "This work is licensed under the words of the source."
    assert [hit for hit in song.hits if hit.step == 21] == [RawHit(21, PIECES["snare"], 20 / 127)]
    assert {hit.step % 48 for hit in song.hits if hit.piece == PIECES["snare"]} == {12, 21, 36}
    assert report.as_dict()["gmd"]["refused"] == 0


def test_takes_of_a_beat_share_a_family_and_set_grooves_share_one_across_sessions(tmp_path):
    styles = [("session1", "rock"), ("session1", "rock/indie"), ("session2", "rock"), ("session1", "jazz"),
              ("eval_session", "soul/groove3"), ("session9", "soul/groove3")]
    songs, _ = read(dataset(tmp_path / "gmd", [(session, style, "beat", "4-4", beat()) for session, style in styles]))
    rock, indie, later, jazz, groove, again = (song.family for song in songs)
    assert rock == indie and groove == again
    assert len({rock, later, jazz, groove}) == 4


def test_other_metres_short_takes_and_missing_or_broken_files_are_counted_each_under_its_reason(tmp_path):
    takes = [("4-4", beat()), ("6-8", beat()), ("3-4", beat()), ("4-4", beat(1)), ("4-4", None), ("4-4", beat()), ("4-4", [(0, 90, 100)])]
    folder = dataset(tmp_path / "gmd", [("session1", "rock", "beat", metre, hits) for metre, hits in takes])
    (folder / "midi/drummer1__session1__6_rock_100_beat_4-4.mid").write_bytes(b"MThd\x00\x00")
    with (folder / "info.csv").open("a") as table:
        table.write("drummer1,drummer1/session1\nd,d/s,i,rock,fast,beat,x,d\\s\\1_rock_fast_beat_4-4.mid,x,1,train\n")
    songs, report = read(folder)
    assert len(songs) == 1
    once = ("shorter than 2 bars", "missing file", "broken file", "no notes")
    assert report.reasons("gmd") == {"metre": 2, "broken row": 2} | dict.fromkeys(once, 1)


def test_a_fill_of_the_session_style_and_tempo_becomes_the_last_bar(tmp_path):
    run = [(step, 48, 100) for step in range(0, 48, 3)]
    takes = [("session1", "beat", beat(6)), ("session1", "fill", run), ("session2", "fill", run)]
    songs, report = read(dataset(tmp_path / "gmd", [(session, "rock", kind, "4-4", hits) for session, kind, hits in takes]))
    toms = [hit.step for hit in songs[0].hits if hit.piece == PIECES["high tom"]]
    assert songs[0].bars == 4 and toms == list(range(144, 192, 3))
    assert not [hit for hit in songs[0].hits if hit.step >= 144 and hit.piece != PIECES["high tom"]]
    notes = report.as_dict()["gmd"]["notes"]
    assert notes["fills that end a beat"] == 1 and [count for what, count in notes.items() if "left over" in what] == [1]


def test_a_long_take_is_cut_and_the_rest_counted(tmp_path):
    songs, report = read(dataset(tmp_path / "gmd", [("session1", "rock", "beat", "4-4", beat(40))]))
    assert songs[0].bars == 32 and max(hit.step for hit in songs[0].hits) < 32 * 48
    assert report.as_dict()["gmd"]["notes"]["bars beyond the first 32 of a take"] == 8


def test_without_a_licence_nothing_is_read(tmp_path):
    folder = dataset(tmp_path / "gmd", [("session1", "rock", "beat", "4-4", beat())])
    (folder / "LICENSE").unlink()
    songs, report = read(folder)
    assert songs == [] and report.reasons("gmd") == {"no licence": 1}


def test_an_empty_folder_yields_nothing_and_names_every_source(tmp_path):
    report = ImportReport()
    assert list(read_all(tmp_path, report)) == []
    assert len(report.sources()) == 4
    assert all(report.as_dict()[source]["refused"] == 1 for source in report.sources())


def test_one_import_is_like_the_next(tmp_path):
    takes = [("session1", "rock", "beat", "4-4", beat(6)), ("session1", "rock", "beat", "4-4", beat(8)),
             *(("session1", "rock", "fill", "4-4", [(step, 45 + n, 90) for step in range(0, 48, 3)]) for n in (0, 3, 4))]
    folder = dataset(tmp_path / "gmd", takes)
    assert read(folder)[0] == read(folder)[0]


def test_a_file_whose_time_runs_away_is_broken(tmp_path):
    songs, report = read(dataset(tmp_path / "gmd", [("session1", "rock", "beat", "4-4", [*beat(), (5_000_000, 36, 90)])]))
    assert songs == [] and report.reasons("gmd") == {"broken file": 1}


@pytest.mark.parametrize("pitch", [90, 21])
def test_a_pad_that_no_piece_stands_for_is_counted(tmp_path, pitch):
    _, report = read(dataset(tmp_path / "gmd", [("session1", "rock", "beat", "4-4", [*beat(), (6, pitch, 90)])]))
    assert report.as_dict()["gmd"]["notes"]["hits of pads that no kit piece stands for"] == 1
