"""All sources to one file of labelled songs, with the report of what was kept, dropped and why, and the attributions."""

from __future__ import annotations

import hashlib
from collections import Counter, defaultdict
from pathlib import Path
from typing import Iterator

from ..songs import Song, save_songs
from .attribution import write_attribution
from .labels import label_song
from .raw import ImportRefusal, RawSong
from .report import ImportReport
from .sources import read_midi_songs

#: The shortest song in bars, and the fewest sounding events that a bar at either end must have.
SHORTEST_SONG = 4
FEWEST_EVENTS = 2


def import_songs(folder: Path, report: ImportReport) -> tuple[list[Song], dict[str, str]]:
    """The songs of all sources under `folder` in a settled order, and the SHA-256 of every MIDI file kept, by "source/name".

    Everything that is not kept is in the report; only a missing `folder` is an error (FileNotFoundError).
    """
    if not folder.is_dir():
        raise FileNotFoundError(f"There is no folder {folder}; name the one that holds the music, a folder for each source.")
    songs: list[Song] = []
    hashes: dict[str, str] = {}
    seen: dict[str, str] = {}
    for raw, file_hash in _read_all(folder, report):
        try:
            song = trimmed(label_song(raw))
        except ImportRefusal as refusal:
            report.refuse(raw.source, raw.name, str(refusal))
            continue
        if len(song.bars) < SHORTEST_SONG:
            report.refuse(raw.source, raw.name, f"shorter than {SHORTEST_SONG} bars")
            continue
        print_of_song = fingerprint(song)
        if print_of_song in seen:
            report.refuse(raw.source, raw.name, f"duplicate: of {seen[print_of_song]}")
            continue
        seen[print_of_song] = f"{song.source}/{song.name}"
        if file_hash:
            hashes[f"{song.source}/{song.name}"] = file_hash
        report.keep(song.source, song.name, len(song.bars))
        songs.append(song)
    return songs, hashes


def _read_all(folder: Path, report: ImportReport) -> Iterator[tuple[RawSong, str]]:
    """The MIDI songs with their hashes, then the pattern collections."""
    from .patterns import read_all

    yield from read_midi_songs(folder, report)
    for raw in read_all(folder, report):
        yield raw, ""


def trimmed(song: Song) -> Song:
    """The song without bars at its ends in which almost nothing sounds."""
    full = [index for index, bar in enumerate(song.bars) if sum(len(part.hits) + len(part.notes) for part in bar.parts) >= FEWEST_EVENTS]
    bars = song.bars[full[0] : full[-1] + 1] if full else ()
    return Song(song.source, song.name, song.family, song.style, song.licence, song.split, tuple(bars))


def fingerprint(song: Song) -> str:
    """The same for songs that sound the same notes, whatever their name and labels."""
    digest = hashlib.sha256()
    for bar in song.bars:
        for part in bar.parts:
            digest.update(repr((part.track, part.hits, part.notes)).encode())
    return digest.hexdigest()


def write_corpus(folder: Path, out: Path) -> str:
    """Imports everything under `folder`, writes the corpus to `out`, its index beside it and ATTRIBUTION.md; the table to print."""
    report = ImportReport()
    songs, hashes = import_songs(folder, report)
    measured = {
        "sources": report.as_dict(),
        "tokens a bar": tokens_a_bar(songs),
        "validation families": _validation_families(songs),
        "file hashes": hashes,
    }
    save_songs(out, songs, measured)
    write_attribution(folder, out.parent / "ATTRIBUTION.md", songs)
    return table(songs, report)


def tokens_a_bar(songs: list[Song]) -> dict[str, int]:
    """Median and 95th percentile of tokens a bar: of all bars, and of bars in which four parts or more play."""
    lengths, full = [], []
    for song in songs:
        for bar, tokens in zip(song.bars, song.tokens()):
            lengths.append(len(tokens))
            if sum(part.density > 0 for part in bar.parts) >= 4:
                full.append(len(tokens))
    return {
        "median": _quantile(lengths, 0.5), "p95": _quantile(lengths, 0.95),
        "median of four parts": _quantile(full, 0.5), "p95 of four parts": _quantile(full, 0.95),
    }


def _quantile(values: list[int], share: float) -> int:
    """The value below which `share` of `values` lie; 0 of none."""
    return sorted(values)[min(len(values) - 1, int(share * len(values)))] if values else 0


def _validation_families(songs: list[Song]) -> dict[str, list[str]]:
    """The families held out, by source."""
    families: dict[str, set[str]] = defaultdict(set)
    for song in songs:
        if song.split == "validation":
            families[song.source].add(song.family)
    return {source: sorted(names) for source, names in sorted(families.items())}


def table(songs: list[Song], report: ImportReport) -> str:
    """What was imported, a row a source: files, songs, bars, tokens, styles, what was dropped by reason."""
    rows = [f"{'source':28} {'files':>6} {'songs':>6} {'bars':>7} {'tokens':>9}  dropped"]
    totals: Counter = Counter()
    for source in report.sources():
        own = [song for song in songs if song.source == source]
        reasons = report.reasons(source)
        counted = {"files": len(own) + sum(reasons.values()), "songs": len(own), "bars": sum(len(song.bars) for song in own),
                   "tokens": sum(len(bar) for song in own for bar in song.tokens())}
        totals.update(counted)
        dropped = ", ".join(f"{reason} {count}" for reason, count in reasons.items()) or "-"
        rows.append(f"{source:28} {counted['files']:6} {counted['songs']:6} {counted['bars']:7} {counted['tokens']:9}  {dropped}")
    rows.append(f"{'all':28} {totals['files']:6} {totals['songs']:6} {totals['bars']:7} {totals['tokens']:9}")
    return "\n".join(rows)
