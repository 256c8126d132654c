"""Does it obey? What was asked of every bar against what was played.

Densities: takes in which every track's level is drawn anew every two bars. Style, section, energy and key: takes that change them
every phrase of eight bars in mid-flow, each phrase asking what some held-out composed phrase is labelled with; that phrase
itself, put before the same judge, shows what perfect obedience would score.
"""

from __future__ import annotations

from dataclasses import dataclass
from random import Random
from typing import Sequence

import numpy as np
from scipy import stats

from ..composer.styles import COMPOSED_STYLES
from ..drawing import AS_PLAYED
from ..language import COMPOSED_TRACKS, Bar, vocabulary
from ..sample import Densities, TakeRequest
from .judges import PhraseJudge, StyleJudge, asked_energy, asked_section
from .material import FITTING_SEED, UNSEEN_SEED, fitting_songs, held_out_excerpts, unseen_song
from .metrics import WINDOW, event_count, in_key, part_of, windows

DENSITY_AIM, KEY_AIM, STYLE_AIM = 0.9, 0.95, 0.9

#: By how much the share of bars in which a track sounds may differ from that of the phrases that were asked for.
PRESENCE_TOLERANCE = 0.1

#: What the judges say of held-out music is the most that perfect obedience scores; the model should come this near to it.
CEILING_SHARE = 0.9

FORCED_BARS = 16

#: Seeds of the songs whose phrases the steered takes ask for, apart from those of the excerpts.
STEERING_SEED = UNSEEN_SEED + 10_000


@dataclass(frozen=True)
class Phrase:
    """What a steered take is asked for during eight bars: the held-out phrase with these labels, in the take's key."""

    style: str
    model: tuple[Bar, ...]
    key: int
    mode: int
    is_new_key: bool


