"""Composable drum patterns: one-instrument clips with genre tags, stacked to 8-bar loops of house, techno, electro and breaks.

A loop takes a kick, a backbeat, a hat and up to two percussion clips that fit its style (`STYLES` says what fits), lets them enter
one after the other, all by bar 5, and ends with a tom fill more often than not.
"""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from random import Random
from typing import TYPE_CHECKING, Callable, Iterator, NamedTuple

from ...language import vocabulary
from ..raw import ImportRefusal, RawHit, RawSong
from .rows import read_pattern_file, refusing

if TYPE_CHECKING:
    from ..report import ImportReport

SOURCE = "composable_drum_patterns"
BARS = 8
SIXTEENTH = 3
GROUPS = ("Kick", "Snare", "Hats", "Toms", "Perc")

#: General MIDI notes of the clips as kit pieces.
PIECE_OF_NOTE = {
    35: "kick", 36: "kick", 37: "rim", 38: "snare", 39: "clap", 42: "closed hat", 44: "pedal hat", 46: "open hat",
    45: "low tom", 48: "mid tom", 50: "high tom", 49: "crash", 51: "ride", 53: "ride bell", 54: "tambourine",
    56: "cowbell", 70: "shaker",
}

#: A snare hit at least this loud is a backbeat or an accent; a softer one is a ghost note.
ACCENT = 0.6
OFFBEATS, BACKBEATS, BEATS = {2, 6, 10, 14}, {4, 12}, {0, 4, 8, 12}


class ClipHit(NamedTuple):
    """A hit of a clip: sixteenth from its start, name of the kit piece, velocity 0..1."""

    sixteenth: int
    piece: str
    velocity: float


@dataclass(frozen=True)
class Clip:
    """A pattern of one instrument group, one, two or four bars long."""

    name: str
    group: str
    tags: frozenset[str]
    bars: int
    hits: tuple[ClipHit, ...]

    def bar(self, number: int) -> list[ClipHit]:
        """The hits of a bar of the repeating clip, counted from that bar's start."""
        start = number % self.bars * 16
        return [hit._replace(sixteenth=hit.sixteenth - start) for hit in self.hits if start <= hit.sixteenth < start + 16]


def read_clip(row: dict) -> Clip:
    """The clip of a row; an ImportRefusal when it is none of a known group with hits in 1, 2, 4 or 8 bars of sixteenths."""
    if "hits" not in row:
        raise ImportRefusal("no drum clip")
    if row["group"] not in GROUPS:
        raise ImportRefusal(f"unknown group: {row['group']}")
    if row["spb"] != 16 or row["bars"] not in (1, 2, 4, 8):
        raise ImportRefusal(f"metre: {row['bars']} bars of {row['spb']} steps")
    hits = []
    for sixteenth, note, velocity in row["hits"]:
        if note not in PIECE_OF_NOTE:
            raise ImportRefusal(f"broken row: no kit piece stands for note {note}")
        if sixteenth not in range(16 * row["bars"]):
            raise ImportRefusal(f"broken row: a hit lies on step {sixteenth} of {16 * row['bars']}")
        if velocity > 0:
            hits.append(ClipHit(int(sixteenth), PIECE_OF_NOTE[note], min(1.0, velocity / 127)))
    if not hits:
        raise ImportRefusal("no notes")
    return Clip(str(row["name"]), row["group"], frozenset(row["tags"]) | frozenset(row["genres"]), row["bars"], tuple(hits))


def _steps(clip: Clip, bar: int, *pieces: str, least: float = 0.0) -> set[int]:
    """The sixteenths of a bar of the clip on which one of `pieces` (any, when none is named) sounds at least so loud."""
    return {hit.sixteenth for hit in clip.bar(bar) if hit.velocity >= least and (not pieces or hit.piece in pieces)}


def four_on_the_floor(clip: Clip) -> bool:
    """Whether a kick sounds on every beat and at most once between the beats of a bar, never right after the first."""
    bars = [_steps(clip, bar) for bar in range(clip.bars)]
    return all(BEATS <= steps and len(steps) <= 5 and 1 not in steps for steps in bars)


def broken_kick(clip: Clip) -> bool:
    """Whether the kick opens the clip, leaves the backbeats to the snare and pushes off the beat in the middle of every bar."""
    bars = [_steps(clip, bar) for bar in range(clip.bars)]
    return 0 in bars[0] and all(
        2 <= len(steps) <= 5 and not steps & BACKBEATS and steps & {3, 6, 7, 9, 10, 11} and not steps & {1} for steps in bars
    )


def _ghosts(clip: Clip, bar: int) -> int:
    return sum(hit.velocity < ACCENT for hit in clip.bar(bar))


def backbeat(clip: Clip) -> bool:
    """Whether the loud hits of every bar are on beats 2 and 4, with one more beside them that is no beat, and six ghosts at most."""
    bars = [_steps(clip, bar, least=ACCENT) for bar in range(clip.bars)]
    return all(
        BACKBEATS <= steps and len(steps) <= 3 and not steps & {0, 8} and _ghosts(clip, bar) <= 6 for bar, steps in enumerate(bars)
    )


