"""Sampling under the grammar: many takes in one batch, controls forced in every bar's head, densities forced on request.

`AS_PLAYED` is what the application does by default (src/lib/controls/parameters.ts, src/lib/generate/constraints.ts); `RAW` is
the model's own distribution under the grammar alone.
"""

from __future__ import annotations

from collections import deque
from dataclasses import dataclass, field
from functools import lru_cache
from typing import NamedTuple, Sequence

import numpy as np

from .composer.harmony import SCALES
from .decoding import StepDecoder
from .grammar import GrammarWalk, grammar
from .language import COMPOSED_TRACKS, CONTROL_FAMILIES, vocabulary
from .model import Decoder

#: What a full scale lock takes from the logit of a pitch outside the scale, as constraints.ts has it.
SCALE_PENALTY = 6.0

#: After these a pitch has to come, or what a pitch is to have, as constraints.ts has it.
BEFORE_PITCH = ("expects note", "after velocity", "after duration")

#: Tracks that are helped to come back when they have been silent for RESTING_BARS, as constraints.ts has it.
CORE_TRACKS, RESTING_BARS = ("drums", "bass", "chords"), 8

#: Bars that answer a new style or section, the one that brings it included, as constraints.ts has it.
ANSWERING_BARS = 8

#: A bar that reaches this many tokens is made to end.
LONGEST_BAR = 440

#: What takes a token's logit out of the draw where the grammar still admits it, as constraints.ts has it.
EXCLUDED = -1e4

#: Steps of noise that a take draws at once.
NOISE_STEPS = 64

#: Six controls of a bar in the order of CONTROL_FAMILIES; None where the model chooses.
Asked = Sequence[int | None]

#: One density level for each composed track; None where the model chooses.
Densities = Sequence[int | None]


@dataclass(frozen=True)
class Sampling:
    """How a token is drawn: temperature, top-p, min-p (the least probability of a token, as a share of the likeliest one's; Nguyen
    et al. 2024), scale lock 0..1, what silence of a resting track loses of its logit, whether a bar in which nothing sounds
    is written once more with a core track that has to. The temperature is multiplied by one number where the model chooses which
    track sounds and how dense it is, by another where it writes drums, and by a third where it chooses the first pitch at a
    position, with its velocity and length. In the ANSWERING_BARS that answer a new style or section, form and drums have
    factors of their own."""

    temperature: float
    top_p: float
    min_p: float
    scale_lock: float
    silence_penalty: float
    rewrites_silence: bool
    form: float = 1.0
    drums: float = 1.0
    pitch: float = 1.0
    answering_form: float = 1.0
    answering_drums: float = 1.0


AS_PLAYED = Sampling(temperature=1.1, top_p=1.0, min_p=0.025, scale_lock=0.2, silence_penalty=2.0, rewrites_silence=True,
                     form=0.8, drums=0.9, pitch=1.12, answering_form=0.5, answering_drums=0.65)
RAW = Sampling(temperature=1.0, top_p=1.0, min_p=0.0, scale_lock=0.0, silence_penalty=0.0, rewrites_silence=False)


@dataclass(frozen=True)
class TakeRequest:
    """A take to be written: the controls of each bar, densities of each bar, tokens (whole bars) to be read first.

    Without `masked` a token is drawn from the whole vocabulary first; where the grammar refuses it, that is counted and another is
    drawn under the mask.
    """

    controls: Sequence[Asked]
    sampling: Sampling
    seed: int
    prompt: Sequence[int] = ()
    densities: Sequence[Densities | None] | None = None
    masked: bool = True


@dataclass
class Take:
    """A written take: the tokens of its bars, how many of them the model chose, and how many of its choices the grammar refused."""

    tokens: list[int] = field(default_factory=list)
    drawn: int = 0
    refused: int = 0


class _BarStart(NamedTuple):
    """Where a take stood before a bar's BAR: what is needed to write the bar once more."""

    state: int
    registers: np.ndarray
    rested: np.ndarray
    heard: np.ndarray
    drawn: int
    refused: int
    was_free: bool


