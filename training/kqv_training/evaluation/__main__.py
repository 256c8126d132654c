"""Evaluates a model folder: asks it seven questions, writes its evaluation.json and the report with plots.

Run in `training/` as `python -m kqv_training.evaluation ../static/models/kqv-small [--quick] [--only modelling,endurance]`. What has been
answered for the same weights and the same held-out music is kept in runs/<name>/evaluation/ and not asked again.
"""

from __future__ import annotations

import argparse
from pathlib import Path

from . import evaluate
from .questions import QUESTIONS


def main() -> None:
    """Reads the command line and evaluates."""
    parser = argparse.ArgumentParser(prog="python -m kqv_training.evaluation", description="Evaluates a model folder.")
    parser.add_argument("folder", type=Path, help="a folder with config.json and model.safetensors")
    parser.add_argument("--quick", action="store_true", help="fewer bars, for a first look; the report says so")
    parser.add_argument("--only", default="", help=f"some of the questions, with commas: {', '.join(QUESTIONS)}")
    parser.add_argument("--workers", type=int, default=2, help="processes that write takes, each on one core")
    arguments = parser.parse_args()
    names = [name for name in arguments.only.split(",") if name] or list(QUESTIONS)
    unknown = [name for name in names if name not in QUESTIONS]
    if unknown:
        parser.error(f"there is no question {', '.join(unknown)}; the questions are {', '.join(QUESTIONS)}")
    evaluate(arguments.folder, names, arguments.quick, arguments.workers)


if __name__ == "__main__":
    main()
