"""The grooves of the six styles: which voices a song's drum machine has, how each figure is drawn, and at which intensity it enters."""

from __future__ import annotations

from random import Random

from .grooves import ACCENT, BAR_STEPS, BEATS, GHOST, OFFBEATS, PLAIN, SIXTEENTH, SOFT, Element, Stroke
from .grooves import answered, cell_figure, cycle, drawn, hat_levels, strokes, syncopated

Kit = list[Element]

#: Percussion by machine, so that a song keeps to one family of sounds.
MACHINES = {
    "909": ("rim", "low tom", "mid tom", "high tom", "rim"),
    "808": ("cowbell", "claves", "rim", "low conga", "open conga", "mid tom"),
    "hands": ("open conga", "mute conga", "low conga", "bongo", "tambourine", "claves"),
}


#: Pieces that loop against the beat in techno, by song.
CROSSING_PIECES = (
    ("rim", "low tom", "mid tom"), ("cowbell", "claves", "rim"), ("low conga", "mute conga", "rim"), ("mid tom", "high tom"),
)

#: Backbeats of techno with weights; none is the most usual.
TECHNO_BACKBEATS = {
    ("", ()): 7, ("clap", (12, 36)): 5, ("rim", (12, 36)): 3, ("rim", (9, 33)): 2, ("clap", (36,)): 2, ("snare", (12, 36)): 1,
}


def _percussion(rng: Random, pieces: tuple[str, ...], need: float, most: int = 6) -> Element:
    """A syncopated figure on one piece or on two that answer each other."""
    high, low = rng.choice(pieces), rng.choice(pieces)
    positions = syncopated(rng, rng.randint(2, most), (12, 36))
    loud = rng.choice((PLAIN, PLAIN, ACCENT))
    two = rng.random() < 0.5
    bar = tuple(
        Stroke(p, low if two and place % 2 else high, loud if place == 0 else SOFT, need + 0.03 * place)
        for place, p in enumerate(positions)
    )
    return Element("percussion", cycle(rng, bar))


def _congas(rng: Random, need: float) -> Element:
    """A hand drum's bar: slaps on the beat, open tones that push into the next bar."""
    slaps = drawn(rng, {12: 3, 36: 1, 24: 1, 6: 0.6, 30: 0.6, 0: 0.4}, rng.randint(1, 2))
    tones = drawn(rng, {42: 3, 45: 3, 18: 1.2, 21: 1.2, 33: 1, 27: 0.6}, rng.randint(2, 3))
    lows = drawn(rng, {9: 1, 33: 1, 39: 0.8, 3: 0.6, 21: 0.5}, rng.randint(0, 2))
    bar = {p: Stroke(p, "low conga", SOFT, need + 0.1) for p in lows}
    bar |= {p: Stroke(p, "mute conga", SOFT, need + 0.05) for p in slaps}
    bar |= {p: Stroke(p, "open conga", PLAIN, need) for p in tones}
    return Element("percussion", cycle(rng, tuple(bar.values())))


def _ghosts(rng: Random, weights: dict[int, float], count: int, need: float, chance: float = 0.55) -> Element:
    """Whispered snares between the backbeats, answered in some later bar with `chance`."""
    return Element("ghosts", cycle(rng, strokes(drawn(rng, weights, count), "snare", GHOST, need, 0.2), chance))


def _four_on_the_floor() -> Element:
    return Element("kick", (strokes(BEATS, "kick", ACCENT),))


def _ride(rng: Random, need: float) -> Element:
    figure = rng.choice((OFFBEATS, OFFBEATS, BEATS, (0, 6, 12, 18, 24, 30, 36, 42)))
    return Element("ride", (strokes(figure, "ride", rng.choice((SOFT, PLAIN)), need),))


def _shaker(rng: Random, need: float) -> Element:
    chances = rng.choice(((0.2, 0.9, 0.2, 0.9), (0.9, 0.2, 0.95, 0.2), (0.8, 0.8, 0.9, 0.8)))
    return Element("shaker", (cell_figure(rng, "shaker", chances, (GHOST, GHOST, SOFT, GHOST), need, 0.1),))


