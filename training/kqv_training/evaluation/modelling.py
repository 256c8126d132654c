"""Does it model music? Nats a token and a bar on held-out songs, against counting 5-grams and the grammar alone.

Only what the model has to invent is counted: the seven tokens that open a bar are given to it in the application, so they are
left out of "music" (and reported under "all"). Every song is read from its first bar on.
"""

from __future__ import annotations

from collections import defaultdict
from pathlib import Path
from typing import Sequence

import numpy as np
import torch

from ..composer.styles import COMPOSED_STYLES
from ..export import load_model
from ..grammar import GrammarWalk
from ..language import CONTROL_FAMILIES, encode_bar, vocabulary
from ..model import Decoder
from ..ngram import NGramModel, TunedNGramModel, count_ngrams
from ..rows import transposed
from .material import FITTING_SEED, REAL_SOURCES, UNSEEN_SEED, imported_of, unseen_song

AIM = 0.75

#: Tokens that are read of a source that is not of REAL_SOURCES, and tokens of composed music that the 5-grams count.
OTHER_SOURCE_TOKENS, COMPOSED_TOKENS = 25_000, 2_000_000


def song_tokens(bars: Sequence) -> np.ndarray:
    """A song as one token array."""
    return np.array([token for bar in bars for token in encode_bar(bar)], dtype=np.int64)


def held_out(composed_per_style: int, other_tokens: int) -> dict[str, list[np.ndarray]]:
    """Held-out songs by source: real ones whole, `other_tokens` of every other source, unseen composed songs."""
    sources: dict[str, list[np.ndarray]] = defaultdict(list)
    for song in imported_of("validation"):
        if song.source in REAL_SOURCES or sum(map(len, sources[song.source])) < other_tokens:
            sources[song.source].append(song_tokens(song.bars))
    for style in COMPOSED_STYLES:
        for i in range(composed_per_style):
            sources["composed"].append(song_tokens(unseen_song(UNSEEN_SEED + i, style)))
    return dict(sources)


@torch.no_grad()
def model_nats(model: Decoder, tokens: np.ndarray) -> np.ndarray:
    """The negative log-likelihood [n - 1] of every token of a song after the first."""
    logits = model(torch.from_numpy(tokens[None, :-1]))[0].float()
    return -logits.log_softmax(-1).gather(1, torch.from_numpy(tokens[1:, None]))[:, 0].numpy()


def grammar_nats(songs: Sequence[np.ndarray]) -> list[np.ndarray]:
    """ln of the number of tokens that the grammar admits at every token [n - 1] of each song after the first."""
    order = sorted(range(len(songs)), key=lambda i: -len(songs[i]))
    walk = GrammarWalk(len(songs))
    nats = [np.zeros(len(song)) for song in songs]
    for step in range(max(map(len, songs))):
        active = [i for i in order if len(songs[i]) > step]
        walk.states, walk.registers = walk.states[: len(active)], walk.registers[: len(active)]
        for i, count in zip(active, walk.admitted().sum(1)):
            nats[i][step] = np.log(count)
        walk.advance([songs[i][step] for i in active])
    return [row[1:] for row in nats]


def is_music(tokens: np.ndarray) -> np.ndarray:
    """Which tokens [n] are not of a bar's head."""
    words = vocabulary()
    heads = [words.token("BAR")]
    for family in CONTROL_FAMILIES:
        heads += range(words.start[family], words.start[family] + words.count[family])
    return ~np.isin(tokens, heads)


