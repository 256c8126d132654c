"""A 5-gram baseline with interpolated backing-off: what counting alone predicts of the same corpus."""

from __future__ import annotations

from collections import defaultdict

import numpy as np

ORDER = 5


def ngram_nats_per_token(train: np.ndarray, test: np.ndarray, vocabulary_size: int) -> float:
    """Mean negative log-likelihood in nats of `test` under a Witten-Bell 5-gram model of `train`."""
    tables: list[dict[tuple[int, ...], dict[int, int]]] = [defaultdict(dict) for _ in range(ORDER)]
    tokens = train.tolist()
    for length in range(ORDER):
        table = tables[length]
        for i in range(length, len(tokens)):
            row = table[tuple(tokens[i - length : i])]
            row[tokens[i]] = row.get(tokens[i], 0) + 1
    totals = [{context: sum(row.values()) for context, row in table.items()} for table in tables]
    loss, held_out = 0.0, test.tolist()
    for i in range(ORDER, len(held_out)):
        probability = 1 / vocabulary_size
        for length in range(ORDER):
            context = tuple(held_out[i - length : i])
            row = tables[length].get(context)
            if row:
                total, kinds = totals[length][context], len(row)
                probability = (row.get(held_out[i], 0) + kinds * probability) / (total + kinds)
        loss -= np.log(probability)
    return loss / (len(held_out) - ORDER)
