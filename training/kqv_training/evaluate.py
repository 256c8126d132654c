"""What the shipped model plays: bars sampled under the grammar, measured against the idiom and its own controls."""

from __future__ import annotations

import json
from pathlib import Path
from random import Random

import numpy as np

from .composer.harmony import Tonality
from .composer.song import compose_song
from .composer.styles import COMPOSED_STYLES, STYLE_RULES
from .export import load_model
from .grammar import check_sequence
from .language import COMPOSED_TRACKS, Bar, Controls, encode_bar, parse_bars, vocabulary
from .sample import sample_bars

STREAMS, BARS = 8, 8
UNSEEN_SEED = 5_000_000
BEATS = {0, 12, 24, 36}
FOUR_ON_THE_FLOOR = ("house", "acid", "techno")


def drop_controls(rng: Random, style: str) -> Controls:
    """Controls of a drop in a random key, mode, tempo and energy of the style."""
    words, rules = vocabulary(), STYLE_RULES[style]
    mode = rng.choices(list(rules.modes), list(rules.modes.values()))[0]
    return Controls(words.styles.index(style), words.sections.index("drop"), rng.choice((5, 6, 6, 7)),
                    words.tempo_bin(rng.uniform(*rules.tempo)), rng.randrange(12), words.modes.index(mode))


def composed_excerpt(rng: Random, style: str, bars: int = 4) -> list[Bar]:
    """The first bars of a drop, with a sounding bass, of a composed song that training never saw."""
    drop = vocabulary().sections.index("drop")
    while True:
        song = compose_song(UNSEEN_SEED + rng.randrange(1_000_000), style)
        excerpt = [bar for bar in song if bar.controls.section == drop][:bars]
        if len(excerpt) == bars and excerpt[-1].parts[1].density:
            return excerpt


def share_in_key(bars: list[Bar], track: str) -> float | None:
    """Share of a track's notes that belong to the bar's key and mode; None when it never sounds."""
    words = vocabulary()
    inside = [
        Tonality(bar.controls.key, words.modes[bar.controls.mode]).contains(note.pitch)
        for bar in bars for part in bar.parts if part.track == track for note in part.notes
    ]
    return round(float(np.mean(inside)), 4) if inside else None


def kick_on_beats(bar: Bar) -> bool:
    """Whether a kick sounds on each of the four beats."""
    kick = vocabulary().pieces["kick"]
    return BEATS <= {hit.position for part in bar.parts for hit in part.hits if hit.piece == kick}


def verbatim_share(streams: list[list[Bar]]) -> float:
    """Share of bars that repeat the bar before them verbatim for more than the fourth time running."""
    tired, total = 0, 0
    for bars in streams:
        run, last = 0, None
        for bar in bars:
            text = encode_bar(bar)
            run = run + 1 if text == last else 0
            last = text
            tired += run >= 4
            total += 1
    return round(tired / total, 4)


def rank_correlation(a: list[int], b: list[int]) -> float:
    """Spearman's rank correlation, ties sharing their mean rank."""
    def ranks(values: list[int]) -> np.ndarray:
        array = np.array(values)
        return np.array([(array < v).sum() + ((array == v).sum() - 1) / 2 for v in array])
    return round(float(np.corrcoef(ranks(a), ranks(b))[0, 1]), 3)


def measure_free(streams: list[list[Bar]], style: str) -> dict:
    """The idiom of one style's bars, sampled with densities of the model's own choice."""
    bars = [bar for stream in streams for bar in stream]
    five = [[part.track for part in bar.parts] == list(COMPOSED_TRACKS) for bar in bars]
    sounding = {track: [any(p.track == track and p.density for p in bar.parts) for bar in bars] for track in COMPOSED_TRACKS}
    result = {
        "bars": len(bars),
        "tokensPerBar": round(float(np.mean([len(encode_bar(bar)) for bar in bars])), 1),
        "fiveParts": round(float(np.mean(five)), 4),
        "silentBars": round(float(np.mean([not any(p.density for p in bar.parts) for bar in bars])), 4),
        "repeatedOverFour": verbatim_share(streams),
        "bassInKey": share_in_key(bars, "bass"),
        "chordsInKey": share_in_key(bars, "chords"),
        "leadInKey": share_in_key(bars, "lead"),
        "arpInKey": share_in_key(bars, "arp"),
        "sounding": {track: round(float(np.mean(flags)), 2) for track, flags in sounding.items()},
    }
    if style in FOUR_ON_THE_FLOOR:
        drummed = [bar for bar in bars if any(part.hits for part in bar.parts)]
        result["kickOnBeats"] = round(float(np.mean([kick_on_beats(bar) for bar in drummed])), 4)
    return result