def house_kit(rng: Random) -> Kit:
    """Four on the floor, clap, open hat between the beats; hats, rim or congas, ghosts, and something bright on top."""
    machine = rng.choices(list(MACHINES), (4, 3, 3))[0]
    pieces = MACHINES[machine]
    level = rng.choice((PLAIN, ACCENT, ACCENT))
    need = rng.uniform(0.08, 0.32)
    backbeat = strokes((12, 36), rng.choices(("clap", "snare"), (5, 1))[0], level, need)
    if machine == "909" and rng.random() < 0.3:
        backbeat = strokes((12, 36), "clap", level, need) + strokes((12, 36), "snare", SOFT, need + 0.25)
    need = rng.uniform(0.06, 0.24)
    opened = strokes(OFFBEATS, "open hat", rng.choice((SOFT, PLAIN, PLAIN)), need)
    if rng.random() < 0.1:
        opened = strokes(OFFBEATS, "pedal hat", PLAIN, need) + strokes((42,), "open hat", PLAIN, need + 0.1)
    chances = rng.choice(((0.15, 0.25, 0.2, 0.9), (0.2, 0.5, 0.1, 0.5), (0.75, 0.1, 0.2, 0.45)))
    hats = cell_figure(rng, "closed hat", chances, hat_levels(rng), rng.uniform(0.3, 0.55), 0.4)
    kit = [_four_on_the_floor(), Element("backbeat", (backbeat,)), Element("open hats", (opened,)), Element("hats", cycle(rng, hats, 0.3))]
    percussion = _congas if machine == "hands" and rng.random() < 0.6 else lambda r, n: _percussion(r, pieces, n)
    kit.append(percussion(rng, rng.uniform(0.28, 0.5)))
    kit.append(_ghosts(rng, {33: 1.5, 45: 1.5, 21: 0.8, 9: 0.6, 27: 0.5, 39: 0.5}, rng.randint(1, 3), rng.uniform(0.45, 0.75)))
    kit.append(_shaker(rng, rng.uniform(0.45, 0.8)))
    kit.append(_ride(rng, rng.uniform(0.75, 0.95)) if rng.random() < 0.5 else _percussion(rng, pieces, rng.uniform(0.7, 0.9), 4))
    return kit


