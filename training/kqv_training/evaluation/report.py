"""The report: what was asked, what came out, whether the aim is met, in a table and sections with plots."""

from __future__ import annotations

from pathlib import Path
from typing import Any, Iterable, Sequence

from ..drawing import ANSWERING_BARS, ANSWERING_LOCK, RARE_TRACKS, WORN_BARS
from . import plots
from .metrics import MEASURES

MEASURE_NAMES = {
    "pitchClassEntropy": "pitch-class entropy, bit", "scaleConsistency": "scale consistency", "grooveConsistency": "groove consistency",
    "polyphony": "polyphony", "noteDensity": "notes a bar",
}

VERDICTS = {True: "met", False: "not met", None: "no aim"}


def _row(question: str, measure: str, aim: str, value: str, met: bool | None) -> dict:
    return {"question": question, "measure": measure, "aim": aim, "value": value, "met": met}


def _modelling(a: dict) -> list[dict]:
    real = a["real"]
    return [
        _row("Does it model music?", "perplexity on held-out real songs, against the best 5-gram", "≤ 0.75 of it",
             f"{real['model']['perplexity']:.2f} / {real['fivegram']['perplexity']:.2f} = {real['ratio']:.3f}", a["met"]["perplexity"]),
        _row("", "nats a token: model, 5-gram, grammar alone", "",
             f"{real['model']['nats']:.3f}, {real['fivegram']['nats']:.3f}, {real['grammar']['nats']:.3f}", None),
        _row("", "nats a bar: model, 5-gram, grammar alone", "",
             f"{real['model']['natsPerBar']:.1f}, {real['fivegram']['natsPerBar']:.1f}, {real['grammar']['natsPerBar']:.1f}", None),
    ]


def _resemblance(a: dict) -> list[dict]:
    rows = []
    for name, label in MEASURE_NAMES.items():
        one, limit = a["asPlayed"]["all"][name], a["tolerances"].get(name)
        error = f" ± {one['standardError']:.3f}" if one["standardError"] is not None else ""
        raw = f"; raw {a['raw']['all'][name]['difference']:+.3f}" if name in a["raw"]["all"] else ""
        value = f"{one['difference']:+.3f}{error} (held-out {one['heldOut']:.3f}{raw})"
        question = "" if rows else "Does it sound like the corpus?"
        rows.append(_row(question, f"{label}: written less held-out", f"within {limit:g}" if limit else "", value, a["met"].get(name)))
    return rows


def _obedience(a: dict) -> list[dict]:
    met, key = a["met"], a["key"]
    densities = ", ".join(f"{track} {row['spearman']:.3f}" for track, row in a["density"].items())
    phrases, ceiling = a["phrases"]["steered"], a["phrases"]["judgeOnHeldOut"]
    heard, most = a["style"]["steered"]["accuracy"], a["style"]["judgeOnHeldOut"]["accuracy"]
    error = (heard * (1 - heard) / max(1, a["style"]["steered"]["heard"])) ** 0.5
    return [
        _row("Does it obey?", "density, Spearman by track", "≥ 0.9 each", densities, met["density"]),
        _row("", "notes in the asked key, as played (raw; held-out music)", "≥ 95 %",
             f"{key['asPlayed']['all']['all']:.1%} ({key['raw']['all']['all']:.1%}; {key['heldOut']['all']['all']:.1%})", met["key"]),
        _row("", "notes in the asked key, in the phrase after a change of key", "≥ 95 %", f"{key['keyChange']['all']['all']:.1%}", met["keyChange"]),
        _row("", "style heard in the drums, in takes that change it", "≥ 90 %", f"{heard:.1%} ± {error:.1%}", met["style"]),
        _row("", "the same, against the judge on held-out music", "≥ 0.9 of the judge's", f"{heard:.1%} ({most:.1%})", met["styleOfCeiling"]),
        _row("", "energy, Spearman (the judge on held-out music)", "≥ 0.9 of the judge's",
             f"{phrases['energy']:.2f} ({ceiling['energy']:.2f})", met["energy"]),
        _row("", "section heard (the judge on held-out music)", "≥ 0.9 of the judge's",
             f"{phrases['section']:.1%} ({ceiling['section']:.1%})", met["section"]),
        _row("", "bars in which each track sounds (in the phrases asked for)", "within 10 %", _presence(a["presence"]), met["presence"]),
    ]


