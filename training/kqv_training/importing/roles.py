"""What each part of a file plays: drums, bass, chords, lead or arp, from its name, program, register, voices and rhythm.

Evidence adds up; the name weighs most, since it is what the composer meant. A part without evidence for any role, or whose name
says effect, has none and is dropped.
"""

from __future__ import annotations

import re
from dataclasses import dataclass

import numpy as np

from .drums import is_drum_name
from .midi import DRUM_CHANNEL, MidiPart

#: What names say: (pattern, role, weight). "fx" is no role. All that match add up.
NAMES = [
    (r"side ?chain|riser|\brise\b|lifter|noise|impact|\bfx\b|whoosh|swoo(sh|p)|wahwah|vocal|vox|countdown|sfx|drizzle|boom\b|rain|wind chime"
     r"|explo|laser|scream|speech|\bhit fx|sweep(?!.*arp)|sweepy|llama|fizz|glass|applause|helicopter|gun ?shot|bird|seashore|breath noise",
     "fx", 5.0),
    (r"bass(?! ?drum)|\bbase\b|\bsub\b|sub\b|reese|303|wobble|\bbs\b", "bass", 6.5),
    (r"\bpad|string|choir|chord|stab|organ|accomp|rhythm|\bcomp\b|brass|ensemble|atmos|\baahs?|\boohs?|poly", "chords", 3.0),
    (r"piano|e-?pno|rhodes|epiano|clav|guitar|gtr|viola|violin ii|second", "chords", 1.2),
    (r"\blead|melod|solo|theme|\bvoice|trumpet|flute|sax|violin|oboe|clarinet|whistle|\bhook", "lead", 3.0),
    (r"\barp|pluck|sequen|\bseq\b|bubbl|gated|blip|plink|drops", "arp", 2.5),
]

#: What General MIDI programs suggest: (first, last, role, weight).
PROGRAMS = [
    (32, 39, "bass", 3.0), (43, 43, "bass", 1.0), (58, 58, "bass", 0.5), (87, 87, "bass", 0.5),
    (0, 7, "chords", 0.7), (16, 23, "chords", 1.2), (24, 31, "chords", 0.7), (44, 45, "chords", 0.5), (48, 55, "chords", 1.6),
    (61, 63, "chords", 0.7), (88, 95, "chords", 1.6),
    (8, 14, "lead", 0.7), (40, 42, "lead", 1.0), (56, 57, "lead", 1.2), (59, 60, "lead", 1.0), (64, 86, "lead", 1.3),
    (45, 46, "arp", 0.8), (104, 108, "arp", 0.6), (112, 114, "arp", 0.3),
    (96, 103, "chords", 0.4), (119, 127, "fx", 4.0), (115, 118, "drums", 2.0), (47, 47, "fx", 3.0),
]

ROLES = ("bass", "chords", "lead", "arp")

#: The least evidence that makes a role.
LEAST_EVIDENCE = 0.8


@dataclass(frozen=True)
class PartShape:
    """How a part plays: mean pitch, voices at an onset, share of onsets with two voices or more, onsets a sounding bar, share of
    equal steps of at most a quarter beat or half beat, median length in beats, pitch classes, share of leaps, share of the
    commonest pitch."""

    pitch: float
    voices: float
    together: float
    onsets: float
    even: float
    length: float
    classes: int
    leaps: float
    commonest: float


