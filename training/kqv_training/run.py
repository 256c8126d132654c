"""From nothing to the shipped model: corpus, training, export, evaluation, model card, fixtures and openings.

Run in `training/` as `python -m kqv_training.run configs/small.toml`. Interrupted runs resume from their last checkpoint.
"""

from __future__ import annotations

import argparse
import json
import tomllib
from pathlib import Path

from .card import write_card
from .composer.styles import COMPOSED_STYLES
from .corpus import load_or_build
from .evaluate import evaluate
from .export import export_model
from .fixtures import write_fixtures
from .language import vocabulary
from .ngram import ngram_nats_per_token
from .openings import write_openings
from .train import train

REPOSITORY = Path(__file__).resolve().parents[2]
NGRAM_TRAINING_TOKENS = 2_000_000


def main() -> None:
    """Runs every step; the run's checkpoint, corpus and record stay in training/runs/<name>."""
    parser = argparse.ArgumentParser(description="Trains and exports the model of a configuration.")
    parser.add_argument("config", type=Path, help="a TOML file of training/configs")
    arguments = parser.parse_args()
    config = tomllib.loads(arguments.config.read_text())
    runs = REPOSITORY / "training/runs" / config["name"]
    model, record = train(config, runs)
    if "ngramNatsPerToken" not in record:
        training, validation, _ = load_or_build(runs, **config["corpus"], seed=config["seed"])
        loss = ngram_nats_per_token(training.tokens[:NGRAM_TRAINING_TOKENS], validation.tokens, vocabulary().size)
        record["ngramNatsPerToken"] = round(loss, 4)
        (runs / "record.json").write_text(json.dumps(record, indent=1))
    folder = REPOSITORY / "static/models" / config["name"]
    instrument = export_model(model.eval(), config["name"], list(COMPOSED_STYLES), folder)
    evaluation = evaluate(folder)
    write_card(folder / "README.md", f"configs/{arguments.config.name}", config, record, instrument, evaluation)
    write_fixtures()
    write_openings()
    print(f"The model is in {folder}.")


if __name__ == "__main__":
    main()
