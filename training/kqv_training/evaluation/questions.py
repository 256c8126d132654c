"""The questions: which takes each listens to, and who answers it."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Callable, Sequence

from ..sample import Take, TakeRequest
from . import cost, endurance, modelling, obedience, originality, resemblance, validity
from .takes import bars_of, read_takes


@dataclass(frozen=True)
class Scale:
    """How much is sampled. Excerpts, forced takes and fitting songs are by style."""

    excerpts: int = 8
    raw_excerpts: int = 4
    scheduled_bars: int = 1000
    left_alone_bars: int = 200
    forced: int = 3
    steered_streams: int = 56
    steered_phrases: int = 6
    free_streams: int = 10
    free_bars: int = 36
    fitting_songs: int = 120
    modelling_songs: int = 4
    modelling_other_tokens: int = modelling.OTHER_SOURCE_TOKENS
    modelling_composed_tokens: int = modelling.COMPOSED_TOKENS


FULL = Scale()
QUICK = Scale(excerpts=3, raw_excerpts=2, scheduled_bars=100, left_alone_bars=24, forced=2, steered_streams=8, free_streams=6,
              free_bars=16, fitting_songs=12, modelling_songs=1, modelling_other_tokens=4_000, modelling_composed_tokens=0)

#: By experiment: its requests, and in how many batches they are written (None: as few as there can be).
EXPERIMENTS: dict[str, tuple[Callable[[Scale], list[TakeRequest]], int | None]] = {
    # A core each: the long takes are what takes longest.
    "endurance": (lambda scale: [*endurance.scheduled_requests(scale.scheduled_bars),
                                 *endurance.left_alone_requests(scale.left_alone_bars)], 2),
    "played": (lambda scale: resemblance.played_requests(scale.excerpts), None),
    "raw": (lambda scale: resemblance.raw_requests(scale.raw_excerpts), None),
    "forced": (lambda scale: obedience.forced_requests(scale.forced), None),
    "steered": (lambda scale: obedience.steered_requests(scale.steered_streams, scale.steered_phrases), None),
    "free": (lambda scale: validity.free_requests(scale.free_streams, scale.free_bars), None),
}


class Listening:
    """The takes of an evaluation, once they are written to `folder`."""

    def __init__(self, scale: Scale, folder: Path) -> None:
        self.scale, self.folder = scale, folder
        self._requests: dict[str, list[TakeRequest]] = {}

    def requests(self, experiment: str) -> list[TakeRequest]:
        """What an experiment asks for."""
        if experiment not in self._requests:
            self._requests[experiment] = EXPERIMENTS[experiment][0](self.scale)
        return self._requests[experiment]

    def takes(self, experiment: str) -> list[Take]:
        """The written takes of an experiment, in the order of its requests."""
        return read_takes(self.requests(experiment), self.folder)

    def bars(self, experiment: str) -> list:
        """The bars of an experiment's takes."""
        return bars_of(self.takes(experiment))


@dataclass(frozen=True)
class Question:
    """A question in words, the experiments it listens to, and its answer from (listening, model folder, hash of the weights)."""

    words: str
    experiments: Sequence[str]
    answer: Callable[[Listening, Path, str], dict]


def _modelling(listening: Listening, folder: Path, digest: str) -> dict:
    scale = listening.scale
    return modelling.answer(folder, scale.modelling_songs, scale.modelling_other_tokens, scale.modelling_composed_tokens)


def _resemblance(listening: Listening, folder: Path, digest: str) -> dict:
    scale = listening.scale
    return resemblance.answer(listening.bars("played"), listening.bars("raw"), scale.excerpts, scale.raw_excerpts)


def _obedience(listening: Listening, folder: Path, digest: str) -> dict:
    scale = listening.scale
    held_out = [excerpt.rest for excerpt in resemblance.excerpts_of(scale.excerpts)]
    return obedience.answer(listening.bars("forced"), listening.bars("steered"), listening.bars("played"), listening.bars("raw"),
                            held_out, scale.steered_phrases, scale.fitting_songs)


def _endurance(listening: Listening, folder: Path, digest: str) -> dict:
    takes = listening.bars("endurance")
    return endurance.answer(takes[: len(takes) // 2], takes[len(takes) // 2 :])


def _originality(listening: Listening, folder: Path, digest: str) -> dict:
    return originality.answer([bars for name in ("endurance", "played", "raw", "steered", "forced") for bars in listening.bars(name)])


def _validity(listening: Listening, folder: Path, digest: str) -> dict:
    return validity.answer(listening.takes("free"))


def _cost(listening: Listening, folder: Path, digest: str) -> dict:
    return cost.answer([*listening.bars("played"), *listening.bars("endurance")], digest)


QUESTIONS = {
    "modelling": Question("Does it model music?", (), _modelling),
    "resemblance": Question("Does it sound like the corpus?", ("played", "raw"), _resemblance),
    "obedience": Question("Does it obey?", ("forced", "steered", "played", "raw"), _obedience),
    "endurance": Question("Does it last?", ("endurance",), _endurance),
    "originality": Question("Is it its own?", ("endurance", "played", "raw", "steered", "forced"), _originality),
    "validity": Question("Is it valid?", ("free",), _validity),
    "cost": Question("Is it affordable?", ("played", "endurance"), _cost),
}
