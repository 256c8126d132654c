"""A counting baseline: interpolated n-gram models over sorted arrays of n-gram codes, what counting alone predicts of a corpus."""

from __future__ import annotations

from typing import Literal

import numpy as np

ORDER = 5

#: Rounds in which interpolation weights are tuned, and the most weight that a context may get: something is left for what was never seen.
EXPECTATION_ROUNDS, HEAVIEST_WEIGHT = 25, 0.999

Smoothing = Literal["witten-bell", "kneser-ney"]


def _codes(tokens: np.ndarray, length: int, size: int) -> np.ndarray:
    """The n-gram that ends at each token from the `length`-th on, as one number in base `size`: the last token is the last digit."""
    count = len(tokens) - length + 1
    codes = np.zeros(max(0, count), dtype=np.int64)
    for place in range(length):
        codes = codes * size + tokens[place : place + count]
    return codes


#: By length from 1 on: the n-grams that occur, as sorted codes, and how often.
Counts = list[tuple[np.ndarray, np.ndarray]]


def count_ngrams(tokens: np.ndarray, vocabulary_size: int, order: int = ORDER) -> Counts:
    """The n-grams of a token array up to `order`; a ValueError when their codes do not fit in 64 bits."""
    if vocabulary_size**order >= 2**63:
        raise ValueError(f"{order}-grams of {vocabulary_size} tokens do not fit in 64 bits; choose a lower order.")
    return [np.unique(_codes(tokens, length, vocabulary_size), return_counts=True) for length in range(1, order + 1)]


class NGramModel:
    """An n-gram model of counts, smoothed as Witten and Bell (1991) or as Kneser and Ney (1995), interpolated."""

    def __init__(self, counts: Counts, vocabulary_size: int, smoothing: Smoothing) -> None:
        self.size, self.smoothing, self.order = vocabulary_size, smoothing, len(counts)
        self.tables = [self._table(length, counts) for length in range(1, self.order + 1)]

    def _table(self, length: int, counted: Counts) -> tuple[np.ndarray, ...]:
        """N-grams of a length, their mass, their contexts, and each context's total mass and what it leaves to shorter ones."""
        codes, counts = counted[length - 1]
        discount = 0.0
        if self.smoothing == "kneser-ney":
            if length < self.order:  # in how many contexts an n-gram stands, not how often
                codes, counts = np.unique(counted[length][0] % self.size**length, return_counts=True)
            once, twice = (counts == 1).sum(), (counts == 2).sum()
            discount = max(1e-3, once / max(1, once + 2 * twice))  # something is left for what was never seen
        contexts, first, kinds = np.unique(codes // self.size, return_index=True, return_counts=True)
        totals = np.add.reduceat(counts, first)
        if self.smoothing == "kneser-ney":
            return codes, counts - discount, contexts, totals, kinds * discount
        return codes, counts.astype(float), contexts, totals + kinds, kinds.astype(float)

    def probabilities(self, tokens: np.ndarray) -> np.ndarray:
        """The probability of each token [n] given up to order - 1 tokens before it."""
        result = np.full(len(tokens), 1 / self.size)
        for length, (codes, mass, contexts, totals, left) in enumerate(self.tables, 1):
            asked = _codes(tokens, length, self.size)
            if len(asked) == 0:
                break
            context, known = _find(contexts, asked // self.size)
            ngram, seen = _find(codes, asked)
            counted = np.where(seen, mass[ngram], 0.0)
            shorter = result[length - 1 :]
            result[length - 1 :] = np.where(known, (counted + left[context] * shorter) / totals[context], shorter)
        return result


class TunedNGramModel:
    """An n-gram model of relative frequencies, interpolated by Jelinek and Mercer (1980) with weights tuned on held-out tokens.

    A context's weight depends on how often it was seen (in powers of two) and on whether always the same token followed. Songs repeat
    themselves, so counts of n-grams promise more than they hold for another song; weights that are tuned make up for it.
    """

    def __init__(self, counts: Counts, vocabulary_size: int, tuning: np.ndarray) -> None:
        self.size = vocabulary_size
        self.tables, self.weights = [], []
        for codes, occurrences in counts:
            contexts, first, kinds = np.unique(codes // self.size, return_index=True, return_counts=True)
            totals = np.add.reduceat(occurrences, first)
            bucket = 2 * np.log2(totals).astype(int) + (kinds == 1)
            self.tables.append((codes, occurrences, contexts, totals, bucket))
        mixed = np.full(len(tuning), 1 / self.size)
        for length in range(1, len(counts) + 1):
            frequency, bucket, known = self._frequencies(tuning, length)
            shorter = mixed[length - 1 :]
            weights = np.full(2 * 64, 0.5)
            for _ in range(EXPECTATION_ROUNDS):
                share = weights[bucket] * frequency / (weights[bucket] * frequency + (1 - weights[bucket]) * shorter)
                seen = np.bincount(bucket[known], minlength=len(weights))
                weights = np.where(seen, np.bincount(bucket[known], share[known], len(weights)) / np.maximum(1, seen), 0.5)
                weights = np.minimum(weights, HEAVIEST_WEIGHT)
            self.weights.append(weights)
            mixed[length - 1 :] = self._mix(length, frequency, bucket, known, shorter)

    def _frequencies(self, tokens: np.ndarray, length: int) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
        """The relative frequency of every n-gram of `tokens` in its context, the context's bucket, and whether it was seen."""
        codes, occurrences, contexts, totals, bucket = self.tables[length - 1]
        asked = _codes(tokens, length, self.size)
        context, known = _find(contexts, asked // self.size)
        ngram, seen = _find(codes, asked)
        return np.where(seen, occurrences[ngram], 0) / totals[context], bucket[context], known

    def _mix(self, length: int, frequency: np.ndarray, bucket: np.ndarray, known: np.ndarray, shorter: np.ndarray) -> np.ndarray:
        weight = np.where(known, self.weights[length - 1][bucket], 0.0)
        return weight * frequency + (1 - weight) * shorter

    def probabilities(self, tokens: np.ndarray) -> np.ndarray:
        """The probability of each token [n] given up to order - 1 tokens before it."""
        result = np.full(len(tokens), 1 / self.size)
        for length in range(1, min(len(self.tables), len(tokens)) + 1):
            result[length - 1 :] = self._mix(length, *self._frequencies(tokens, length), result[length - 1 :])
        return result


def _find(table: np.ndarray, codes: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Where each code stands in a sorted table (anywhere when it does not), and whether it does."""
    places = np.minimum(np.searchsorted(table, codes), len(table) - 1)
    return places, table[places] == codes
