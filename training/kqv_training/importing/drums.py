"""Which of the kit's 22 pieces a drum note is: by the name of its part, else by its General MIDI note."""

from __future__ import annotations

import re

from ..language import vocabulary

#: General MIDI percussion notes (35 to 81, and the Roland extras around them) by kit piece; what is absent is no kit sound.
GENERAL_MIDI = {
    "kick": (33, 35, 36),
    "rim": (31, 37),
    "snare": (38, 40),
    "clap": (39,),
    "floor tom": (41, 43, 58),
    "closed hat": (22, 42),
    "pedal hat": (44,),
    "open hat": (26, 46),
    "low tom": (45,),
    "mid tom": (47, 48),
    "high tom": (50,),
    "crash": (49, 52, 55, 57),
    "ride": (51, 59),
    "ride bell": (53, 80, 81),
    "tambourine": (54, 83),
    "cowbell": (56, 67, 68),
    "bongo": (60, 61, 65, 66),
    "mute conga": (62,),
    "open conga": (63, 78, 79),
    "low conga": (64,),
    "shaker": (69, 70, 71, 72, 73, 74, 82),
    "claves": (32, 75, 76, 77),
}

#: What a part's name says, the first match decides; None is a sound that no kit piece stands for.
NAMED = [
    (r"side ?chain|sweep|riser|\brise\b|lifter|down ?er\b|noise|impact|\bfx\b|whoosh|swoosh|\bzip\b|ufo|alien|vocal|drone|reverse|\brev\b|drop\b", None),
    (r"rim|side ?stick|cross ?stick|knock|\btick", "rim"),
    (r"clap|clp\b", "clap"),
    (r"kick|\bbd|bass ?drum|b\.?drum|bassdr|kik\b", "kick"),
    (r"snare|snr|\bsn\b|\bsd\b|\bsn_|jazzsn", "snare"),
    (r"(pedal|foot).*h", "pedal hat"),
    (r"(^|[^a-z])o[-_ ]?h(h|at|i)|open|hat[_ -]?o\b|\bohh|loaded o", "open hat"),
    (r"hat|hh\b|hh[ _.\d]|hi-?h|chika|hihat|\bch\b", "closed hat"),
    (r"crash|splash|china|cymbal|\bcym", "crash"),
    (r"ride.*bell", "ride bell"),
    (r"ride\b|ride[ _\d]", "ride"),
    (r"tamb", "tambourine"),
    (r"cow ?bell|agogo|tweety", "cowbell"),
    (r"floor ?tom|tom.*floor", "floor tom"),
    (r"tom.*(hi|high)|(hi|high).*tom", "high tom"),
    (r"tom.*mid|mid.*tom", "mid tom"),
    (r"\btom", "low tom"),
    (r"sha+k|maraca|cabasa|\begg\b", "shaker"),
    (r"bongo", "bongo"),
    (r"timbale|conga.*hi|hi.*conga", "mute conga"),
    (r"low.*conga|conga.*low|tumba", "low conga"),
    (r"conga|cga|perc|djembe|tabla", "open conga"),
    (r"clave|wood ?block|click|\bblip", "claves"),
]

_PIECE_BY_NOTE = {note: piece for piece, notes in GENERAL_MIDI.items() for note in notes}


def named_piece(name: str) -> str | None:
    """The kit piece that a part's name says, "" where it is an effect, None when the name says nothing."""
    for pattern, piece in NAMED:
        if re.search(pattern, name.lower()):
            return piece or ""
    return None


def is_drum_name(name: str) -> bool:
    """Whether a part off the drum channel is a kit piece by its name."""
    return bool(named_piece(name)) and not re.search(r"bass(?!.?drum)|lead|pad|string|chord|arp|synth|steel|clave?ch", name.lower())


def piece_of(note: int, name: str = "") -> int | None:
    """The vocabulary's index of the piece that a drum note is; None when the kit has none for it."""
    pieces = vocabulary().pieces
    named = named_piece(name) if name else None
    if named is not None:
        return pieces[named] if named else None
    piece = _PIECE_BY_NOTE.get(note)
    return pieces[piece] if piece else None
