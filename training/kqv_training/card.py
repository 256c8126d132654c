"""The model card: what the model is, from what it was made, what was measured, where it fails."""

from __future__ import annotations

from pathlib import Path

from .evaluate import table

CARD = """# {name}

A small language model that writes house, acid, techno, electro, breaks and ambient bar by bar, token by token, for the live instrument
Key Query Voice. {parameters:,} parameters, {megabytes:.1f} MB of f16 weights, MIT licence.

- **Architecture**: decoder-only transformer as `MistralForCausalLM` computes it: {layers} layers, hidden {hidden},
  {heads} heads of {head_dim}, SwiGLU {ffn}, RMSNorm, rotary positions, sliding window of {window} tokens (about {window_bars:.0f} bars), tied embedding.
- **Language**: `vocabulary.json` ({vocabulary} tokens), generated from `src/lib/music`. Every bar opens with style, section, energy, tempo,
  key and mode, then writes drums, bass, chords, lead and arp, each with its density; a silent part is `DENSITY_0`. The model never
  writes `guest`. A drum hit is one token with its level, and velocity and duration are written only when they change: on 1,298
  four-part bars of real songs (LMMS, WaveSabre, Simutrans) that is 95 tokens a bar at the median, against 139 note by note.

## Data
Composed by this project's own rules (`training/kqv_training/composer`), seed {seed}; no third-party data, nothing to attribute.
{songs:,} songs, {bars:,} bars, {tokens:,} tokens; keys, modes and tempos drawn per song; about an eighth of the stream is short stretches
strewn between whole songs, so that controls change in mid-flow. Validation songs have seeds of their own.

| style | tokens a bar, mean | median | 90 % |
|---|--:|--:|--:|
{tokens_table}

Density levels 1-7 by notes in a bar (the largest count of levels 1-6), close to the octiles measured on this corpus, made strictly rising:

| track | bounds in use | measured octiles |
|---|---|---|
{bounds_table}

## Training
`python -m kqv_training.run {config}`: AdamW, cosine from {rate:g}, bf16 autocast; {stages}.
{seen:,} tokens in {minutes:.0f} minutes on two cores shared with other work. The embedding starts with circles for pitch class, height and place in the bar
(`embedding.py`). {note}Validation loss {loss:.3f} nats a token over sequences of twice the window; a 5-gram model of 2 M tokens of the same corpus has
{ngram:.3f} on the same songs.

## Measured
{streams} bars a style, section drop, random keys and modes, temperature 1, grammar mask on, no scale lock (`evaluation.json`). From nothing:
key and mode are known from the bar's head alone. After 4 composed bars: as the instrument starts, from an opening.

{evaluation}

Density rows: levels forced at random for every track, requested against produced.

## Limits
Without music before it, it does not always find the key, least in the rarer modes; a scale lock or an opening helps. It knows only what the rules know: 4/4, six styles, {modes}; other styles, `chromatic` and tracks of a guest are
untrained tokens. Tempo is a label and hardly changes the writing. Form (what comes after a drop) is the player's: the model follows the
section it is told. Combinations far from the corpus (many tracks at density 7 together) come out thinner than asked.
"""


def write_card(path: Path, config_name: str, config: dict, record: dict, instrument: dict, evaluation: dict) -> None:
    """Writes the card to `path`."""
    shape, corpus = record["shape"], record["corpus"]
    lengths = corpus["tokensPerBar"]
    mean_length = sum(row["mean"] for row in lengths.values()) / len(lengths)
    stages = ", then ".join(f"{s['steps']} steps of {s['batch']} × {s['length']} tokens" for s in config["stage"])
    bounds = corpus["densityBounds"]
    path.write_text(CARD.format(
        name=instrument["name"], parameters=instrument["parameters"], megabytes=instrument["bytes"] / 1e6,
        layers=shape["num_hidden_layers"], hidden=shape["hidden_size"], heads=shape["num_attention_heads"],
        head_dim=shape["head_dim"], ffn=shape["intermediate_size"], window=shape["sliding_window"],
        window_bars=shape["sliding_window"] / mean_length, vocabulary=shape["vocab_size"], seed=config["seed"],
        songs=corpus["songs"], bars=corpus["bars"], tokens=corpus["trainTokens"],
        tokens_table="\n".join(f"| {style} | {row['mean']:g} | {row['median']:g} | {row['p90']:g} |" for style, row in lengths.items()),
        bounds_table="\n".join(f"| {track} | {bounds[track]} | {corpus['measuredOctiles'][track]} |" for track in bounds),
        note=f"{config['note']} " if "note" in config else "", config=config_name, rate=config["optimizer"]["learning_rate"], stages=stages,
        seen=record["tokensSeen"], minutes=record["seconds"] / 60, loss=record["validationNatsPerToken"],
        ngram=record["ngramNatsPerToken"], streams=next(iter(evaluation["styles"].values()))["bars"],
        evaluation=table(evaluation), modes="seven modes (mostly minor, dorian and phrygian)",
    ))