def bare_backbeat(clip: Clip) -> bool:
    """Whether the loud hits of every bar are beats 2 and 4 alone, with two ghosts at most."""
    return all(_steps(clip, bar, least=ACCENT) == BACKBEATS and _ghosts(clip, bar) <= 2 for bar in range(clip.bars))


def offbeat_hats(clip: Clip) -> bool:
    """Whether hats mark the off-beats of every bar, open there or no softer than on the beats, and open ones nowhere else."""
    loudness = {"on": [], "off": []}
    for hit in clip.hits:
        place = hit.sixteenth % 16
        if place in BEATS or place in OFFBEATS:
            loudness["off" if place in OFFBEATS else "on"].append(hit.velocity + 0.3 * (hit.piece == "open hat"))
    if not loudness["off"] or sum(loudness["off"]) / len(loudness["off"]) < sum(loudness["on"]) / max(1, len(loudness["on"])):
        return False
    return all(
        OFFBEATS <= _steps(clip, bar) | ({14} if bar == clip.bars - 1 else set())
        and _steps(clip, bar, "open hat") <= OFFBEATS | {15}
        and len(_steps(clip, bar) - OFFBEATS - BEATS) <= 8
        for bar in range(clip.bars)
    )


def ticking_hats(clip: Clip) -> bool:
    """Whether hats run through every bar in eighths or faster, opening two times at most."""
    return all(len(_steps(clip, bar)) >= 7 and len(_steps(clip, bar, "open hat")) <= 2 for bar in range(clip.bars))


def broken_hats(clip: Clip) -> bool:
    """Whether hats run through every bar with holes, opening two times at most."""
    return all(6 <= len(_steps(clip, bar)) <= 14 and len(_steps(clip, bar, "open hat")) <= 2 for bar in range(clip.bars))


def tom_fill(clip: Clip) -> bool:
    """Whether the clip is a run of three toms or more in the second half of its last bar, and nothing before it there."""
    last = _steps(clip, clip.bars - 1)
    return len(last) >= 3 and min(last) >= 8


@dataclass(frozen=True)
class Style:
    """What a style takes: how many loops, tempos, its tags, which clips fit, and what plays the backbeat (None: nothing)."""

    loops: int
    tempos: range
    tags: frozenset[str]
    kick: Callable[[Clip], bool]
    snare: Callable[[Clip], bool]
    hats: tuple[Callable[[Clip], bool], ...]
    backbeat_pieces: tuple[str | None, ...]


STYLES = {
    "house": Style(130, range(118, 129), frozenset({"house", "disco", "garage"}), four_on_the_floor, bare_backbeat,
                   (offbeat_hats,), ("clap", "clap", "clap", "snare")),
    "techno": Style(100, range(128, 143), frozenset({"techno"}), four_on_the_floor, bare_backbeat,
                    (offbeat_hats, ticking_hats), (None, None, "clap", "rim")),
    "electro": Style(90, range(118, 133), frozenset({"electro", "miami-bass", "synthwave"}), broken_kick, bare_backbeat,
                     (broken_hats, ticking_hats), ("snare", "snare", "clap")),
    "breaks": Style(80, range(126, 139), frozenset({"breakbeat", "dnb", "funk"}), broken_kick, backbeat,
                    (ticking_hats,), ("snare",)),
}

#: The tempo of breaks when one of their clips is drum and bass.
FAST_BREAKS = range(160, 175)

#: Tags of styles that none of the loops is in: clips that have no tag of the loop's style beside them stay out.
FOREIGN = frozenset({"bossa", "samba", "blues", "metal", "country", "punk", "ska", "jazz", "reggae"})


def _weighted(clips: list[Clip], tags: frozenset[str], rng: Random) -> Clip:
    """One of the clips, those with a tag of the style three times as likely."""
    return rng.choices(clips, [3 if clip.tags & tags else 1 for clip in clips])[0]


def _voiced(clip: Clip, backbeat_piece: str | None, on_the_floor: bool) -> list[list[RawHit]]:
    """The clip's hits bar by bar over the loop, in the voices of its style and at the loudness of its role.

    The loudest hit of a kick is 1, of a backbeat .9, of hats .75, of percussion .6; a floor kick is 1 on every beat. Loud snares become
    `backbeat_piece`; soft ones, and side sticks among them, are ghost notes of the snare.
    """
    pieces = vocabulary().pieces
    top = {"Kick": 1.0, "Snare": 0.9, "Hats": 0.75, "Toms": 0.9, "Perc": 0.6}[clip.group] / max(hit.velocity for hit in clip.hits)
    bars = []
    for number in range(BARS):
        hits: dict[tuple[int, str], float] = {}
        for hit in clip.bar(number):
            piece, velocity = hit.piece, hit.velocity * top
            if clip.group == "Kick" and on_the_floor:
                velocity = 1.0 if hit.sixteenth in BEATS else min(velocity, 0.7)
            elif clip.group == "Snare":
                piece = backbeat_piece if hit.velocity >= ACCENT and backbeat_piece else "snare"
                velocity = velocity if hit.velocity >= ACCENT else min(velocity, 0.35)
            if piece != "crash":
                hits[hit.sixteenth, piece] = max(velocity, hits.get((hit.sixteenth, piece), 0.0))
        bars.append([
            RawHit(number * 48 + sixteenth * SIXTEENTH, pieces[piece], velocity)
            for (sixteenth, piece), velocity in hits.items()
            if not (piece == "closed hat" and (sixteenth, "open hat") in hits)
        ])
    return bars


