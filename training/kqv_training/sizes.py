"""Which size to ship: several shapes trained with the same number of multiplications, and what each has learned by then.

Run in `training/` as `python -m kqv_training.sizes configs/sizes.toml`; writes report/sizes.json. A token costs about as many
multiplications as the model has weights, so the arms see fewer tokens the larger they are. Rates stay at their peak.
"""

from __future__ import annotations

import argparse
import json
import tomllib
from pathlib import Path

import torch

from .corpus import load_or_build
from .train import Training, join_processes, validate
from .rows import Augmentation, RowSampler

REPORT_PATH = Path(__file__).resolve().parents[1] / "report/sizes.json"


def main() -> None:
    """Trains every arm of the configuration in turn."""
    parser = argparse.ArgumentParser(description="Compares shapes at equal training compute.")
    parser.add_argument("config", type=Path, help="a TOML file of training/configs")
    config = tomllib.loads(parser.parse_args().config.read_text())
    torch.set_num_threads(config["threads"])
    process = join_processes()
    corpus, validation, report = load_or_build(REPORT_PATH.parents[1] / "runs" / config["name"], **config["corpus"], seed=config["seed"])
    arms = []
    for shape in config["shape"]:
        stage = {**config["step"], "steps": 1}
        training = Training({**config, "model": shape["model"], "stage": [stage]}, process)
        weights = sum(parameter.numel() for parameter in training.model.parameters())
        stage["steps"] = steps = round(config["multiplications"] / weights / (stage["batch"] * stage["length"]))
        sampler = RowSampler(corpus, stage["mixture"], Augmentation(**config["augmentation"]))
        for _ in range(steps):
            loss = training.take_step(training.model, sampler, stage)
            if training.step % 20 == 0:
                print(f"{shape['name']} step {training.step} of {steps}: {loss:.3f} nats a token", flush=True)
        arms.append({"name": shape["name"], "weights": weights, "tokens": training.record["tokensSeen"],
                     "validation": validate(training.model, validation, process.device)})
        print(arms[-1], flush=True)
    REPORT_PATH.parent.mkdir(exist_ok=True)
    REPORT_PATH.write_text(json.dumps({"corpus": report["trainSha256"], "arms": arms}, indent=1) + "\n")


if __name__ == "__main__":
    main()