def forced_levels(stream: int) -> list[Densities]:
    """The density levels of a stream's bars, drawn anew every two bars."""
    rng = Random(f"densities:{stream}")
    return [levels for _ in range(FORCED_BARS // 2) for levels in [tuple(rng.randrange(8) for _ in COMPOSED_TRACKS)] for _ in range(2)]


def forced_requests(per_style: int) -> list[TakeRequest]:
    """Takes with forced densities, from held-out prompts, under the controls of the prompt's last bar."""
    requests = []
    for style in COMPOSED_STYLES:
        for excerpt in held_out_excerpts(style, per_style):
            stream = len(requests)
            controls = [tuple(excerpt.rest[0].controls)] * FORCED_BARS
            requests.append(TakeRequest(controls, AS_PLAYED, 60_000 + stream, tuple(excerpt.prompt), forced_levels(stream)))
    return requests


def steered_plans(streams: int, phrases: int) -> list[list[Phrase]]:
    """What each steered take is asked for: a new style every second phrase, a new key and mode half-way, sections and energies as they come."""
    words, plans = vocabulary(), []
    for stream in range(streams):
        rng, plan = Random(f"steered:{stream}"), []
        style, key = rng.choice(COMPOSED_STYLES), rng.randrange(12)
        mode = words.modes.index(rng.choice(("minor", "minor", "dorian", "phrygian", "major")))
        for place in range(phrases):
            if place and place % 2 == 0:
                style = rng.choice([one for one in COMPOSED_STYLES if one != style])
            is_new_key = place == phrases // 2
            if is_new_key:
                key, mode = (key + rng.choice((2, 3, 5, 7, 9, 10))) % 12, words.modes.index(rng.choice(("minor", "dorian", "major")))
            choices = [phrase for phrase in windows(unseen_song(STEERING_SEED + rng.randrange(60), style)) if asked_section(phrase)]
            while not choices:
                choices = [phrase for phrase in windows(unseen_song(STEERING_SEED + rng.randrange(60), style)) if asked_section(phrase)]
            plan.append(Phrase(style, tuple(rng.choice(choices)), key, mode, is_new_key))
        plans.append(plan)
    return plans


def steered_requests(streams: int, phrases: int) -> list[TakeRequest]:
    """Takes that follow `steered_plans`, from nothing."""
    return [
        TakeRequest([tuple(bar.controls._replace(key=phrase.key, mode=phrase.mode)) for phrase in plan for bar in phrase.model],
                    AS_PLAYED, 70_000 + stream)
        for stream, plan in enumerate(steered_plans(streams, phrases))
    ]


def density_obedience(takes: Sequence[Sequence[Bar]]) -> dict:
    """By track: Spearman's correlation of the asked with the played level, over all levels and over sounding ones, error and a table.

    A track that a bar does not write counts as level 0 where 0 was asked, and is left out otherwise: it was never asked.
    """
    words, result = vocabulary(), {}
    for place, track in enumerate(COMPOSED_TRACKS):
        pairs = []
        for stream, bars in enumerate(takes):
            for levels, bar in zip(forced_levels(stream), bars):
                part = part_of(bar, track)
                if part is not None:
                    pairs.append((levels[place], words.density_level(track, event_count(bar, track))))
        table = np.zeros((8, 8), dtype=int)
        for asked, played in pairs:
            table[asked, played] += 1
        sounding = [(asked, played) for asked, played in pairs if asked]
        result[track] = {
            "spearman": float(stats.spearmanr(pairs).statistic), "spearmanSounding": float(stats.spearmanr(sounding).statistic),
            "meanAbsoluteError": float(np.mean([abs(a - b) for a, b in sounding])), "bars": len(pairs), "table": table.tolist(),
        }
    return result


def key_membership(takes: Sequence[Sequence[Bar]]) -> dict:
    """Share of pitched notes in the asked scale, by style and track ("all": every style, every track)."""
    words, result = vocabulary(), {}
    bars = [bar for take in takes for bar in take]
    for style in (*COMPOSED_STYLES, "all"):
        counts = in_key([bar for bar in bars if style in (words.styles[bar.controls.style], "all")])
        row = {track: inside / total if total else None for track, (inside, total) in counts.items()}
        total = sum(total for _, total in counts.values())
        result[style] = row | {"all": sum(inside for inside, _ in counts.values()) / total if total else None, "notes": total}
    return result


def style_table(phrases: Sequence[tuple[str, Sequence[Bar]]], judge: StyleJudge) -> dict:
    """The share of phrases with drums that the judge takes for the style that was asked, by style, and the table [asked, heard] of counts."""
    table = np.zeros((len(COMPOSED_STYLES), len(COMPOSED_STYLES)), dtype=int)
    for (style, _), heard in zip(phrases, judge.styles([bars for _, bars in phrases])):
        if heard is not None:
            table[COMPOSED_STYLES.index(style), COMPOSED_STYLES.index(heard)] += 1
    drummed = table.sum(1)
    return {
        "accuracy": float(np.trace(table) / max(1, table.sum())), "phrases": len(phrases), "heard": int(table.sum()),
        "byStyle": {style: float(table[i, i] / drummed[i]) if drummed[i] else None for i, style in enumerate(COMPOSED_STYLES)},
        "table": table.tolist(),
    }


def phrase_obedience(phrases: Sequence[tuple[str, Sequence[Bar]]], judge: PhraseJudge) -> dict:
    """Spearman's correlation of asked with heard energy, and the share of phrases heard as the section that was asked."""
    energies = judge.energies(phrases)
    asked = [asked_energy(bars) for _, bars in phrases]
    pairs = [(asked_section(bars), heard) for (_, bars), heard in zip(phrases, judge.sections(phrases))]
    pairs = [pair for pair in pairs if pair[0]]
    names = sorted({name for name, _ in pairs})
    return {
        "energy": float(stats.spearmanr(asked, energies).statistic),
        "section": float(np.mean([asked == heard for asked, heard in pairs])),
        "bySection": {name: float(np.mean([heard == name for asked, heard in pairs if asked == name])) for name in names},
    }


def steered_phrases(plans: Sequence[Sequence[Phrase]], takes: Sequence[Sequence[Bar]]) -> list[tuple[Phrase, Sequence[Bar]]]:
    """Every planned phrase with the bars that were played for it."""
    return [
        (phrase, bars[place * WINDOW : (place + 1) * WINDOW])
        for plan, bars in zip(plans, takes, strict=True) for place, phrase in enumerate(plan)
    ]


def presence(phrases: Sequence[Sequence[Bar]]) -> dict[str, float]:
    """By track: the share of the bars in which it sounds."""
    bars = [bar for phrase in phrases for bar in phrase]
    return {track: float(np.mean([event_count(bar, track) > 0 for bar in bars])) for track in COMPOSED_TRACKS}


def since_change(rows: Sequence, phrases_a_take: int) -> dict[str, list[int]]:
    """The phrases of all takes by how long their style has lasted: from a take's beginning, and the first and second after a change."""
    places = [(i, i % phrases_a_take) for i in range(len(rows))]
    return {
        "fromNothing": [i for i, place in places if place < 2],
        "firstPhrase": [i for i, place in places if place >= 2 and place % 2 == 0],
        "secondPhrase": [i for i, place in places if place >= 2 and place % 2 == 1],
    }


def answer(forced: Sequence[Sequence[Bar]], steered: Sequence[Sequence[Bar]], played: Sequence[Sequence[Bar]],
           raw: Sequence[Sequence[Bar]], held_out: Sequence[Sequence[Bar]], phrases_a_take: int, fitting_per_style: int) -> dict:
    """The result of the question; `played` and `raw` are continuations of held-out excerpts, `held_out` what the excerpts go on with."""
    songs = fitting_songs(fitting_per_style)
    judged_songs = fitting_songs(max(4, fitting_per_style // 4), FITTING_SEED + 500_000)
    styles, phrase_judge = StyleJudge(songs), PhraseJudge(songs)
    rows = steered_phrases(steered_plans(len(steered), phrases_a_take), steered)
    asked = [(phrase.style, bars) for phrase, bars in rows]
    models = [(phrase.style, phrase.model) for phrase, _ in rows]
    continued = [(vocabulary().styles[bars[0].controls.style], window) for bars in played for window in windows(bars)]
    result = {
        "density": density_obedience(forced),
        "key": {"asPlayed": key_membership(played), "raw": key_membership(raw), "heldOut": key_membership(held_out),
                "steered": key_membership(steered), "forcedDensity": key_membership(forced),
                "keyChange": key_membership([bars for phrase, bars in rows if phrase.is_new_key])},
        "style": {"steered": style_table(asked, styles), "continued": style_table(continued, styles),
                  **{name: style_table([asked[i] for i in places], styles) for name, places in since_change(rows, phrases_a_take).items()},
                  "judgeOnHeldOut": style_table([(style, phrase) for style, bars in judged_songs for phrase in windows(bars)], styles),
                  "names": list(COMPOSED_STYLES)},
        "phrases": {"steered": phrase_obedience(asked, phrase_judge), "judgeOnHeldOut": phrase_obedience(models, phrase_judge)},
        "presence": {"steered": presence([bars for _, bars in asked]), "heldOut": presence([bars for _, bars in models])},
    }
    steered_row, ceiling = result["phrases"]["steered"], result["phrases"]["judgeOnHeldOut"]
    met = {
        "density": min(row["spearman"] for row in result["density"].values()) >= DENSITY_AIM,
        "key": result["key"]["asPlayed"]["all"]["all"] >= KEY_AIM,
        "keyChange": (result["key"]["keyChange"]["all"]["all"] or 0) >= KEY_AIM,
        "style": result["style"]["steered"]["accuracy"] >= STYLE_AIM,
        "styleOfCeiling": result["style"]["steered"]["accuracy"] >= CEILING_SHARE * result["style"]["judgeOnHeldOut"]["accuracy"],
        "energy": steered_row["energy"] >= CEILING_SHARE * ceiling["energy"],
        "section": steered_row["section"] >= CEILING_SHARE * ceiling["section"],
        "presence": all(abs(share - result["presence"]["heldOut"][track]) <= PRESENCE_TOLERANCE
                        for track, share in result["presence"]["steered"].items()),
    }
    return result | {"met": met}