class _Row:
    """One take on its way through a batch."""

    def __init__(self, index: int, request: TakeRequest) -> None:
        self.index, self.request, self.take = index, request, Take()
        self.forced: deque[int | None] = deque([*request.prompt, vocabulary().token("BAR")])
        self.prompt_left = len(request.prompt)
        self.bars_begun, self.bar_length, self.finished = 0, 0, False
        #: of the bar that is being written: where it began, whether anything sounds in it, the core track that has to
        self.bar_start: _BarStart | None = None
        self.bar_sounds, self.sounding = False, -1
        self.noise_source = np.random.default_rng(request.seed)
        self.noise: np.ndarray | None = None

    def next_noise(self, step: int) -> np.ndarray:
        """Gumbel noise [vocabulary] that depends on the take's seed and its own step alone."""
        place = step % NOISE_STEPS
        if place == 0:
            uniform = self.noise_source.random((NOISE_STEPS, vocabulary().size), dtype=np.float32)
            self.noise = -np.log(-np.log(uniform + 1e-10) + 1e-10)
        return self.noise[place]

    def receive(self, token: int, was_free: bool) -> None:
        """Takes note of a token and of what it forces on the next ones."""
        words = vocabulary()
        if self.finished:
            return
        if self.prompt_left:
            self.prompt_left -= 1
            return
        family = words.family_of[token]
        if family == "BAR":
            if self.bars_begun == len(self.request.controls):
                self.finished = True
                return
            self.forced.extend(
                None if value is None else words.token(name, value)
                for name, value in zip(CONTROL_FAMILIES, self.request.controls[self.bars_begun])
            )
            self.bars_begun, self.bar_length, self.bar_sounds = self.bars_begun + 1, 0, False
        elif family == "TRACK" and self.request.densities:
            asked = self.request.densities[self.bars_begun - 1]
            track = words.tracks[words.value(token)]
            if asked and track in COMPOSED_TRACKS and (level := asked[COMPOSED_TRACKS.index(track)]) is not None:
                self.forced.append(words.token("DENSITY", level))
        self.bar_sounds |= family in ("HIT", "PITCH")
        self.take.tokens.append(token)
        self.take.drawn += was_free
        self.bar_length += 1

    def needed_track(self) -> int:
        """The core track that has to sound when the bar that ends is empty; -1 where it may stay as it is."""
        if not self.request.sampling.rewrites_silence or self.bar_sounds or self.sounding >= 0 or self.bar_start is None:
            return -1
        asked = self.request.densities[self.bars_begun - 1] if self.request.densities else None
        free = [core for core, track in enumerate(CORE_TRACKS) if not asked or asked[COMPOSED_TRACKS.index(track)] is None]
        awake = [core for core in free if self.bar_start.rested[core] + 1 < RESTING_BARS]
        return (awake or free or [-1])[0]

    def take_back(self, sounding: int) -> _BarStart:
        """Forgets the bar that is being written, which is to begin anew with the core track `sounding`."""
        start = self.bar_start
        del self.take.tokens[-self.bar_length :]
        self.take.drawn, self.take.refused = start.drawn, start.refused
        self.bars_begun, self.sounding = self.bars_begun - 1, sounding
        return start


def outside_scale() -> np.ndarray:
    """Which tokens are pitches outside a scale, boolean [keys, modes, vocabulary]; nothing is outside `chromatic`."""
    words = vocabulary()
    outside = np.zeros((len(words.keys), len(words.modes), words.size), dtype=bool)
    first = words.start["PITCH"]
    for mode, name in enumerate(words.modes):
        for key in range(len(words.keys)):
            inside = {(key + step) % 12 for step in SCALES.get(name, range(12))}
            outside[key, mode, first : first + words.count["PITCH"]] = [
                (words.pitch_min + i) % 12 not in inside for i in range(words.count["PITCH"])
            ]
    return outside


def choose(scores: np.ndarray, top_p: np.ndarray, noise: np.ndarray, min_p: np.ndarray | float = 0.0) -> np.ndarray:
    """A token of every row: a sample of softmax(scores) cut by top-p and min-p, as argmax of scores + Gumbel noise.

    `scores` and `noise` [rows, vocabulary], excluded tokens at -inf; `top_p`, `min_p` [rows]. A token stays where the tokens above
    it hold less than top-p of the mass, and its probability is at least min-p of the likeliest one's.
    """
    probability = np.exp(scores - scores.max(1, keepdims=True))
    limit = top_p * probability.sum(1)
    least = np.broadcast_to(min_p, len(scores))[:, None]
    noisy = np.where(probability >= least, scores + noise, -np.inf)
    rows = np.arange(len(scores))
    chosen = noisy.argmax(1)
    while True:
        above = np.where(probability > probability[rows, chosen][:, None], probability, 0).sum(1)
        cut = np.flatnonzero((above >= limit) & (top_p < 1) & (above > 0))
        if len(cut) == 0:
            return chosen
        noisy[cut, chosen[cut]] = -np.inf
        chosen[cut] = noisy[cut].argmax(1)


