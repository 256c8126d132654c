"""The model card: what the model is, from what and how it was made, what was measured, where it fails, whom to thank."""

from __future__ import annotations

from pathlib import Path

from .evaluation.report import summary_table
from .songs import IMPORTED_PATH

ATTRIBUTION_PATH = IMPORTED_PATH.parent / "ATTRIBUTION.md"

CARD = """# {name}

A small language model that writes house, acid, techno, electro, breaks and ambient bar by bar, token by token, for the live instrument
Key Query Voice. {parameters:,} parameters, {megabytes:.1f} MB of f16 weights, MIT licence; the music it learned from has licences of its own
([below](#attribution)).

- **Architecture**: decoder-only transformer as `MistralForCausalLM` computes it, which is how `transformers` loads this folder: {layers} layers,
  hidden {hidden}, {heads} heads of {head_dim}, SwiGLU {ffn}, RMSNorm, rotary positions, sliding window of {window} tokens, tied embedding.
- **Language**: `vocabulary.json` ({vocabulary} tokens), generated from `src/lib/music`. Every bar opens with style, section, energy, tempo,
  key and mode, then writes drums, bass, chords, lead and arp, each with its density; a silent part is `DENSITY_0`. The model never
  writes `guest`. A drum hit is one token with its level, and velocity and duration are written only when they change.

## Data
{tokens:,} tokens. Composed music follows this project's own rules (`training/kqv_training/composer`, seed {seed}). Recombined songs join parts
that fit in style, key and mode. The others were imported from licensed sources (`training/corpus`, where `imported.json` says
what was kept, dropped and why). The split is by song and family of songs.

| group | songs | bars | tokens | held out, songs |
|---|--:|--:|--:|--:|
{groups_table}

`electronic` is LMMS, WaveSabre and Farbrausch; `band` Simutrans, Freedoom and EasyRPG; `patterns` the Groove MIDI Dataset, drum clips, chord
progressions and rule-made acid sessions. Rows are transposed to all keys, lose parts ({part_drop:.0%} of excerpts), section ({section_drop:.0%}) or mode
({mode_drop:.0%}) at random, unless a stage below says otherwise.

| style | tokens a bar, mean | median | 90 % |
|---|--:|--:|--:|
{tokens_table}

Density levels 1-7 are octiles of the notes in a sounding bar (the largest count of levels 1-6):

| track | bounds in use | measured octiles |
|---|---|---|
{bounds_table}

## Training
`python -m kqv_training.run {config}`: Muon for the matrices, AdamW for embedding and norms, bf16 autocast.

| stage | steps | rows a step | tokens a row | rate, share of the peak | mixture |
|---|--:|--:|--:|---|---|
{stages_table}

{seen:,} tokens in {minutes:.0f} minutes{machine}. {note}What happened on the way, by step: {events}. Corpora by the SHA-256 of their tokens. Loss
curves: `training/report`.

Held-out loss at the end, nats a token over rows of 1,536 tokens: {losses}.

## Evaluation
`python -m kqv_training.evaluation ../static/models/{name}`; all figures in `evaluation.json`, with plots in `training/report`.

{summary}

## Limits
{limits}

## Attribution
{attribution}
"""


def _events(record: dict) -> str:
    words = []
    for event in record["events"]:
        if event["what"] == "corpus":
            digest = event["sha256"]
            words.append(f"{event['step']}: corpus {digest[:12] if ' ' not in digest else digest} ({event['tokens']:,} tokens)")
        elif event["what"] == "stages":
            steps = " + ".join(str(stage["steps"]) for stage in event["stages"])
            words.append(f"{event['step']}: stages of {steps} steps")
        else:
            words.append(f"{event['step']}: {event['what']}")
    return "; ".join(words)


def _stages(config: dict) -> str:
    rows = []
    for number, stage in enumerate(config["stage"], 1):
        rate = f"{stage.get('rate_from', 1.0):g} to {stage.get('rate_to', 1.0):g}"
        mixture = ", ".join(f"{group} {share:g}" for group, share in stage["mixture"].items())
        own = stage.get("augmentation", {})
        mixture += f"; {own['cut_share']:.0%} of excerpts cut short, {own['part_drop_out']:.0%} lose parts" if own else ""
        mixture += f"; answers to changed controls weigh {stage['steering_weight']:g}" if "steering_weight" in stage else ""
        mixture += f"; refused tokens weigh {stage['grammar_weight']:g}" if "grammar_weight" in stage else ""
        rows.append(f"| {number} | {stage['steps']} | {stage['batch']} | {stage['length']} | {rate} | {mixture} |")
    return "\n".join(rows)


def _attribution() -> str:
    """The attribution of the imported music, its headings two levels down and its title left out."""
    lines = ATTRIBUTION_PATH.read_text().splitlines()
    return "\n".join(f"#{line}" if line.startswith("#") else line for line in lines if not line.startswith("# ")).strip()


def write_card(path: Path, config_name: str, config: dict, record: dict, instrument: dict, evaluation: dict) -> None:
    """Writes the card to `path`."""
    shape, corpus = record["shape"], record["corpus"]
    bounds, held_out = corpus["densityBounds"], corpus["validation"]
    augmentation = config["augmentation"]
    path.write_text(CARD.format(
        name=instrument["name"], parameters=instrument["parameters"], megabytes=instrument["bytes"] / 1e6,
        layers=shape["num_hidden_layers"], hidden=shape["hidden_size"], heads=shape["num_attention_heads"],
        head_dim=shape["head_dim"], ffn=shape["intermediate_size"], window=shape["sliding_window"],
        vocabulary=shape["vocab_size"], seed=config["seed"], tokens=corpus["trainTokens"],
        groups_table="\n".join(
            f"| {group} | {row['songs']:,} | {row['bars']:,} | {row['tokens']:,} | {held_out.get(group, {}).get('songs', 0)} |"
            for group, row in corpus["groups"].items()),
        part_drop=augmentation["part_drop_out"], section_drop=augmentation["section_drop_out"], mode_drop=augmentation["mode_drop_out"],
        tokens_table="\n".join(
            f"| {style} | {row['mean']:g} | {row['median']:g} | {row['p90']:g} |" for style, row in corpus["tokensPerBar"].items()),
        bounds_table="\n".join(f"| {track} | {bounds[track]} | {corpus['measuredOctiles'][track]} |" for track in bounds),
        config=config_name, stages_table=_stages(config), seen=record["tokensSeen"], minutes=record["seconds"] / 60,
        machine=f" on {config['machine']}" if "machine" in config else "", note=f"{config['note']} " if "note" in config else "",
        events=_events(record),
        losses=", ".join(f"{group} {loss:.3f}" for group, loss in record["validationNatsPerToken"].items()),
        summary=summary_table(evaluation["summary"]), limits=config["limits"].strip(), attribution=_attribution(),
    ))