def measure_density(streams: list[list[Bar]]) -> dict:
    """Requested against produced density level by track, over bars whose densities were forced at random."""
    words, result = vocabulary(), {}
    for track in COMPOSED_TRACKS:
        pairs = [(part.density, words.density_level(track, len(part.hits) + len(part.notes)))
                 for bars in streams for bar in bars for part in bar.parts if part.track == track]
        asked, made = [a for a, _ in pairs], [b for _, b in pairs]
        loud = [(a, b) for a, b in pairs if a]
        result[track] = {
            "spearman": rank_correlation(asked, made),
            "spearmanSounding": rank_correlation([a for a, _ in loud], [b for _, b in loud]),
            "meanAbsoluteError": round(float(np.mean([abs(a - b) for a, b in loud])), 3),
        }
    return result


def evaluate(folder: Path, seed: int = 5) -> dict:
    """All measurements of the model in `folder`, written to its evaluation.json and printed as a table."""
    model = load_model(folder)
    rng = Random(seed)
    plans = [(style, drop_controls(rng, style)) for style in COMPOSED_STYLES for _ in range(STREAMS)]
    controls = [plan for _, plan in plans]
    free = [parse_bars(checked(tokens)) for tokens in sample_bars(model, controls, BARS, seed)]
    levels = [[[rng.randrange(8) for _ in COMPOSED_TRACKS] for _ in range(BARS)] for _ in plans]
    for stream in levels:
        stream[1::2] = stream[0::2]
    steered = [parse_bars(checked(tokens)) for tokens in sample_bars(model, controls, BARS, seed + 1, levels)]
    excerpts = [composed_excerpt(rng, style) for style, _ in plans]
    prompts = [[encode_bar(bar) for bar in excerpt] for excerpt in excerpts]
    kept = [excerpt[-1].controls for excerpt in excerpts]
    continued = [parse_bars(checked(tokens)) for tokens in sample_bars(model, kept, BARS, seed + 2, prompts=prompts)]
    report = {
        "seed": seed,
        "temperature": 1.0,
        "section": "drop",
        "styles": {
            style: measure_free([bars for bars, plan in zip(free, plans) if plan[0] == style], style) for style in COMPOSED_STYLES
        },
        "continued": {
            style: measure_free([bars for bars, plan in zip(continued, plans) if plan[0] == style], style)
            for style in COMPOSED_STYLES
        },
        "density": measure_density(steered),
        "bassInKeyUnderForcedDensity": share_in_key([bar for bars in steered for bar in bars], "bass"),
    }
    (folder / "evaluation.json").write_text(json.dumps(report, indent="\t") + "\n")
    print(table(report))
    return report


def checked(tokens: list[int]) -> list[int]:
    """The same tokens; a MusicLanguageError when the grammar does not admit them."""
    check_sequence(tokens)
    return tokens


def table(report: dict) -> str:
    """The report as Markdown tables."""
    columns = ("kickOnBeats", "bassInKey", "chordsInKey", "leadInKey", "arpInKey", "silentBars", "repeatedOverFour", "tokensPerBar")
    lines = []
    for title, rows in (("from nothing", report["styles"]), ("after 4 composed bars", report["continued"])):
        lines += [f"| {title} | " + " | ".join(columns) + " |", "|---|" + "--:|" * len(columns)]
        for style, row in rows.items():
            cells = ["–" if row.get(name) is None else f"{row[name]:g}" for name in columns]
            lines.append(f"| {style} | " + " | ".join(cells) + " |")
        lines.append("")
    lines += ["| track | density: Spearman | Spearman, sounding | mean absolute error |", "|---|--:|--:|--:|"]
    for track, row in report["density"].items():
        lines.append(f"| {track} | {row['spearman']} | {row['spearmanSounding']} | {row['meanAbsoluteError']} |")
    return "\n".join(lines)