@lru_cache(maxsize=None)
def state_temperature(sampling: Sampling) -> np.ndarray:
    """The temperature in each state of the grammar [2, states]: in a bar that goes on, in one that answers a change."""
    def of(name: str, form: float, drums: float) -> float:
        if name.endswith(("bar body", "expects density")):
            return sampling.temperature * form
        if name.startswith("drums:"):
            return sampling.temperature * drums
        return sampling.temperature * (sampling.pitch if name.endswith(BEFORE_PITCH) else 1.0)

    factors = (sampling.form, sampling.drums), (sampling.answering_form, sampling.answering_drums)
    return np.array([[of(name, *both) for name in grammar().state_names] for both in factors], dtype=np.float32)


class _Rules:
    """What holds a batch's draws beside the grammar: scale lock, return of silent core tracks, no guest, no outro."""

    def __init__(self, rows: Sequence[_Row]) -> None:
        words, table = vocabulary(), grammar()
        settings = [row.request.sampling for row in rows]
        #: [rows, 2, states of the grammar], as state_temperature has it
        self.temperature = np.stack([state_temperature(one) for one in settings])
        self.top_p = np.array([one.top_p for one in settings], dtype=np.float32)
        self.min_p = np.array([one.min_p for one in settings], dtype=np.float32)
        self.lock = np.array([one.scale_lock * SCALE_PENALTY for one in settings], dtype=np.float32)
        self.silence = np.array([one.silence_penalty for one in settings], dtype=np.float32)
        self.masked = np.array([row.request.masked for row in rows])
        self.key = np.zeros(len(rows), dtype=int)
        self.bias = np.zeros((len(rows), words.size), dtype=np.float32)
        names = [f"{track}: expects density" for track in CORE_TRACKS]
        self.core = np.array([names.index(name) if name in names else -1 for name in table.state_names])
        #: whole bars since each core track sounded [rows, core tracks]; -1 within a bar in which it does
        self.rested = np.full((len(rows), len(CORE_TRACKS)), -1)
        #: the core track that has to sound in a row's bar; -1 for none
        self.sounding = np.full(len(rows), -1)
        #: style and section of the latest bar, and how many bars they have lasted [rows, 3]; the first bar changes both
        self.heard = np.full((len(rows), 3), -1)
        self.outside = outside_scale()
        self.never = [words.token("TRACK", words.tracks.index("guest")), words.token("SECTION", words.sections.index("outro"))]

    def scores(self, logits: np.ndarray, states: np.ndarray) -> np.ndarray:
        """Logits [rows, vocabulary] after temperature and bias."""
        answers = (self.heard[:, 2] < ANSWERING_BARS).astype(int)
        scores = logits / self.temperature[np.arange(len(states)), answers, states][:, None] + self.bias
        silent, track = vocabulary().token("DENSITY", 0), self.core[states]
        rested = self.rested[np.arange(len(states)), track] >= RESTING_BARS
        scores[:, silent] -= np.where((track >= 0) & rested, self.silence, 0)
        scores[(track >= 0) & (track == self.sounding), silent] = EXCLUDED
        return scores

    def follow(self, tokens: np.ndarray, states: np.ndarray) -> None:
        """Counts rests, notes changes and locks the scale that a bar's head has named; `states` are those before `tokens`."""
        words = vocabulary()
        self.rested[tokens == words.token("BAR")] += 1
        self.heard[tokens == words.token("BAR"), 2] += 1
        for place, family in enumerate(("STYLE", "SECTION")):
            values = tokens - words.start[family]
            changed = (values >= 0) & (values < words.count[family]) & (values != self.heard[:, place])
            self.heard[changed, place] = values[changed]
            self.heard[changed, 2] = 0
        sounding = np.flatnonzero((self.core[states] >= 0) & (tokens != words.token("DENSITY", 0)))
        self.rested[sounding, self.core[states[sounding]]] = -1
        keys = (tokens >= words.start["KEY"]) & (tokens < words.start["KEY"] + words.count["KEY"])
        self.key[keys] = tokens[keys] - words.start["KEY"]
        modes = np.flatnonzero((tokens >= words.start["MODE"]) & (tokens < words.start["MODE"] + words.count["MODE"]))
        if len(modes):
            outside = self.outside[self.key[modes], tokens[modes] - words.start["MODE"]]
            self.bias[modes] = -self.lock[modes, None] * outside

    def keep(self, rows: np.ndarray) -> None:
        """Forgets all rows but these."""
        for name in ("temperature", "top_p", "min_p", "lock", "silence", "masked", "key", "bias", "rested", "heard", "sounding"):
            setattr(self, name, getattr(self, name)[rows])


