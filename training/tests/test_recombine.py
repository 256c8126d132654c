"""Recombination joins parts that fit: drums anywhere, pitched parts in one key and mode without rubbing."""

from random import Random

from kqv_training.composer.harmony import Tonality
from kqv_training.composer.song import compose_song
from kqv_training.grammar import check_sequence
from kqv_training.language import Bar, Controls, Note, make_part, vocabulary
from kqv_training.recombine import MOST_CLASHES, clashes, joined, recombine
from kqv_training.songs import Song

C_MINOR = Controls(0, 2, 6, 10, 0, vocabulary().modes.index("minor"))


def bar(controls: Controls = C_MINOR, **events) -> Bar:
    return Bar(controls, [make_part(track, events.get(track, [])) for track in ("drums", "bass", "chords", "lead", "arp")])


def songs(style: str, count: int = 6) -> list[Song]:
    return [Song("composed", str(seed), f"{style} {seed}", style, "MIT", "train", tuple(compose_song(seed, style))) for seed in range(count)]


def test_a_semitone_against_a_sounding_chord_is_a_clash() -> None:
    chord = [Note(0, 60, 5, vocabulary().duration_index(24)), Note(0, 63, 5, vocabulary().duration_index(24))]
    assert clashes([Note(12, 61, 5, 2), Note(12, 67, 5, 2)], chord) == 0.5
    assert clashes([Note(24, 61, 5, 2)], chord) == 0.0


def test_a_guest_is_moved_into_the_key_of_its_host() -> None:
    host = [bar(bass=[Note(0, 36, 5, 2)], chords=[Note(0, 60, 5, 2), Note(0, 63, 5, 2), Note(0, 67, 5, 2)])]
    guest = [bar(C_MINOR._replace(key=2), lead=[Note(0, 74, 5, 2), Note(24, 77, 5, 2)])]
    result = joined(host, guest, "lead")
    assert result is not None
    assert [note.pitch for note in result[0].parts[3].notes] == [72, 75]
    assert result[0].parts[1] == host[0].parts[1]


def test_a_guest_that_rubs_or_has_another_mode_or_is_silent_stays_out() -> None:
    host = [bar(chords=[Note(0, 60, 5, 13), Note(0, 63, 5, 13)])]
    assert joined(host, [bar(lead=[Note(0, 73, 5, 2)])], "lead") is None
    assert joined(host, [bar(C_MINOR._replace(mode=0), lead=[Note(0, 72, 5, 2)])], "lead") is None
    assert joined(host, [bar()], "lead") is None


def test_recombined_songs_are_music_in_one_key_and_follow_from_the_seed() -> None:
    material = songs("house") + songs("electro")
    made = recombine(Random(4), material, 12)
    assert len(made) == 12
    assert made == recombine(Random(4), material, 12)
    for song in made:
        assert song.split == "train" and song.source == "recombined" and " of " in song.name
        check_sequence([token for tokens in song.tokens() for token in tokens])
        for each in song.bars:
            tonality = Tonality(each.controls.key, vocabulary().modes[each.controls.mode])
            held = [note for part in each.parts if part.track in ("bass", "chords") for note in part.notes]
            for part in each.parts:
                assert all(tonality.contains(note.pitch) for note in part.notes)
                if part.track in ("lead", "arp") and f"{part.track} of" in song.name:
                    assert clashes(part.notes, held) <= MOST_CLASHES
