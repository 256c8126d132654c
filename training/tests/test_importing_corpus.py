"""The whole import: every source counted, bad input named and skipped, families never split, the same twice."""

from __future__ import annotations

import gzip
import json
from pathlib import Path

import pytest

from kqv_training.importing.__main__ import main
from kqv_training.importing.arrange import Arrangement
from kqv_training.importing.attribution import write_attribution
from kqv_training.importing.corpus import import_songs, trimmed, write_corpus
from kqv_training.importing.labels import label_song, split_of
from kqv_training.importing.raw import RawHit, RawSong
from kqv_training.importing.report import ImportReport
from kqv_training.importing.sources import MIDI_SOURCES, electronic_style, family_of, read_midi_songs
from kqv_training.language import vocabulary
from kqv_training.songs import load_songs
from midi_files import every, house, make_file, make_track


@pytest.fixture
def data(tmp_path: Path) -> Path:
    """A data folder with good and bad files in one source and the others missing."""
    folder = tmp_path / "data"
    midi = folder / "lmms_free" / "midi"
    make_file(midi / "Someone-House.mid", house(16), tempo=124)
    make_file(midi / "Someone-House-again.mid", house(16), tempo=124)
    make_file(midi / "Someone-Other.mid", house(16, transpose=2), tempo=138)
    make_file(midi / "Someone-Waltz.mid", house(16), metres=[(0, 3, 4)])
    make_file(midi / "Someone-Short.mid", house(2))
    (midi / "Someone-Broken.mid").write_bytes(b"MThd\x00\x00\x00\x06\x00\x01")
    rows = [{"file": "midi/Someone-House.mid", "licence": "CC (by)"}, {"file": "midi/Someone-Copyleft.mid", "licence": "CC (by-sa)"}]
    make_file(midi / "Someone-Copyleft.mid", house(16, transpose=5))
    (folder / "lmms_free" / "index.jsonl").write_text("\n".join(json.dumps(row) for row in rows))
    (folder / "lmms_free" / "ATTRIBUTION.txt").write_text("By Someone, who is named here.")
    (folder / "lmms_free" / "LICENSE").write_text("A short licence, to be quoted.")
    (folder / "lmms_free" / "LICENSE.long").write_text("A long licence. " * 1000)
    (folder / "README.md").write_text("| source | repository | commit | licence file |\n| lmms_free | https://example.org/lmms | `abc` | LICENSE |\n")
    (folder / "simutrans" / "midi").mkdir(parents=True)
    return folder


def test_every_file_is_kept_or_refused_by_name_with_a_reason(data: Path) -> None:
    report = ImportReport()
    songs, hashes = import_songs(data, report)
    assert [song.name for song in songs] == ["Someone-House", "Someone-Other"]
    said = report.as_dict()["lmms_free"]
    assert said["songs"] == 2 and said["bars"] == 32
    assert said["reasons"] == {"broken": 1, "duplicate": 1, "licence": 1, "metre": 1, "shorter than 4 bars": 1}
    assert set(said["refusals"]) == {f"Someone-{name}" for name in ("Broken", "House-again", "Copyleft", "Waltz", "Short")}
    assert set(hashes) == {"lmms_free/Someone-House", "lmms_free/Someone-Other"} and all(len(digest) == 64 for digest in hashes.values())


def test_an_empty_and_a_missing_source_are_named(data: Path) -> None:
    report = ImportReport()
    list(read_midi_songs(data, report))
    assert report.reasons("simutrans") == {"empty folder": 1} and report.reasons("freedoom") == {"no folder": 1}


def test_an_empty_data_folder_gives_an_empty_corpus_and_a_report(tmp_path: Path) -> None:
    (tmp_path / "none").mkdir()
    printed = write_corpus(tmp_path / "none", tmp_path / "corpus" / "imported.npz")
    assert load_songs(tmp_path / "corpus" / "imported.npz") == []
    assert all(source.folder in printed for source in MIDI_SOURCES)