def _presence(rows: dict) -> str:
    return ", ".join(f"{track} {share:.0%} ({rows['heldOut'][track]:.0%})" for track, share in rows["steered"].items())


def _endurance(a: dict) -> list[dict]:
    drifting = [f"{style}: {MEASURE_NAMES[name]} {one['change']:+.3f}" for style, row in [("all styles", a), *a["styles"].items()]
                for name, one in row["drift"].items() if not one["flat"]]
    common = ", ".join(f"{MEASURE_NAMES[name]} {one['change']:+.3f}" for name, one in a["drift"].items())
    bars = next(iter(a["styles"].values()))["bars"]
    corpus = {name: sum(row[name] for row in a["heldOut"].values()) / len(a["heldOut"]) for name in ("repeated", "silent")}
    return [
        _row("Does it last?", f"measures by {a['blockBars']}-bar blocks over {bars:,} bars a style", "flat",
             "; ".join(drifting) or f"flat (mean change: {common})", a["met"]["flat"]),
        _row("", "bars repeated verbatim more than 4 times running", "0",
             f"{a['repeated']:.2%} (composed songs: {corpus['repeated']:.2%})", a["met"]["repeated"]),
        _row("", "silent bars", "0", f"{a['silent']:.2%} (composed songs: {corpus['silent']:.2%})", a["met"]["silent"]),
    ]


def _originality(a: dict) -> list[dict]:
    written, chance = a["views"]["music"]["written"], a["views"]["music"].get("heldOut")
    other = f"; held-out songs: {chance['bars']}" if chance else ""
    return [_row("Is it its own?", f"longest match in bars with any of {a['trainingSongs']} real training songs, all keys", f"≤ {a['aim']}",
                 f"{written['bars']} ({written['different']} different){other}", a["met"]["longest"])]


def _validity(a: dict) -> list[dict]:
    return [
        _row("" if name == "raw" else "Is it valid?", f"tokens that the grammar refuses without the mask, {words}", "≤ 0.1 %",
             f"{a[name]['share']:.3%} of {a[name]['tokens']:,}", a["met"][name])
        for name, words in (("asPlayed", "temperature and top-p as played"), ("raw", "temperature 1"))
    ]


def _cost(a: dict) -> list[dict]:
    four, speed = a["fourTracks"], a["speed"]
    written = f"{four['mean']:.0f} (median {four['median']:.0f})" if four else "no such bar"
    row = _row("", "bars per bar-time on the CPU fallback, 128 BPM", "≥ 2", "not measured yet", None)
    if speed:
        note = "" if speed["theseWeights"] else ", measured with other weights"
        row |= {"value": f"{speed['barsPerBarTime']:.2f} ({speed['engine']}{note})", "met": a["met"]["bars"]}
    return [_row("Is it affordable?", "tokens in a bar of four tracks, mean", "≤ 110", written, a["met"]["tokens"]), row]


ROWS = {"modelling": _modelling, "resemblance": _resemblance, "obedience": _obedience, "endurance": _endurance,
        "originality": _originality, "validity": _validity, "cost": _cost}


def summary_rows(answers: dict) -> list[dict]:
    """A row {question, measure, aim, value, met} for everything measured; `met` is None where there is no aim."""
    return [row for name, answer in answers.items() for row in ROWS[name](answer)]


def markdown_table(header: Sequence[str], rows: Sequence[Sequence[Any]]) -> str:
    """A Markdown table; floats with three decimals, None as a dash."""
    def cell(value: Any) -> str:
        return "–" if value is None else f"{value:.3f}" if isinstance(value, float) else str(value)
    lines = [header, ["---", *["--:"] * (len(header) - 1)], *([cell(value) for value in row] for row in rows)]
    return "\n".join(f"| {' | '.join(line)} |" for line in lines)


def summary_table(rows: Sequence[dict]) -> str:
    """The summary as a Markdown table."""
    lines = ["| question | measure | aim | value | verdict |", "|---|---|---|---|---|"]
    lines += [f"| {row['question']} | {row['measure']} | {row['aim']} | {row['value']} | {VERDICTS[row['met']]} |" for row in rows]
    return "\n".join(lines)


