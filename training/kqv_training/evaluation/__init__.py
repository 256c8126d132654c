"""The evaluation of a model folder: seven questions, each in a file of its own, pure metrics apart from sampling."""

from __future__ import annotations

import hashlib
import json
import time
from dataclasses import asdict
from pathlib import Path
from typing import Any, Sequence

import torch

from ..drawing import AS_PLAYED, RAW
from .material import fingerprint
from .questions import EXPERIMENTS, FULL, QUESTIONS, QUICK, Listening
from .report import summary_rows, summary_table, write_report
from .takes import write_missing

TRAINING = Path(__file__).resolve().parents[2]

REPORT_FOLDER = TRAINING / "report"


def rounded(value: Any) -> Any:
    """The same value with every float inside rounded to five significant digits."""
    if isinstance(value, float):
        return float(f"{value:.5g}")
    if isinstance(value, dict):
        return {key: rounded(one) for key, one in value.items()}
    return [rounded(one) for one in value] if isinstance(value, (list, tuple)) else value


def evaluate(folder: Path, names: Sequence[str] = tuple(QUESTIONS), quick: bool = False, workers: int = 2) -> dict:
    """Answers the questions `names` about the model in `folder`, as far as they have not been answered for the same
    weights, material, scale and way of drawing tokens.

    Returns what it writes to the folder's evaluation.json: everything answered so far, with `summary` rows. The report goes to
    training/report; a quick look writes neither and goes to the folder of its answers.
    """
    digest = hashlib.sha256((folder / "model.safetensors").read_bytes()).hexdigest()
    run = TRAINING / "runs" / folder.resolve().name
    scale, material = QUICK if quick else FULL, fingerprint()
    asked = hashlib.sha256(f"{material} {scale}".encode()).hexdigest()
    weights = run / "evaluation" / digest[:12]
    kept = weights / f"{asked[:8]}{'-quick' if quick else ''}"
    kept.mkdir(parents=True, exist_ok=True)
    drawn = hashlib.sha256(f"{AS_PLAYED} {RAW}".encode()).hexdigest()
    #: what was heard in takes depends on how their tokens were drawn
    paths = {name: kept / (f"{name}-{drawn[:8]}.json" if question.experiments else f"{name}.json") for name, question in QUESTIONS.items()}
    listening = Listening(scale, weights / "takes")
    torch.set_num_threads(1)  # two threads stand in each other's way on a machine that does other work
    began = time.monotonic()
    missing = [name for name in names if not paths[name].exists()]
    experiments = dict.fromkeys(experiment for name in missing for experiment in QUESTIONS[name].experiments)
    wanted = {name: (listening.requests(name), EXPERIMENTS[name][1]) for name in experiments}
    write_missing(folder, wanted, listening.folder, workers)
    for name in missing:
        print(f"{QUESTIONS[name].words}", flush=True)
        started = time.monotonic()
        result = QUESTIONS[name].answer(listening, folder, digest)
        paths[name].write_text(json.dumps(rounded(result), indent=1) + "\n")
        print(f"  answered in {time.monotonic() - started:.0f} s", flush=True)
    answers = {name: json.loads(path.read_text()) for name, path in paths.items() if path.exists()}
    config = json.loads((folder / "config.json").read_text())
    evaluation = {
        "model": folder.resolve().name, "sha256": digest, "material": material, "quick": quick, "scale": asdict(scale),
        "window": config["sliding_window"], "sampling": rounded({"asPlayed": asdict(AS_PLAYED), "raw": asdict(RAW)}),
        "summary": summary_rows(answers), "questions": answers,
    }
    output = kept if quick else folder
    (output / "evaluation.json").write_text(json.dumps(evaluation, indent="\t") + "\n")
    record = next((path for path in (run / "record.json", REPORT_FOLDER / "record.json") if path.exists()), None)
    write_report(kept / "report" if quick else REPORT_FOLDER, evaluation, json.loads(record.read_text()) if record else None)
    print(f"{summary_table(evaluation['summary'])}\n\n{(time.monotonic() - began) / 60:.1f} minutes; {output / 'evaluation.json'} written.")
    return evaluation