def shape_of(part: MidiPart) -> PartShape:
    """The measured shape of a part with notes."""
    starts = np.array([round(note.start * 24) for note in part.notes])
    pitches = np.array([note.pitch for note in part.notes])
    onsets, voices = np.unique(starts, return_counts=True)
    gaps = np.diff(onsets)
    small = gaps[gaps <= 13]
    even = 0.0
    if len(small) >= 8:
        values, counts = np.unique(np.round(small / 2), return_counts=True)
        even = float(counts.max() / max(1, len(gaps)))
    top = np.array([pitches[starts == onset].max() for onset in onsets[:512]])
    steps = np.abs(np.diff(top))
    _, common = np.unique(pitches, return_counts=True)
    return PartShape(
        pitch=float(pitches.mean()),
        voices=float(voices.mean()),
        together=float((voices > 1).mean()),
        onsets=len(onsets) / max(1, len(np.unique(onsets // 96))),
        even=even,
        length=float(np.median([note.length for note in part.notes])),
        classes=len(np.unique(pitches % 12)),
        leaps=float((steps >= 3).mean()) if len(steps) else 0.0,
        commonest=float(common.max() / len(pitches)),
    )


def evidence(part: MidiPart, shape: PartShape, programs_said: bool = True) -> dict[str, float]:
    """How much speaks for each role, and for "fx" and "drums"; `programs_said` is False where a converter guessed the programs."""
    found = {role: 0.0 for role in (*ROLES, "fx", "drums")}
    for pattern, role, weight in NAMES:
        if re.search(pattern, part.name.lower()):
            found[role] += weight
    for first, last, role, weight in PROGRAMS:
        if first <= part.program <= last:
            found[role] += weight if programs_said else 0.3 * weight
    found["bass"] += float(np.interp(shape.pitch, [40, 46, 52, 60, 66], [2.5, 1.6, 0.2, -2.0, -3.5])) - 3 * max(0.0, shape.together - 0.15)
    found["chords"] += float(np.interp(shape.voices, [1.0, 1.3, 2.0, 2.6, 3.5], [-1.4, -0.3, 1.2, 2.6, 3.2]))
    if programs_said and shape.length >= 1.5 and (48 <= part.program <= 55 or 88 <= part.program <= 95):
        found["chords"] += 1.6
    found["chords"] += (0.8 if shape.length >= 1.9 else 0.0) - (1.0 if shape.pitch < 40 else 0.0)
    found["lead"] += float(np.interp(shape.pitch, [45, 55, 62, 84, 96], [-1.5, 0.4, 1.2, 1.2, 0.0]))
    found["lead"] += float(np.interp(shape.voices, [1.0, 1.5, 2.2], [0.8, 0.0, -2.0])) + (0.4 if shape.classes >= 5 else 0.0)
    if shape.voices < 1.15 and shape.length < 1.0:
        found["chords"] -= 1.5
    named_arp = found["arp"] >= 2.0
    fast = shape.onsets >= (3.5 if named_arp else 7.5) and shape.voices < 1.6
    found["arp"] += (0.8 + 2.0 * max(0.0, shape.even - 0.5) + 1.2 * shape.leaps + (0.6 if shape.onsets >= 12 else 0.0)) if fast else -1.5
    found["arp"] -= 0.8 if shape.pitch < 47 else 0.0
    if shape.classes == 1 and found["bass"] < 5:
        found["fx"] += 4.0 if shape.commonest == 1.0 and not programs_said else 1.0
    if shape.pitch > 96:
        found["fx"] += 1.5
    return found


def struck_piece(part: MidiPart, has_kick: bool) -> str | None:
    """Which drum a part of one pitch without a telling name is, in a file whose converter knew no drums: a snare on the backbeats, a
    low kick on the downbeats where the song has no other; None where it is neither."""
    if shape_of(part).commonest < 1.0 or len(part.notes) < 8 or any(re.search(pattern, part.name.lower()) for pattern, _, _ in NAMES):
        return None
    steps = [round(note.start * 12) % 48 for note in part.notes]
    if sum(step in (12, 36) for step in steps) >= 0.8 * len(steps):
        return "snare"
    if not has_kick and part.notes[0].pitch <= 48 and sum(step == 0 for step in steps) >= 0.15 * len(steps):
        return "kick"
    return None


def role_of(part: MidiPart, programs_said: bool = True) -> str | None:
    """"drums", "bass", "chords", "lead" or "arp"; None for an effect or a part that can't be told."""
    if part.channel == DRUM_CHANNEL or is_drum_name(part.name):
        return "drums"
    found = evidence(part, shape_of(part), programs_said)
    best = max(found, key=lambda role: found[role])
    if best in ("fx", "drums") or found[best] < LEAST_EVIDENCE:
        return None
    return best
