"""Training rows: transposed, thinned and freed of controls without leaving the music language, and the same for the same key."""

import numpy as np
import pytest

from kqv_training.composer.song import compose_song
from kqv_training.corpus import Corpus, make_corpus, parts_of
from kqv_training.grammar import check_sequence
from kqv_training.language import COMPOSED_TRACKS, encode_bar, parse_bars, vocabulary
from kqv_training.rows import NO_AUGMENTATION, Augmentation, RowSampler, keys_of, replaced, transposed, without_parts


def song_tokens(seed: int, style: str, bars: int = 24) -> list[list[int]]:
    return [encode_bar(bar) for bar in compose_song(seed, style)[-bars:]]


@pytest.fixture(scope="module")
def corpus() -> Corpus:
    return make_corpus([("composed", "house", song_tokens(1, "house")), ("electronic", "acid", song_tokens(2, "acid"))])


def flat(corpus: Corpus, song: int = 0) -> np.ndarray:
    return corpus.song(song).astype(np.int64)


@pytest.mark.parametrize("semitones", range(-6, 6))
def test_transposition_moves_keys_and_pitches_alike_and_nothing_else(corpus: Corpus, semitones: int) -> None:
    before, after = parse_bars(flat(corpus)), parse_bars(transposed(flat(corpus), semitones))
    for old, new in zip(before, after, strict=True):
        assert new.controls == old.controls._replace(key=(old.controls.key + semitones) % 12)
        for part, moved in zip(old.parts, new.parts, strict=True):
            assert part.hits == moved.hits
            assert [note._replace(pitch=note.pitch + semitones) for note in part.notes] == moved.notes


def test_a_transposition_beyond_the_vocabulary_keeps_pitch_classes(corpus: Corpus) -> None:
    words = vocabulary()
    top = words.token("PITCH", words.count["PITCH"] - 1)
    assert words.value(int(transposed(np.array([top]), 3)[0])) == words.count["PITCH"] - 1 + 3 - 12


def test_a_dropped_part_is_silent_and_the_others_unchanged(corpus: Corpus) -> None:
    tokens = flat(corpus)
    place = COMPOSED_TRACKS.index("drums")
    thinned = without_parts(tokens, parts_of(tokens), [vocabulary().tracks.index("drums")])
    check_sequence(thinned.tolist())
    for old, new in zip(parse_bars(tokens), parse_bars(thinned), strict=True):
        assert new.parts[place].density == 0 and not new.parts[place].hits
        assert [p for p in new.parts if p.track != "drums"] == [p for p in old.parts if p.track != "drums"]


def test_parts_stay_where_a_bar_would_fall_silent(corpus: Corpus) -> None:
    tokens = flat(corpus)
    everything = [vocabulary().tracks.index(track) for track in COMPOSED_TRACKS]
    assert without_parts(tokens, parts_of(tokens), everything) is tokens


def test_a_replaced_control_is_the_same_in_every_bar(corpus: Corpus) -> None:
    words = vocabulary()
    bars = parse_bars(replaced(flat(corpus), "SECTION", "loop", words.sections))
    assert {bar.controls.section for bar in bars} == {words.sections.index("loop")}


def test_rows_are_music_and_follow_from_their_key_alone(corpus: Corpus) -> None:
    sampler = RowSampler(corpus, {"composed": 1, "electronic": 2}, Augmentation(0.5, 0.3, 0.3))
    rows = sampler.rows((3, 1), 6, 900)
    assert rows.shape == (6, 900)
    for row in rows:
        last_bar = int(np.flatnonzero(row == vocabulary().token("BAR"))[-1])
        check_sequence(row[:last_bar].tolist())
    assert (rows == RowSampler(corpus, {"composed": 1, "electronic": 2}, Augmentation(0.5, 0.3, 0.3)).rows((3, 1), 6, 900)).all()
    assert (rows != sampler.rows((3, 2), 6, 900)).any()


def test_excerpts_may_be_short_and_go_on_in_the_key_before(corpus: Corpus) -> None:
    words = vocabulary()

    def changes(rules: Augmentation) -> tuple[int, int]:
        """Changes of style and of key from bar to bar; every song of the corpus keeps to one of each."""
        styles, keys = 0, 0
        for row in RowSampler(corpus, {"composed": 1, "electronic": 1}, rules).rows((5,), 8, 2000):
            heads = row[np.isin(row, range(words.start["STYLE"], words.start["SECTION"]))]
            styles += int((np.diff(heads) != 0).sum())
            keys += int((np.diff(keys_of(row)) != 0).sum())
        return styles, keys

    seldom, other_keys = changes(Augmentation(0, 0, 0, cut_share=0.0))
    often, same_key = changes(Augmentation(0, 0, 0, cut_share=1.0, keep_key=1.0))
    assert often > 2 * seldom
    assert other_keys > 0 and same_key == 0


def test_a_mixture_draws_from_its_groups_alone(corpus: Corpus) -> None:
    words = vocabulary()
    rows = RowSampler(corpus, {"electronic": 1.0}, NO_AUGMENTATION).rows((1,), 4, 600)
    styles = set(np.unique(rows)) & set(range(words.start["STYLE"], words.start["SECTION"]))
    assert styles == {words.token("STYLE", words.styles.index("acid"))}
    with pytest.raises(ValueError, match="no songs of strings"):
        RowSampler(corpus, {"strings": 1.0})
