"""Sampling under the grammar: many takes in one batch, controls forced in every bar's head, densities forced on request.

How a token is drawn stands in drawing.py.
"""

from __future__ import annotations

from collections import deque
from dataclasses import dataclass, field
from typing import NamedTuple, Sequence

import numpy as np

from .decoding import MOST_TAKEN_BACK, StepDecoder
from .drawing import CORE_TRACKS, RESTING_BARS, WORN_BARS, Rules, Sampling, choose
from .grammar import GrammarWalk
from .language import COMPOSED_TRACKS, CONTROL_FAMILIES, Bar, music_text, parse_bars, vocabulary
from .model import Decoder

#: A bar that reaches this many tokens is made to end.
LONGEST_BAR = 440

#: Steps of noise that a take draws at once.
NOISE_STEPS = 64

#: Six controls of a bar in the order of CONTROL_FAMILIES; None where the model chooses.
Asked = Sequence[int | None]

#: One density level for each composed track; None where the model chooses.
Densities = Sequence[int | None]


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
    lasted: np.ndarray
    drawn: int
    refused: int
    was_free: bool


class _Demand(NamedTuple):
    """What a bar that is written once more has to do: a core track sounds, a track says everything but a token; -1 for none."""

    sounding: int = -1
    track: int = -1
    token: int = -1


_NO_DEMAND = _Demand()


class _Row:
    """One take on its way through a batch."""

    def __init__(self, index: int, request: TakeRequest) -> None:
        self.index, self.request, self.take = index, request, Take()
        self.forced: deque[int | None] = deque([*request.prompt, vocabulary().token("BAR")])
        self.prompt_left = len(request.prompt)
        self.bars_begun, self.bar_length, self.finished = 0, 0, False
        #: of the bar that is being written: where it began, whether anything sounds in it, what it has to do
        self.bar_start: _BarStart | None = None
        self.bar_sounds, self.demand = False, _NO_DEMAND
        self.latest = deque((music_text(bar) for bar in parse_bars(request.prompt)), maxlen=WORN_BARS)
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

    def demand_of_next_try(self) -> _Demand | None:
        """What the bar that ends has to do when it is written once more; None where it may stay as it is."""
        if not self.request.sampling.rewrites or self.bar_start is None:
            return None
        return self._other_end() if self.bar_sounds else self._sounding()

    def _sounding(self) -> _Demand | None:
        """For a bar in which nothing sounds: a core track that played lately, or the first that nobody has silenced."""
        asked = self.request.densities[self.bars_begun - 1] if self.request.densities else None
        free = [place for place, track in enumerate(CORE_TRACKS) if not asked or asked[COMPOSED_TRACKS.index(track)] is None]
        if self.demand.sounding >= 0 or not free:
            return None
        awake = [place for place in free if self.bar_start.rested[place] + 1 < RESTING_BARS]
        return self.demand._replace(sounding=(awake or free)[0])

    def _other_end(self) -> _Demand | None:
        """For a bar that plays what the last WORN_BARS bars played: the busiest track leaves its last beginning out."""
        if self.demand.track >= 0 or self.bar_length > MOST_TAKEN_BACK:
            return None
        bar = self._bar()
        if len(self.latest) < WORN_BARS or set(self.latest) != {music_text(bar)}:
            return None
        beginnings = {part.track: {event.position for event in (*part.hits, *part.notes)} for part in bar.parts}
        busiest = max(beginnings, key=lambda track: len(beginnings[track]))
        return self.demand._replace(track=COMPOSED_TRACKS.index(busiest), token=vocabulary().token("POS", max(beginnings[busiest])))

    def _bar(self) -> Bar:
        return parse_bars(self.take.tokens[-self.bar_length :])[0]

    def take_back(self, demand: _Demand) -> _BarStart:
        """Forgets the bar that is being written, which is to begin anew and to do what `demand` says."""
        start = self.bar_start
        del self.take.tokens[-self.bar_length :]
        self.take.drawn, self.take.refused = start.drawn, start.refused
        self.bars_begun, self.demand = self.bars_begun - 1, demand
        return start

    def keep_bar(self) -> None:
        """The bar that ends stays."""
        if self.bar_start is not None:
            self.latest.append(music_text(self._bar()))
        self.demand = _NO_DEMAND


def sample_takes(model: Decoder, requests: Sequence[TakeRequest]) -> list[Take]:
    """The takes of `requests`, in their order, written side by side in one batch; what one take writes does not depend on the others."""
    rows = [_Row(index, request) for index, request in enumerate(requests)]
    takes = [row.take for row in rows]
    decoder, walk = StepDecoder(model, len(rows)), GrammarWalk(len(rows))
    rules = Rules([row.request.sampling for row in rows], [row.request.masked for row in rows])
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
                demand = row.demand_of_next_try()
                if demand is not None:
                    decoder.take_back(place, row.bar_length)
                    start = row.take_back(demand)
                    walk.states[place], walk.registers[place] = start.state, start.registers
                    rules.rested[place], rules.heard[place], rules.lasted[place] = start.rested, start.heard, start.lasted
                    was_free = start.was_free
                else:
                    row.keep_bar()
                    row.bar_start = _BarStart(
                        int(walk.states[place]), walk.registers[place].copy(), rules.rested[place].copy(), rules.heard[place].copy(),
                        rules.lasted[place].copy(), row.take.drawn, row.take.refused, was_free)
                rules.sounding[place], rules.without[place] = row.demand.sounding, row.demand[1:]
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


def _draw(logits: np.ndarray, mask: np.ndarray, walk: GrammarWalk, rules: Rules, rows: list[_Row], places: np.ndarray,
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
