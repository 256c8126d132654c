"""The form of a track: sections, energy, and which track plays how much in every phrase of eight bars and each of its halves."""

from __future__ import annotations

from dataclasses import dataclass, replace
from random import Random

from ..language import COMPOSED_TRACKS
from .styles import STYLE_RULES

BLOCK_BARS = 8
HALF_BARS = 4

#: By what intensities are multiplied where four and where five tracks sound: each leaves room for the others.
ROOM = {4: 0.92, 5: 0.85}

#: Songs are of this many bars; loops may be shorter.
SHORTEST, LONGEST = 64, 168


@dataclass(frozen=True)
class BarPlan:
    """Where a bar stands: its section, energy 0-7, counts in bars, and the intensity 0..1 of each sounding track.

    `visit` counts how often the section has come, this time included. `answering` is the track that answers in this group of
    four bars and for which the others leave room; None where nobody does. `turn` is the one track that may change something
    clear at this phrase; None where any may, as at a drop. From step `empties_at` on the bar is empty: 48, or earlier just
    before a drop.
    """

    section: str
    energy: int
    bar: int
    bars: int
    intensity: dict[str, float]
    visit: int = 1
    answering: str | None = None
    turn: str | None = None
    empties_at: int = 48

    @property
    def progress(self) -> float:
        """How far the section has come, 0 at its first bar to 1 at its last."""
        return self.bar / max(1, self.bars - 1)

    @property
    def is_last(self) -> bool:
        return self.bar == self.bars - 1

    @property
    def ends_phrase(self) -> bool:
        """Whether this is the last bar of eight."""
        return self.bar % BLOCK_BARS == BLOCK_BARS - 1

    @property
    def opens_phrase(self) -> bool:
        return self.bar % BLOCK_BARS == 0


@dataclass(frozen=True)
class Phrase:
    """Eight bars: their energy, the tracks of each half, and whose turn it is to change."""

    energy: int
    halves: tuple[tuple[str, ...], tuple[str, ...]]
    turn: str | None


@dataclass(frozen=True)
class Manner:
    """A song's own ways: each track's habit and pace under energy, drift of the energy, who enters when, how fond of answers."""

    habit: dict[str, float]
    pace: dict[str, float]
    drift: int
    entrances: tuple[str, ...]
    answers: float


def _form(rng: Random, style: str) -> list[tuple[str, int]]:
    """Section names and their lengths in bars, all multiples of eight."""
    if rng.random() < 0.25:
        return [("loop", rng.choice((8, 16, 16, 24, 32))) for _ in range(rng.randint(3, 4))]
    while True:
        builds = rng.random() < (0.45 if style == "ambient" else 0.95)
        form = [("intro", rng.choice((8, 16, 16, 16, 24, 32)))]
        form += [("build", rng.choice((8, 8, 8, 16)))] if builds and rng.random() < 0.8 else []
        form += [("drop", rng.choice((16, 24, 32, 32, 32, 40, 48))), ("break", rng.choice((8, 16, 16, 16, 24)))]
        form += [("build", rng.choice((8, 8, 16)))] if builds else []
        form.append(("drop", rng.choice((16, 24, 32, 32, 32, 48, 64))))
        if rng.random() < 0.2:
            form += [("break", 8), ("drop", 16)]
        form.append(("outro", rng.choice((8, 16, 16, 16, 24, 32))))
        if SHORTEST <= sum(bars for _, bars in form) <= LONGEST:
            return form