def _modelling_section(a: dict) -> str:
    rows = [(source, row["songs"], row["bars"], row["model"]["nats"], row["fivegram"]["nats"], row["grammar"]["nats"],
             row["model"]["natsPerBar"], row["ratio"]) for source, row in a["sources"].items()]
    header = ("source", "songs", "bars", "model", "5-gram", "grammar", "model, nats a bar", "perplexity, share of the 5-gram's")
    return f"""## Does it model music?
Nats a token of what the bars play (their seven head tokens are given, so they do not count), every song read from its first bar. The verdict
is on {', '.join(a['judged'])} together. The 5-gram is the one that does best on these very songs, of three smoothings (one of them
tuned on them) and up to three streams of the corpus: {a['fivegramVariant']}.

{markdown_table(header, rows)}

![Nats a token by source](nats-by-source.svg)
"""


def _resemblance_section(a: dict) -> str:
    parts = []
    for sampling, words in (("asPlayed", "As played by default"), ("raw", "Temperature 1, no scale lock")):
        rows = [
            (style, *(f"{row[name]['difference']:+.3f} ± {row[name]['standardError'] or 0:.3f}" if name in row else None for name in MEASURES))
            for style, row in a[sampling].items()
        ]
        parts.append(f"{words}; written less held-out, ± standard error:\n\n{markdown_table(('style', *MEASURE_NAMES.values()), rows)}\n")
    return """## Does it sound like the corpus?
The model reads four held-out bars and goes on for sixteen under the controls of the bars that really follow; both sides are measured in
windows of eight bars and compared excerpt by excerpt. Entropy, scale and groove consistency are those of MusPy, as the Multitrack
Music Transformer reports them, on 48 steps a bar, drums in the groove; polyphony is MusPy's too. A third of the excerpts at most comes from
imported validation songs, the others are composed from seeds that training never saw.

""" + "\n".join(parts)


def _obedience_section(a: dict) -> str:
    density = [(track, row["spearman"], row["spearmanSounding"], row["meanAbsoluteError"]) for track, row in a["density"].items()]
    tracks = ("bass", "chords", "lead", "arp", "all")
    labels = {"asPlayed": "as played", "raw": "temperature 1, no scale lock", "heldOut": "held-out music itself",
              "steered": "controls changed in mid-flow", "keyChange": "the phrase after a key change", "forcedDensity": "densities forced"}
    key = [(label, *(a["key"][name]["all"][track] for track in tracks)) for name, label in labels.items()]
    key += [(f"as played, {style}", *(row[track] for track in tracks)) for style, row in a["key"]["asPlayed"].items() if style != "all"]
    judged = ("steered", "fromNothing", "firstPhrase", "secondPhrase", "continued", "judgeOnHeldOut")
    styles = [(style, *(a["style"][name]["byStyle"][style] for name in judged)) for style in a["style"]["names"]]
    styles.append(("all", *(a["style"][name]["accuracy"] for name in judged)))
    ceiling = a["phrases"]["judgeOnHeldOut"]["bySection"]
    sections = [(name, value, ceiling.get(name)) for name, value in a["phrases"]["steered"]["bySection"].items()]
    return f"""## Does it obey?
Densities are drawn anew every two bars for every track. Style changes every 16 bars, section and energy every 8, key and mode half-way, in
takes that begin from nothing. A random forest on the pieces and positions of eight bars of drums names the style; two more, on note counts,
levels and voices, name energy and section. They are fitted on composed songs; what they say of held-out music is the most that perfect
obedience can score: the drums of house, acid and techno have much in common.

{markdown_table(('density', 'Spearman', 'Spearman, sounding', 'mean absolute error'), density)}

![Asked and played density](density.svg)

Share of notes in the asked scale:

{markdown_table(('key', *tracks), key)}

Share of phrases heard as the asked style: in the takes that change style (all their phrases; then those before the first change, the first and
the second phrase after a change), continuing held-out music, and held-out music itself.

{markdown_table(('style', 'changing takes', 'from nothing', 'first after a change', 'second', 'continued', 'held-out'), styles)}

![Asked and heard style](styles.svg)

{markdown_table(('section heard as asked', 'written', 'held-out'), sections)}
"""


