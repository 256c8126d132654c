"""Answers of the questions on made-up takes, n-grams worked out by hand, judges on composed songs, and the report they make."""

import json
from pathlib import Path
from random import Random

import numpy as np
import pytest

from kqv_training.evaluation import cost, modelling, obedience, report, resemblance, rounded
from kqv_training.evaluation.judges import PhraseJudge, StyleJudge, asked_section, drum_features, thinned
from kqv_training.evaluation.material import PROMPT_BARS, fitting_songs, held_out_excerpts
from kqv_training.evaluation.metrics import WINDOW, windows
from kqv_training.language import COMPOSED_TRACKS, Bar, Controls, Hit, Note, make_part, vocabulary
from kqv_training.ngram import NGramModel, TunedNGramModel, count_ngrams


@pytest.fixture(scope="module")
def songs() -> list:
    return fitting_songs(6)


def test_witten_bell_probabilities_are_those_worked_out_by_hand() -> None:
    model = NGramModel(count_ngrams(np.array([0, 1, 0, 1, 0, 2]), 3, 2), 3, "witten-bell")
    single = (3 + 3 / 3) / (6 + 3)  # token 0: 3 of 6 tokens, 3 kinds share with the uniform third
    after_zero = (2 + 2 * (2 + 3 / 3) / 9) / (3 + 2)  # token 1 after 0: 2 of 3, 2 kinds
    assert model.probabilities(np.array([0, 1])) == pytest.approx([single, after_zero])


def test_kneser_ney_counts_contexts_for_short_grams_and_an_unknown_context_falls_back() -> None:
    model = NGramModel(count_ngrams(np.array([0, 1, 0, 1, 0, 2]), 4, 2), 4, "kneser-ney")
    probabilities = [model.probabilities(np.array([context, token]))[1] for context in range(4) for token in range(4)]
    assert np.array(probabilities).reshape(4, 4).sum(1) == pytest.approx(np.ones(4))
    singles = [model.probabilities(np.array([token]))[0] for token in range(4)]
    assert probabilities[12:] == pytest.approx(singles)


@pytest.mark.parametrize("smoothing", ["witten-bell", "kneser-ney"])
def test_probabilities_of_a_fivegram_sum_to_one_after_any_context(smoothing: str) -> None:
    stream = np.random.default_rng(2).integers(0, 5, 400)
    model = NGramModel(count_ngrams(stream, 6), 6, smoothing)
    for context in (stream[:4], np.array([5, 5, 0, 1])):
        assert sum(model.probabilities(np.append(context, token))[4] for token in range(6)) == pytest.approx(1)


@pytest.mark.parametrize("smoothing", ["witten-bell", "kneser-ney"])
def test_a_pattern_is_predicted_far_better_than_noise(smoothing: str) -> None:
    pattern, noise = np.tile([1, 2, 3, 4, 5, 6], 200), np.random.default_rng(3).integers(0, 8, 300)
    model = NGramModel(count_ngrams(pattern, 8), 8, smoothing)
    assert -np.log(model.probabilities(pattern[:60])[5:]).mean() < 0.05
    assert -np.log(model.probabilities(noise)).mean() > 1.5


def test_tuned_weights_trust_contexts_as_far_as_they_hold_for_other_music() -> None:
    rng = np.random.default_rng(5)
    stream = np.repeat(rng.integers(0, 6, 300), 8)  # eight times the same token, then any other
    alike, unlike = np.repeat(rng.integers(0, 6, 100), 8), rng.integers(0, 6, 800)
    counts = count_ngrams(stream, 6)

    def nats(tuning: np.ndarray, test: np.ndarray) -> float:
        return float(-np.log(TunedNGramModel(counts, 6, tuning).probabilities(test)).mean())

    assert nats(alike, alike) < 0.6
    assert nats(unlike, unlike) < 1.82 < nats(alike, unlike)
    model = TunedNGramModel(counts, 6, alike)
    assert sum(model.probabilities(np.array([1, 1, 1, 1, token]))[4] for token in range(6)) == pytest.approx(1)


