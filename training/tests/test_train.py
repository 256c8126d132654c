"""Training resumes where it stopped, follows its stages' rates, and several processes make one model."""

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest
import torch

from kqv_training.composer.song import compose_song
from kqv_training.corpus import Corpus, make_corpus
from kqv_training.language import encode_bar
from kqv_training.train import Process, Training, admitted_along, position_of, rate_at, refused_loss, run_stages

SHAPE = dict(hidden_size=48, num_hidden_layers=1, num_attention_heads=2, num_key_value_heads=2, head_dim=8, intermediate_size=24,
             sliding_window=64)


def config(*steps: int) -> dict:
    rules = dict(matrix_rate=1e-2, vector_rate=3e-3, weight_decay=0.05, momentum=0.95, warmup_steps=2, clip=1.0)
    stages = [dict(steps=count, batch=2, length=48, mixture={"composed": 1.0}) for count in steps]
    return dict(seed=3, model=SHAPE, optimizer=rules, stage=stages)


@pytest.fixture(scope="module")
def corpus() -> Corpus:
    return make_corpus([("composed", "house", [encode_bar(bar) for bar in compose_song(1, "house")])])


def weights(training: Training) -> torch.Tensor:
    return torch.cat([parameter.detach().flatten() for parameter in training.model.parameters()])


ALONE = Process(0, 1, torch.device("cpu"))


def test_a_resumed_run_ends_where_an_undisturbed_one_does(corpus: Corpus, tmp_path: Path) -> None:
    undisturbed = Training(config(6), ALONE)
    run_stages(undisturbed, corpus, corpus, tmp_path / "whole.pt")
    first = Training(config(3), ALONE)
    run_stages(first, corpus, corpus, tmp_path / "half.pt")
    second = Training(config(6), ALONE)
    second.resume(tmp_path / "half.pt")
    assert second.step == 3
    run_stages(second, corpus, corpus, tmp_path / "half.pt")
    assert torch.equal(weights(undisturbed), weights(second))
    assert undisturbed.record["tokensSeen"] == second.record["tokensSeen"] == 6 * 2 * 48


def test_rates_warm_up_and_move_through_their_stage() -> None:
    stages = [dict(steps=4), dict(steps=5, rate_to=0.0)]
    assert [rate_at(step, stages, 2) for step in range(9)] == [0.5, 1, 1, 1, 1, 0.75, 0.5, 0.25, 0]
    assert position_of(4, stages).stage is stages[1]
    with pytest.raises(ValueError, match="behind the last stage"):
        position_of(9, stages)


def test_training_learns(corpus: Corpus, tmp_path: Path) -> None:
    training = Training(config(60), ALONE)
    run_stages(training, corpus, corpus, tmp_path / "checkpoint.pt")
    losses = [row["train"] for row in training.record["curve"] if "train" in row]
    assert losses[-1] < losses[0] - 1


def test_a_changed_corpus_is_noted_once() -> None:
    training = Training(config(1), ALONE)
    training.note("corpus", sha256="a")
    training.note("corpus", sha256="a")
    training.note("corpus", sha256="b")
    assert [event["sha256"] for event in training.record["events"]] == ["a", "b"]


def test_the_grammar_costs_nothing_where_no_probability_is_refused(corpus: Corpus) -> None:
    rows = torch.from_numpy(corpus.tokens[:121].astype("int64"))[None]
    admitted = admitted_along(rows)
    assert admitted.gather(2, rows[:, 1:, None]).all()
    obedient = torch.zeros(admitted.shape).masked_fill(~admitted, -1e9)
    assert refused_loss(obedient, rows).item() == pytest.approx(0, abs=1e-6)
    uniform = torch.zeros(admitted.shape)
    expected = -(admitted.float().mean(-1)).log().mean()
    assert refused_loss(uniform, rows).item() == pytest.approx(expected.item(), rel=1e-5)


TWO_PROCESSES = """
import json, sys, torch
sys.path.insert(0, sys.argv[2])
from pathlib import Path
from test_train import config, weights
from kqv_training.composer.song import compose_song
from kqv_training.corpus import make_corpus
from kqv_training.language import encode_bar
from kqv_training.train import Training, join_processes, run_stages
torch.set_num_threads(1)
process = join_processes()
corpus = make_corpus([("composed", "house", [encode_bar(bar) for bar in compose_song(1, "house")])])
training = Training(config(3), process)
folder = Path(sys.argv[1])
run_stages(training, corpus, corpus, folder / "checkpoint.pt")
row = {"sum": weights(training).double().sum().item(), "tokens": training.record["tokensSeen"]}
(folder / f"rank{process.rank}.json").write_text(json.dumps(row))
"""


def test_two_processes_train_one_model(tmp_path: Path) -> None:
    script = tmp_path / "two.py"
    script.write_text(TWO_PROCESSES)
    command = [sys.executable, "-m", "torch.distributed.run", "--standalone", "--nproc-per-node", "2", str(script), str(tmp_path),
               str(Path(__file__).parent)]
    paths = {**os.environ, "PYTHONPATH": str(Path(__file__).parents[1])}
    subprocess.run(command, check=True, env=paths, capture_output=True, timeout=240)
    rows = [json.loads((tmp_path / f"rank{rank}.json").read_text()) for rank in range(2)]
    assert rows[0] == rows[1]
    assert rows[0]["tokens"] == 2 * 3 * 2 * 48
