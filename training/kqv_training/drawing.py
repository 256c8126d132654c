"""How a token is drawn: temperatures by the state of the grammar, scale lock, helped returns, top-p and min-p, for many takes at once.

`AS_PLAYED` is what the application does by default (src/lib/controls/parameters.ts, src/lib/generate/constraints.ts); `RAW` is
the model's own distribution under the grammar alone.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache
from typing import Sequence

import numpy as np

from .composer.harmony import SCALES
from .grammar import grammar
from .language import COMPOSED_TRACKS, vocabulary

#: What a full scale lock takes from the logit of a pitch outside the scale, as constraints.ts has it.
SCALE_PENALTY = 6.0

#: After these a pitch has to come, or what a pitch is to have, as constraints.ts has it.
BEFORE_PITCH = ("expects note", "after velocity", "after duration")

#: Tracks that are helped to come back when they have been silent for RESTING_BARS, as constraints.ts has it.
CORE_TRACKS, RESTING_BARS = ("drums", "bass", "chords"), 8

#: Tracks that sound in about half of the bars or fewer: drawn cold, they would hardly sound at all, as constraints.ts has it.
RARE_TRACKS = ("chords", "lead", "arp")

#: Bars that answer a new style, section, key or mode, the one that brings it included, as constraints.ts has it.
ANSWERING_BARS = 8

#: By what the scale lock is multiplied in bars that answer a new key or mode, as constraints.ts has it.
ANSWERING_LOCK = 3

#: The controls whose changes are answered, by pairs: those that call for another form, those that call for other pitches.
HEARD = ("STYLE", "SECTION", "KEY", "MODE")

#: After so many bars that play the same to the note, the next is not to be the same again, as constraints.ts has it.
WORN_BARS = 4

#: What takes a token's logit out of the draw where the grammar still admits it, as constraints.ts has it.
EXCLUDED = -1e4


@dataclass(frozen=True)
class Sampling:
    """How a token is drawn: temperature, top-p, min-p (the least probability of a token, as a share of the likeliest one's; Nguyen
    et al. 2024), scale lock 0..1, what silence of a resting track loses of its logit, whether a bar is written once more in which
    nothing sounds, or which plays the same as the WORN_BARS before it. The temperature is multiplied by one number where the model chooses which
    track sounds and how dense it is, by another where it writes drums, and by a third where it chooses the first pitch at a
    position, with its velocity and length. In the ANSWERING_BARS that answer a new style or section, form and drums have
    factors of their own, and silence of each of the RARE_TRACKS loses its `answering_silence` of its logit."""

    temperature: float
    top_p: float
    min_p: float
    scale_lock: float
    silence_penalty: float
    rewrites: bool
    form: float = 1.0
    drums: float = 1.0
    pitch: float = 1.0
    answering_form: float = 1.0
    answering_drums: float = 1.0
    answering_silence: tuple[float, ...] = (0.0, 0.0, 0.0)


AS_PLAYED = Sampling(temperature=1.1, top_p=1.0, min_p=0.025, scale_lock=0.2, silence_penalty=2.0, rewrites=True,
                     form=0.8, drums=0.9, pitch=1.12, answering_form=0.65, answering_drums=0.5, answering_silence=(0.35, 0.75, 0.75))
RAW = Sampling(temperature=1.0, top_p=1.0, min_p=0.0, scale_lock=0.0, silence_penalty=0.0, rewrites=False)


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


class Rules:
    """What holds a batch's draws beside the grammar: scale lock, return of silent core tracks, no guest, no outro."""

    def __init__(self, settings: Sequence[Sampling], masked: Sequence[bool]) -> None:
        words, table, rows = vocabulary(), grammar(), len(settings)
        #: [rows, 2, states of the grammar], as state_temperature has it
        self.temperature = np.stack([state_temperature(one) for one in settings])
        self.top_p = np.array([one.top_p for one in settings], dtype=np.float32)
        self.min_p = np.array([one.min_p for one in settings], dtype=np.float32)
        self.lock = np.array([one.scale_lock * SCALE_PENALTY for one in settings], dtype=np.float32)
        self.silence = np.array([one.silence_penalty for one in settings], dtype=np.float32)
        #: [rows, rare tracks]
        self.answering_silence = np.array([one.answering_silence for one in settings], dtype=np.float32)
        self.masked = np.array(masked)
        self.bias = np.zeros((rows, words.size), dtype=np.float32)
        names = [f"{track}: expects density" for track in CORE_TRACKS]
        self.core = np.array([names.index(name) if name in names else -1 for name in table.state_names])
        #: whole bars since each core track sounded [rows, core tracks]; -1 within a bar in which it does
        self.rested = np.full((rows, len(CORE_TRACKS)), -1)
        #: the core track that has to sound in a row's bar; -1 for none
        self.sounding = np.full(rows, -1)
        rare = [f"{track}: expects density" for track in RARE_TRACKS]
        #: by state, the rare track that says there how dense it is; -1 for none
        self.rare = np.array([rare.index(name) if name in rare else -1 for name in table.state_names])
        tracks = [name.partition(":")[0] for name in table.state_names]
        self.part = np.array([COMPOSED_TRACKS.index(track) if track in COMPOSED_TRACKS else -1 for track in tracks])
        #: the track that may not say a token in a row's bar, and the token [rows, 2]; -1 for none
        self.without = np.full((rows, 2), -1)
        #: style, section, key and mode of the latest bar [rows, 4]
        self.heard = np.full((rows, len(HEARD)), -1)
        #: for how many bars style and section, and key and mode, have been the same [rows, 2]; the first bar changes all
        self.lasted = np.full((rows, 2), -1)
        self.outside = outside_scale()
        self.never = [words.token("TRACK", words.tracks.index("guest")), words.token("SECTION", words.sections.index("outro"))]

    def scores(self, logits: np.ndarray, states: np.ndarray) -> np.ndarray:
        """Logits [rows, vocabulary] after temperature and bias."""
        answers, rows = (self.lasted[:, 0] < ANSWERING_BARS).astype(int), np.arange(len(states))
        scores = logits / self.temperature[rows, answers, states][:, None] + self.bias
        silent, track = vocabulary().token("DENSITY", 0), self.core[states]
        rested = self.rested[rows, track] >= RESTING_BARS
        scores[:, silent] -= np.where((track >= 0) & rested, self.silence, 0)
        scores[(track >= 0) & (track == self.sounding), silent] = EXCLUDED
        rare = self.rare[states]
        scores[:, silent] -= np.where((rare >= 0) & (answers > 0), self.answering_silence[rows, rare], 0)
        held = np.flatnonzero((self.without[:, 0] >= 0) & (self.part[states] == self.without[:, 0]))
        scores[held, self.without[held, 1]] = EXCLUDED
        return scores

    def follow(self, tokens: np.ndarray, states: np.ndarray) -> None:
        """Counts rests, notes changes and locks the scale that a bar's head has named; `states` are those before `tokens`."""
        words = vocabulary()
        self.rested[tokens == words.token("BAR")] += 1
        self.lasted[tokens == words.token("BAR")] += 1
        for place, family in enumerate(HEARD):
            values = tokens - words.start[family]
            changed = (values >= 0) & (values < words.count[family]) & (values != self.heard[:, place])
            self.heard[changed, place] = values[changed]
            self.lasted[changed, place // 2] = 0
        sounding = np.flatnonzero((self.core[states] >= 0) & (tokens != words.token("DENSITY", 0)))
        self.rested[sounding, self.core[states[sounding]]] = -1
        modes = np.flatnonzero((tokens >= words.start["MODE"]) & (tokens < words.start["MODE"] + words.count["MODE"]))
        if len(modes):
            key, mode = self.heard[modes, 2], self.heard[modes, 3]
            lock = self.lock[modes] * np.where(self.lasted[modes, 1] < ANSWERING_BARS, ANSWERING_LOCK, 1)
            self.bias[modes] = -np.minimum(lock, SCALE_PENALTY)[:, None] * self.outside[key, mode]

    def keep(self, rows: np.ndarray) -> None:
        """Forgets all rows but these."""
        for name in ("temperature", "top_p", "min_p", "lock", "silence", "answering_silence", "masked", "bias", "rested", "heard", "lasted", "sounding", "without"):
            setattr(self, name, getattr(self, name)[rows])
