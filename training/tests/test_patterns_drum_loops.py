"""Drum clips stacked to loops: what a row may be, what fits a style, and what a loop keeps of its clips."""

import gzip
import json

import pytest

from kqv_training.importing.patterns.drum_loops import (
    STYLES, backbeat, bare_backbeat, broken_kick, four_on_the_floor, offbeat_hats, read_clip, read_drum_loops, shelf_of, stack, tom_fill,
)
from kqv_training.importing.raw import ImportRefusal
from kqv_training.importing.report import ImportReport
from kqv_training.language import vocabulary

KICK, SNARE, CLAP = (vocabulary().pieces[name] for name in ("kick", "snare", "clap"))
CLOSED, OPEN, RIM = (vocabulary().pieces[name] for name in ("closed hat", "open hat", "rim"))


def row(group, hits, name="clip", bars=1, tags=(), genres=()):
    """A row of the source; a hit is [sixteenth, note, velocity] or a sixteenth alone, for the group's own note."""
    note = {"Kick": 36, "Snare": 38, "Hats": 42, "Toms": 45, "Perc": 54}.get(group)
    spelt = [list(hit) if isinstance(hit, tuple) else [hit, note, 100] for hit in hits]
    return {"name": name, "group": group, "tags": list(tags), "genres": list(genres), "bars": bars, "spb": 16, "hits": spelt}


FLOOR = row("Kick", (0, 4, 8, 12), "Floor", genres=("house",))
BROKEN = row("Kick", (0, 6, 10), "Broken", genres=("electro",))
BACK = row("Snare", (4, 12, (7, 37, 40)), "Back")
OFFBEAT = row("Hats", ((2, 46, 100), (6, 46, 100), (10, 46, 100), (14, 46, 100), (2, 42, 60), (0, 42, 60)), "Offbeat")
EIGHTHS = row("Hats", range(0, 16, 2), "Eighths")
SHAKER = row("Perc", ((3, 70, 80), (11, 70, 90)), "Shaker")
FILL = row("Toms", (10, 12, 14), "Run", tags=("fill",))
CLIPS = [FLOOR, BROKEN, BACK, OFFBEAT, EIGHTHS, SHAKER, FILL]


def write(path, rows, header={"licence": "CC0 (their words)"}):
    with gzip.open(path, "wt") as stream:
        stream.write("\n".join(line if isinstance(line, str) else json.dumps(line) for line in [header, *rows]) + "\n")
    return path


def loop(style, number, clips=CLIPS):
    return stack(style, number, shelf_of(style, [read_clip(clip) for clip in clips]), "CC0")


