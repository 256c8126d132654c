"""Pattern files: gzipped JSON lines, the first of which is the licence and the schema, every other one pattern."""

from __future__ import annotations

import gzip
import json
import zlib
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Iterator

from ..raw import ImportRefusal

if TYPE_CHECKING:
    from ..report import ImportReport


@dataclass(frozen=True)
class PatternFile:
    """The patterns of a file: the licence in the source's words, its first row, and (line number, row) for every other."""

    licence: str
    header: dict
    rows: list[tuple[int, dict]]


@contextmanager
def refusing(report: ImportReport, source: str, name: str) -> Iterator[None]:
    """Turns a refusal, or the error that a broken row runs into, into a line of the report."""
    try:
        yield
    except ImportRefusal as refusal:
        report.refuse(source, name, str(refusal))
    except KeyError as missing:
        report.refuse(source, name, f"broken row: it has no {missing.args[0]}")
    except (TypeError, ValueError, IndexError, AttributeError) as error:
        report.refuse(source, name, f"broken row: {error}")


def read_pattern_file(path: Path, source: str, report: ImportReport) -> PatternFile | None:
    """The patterns of `path`; None, and a line of the report, when the file can't be read.

    Lines that are no JSON objects are refused one by one.
    """
    try:
        with gzip.open(path, "rt", encoding="utf-8") as stream:
            lines = stream.read().splitlines()
    except FileNotFoundError:
        report.refuse(source, path.name, "missing file")
        return None
    except (OSError, EOFError, zlib.error, UnicodeDecodeError) as error:
        report.refuse(source, path.name, f"broken file: {error}")
        return None
    rows: list[tuple[int, dict]] = []
    for number, line in enumerate(lines, 1):
        with refusing(report, source, f"line {number}"):
            row = json.loads(line)
            if not isinstance(row, dict):
                raise ImportRefusal("broken row: it is no JSON object")
            rows.append((number, row))
    if not rows or rows[0][0] != 1 or not isinstance(rows[0][1].get("licence"), str):
        report.refuse(source, path.name, "no licence: the first row does not say it, so nothing of the file may be used")
        return None
    return PatternFile(rows[0][1]["licence"], rows[0][1], rows[1:])
