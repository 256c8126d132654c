"""Drum writing: layers of a kit by style, added with intensity, with fills at phrase ends and rolls in builds."""

from __future__ import annotations

from random import Random

from ..language import Hit, vocabulary
from .arrangement import BarPlan

GHOST, SOFT, PLAIN, ACCENT = range(4)
BEATS = (0, 12, 24, 36)
OFFBEATS = (6, 18, 30, 42)
SIXTEENTHS = tuple(range(0, 48, 3))

#: One layer of a kit: (position, piece, level) triples.
Layer = list[tuple[int, str, int]]


def _layer(piece: str, positions, level: int) -> Layer:
    return [(position, piece, level) for position in positions]


def _closed_hats(rng: Random) -> Layer:
    """Closed hats in one of the usual figures, accented on the off-beats."""
    figure = rng.choice(("sixteenths", "sixteenths", "gaps", "eighths", "holes"))
    if figure == "sixteenths":
        levels = rng.choice(((SOFT, GHOST, PLAIN, GHOST), (SOFT, SOFT, PLAIN, SOFT), (GHOST, SOFT, PLAIN, SOFT)))
        return [(position, "closed hat", levels[i % 4]) for i, position in enumerate(SIXTEENTHS)]
    if figure == "gaps":
        return [(position, "closed hat", SOFT if i % 2 else PLAIN) for i, position in enumerate(SIXTEENTHS) if i % 4 in (2, 3)]
    if figure == "eighths":
        return _layer("closed hat", range(0, 48, 6), PLAIN)
    missing = set(rng.sample(SIXTEENTHS[1:], 5))
    return [(p, "closed hat", PLAIN if p % 12 == 6 else SOFT) for p in SIXTEENTHS if p not in missing]


def _percussion(rng: Random) -> Layer:
    """One syncopated percussion figure."""
    piece = rng.choice(("rim", "mute conga", "open conga", "low conga", "bongo", "claves", "tambourine", "shaker"))
    figure = rng.choice(((0, 9, 18, 24, 33, 42), (9, 18, 33), (9, 21, 33, 42), (3, 18, 27), (6, 15, 30, 39), (0, 9, 18, 30, 39), (33, 42)))
    return [(position, piece, PLAIN if i % 3 == 0 else SOFT) for i, position in enumerate(figure)]


def _shaker(rng: Random) -> Layer:
    positions = rng.choice((range(3, 48, 6), OFFBEATS, range(0, 48, 6)))
    return _layer("shaker", positions, SOFT)


def _backbeat(rng: Random, pieces: tuple[str, ...]) -> Layer:
    return _layer(rng.choice(pieces), (12, 36), rng.choice((PLAIN, ACCENT, ACCENT)))


def house_layers(rng: Random) -> list[Layer]:
    """Four on the floor, clap, open hat on the off-beats, then hats, percussion, ghosts, ride."""
    first = [_backbeat(rng, ("clap", "clap", "clap", "snare")), _layer("open hat", OFFBEATS, rng.choice((SOFT, PLAIN, PLAIN)))]
    if rng.random() < 0.25:
        first.reverse()
    rest = [_closed_hats(rng), _percussion(rng)]
    rng.shuffle(rest)
    ghost = _layer("snare", [rng.choice((33, 45, 21))], GHOST) + _layer("snare", [rng.choice((27, 39, 9))], GHOST)
    top = rng.choice((_shaker(rng), _layer("ride", OFFBEATS, SOFT), _layer("tambourine", (12, 36), SOFT), _percussion(rng)))
    return [_layer("kick", BEATS, ACCENT), *first, *rest, ghost, top]


def acid_layers(rng: Random) -> list[Layer]:
    """A drum machine with few elements: kick, open hat, closed hats, perhaps a clap or a tom."""
    clap = _backbeat(rng, ("clap", "snare", "clap"))
    opened = _layer("open hat", OFFBEATS, rng.choice((PLAIN, ACCENT)))
    toms = [(p, rng.choice(("low tom", "mid tom", "rim")), SOFT) for p in rng.choice(((33, 42), (9, 27), (21, 45), (39, 45)))]
    rest = [clap, _closed_hats(rng)]
    rng.shuffle(rest)
    extra = _layer("kick", [rng.choice((45, 45, 33))], PLAIN) if rng.random() < 0.35 else toms
    return [_layer("kick", BEATS, ACCENT), opened, *rest, extra, _layer("ride", BEATS, SOFT) if rng.random() < 0.4 else toms]