def test_a_data_folder_that_is_not_there_is_said_in_a_sentence(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main([str(tmp_path / "nowhere"), "--out", str(tmp_path / "out.npz")]) == 1
    assert "There is no folder" in capsys.readouterr().err


def test_the_corpus_is_written_with_licences_attribution_and_report_and_read_again(data: Path, tmp_path: Path) -> None:
    out = tmp_path / "corpus" / "imported.npz"
    printed = write_corpus(data, out)
    songs = load_songs(out)
    assert [(song.name, song.style, song.licence) for song in songs] == [
        ("Someone-House", "house", "CC (by)"), ("Someone-Other", "techno", "Artistic 2.0"),
    ]
    assert "lmms_free" in printed and "duplicate 1" in printed
    attribution = (tmp_path / "corpus" / "ATTRIBUTION.md").read_text()
    assert all(said in attribution for said in ("https://example.org/lmms", "commit abc", "By Someone", "CC (by)", "to be quoted", "LICENSE.long"))
    assert "A long licence." not in attribution


def test_two_imports_are_the_same_byte_for_byte(data: Path, tmp_path: Path) -> None:
    for name in ("one", "two"):
        write_corpus(data, tmp_path / name / "imported.npz")
    for file in ("imported.json", "ATTRIBUTION.md"):
        assert (tmp_path / "one" / file).read_text() == (tmp_path / "two" / file).read_text()


@pytest.mark.parametrize("source, names", [
    ("wavesabre_songs", ("SabreWulf_03", "SabreWulf_07", "SabreWulf_11", "Logicoma-SabreWulf")),
    ("wavesabre_songs", ("liqube-untie_the_knot", "liqube-untie_the_knot-original")),
    ("wavesabre_songs", ("Logicoma-Dope_on_Wax", "Logicoma-Dope_on_Wax_(WOBBLE_VIP)")),
    ("easyrpg_rtp", ("Music__Town_1", "Music__Town_2")),
    ("simutrans", ("simutrans__music__16-Midnight-Express2", "simutrans__music__15-Midnight-Express")),
])
def test_versions_of_a_song_are_one_family_on_one_side(source: str, names: tuple[str, ...]) -> None:
    families = {family_of(source, name) for name in names}
    assert len(families) == 1 and len({split_of(family) for family in families}) == 1


def test_different_songs_are_different_families() -> None:
    names = ("musics__d_dm01", "musics__d_dm02", "musics__d_e1m1", "musics__d_map01")
    assert len({family_of("freedoom", name) for name in names}) == 4
    assert family_of("lmms_free", "Saber-FinalStep") != family_of("wavesabre_songs", "Saber-FinalStep")


def test_the_small_sources_hold_out_two_families_at_least() -> None:
    held = {
        "lmms_free": ("Crunk(Demo)", "CapDan-ReggaeTry", "CapDan-ZeroSumGame-OriginalByZakarra", "Farbro-Tectonic", "Impulslogik-Zen",
                      "Oglsdl-Dr8v2", "Oglsdl-PpTrip", "Saber-FinalStep", "Settel-InnerRecreation", "TameAnderson-MakeMe",
                      "Thomasso-AxeFromThe80s", "Greshz-CoolSnip", "Greippi_-_Krem_Kaakkuja_(Second_Flight_Remix)", "Socceroos-Progress",
                      "Surrender-Main", "Zakarra-59_Degrees", "Zakarra-MainstreamMemory"),
        "wavesabre_songs": ("Logicoma-Backscatter", "Logicoma-Bare_Faced_Cheek", "Logicoma-Bros_Before_Foes", "Logicoma-Dope_on_Wax",
                            "Logicoma-Engage", "Logicoma-Haec_Diva", "Logicoma-Iota", "Logicoma-Makeshift_Reprise", "Logicoma-Reverence",
                            "Logicoma-Rubbik", "Logicoma-SabreWulf", "Logicoma-Trashpanda", "Logicoma-Varia", "Noby-Lift_Off",
                            "Punqtured's_Tune", "eladamri-Try_Stopping_abl11_triplet_issue", "liqube-untie_the_knot"),
    }
    for source, names in held.items():
        families = {family_of(source, name) for name in names}
        outside = [family for family in families if split_of(family) == "validation"]
        assert 2 <= len(outside) <= len(families) // 4, source


def test_bars_in_which_nothing_happens_are_cut_from_the_ends_and_kept_inside() -> None:
    hits = [RawHit(bar * 48 + beat * 12, 0, 1.0) for bar in (2, 3, 5) for beat in range(4)] + [RawHit(0, 10, 1.0)]
    song = label_song(RawSong("test", "one", "one", "house", "CC0", 124, 8, hits))
    assert [len(bar.parts[0].hits) for bar in trimmed(song).bars] == [4, 4, 0, 4]


@pytest.mark.parametrize("tempo, kicks, style", [
    (124, (0, 12, 24, 36), "house"), (138, (0, 12, 24, 36), "techno"), (122, (0, 18, 30), "electro"), (170, (0, 30), "breaks"),
    (95, (0, 18, 30), "pop"),
])
def test_electronic_styles_follow_from_kick_backbeat_and_tempo(tempo: float, kicks: tuple[int, ...], style: str) -> None:
    pieces = vocabulary().pieces
    hits = [RawHit(bar * 48 + step, pieces["kick"], 1.0) for bar in range(16) for step in kicks]
    hits += [RawHit(bar * 48 + step, pieces["snare"], 1.0) for bar in range(16) for step in (12, 36)]
    assert electronic_style(Arrangement(tempo, 16, hits, {}, {}), False) == style


def test_authors_named_in_a_table_and_in_a_pattern_file_are_named(tmp_path: Path) -> None:
    place = tmp_path / "data" / "easyrpg_rtp"
    place.mkdir(parents=True)
    (place / "AUTHORS.md").write_text("├ `Town 1.mid` | 2010 | Juan Someone [CC-BY] | url\n├ `Sea.mid` | 2011 | Another | url\n")
    with gzip.open(tmp_path / "data" / "clips.jsonl.gz", "wt") as file:
        file.write(json.dumps({"licence_text": "Credit: David Somebody"}) + "\n")
    hits = [RawHit(0, 0, 1.0)]
    songs = [label_song(RawSong(source, name, name, "game", "CC BY 4.0", 120, 4, hits))
             for source, name in (("easyrpg_rtp", "Music__Town_1"), ("clips", "one"))]
    write_attribution(tmp_path / "data", tmp_path / "ATTRIBUTION.md", songs)
    text = (tmp_path / "ATTRIBUTION.md").read_text()
    assert "Town 1.mid" in text and "Juan Someone" in text and "Another" not in text and "Credit: David Somebody" in text


def test_slow_music_without_drums_is_ambient() -> None:
    assert electronic_style(Arrangement(90, 16, [], {}, {}), False) == "ambient"


def test_a_song_of_drums_alone_is_kept_and_one_without_drums_too(tmp_path: Path) -> None:
    midi = tmp_path / "simutrans" / "midi"
    make_file(midi / "1-Drums.mid", [make_track("Drums", 9, every(1, 8, 36))])
    make_file(midi / "2-Lead.mid", [make_track("Lead", 0, every(1, 8, 60), 81), make_track("Lead", 1, every(0.5, 8, 67), 81)])
    songs, _ = import_songs(tmp_path, ImportReport())
    assert [song.name for song in songs] == ["1-Drums", "2-Lead"]
