"""Is it its own? The longest stretch of bars that the model's takes share with a real training song, in any key.

Two bars match when their pitched notes are the same after transposition: same tracks, same positions, same intervals, at least
six of them (velocities and lengths do not count, so it errs towards finding a match). A stretch is successive bars that match
successive bars of one song; a bar with fewer notes ends it. Each bar may be transposed by itself. Drums are compared apart,
exactly by piece and position with at least six hits: a bar of four-on-the-floor is everybody's, so that row is for information.
Held-out real songs, which copy nothing from the training songs, show what chance gives.
"""

from __future__ import annotations

from collections import defaultdict
from typing import Iterable, Sequence

from ..language import Bar
from .material import imported_of
from .metrics import part_of

SMALLEST_MATCH, AIM = 6, 4

PITCHED = ("bass", "chords", "lead", "arp")

#: What is compared: a name, and the tracks that must match together.
VIEWS = {"music": PITCHED, "drums": ("drums",), "bass": ("bass",), "chords": ("chords",), "lead": ("lead",), "arp": ("arp",)}

Signature = frozenset[tuple[str, int, int]]


def signature(bar: Bar, tracks: Sequence[str]) -> Signature | None:
    """What a bar plays on these tracks, free of its key: (track, position, interval above the lowest note); None under six events."""
    events = [
        (track, note.position, note.pitch)
        for track in tracks if track != "drums" and (part := part_of(bar, track)) for note in part.notes
    ]
    if events:
        lowest = min(pitch for *_, pitch in events)
        events = [(track, position, pitch - lowest) for track, position, pitch in events]
    if "drums" in tracks and (drums := part_of(bar, "drums")):
        events += [("drums", hit.position, hit.piece) for hit in drums.hits]
    return frozenset(events) if len(set(events)) >= SMALLEST_MATCH else None


class SongIndex:
    """Where every signature stands in a set of songs."""

    def __init__(self, songs: Iterable[tuple[str, Sequence[Bar]]], tracks: Sequence[str]) -> None:
        self.tracks, self.names = tracks, []
        self.places: dict[Signature, list[tuple[int, int]]] = defaultdict(list)
        for song, (name, bars) in enumerate(songs):
            self.names.append(name)
            for index, bar in enumerate(bars):
                if (text := signature(bar, tracks)) is not None:
                    self.places[text].append((song, index))

    def longest_match(self, bars: Sequence[Bar]) -> dict:
        """The longest shared stretch: its bars, how many of them differ from each other, the song, and where it begins on both sides.

        `matching` is the share of the bars with enough notes that stand in some song at all.
        """
        best = {"bars": 0, "different": 0, "song": None, "at": None, "inSong": None}
        running: dict[tuple[int, int], int] = {}
        texts = [signature(bar, self.tracks) for bar in bars]
        for index, text in enumerate(texts):
            running = {(song, place): running.get((song, place - 1), 0) + 1 for song, place in self.places.get(text, ())}
            if running and (longest := max(running.values())) > best["bars"]:
                song, place = max(running, key=running.__getitem__)
                best = {"bars": longest, "different": len(set(texts[index - longest + 1 : index + 1])), "song": self.names[song],
                        "at": index - longest + 1, "inSong": place - longest + 1}
        compared = [text for text in texts if text is not None]
        return best | {"compared": len(compared), "matching": sum(text in self.places for text in compared) / max(1, len(compared))}


def longest_of(index: SongIndex, takes: Sequence[Sequence[Bar]]) -> dict:
    """The longest match over several takes, with the share of matching bars over all of them and the takes' longest matches counted."""
    found = [index.longest_match(bars) for bars in takes]
    compared = sum(one["compared"] for one in found)
    matching = sum(one["matching"] * one["compared"] for one in found) / max(1, compared)
    best = max(found, key=lambda one: one["bars"])
    return {**best, "take": found.index(best), "compared": compared, "matching": matching}


def answer(takes: Sequence[Sequence[Bar]]) -> dict:
    """The result of the question over all takes; a verdict on the pitched music together."""
    training = [(f"{song.source}: {song.name}", song.bars) for song in imported_of("train")]
    held_out = [song.bars for song in imported_of("validation")]
    views = {}
    for view, tracks in VIEWS.items():
        index = SongIndex(training, tracks)
        views[view] = {"written": longest_of(index, takes)}
        if held_out:
            views[view]["heldOut"] = longest_of(index, held_out)
    return {"trainingSongs": len(training), "bars": sum(map(len, takes)), "views": views, "aim": AIM,
            "met": {"longest": views["music"]["written"]["bars"] <= AIM}}
