"""Fixtures for the singular value decomposition of the application: what LAPACK computes in f64, through NumPy.

Run as `python -m kqv_training.svd_fixtures`. It writes tests/fixtures/svd: matrices.json says what each matrix is and where it lies,
matrices.bin holds its values (f32, row by row) and behind them its singular values (f64, descending), padded to eight bytes.
"""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np

ROOT = Path(__file__).resolve().parents[2]
FOLDER = ROOT / "tests/fixtures/svd"
SEED = 20


def with_values(random: np.random.Generator, rows: int, columns: int, values: np.ndarray) -> np.ndarray:
    """A matrix with these singular values and random singular vectors."""
    left, _ = np.linalg.qr(random.standard_normal((rows, len(values))))
    right, _ = np.linalg.qr(random.standard_normal((columns, len(values))))
    return (left * values) @ right.T


def matrices(random: np.random.Generator) -> dict[str, np.ndarray]:
    spikes = with_values(random, 60, 40, np.array([50.0, 20, 8, 3, 1.5])) + 1e-4 * random.standard_normal((60, 40))
    deficient = random.standard_normal((36, 20)) @ random.standard_normal((20, 36))
    deficient[:, 7] = 0
    deficient[:, 8] = deficient[:, 9]
    clustered = with_values(random, 48, 48, np.repeat([3.0, 2.999999, 1.0, 0.25], 12))
    return {
        "random": random.standard_normal((40, 40)),
        "graded to 1e-3": with_values(random, 96, 96, np.geomspace(1, 1e-3, 96)),
        "graded to 1e-6": with_values(random, 48, 48, np.geomspace(1, 1e-6, 48)),
        "low rank and noise": spikes,
        "rank-deficient": deficient,
        "zero": np.zeros((8, 5)),
        "one column": random.standard_normal((30, 1)),
        "one row": random.standard_normal((1, 24)),
        "one number": np.array([[-2.5]]),
        "clustered": clustered,
        "tall": random.standard_normal((150, 22)) * np.geomspace(1, 1e-2, 22),
        "wide": random.standard_normal((18, 70)),
        "huge": 1e30 * random.standard_normal((12, 9)),
        "tiny": 1e-30 * random.standard_normal((9, 12)),
    }


def main() -> None:
    FOLDER.mkdir(parents=True, exist_ok=True)
    index, data = [], bytearray()
    for name, matrix in matrices(np.random.default_rng(SEED)).items():
        stored = matrix.astype(np.float32)
        values = np.linalg.svd(stored.astype(np.float64), compute_uv=False)
        index.append({"name": name, "rows": stored.shape[0], "columns": stored.shape[1], "offset": len(data)})
        data += stored.tobytes()
        data += b"\0" * (-len(data) % 8)
        data += values.astype("<f8").tobytes()
    (FOLDER / "matrices.json").write_text(json.dumps(index, indent="\t") + "\n")
    (FOLDER / "matrices.bin").write_bytes(data)


if __name__ == "__main__":
    main()
