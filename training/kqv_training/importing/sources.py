"""The MIDI folders of the data: their licences file by file, their styles, the families of their songs."""

from __future__ import annotations

import json
import re
from dataclasses import dataclass
from pathlib import Path
from typing import Iterator

from ..language import vocabulary
from .arrange import Arrangement, arrange
from .midi import read_midi
from .raw import ImportRefusal, RawSong
from .report import ImportReport

#: Versions of one song, and songs of shared themes, whose names alone do not tell it, by source.
ONE_FAMILY = {
    "wavesabre_songs": {r"sabrewulf": "sabrewulf", r"untie_the_knot": "untie the knot", r"dope_on_wax": "dope on wax"},
    "simutrans": {r"simutrans-b-theme|the-journey-home": "b theme"},
    "lmms_free": {r"capdan-regga?e": "capdan reggae", r"zakarra": "zakarra", r"oglsdl": "oglsdl"},
}


@dataclass(frozen=True)
class MidiSource:
    """A folder of MIDI files: its licence where the index names none, and whether its programs are the composers' own."""

    folder: str
    licence: str
    programs_said: bool = True


MIDI_SOURCES = (
    MidiSource("lmms_free", "Artistic 2.0", programs_said=False),
    MidiSource("wavesabre_songs", "MIT", programs_said=False),
    MidiSource("farbrausch_v2m", "CC BY 3.0", programs_said=False),
    MidiSource("simutrans", "Artistic 1.0"),
    MidiSource("freedoom", "BSD-3-Clause"),
    MidiSource("easyrpg_rtp", "CC BY 4.0"),
)


def family_of(source: str, name: str) -> str:
    """The family of a file: its name without the marks of a version.

    "SabreWulf_03" and "Logicoma-SabreWulf" are one family, "d_dm01" and "d_dm02" two songs.
    """
    plain = name.lower()
    plain = plain.split("__")[-1]
    for pattern, family in ONE_FAMILY.get(source, {}).items():
        if re.search(pattern, plain):
            return f"{source}/{family}"
    plain = re.sub(r"\([^)]*\)", "", plain)
    if source == "simutrans":
        plain = re.sub(r"(?<=[a-z])\d$", "", re.sub(r"^\d+-", "", plain))
    if source == "easyrpg_rtp":
        plain = re.sub(r"_\d+$", "", plain)
    plain = re.sub(r"[-_ ](v\d+|version \d+|original|remix|final|demo|reprise|alt|mix)$", "", plain)
    return f"{source}/{re.sub(r'[-_ ]+', ' ', plain).strip()}"


def read_midi_songs(folder: Path, report: ImportReport) -> Iterator[tuple[RawSong, str]]:
    """Every MIDI song of the sources under `folder` with the SHA-256 of its file; what can't be used goes to the report."""
    for source in MIDI_SOURCES:
        place = folder / source.folder
        files = sorted((path for path in place.rglob("*") if path.suffix.lower() in (".mid", ".midi")), key=lambda path: (path.stem, path))
        if not files:
            report.refuse(source.folder, "(folder)", "empty folder" if place.is_dir() else "no folder")
            continue
        licences = _licences(place)
        for path in files:
            try:
                yield _read(path, source, licences.get(path.name, source.licence), report)
            except ImportRefusal as refusal:
                report.refuse(source.folder, path.stem, str(refusal))


def _licences(place: Path) -> dict[str, str]:
    """Licences by file name, where the folder's index names them."""
    index = place / "index.jsonl"
    rows = [json.loads(line) for line in index.read_text().splitlines() if line.strip()] if index.is_file() else []
    return {Path(row["file"]).name: row["licence"] for row in rows if row.get("licence")}


def _read(path: Path, source: MidiSource, licence: str, report: ImportReport) -> tuple[RawSong, str]:
    """One file as unlabelled music and its hash. Throws an ImportRefusal."""
    if re.search(r"\bsa\b|gpl", licence.lower().replace("-", " ")):
        raise ImportRefusal(f"licence: {licence}")
    song = read_midi(path)
    played = arrange(song, source.programs_said)
    for what, count in played.done.items():
        report.note(source.folder, what, count)
    raw = RawSong(
        source=source.folder, name=path.stem, family=family_of(source.folder, path.stem), style=style_of(source.folder, path.stem, played, song),
        licence=licence, tempo=played.tempo, bars=played.bars, hits=played.hits, notes=played.notes,
    )
    return raw, song.sha256


#: The General MIDI programs of an orchestra: strings, timpani, brass, reeds and pipes without the saxophones.
ORCHESTRA = {*range(40, 53), *range(56, 62), *range(68, 76)}


def style_of(source: str, name: str, played: Arrangement, song) -> str:
    """The style token of a song: the source's, or for electronic music what its drums and tempo say."""
    if source == "freedoom":
        return "game"
    if source == "simutrans":
        return "techno" if "techno" in name.lower() else "pop"
    if source == "easyrpg_rtp":
        counts = [(len(part.notes), part.program in ORCHESTRA) for part in song.parts if part.channel != 9]
        orchestral = sum(count for count, of_it in counts if of_it)
        return "orchestral" if len(played.hits) < 4 * played.bars and orchestral > 0.5 * sum(count for count, _ in counts) else "game"
    return electronic_style(played, any("303" in part.name for part in song.parts))


def electronic_style(played: Arrangement, acid_named: bool) -> str:
    """House, acid, techno, electro, breaks, ambient or pop from kick, backbeat, tempo and bass."""
    pieces = vocabulary().pieces
    kicks: dict[int, set[int]] = {}
    backbeats: dict[int, set[int]] = {}
    for hit in played.hits:
        if hit.piece == pieces["kick"]:
            kicks.setdefault(hit.step // 48, set()).add(hit.step % 48)
        if hit.piece in (pieces["snare"], pieces["clap"]):
            backbeats.setdefault(hit.step // 48, set()).add(hit.step % 48)
    if len(kicks) < 0.15 * played.bars:
        return "ambient" if len(played.hits) < 3 * played.bars and played.tempo <= 124 else "pop"
    four = sum({0, 12, 24, 36} <= steps for steps in kicks.values()) / len(kicks)
    backbeat = sum(bool({12, 36} <= steps or 24 in steps) for steps in backbeats.values()) / max(1, len(kicks))
    tempo = played.tempo
    if four >= 0.5:
        if is_acid_bass(played) and 115 <= tempo <= 150 and acid_named:
            return "acid"
        return "house" if tempo <= 130.5 else "techno"
    if backbeat >= 0.3:
        if tempo >= 150:
            return "breaks"
        if tempo >= 108:
            return "electro" if tempo <= 134 else "breaks"
    return "pop"


def is_acid_bass(played: Arrangement) -> bool:
    """Whether the bass plays sixteenths of few pitch classes: nine notes a bar or more where it plays."""
    bass = played.notes.get("bass", [])
    bars = {note.step // 48 for note in bass}
    return bool(bars) and len(bass) / len(bars) >= 9 and len({note.pitch % 12 for note in bass}) <= 7