def test_only_the_heads_of_bars_are_left_out_of_music() -> None:
    tokens = modelling.song_tokens([bar() for _ in range(2)])
    music = modelling.is_music(tokens)
    assert (~music).sum() == 14
    assert {vocabulary().family_of[token] for token in tokens[music]} == {"TRACK", "DENSITY"}


def test_the_grammar_alone_knows_only_how_many_tokens_may_follow() -> None:
    songs = [modelling.song_tokens([bar()]), modelling.song_tokens([bar(), bar()])]
    short, long = modelling.grammar_nats(songs)
    words = vocabulary()
    assert short[:2] == pytest.approx(np.log([len(words.styles), len(words.sections)]))
    assert long[: len(short)] == pytest.approx(short)
    assert len(long) == len(songs[1]) - 1


def test_the_verdict_compares_perplexities_of_music() -> None:
    song = modelling.song_tokens([bar()])
    ones = [np.full(len(song) - 1, 1.0)]
    row = modelling.summarise([song], {"model": ones, "fivegram": [2 * ones[0]]})
    assert row["ratio"] == pytest.approx(np.exp(-1))
    assert row["model"]["natsPerBar"] == modelling.is_music(song[1:]).sum()


def bar(style: int = 0, key: int = 9, **events: list) -> Bar:
    words = vocabulary()
    controls = Controls(style, words.sections.index("drop"), 6, 11, key, words.modes.index("minor"))
    return Bar(controls, [make_part(track, events.get(track, [])) for track in COMPOSED_TRACKS])