def techno_layers(rng: Random) -> list[Layer]:
    """Hard kick, off-beat hats, a three-against-four loop, ride and little backbeat."""
    piece = rng.choice(("rim", "low tom", "mid tom", "cowbell", "claves", "low conga"))
    cross = [(p, piece, SOFT) for p in range(rng.choice((0, 3, 6)), 48, 9)]
    offbeat = rng.choice((_layer("closed hat", OFFBEATS, PLAIN), _layer("open hat", OFFBEATS, PLAIN)))
    clap = rng.choice((_layer("clap", (12, 36), PLAIN), _layer("rim", (9, 33), SOFT), _layer("snare", (36,), PLAIN)))
    rest = [cross, _closed_hats(rng), clap]
    rng.shuffle(rest)
    ride = rng.choice((_layer("ride", OFFBEATS, PLAIN), _layer("ride", range(0, 48, 6), SOFT), _shaker(rng)))
    return [_layer("kick", BEATS, ACCENT), offbeat, *rest, ride]


def electro_layers(rng: Random) -> list[Layer]:
    """A broken kick under a straight snare, hats with holes, cowbell."""
    kick = rng.choice(((0, 18, 30), (0, 21, 30), (0, 18, 27, 30), (0, 15, 30), (0, 9, 30), (0, 18, 42), (0, 21, 27)))
    missing = set(rng.sample(SIXTEENTHS, rng.randint(2, 7)))
    hats = [(p, "closed hat", PLAIN if p % 12 == 0 else SOFT) for p in SIXTEENTHS if p not in missing]
    bell = _layer("cowbell", rng.choice(((9, 21, 33), (6, 15, 39), (27, 33, 45))), SOFT)
    opened = _layer("open hat", rng.choice(((42,), (18, 42), (6, 30))), PLAIN)
    rest = [opened, bell, _percussion(rng), _layer("clap", (36,), PLAIN)]
    rng.shuffle(rest)
    return [_layer("kick", kick, ACCENT), _layer("snare", (12, 36), ACCENT), hats, *rest]


def breaks_layers(rng: Random) -> list[Layer]:
    """A broken beat with ghost notes and a hat or ride in eighths."""
    kick = rng.choice(((0, 6, 30), (0, 9, 30), (0, 30), (0, 6, 27), (0, 15, 30), (0, 30, 33)))
    ghosts = _layer("snare", rng.choice(((21, 27, 45), (21, 27), (9, 21, 45), (27, 45))), GHOST)
    eighths = _layer(rng.choice(("closed hat", "closed hat", "ride")), range(0, 48, 6), PLAIN)
    extra = rng.choice((_layer("open hat", (42,), PLAIN), _layer("open hat", (18,), PLAIN), _layer("ride bell", BEATS, SOFT)))
    rest = [ghosts, extra]
    rng.shuffle(rest)
    return [_layer("kick", kick, ACCENT), _layer("snare", (12, 36), ACCENT), eighths, *rest, _shaker(rng), _percussion(rng)]


def ambient_layers(rng: Random) -> list[Layer]:
    """A soft pulse, often no kick at all."""
    pulse = rng.choice((_layer("shaker", OFFBEATS, GHOST), _layer("closed hat", OFFBEATS, GHOST), _layer("rim", (36,), SOFT)))
    kick = rng.choice((_layer("kick", (0, 24), PLAIN), _layer("kick", (0,), PLAIN), _layer("kick", (0, 30), SOFT)))
    first = [pulse, kick] if rng.random() < 0.6 else [kick, pulse]
    rest = [_percussion(rng), _layer("shaker", range(0, 48, 6), GHOST), _layer("rim", (12, 36), SOFT)]
    rng.shuffle(rest)
    return first + rest


KIT_LAYERS = {
    "house": house_layers,
    "acid": acid_layers,
    "techno": techno_layers,
    "electro": electro_layers,
    "breaks": breaks_layers,
    "ambient": ambient_layers,
}


