"""A MIDI song to music on the grid: half time doubled, roles given, swing straightened, parts merged into the five tracks."""

from __future__ import annotations

import re
from collections import defaultdict
from dataclasses import dataclass, replace

import numpy as np

from ..language import vocabulary
from .drums import piece_of
from .merge import merge_chords, merge_lines, split_low_voice
from .midi import DRUM_CHANNEL, MidiNote, MidiPart, MidiSong
from .quantise import FREE_TIME, quantise, roughness, shift_of, shuffle_of, straighten, swing_of
from .raw import ImportRefusal, RawHit, RawNote
from .roles import role_of, shape_of, struck_piece

#: Slower than this a beat is never the dancer's; up to the second, kick and hats decide.
SLOWEST_TEMPO = 60.0
HALF_TIME_BELOW = 95.0

#: The major scale, whose rotations are the diatonic modes, and the share of a part that must lie in a scale the others fit.
MAJOR = np.isin(np.arange(12), (0, 2, 4, 5, 7, 9, 11)).astype(float)
LEAST_SHARE_IN_TUNE = 0.65

#: Fewer pitch classes than this don't name a scale.
FEWEST_CLASSES = 5

#: The fewest notes of a part; a part with fewer is an effect.
FEWEST_NOTES = 3


@dataclass
class Arrangement:
    """The tracks on the grid, `tempo` and `bars` after doubling, and what was done on the way by name and count."""

    tempo: float
    bars: int
    hits: list[RawHit]
    notes: dict[str, list[RawNote]]
    done: dict[str, int]


def arrange(song: MidiSong, programs_said: bool = True) -> Arrangement:
    """The song's parts as five tracks on the grid.

    `programs_said` is False where a converter guessed the programs. Throws an ImportRefusal when the notes keep no beat, or when no
    part has a role.
    """
    done: dict[str, int] = defaultdict(int)
    if song.cut_bars:
        done["bars in another metre cut"] += song.cut_bars
    by_role = _by_role(song.parts, programs_said, done)
    if not by_role:
        raise ImportRefusal("no part has a role")
    if not programs_said:
        _drop_mistuned(by_role, done)
    _fill_empty_tracks(by_role)
    if is_half_time(by_role["drums"], song.tempo):
        done["half-time bars doubled"] += song.bars
        song = replace(song, tempo=song.tempo * 2, bars=song.bars * 2)
        by_role = defaultdict(list, {role: [_doubled(part) for part in parts] for role, parts in by_role.items()})
    starts = np.array([note.start * 12 for parts in by_role.values() for part in parts for note in part.notes])
    shuffle = shuffle_of(starts)
    if shuffle != 6.0:
        done["songs with swung eighths straightened"] += 1
        by_role = defaultdict(list, {role: [_unshuffled(part, shuffle) for part in parts] for role, parts in by_role.items()})
        starts = straighten(starts / 2, shuffle / 2) * 2
    shift = shift_of(starts)
    swing = swing_of(starts - shift)
    if roughness(straighten(np.maximum(0, starts - shift), swing)) > FREE_TIME:
        raise ImportRefusal("free time: the notes keep to no beat")
    if swing != 3.0:
        done["songs with swung sixteenths straightened"] += 1
    hits = _hits(by_role["drums"], swing, shift, done)
    lines = {role: [_notes(part, swing, shift) for part in parts] for role, parts in by_role.items() if role != "drums"}
    if not lines.get("bass") and lines.get("chords"):
        split = [split_low_voice(part) for part in lines["chords"]]
        lines["bass"], lines["chords"] = [low for low, _ in split if low], [rest for _, rest in split if rest]
    notes = {role: merge_chords(parts, song.bars) if role == "chords" else merge_lines(role, parts, song.bars) for role, parts in lines.items()}
    last = song.bars * 48
    hits = [hit for hit in hits if hit.step < last]
    notes = {role: [note for note in track if note.step < last] for role, track in notes.items()}
    return Arrangement(song.tempo, song.bars, hits, {role: track for role, track in notes.items() if track}, dict(done))


def _by_role(parts: list[MidiPart], programs_said: bool, done: dict[str, int]) -> dict[str, list[MidiPart]]:
    """The parts by role. In a converted file a part of one pitch may be a drum that the converter didn't know."""
    by_role: dict[str, list[MidiPart]] = defaultdict(list)
    kick = vocabulary().pieces["kick"]
    has_kick = any(part.channel == DRUM_CHANNEL and any(piece_of(n.pitch, part.name) == kick for n in part.notes[:64]) for part in parts)
    for part in parts:
        role = role_of(part, programs_said) if len(part.notes) >= FEWEST_NOTES or part.channel == DRUM_CHANNEL else None
        struck = struck_piece(part, has_kick) if not programs_said and role != "drums" else None
        if struck:
            by_role["drums"].append(replace(part, name=struck))
            done["parts of one pitch taken for drums"] += 1
        elif role:
            by_role[role].append(part)
        else:
            done["parts without a role dropped"] += 1
    return by_role