def obeying(levels: tuple[int, ...]) -> Bar:
    """A bar that plays each track at just its level."""
    bounds = {track: [0, 1, *(bound + 1 for bound in vocabulary().density_bounds[track])] for track in COMPOSED_TRACKS}
    counts = {track: bounds[track][level] for track, level in zip(COMPOSED_TRACKS, levels)}
    drums = [Hit(i % 48, i // 48, 2) for i in range(counts["drums"])]
    return bar(drums=drums, **{track: [Note(i, 60, 5, 0) for i in range(counts[track])] for track in COMPOSED_TRACKS[1:]})


def test_played_levels_that_equal_the_asked_ones_correlate_fully_and_constant_ones_do_not() -> None:
    takes = [[obeying(levels) for levels in obedience.forced_levels(stream)] for stream in range(3)]
    result = obedience.density_obedience(takes)
    for row in result.values():
        assert row["spearman"] == pytest.approx(1)
        assert row["meanAbsoluteError"] == 0
        assert np.trace(row["table"]) == row["bars"] == 48
    reversed_takes = [[obeying(tuple(7 - level for level in levels)) for levels in obedience.forced_levels(stream)] for stream in range(3)]
    assert obedience.density_obedience(reversed_takes)["bass"]["spearman"] == pytest.approx(-1)


def test_key_membership_is_told_by_style_and_track() -> None:
    inside, outside = [Note(0, 57, 5, 0)], [Note(0, 58, 5, 0)]
    result = obedience.key_membership([[bar(0, bass=inside), bar(1, bass=outside, lead=inside)]])
    assert result["house"]["bass"] == 1 and result["house"]["lead"] is None
    assert result["acid"]["bass"] == 0
    assert result["all"]["all"] == pytest.approx(2 / 3) and result["all"]["notes"] == 3


def test_the_style_judge_knows_drums_it_was_not_fitted_on_and_abstains_without_any(songs: list) -> None:
    judge = StyleJudge(songs)
    unseen = fitting_songs(3, 6_900_000)
    table = obedience.style_table([(style, phrase) for style, bars in unseen for phrase in windows(bars)], judge)
    assert table["accuracy"] > 0.6  # a sixth by chance; six songs a style are few
    assert table["heard"] <= table["phrases"]
    assert judge.styles([[bar()] * WINDOW, unseen[0][1][8:16], [bar()] * WINDOW])[::2] == [None, None]


def test_drums_are_described_by_mean_level_hits_and_presence_of_each_piece() -> None:
    words = vocabulary()
    kick, clap = words.pieces["kick"], words.pieces["clap"]
    four = bar(drums=[Hit(step, kick, 3) for step in (0, 12, 24, 36)])
    clapped = bar(drums=[Hit(0, kick, 1), Hit(12, clap, 3)])
    features = drum_features([four, four, four, clapped, bar()])
    levels, hits, presence = np.split(features, [len(words.pieces) * 48, len(words.pieces) * 49])
    assert levels.reshape(-1, 48)[kick, [0, 12, 3]] == pytest.approx([(3 + 0.5) / 4, 0.75, 0])
    assert (hits[kick], hits[clap], presence[kick], presence[clap]) == (3.25, 0.25, 1, 0.25)
    assert drum_features([four, four, four, bar()]) is None


def test_the_phrase_judge_follows_the_energy_of_unseen_songs(songs: list) -> None:
    unseen = [(style, phrase) for style, bars in fitting_songs(3, 6_900_000) for phrase in windows(bars)]
    result = obedience.phrase_obedience(unseen, PhraseJudge(songs))
    assert result["energy"] > 0.6
    assert result["section"] > 0.5


def test_the_phrase_judge_hears_the_same_section_where_a_few_notes_are_missing(songs: list) -> None:
    unseen = [(style, phrase) for style, bars in fitting_songs(5, 6_900_000) for phrase in windows(bars)]
    missing = [(style, thinned(phrase, 0.12, Random(1))) for style, phrase in unseen]
    judge = PhraseJudge(songs)
    whole, thin = obedience.phrase_obedience(unseen, judge), obedience.phrase_obedience(missing, judge)
    assert thin["section"] > whole["section"] - 0.03  # fitted on six whole songs a style alone it falls by 0.07


def test_thinned_bars_keep_their_labels_and_lose_their_share_of_notes() -> None:
    song = fitting_songs(1)[0][1]
    fewer = thinned(song, 0.25, Random(2))
    count = [sum(len(part.hits) + len(part.notes) for bar in bars for part in bar.parts) for bars in (song, fewer)]
    assert count[1] / count[0] == pytest.approx(0.75, abs=0.02)
    assert [bar.controls for bar in fewer] == [bar.controls for bar in song]
    assert [[part.density for part in bar.parts] for bar in fewer] == [[part.density for part in bar.parts] for bar in song]


def test_a_phrase_with_two_sections_asks_for_none() -> None:
    drop = bar()
    assert asked_section([drop, drop]) == "drop"
    assert asked_section([drop, Bar(drop.controls._replace(section=vocabulary().sections.index("build")), drop.parts)]) is None


def test_steered_plans_change_style_every_second_phrase_and_key_once() -> None:
    for plan in obedience.steered_plans(4, 6):
        styles = [phrase.style for phrase in plan]
        assert styles[0] == styles[1] != styles[2] == styles[3] != styles[4]
        assert [phrase.is_new_key for phrase in plan] == [False, False, False, True, False, False]
        assert plan[2].key != plan[3].key == plan[5].key
        assert all(len(phrase.model) == WINDOW and asked_section(phrase.model) for phrase in plan)


def test_presence_is_the_share_of_bars_in_which_a_track_sounds() -> None:
    drums, lead = [Hit(0, 0, 3)], [Note(0, 72, 5, 2)]
    shares = obedience.presence([[bar(drums=drums), bar(drums=drums, lead=lead)], [bar(), bar(drums=drums)]])
    assert shares == {"drums": 0.75, "bass": 0, "chords": 0, "lead": 0.25, "arp": 0}


def test_phrases_are_told_apart_by_how_long_their_style_has_lasted() -> None:
    places = obedience.since_change([None] * 12, 6)
    assert places == {"fromNothing": [0, 1, 6, 7], "firstPhrase": [2, 4, 8, 10], "secondPhrase": [3, 5, 9, 11]}


def test_excerpts_are_always_the_same_and_sound_from_their_first_bar() -> None:
    first, again = held_out_excerpts("techno", 4), held_out_excerpts("techno", 4)
    assert first == again
    for excerpt in first:
        assert excerpt.style == "techno" and len(excerpt.bars) == 20
        assert len(excerpt.rest) == 20 - PROMPT_BARS


def test_the_verdict_on_resemblance_is_within_all_tolerances_for_what_is_equal(monkeypatch: pytest.MonkeyPatch) -> None:
    rest = [excerpt.rest for excerpt in resemblance.excerpts_of(1)]
    result = resemblance.answer(rest, rest, 1, 1)
    assert result["asPlayed"]["all"]["pitchClassEntropy"]["difference"] == 0
    assert all(result["met"].values())


def test_tokens_are_counted_in_bars_of_just_so_many_tracks() -> None:
    three = bar(drums=[Hit(0, 0, 3)], bass=[Note(0, 40, 5, 2)], lead=[Note(0, 72, 5, 2)])
    four = bar(drums=[Hit(0, 0, 3)], bass=[Note(0, 40, 5, 2)], lead=[Note(0, 72, 5, 2)], arp=[Note(0, 72, 5, 2)])
    assert cost.tokens_a_bar([[three, four]], 4)["bars"] == 1
    assert cost.tokens_a_bar([[three, four]], 4)["mean"] == 25
    assert cost.tokens_a_bar([[three, four]])["mean"] == 24
    assert cost.tokens_a_bar([[three]], 4) is None


def test_the_speed_is_that_of_the_chosen_fallback_or_not_measured(tmp_path: Path) -> None:
    path = tmp_path / "bars.json"
    assert cost.measured_speed("abc", path) is None
    engines = [{"engine": "webgpu", "tokensPerSecond": 900, "barsPerBarTime": 9, "chosen": False},
               {"engine": "wasm", "tokensPerSecond": 140, "barsPerBarTime": 2.5, "chosen": True}]
    path.write_text(json.dumps({"model": "abc", "engines": engines}))
    speed = cost.measured_speed("abc", path)
    assert (speed["engine"], speed["barsPerBarTime"], speed["theseWeights"]) == ("wasm", 2.5, True)


def test_floats_are_rounded_wherever_they_stand() -> None:
    assert rounded({"a": [1.234567, (2, None)], "b": {"c": 123456.7}}) == {"a": [1.2346, [2, None]], "b": {"c": 123460.0}}


def test_the_report_says_plainly_what_is_met_and_what_is_not(tmp_path: Path) -> None:
    answers = {
        "validity": {"asPlayed": {"share": 0.0, "tokens": 20000}, "raw": {"share": 0.02, "tokens": 20000}, "met": {"asPlayed": True, "raw": False}},
        "cost": {"fourTracks": {"mean": 90.4, "median": 91.0}, "speed": None, "met": {"tokens": True}},
    }
    evaluation = {
        "model": "kqv-small", "sha256": "0" * 64, "quick": False, "questions": answers, "summary": report.summary_rows(answers),
        "sampling": {"asPlayed": {"temperature": 0.95, "form": 0.5, "drums": 0.8, "pitch": 1.3, "top_p": 0.98, "min_p": 0.02,
                                  "scale_lock": 0.5, "silence_penalty": 2.0, "answering_form": 0.4, "answering_drums": 0.3,
                                  "answering_silence": [0.1, 0.2, 0.6]}},
    }
    curve = [{"step": 0, "train": 5.0}, {"step": 20, "train": 2.0}, {"step": 20, "validation": {"composed": 1.0, "electronic": 2.0}}]
    report.write_report(tmp_path, evaluation, {"curve": curve})
    text = (tmp_path / "README.md").read_text()
    assert "2 of 3 aims met" in text
    assert "| 2.000% of 20,000 | not met |" in text
    assert "silence of chords, lead and arp loses 0.1, 0.2 and 0.6 of" in text
    assert "| not measured yet | no aim |" in text
    assert "validation: electronic" in (tmp_path / "loss.svg").read_text()