def make_manner(rng: Random, style: str) -> Manner:
    weights = {"ambient": (1, 8, 3, 1), "breaks": (8, 3, 2, 0)}.get(style, (12, 1.5, 1, 0.5))
    first = rng.choices(("drums", "chords", "arp", "bass"), weights)[0]
    presence = STYLE_RULES[style].presence
    rest = sorted((t for t in COMPOSED_TRACKS if t != first), key=lambda t: rng.random() / (presence[t] + 0.4 * (t == "drums")))
    return Manner(
        {track: rng.gauss(0, 0.05 if track == "drums" else 0.08) for track in COMPOSED_TRACKS},
        {track: rng.uniform(0.85, 1.3) if track == "drums" else rng.uniform(0.75, 1.35) for track in COMPOSED_TRACKS},
        rng.choice((-1, 0, 0, 0)), (first, *rest), rng.choice((0.0, 0.4, 0.8)),
    )


def _energy(rng: Random, section: str, progress: float, visit: int, drift: int) -> int:
    """The energy of a phrase, where `progress` 0..1 is its place in the section."""
    if rng.random() < 0.04:
        return rng.randrange(8)
    low, high = {"intro": (1, 3), "build": (3.2, 5), "drop": (5.7, 6.5), "break": (1, 3), "outro": (3, 0)}[section]
    exact = low + (high - low) * progress + drift + rng.choice((-0.7, 0, 0, 0, 0.7))
    return max(0, min(7, round(exact + 0.7 * (section == "drop" and visit > 1))))


def _chances(style: str, section: str, progress: float, energy: int, visit: int) -> dict[str, float]:
    """How likely each track sounds in a phrase."""
    base = STYLE_RULES[style].presence
    if style == "ambient":
        base = base | {"drums": base["drums"] * (0.3 + energy / 7)}
    if section == "drop":
        lift = {"drums": 0, "bass": 0.02, "chords": 0.03, "lead": 0.1, "arp": 0.1}
        bright = 0.45 + 0.9 * energy / 7
        rise = {"drums": 1, "bass": 1, "chords": 0.75 if energy < 4 else 1, "lead": bright, "arp": bright}
        return {t: base[t] * rise[t] + lift[t] * (1 if visit > 1 else -0.5) for t in base}
    if section == "loop":
        rise = {"drums": (0.75, 0.25), "bass": (0.5, 0.5), "chords": (0.75, 0.25), "lead": (0.25, 0.85), "arp": (0.25, 0.85)}
        return {t: base[t] * (rise[t][0] + rise[t][1] * energy / 7) for t in base}
    factor = {
        "build": dict(drums=1.0, bass=0.4 if progress > 0.5 else 0.65, chords=0.9, lead=0.4, arp=1.6),
        "break": dict(drums=0.12 + 0.5 * progress, bass=0.3, chords=1.7, lead=1.6, arp=1.5),
    }[section]
    return {track: base[track] * factor[track] for track in base}


def _cast(rng: Random, style: str, chances: dict[str, float], whim: float) -> list[str]:
    """The tracks that sound; with probability `whim` at random, as under a player's hand. Never none, never ambient drums alone."""
    if rng.random() < whim:
        cast = [track for track in COMPOSED_TRACKS if rng.random() < 0.5]
    else:
        cast = [track for track in COMPOSED_TRACKS if rng.random() < chances[track]]
    return _sounding(rng, style, cast)


def _sounding(rng: Random, style: str, cast: list[str]) -> list[str]:
    """The cast with one more track where it could fall silent for a bar: a lead rests, ambient drums have gaps."""
    steady = {"bass", "chords", "arp"} if style == "ambient" else {"drums", "bass", "chords", "arp"}
    if not steady & set(cast):
        cast = [*cast, "chords" if style == "ambient" else rng.choice(("drums", "chords"))]
    return [track for track in COMPOSED_TRACKS if track in cast]


def _merge(rng: Random, style: str, before: list[str], fresh: list[str], most: int = 2) -> list[str]:
    """The next tracks: at most `most` changes from those before."""
    changes = [track for track in COMPOSED_TRACKS if (track in before) != (track in fresh)]
    rng.shuffle(changes)
    return _sounding(rng, style, list(set(before) ^ set(changes[:most])))


