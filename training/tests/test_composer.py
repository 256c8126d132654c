"""The composer keeps to key, register, form and idiom, and the same seed gives the same song."""

import pytest

from kqv_training.composer.harmony import BASS_HIGH, BASS_LOW, Tonality
from kqv_training.composer.song import compose_song
from kqv_training.composer.styles import COMPOSED_STYLES
from kqv_training.language import COMPOSED_TRACKS, Bar, encode_bar, parse_bars, vocabulary
from kqv_training.openings import opening

SEEDS = range(6)
SONGS = {(style, seed): compose_song(seed, style) for style in COMPOSED_STYLES for seed in SEEDS}


def bars_of(style: str, section: str) -> list[Bar]:
    index = vocabulary().sections.index(section)
    return [bar for seed in SEEDS for bar in SONGS[style, seed] if bar.controls.section == index]


def grooves_of(style: str, section: str) -> list[Bar]:
    """The bars of a section that end no phrase of eight, where fills move the kick and the snare."""
    index = vocabulary().sections.index(section)
    return [bar for seed in SEEDS for i, bar in enumerate(SONGS[style, seed]) if bar.controls.section == index and i % 8 != 7]


def kick_positions(bar: Bar) -> set[int]:
    return {hit.position for hit in bar.parts[0].hits if hit.piece == vocabulary().pieces["kick"]}


@pytest.mark.parametrize("style", COMPOSED_STYLES)
def test_every_bar_writes_five_parts_in_order(style: str) -> None:
    for seed in SEEDS:
        for bar in SONGS[style, seed]:
            assert tuple(part.track for part in bar.parts) == COMPOSED_TRACKS
            for part in bar.parts:
                count = len(part.hits) + len(part.notes)
                assert part.density == vocabulary().density_level(part.track, count)


@pytest.mark.parametrize("style", COMPOSED_STYLES)
def test_every_note_is_in_key_and_the_bass_in_its_register(style: str) -> None:
    for seed in SEEDS:
        for bar in SONGS[style, seed]:
            tonality = Tonality(bar.controls.key, vocabulary().modes[bar.controls.mode])
            for part in bar.parts:
                assert all(tonality.contains(note.pitch) for note in part.notes)
                if part.track == "bass":
                    assert all(BASS_LOW <= note.pitch <= BASS_HIGH for note in part.notes)


@pytest.mark.parametrize("style", COMPOSED_STYLES)
def test_the_bass_plays_one_note_at_a_time(style: str) -> None:
    durations = vocabulary().durations
    for seed in SEEDS:
        for bar in SONGS[style, seed]:
            notes = bar.parts[1].notes
            assert all(a.position + durations[a.duration] <= b.position for a, b in zip(notes, notes[1:]))


@pytest.mark.parametrize("style", ["house", "acid", "techno"])
def test_drops_have_four_on_the_floor(style: str) -> None:
    drummed = [bar for bar in grooves_of(style, "drop") if bar.parts[0].hits]
    full = [bar for bar in drummed if {0, 12, 24, 36} <= kick_positions(bar)]
    assert len(full) >= 0.97 * len(drummed)


@pytest.mark.parametrize("style", ["electro", "breaks"])
def test_broken_styles_break_the_beat_and_keep_the_backbeat(style: str) -> None:
    snare = vocabulary().pieces["snare"]
    loud = [bar for bar in grooves_of(style, "drop") if bar.parts[0].density >= 4]
    assert loud
    assert not any({0, 12, 24, 36} <= kick_positions(bar) for bar in loud)
    backbeat = [bar for bar in loud if {12, 36} <= {h.position for h in bar.parts[0].hits if h.piece == snare}]
    assert len(backbeat) >= 0.9 * len(loud)


@pytest.mark.parametrize("style", COMPOSED_STYLES)
def test_sections_last_multiples_of_eight_bars(style: str) -> None:
    for seed in SEEDS:
        sections = [bar.controls.section for bar in SONGS[style, seed]]
        first = 0
        for end in range(1, len(sections) + 1):
            if end == len(sections) or sections[end] != sections[first]:
                assert (end - first) % 8 == 0
                first = end


@pytest.mark.parametrize("style", COMPOSED_STYLES)
def test_the_seed_decides_the_song(style: str) -> None:
    assert compose_song(0, style) == SONGS[style, 0]
    assert compose_song(1, style) != SONGS[style, 0]


@pytest.mark.parametrize("style", COMPOSED_STYLES)
def test_a_bar_fits_the_token_budget(style: str) -> None:
    lengths = sorted(len(encode_bar(bar)) for seed in SEEDS for bar in SONGS[style, seed])
    assert lengths[len(lengths) // 2] <= 110


def test_acid_lines_have_accents_slides_and_repeated_notes() -> None:
    lines = [bar.parts[1].notes for bar in bars_of("acid", "drop") if len(bar.parts[1].notes) >= 8]
    notes = [note for line in lines for note in line]
    accents = sum(note.velocity == 7 for note in notes) / len(notes)
    slides = sum(note.slide for note in notes) / len(notes)
    repeats = sum(a.pitch == b.pitch for line in lines for a, b in zip(line, line[1:])) / len(notes)
    assert 0.1 < accents < 0.4
    assert 0.05 < slides < 0.35
    assert repeats > 0.15


@pytest.mark.parametrize("style", COMPOSED_STYLES)
def test_openings_sound_with_drums_bass_and_chords(style: str) -> None:
    bars = parse_bars(opening(style)["tokens"])
    assert len(bars) == 4
    for bar in bars:
        assert all(part.density > 0 for part in bar.parts[:3])
