"""The evaluation keeps its answers by weights and asks again only what is missing."""

import json
from pathlib import Path

import pytest

from kqv_training import evaluation
from kqv_training.evaluation.questions import Question


@pytest.fixture
def asked(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """A model folder with two questions whose asking is noted here; runs and report go to the test's folder."""
    questions: list[str] = []

    def question(name: str, answer: dict) -> Question:
        return Question(name, (), lambda listening, folder, digest: questions.append(name) or answer)

    (tmp_path / "model").mkdir()
    (tmp_path / "model/config.json").write_text('{"sliding_window": 8}')
    (tmp_path / "model/model.safetensors").write_bytes(b"weights")
    share = {"share": 0.0, "tokens": 9}
    monkeypatch.setattr(evaluation, "QUESTIONS", {
        "validity": question("validity", {"asPlayed": share, "raw": share, "met": {"asPlayed": True, "raw": True}}),
        "cost": question("cost", {"fourTracks": None, "speed": None, "met": {"tokens": False}}),
    })
    monkeypatch.setattr(evaluation, "TRAINING", tmp_path)
    monkeypatch.setattr(evaluation, "REPORT_FOLDER", tmp_path / "report")
    monkeypatch.setattr(evaluation, "fingerprint", lambda: "the same songs")
    return questions


def test_a_question_is_asked_once_for_the_same_weights_and_again_for_others(asked: list[str], tmp_path: Path) -> None:
    folder = tmp_path / "model"
    evaluation.evaluate(folder, ["validity"])
    result = evaluation.evaluate(folder, ["validity", "cost"])
    assert asked == ["validity", "cost"]
    assert list(result["questions"]) == ["validity", "cost"]
    assert json.loads((folder / "evaluation.json").read_text()) == result
    assert "2 of 3 aims met" in (tmp_path / "report/README.md").read_text()
    (folder / "model.safetensors").write_bytes(b"other weights")
    assert list(evaluation.evaluate(folder, ["cost"])["questions"]) == ["cost"]
    assert asked == ["validity", "cost", "cost"]


def test_a_quick_look_leaves_the_model_folder_and_the_report_alone(asked: list[str], tmp_path: Path) -> None:
    evaluation.evaluate(tmp_path / "model", ["validity"], quick=True)
    assert not (tmp_path / "model/evaluation.json").exists()
    assert not (tmp_path / "report").exists()
    assert [path.name for path in tmp_path.glob("runs/model/evaluation/*/*-quick/report/README.md")] == ["README.md"]