def opening_phrases(rng: Random, style: str, manner: Manner, bars: int, drift: int) -> list[Phrase]:
    """The intro: the song's tracks enter one after another, some at half phrases."""
    count = bars // BLOCK_BARS
    most = rng.choice((2, 3, 3, 4)) if count > 1 else rng.choice((1, 2, 2, 3))
    phrases = []
    for place in range(count):
        reached = 1 + (most - 1) * (place + rng.choice((0, 0.5))) / max(1, count - 0.5)
        first = _sounding(rng, style, list(manner.entrances[: int(reached)]))
        later = _sounding(rng, style, list(manner.entrances[: int(reached + 0.5)]))
        energy = _energy(rng, "intro", place / max(1, count - 1), 1, drift)
        phrases.append(Phrase(energy, (tuple(first), tuple(later)), None))
    return phrases


def closing_phrases(rng: Random, opening: list[Phrase], bars: int, drift: int) -> list[Phrase]:
    """The outro: the intro's phrases backwards, stretched to the outro's length."""
    count = bars // BLOCK_BARS
    phrases = []
    for place in range(count):
        progress = place / (count - 1) if count > 1 else 0.6
        mirrored = opening[round((1 - progress) * (len(opening) - 1))]
        last = opening[0] if place == count - 1 else mirrored
        halves = (mirrored.halves[1], last.halves[0])
        phrases.append(Phrase(_energy(rng, "outro", progress, 1, drift), halves, None))
    return phrases


def phrases_of(rng: Random, style: str, section: str, bars: int, visit: int, before: list[str] | None,
               drift: int) -> list[Phrase]:
    """The phrases of a build, drop, break or loop that follows the tracks `before`; None where it owes them nothing."""
    phrases: list[Phrase] = []
    level = rng.choice((1, 2, 3, 4, 5, 5, 6, 6, 7))
    whim = {"drop": 0.06, "build": 0.05, "break": 0.05, "loop": 0.12}[section]
    jumps, cast = before is None, before or []
    for first in range(0, bars, BLOCK_BARS):
        progress = first / (bars - BLOCK_BARS) if bars > BLOCK_BARS else 0.5
        energy = level if section == "loop" else _energy(rng, section, progress, visit, drift)
        if section == "loop" and rng.random() < 0.3:
            energy = level = max(0, min(7, level + rng.choice((-2, -1, 1, 2))))
        fresh = _cast(rng, style, _chances(style, section, progress, energy, visit), whim if first or section != "drop" else 0)
        opens_freely = first == 0 and (jumps or section in ("drop", "loop", "break"))
        was, cast = cast, fresh if opens_freely else _merge(rng, style, cast, fresh)
        cast = _with_voice(section, _with_kick(style, section, cast, rng), rng)
        late = cast
        if section == "break" and rng.random() < 0.6 or section == "loop" and bars <= 16 and rng.random() < 0.3:
            chances = _chances(style, section, min(1.0, progress + 0.5), energy, visit)
            late = _merge(rng, style, cast, _cast(rng, style, chances, 0), 1)
        if section == "build" and first + BLOCK_BARS == bars and "bass" in late and rng.random() < 0.4:
            late = _sounding(rng, style, [track for track in late if track != "bass"])
        changed = [track for track in cast if track not in was]
        turn = None if opens_freely else rng.choice([t for t in cast if t not in changed] or cast) if was != cast else "drums"
        phrases.append(Phrase(energy, (tuple(cast), tuple(late)), turn))
        cast = late
    return phrases


def _with_kick(style: str, section: str, cast: list[str], rng: Random) -> list[str]:
    """A drop or build of dance music nearly always has its drums."""
    if section in ("drop", "build") and style != "ambient" and "drums" not in cast and rng.random() < 0.9:
        return ["drums", *cast]
    return cast


def _with_voice(section: str, cast: list[str], rng: Random) -> list[str]:
    """A break mostly has a voice over its chords: with chords alone it could as well be an intro."""
    if section == "break" and not {"lead", "arp"} & set(cast) and rng.random() < 0.75:
        return [*cast, rng.choice(("lead", "lead", "arp"))]
    return cast


