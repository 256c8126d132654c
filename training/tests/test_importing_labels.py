"""Labels: keys of known progressions in every mode, sections that follow the music, a split that never parts a family."""

from __future__ import annotations

import pytest

from kqv_training.grammar import check_sequence
from kqv_training.importing.keys import SCALES, find_keys
from kqv_training.importing.labels import label_song, split_of
from kqv_training.importing.raw import ImportRefusal, RawHit, RawNote, RawSong
from kqv_training.language import vocabulary

#: Four chords, as scale degrees counted from 0, that name each mode: its tonic and the chord with its own note.
PROGRESSIONS = {
    "major": (0, 5, 3, 4),
    "minor": (0, 5, 2, 6),
    "dorian": (0, 3, 0, 6),
    "phrygian": (0, 1, 0, 6),
    "lydian": (0, 1, 0, 4),
    "mixolydian": (0, 6, 3, 0),
    "harmonic": (0, 3, 4, 0),
}


def progression(tonic: int, mode: str, bars: int = 16) -> dict[str, list[RawNote]]:
    """Bass roots and triads, a chord a bar."""
    scale = SCALES[mode]
    notes: dict[str, list[RawNote]] = {"bass": [], "chords": []}
    for bar in range(bars):
        degree = PROGRESSIONS[mode][bar % 4]
        triad = [tonic + scale[(degree + third) % 7] for third in (0, 2, 4)]
        notes["bass"].append(RawNote(bar * 48, 36 + triad[0] % 12, 0.8, 48))
        notes["chords"] += [RawNote(bar * 48, 60 + pitch % 12, 0.6, 48) for pitch in triad]
    return notes


def song(**changes) -> RawSong:
    """A small house song, changed as told."""
    given = dict(
        source="test", name="one", family="one", style="house", licence="CC0", tempo=124, bars=8,
        hits=[RawHit(beat * 12, 0, 1.0) for beat in range(32)], notes=progression(9, "minor", 8),
    )
    return RawSong(**{**given, **changes})


@pytest.mark.parametrize("mode", SCALES)
@pytest.mark.parametrize("tonic", (0, 5, 10))
def test_a_known_progression_is_heard_in_its_key(tonic: int, mode: str) -> None:
    assert set(find_keys(progression(tonic, mode), 16)) == {(tonic, mode)}


def test_a_modulation_is_heard_where_it_happens() -> None:
    first, second = progression(0, "minor", 16), progression(3, "minor", 16)
    for track, notes in second.items():
        first[track] += [note._replace(step=note.step + 16 * 48) for note in notes]
    keys = find_keys(first, 32)
    assert set(keys[:16]) == {(0, "minor")} and set(keys[16:]) == {(3, "minor")}


def test_all_twelve_tones_alike_have_no_mode() -> None:
    notes = {"lead": [RawNote(step * 6, 60 + step * 7 % 12, 0.5, 6) for step in range(96)]}
    assert {mode for _, mode in find_keys(notes, 12)} == {"chromatic"}


def test_drums_alone_have_no_mode() -> None:
    assert {bar.controls.mode for bar in label_song(song(notes={})).bars} == {vocabulary().modes.index("chromatic")}


def test_bars_write_all_five_parts_and_the_grammar_admits_them() -> None:
    labelled = label_song(song())
    assert all([part.track for part in bar.parts] == ["drums", "bass", "chords", "lead", "arp"] for bar in labelled.bars)
    check_sequence([token for bar in labelled.tokens() for token in bar])


def test_notes_on_the_grid_come_through_without_loss() -> None:
    notes = {"lead": [RawNote(1, 60, 0.75, 2), RawNote(5, 64, 0.25, 9), RawNote(47, 67, 1.0, 96)]}
    bar = label_song(song(bars=1, hits=[], notes=notes)).bars[0]
    durations = vocabulary().durations
    heard = [(note.position, note.pitch, (note.velocity + 1) / 8, durations[note.duration]) for note in bar.parts[3].notes]
    assert heard == [(1, 60, 0.75, 2), (5, 64, 0.25, 9), (47, 67, 1.0, 96)]


def test_the_key_sections_and_energies_of_the_source_are_kept() -> None:
    labelled = label_song(song(key=(2, "dorian"), sections=["break"] * 8, energies=[3] * 8))
    words = vocabulary()
    for bar in labelled.bars:
        assert (bar.controls.key, words.modes[bar.controls.mode]) == (2, "dorian")
        assert (words.sections[bar.controls.section], bar.controls.energy) == ("break", 3)


def test_sections_and_energy_follow_what_plays() -> None:
    quiet = [RawHit(bar * 48 + beat * 12, 0, 0.6) for bar in range(8) for beat in range(4)]
    full = [RawHit(bar * 48 + step, piece, 1.0) for bar in range(8, 40) if not 24 <= bar < 32
            for step in range(0, 48, 3) for piece in ((0, 5) if step % 12 == 0 else (5,))]
    harmony = progression(9, "minor", 40)
    notes = {"bass": [note for note in harmony["bass"] if note.step >= 8 * 48 and not 24 <= note.step // 48 < 32],
             "chords": [note for note in harmony["chords"] if note.step >= 8 * 48]}
    tail = [hit._replace(step=hit.step + 40 * 48) for hit in quiet]
    bars = label_song(song(bars=48, hits=quiet + full + tail, notes=notes)).bars
    sections = [vocabulary().sections[bar.controls.section] for bar in bars]
    energy = [bar.controls.energy for bar in bars]
    assert (sections[0], sections[12], sections[26], sections[34], sections[44]) == ("intro", "drop", "break", "drop", "outro")
    assert energy[12] > energy[0] and energy[34] > energy[26] and energy[12] >= 6


def test_a_short_piece_is_a_loop() -> None:
    assert {bar.controls.section for bar in label_song(song()).bars} == {vocabulary().sections.index("loop")}


def test_the_split_knows_the_family_alone_and_holds_out_about_an_eighth() -> None:
    sides = [split_of(f"family {number}") for number in range(2000)]
    assert 0.09 < sides.count("validation") / 2000 < 0.15
    assert {label_song(song(name=name)).split for name in ("a", "b", "c")} == {split_of("one")}


def test_a_song_without_notes_or_with_notes_outside_is_refused() -> None:
    with pytest.raises(ImportRefusal, match="no notes"):
        label_song(song(hits=[], notes={}))
    with pytest.raises(ImportRefusal, match="outside"):
        label_song(song(bars=2))
