"""Section and energy of every bar from what sounds: how much each track plays, the kick, loudness, relative to the song.

Windows of four bars are compared with the song's own quietest and fullest. A piece without such a difference, or too short to
have a form, is a `loop`.
"""

from __future__ import annotations

import numpy as np

from ..language import COMPOSED_TRACKS, vocabulary
from .raw import RawSong

#: Bars that one window spans, and the fewest bars of a piece that has a form.
WINDOW_BARS = 4
FEWEST_BARS = 24

#: The least difference of activity (0..1) between quiet and full windows of a piece that has a form.
LEAST_CONTRAST = 0.16

#: The longest share of a song that its intro, or its outro, takes.
LONGEST_EDGE = 0.25

#: How much each track's density adds to activity, and what is left for the kick and for loudness.
TRACK_WEIGHTS = {"drums": 0.26, "bass": 0.14, "chords": 0.12, "lead": 0.12, "arp": 0.1}
KICK_WEIGHT = 0.14
LOUDNESS_WEIGHT = 0.12


def _activity(raw: RawSong) -> tuple[np.ndarray, np.ndarray]:
    """By bar: activity 0..1, and whether a kick sounds at least twice."""
    words = vocabulary()
    counts = {track: np.zeros(raw.bars, int) for track in COMPOSED_TRACKS}
    kicks, loudness, events = np.zeros(raw.bars), np.zeros(raw.bars), np.zeros(raw.bars)
    for hit in raw.hits:
        counts["drums"][hit.step // 48] += 1
        kicks[hit.step // 48] += hit.piece == words.pieces["kick"]
        loudness[hit.step // 48] += hit.velocity
        events[hit.step // 48] += 1
    for track, notes in raw.notes.items():
        for note in notes:
            counts[track][note.step // 48] += 1
            loudness[note.step // 48] += note.velocity
            events[note.step // 48] += 1
            for bar in range(note.step // 48 + 1, min(raw.bars, -(-(note.step + note.length - 12) // 48))):
                counts[track][bar] = max(counts[track][bar], 1)
    activity = np.zeros(raw.bars)
    for track, weight in TRACK_WEIGHTS.items():
        levels = np.array([words.density_level(track, int(count)) for count in counts[track]])
        activity += weight * np.where(levels > 0, 0.4 + 0.6 * levels / 7, 0)
    activity += KICK_WEIGHT * (kicks >= 2)
    activity += LOUDNESS_WEIGHT * np.divide(loudness, events, out=np.zeros(raw.bars), where=events > 0)
    return activity, kicks >= 2


def find_form(raw: RawSong) -> tuple[list[str], list[int]]:
    """Section name and energy 0-7 of every bar."""
    activity, kick = _activity(raw)
    first_bars = range(0, raw.bars, WINDOW_BARS)
    window = np.array([activity[bar : bar + WINDOW_BARS].mean() for bar in first_bars])
    with_kick = np.array([kick[bar : bar + WINDOW_BARS].mean() >= 0.5 for bar in first_bars])
    low, high = window.min(), np.quantile(window, 0.95)
    contrast = high - low
    formed = raw.bars >= FEWEST_BARS and contrast >= LEAST_CONTRAST
    relative = np.clip((window - low) / contrast, 0, 1) if contrast > 0 else np.ones(len(window))
    share = min(1.0, contrast / 0.4) * 0.6
    level = (1 - share) * np.clip(window * 1.25, 0, 1) + share * relative
    energy = np.clip(np.round(level * 7), 0, 7).astype(int)
    names = _name_windows(relative, with_kick) if formed else ["loop"] * len(window)
    by_bar = [index // WINDOW_BARS for index in range(raw.bars)]
    return [names[w] for w in by_bar], [int(energy[w]) for w in by_bar]


def _name_windows(relative: np.ndarray, with_kick: np.ndarray) -> list[str]:
    """Names of the windows from their relative activity 0..1 and the kick.

    Full windows are drops; what leads from the start to the first is intro, then build; what follows the last is outro, each a
    quarter of the song at most; between, a window is a build when it rises into a drop from a quieter one, a break when it is low or
    the song's kick is out.
    """
    kick_song = with_kick.mean() >= 0.4
    full = (relative >= 0.62) & (with_kick | (not kick_song))
    if not full.any():
        full = relative >= 0.62
    places = np.flatnonzero(full)
    edge = max(1, round(len(relative) * LONGEST_EDGE))
    first, last = min(int(places[0]), edge), max(int(places[-1]), len(relative) - 1 - edge)
    names = []
    for index in range(len(relative)):
        rises = index + 1 < len(relative) and full[index + 1] and index > 0 and relative[index] > relative[index - 1]
        if full[index]:
            names.append("drop")
        elif index < first:
            names.append("build" if rises else "intro")
        elif index > last:
            names.append("outro")
        elif rises and not full[index - 1]:
            names.append("build")
        elif relative[index] < 0.5 or (kick_song and not with_kick[index]):
            names.append("break")
        else:
            names.append("drop")
    return names