def _drop_mistuned(by_role: dict[str, list[MidiPart]], done: dict[str, int]) -> None:
    """Drops parts whose notes lie outside the scale of all others, the worst first: samples recorded at another pitch than named."""
    scales = np.array([np.roll(MAJOR, tonic) for tonic in range(12)])
    heard = {id(part): _classes(part) for role, parts in by_role.items() if role != "drums" for part in parts}
    while len(heard) > 1:
        total = sum(heard.values(), np.zeros(12))
        shares = {}
        for place, own in heard.items():
            others = (total - own) / max(1e-9, (total - own).sum())
            fits = scales @ others
            plausible = scales[fits >= max(0.9, fits.max() - 0.03)]
            if len(plausible) and (others > 0.02).sum() >= FEWEST_CLASSES:
                shares[place] = float((plausible @ own).max() / own.sum())
        worst = min(shares, key=lambda place: shares[place], default=None)
        if worst is None or shares[worst] >= LEAST_SHARE_IN_TUNE:
            return
        for role, parts in by_role.items():
            by_role[role] = [part for part in parts if id(part) != worst]
        del heard[worst]
        done["parts out of tune with all others dropped"] += 1


def _classes(part: MidiPart) -> np.ndarray:
    """Sounding beats by pitch class, [12]."""
    return np.bincount([n.pitch % 12 for n in part.notes], [min(n.length, 4.0) for n in part.notes], minlength=12)


def is_half_time(drums: list[MidiPart], tempo: float) -> bool:
    """Whether the beat as written is half of the dancer's: slower than any, or a kick on every half beat, or hats in thirty-seconds."""
    if tempo < SLOWEST_TEMPO:
        return True
    if tempo >= HALF_TIME_BELOW:
        return False
    kick, hats = vocabulary().pieces["kick"], {vocabulary().pieces[name] for name in ("closed hat", "shaker", "ride")}
    kicks: set[int] = set()
    ticks: set[int] = set()
    for part in drums:
        for note in part.notes:
            piece = piece_of(note.pitch, part.name)
            half_beat = round(note.start * 2)
            if piece == kick and abs(note.start * 2 - half_beat) < 0.1:
                kicks.add(half_beat)
            if piece in hats:
                ticks.add(round(note.start * 24))
    if len(kicks) >= 32:
        bars = defaultdict(int)
        for half_beat in kicks:
            bars[half_beat // 8] += 1
        if np.mean([count >= 7 for count in bars.values()]) >= 0.4:
            return True
    if len(ticks) >= 64:
        gaps = np.diff(sorted(ticks))
        return bool(np.mean((gaps >= 2) & (gaps <= 4)) > 0.5)
    return False


def _doubled(part: MidiPart) -> MidiPart:
    """The part with every beat stretched to two."""
    return replace(part, notes=[MidiNote(n.start * 2, n.length * 2, n.pitch, n.velocity) for n in part.notes])


def _unshuffled(part: MidiPart, shuffle: float) -> MidiPart:
    """The part with its off-beats moved from `shuffle`, in steps of their beat, to the middle of the beat."""
    ends = straighten(np.array([n.start + n.length for n in part.notes]) * 6, shuffle / 2) / 6
    starts = straighten(np.array([n.start for n in part.notes]) * 6, shuffle / 2) / 6
    notes = [MidiNote(start, end - start, n.pitch, n.velocity) for start, end, n in zip(starts.tolist(), ends.tolist(), part.notes)]
    return replace(part, notes=notes)


def _fill_empty_tracks(by_role: dict[str, list[MidiPart]]) -> None:
    """Gives a track that would stay silent the part that suits it best among several of another role."""
    if not by_role.get("bass"):
        low = [part for role in ("lead", "arp") for part in by_role.get(role, []) if shape_of(part).pitch < 62]
        if low and sum(len(parts) for role, parts in by_role.items() if role != "drums") > 1:
            lowest = min(low, key=lambda part: (shape_of(part).pitch, part.name))
            _move(by_role, lowest, "bass")
    if not by_role.get("chords") and len(by_role.get("lead", [])) > 2:
        for part in sorted(by_role["lead"], key=lambda part: -shape_of(part).pitch)[1:]:
            if shape_of(part).length >= 0.9:
                _move(by_role, part, "chords")
    if not by_role.get("arp") and len(by_role.get("lead", [])) > 1:
        busiest = max(by_role["lead"], key=lambda part: (shape_of(part).onsets, len(part.notes)))
        if shape_of(busiest).onsets >= 6 and shape_of(busiest).voices < 1.6:
            _move(by_role, busiest, "arp")
    if not by_role.get("lead") and len(by_role.get("arp", [])) > 1:
        calmest = min(by_role["arp"], key=lambda part: shape_of(part).onsets)
        _move(by_role, calmest, "lead")


def _move(by_role: dict[str, list[MidiPart]], part: MidiPart, role: str) -> None:
    """Takes a part out of its role into another."""
    for name in list(by_role):
        by_role[name] = [other for other in by_role[name] if other is not part]
    by_role[role].append(part)


def _hits(parts: list[MidiPart], swing: float, shift: float, done: dict[str, int]) -> list[RawHit]:
    """The union of the drum parts on the grid."""
    hits = []
    for part in parts:
        named = part.name if _is_one_sound(part) else ""
        for step, _, note in quantise(part.notes, swing, shift):
            piece = piece_of(note.pitch, named)
            if piece is None:
                done["drum notes without a kit piece dropped"] += 1
            else:
                hits.append(RawHit(step, piece, note.velocity))
    return hits


def _is_one_sound(part: MidiPart) -> bool:
    """Whether a drum part is one instrument, so that its name tells more than its notes."""
    if re.search(r"\b(drums?|perc\w*|kit|schlagzeug|standard)\b", part.name.lower()):
        return False
    return len({note.pitch for note in part.notes}) <= 2 or part.channel != DRUM_CHANNEL


def _notes(part: MidiPart, swing: float, shift: float) -> list[RawNote]:
    """A pitched part on the grid."""
    return [RawNote(step, note.pitch, note.velocity, length) for step, length, note in quantise(part.notes, swing, shift)]
