"""The attributions that the licences of the imported music ask for, gathered from the sources into one file."""

from __future__ import annotations

import gzip
import json
import re
from collections import Counter
from pathlib import Path
from typing import Iterator

from ..songs import Song

#: A licence text up to this long, in characters, is quoted whole (MIT and BSD ask for it); a longer one is named.
LONGEST_QUOTE = 4000


def write_attribution(folder: Path, path: Path, songs: list[Song]) -> None:
    """Writes `path` (Markdown): of every source used its repository and commit, licences, authors where named, its own notices."""
    origins = _origins(folder)
    sections = [
        "# Attribution of the imported music\n",
        "The training corpus beside this file was made from the works below: read from MIDI and pattern files, put on a grid, their parts\n"
        "given to five tracks, labelled. That is a change of the originals; their authors don't endorse it.\n",
    ]
    for source in sorted({song.source for song in songs}):
        own = [song for song in songs if song.source == source]
        sections.append(f"## {source}\n")
        if source in origins:
            repository, commit, licence_file = origins[source]
            sections.append(f"From {repository}, commit {commit}. Licence: {licence_file}.\n")
        licences = Counter(song.licence for song in own)
        sections.append("Used: " + "; ".join(f"{count} under {licence}" for licence, count in sorted(licences.items())) + ".\n")
        sections += _notices(folder / source, own)
        sections += _pattern_notice(folder / f"{source}.jsonl.gz")
        if len(licences) > 1:
            sections += ["\n".join(f"- {song.name}: {song.licence}" for song in own) + "\n"]
    path.write_text("\n".join(sections))


def _origins(folder: Path) -> dict[str, tuple[str, str, str]]:
    """(repository, commit, licence file) by source, from the table of the folder's README."""
    readme = folder / "README.md"
    rows = readme.read_text(errors="replace").splitlines() if readme.is_file() else []
    cells = [[cell.strip() for cell in row.strip("|").split("|")] for row in rows if row.startswith("|") and "http" in row]
    return {row[0]: (row[1], row[2].strip("`"), row[3]) for row in cells if len(row) >= 4}


def _notices(place: Path, songs: list[Song]) -> Iterator[str]:
    """What a source folder says of its authors and licences: its attribution, its credits for music, its licence texts."""
    for file in sorted(place.glob("*")) if place.is_dir() else []:
        if not file.is_file() or not re.match(r"attribution|credits-music|authors|licen[cs]e|copying", file.name, re.IGNORECASE):
            continue
        text = file.read_text(errors="replace").strip()
        if file.name.lower().startswith("authors"):
            used = {re.sub(r"\W|_", "", song.name.split("__")[-1]).lower() for song in songs}
            rows = [row.split("`") for row in text.splitlines() if ".mid`" in row]
            named = [f"- {row[1]}:{row[2].replace(' | ', ', ').rstrip(', ')}" for row in rows if re.sub(r"\W|_", "", row[1][:-4]).lower() in used]
            yield "\n".join(named) + "\n"
        elif file.name.lower().startswith("attribution"):
            yield text + "\n"
        elif re.search(r"by-sa", text, re.IGNORECASE):
            continue  # it belongs to works that were left out
        elif len(text) <= LONGEST_QUOTE or file.name.lower().startswith("credits"):
            yield f"{file.name}:\n\n```\n{text}\n```\n"
        else:
            yield f"The licence text is the source's {file.name}.\n"


def _pattern_notice(path: Path) -> Iterator[str]:
    """The licence notice in the first row of a pattern collection."""
    if not path.is_file():
        return
    try:
        with gzip.open(path, "rt") as file:
            head = json.loads(file.readline())
    except (OSError, EOFError, ValueError):
        return
    if isinstance(head, dict) and head.get("licence_text"):
        yield f"```\n{head['licence_text'].strip()}\n```\n"