def steps(song, piece, bar):
    return {hit.step - bar * 48 for hit in song.hits if hit.piece == piece and hit.step // 48 == bar}


def test_a_clip_row_becomes_named_kit_pieces_with_velocities():
    clip = read_clip(row("Perc", ((0, 35, 127), (3, 56, 64), (5, 70, 0))))
    assert [(hit.sixteenth, hit.piece) for hit in clip.hits] == [(0, "kick"), (3, "cowbell")]
    assert clip.hits[0].velocity == 1 and clip.hits[1].velocity == pytest.approx(0.504, abs=0.001)


@pytest.mark.parametrize(
    ("broken", "reason"),
    [
        (row("Kick", ((0, 99, 100),)), "note 99"), (row("Kick", ((16, 36, 100),)), "step 16 of 16"),
        (row("Kick", ((3.5, 36, 100),)), "step 3.5 of 16"), (row("Kick", ()), "no notes"),
        (row("Bells", ()), "unknown group: Bells"), ({**FLOOR, "spb": 12}, "metre"), ({**FLOOR, "bars": 3}, "metre"),
        ({"name": "line", "steps": []}, "no drum clip"),
    ],
)
def test_a_row_that_is_no_clip_is_refused_with_its_reason(broken, reason):
    with pytest.raises(ImportRefusal, match=reason):
        read_clip(broken)


def test_what_fits_a_style_is_decided_by_where_the_hits_are():
    floor, broken, back = read_clip(FLOOR), read_clip(BROKEN), read_clip(BACK)
    assert four_on_the_floor(floor) and not four_on_the_floor(broken)
    assert broken_kick(broken) and not broken_kick(floor)
    assert not four_on_the_floor(read_clip(row("Kick", (0, 4, 8, 12, 16, 24, 28), bars=2)))
    assert bare_backbeat(back) and backbeat(back)
    assert not bare_backbeat(read_clip(row("Snare", (4, 12, 15)))) and backbeat(read_clip(row("Snare", (4, 12, 15))))
    assert not backbeat(read_clip(row("Snare", (0, 4, 12)))) and not backbeat(read_clip(row("Snare", (12,))))
    assert offbeat_hats(read_clip(OFFBEAT))
    assert not offbeat_hats(read_clip(row("Hats", ((0, 42, 120), (2, 42, 50), (6, 42, 50), (10, 42, 50), (14, 42, 50)))))
    assert tom_fill(read_clip(FILL)) and not tom_fill(read_clip(row("Toms", (2, 12, 14))))


@pytest.mark.parametrize("number", range(12))
def test_a_house_loop_keeps_the_floor_in_every_bar_and_has_everything_by_bar_five(number):
    song = loop("house", number)
    assert song.bars == 8 and song.style == "house" and song.tempo in STYLES["house"].tempos
    for bar in range(8):
        kick = steps(song, KICK, bar)
        assert kick == {0, 12, 24, 36} or (bar == 7 and kick == {0, 12, 24})
    assert {hit.velocity for hit in song.hits if hit.piece == KICK} == {1.0}
    assert steps(song, CLAP, 4) | (steps(song, SNARE, 4) - {21}) == {12, 36}
    assert steps(song, OPEN, 4) | steps(song, CLOSED, 4) >= {6, 18, 30, 42}
    assert steps(song, KICK, 0) and len({hit.piece for hit in song.hits if hit.step < 48}) == 1


def test_an_electro_loop_takes_the_broken_kick_and_the_snare_on_two_and_four():
    for number in range(8):
        song = loop("electro", number)
        assert song.family == "composable_drum_patterns/Broken"
        assert steps(song, KICK, 3) == {0, 18, 30}
        assert steps(song, SNARE, 5) | steps(song, CLAP, 5) == {12, 36, 21}


def test_ghost_notes_stay_soft_snares_and_no_hat_is_open_and_closed_at_once():
    song = loop("house", 3)
    ghosts = [hit for hit in song.hits if hit.step % 48 == 21 and hit.piece in (SNARE, RIM)]
    assert ghosts and all(hit.piece == SNARE and hit.velocity <= 0.35 for hit in ghosts)
    assert not steps(song, CLOSED, 5) & steps(song, OPEN, 5)


def test_a_fill_ends_the_loop_with_the_kick_out_on_beat_four_and_the_backbeat_out_of_its_way():
    tom = vocabulary().pieces["low tom"]
    filled = [song for song in (loop("house", number) for number in range(12)) if any(hit.piece == tom for hit in song.hits)]
    assert 3 <= len(filled) < 12
    for song in filled:
        assert steps(song, tom, 7) == {30, 36, 42} and not any(steps(song, tom, bar) for bar in range(7))
        assert 36 not in steps(song, KICK, 7) | steps(song, CLAP, 7) | steps(song, SNARE, 7)


def test_a_style_without_a_fitting_kick_is_named_and_the_others_are_made(tmp_path):
    report = ImportReport()
    songs = list(read_drum_loops(write(tmp_path / "clips.gz", [clip for clip in CLIPS if clip is not BROKEN]), report))
    assert {song.style for song in songs} == {"house", "techno"}
    assert report.reasons("composable_drum_patterns") == {"nothing fits": 2}


def test_broken_rows_are_counted_and_the_rest_is_read_the_same_each_time(tmp_path):
    report = ImportReport()
    path = write(tmp_path / "clips.gz", [*CLIPS, "{not json", [1, 2], {**FLOOR, "hits": None}, {"group": "Kick", "hits": []}])
    songs = list(read_drum_loops(path, report))
    assert report.as_dict()["composable_drum_patterns"]["refused"] == 4
    assert len(songs) == sum(style.loops for style in STYLES.values())
    assert {song.licence for song in songs} == {"CC0 (their words)"}
    assert songs == list(read_drum_loops(path, ImportReport()))


def test_one_kick_clip_is_one_family():
    assert {loop("house", number).family for number in range(9)} == {"composable_drum_patterns/Floor"}


@pytest.mark.parametrize("damage", ["missing", "text", "cut", "no licence", "empty"])
def test_a_file_that_cannot_be_used_is_refused_and_yields_nothing(tmp_path, damage):
    path = tmp_path / "clips.gz"
    if damage == "text":
        path.write_text("no gzip at all")
    elif damage == "cut":
        write(path, CLIPS)
        path.write_bytes(path.read_bytes()[:-30])
    elif damage == "no licence":
        write(path, CLIPS, {"rows": 7})
    elif damage == "empty":
        path.write_bytes(gzip.compress(b""))
    report = ImportReport()
    assert list(read_drum_loops(path, report)) == []
    assert report.as_dict()["composable_drum_patterns"]["refused"] == 1