def _running_hats(rng: Random, need: float) -> Element:
    """Closed hats on all sixteenths but a few, with accents of the song's own; beats and off-beats enter first."""
    levels = hat_levels(rng)
    weak = {p: 1.0 if p % 6 else 0.25 for p in range(0, BAR_STEPS, SIXTEENTH)}
    holes = set(drawn(rng, weak, rng.choice((0, 0, 0, 1, 1, 2, 3))))
    accents = set(syncopated(rng, rng.randint(1, 4)))
    bar = tuple(
        Stroke(p, "closed hat", max(levels[p // SIXTEENTH % 4], PLAIN if p in accents else GHOST), need + 0.08 * (p % 6 > 0))
        for p in range(0, BAR_STEPS, SIXTEENTH) if p not in holes
    )
    return Element("hats", cycle(rng, bar, 0.3))


def acid_kit(rng: Random) -> Kit:
    """A drum machine with few elements, driven by running sixteenths: kick, often doubled before the bar, claps, late open hats, a tom."""
    kit = [_four_on_the_floor()]
    kit.append(_running_hats(rng, rng.uniform(0.04, 0.16)))
    if rng.random() < 0.85:
        kit.append(Element("open hats", (strokes(OFFBEATS, "open hat", rng.choice((PLAIN, PLAIN, ACCENT)), rng.uniform(0.3, 0.55)),)))
    if rng.random() < 0.6:
        piece = rng.choices(("clap", "snare"), (3, 1))[0]
        kit.append(Element("backbeat", (strokes((12, 36), piece, rng.choice((PLAIN, ACCENT)), rng.uniform(0.25, 0.55)),)))
    if rng.random() < 0.6:
        doubled = strokes((45,), "kick", PLAIN, rng.uniform(0.15, 0.5))
        kit.append(Element("kick double", rng.choice(((doubled,), ((), doubled), ((), (), (), doubled)))))
    if len(kit) < 4 or rng.random() < 0.8:
        kit.append(_percussion(rng, MACHINES[rng.choice(("909", "909", "808"))], rng.uniform(0.4, 0.65), 4))
    if len(kit) < 5 or rng.random() < 0.5:
        kit.append(_ride(rng, rng.uniform(0.75, 0.92)))
    return kit


def techno_kit(rng: Random) -> Kit:
    """A hard kick, hats between the beats, a loop of three against four, little backbeat, the ride last."""
    pieces = rng.choice(CROSSING_PIECES)
    kit = [_four_on_the_floor()]
    offbeat = rng.choice(("closed hat", "closed hat", "closed hat", "pedal hat"))
    kit.append(Element("open hats", (strokes(OFFBEATS, offbeat, rng.choice((PLAIN, PLAIN, ACCENT)), rng.uniform(0.05, 0.22)),)))
    if rng.random() < 0.45:
        figure = rng.choice((OFFBEATS, (18, 42), (42,)))
        kit.append(Element("tops", (strokes(figure, "open hat", rng.choice((SOFT, PLAIN)), rng.uniform(0.55, 0.85)),)))
    kit.append(_cross_rhythm(rng, rng.choice(pieces), rng.uniform(0.14, 0.34)))
    chances = rng.choice(((0.1, 0.2, 0.5, 0.6), (0.15, 0.5, 0.5, 0.2), (0.6, 0.1, 0.6, 0.25)))
    hats = cell_figure(rng, "closed hat", chances, (SOFT, GHOST, rng.choice((SOFT, PLAIN)), GHOST), rng.uniform(0.45, 0.7), 0.35)
    kit.append(Element("hats", cycle(rng, hats, 0.25)))
    piece, figure = rng.choices(list(TECHNO_BACKBEATS), list(TECHNO_BACKBEATS.values()))[0]
    if figure:
        kit.append(Element("backbeat", (strokes(figure, piece, rng.choice((SOFT, PLAIN)), rng.uniform(0.35, 0.7)),)))
    if rng.random() < 0.4:
        gaps = rng.choice(((9,), (6, 9), (3, 9), (3, 6, 9)))
        rumble = tuple(Stroke(beat + gap, "floor tom", SOFT if gap == 6 else GHOST, 0.5) for beat in BEATS for gap in gaps)
        kit.append(Element("percussion", (rumble,)))
    elif rng.random() < 0.6:
        kit.append(_percussion(rng, pieces, rng.uniform(0.5, 0.8), 4))
    kit.append(_ride(rng, rng.uniform(0.72, 0.9)))
    return kit


def _cross_rhythm(rng: Random, piece: str, need: float) -> Element:
    """Every third sixteenth, begun again after one, two or four bars."""
    bars, start, loud = rng.choice((1, 1, 2, 4)), rng.choice((0, 3, 6)), rng.choice((SOFT, PLAIN))
    running = range(start, BAR_STEPS * bars, 9)
    return Element("percussion", tuple(
        strokes([p - BAR_STEPS * bar for p in running if p // BAR_STEPS == bar], piece, loud, need) for bar in range(bars)
    ))


def electro_kit(rng: Random) -> Kit:
    """A broken kick under a straight snare, machine hats with holes, cowbell and toms."""
    early = drawn(rng, {18: 4, 21: 3, 15: 1.5, 9: 1}, 1)
    late = drawn(rng, {30: 5, 27: 1.5, 33: 1}, 1)
    extra = drawn(rng, {27: 2, 9: 1, 42: 1.2, 45: 1, 3: 0.5, 33: 0.8, 24: 0.3}, rng.choice((0, 0, 1, 1, 2)))
    kick = strokes([0, *early, *late], "kick", ACCENT) + strokes([p for p in extra if p not in late], "kick", PLAIN, 0.4, 0.3)
    kit = [Element("kick", _with_moved_kick(rng, kick, 0.6))]
    kit.append(Element("backbeat", (strokes((12, 36), "snare", ACCENT, rng.uniform(0.03, 0.2)),)))
    missing = set(rng.sample(range(3, BAR_STEPS, 3), rng.randint(2, 8)))
    levels = (PLAIN, rng.choice((GHOST, SOFT)), rng.choice((SOFT, PLAIN)), rng.choice((GHOST, SOFT)))
    need = rng.uniform(0.08, 0.25)
    places = {0: 0.0, 6: 0.08, 9: 0.2, 3: 0.26}
    hats = tuple(Stroke(p, "closed hat", levels[p // 3 % 4], need + places[p % 12]) for p in range(0, BAR_STEPS, 3) if p not in missing)
    kit.append(Element("hats", cycle(rng, hats, 0.25)))
    opened = drawn(rng, {42: 3, 18: 2, 30: 1.5, 6: 1.5, 45: 0.8, 21: 0.5}, rng.choice((1, 1, 2)))
    kit.append(Element("open hats", cycle(rng, strokes(opened, "open hat", rng.choice((SOFT, PLAIN)), rng.uniform(0.35, 0.6)), 0.25)))
    bell = rng.choice(("cowbell", "cowbell", "claves", "rim", "low conga", "mid tom"))
    kit.append(_percussion(rng, (bell,), rng.uniform(0.25, 0.5), 5))
    if rng.random() < 0.4:
        kit.append(Element("clap", (strokes(rng.choice(((12, 36), (36,))), "clap", PLAIN, rng.uniform(0.5, 0.75)),)))
    kit.append(_percussion(rng, ("low tom", "mid tom", "high tom") if rng.random() < 0.4 else MACHINES["808"], rng.uniform(0.65, 0.9), 4))
    if rng.random() < 0.3:
        kit.append(_shaker(rng, rng.uniform(0.75, 0.9)))
    return kit


def _with_moved_kick(rng: Random, bar: tuple[Stroke, ...], chance: float) -> tuple[tuple[Stroke, ...], ...]:
    """The bar, and with `chance` a second bar (or every fourth) that moves one kick to a neighbouring sixteenth."""
    if rng.random() >= chance:
        return (bar,)
    taken = {stroke.position for stroke in bar} | {0, 12, 36}
    moved = rng.choice([stroke for stroke in bar if stroke.position])
    targets = [moved.position + step for step in (-6, -3, 3, 6) if 0 < moved.position + step < BAR_STEPS]
    targets = [position for position in targets if position not in taken] or [moved.position]
    second = tuple(stroke._replace(position=rng.choice(targets)) if stroke == moved else stroke for stroke in bar)
    return (bar, second) if rng.random() < 0.7 else (bar, bar, bar, second)


def breaks_kit(rng: Random, fast: bool) -> Kit:
    """A broken beat with ghost notes: a breakbeat, an amen-like roll, or at high tempo the two-step."""
    feel = rng.choices(("breakbeat", "amen", "two-step"), (2, 4, 5) if fast else (6, 2, 0.7))[0]
    if feel == "two-step":
        more = drawn(rng, {33: 1, 27: 1, 21: 0.6, 45: 0.5}, rng.choice((0, 1)))
        kick = strokes((0, 30), "kick", ACCENT) + strokes(more, "kick", PLAIN, 0.6)
    elif feel == "amen":
        kick = strokes((0, 6, 30), "kick", ACCENT) + strokes(rng.choice(((33,), (33,), ())), "kick", PLAIN, 0.3)
    else:
        first, later = drawn(rng, {6: 3, 9: 3, 3: 0.4, 15: 0.8}, 1), drawn(rng, {30: 5, 27: 1.5, 33: 1}, 1)
        more = drawn(rng, {21: 1, 33: 1.2, 45: 0.8, 42: 0.6, 24: 0.4}, rng.choice((0, 0, 1)))
        kick = strokes([0, *later], "kick", ACCENT) + strokes(first, "kick", PLAIN, 0.15)
        kick += strokes([p for p in more if p not in later], "kick", PLAIN, 0.5)
    kit = [Element("kick", _with_moved_kick(rng, kick, 0.75))]
    backbeat = strokes((12, 36), "snare", ACCENT)
    displaced = feel == "amen" and rng.random() < 0.45
    late = strokes((12, 42), "snare", ACCENT)
    kit.append(Element("backbeat", (backbeat, backbeat, backbeat, late) if displaced else (backbeat,)))
    riding = rng.random() < 0.3
    chances = rng.choice(((0.97, 0.06, 0.97, 0.1), (0.97, 0.06, 0.97, 0.1), (0.9, 0.15, 0.95, 0.4), (0.3, 0.1, 0.95, 0.15)))
    levels = (PLAIN, GHOST, rng.choice((SOFT, PLAIN)), GHOST)
    need = rng.uniform(0.06, 0.22)
    pulse = cell_figure(rng, "ride" if riding else "closed hat", chances, levels, need, 0.25)
    kit.append(Element("ride" if riding else "hats", cycle(rng, pulse, 0.2)))
    ghosts = {21: 3, 27: 3, 45: 2, 9: 0.8, 33: 0.6, 39: 0.5, 3: 0.3}
    kit.append(_ghosts(rng, ghosts, rng.randint(2, 4), rng.uniform(0.1, 0.3), 0.35))
    opened = drawn(rng, {42: 3, 18: 2, 6: 1, 30: 1}, rng.choice((1, 1, 2)))
    kit.append(Element("open hats", cycle(rng, strokes(opened, "open hat", PLAIN, rng.uniform(0.35, 0.6)), 0.2)))
    kit.append(_percussion(rng, MACHINES[rng.choice(("hands", "808", "909"))], rng.uniform(0.55, 0.85), 4))
    kit.append(_shaker(rng, rng.uniform(0.65, 0.85)) if riding or rng.random() < 0.4 else _ride(rng, rng.uniform(0.7, 0.9)))
    return kit


def ambient_kit(rng: Random) -> Kit:
    """Half-time and soft: a far pulse, long gaps, often no kick at all."""
    piece = rng.choice(("shaker", "closed hat", "closed hat", "pedal hat", "tambourine"))
    chances = rng.choice(((0.1, 0.05, 0.8, 0.05), (0.5, 0.05, 0.5, 0.05), (0.15, 0.15, 0.5, 0.35)))
    pulse = cell_figure(rng, piece, chances, (GHOST, GHOST, SOFT, GHOST), 0.0, 0.35)
    answer = answered(rng, pulse)
    kit = [Element("hats", rng.choice(((pulse,), (pulse, answer), (pulse, pulse[: len(pulse) // 2], pulse, answer))))]
    if rng.random() < 0.7:
        figure = rng.choice(((0,), (0,), (0, 24), (0, 30), (0, 42), (0, 18)))
        kick = strokes(figure, "kick", rng.choice((SOFT, PLAIN)), rng.uniform(0.05, 0.5), 0.2)
        kit.append(Element("kick", rng.choice(((kick,), (kick,), (kick, kick[:1])))))
    if rng.random() < 0.55:
        half_time = strokes((24,), rng.choice(("rim", "rim", "snare", "clap")), rng.choice((GHOST, SOFT)), rng.uniform(0.3, 0.6))
        kit.append(Element("backbeat", (half_time,)))
    piece = rng.choice(("claves", "rim", "ride bell", "bongo", "low conga", "mid tom"))
    far = strokes(syncopated(rng, rng.randint(1, 3)), piece, SOFT, 0.45, 0.2)
    kit.append(Element("percussion", rng.choice(((far,), ((), far), ((), (), (), far), (far, ())))))
    kit.append(Element("ride", (strokes(rng.choice(((0,), (0, 24), BEATS, OFFBEATS)), "ride", GHOST, rng.uniform(0.6, 0.85)),)))
    kit.append(_shaker(rng, rng.uniform(0.7, 0.85)))
    kit.append(Element("tops", (cell_figure(rng, "closed hat", (0.9, 0.9, 0.95, 0.9), (GHOST, GHOST, SOFT, GHOST), 0.8, 0.2),)))
    return kit


def _with_early_voice(rng: Random, kit: Kit) -> Kit:
    """The kit with one voice beside the kick that enters almost at once, so that a calm bar is more than a kick."""
    able = [i for i, element in enumerate(kit) if element.role in ("backbeat", "open hats", "hats", "hats", "percussion")]
    index = rng.choice(able)
    early = min(stroke.need for bar in kit[index].bars for stroke in bar) - rng.uniform(0.02, 0.16)
    bars = tuple(tuple(s._replace(need=max(0.0, s.need - early)) for s in bar) for bar in kit[index].bars)
    return [*kit[:index], Element(kit[index].role, bars), *kit[index + 1 :]]


def make_kit(rng: Random, style: str, fast: bool = False) -> Kit:
    """The groove of a song; `fast` means a tempo of 160 and more, where breaks change their feel."""
    if style == "breaks":
        return _with_early_voice(rng, breaks_kit(rng, fast))
    makers = {"house": house_kit, "acid": acid_kit, "techno": techno_kit, "electro": electro_kit, "ambient": ambient_kit}
    return _with_early_voice(rng, makers[style](rng))
