"""Training: stages that each mix the corpus their own way, bf16 autocast, checkpoints that resume, one process or many.

Under `torchrun` every process draws its own rows and gradients are averaged (NCCL on GPUs, Gloo on CPUs). Matrices of the layers are
trained by Muon (Jordan et al. 2024, as torch.optim has it), norms and the embedding by AdamW. The learning rate follows the
stages: each moves linearly from its `rate_from` to its `rate_to`, as shares of the peak. A stage with a `grammar_weight` also pays for
probability on tokens that the grammar refuses, so that the model hardly needs the mask; one with a `steering_weight` counts the
answers to changed controls more (loss_weights.py); `augmentation` in a stage changes that of the run.
"""

from __future__ import annotations

import json
import os
import time
from dataclasses import asdict, dataclass
from pathlib import Path

import numpy as np
import torch
import torch.distributed as distributed
import torch.nn.functional as functional
from torch import Tensor, nn

from .corpus import Corpus, load_or_build
from .embedding import start_musically
from .grammar import GrammarWalk
from .language import vocabulary
from .loss_weights import steering_weights
from .model import Decoder, ModelShape
from .rows import NO_AUGMENTATION, Augmentation, RowSampler

CHECKPOINT_EVERY = 100
REPORT_EVERY = 20
#: Rows of a validation: how many, how long, at most how many of each group.
VALIDATION_BATCHES, VALIDATION_ROWS, VALIDATION_LENGTH = 4, 4, 1024
VALIDATION_KEY = 7


@dataclass(frozen=True)
class Process:
    """This process among those that train together, and its device."""

    rank: int
    count: int
    device: torch.device

    @property
    def leads(self) -> bool:
        return self.rank == 0


def join_processes() -> Process:
    """Joins the group that `torchrun` set up; alone where there is none."""
    gpu = torch.cuda.is_available()
    count = int(os.environ.get("WORLD_SIZE", "1"))
    local = int(os.environ.get("LOCAL_RANK", "0"))
    device = torch.device("cuda", local) if gpu else torch.device("cpu")
    if gpu:
        torch.cuda.set_device(device)
    if count > 1 and not distributed.is_initialized():
        distributed.init_process_group("nccl" if gpu else "gloo")
    return Process(distributed.get_rank() if count > 1 else 0, count, device)


@dataclass(frozen=True)
class Position:
    """Where a step stands: its stage and how far that has come, 0..1."""

    stage: dict
    progress: float


def position_of(step: int, stages: list[dict]) -> Position:
    """The stage of a step."""
    for stage in stages:
        if step < stage["steps"]:
            return Position(stage, step / max(1, stage["steps"] - 1))
        step -= stage["steps"]
    raise ValueError("The step lies behind the last stage.")


def rate_at(step: int, stages: list[dict], warmup: int) -> float:
    """The share of the peak learning rate at a step."""
    position = position_of(step, stages)
    low, high = position.stage.get("rate_from", 1.0), position.stage.get("rate_to", 1.0)
    return (low + (high - low) * position.progress) * min(1.0, (step + 1) / warmup)


def logits_of(model: nn.Module, rows: Tensor) -> Tensor:
    """Logits [batch, length, vocabulary] of the next token along rows [batch, length + 1]."""
    with torch.autocast(rows.device.type, torch.bfloat16):
        logits = model(rows[:, :-1])
    return logits.float()


def cross_entropy(logits: Tensor, rows: Tensor, weights: Tensor | None = None) -> Tensor:
    """Mean cross-entropy in nats a token; `weights` [batch, length] says how much each target counts."""
    losses = functional.cross_entropy(logits.flatten(0, 1), rows[:, 1:].flatten(), reduction="none")
    return losses.mean() if weights is None else (losses * weights.flatten()).sum() / weights.sum()


def admitted_along(rows: Tensor) -> Tensor:
    """Which tokens the grammar admits next, boolean [batch, length, vocabulary], along rows [batch, length + 1] that begin with a bar."""
    walk = GrammarWalk(len(rows))
    masks = []
    for column in rows[:, :-1].T.cpu().numpy():
        walk.advance(column)
        masks.append(walk.admitted())
    return torch.from_numpy(np.stack(masks, 1)).to(rows.device)


