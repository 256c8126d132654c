"""Does it sound like the corpus? Continuations of held-out excerpts against what the excerpts really go on with.

The model reads four held-out bars and writes sixteen under the very controls of the sixteen that follow them, bar by bar; both are
measured in windows of eight bars.
"""

from __future__ import annotations

from typing import Sequence

import numpy as np

from ..composer.styles import COMPOSED_STYLES
from ..language import Bar
from ..drawing import AS_PLAYED, RAW, Sampling
from ..sample import TakeRequest
from .material import Excerpt, held_out_excerpts
from .metrics import MEASURES, mean_measures, windows

#: How far a measure may lie from that of held-out bars.
TOLERANCES = {"pitchClassEntropy": 0.10, "scaleConsistency": 0.015, "grooveConsistency": 0.01}


def excerpts_of(per_style: int) -> list[Excerpt]:
    """The excerpts of all composed styles."""
    return [excerpt for style in COMPOSED_STYLES for excerpt in held_out_excerpts(style, per_style)]


def continuation_requests(excerpts: Sequence[Excerpt], sampling: Sampling, seed: int) -> list[TakeRequest]:
    """A take for every excerpt, under the controls of the bars that follow its prompt."""
    return [
        TakeRequest([tuple(bar.controls) for bar in excerpt.rest], sampling, seed + index, tuple(excerpt.prompt))
        for index, excerpt in enumerate(excerpts)
    ]


def played_requests(per_style: int) -> list[TakeRequest]:
    """Continuations with the application's default sampling."""
    return continuation_requests(excerpts_of(per_style), AS_PLAYED, 10_000)


def raw_requests(per_style: int) -> list[TakeRequest]:
    """Continuations at temperature 1, under the grammar alone."""
    return continuation_requests(excerpts_of(per_style), RAW, 20_000)


def compare(real: Sequence[Sequence[Bar]], written: Sequence[Sequence[Bar]]) -> dict:
    """For every measure the means of both sides, the mean difference by pair (written - real) and its standard error."""
    rows = [(mean_measures(windows(a)), mean_measures(windows(b))) for a, b in zip(real, written, strict=True)]
    result = {}
    for name in MEASURES:
        pairs = np.array([(a[name], b[name]) for a, b in rows if a[name] is not None and b[name] is not None])
        if len(pairs) == 0:
            continue
        differences = pairs[:, 1] - pairs[:, 0]
        error = float(differences.std(ddof=1) / np.sqrt(len(pairs))) if len(pairs) > 1 else None
        result[name] = {"heldOut": float(pairs[:, 0].mean()), "written": float(pairs[:, 1].mean()),
                        "difference": float(differences.mean()), "standardError": error, "excerpts": len(pairs)}
    return result


def by_style(excerpts: Sequence[Excerpt], written: Sequence[Sequence[Bar]]) -> dict:
    """`compare` for every style and, as "all", for all excerpts together."""
    result = {}
    for style in (*COMPOSED_STYLES, "all"):
        chosen = [i for i, excerpt in enumerate(excerpts) if style in (excerpt.style, "all")]
        result[style] = compare([excerpts[i].rest for i in chosen], [written[i] for i in chosen])
    return result


def answer(played: Sequence[Sequence[Bar]], raw: Sequence[Sequence[Bar]], per_style: int, raw_per_style: int) -> dict:
    """The result of the question; the verdict is on the application's sampling, all styles together."""
    result = {"asPlayed": by_style(excerpts_of(per_style), played), "raw": by_style(excerpts_of(raw_per_style), raw)}
    verdicts = {name: abs(result["asPlayed"]["all"][name]["difference"]) <= limit for name, limit in TOLERANCES.items()}
    return result | {"tolerances": TOLERANCES, "met": verdicts}
