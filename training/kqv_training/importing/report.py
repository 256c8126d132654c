"""What an import kept, what it refused and why, by source: the readers fill it, the corpus file carries it."""

from __future__ import annotations

from collections import Counter, defaultdict


class ImportReport:
    """Counts by source, and the name and reason of everything refused."""

    def __init__(self) -> None:
        self._kept: dict[str, dict[str, int]] = defaultdict(dict)
        self._refused: dict[str, dict[str, str]] = defaultdict(dict)
        self._notes: dict[str, Counter] = defaultdict(Counter)

    def keep(self, source: str, name: str, bars: int) -> None:
        """Records a song that was kept, with its length in bars."""
        self._kept[source][name] = bars

    def refuse(self, source: str, name: str, reason: str) -> None:
        """Records a file or pattern that was not kept and why, in words that read the same for the same cause."""
        self._refused[source][name] = reason

    def note(self, source: str, what: str, count: int = 1) -> None:
        """Counts something that happened to music that was kept: parts dropped, swing straightened, bars doubled."""
        self._notes[source][what] += count

    def sources(self) -> list[str]:
        """Every source that anything was recorded of, sorted."""
        return sorted({*self._kept, *self._refused, *self._notes})

    def reasons(self, source: str) -> dict[str, int]:
        """How many were refused by reason; the words after a colon are details and do not part reasons."""
        counted = Counter(reason.split(":")[0] for reason in self._refused[source].values())
        return dict(sorted(counted.items(), key=lambda item: (-item[1], item[0])))

    def kept(self, source: str) -> dict[str, int]:
        """Bars by song, of what was kept."""
        return dict(self._kept[source])

    def as_dict(self) -> dict:
        """Everything, by source: songs and bars kept, refusals by reason and by name, notes."""
        return {
            source: {
                "songs": len(self._kept[source]),
                "bars": sum(self._kept[source].values()),
                "refused": len(self._refused[source]),
                "reasons": self.reasons(source),
                "refusals": dict(sorted(self._refused[source].items())),
                "notes": dict(sorted(self._notes[source].items())),
            }
            for source in self.sources()
        }