def _with_fill(hits: list[RawHit], fill: Clip) -> list[RawHit]:
    """The loop ended by the fill's last bar: the kick stays out on beat 4, the backbeat from the fill's first tom on."""
    pieces = vocabulary().pieces
    run = _voiced(fill, None, False)
    last = (BARS - 1) * 48
    toms = [hit._replace(step=hit.step % 48 + last) for hit in run[fill.bars - 1]]
    begins = min(hit.step for hit in toms)
    silent = {pieces["kick"]: last + 36} | {pieces[name]: begins for name in ("snare", "clap", "rim")}
    return [hit for hit in hits if hit.step < silent.get(hit.piece, BARS * 48)] + toms


@dataclass(frozen=True)
class Shelf:
    """The clips that a style may take, by what they are for."""

    kicks: list[Clip]
    snares: list[Clip]
    hats: list[Clip]
    percussion: list[Clip]
    fills: list[Clip]


def shelf_of(style_name: str, clips: list[Clip]) -> Shelf:
    """The clips that suit a style; an ImportRefusal when a kick, a backbeat or a hat is missing among them."""
    style = STYLES[style_name]
    at_home = [clip for clip in clips if clip.tags & style.tags or not clip.tags & FOREIGN]
    shelf = Shelf(
        [clip for clip in at_home if clip.group == "Kick" and style.kick(clip)],
        [clip for clip in at_home if clip.group == "Snare" and style.snare(clip)],
        [clip for clip in at_home if clip.group == "Hats" and any(fit(clip) for fit in style.hats)],
        [clip for clip in at_home if clip.group == "Perc" and 2 <= len(clip.hits) / clip.bars <= 9],
        [clip for clip in clips if clip.group == "Toms" and tom_fill(clip)],
    )
    for what, found in (("kick", shelf.kicks), ("snare", shelf.snares), ("hat", shelf.hats)):
        if not found:
            raise ImportRefusal(f"nothing fits: no {what} clip of the source suits {style_name}")
    return shelf


def stack(style_name: str, number: int, shelf: Shelf, licence: str) -> RawSong:
    """The `number`-th loop of a style from the clips of its shelf."""
    style = STYLES[style_name]
    rng = Random(f"loop {style_name} {number}")
    kick, snare, hats = (_weighted(found, style.tags, rng) for found in (shelf.kicks, shelf.snares, shelf.hats))
    backbeat_piece = rng.choice(style.backbeat_pieces)
    layers = [hats] if backbeat_piece is None else rng.sample([snare, hats], 2)
    if shelf.percussion:
        chosen = [_weighted(shelf.percussion, style.tags, rng) for _ in range(rng.choice((0, 1, 1, 2)))]
        layers += list(dict.fromkeys(chosen))
    entrances = sorted(rng.randint(1, 4) for _ in layers)
    entrances[0] = min(entrances[0], 2)
    hits = [hit for bar in _voiced(kick, None, style.kick is four_on_the_floor) for hit in bar]
    for layer, entrance in zip(layers, entrances):
        hits += [hit for bar in _voiced(layer, backbeat_piece, False)[entrance:] for hit in bar]
    if shelf.fills and rng.random() < 0.6:
        hits = _with_fill(hits, rng.choice(shelf.fills))
    loudest: dict[tuple[int, int], float] = {}
    for hit in hits:
        loudest[hit.step, hit.piece] = max(hit.velocity, loudest.get((hit.step, hit.piece), 0.0))
    name = f"{style_name} {number} ({', '.join(clip.name for clip in (kick, *layers))})"
    tempos = FAST_BREAKS if style_name == "breaks" and "dnb" in kick.tags | snare.tags | hats.tags else style.tempos
    return RawSong(
        SOURCE, name, f"{SOURCE}/{kick.name}", style_name, licence, float(rng.choice(tempos)), BARS,
        hits=[RawHit(step, piece, velocity) for (step, piece), velocity in sorted(loudest.items())],
    )


def read_drum_loops(path: Path, report: ImportReport) -> Iterator[RawSong]:
    """The loops of every style from the clips of `path`; broken rows, and styles that no clips make, are named in `report`."""
    file = read_pattern_file(path, SOURCE, report)
    if file is None:
        return
    clips = []
    for number, row in file.rows:
        with refusing(report, SOURCE, f"line {number}"):
            clips.append(read_clip(row))
    for style_name, style in STYLES.items():
        with refusing(report, SOURCE, f"loops of {style_name}"):
            shelf = shelf_of(style_name, clips)
            for number in range(style.loops):
                yield stack(style_name, number, shelf, file.licence)
