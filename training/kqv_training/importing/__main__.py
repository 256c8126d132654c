"""`python -m kqv_training.importing <data folder> [--out training/corpus/imported.npz]`: imports all licensed music and reports."""

from __future__ import annotations

import argparse
import sys
from pathlib import Path

from ..songs import IMPORTED_PATH
from .corpus import write_corpus


def main(arguments: list[str] | None = None) -> int:
    """Runs the import; 1 and a sentence on the error stream when the data folder does not exist."""
    parser = argparse.ArgumentParser(prog="python -m kqv_training.importing", description="Licensed music to bars of the music language.")
    parser.add_argument("data", type=Path, help="the folder that holds a folder or file for each source")
    parser.add_argument("--out", type=Path, default=IMPORTED_PATH, help="where the corpus goes (.npz; its index beside it)")
    given = parser.parse_args(arguments)
    try:
        print(write_corpus(given.data, given.out))
    except FileNotFoundError as error:
        print(error, file=sys.stderr)
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main())