class DrumWriter:
    """The drummer of one track: keeps its kit, changes it a little every eight bars."""

    def __init__(self, rng: Random, style: str) -> None:
        self.rng = rng
        self.style = style
        self.layers = KIT_LAYERS[style](rng)
        self.answer: Layer = self._choose_answer()
        self.fill_habit = rng.uniform(0.4, 1.0)

    def _choose_answer(self) -> Layer:
        """What every second or fourth bar adds."""
        if self.style in ("electro", "breaks"):
            return _layer("kick", [self.rng.choice((45, 42, 33, 15))], PLAIN)
        if self.style == "ambient":
            return []
        return self.rng.choice((_layer("open hat", [45], PLAIN), _layer("snare", [45], GHOST), _layer("rim", [39], SOFT),
                                _layer("clap", [45], SOFT), []))

    def write(self, plan: BarPlan) -> list[Hit]:
        """The hits of one bar."""
        rng, intensity = self.rng, plan.intensity["drums"]
        if plan.opens_phrase and plan.bar and rng.random() < 0.5:
            self._vary()
        count = max(1, round(intensity * len(self.layers) + (0.4 if plan.bar % 8 >= 4 else 0)))
        layers = self.layers[:count]
        kickless = plan.section == "break" and plan.progress < 0.75 or (
            plan.section == "build" and plan.is_last and rng.random() < 0.7
        )
        hits: dict[tuple[int, str], int] = {}
        for layer in layers:
            for position, piece, level in layer:
                if kickless and piece == "kick":
                    continue
                hits[position, piece] = max(level, hits.get((position, piece), 0))
        if kickless and not hits:
            hits.update({(position, piece): level for position, piece, level in self.layers[min(2, len(self.layers) - 1)]})
        if plan.bar % 4 == 3 or (plan.bar % 2 and intensity > 0.6):
            hits.update({(position, piece): level for position, piece, level in self.answer})
        if plan.section == "build" and self.style != "ambient":
            self._roll(plan, hits)
        elif plan.ends_phrase and intensity > 0.25 and self.style != "ambient" and rng.random() < self.fill_habit:
            self._fill(plan, hits)
        if plan.bar == 0 and plan.section in ("drop", "break", "outro") and rng.random() < 0.85:
            hits[0, "crash"] = ACCENT if plan.section == "drop" else SOFT
        self._one_hat(hits)
        pieces = vocabulary().pieces
        return [Hit(position, pieces[piece], level) for (position, piece), level in hits.items()]

    def _vary(self) -> None:
        """Replaces one upper layer by that of a fresh kit."""
        fresh = KIT_LAYERS[self.style](self.rng)
        index = self.rng.randrange(2, len(self.layers))
        if index < len(fresh):
            self.layers[index] = fresh[index]

    def _roll(self, plan: BarPlan, hits: dict[tuple[int, str], int]) -> None:
        """A snare roll that doubles its speed through the build and leaves the last beat empty."""
        last_eight = plan.bars - plan.bar <= 8
        if not last_eight:
            return
        place = 8 - (plan.bars - plan.bar)
        step = 12 if place < 4 else 6 if place < 6 else 3
        for position in range(0, 48, step):
            hits[position, "snare"] = min(ACCENT, place // 2)
        if plan.is_last:
            for position, piece in [key for key in hits if key[0] >= 36]:
                del hits[position, piece]

    def _fill(self, plan: BarPlan, hits: dict[tuple[int, str], int]) -> None:
        """A snare or tom run over the last beat; at a section's end the kick may step aside."""
        rng = self.rng
        if plan.is_last and rng.random() < 0.5:
            hits.pop((36, "kick"), None)
        kind = rng.choice(("snare", "toms", "clap", "short"))
        if kind == "snare":
            for position, level in zip((36, 39, 42, 45), (SOFT, SOFT, PLAIN, ACCENT)):
                hits[position, "snare"] = level
        elif kind == "toms":
            for position, piece in zip((36, 39, 42, 45), ("high tom", "mid tom", "mid tom", "low tom")):
                hits[position, piece] = PLAIN
        elif kind == "clap":
            for position in rng.choice(((40, 44), (39, 42, 45), (42, 45))):
                hits[position, "clap"] = PLAIN
        else:
            hits[rng.choice((42, 45)), "snare"] = PLAIN

    @staticmethod
    def _one_hat(hits: dict[tuple[int, str], int]) -> None:
        """An open hat silences the closed one at the same step, as on the machine."""
        for position in [position for position, piece in hits if piece == "open hat"]:
            hits.pop((position, "closed hat"), None)