def sample_takes(model: Decoder, requests: Sequence[TakeRequest]) -> list[Take]:
    """The takes of `requests`, in their order, written side by side in one batch; what one take writes does not depend on the others."""
    rows = [_Row(index, request) for index, request in enumerate(requests)]
    takes = [row.take for row in rows]
    decoder, walk, rules = StepDecoder(model, len(rows)), GrammarWalk(len(rows)), _Rules(rows)
    bar = vocabulary().token("BAR")
    logits = np.zeros((len(rows), vocabulary().size), dtype=np.float32)
    step = 0
    while rows:
        mask = walk.admitted()
        tokens, free = np.empty(len(rows), dtype=int), []
        for place, row in enumerate(rows):
            token = row.forced.popleft() if row.forced else None
            if token is None and row.bar_length >= LONGEST_BAR and mask[place, bar]:
                token = bar
            noise = row.next_noise(step)
            if token is None:
                free.append((place, noise))
            else:
                tokens[place] = token
        if free:
            places = np.array([place for place, _ in free])
            tokens[places] = _draw(logits, mask, walk, rules, rows, places, np.stack([noise for _, noise in free]))
        drawn = set(place for place, _ in free)
        for place, row in enumerate(rows):
            was_free = place in drawn
            if tokens[place] == bar and row.prompt_left == 0 and not row.finished:
                needed = row.needed_track()
                if needed >= 0:
                    decoder.take_back(place, row.bar_length)
                    start = row.take_back(needed)
                    walk.states[place], walk.registers[place] = start.state, start.registers
                    rules.rested[place], rules.heard[place] = start.rested, start.heard
                    was_free = start.was_free
                else:
                    row.sounding = -1
                    row.bar_start = _BarStart(int(walk.states[place]), walk.registers[place].copy(), rules.rested[place].copy(),
                                              rules.heard[place].copy(), row.take.drawn, row.take.refused, was_free)
                rules.sounding[place] = row.sounding
            row.receive(int(tokens[place]), was_free)
        rules.follow(tokens, walk.states)
        walk.advance(tokens)
        logits = decoder.step(tokens)
        step += 1
        going = np.array([not row.finished for row in rows])
        if going.mean() < 0.75 or not going.any():
            kept = np.flatnonzero(going)
            rows, logits = [rows[i] for i in kept], logits[kept]
            walk.states, walk.registers = walk.states[kept], walk.registers[kept]
            rules.keep(kept)
            decoder.keep(kept)
    return takes


def _draw(logits: np.ndarray, mask: np.ndarray, walk: GrammarWalk, rules: _Rules, rows: list[_Row], places: np.ndarray,
          noise: np.ndarray) -> np.ndarray:
    """The tokens that the rows at `places` choose; refusals of the grammar are counted on the way."""
    scores = rules.scores(logits, walk.states)[places]
    top_p, min_p, allowed = rules.top_p[places], rules.min_p[places], mask[places].copy()
    unmasked = np.flatnonzero(~rules.masked[places])
    first = choose(scores[unmasked], top_p[unmasked], noise[unmasked], min_p[unmasked]) if len(unmasked) else np.empty(0, dtype=int)
    for place, token in zip(unmasked, first):
        row = rows[places[place]]
        row.take.refused += bool(not allowed[place, token] and not row.finished)
    held = rules.masked[places]
    for token in rules.never:
        alone = allowed[:, token] & (allowed.sum(1) == 1)
        allowed[held & ~alone, token] = False
    tokens = choose(np.where(allowed, scores, -np.inf), top_p, noise, min_p)
    kept = allowed[unmasked, first]
    tokens[unmasked[kept]] = first[kept]
    return tokens