def refused_loss(logits: Tensor, rows: Tensor) -> Tensor:
    """Mean of -ln of the probability that the model gives to what the grammar admits: 0 when it never breaks a rule."""
    admitted = logits.masked_fill(~admitted_along(rows), float("-inf"))
    return (logits.logsumexp(-1) - admitted.logsumexp(-1)).mean()


@torch.no_grad()
def validate(model: Decoder, corpus: Corpus, device: torch.device, length: int = VALIDATION_LENGTH) -> dict[str, float]:
    """Validation loss in nats a token by group, over fixed rows of `length` tokens as they were written."""
    model.eval()
    losses = {}
    for group in sorted(set(corpus.groups)):
        sampler = RowSampler(corpus, {group: 1.0}, NO_AUGMENTATION)
        rows = [sampler.rows((VALIDATION_KEY, batch), VALIDATION_ROWS, length + 1) for batch in range(VALIDATION_BATCHES)]
        tensors = [torch.from_numpy(each).to(device) for each in rows]
        losses[group] = round(float(np.mean([cross_entropy(logits_of(model, each), each).item() for each in tensors])), 4)
    model.train()
    return losses


def make_optimizers(model: Decoder, rules: dict) -> list[torch.optim.Optimizer]:
    """Muon for the matrices of the layers, AdamW for embedding and norms (without decay)."""
    matrices = [p for name, p in model.named_parameters() if p.dim() == 2 and "embed" not in name]
    others = [p for name, p in model.named_parameters() if p.dim() != 2 or "embed" in name]
    return [
        torch.optim.Muon(matrices, lr=rules["matrix_rate"], weight_decay=rules["weight_decay"], momentum=rules["momentum"],
                         adjust_lr_fn="match_rms_adamw"),
        torch.optim.AdamW(others, lr=rules["vector_rate"], betas=(0.9, 0.97), weight_decay=0.0),
    ]


class Training:
    """A model on its way: weights, optimizers, the record so far and the next step."""

    def __init__(self, config: dict, process: Process) -> None:
        torch.manual_seed(config["seed"])
        self.config, self.process = config, process
        self.shape = ModelShape(vocab_size=vocabulary().size, **config["model"])
        self.model = Decoder(self.shape)
        start_musically(self.model, config["seed"])
        self.model.to(process.device)
        self.optimizers = make_optimizers(self.model, config["optimizer"])
        self.peaks = [optimizer.param_groups[0]["lr"] for optimizer in self.optimizers]
        self.step = 0
        self.record: dict = {"shape": asdict(self.shape), "curve": [], "seconds": 0.0, "tokensSeen": 0, "events": []}

    def resume(self, path: Path) -> None:
        """Takes up a checkpoint, if there is one; what changed in the configuration since is noted in the record."""
        if not path.exists():
            return
        state = torch.load(path, weights_only=True, map_location=self.process.device)
        self.model.load_state_dict(state["model"])
        for optimizer, saved in zip(self.optimizers, state["optimizers"]):
            optimizer.load_state_dict(saved)
        self.step, self.record = state["step"], state["record"]

    def take_up(self, model: Decoder, record: dict) -> None:
        """Goes on where an exported model stopped, without its optimizers' memory; `record` is that of its run, with the configuration."""
        if asdict(model.shape) != asdict(self.shape):
            raise ValueError("The exported model has another shape than the configuration asks for.")
        record = dict(record)
        self.model.load_state_dict(model.state_dict())
        self.step = sum(stage["steps"] for stage in record.pop("configuration")["stage"])
        self.record = {name: record[name] for name in self.record}
        self.note("exported weights taken up, optimizers anew")

    def save(self, path: Path) -> None:
        """Writes a checkpoint whole or not at all."""
        state = {"model": self.model.state_dict(), "optimizers": [optimizer.state_dict() for optimizer in self.optimizers],
                 "step": self.step, "record": self.record}
        torch.save(state, path.with_suffix(".new"))
        path.with_suffix(".new").replace(path)

    def note(self, what: str, **values: object) -> None:
        """An event for the record: a corpus, a configuration, a machine."""
        event = {"what": what, **values}
        if not any({k: v for k, v in old.items() if k != "step"} == event for old in self.record["events"]):
            self.record["events"].append({"step": self.step, **event})

    def take_step(self, network: nn.Module, sampler: RowSampler, stage: dict) -> float:
        """One step of all processes; returns this process's loss in nats a token."""
        share = rate_at(self.step, self.config["stage"], self.config["optimizer"]["warmup_steps"])
        for optimizer, peak in zip(self.optimizers, self.peaks):
            for group in optimizer.param_groups:
                group["lr"] = peak * share
        key = (self.config["seed"], self.step, self.process.rank)
        rows = torch.from_numpy(sampler.rows(key, stage["batch"], stage["length"] + 1)).to(self.process.device)
        logits = logits_of(network, rows)
        steering = stage.get("steering_weight", 1.0)
        weights = torch.from_numpy(steering_weights(rows.cpu().numpy(), steering)).to(rows.device) if steering != 1.0 else None
        loss = cross_entropy(logits, rows, weights)
        weight = stage.get("grammar_weight", 0.0)
        for optimizer in self.optimizers:
            optimizer.zero_grad()
        (loss + weight * refused_loss(logits, rows) if weight else loss).backward()
        nn.utils.clip_grad_norm_(self.model.parameters(), self.config["optimizer"]["clip"])
        for optimizer in self.optimizers:
            optimizer.step()
        self.record["tokensSeen"] += stage["batch"] * stage["length"] * self.process.count
        self.step += 1
        return loss.item()


