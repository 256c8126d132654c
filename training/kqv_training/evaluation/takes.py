"""The takes that the questions listen to: written once for a set of weights, side by side in a few processes, kept on disk."""

from __future__ import annotations

import multiprocessing
from concurrent.futures import ProcessPoolExecutor, as_completed
from dataclasses import dataclass
from pathlib import Path
from typing import Sequence

import numpy as np
import torch

from ..export import load_model
from ..grammar import check_sequence
from ..language import Bar, parse_bars
from ..sample import Take, TakeRequest, sample_takes

#: The most takes written in one batch: more wins nothing on a CPU, since each take reads a cache of its own.
BATCH = 16


@dataclass(frozen=True)
class Unit:
    """Takes written in one batch: the experiment's name, the unit's number and the requests."""

    experiment: str
    number: int
    requests: tuple[TakeRequest, ...]

    @property
    def cost(self) -> int:
        """Bars that the longest of its takes asks for: how long the unit runs, roughly."""
        return max(len(request.controls) for request in self.requests) * (8 + len(self.requests))

    def path(self, folder: Path) -> Path:
        """Where its takes are kept."""
        return folder / f"takes-{self.experiment}-{self.number}.npz"


def units_of(experiment: str, requests: Sequence[TakeRequest], count: int | None = None) -> list[Unit]:
    """The requests dealt out to `count` units (as many as the batch size asks for when None), in turn."""
    number = count or -(-len(requests) // BATCH)
    return [Unit(experiment, i, tuple(requests[i::number])) for i in range(number)]


def _prepare() -> None:
    torch.set_num_threads(1)


def write_unit(model_folder: Path, unit: Unit, folder: Path) -> int:
    """Writes a unit's takes to its file; returns their number of tokens. A MusicLanguageError when a take is not in the language."""
    takes = sample_takes(load_model(model_folder), unit.requests)
    for take in takes:
        check_sequence(take.tokens)
    path = unit.path(folder)
    partial = path.with_suffix(".partial")
    with partial.open("wb") as file:
        np.savez_compressed(
            file, tokens=np.array([token for take in takes for token in take.tokens], dtype=np.uint16),
            lengths=np.array([len(take.tokens) for take in takes]), drawn=np.array([take.drawn for take in takes]),
            refused=np.array([take.refused for take in takes]),
        )
    partial.replace(path)
    return sum(len(take.tokens) for take in takes)


def write_missing(model_folder: Path, units: Sequence[Unit], folder: Path, workers: int) -> None:
    """Writes the units that are not on disk yet, the longest first."""
    folder.mkdir(parents=True, exist_ok=True)
    missing = sorted((unit for unit in units if not unit.path(folder).exists()), key=lambda unit: -unit.cost)
    if not missing:
        return
    context = multiprocessing.get_context("spawn")
    with ProcessPoolExecutor(min(workers, len(missing)), mp_context=context, initializer=_prepare) as pool:
        running = {pool.submit(write_unit, model_folder, unit, folder): unit for unit in missing}
        for done in as_completed(running):
            unit = running[done]
            print(f"  {unit.experiment} {unit.number}: {len(unit.requests)} takes, {done.result():,} tokens", flush=True)


def read_takes(units: Sequence[Unit], folder: Path) -> list[Take]:
    """The takes of an experiment's units, in the order of its requests."""
    by_unit = []
    for unit in units:
        with np.load(unit.path(folder)) as stored:
            ends = stored["lengths"].cumsum()
            cut = np.split(stored["tokens"], ends[:-1])
            by_unit.append([
                Take(tokens.tolist(), int(drawn), int(refused))
                for tokens, drawn, refused in zip(cut, stored["drawn"], stored["refused"])
            ])
    count = sum(map(len, by_unit))
    return [by_unit[i % len(units)][i // len(units)] for i in range(count)]


def bars_of(takes: Sequence[Take]) -> list[list[Bar]]:
    """The bars of every take."""
    return [parse_bars(take.tokens) for take in takes]
