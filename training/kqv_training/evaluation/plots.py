"""The plots of the report, as SVG that reads on light and on dark paper: transparent, mid-grey ink, colours of middle lightness."""

from __future__ import annotations

from pathlib import Path

import matplotlib

matplotlib.use("svg")

import matplotlib.pyplot as plt
import numpy as np
from matplotlib.colors import LinearSegmentedColormap, PowerNorm
from matplotlib.figure import Figure

from .metrics import MEASURES

INK = "#808080"
COLOURS = ("#3f8fd2", "#e0803a", "#46a066", "#b46bc4", "#c9a227", "#d0576b")

#: From nothing (transparent) to full, for tables of counts.
HEAT = LinearSegmentedColormap.from_list("heat", [(0.25, 0.56, 0.82, 0.0), (0.25, 0.56, 0.82, 1.0)])

STYLE = {
    "text.color": INK, "axes.labelcolor": INK, "axes.edgecolor": INK, "xtick.color": INK, "ytick.color": INK, "axes.facecolor": "none",
    "figure.facecolor": "none", "savefig.transparent": True, "axes.spines.top": False, "axes.spines.right": False, "font.size": 9,
    "axes.prop_cycle": matplotlib.cycler(color=COLOURS), "legend.frameon": False, "svg.hashsalt": "kqv", "svg.fonttype": "none",
}

LABELS = {"pitchClassEntropy": "pitch-class entropy, bit", "scaleConsistency": "scale consistency", "grooveConsistency": "groove consistency",
          "polyphony": "polyphony", "noteDensity": "notes a bar"}


def loss_curve(record: dict) -> Figure:
    """Training and validation loss in nats a token, by step; validation by group of songs where the record tells them apart."""
    figure, axes = plt.subplots(figsize=(7, 3.2))
    trained = [(row["step"], row["train"]) for row in record["curve"] if "train" in row]
    axes.plot(*zip(*trained), color=INK, linewidth=0.8, label="training")
    groups: dict[str, list[tuple[int, float]]] = {}
    for row in record["curve"]:
        found = row.get("validation")
        for group, loss in (found.items() if isinstance(found, dict) else [("validation", found)] if found is not None else []):
            groups.setdefault(group if group == "validation" else f"validation: {group}", []).append((row["step"], loss))
    for group, points in groups.items():
        axes.plot(*zip(*points), marker="o", markersize=2.5, linewidth=1.2, label=group)
    losses = [loss for _, loss in trained[len(trained) // 20 :]] + [loss for points in groups.values() for _, loss in points]
    axes.set(xlabel="step", ylabel="nats a token", ylim=(0, 1.15 * float(np.quantile(losses, 0.99))))
    axes.legend()
    return figure


def nats_by_source(answer: dict) -> Figure:
    """Nats a token of the model, the 5-gram and the grammar alone, by source of held-out songs."""
    figure, axes = plt.subplots(figsize=(7, 3.2))
    rows = {"real songs": answer["real"], **answer["sources"]}
    places = np.arange(len(rows))
    for offset, (name, label) in enumerate((("model", "model"), ("fivegram", "5-gram"), ("grammar", "grammar alone"))):
        axes.bar(places + (offset - 1) * 0.27, [row[name]["nats"] for row in rows.values()], 0.25, label=label)
    axes.set_xticks(places, rows, rotation=25, ha="right")
    axes.set_ylabel("nats a token")
    axes.legend(ncol=3, loc="lower center", bbox_to_anchor=(0.5, 1.0))
    return figure


def endurance(answer: dict) -> Figure:
    """Every measure by blocks of a hundred bars, a line for each style."""
    figure, grid = plt.subplots(2, 3, figsize=(9, 4.6), sharex=True)
    for axes, name in zip(grid.flat, (*MEASURES, "soundingTracks")):
        for style, row in answer["styles"].items():
            values = [np.nan if block[name] is None else block[name] for block in row["blocks"]]
            axes.plot(range(1, len(values) + 1), values, marker="o", markersize=2, linewidth=1, label=style)
        axes.set_title(LABELS.get(name, "tracks that sound"), fontsize=9)
    for axes in grid[1]:
        axes.set_xlabel("block of 100 bars")
    grid[0, 0].legend(fontsize=7, ncol=2)
    return figure


def _heat(axes: plt.Axes, table: np.ndarray, words: list[str]) -> None:
    """A table of shares by row, [asked, got], with its figures written in."""
    shares = table / np.maximum(1, table.sum(1, keepdims=True))
    axes.imshow(shares, cmap=HEAT, norm=PowerNorm(0.5, 0, 1), aspect="auto")
    axes.set_xticks(range(len(words)), words, rotation=0 if len(words[0]) < 2 else 30)
    axes.set_yticks(range(len(words)), words)
    for (row, column), share in np.ndenumerate(shares):
        if share >= 0.005:
            axes.text(column, row, f"{share:.0%}".rstrip("%"), ha="center", va="center", fontsize=7, color=INK if share < 0.3 else "white")


def density(answer: dict) -> Figure:
    """Asked density level against the played one, a table of per cent for each track."""
    figure, grid = plt.subplots(1, len(answer), figsize=(2.3 * len(answer), 2.6), sharey=True)
    for axes, (track, row) in zip(grid, answer.items()):
        _heat(axes, np.array(row["table"]), [str(level) for level in range(8)])
        axes.set(title=track, xlabel="played")
    grid[0].set_ylabel("asked")
    return figure


def styles(answer: dict) -> Figure:
    """Asked style against the style heard in the drums, per cent: after a change of style, and the judge on held-out music."""
    figure, grid = plt.subplots(1, 2, figsize=(9, 3.6), sharey=True)
    for axes, name, title in zip(grid, ("steered", "judgeOnHeldOut"), ("written, after a change", "held-out music")):
        _heat(axes, np.array(answer[name]["table"]), answer["names"])
        axes.set(title=title, xlabel="heard in the drums")
    grid[0].set_ylabel("asked")
    return figure


def write_plots(folder: Path, answers: dict, record: dict | None) -> None:
    """Writes the plots of all answers there are."""
    with plt.rc_context(STYLE):
        figures = {}
        if record:
            figures["loss"] = loss_curve(record)
        if "modelling" in answers:
            figures["nats-by-source"] = nats_by_source(answers["modelling"])
        if "endurance" in answers:
            figures["endurance"] = endurance(answers["endurance"])
        if "obedience" in answers:
            figures |= {"density": density(answers["obedience"]["density"]), "styles": styles(answers["obedience"]["style"])}
        for name, figure in figures.items():
            figure.tight_layout()
            figure.savefig(folder / f"{name}.svg", metadata={"Date": None})
            plt.close(figure)
