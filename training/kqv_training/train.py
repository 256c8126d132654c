"""Training: stages of growing sequence length, AdamW with warm-up and cosine, bf16 autocast, checkpoints that resume."""

from __future__ import annotations

import json
import math
import time
from dataclasses import asdict
from pathlib import Path

import numpy as np
import torch
import torch.nn.functional as functional

from .corpus import Corpus, load_or_build
from .embedding import start_musically
from .language import vocabulary
from .model import Decoder, ModelShape

CHECKPOINT_EVERY = 100
REPORT_EVERY = 20


def learning_rate(step: int, total: int, rules: dict) -> float:
    """Linear warm-up, then a cosine from the peak to the final rate."""
    if step < rules["warmup_steps"]:
        return rules["learning_rate"] * (step + 1) / rules["warmup_steps"]
    progress = (step - rules["warmup_steps"]) / max(1, total - rules["warmup_steps"])
    low = rules["final_learning_rate"]
    return low + (rules["learning_rate"] - low) * 0.5 * (1 + math.cos(math.pi * progress))


def batch_at(corpus: Corpus, step: int, seed: int, count: int, length: int) -> torch.Tensor:
    """`count` sequences of `length` + 1 tokens [count, length + 1], each from a random bar on; fixed by seed and step."""
    rng = np.random.default_rng((seed, step))
    last = np.searchsorted(corpus.bars, len(corpus.tokens) - length - 1)
    starts = corpus.bars[rng.integers(0, last, count)]
    rows = np.stack([corpus.tokens[start : start + length + 1] for start in starts])
    return torch.from_numpy(rows.astype(np.int64))


def loss_of(model: Decoder, rows: torch.Tensor) -> torch.Tensor:
    """Mean cross-entropy in nats a token."""
    with torch.autocast("cpu", torch.bfloat16):
        logits = model(rows[:, :-1])
    return functional.cross_entropy(logits.float().flatten(0, 1), rows[:, 1:].flatten())


@torch.no_grad()
def validate(model: Decoder, corpus: Corpus, length: int, batches: int = 12) -> float:
    """Validation loss in nats a token over fixed rows of `length` tokens."""
    model.eval()
    losses = [loss_of(model, batch_at(corpus, step, 7, 4, length)).item() for step in range(batches)]
    model.train()
    return float(np.mean(losses))


def make_optimizer(model: Decoder, rules: dict) -> torch.optim.AdamW:
    """AdamW that decays matrices but neither norms nor the embedding."""
    decayed = [p for name, p in model.named_parameters() if p.dim() == 2 and "embed" not in name]
    free = [p for name, p in model.named_parameters() if p.dim() != 2 or "embed" in name]
    groups = [{"params": decayed, "weight_decay": rules["weight_decay"]}, {"params": free, "weight_decay": 0.0}]
    return torch.optim.AdamW(groups, lr=rules["learning_rate"], betas=(0.9, 0.97))


def train(config: dict, folder: Path) -> tuple[Decoder, dict]:
    """The trained model and its record: shape, corpus, losses, seconds. Resumes from `folder`/checkpoint.pt when there is one."""
    torch.set_num_threads(config["threads"])
    torch.manual_seed(config["seed"])
    training, validation, report = load_or_build(folder, **config["corpus"], seed=config["seed"])
    shape = ModelShape(vocab_size=vocabulary().size, **config["model"])
    model = Decoder(shape)
    start_musically(model, config["seed"])
    optimizer = make_optimizer(model, config["optimizer"])
    stages = [stage for stage in config["stage"] for _ in range(stage["steps"])]
    record = {"shape": asdict(shape), "corpus": report, "curve": [], "seconds": 0.0, "tokensSeen": 0}
    first = 0
    checkpoint = folder / "checkpoint.pt"
    if checkpoint.exists():
        state = torch.load(checkpoint, weights_only=True)
        model.load_state_dict(state["model"])
        optimizer.load_state_dict(state["optimizer"])
        first, record = state["step"], state["record"]
    began, seconds_before = time.monotonic(), record["seconds"]
    for step in range(first, len(stages)):
        stage = stages[step]
        for group in optimizer.param_groups:
            group["lr"] = learning_rate(step, len(stages), config["optimizer"])
        loss = loss_of(model, batch_at(training, step, config["seed"], stage["batch"], stage["length"]))
        optimizer.zero_grad()
        loss.backward()
        torch.nn.utils.clip_grad_norm_(model.parameters(), config["optimizer"]["clip"])
        optimizer.step()
        record["tokensSeen"] += stage["batch"] * stage["length"]
        record["seconds"] = round(seconds_before + time.monotonic() - began, 1)
        if step % REPORT_EVERY == 0:
            record["curve"].append({"step": step, "train": round(loss.item(), 4)})
            print(f"step {step} of {len(stages)}: {loss.item():.3f} nats a token, {record['seconds']:.0f} s", flush=True)
        if (step + 1) % CHECKPOINT_EVERY == 0 or step + 1 == len(stages):
            record["curve"][-1]["validation"] = round(validate(model, validation, 768), 4)
            print(f"  validation {record['curve'][-1]['validation']:.3f}", flush=True)
            save_checkpoint(checkpoint, model, optimizer, step + 1, record)
    record["validationNatsPerToken"] = round(validate(model, validation, 1536), 4)
    (folder / "record.json").write_text(json.dumps(record, indent=1))
    return model, record


def save_checkpoint(path: Path, model: Decoder, optimizer: torch.optim.Optimizer, step: int, record: dict) -> None:
    """Writes a checkpoint whole or not at all."""
    state = {"model": model.state_dict(), "optimizer": optimizer.state_dict(), "step": step, "record": record}
    torch.save(state, path.with_suffix(".new"))
    path.with_suffix(".new").replace(path)
