"""The takes that the questions listen to: written once for a set of weights, side by side in a few processes, kept on disk.

A take is kept under a hash of its request, so that what was written serves again when other requests change.
"""

from __future__ import annotations

import hashlib
import json
import multiprocessing
from concurrent.futures import ProcessPoolExecutor, as_completed
from dataclasses import asdict, dataclass
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
    """Takes written in one batch, and the experiment they belong to."""

    experiment: str
    requests: tuple[TakeRequest, ...]

    @property
    def cost(self) -> int:
        """Bars that the longest of its takes asks for, weighed by the batch: how long the unit runs, roughly."""
        return max(len(request.controls) for request in self.requests) * (8 + len(self.requests))


def take_path(request: TakeRequest, folder: Path) -> Path:
    """Where the take of a request is kept."""
    asked = json.dumps(asdict(request), default=int, sort_keys=True)
    return folder / f"{hashlib.sha256(asked.encode()).hexdigest()[:24]}.npz"


def units_of(experiment: str, requests: Sequence[TakeRequest], count: int | None = None) -> list[Unit]:
    """The requests dealt out to `count` units (as many as the batch size asks for when None), in turn."""
    number = min(len(requests), count or -(-len(requests) // BATCH))
    return [Unit(experiment, tuple(requests[i::number])) for i in range(number)]


def _prepare() -> None:
    torch.set_num_threads(1)


def store_take(take: Take, path: Path) -> None:
    """Writes a take whole or not at all; a MusicLanguageError when it is not in the language."""
    check_sequence(take.tokens)
    partial = path.with_suffix(".partial")
    with partial.open("wb") as file:
        np.savez_compressed(file, tokens=np.array(take.tokens, dtype=np.uint16), counts=np.array([take.drawn, take.refused]))
    partial.replace(path)


def write_unit(model_folder: Path, unit: Unit, folder: Path) -> int:
    """Writes and keeps a unit's takes; returns their number of tokens."""
    takes = sample_takes(load_model(model_folder), unit.requests)
    for request, take in zip(unit.requests, takes):
        store_take(take, take_path(request, folder))
    return sum(len(take.tokens) for take in takes)


def write_missing(model_folder: Path, experiments: dict[str, tuple[Sequence[TakeRequest], int | None]], folder: Path, workers: int) -> None:
    """Writes the takes of experiments (requests, number of batches) that are not kept in `folder` yet, the longest batches first."""
    folder.mkdir(parents=True, exist_ok=True)
    units = []
    for name, (requests, count) in experiments.items():
        units += units_of(name, [request for request in requests if not take_path(request, folder).exists()], count)
    if not units:
        return
    context = multiprocessing.get_context("spawn")
    with ProcessPoolExecutor(min(workers, len(units)), mp_context=context, initializer=_prepare) as pool:
        running = {pool.submit(write_unit, model_folder, unit, folder): unit for unit in sorted(units, key=lambda unit: -unit.cost)}
        for done in as_completed(running):
            print(f"  {running[done].experiment}: {len(running[done].requests)} takes, {done.result():,} tokens", flush=True)


def read_takes(requests: Sequence[TakeRequest], folder: Path) -> list[Take]:
    """The kept takes of requests."""
    takes = []
    for request in requests:
        with np.load(take_path(request, folder)) as stored:
            drawn, refused = stored["counts"].tolist()
            takes.append(Take(stored["tokens"].tolist(), drawn, refused))
    return takes


def bars_of(takes: Sequence[Take]) -> list[list[Bar]]:
    """The bars of every take."""
    return [parse_bars(take.tokens) for take in takes]