def train(config: dict, folder: Path, exported: tuple[Decoder, dict] | None = None) -> tuple[Decoder, dict, bool]:
    """The trained model, its record (shape, corpus, losses, seconds, events) and whether this process leads.

    Resumes from `folder`/checkpoint.pt; where there is none, from an `exported` model and its record, if they are given.
    """
    torch.set_num_threads(config["threads"])
    process = join_processes()
    if process.leads:
        corpora = load_or_build(folder, **config["corpus"], seed=config["seed"])
    if process.count > 1:
        distributed.barrier()
    training_corpus, validation_corpus, report = corpora if process.leads else load_or_build(
        folder, **config["corpus"], seed=config["seed"])
    training = Training(config, process)
    checkpoint = folder / "checkpoint.pt"
    if exported and not checkpoint.exists():
        training.take_up(*exported)
    training.resume(checkpoint)
    training.record["corpus"] = report
    training.note("corpus", sha256=report["trainSha256"], tokens=report["trainTokens"])
    training.note("stages", stages=config["stage"])
    run_stages(training, training_corpus, validation_corpus, checkpoint)
    training.record["validationNatsPerToken"] = validate(training.model, validation_corpus, process.device, 1536)
    if process.leads:
        (folder / "record.json").write_text(json.dumps(training.record, indent=1))
    return training.model, training.record, process.leads


def run_stages(training: Training, corpus: Corpus, validation: Corpus, checkpoint: Path) -> None:
    """Every step that is left, with checkpoints and measurements on the way."""
    stages, process, record = training.config["stage"], training.process, training.record
    network = wrapped(training.model, process)
    total = sum(stage["steps"] for stage in stages)
    samplers: dict[int, RowSampler] = {}
    began, seconds_before = time.monotonic(), record["seconds"]
    while training.step < total:
        step, stage = training.step, position_of(training.step, stages).stage
        if id(stage) not in samplers:
            rules = training.config.get("augmentation", {}) | stage.get("augmentation", {})
            samplers[id(stage)] = RowSampler(corpus, stage["mixture"], Augmentation(**rules))
        sampler = samplers[id(stage)]
        loss = training.take_step(network, sampler, stage)
        record["seconds"] = round(seconds_before + time.monotonic() - began, 1)
        if not process.leads:
            continue
        if step % REPORT_EVERY == 0 or training.step == total:
            record["curve"].append({"step": step, "train": round(loss, 4), "tokens": record["tokensSeen"]})
            print(f"step {step} of {total}: {loss:.3f} nats a token, {record['seconds']:.0f} s", flush=True)
        if training.step % CHECKPOINT_EVERY == 0 or training.step == total:
            losses = validate(training.model, validation, process.device)
            record["curve"].append({"step": step, "tokens": record["tokensSeen"], "validation": losses})
            print(f"  validation {losses}", flush=True)
            training.save(checkpoint)


def wrapped(model: Decoder, process: Process) -> nn.Module:
    """The model as its processes share it; the model itself when there is one."""
    if process.count == 1:
        return model
    devices = [process.device.index] if process.device.type == "cuda" else None
    return nn.parallel.DistributedDataParallel(model, device_ids=devices)
