"""The grammar table of the music language, walked by many sequences at once: masks for sampling, checks for corpora.

The rule is that of grammar.ts: a token of class c is admitted in state s when next[s, c] is not FORBIDDEN, its order
exceeds the register of its class, and no register that must have room stands at its maximum.
"""

from __future__ import annotations

from functools import lru_cache
from typing import Sequence

import numpy as np

from .language import MusicLanguageError, vocabulary

FORBIDDEN = 255


class Grammar:
    """The table as arrays: next state [states, classes], per-token class and order, per-class register rules."""

    def __init__(self, table: dict) -> None:
        self.vocabulary_size: int = table["vocabularySize"]
        self.register_count: int = table["registerCount"]
        self.start_state: int = table["startState"]
        self.state_names: list[str] = table["stateNames"]
        classes = table["classCount"]
        self.token_class = np.array(table["tokenClass"])
        self.token_order = np.array(table["tokenOrder"])
        self.next = np.array(table["next"]).reshape(table["stateCount"], classes)
        self.class_register = np.array(table["classRegister"])
        self.register_max = np.array(table["registerMax"])
        bits = np.arange(self.register_count)
        self.class_resets = (np.array(table["classResets"])[:, None] >> bits) & 1 == 1
        self.class_needs_room = (np.array(table["classNeedsRoom"])[:, None] >> bits) & 1 == 1


@lru_cache(maxsize=1)
def grammar() -> Grammar:
    """The grammar of the repository, read once."""
    return Grammar(vocabulary().table["grammar"])


class GrammarWalk:
    """Where `count` sequences stand in the grammar: a state and the registers of each."""

    def __init__(self, count: int = 1) -> None:
        table = grammar()
        self.states = np.full(count, table.start_state)
        self.registers = np.full((count, table.register_count), -1)

    def admitted(self) -> np.ndarray:
        """Which tokens may follow, boolean [sequences, vocabulary]."""
        table = grammar()
        by_class = table.next[self.states] != FORBIDDEN
        full = self.registers >= table.register_max
        by_class &= ~(full[:, None, :] & table.class_needs_room[None]).any(-1)
        register = table.class_register[table.token_class]
        floor = np.where(register >= 0, self.registers[:, np.maximum(register, 0)], -1)
        return by_class[:, table.token_class] & ((register < 0) | (table.token_order > floor))

    def advance(self, tokens: Sequence[int] | np.ndarray) -> None:
        """Moves every sequence past its token; a MusicLanguageError when one is not admitted."""
        table = grammar()
        chosen = np.asarray(tokens)
        rows = np.arange(len(chosen))
        allowed = self.admitted()[rows, chosen]
        if not allowed.all():
            row = int(np.flatnonzero(~allowed)[0])
            name, state = vocabulary().tokens[chosen[row]], table.state_names[self.states[row]]
            raise MusicLanguageError(f'{name} cannot stand where the music language is at "{state}".')
        classes = table.token_class[chosen]
        self.states = table.next[self.states, classes]
        register = table.class_register[classes]
        stores = register >= 0
        self.registers[rows[stores], register[stores]] = table.token_order[chosen[stores]]
        self.registers[table.class_resets[classes]] = -1


def check_sequence(tokens: Sequence[int]) -> None:
    """Raises a MusicLanguageError, naming the token and its offset, unless the grammar admits whole bars of `tokens`."""
    table = grammar()
    follow = table.next.tolist()
    token_class, order = table.token_class.tolist(), table.token_order.tolist()
    register_of = table.class_register.tolist()
    resets = [np.flatnonzero(row).tolist() for row in table.class_resets]
    room = [np.flatnonzero(row).tolist() for row in table.class_needs_room]
    limit = table.register_max.tolist()
    names = vocabulary().tokens
    state, registers = table.start_state, [-1] * table.register_count
    for offset, token in enumerate([*tokens, vocabulary().token("BAR")]):
        kind = token_class[token]
        register = register_of[kind]
        refused = (
            follow[state][kind] == FORBIDDEN
            or (register >= 0 and order[token] <= registers[register])
            or any(registers[r] >= limit[r] for r in room[kind])
        )
        if refused:
            raise MusicLanguageError(
                f'{names[token]} at token {offset} cannot stand where the music language is at "{table.state_names[state]}".'
            )
        state = follow[state][kind]
        if register >= 0:
            registers[register] = order[token]
        for r in resets[kind]:
            registers[r] = -1
