"""Takes obey what forces them, keep to the grammar, and do not depend on what is written beside them."""

import re
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
import torch

from kqv_training.decoding import MOST_TAKEN_BACK, StepDecoder
from kqv_training.drawing import (
    ANSWERING_BARS, ANSWERING_LOCK, AS_PLAYED, BEFORE_PITCH, CORE_TRACKS, RARE_TRACKS, RAW, RESTING_BARS, SCALE_PENALTY, WORN_BARS, Rules,
    Sampling, choose, outside_scale, state_temperature,
)
from kqv_training import sample
from kqv_training.evaluation import takes, validity
from kqv_training.fixtures import TINY_SHAPE
from kqv_training.grammar import check_sequence, grammar
from kqv_training.language import COMPOSED_TRACKS, CONTROL_FAMILIES, Controls, encode_bar, music_text, parse_bars, vocabulary
from kqv_training.model import Decoder
from kqv_training.openings import opening
from kqv_training.sample import Take, TakeRequest, sample_takes

SOURCES = Path(__file__).resolve().parents[2] / "src/lib"


@pytest.fixture(scope="module")
def tiny() -> Decoder:
    torch.manual_seed(4)
    return Decoder(replace(TINY_SHAPE, vocab_size=vocabulary().size)).eval()


def house(bars: int, **changes: int) -> list[Controls]:
    words = vocabulary()
    return [Controls(0, words.sections.index("drop"), 6, 11, 9, words.modes.index("minor"))._replace(**changes)] * bars


@torch.no_grad()
def test_steps_equal_the_reading_of_the_whole_beyond_the_window_and_after_rows_were_dropped(tiny: Decoder) -> None:
    tokens = torch.randint(0, tiny.shape.vocab_size, (3, 45), generator=torch.Generator().manual_seed(1))
    expected = tiny(tokens).numpy()
    decoder = StepDecoder(tiny, 3)
    for step in range(45):
        if step == 20:
            decoder.keep(np.array([0, 2]))
        rows = [0, 1, 2] if step < 20 else [0, 2]
        assert np.allclose(decoder.step(tokens[rows, step].numpy()), expected[rows, step], atol=1e-4)


@torch.no_grad()
def test_rows_that_took_back_their_last_tokens_go_on_as_if_they_had_never_read_them(tiny: Decoder) -> None:
    tokens = torch.randint(0, tiny.shape.vocab_size, (2, 420), generator=torch.Generator().manual_seed(2))
    expected = tiny(tokens).numpy()
    decoder, at = StepDecoder(tiny, 2), [0, 0]
    for step in range(415):
        if step in (4, 30, 360):  # before the window is full, after it, and after the ring has turned
            count = (4, 23, MOST_TAKEN_BACK)[(4, 30, 360).index(step)]
            decoder.take_back(1, count)
            at[1] -= count
        logits = decoder.step(tokens[[0, 1], at].numpy())
        assert np.allclose(logits, expected[[0, 1], at], atol=1e-4)
        at = [one + 1 for one in at]
    with pytest.raises(ValueError, match="cannot be taken back"):
        decoder.take_back(0, MOST_TAKEN_BACK + 1)


def test_a_bar_in_which_nothing_sounds_is_written_once_more_where_a_core_track_is_free(tiny: Decoder) -> None:
    def silent_bars(sampling: Sampling, densities: list | None = None) -> list[int]:
        """How many of eight bars are silent, in each of twelve takes; a model of random weights often writes no part at all."""
        requests = [TakeRequest(house(8), sampling, seed, densities=densities) for seed in range(12)]
        return [sum(not any(part.hits or part.notes for part in bar.parts) for bar in parse_bars(take.tokens))
                for take in sample_takes(tiny, requests)]

    kept, rewritten = silent_bars(replace(AS_PLAYED, rewrites=False)), silent_bars(AS_PLAYED)
    assert sum(kept) > 15 and sum(rewritten) < 0.6 * sum(kept)
    assert silent_bars(AS_PLAYED, [(0, 0, 0, 0, 0)] * 8) == [8] * 12


