"""src/lib/generate/openings.json: four composed bars of every trained style, with which a set can begin.

Run as `python -m kqv_training.openings`.
"""

from __future__ import annotations

import json
from pathlib import Path
from random import Random

from .composer.arrangement import BarPlan
from .composer.harmony import Tonality
from .composer.song import Band, compose_bar
from .composer.styles import COMPOSED_STYLES
from .grammar import check_sequence
from .language import encode_bar, vocabulary

OPENINGS_PATH = Path(__file__).resolve().parents[2] / "src/lib/generate/openings.json"

BARS, ENERGY = 4, 6

#: By style: tempo in beats per minute, key, mode, the band's seed, and the intensity of the sounding tracks.
CHOICES = {
    "house": (124, "A", "minor", 35, {"drums": 0.75, "bass": 0.7, "chords": 0.6}),
    "acid": (128, "E", "phrygian", 27, {"drums": 0.7, "bass": 0.75, "chords": 0.3}),
    "techno": (134, "F", "minor", 7, {"drums": 0.7, "bass": 0.7, "chords": 0.3}),
    "electro": (124, "D", "minor", 1, {"drums": 0.7, "bass": 0.75, "chords": 0.5}),
    "breaks": (134, "C", "minor", 4, {"drums": 0.75, "bass": 0.7, "chords": 0.6}),
    "ambient": (84, "G", "dorian", 19, {"drums": 0.5, "bass": 0.6, "chords": 0.8}),
}


def opening(style: str) -> dict:
    """The tempo in beats per minute and the tokens of a style's opening."""
    tempo, key, mode, seed, intensity = CHOICES[style]
    words = vocabulary()
    tonality = Tonality(words.keys.index(key), mode)
    band = Band(Random(f"opening:{style}:{seed}").getrandbits(32), style, tonality)
    plans = [BarPlan("drop", ENERGY, bar, 32, intensity) for bar in range(8, 8 + BARS)]
    bars = [compose_bar(band, plan, style, words.tempo_bin(tempo), tonality) for plan in plans]
    tokens = [token for bar in bars for token in encode_bar(bar)]
    check_sequence(tokens)
    return {"tempo": tempo, "tokens": tokens}


def write_openings() -> None:
    """Writes the file; house first."""
    OPENINGS_PATH.parent.mkdir(parents=True, exist_ok=True)
    entries = [f'\t"{style}": {json.dumps(opening(style), separators=(", ", ": "))}' for style in COMPOSED_STYLES]
    OPENINGS_PATH.write_text("{\n" + ",\n".join(entries) + "\n}\n")
    print(f"{OPENINGS_PATH} written.")


if __name__ == "__main__":
    write_openings()