def training_streams(composed_tokens: int) -> dict[str, np.ndarray]:
    """What the 5-gram models count: streams of the corpus, one of which will suit them best.

    The model saw every song in every key, so in the larger streams the real electronic songs stand in twelve. Without `composed_tokens` (or
    without imported songs) there is one stream only.
    """
    songs = [song_tokens(song.bars) for song in imported_of("train")]
    composed: list[np.ndarray] = []
    seed = FITTING_SEED
    while sum(map(len, composed)) < (composed_tokens or not songs):
        composed += [song_tokens(unseen_song(seed, style)) for style in COMPOSED_STYLES]
        seed += 1
    if not songs:
        return {"composed songs": np.concatenate(composed)}
    streams = {"imported songs": np.concatenate(songs)}
    if composed:
        electronic = [song_tokens(song.bars) for song in imported_of("train", REAL_SOURCES)]
        keys = [transposed(song, shift) for song in electronic for shift in range(-6, 6) if shift]
        streams["imported songs, the electronic ones in 12 keys"] = np.concatenate([*songs, *keys])
        streams["imported songs, the electronic ones in 12 keys, and composed songs"] = np.concatenate([*songs, *keys, *composed])
    return streams


def fivegram_nats(streams: dict[str, np.ndarray], songs: dict[str, list[np.ndarray]], judged: Sequence[str]) -> tuple[str, dict]:
    """The name of the 5-gram variant that predicts the music of the sources `judged` best, and its nats [n - 1] by source and song.

    It is chosen, and its weights are tuned, on the very songs on which it is compared: in the baseline's favour.
    """
    best: tuple[float, str, dict] | None = None
    size = vocabulary().size
    tuning = np.concatenate([song for source in judged for song in songs[source]])
    for name, stream in streams.items():
        counts = count_ngrams(stream, size)
        for smoothing in ("tuned weights", "kneser-ney", "witten-bell"):
            counting = TunedNGramModel(counts, size, tuning) if smoothing == "tuned weights" else NGramModel(counts, size, smoothing)
            nats = {source: [-np.log(counting.probabilities(song))[1:] for song in rows] for source, rows in songs.items()}
            loss = np.concatenate([row[is_music(song[1:])] for source in judged for row, song in zip(nats[source], songs[source])]).mean()
            print(f"  5-gram, {smoothing}, {name}: {loss:.3f} nats a token", flush=True)
            if best is None or loss < best[0]:
                best = loss, f"{smoothing}, {name} ({len(stream) / 1e6:.1f} M tokens)", nats
    return best[1], best[2]


def summarise(songs: Sequence[np.ndarray], nats: dict[str, Sequence[np.ndarray]]) -> dict:
    """Nats a token (music, all) and a bar (music) by predictor, with the perplexity of music, over some songs."""
    music = [is_music(song[1:]) for song in songs]
    bars = int(sum((song == vocabulary().token("BAR")).sum() for song in songs))
    result: dict = {"songs": len(songs), "bars": bars, "tokens": int(sum(map(len, songs)))}
    for name, rows in nats.items():
        played = np.concatenate([row[mask] for row, mask in zip(rows, music)])
        result[name] = {"nats": float(played.mean()), "natsAll": float(np.concatenate(rows).mean()),
                        "natsPerBar": float(played.sum() / bars), "perplexity": float(np.exp(played.mean()))}
    if {"model", "fivegram"} <= result.keys():
        result["ratio"] = result["model"]["perplexity"] / result["fivegram"]["perplexity"]
    return result


def answer(model_folder: Path, composed_per_style: int = 4, other_tokens: int = OTHER_SOURCE_TOKENS,
           composed_tokens: int = COMPOSED_TOKENS) -> dict:
    """The result of the question; the verdict is on the real songs together (on composed ones while there are no others)."""
    songs = held_out(composed_per_style, other_tokens)
    judged = [source for source in REAL_SOURCES if source in songs] or ["composed"]
    variant, counted = fivegram_nats(training_streams(composed_tokens), songs, judged)
    model = load_model(model_folder)
    nats = {
        source: {"model": [model_nats(model, song) for song in rows], "fivegram": counted[source], "grammar": grammar_nats(rows)}
        for source, rows in songs.items()
    }
    real = {name: [row for source in judged for row in nats[source][name]] for name in ("model", "fivegram", "grammar")}
    total = summarise([song for source in judged for song in songs[source]], real)
    return {"fivegramVariant": variant, "judged": judged, "real": total,
            "sources": {source: summarise(songs[source], nats[source]) for source in songs},
            "aim": AIM, "met": {"perplexity": total["ratio"] <= AIM}}