class Habit:
    """Stands in for a StepDecoder: it says one bar again and again, or next to it where it may not."""

    bar = opening("house")["tokens"][: len(encode_bar(parse_bars(opening("house")["tokens"])[0]))]

    def __init__(self, model: Decoder, rows: int) -> None:
        self.read: list[list[int]] = [[] for _ in range(rows)]

    def keep(self, rows: np.ndarray) -> None:
        self.read = [self.read[row] for row in rows]

    def take_back(self, row: int, count: int) -> None:
        del self.read[row][-count:]

    def step(self, tokens: np.ndarray) -> np.ndarray:
        words = vocabulary()
        logits = np.zeros((len(self.read), words.size), dtype=np.float32)
        for row, (read, token) in enumerate(zip(self.read, tokens)):
            read.append(int(token))
            begun = len(read) - (len(read) - 1 - read[::-1].index(words.token("BAR")))
            expected = self.bar[begun % len(self.bar)]
            logits[row, [expected, min(expected + 1, words.size - 1)]] = 60, 30
        return logits


def test_a_bar_that_plays_what_the_four_before_it_played_is_written_once_more_and_ends_otherwise(
    tiny: Decoder, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(sample, "StepDecoder", Habit)
    plain = parse_bars(Habit.bar)[0]
    drums = max(hit.position for hit in plain.parts[0].hits)
    controls = [tuple(plain.controls)] * 11

    def changes(sampling: Sampling, **more) -> list[bool]:
        takes = sample_takes(tiny, [TakeRequest(controls, sampling, 1, **more)] * 2)
        bars = parse_bars(takes[0].tokens)
        assert takes[1] == takes[0] and len(bars) == 11
        assert "densities" in more or takes[0].drawn == len(takes[0].tokens) - 6 * 11 - 1
        changed = [music_text(bar) != music_text(plain) for bar in bars]
        assert changed == [drums not in {hit.position for hit in bar.parts[0].hits} for bar in bars]
        return changed

    four = [False] * 4
    assert changes(AS_PLAYED) == [*four, True, *four, True, False]
    assert changes(AS_PLAYED, prompt=Habit.bar * 2) == [False, False, True, *four, True, False, False, False]
    assert changes(AS_PLAYED, densities=[tuple(part.density for part in plain.parts)] * 11) == [*four, True, *four, True, False]
    assert not any(changes(replace(AS_PLAYED, rewrites=False)))


def test_takes_are_whole_bars_under_their_controls_and_what_the_model_chose_is_counted(tiny: Decoder) -> None:
    request = TakeRequest(house(3, key=4), AS_PLAYED, 1)
    take = sample_takes(tiny, [request])[0]
    check_sequence(take.tokens)
    bars = parse_bars(take.tokens)
    assert [bar.controls for bar in bars] == request.controls
    assert take.drawn == len(take.tokens) - 6 * len(bars) - 1
    assert take.refused == 0


def test_what_a_take_writes_does_not_depend_on_the_takes_beside_it(tiny: Decoder) -> None:
    request = TakeRequest(house(2), RAW, 5)
    alone = sample_takes(tiny, [request])[0]
    beside = sample_takes(tiny, [TakeRequest(house(4, style=1), RAW, 6), request, TakeRequest(house(1), RAW, 7)])[1]
    assert alone.tokens == beside.tokens


def test_forced_densities_stand_in_every_part_that_is_written(tiny: Decoder) -> None:
    levels = [(0, 1, 2, 3, 4), (7, 6, 5, 4, None)]
    bars = parse_bars(sample_takes(tiny, [TakeRequest(house(2), RAW, 2, densities=levels)])[0].tokens)
    for asked, bar in zip(levels, bars):
        for part in bar.parts:
            level = asked[COMPOSED_TRACKS.index(part.track)]
            assert level is None or part.density == level


def test_a_prompt_is_read_and_not_returned(tiny: Decoder) -> None:
    prompt = opening("acid")["tokens"]
    plain, prompted = sample_takes(tiny, [TakeRequest(house(6), RAW, 3), TakeRequest(house(6), RAW, 3, prompt)])
    assert len(parse_bars(prompted.tokens)) == 6
    assert plain.tokens != prompted.tokens


def test_what_is_not_asked_the_model_chooses_but_never_an_outro_or_a_guest(tiny: Decoder) -> None:
    words = vocabulary()
    take = sample_takes(tiny, [TakeRequest([(2, None, None, 11, None, None)] * 20, AS_PLAYED, 8)])[0]
    bars = parse_bars(take.tokens)
    assert {bar.controls.style for bar in bars} == {2}
    assert len({bar.controls.key for bar in bars}) > 1
    assert words.sections.index("outro") not in {bar.controls.section for bar in bars}
    assert "guest" not in {part.track for bar in bars for part in bar.parts}


def test_without_the_mask_refusals_are_counted_and_the_take_still_keeps_to_the_grammar(tiny: Decoder) -> None:
    take = sample_takes(tiny, [TakeRequest([(None,) * 6] * 3, RAW, 9, masked=False)])[0]
    check_sequence(take.tokens)
    assert 0.3 < take.refused / take.drawn <= 1


def test_the_nucleus_is_cut_and_what_remains_is_drawn_in_proportion() -> None:
    probabilities = np.array([0.5, 0.3, 0.15, 0.05])
    count = 20_000
    noise = np.random.default_rng(1).gumbel(size=(count, 4))
    scores = np.log(np.repeat(probabilities[None], count, 0))
    shares = np.bincount(choose(scores, np.full(count, 0.7), noise), minlength=4) / count
    assert shares == pytest.approx([0.625, 0.375, 0, 0], abs=0.02)
    whole = np.bincount(choose(scores, np.ones(count), noise), minlength=4) / count
    assert whole == pytest.approx(probabilities, abs=0.02)
    likely = np.bincount(choose(scores, np.ones(count), noise, np.full(count, 0.2)), minlength=4) / count
    assert likely == pytest.approx(np.array([0.5, 0.3, 0.15, 0]) / 0.95, abs=0.02)


def test_the_scale_lock_holds_back_pitches_outside_the_asked_scale_alone() -> None:
    words = vocabulary()
    outside = outside_scale()
    c_sharp, c = words.token("PITCH", 61 - words.pitch_min), words.token("PITCH", 60 - words.pitch_min)
    assert outside[0, words.modes.index("major"), c_sharp] and not outside[0, words.modes.index("major"), c]
    assert not outside[0, words.modes.index("chromatic")].any()
    assert not outside[:, :, : words.start["PITCH"]].any()


def test_as_played_is_what_the_application_does_by_default() -> None:
    parameters = (SOURCES / "controls/parameters.ts").read_text()
    constraints = (SOURCES / "generate/constraints.ts").read_text()

    def default(name: str) -> float:
        return float(re.search(rf"'model\.{name}'(?:, [^,]+){{5}}, ([\d.]+)", parameters)[1])

    assert default("temperature") == AS_PLAYED.temperature
    assert default("topP") == AS_PLAYED.top_p
    assert float(re.search(r"MIN_P = ([\d.]+)", constraints)[1]) == AS_PLAYED.min_p
    for name in ("form", "drum", "pitch", "answering_form", "answering_drum"):
        factor = float(re.search(rf"const {name.upper()}_TEMPERATURE = ([\d.]+)", constraints)[1])
        assert factor == getattr(AS_PLAYED, name.replace("drum", "drums"))
    for name, value in (("ANSWERING_BARS", ANSWERING_BARS), ("ANSWERING_LOCK", ANSWERING_LOCK), ("WORN_BARS", WORN_BARS)):
        assert int(re.search(rf"{name} = (\d+)", constraints)[1]) == value
    before_pitch = re.search(r"BEFORE_PITCH = /: \((.*)\)\$/", constraints)[1]
    assert tuple(before_pitch.split("|")) == BEFORE_PITCH
    assert default("scaleLock") / 100 == AS_PLAYED.scale_lock
    assert float(re.search(r"SCALE_PENALTY = ([\d.]+)", constraints)[1]) == SCALE_PENALTY
    assert float(re.search(r"SILENCE_PENALTY = ([\d.]+)", constraints)[1]) == AS_PLAYED.silence_penalty
    assert int(re.search(r"RESTING_BARS = (\d+)", constraints)[1]) == RESTING_BARS
    losses = re.findall(r"(\w+): ([\d.]+)", re.search(r"ANSWERING_SILENCE: .* = \{(.*)\}", constraints)[1])
    assert [(track, float(loss)) for track, loss in losses] == list(zip(RARE_TRACKS, AS_PLAYED.answering_silence))
    assert tuple(re.findall(r"'(\w+)'", re.search(r"CORE_TRACKS: .* = \[(.*)\]", constraints)[1])) == CORE_TRACKS


def test_bars_that_answer_a_new_style_or_section_are_drawn_colder_and_no_others() -> None:
    words, names = vocabulary(), grammar().state_names
    rules = Rules([AS_PLAYED], [True])
    form, drums = names.index("bass: expects density"), names.index("drums: after hit")
    logits = np.ones((1, words.size), dtype=np.float32)

    def temperatures(**changes: int) -> tuple[float, float]:
        head = house(1)[0]._replace(**changes)
        tokens = [words.token("BAR"), words.token("STYLE", head.style), words.token("SECTION", head.section), words.token("ENERGY", head.energy)]
        for token in tokens:
            rules.follow(np.array([token]), np.array([names.index("bar body")]))
        bar = words.token("BAR")
        return tuple(round(float(1 / rules.scores(logits, np.array([state]))[0, bar]), 3) for state in (form, drums))

    settled, answering = (tuple(round(float(row[state]), 3) for state in (form, drums)) for row in state_temperature(AS_PLAYED))
    assert answering < settled
    assert [temperatures() for _ in range(12)] == [answering] * ANSWERING_BARS + [settled] * (12 - ANSWERING_BARS)
    assert temperatures(energy=1) == settled
    build = {"section": words.sections.index("build")}
    assert [temperatures(**build) for _ in range(9)] == [answering] * ANSWERING_BARS + [settled]
    assert temperatures(**build, style=2) == answering


def test_silence_of_rare_tracks_is_held_back_in_bars_that_answer_a_new_style_or_section_alone() -> None:
    words, names = vocabulary(), grammar().state_names
    rules = Rules([AS_PLAYED, RAW], [True] * 2)
    silent = words.token("DENSITY", 0)

    def held_back() -> dict[str, list[float]]:
        """By pitched track what silence loses in both rows, in one more bar of which nobody has rested."""
        rules.rested[:] = -1
        for token in (words.token("BAR"), *(words.token(name, value) for name, value in zip(CONTROL_FAMILIES, house(1)[0]))):
            rules.follow(np.full(2, token), np.full(2, names.index("bar body")))
        states = {track: names.index(f"{track}: expects density") for track in COMPOSED_TRACKS[1:]}
        logits = np.zeros((2, words.size), dtype=np.float32)
        return {track: rules.scores(logits, np.full(2, state))[:, silent].tolist() for track, state in states.items()}

    losses = dict(zip(RARE_TRACKS, AS_PLAYED.answering_silence))
    answering = {track: [pytest.approx(-losses.get(track, 0)), 0] for track in COMPOSED_TRACKS[1:]}
    settled = {track: [0, 0] for track in COMPOSED_TRACKS[1:]}
    assert [held_back() for _ in range(ANSWERING_BARS + 2)] == [answering] * ANSWERING_BARS + [settled] * 2


def test_the_scale_lock_is_stronger_in_bars_that_answer_a_new_key_or_mode_and_nowhere_else() -> None:
    words, names = vocabulary(), grammar().state_names
    rules = Rules([replace(AS_PLAYED, scale_lock=lock) for lock in (0, 0.2, 0.5)], [True] * 3)

    def locks(**changes: int) -> list[float]:
        head = house(1)[0]._replace(**changes)
        for token in (words.token("BAR"), *(words.token(name, value) for name, value in zip(CONTROL_FAMILIES, head))):
            rules.follow(np.full(3, token), np.full(3, names.index("bar body")))
        return [round(float(-row.min() / SCALE_PENALTY), 3) for row in rules.bias]

    answering, settled = [0, round(0.2 * ANSWERING_LOCK, 3), 1], [0, 0.2, 0.5]
    assert [locks() for _ in range(10)] == [answering] * ANSWERING_BARS + [settled] * 2
    assert locks(style=3, section=1, energy=2) == settled
    assert [locks(key=2) for _ in range(9)] == [answering] * ANSWERING_BARS + [settled]
    assert locks(key=2, mode=words.modes.index("dorian")) == answering


def test_a_core_track_that_rests_for_long_is_helped_to_come_back(tiny: Decoder) -> None:
    resting = [(0, 2, 0, 2, 2)] * RESTING_BARS
    read = parse_bars(sample_takes(tiny, [TakeRequest(house(RESTING_BARS), RAW, 5, densities=resting)])[0].tokens)

    def silences(penalty: float, bars_read: int) -> dict[str, int]:
        """How many of 60 takes silence each track in their first bar."""
        prompt = [token for bar in read[RESTING_BARS - bars_read :] for token in encode_bar(bar)]
        sampling = replace(RAW, silence_penalty=penalty)
        bars = [parse_bars(take.tokens)[0] for take in sample_takes(tiny, [TakeRequest(house(1), sampling, i, prompt) for i in range(60)])]
        return {track: sum(part.track == track and part.density == 0 for bar in bars for part in bar.parts) for track in COMPOSED_TRACKS}

    free, helped = silences(0, RESTING_BARS), silences(50, RESTING_BARS)
    assert free["drums"] > 0 and helped["drums"] == 0
    assert helped["bass"] > 0
    assert silences(50, RESTING_BARS - 1) == silences(0, RESTING_BARS - 1)


def test_takes_come_back_in_the_order_of_their_requests_however_they_were_batched(
    tiny: Decoder, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(takes, "load_model", lambda folder: tiny)
    requests = [TakeRequest(house(1, energy=i), RAW, i) for i in range(5)]
    units = takes.units_of("some", requests, 2)
    assert [len(unit.requests) for unit in units] == [3, 2]
    for unit in units:
        takes.write_unit(tmp_path, unit, tmp_path)
    read = takes.read_takes(requests, tmp_path)
    assert [bars[0].controls.energy for bars in takes.bars_of(read)] == [0, 1, 2, 3, 4]
    assert read[3] == sample_takes(tiny, [requests[3]])[0]


def test_only_a_request_with_the_same_words_finds_a_kept_take(tmp_path: Path) -> None:
    request = TakeRequest(house(2), RAW, 1)
    path = takes.take_path(request, tmp_path)
    assert takes.take_path(TakeRequest([tuple(one) for one in house(2)], RAW, 1), tmp_path) == path
    changes = ({"seed": 2}, {"prompt": (0,)}, {"sampling": AS_PLAYED}, {"masked": False}, {"controls": house(3)}, {"densities": [None, None]})
    assert len({takes.take_path(replace(request, **change), tmp_path) for change in changes} - {path}) == len(changes)


def test_what_is_kept_is_not_written_again(tmp_path: Path) -> None:
    requests = [TakeRequest(house(1), RAW, seed) for seed in range(3)]
    for request in requests:
        takes.store_take(Take([], 0, 0), takes.take_path(request, tmp_path))
    takes.write_missing(tmp_path / "no model here", {"some": (requests, None)}, tmp_path, 2)


def test_validity_is_the_share_of_refused_choices_for_each_setting() -> None:
    result = validity.answer([Take([], 1000, 0), Take([], 1000, 1), Take([], 500, 3), Take([], 500, 3)])
    assert result["asPlayed"]["share"] == 0.0005 and result["met"]["asPlayed"]
    assert result["raw"]["share"] == 0.006 and not result["met"]["raw"]
