"""From the corpus to the shipped model: corpus, training, export, fixtures, openings, evaluation and model card.

Run in `training/` as `python -m kqv_training.run configs/small.toml`, or on several GPUs or machines as
`torchrun --nproc-per-node 8 -m kqv_training.run configs/small.toml`. Interrupted runs resume from their last checkpoint.
"""

from __future__ import annotations

import argparse
import json
import tomllib
from pathlib import Path

from .card import write_card
from .composer.styles import COMPOSED_STYLES
from .evaluation import REPORT_FOLDER, evaluate
from .export import export_model, load_model
from .fixtures import write_fixtures
from .openings import write_openings
from .train import train

REPOSITORY = Path(__file__).resolve().parents[2]


def main() -> None:
    """Runs every step; the run's corpus, checkpoint and record stay in training/runs/<name>."""
    parser = argparse.ArgumentParser(description="Trains, exports and evaluates the model of a configuration.")
    parser.add_argument("config", type=Path, help="a TOML file of training/configs")
    parser.add_argument("--onward", action="store_true",
                        help="where there is no checkpoint, go on from the exported model and the stages of its record, not from nothing")
    arguments = parser.parse_args()
    config = tomllib.loads(arguments.config.read_text())
    runs = REPOSITORY / "training/runs" / config["name"]
    folder = REPOSITORY / "static/models" / config["name"]
    exported = (load_model(folder), json.loads((REPORT_FOLDER / "record.json").read_text())) if arguments.onward else None
    model, record, leads = train(config, runs, exported)
    if not leads:
        return
    instrument = export_model(model.cpu().eval(), config["name"], list(COMPOSED_STYLES), folder)
    REPORT_FOLDER.mkdir(exist_ok=True)
    (REPORT_FOLDER / "record.json").write_text(json.dumps({"configuration": config, **record}, indent=1) + "\n")
    write_fixtures()
    write_openings()
    evaluation = evaluate(folder)
    write_card(folder / "README.md", f"configs/{arguments.config.name}", config, record, instrument, evaluation)
    print(f"The model is in {folder}.")


if __name__ == "__main__":
    main()