def _endurance_section(a: dict) -> str:
    def shares(row: dict) -> tuple:
        return row["bars"], f"{row['repeated']:.2%}", f"{row['silent']:.2%}", f"{row['different']:.1%}"

    def changes(row: dict) -> tuple:
        return tuple(f"{one['change']:+.3f}{'' if one['flat'] else ' (!)'}" for one in row["drift"].values())

    rows = [(style, *shares(row), *changes(row)) for style, row in a["styles"].items()]
    rows.append(("mean", None, None, None, None, *changes(a)))
    alone, corpus = ([(style, *shares(row)) for style, row in a[name].items()] for name in ("leftAlone", "heldOut"))
    names = ("style", "bars", "repeated", "silent", "different bars")
    return f"""## Does it last?
One unbroken take of every style from the application's opening, in one key, on a schedule of a hundred bars that a player might follow
(build 8, drop 32, break 16, build 8, drop 36; energies with the sections; densities left to the model), so that every block of a hundred
is asked the same. The last columns are the change along a fitted line over the whole take (density and polyphony as shares of their mean). A single take wavers, so
a style counts as flat when its change is within the tolerance or cannot be told from none at p < 0.05 / 30; the mean of the styles must be
within the tolerance. (!) marks what is not flat.

{markdown_table((*names, *MEASURE_NAMES.values()), rows)}

![Measures by blocks of a hundred bars](endurance.svg)

Left alone, with style and tempo given and all else the model's choice:

{markdown_table(names, alone)}

Composed songs that training never saw, for comparison (each song by itself):

{markdown_table(names, corpus)}
"""


def _originality_section(a: dict) -> str:
    rows = []
    for view, sides in a["views"].items():
        for side, words in (("written", "written"), ("heldOut", "held-out songs")):
            if side in sides:
                one = sides[side]
                rows.append((f"{view}, {words}", one["bars"], one["different"], f"{one['matching']:.1%}", one["song"]))
    return f"""## Is it its own?
{a['bars']:,} written bars against {a['trainingSongs']} real training songs. Bars match when their notes are the same after transposition (tracks,
positions, intervals; at least six notes; velocity and length do not count). The verdict is on all pitched tracks together; the other rows tell
where single parts coincide, which short loops and plain patterns do by chance: so do real songs that were held out.

{markdown_table(('compared', 'longest match, bars', 'different bars in it', 'bars found in some song', 'song'), rows)}
"""


def _curves_section(record: dict | None) -> str:
    return "## Training\n![Loss by step](loss.svg)\n" if record else ""


SECTIONS = {"modelling": _modelling_section, "resemblance": _resemblance_section, "obedience": _obedience_section,
            "endurance": _endurance_section, "originality": _originality_section}


def _listed(words: Iterable[str]) -> str:
    """The words, two at least, as a sentence has them: "a, b and c"."""
    *others, last = words
    return f"{', '.join(others)} and {last}"


def write_report(folder: Path, evaluation: dict, record: dict | None) -> None:
    """Writes README.md and its plots to `folder`; `record` is that of the training run, when there is one."""
    folder.mkdir(parents=True, exist_ok=True)
    answers = evaluation["questions"]
    plots.write_plots(folder, answers, record)
    rows = evaluation["summary"]
    judged = [row for row in rows if row["met"] is not None]
    played = evaluation["sampling"]["asPlayed"]
    met, quick = sum(row["met"] for row in judged), "; a quick look with few bars" if evaluation["quick"] else ""
    head = f"""# Evaluation of {evaluation['model']}

Weights {evaluation['sha256'][:12]}; {met} of {len(judged)} aims met{quick}. Written by
`python -m kqv_training.evaluation ../static/models/{evaluation['model']}`. "As played" is the application's default: temperature
{played['temperature']:g} (times {played['form']:g} where tracks and densities are chosen, {played['drums']:g} in the drums, {played['pitch']:g} for
pitches), top-p {played['top_p']:g}, min-p {played['min_p']:g}, scale lock {played['scale_lock']:.0%}, silence of core
tracks that have rested for eight bars held back by {played['silence_penalty']:g}. In the {ANSWERING_BARS} bars that answer a new style or section
the first two are {played['answering_form']:g} and {played['answering_drums']:g}, and silence of {_listed(RARE_TRACKS)} loses {_listed(f"{loss:g}" for loss in played['answering_silence'])} of
its logit; in those that answer a new key or mode the lock is {ANSWERING_LOCK} times as strong. A bar is written once more in which nothing sounds, or which
plays the same as the {WORN_BARS} before it. "Raw" is temperature 1 under the grammar alone.

{summary_table(rows)}
"""
    sections = [SECTIONS[name](answers[name]) for name in SECTIONS if name in answers]
    (folder / "README.md").write_text("\n".join([head, *sections, _curves_section(record)]).rstrip() + "\n")
