"""Jams: what a player's hands ask for. Sections and energies come in any order, styles and keys change while the music plays.

The songs of song.py change slowly and in a fixed order, so a model that reads only them learns to go on as before. In a jam one band
obeys a new section or energy every four to sixteen bars, and another band takes over at a change of style.
"""

from __future__ import annotations

from dataclasses import replace
from random import Random

from ..language import Bar, vocabulary
from .arrangement import BarPlan, Manner, bars_of, closing_phrases, make_manner, opening_phrases, phrases_of
from .harmony import Tonality
from .song import Band, compose_bar
from .styles import COMPOSED_STYLES, STYLE_RULES, choose_tempo

SECTIONS = ("intro", "build", "build", "drop", "drop", "drop", "break", "break", "loop", "outro")

#: Modes that a player asks for whatever the style likes.
ASKED_MODES = ("minor", "minor", "dorian", "phrygian", "major")

#: How many styles follow each other, and how many sections each lasts.
LEGS, LEG_SECTIONS = (2, 3, 4), (2, 3, 4)


def _section(rng: Random, style: str, manner: Manner, section: str, visit: int) -> list[BarPlan]:
    """A section as it is asked for at any moment: its bars, sometimes broken off after four, sometimes under an unlikely energy."""
    bars = rng.choice((8, 8, 8, 16))
    if section in ("intro", "outro"):
        phrases = opening_phrases(rng, style, manner, bars, manner.drift)
        if section == "outro":
            phrases = closing_phrases(rng, phrases, bars, manner.drift)
    else:
        phrases = phrases_of(rng, style, section, bars, visit, None, manner.drift)
    if rng.random() < 0.2:
        asked = rng.randrange(8)
        phrases = [replace(phrase, energy=asked) for phrase in phrases]
    plans = bars_of(rng, manner, section, bars, visit, phrases, 48)
    return plans[:4] if rng.random() < 0.2 else plans


def plan_leg(rng: Random, style: str) -> list[BarPlan]:
    """The bars that one band plays in a jam."""
    manner = make_manner(rng, style)
    visits: dict[str, int] = {}
    plans: list[BarPlan] = []
    for _ in range(rng.choice(LEG_SECTIONS)):
        section = rng.choice(SECTIONS)
        visits[section] = visits.get(section, 0) + 1
        plans += _section(rng, style, manner, section, visits[section])
    return plans


def _tonality(rng: Random, style: str) -> Tonality:
    modes = STYLE_RULES[style].modes
    mode = rng.choice(ASKED_MODES) if rng.random() < 0.3 else rng.choices(list(modes), list(modes.values()))[0]
    return Tonality(rng.randrange(12), mode)


def compose_jam(seed: int, style: str) -> list[Bar]:
    """All bars of a jam that begins in `style`; the same seed and style give the same jam."""
    rng, bars = Random(f"jam:{style}:{seed}"), []
    tonality, tempo = _tonality(rng, style), choose_tempo(rng, style)
    for _ in range(rng.choice(LEGS)):
        band = Band(rng.getrandbits(32), style, tonality, tempo)
        bars += [compose_bar(band, plan, style, vocabulary().tempo_bin(tempo), tonality) for plan in plan_leg(rng, style)]
        style = rng.choice([one for one in COMPOSED_STYLES if one != style])
        if rng.random() < 0.4:
            tonality = _tonality(rng, style)
        if rng.random() < 0.5:
            tempo = choose_tempo(rng, style)
    return bars