def plan_song(rng: Random, style: str) -> list[BarPlan]:
    """The plan of every bar of a track: 64 to 168 bars with a form, or 24 to 128 of loops."""
    manner = make_manner(rng, style)
    form = _form(rng, style)
    plans: list[BarPlan] = []
    visits: dict[str, int] = {}
    opening: list[Phrase] = []
    cast: list[str] = []
    for place, (section, bars) in enumerate(form):
        visits[section] = visits.get(section, 0) + 1
        if section == "intro":
            phrases = opening = opening_phrases(rng, style, manner, bars, manner.drift)
        elif section == "outro":
            phrases = closing_phrases(rng, opening, bars, manner.drift)
        else:
            phrases = phrases_of(rng, style, section, bars, visits[section], cast, manner.drift)
        cast = list(phrases[-1].halves[1])
        drop_follows = place + 1 < len(form) and form[place + 1][0] == "drop" and section in ("build", "break")
        empties_at = rng.choices((48, 36, 24), (2, 5, 2))[0] if drop_follows and style != "ambient" else 48
        plans += bars_of(rng, manner, section, bars, visits[section], phrases, empties_at)
    return plans


def bars_of(
    rng: Random, manner: Manner, section: str, bars: int, visit: int, phrases: list[Phrase], empties_at: int
) -> list[BarPlan]:
    """The bar plans of a section; its last bar empties at a step."""
    plans = []
    touch = {track: rng.gauss(0, 0.05) for track in COMPOSED_TRACKS}
    for place, phrase in enumerate(phrases):
        both = [track for track in COMPOSED_TRACKS if track in phrase.halves[0] or track in phrase.halves[1]]
        intensity = _intensities(rng, both, phrase.energy, manner, touch, section, visit)
        answering = _answerer(rng, phrase.halves[1]) if rng.random() < manner.answers else None
        for half, tracks in enumerate(phrase.halves):
            rise = half * (section == "build")
            shown = {track: min(1.0, intensity[track] + 0.15 * rise) for track in tracks}
            for bar in range(HALF_BARS):
                at = place * BLOCK_BARS + half * HALF_BARS + bar
                plans.append(BarPlan(section, min(7, phrase.energy + rise), at, bars, shown, visit,
                                     answering if half else None, phrase.turn))
    plans[-1] = replace(plans[-1], empties_at=empties_at)
    return plans


def _answerer(rng: Random, tracks: tuple[str, ...]) -> str | None:
    """Who answers in the second half of a phrase, where at least two tracks can talk."""
    able = [track for track in tracks if track != "drums"]
    if len(able) < 2:
        return None
    return rng.choices(able, [{"lead": 3, "arp": 3, "chords": 2, "bass": 1}[track] for track in able])[0]


def _intensities(
    rng: Random, active: list[str], energy: int, manner: Manner, touch: dict[str, float], section: str, visit: int
) -> dict[str, float]:
    """How much each track plays, a little more or less by the section's `touch`; now and then a track ignores the energy, as
    under a player's hand."""
    intensity = {}
    for track in active:
        least = 0.16 if track == "drums" else 0.1
        expected = least + (0.88 - least) * (energy / 7) ** manner.pace[track] + manner.habit[track] + touch[track] + rng.gauss(0, 0.025)
        if section == "drop":
            expected += 0.04 if visit > 1 else -0.02
        if section == "build" and track == "bass":
            expected *= 0.65
        expected *= ROOM.get(len(active), 1)
        wilful = rng.random() < 0.15
        intensity[track] = min(1.0, rng.uniform(0, 1.1)) if wilful else max(0.03, min(0.93, expected))
    if intensity.get("lead", 0) > 0.5 and "arp" in intensity:
        intensity["arp"] *= 0.5
    return intensity
