"""The drummer of a song: its kit at the intensity asked for, answers every second or fourth bar, fills at phrase ends, rolls in builds."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from random import Random

from ..language import Hit, vocabulary
from .arrangement import BarPlan
from .fills import Fill, Hits, Roll, choose_roll, make_fill
from .grooves import ACCENT, GHOST, PLAIN, SIXTEENTH, SOFT, Element
from .kits import make_kit

#: What a bar's answer may add: (position, piece, level) with weights, by style.
ANSWERS = {
    "house": {(45, "open hat", PLAIN): 3, (33, "open hat", SOFT): 1, (45, "snare", GHOST): 3, (33, "snare", GHOST): 2,
              (39, "rim", SOFT): 2,
              (45, "clap", SOFT): 2, (45, "kick", PLAIN): 1.5, (27, "kick", SOFT): 0.5, (21, "clap", GHOST): 1,
              (42, "tambourine", SOFT): 1},
    "acid": {(45, "kick", PLAIN): 4, (45, "open hat", PLAIN): 3, (45, "snare", SOFT): 2, (42, "snare", SOFT): 2,
             (39, "rim", SOFT): 1, (33, "low tom", SOFT): 1},
    "techno": {(45, "open hat", SOFT): 3, (45, "closed hat", PLAIN): 2, (45, "kick", PLAIN): 1.2, (39, "rim", SOFT): 2,
               (45, "clap", SOFT): 1,
               (33, "low tom", SOFT): 1.5, (21, "mid tom", SOFT): 1, (42, "ride bell", SOFT): 1},
    "electro": {(45, "kick", PLAIN): 3, (42, "kick", PLAIN): 2, (33, "kick", PLAIN): 1.5, (45, "snare", GHOST): 2, (39, "clap", SOFT): 1.5,
                (45, "open hat", SOFT): 1.5, (44, "clap", SOFT): 1, (33, "cowbell", SOFT): 1},
    "breaks": {(45, "kick", PLAIN): 2, (33, "kick", PLAIN): 1.5, (42, "snare", PLAIN): 2, (45, "snare", SOFT): 2, (39, "snare", GHOST): 1.5,
               (18, "open hat", SOFT): 1.5, (15, "kick", SOFT): 1},
    "ambient": {(42, "rim", GHOST): 2, (30, "shaker", GHOST): 2, (45, "shaker", GHOST): 2, (36, "ride bell", GHOST): 1,
                (39, "closed hat", GHOST): 2},
}

#: From how many hits up to intensity 0.75 a bar takes no further voice in, lowest and highest over the songs of a style.
BUSIEST = {"house": (13, 22), "acid": (12, 20), "techno": (13, 22), "electro": (14, 22), "breaks": (13, 21), "ambient": (5, 10)}

#: How many more hits a bar takes for a whole intensity beyond.
CROWDING = 40

#: Where an extra step may go when an answer adds nothing new.
SPARE_STEPS = (45, 33, 39, 21)


@dataclass
class Habits:
    """What stays a drummer's own through a song."""

    second_bars: bool
    lifts_half: bool
    quiet_below: int
    loud_from: int
    fill_share: float
    crash_share: float
    kick_opens: bool
    accents_fourth: bool
    lengths: tuple[int, int, int]
    busiest: int
    fills: dict[int, Fill] = field(default_factory=dict)


class DrumWriter:
    """The drummer of one track. `tempo` in beats per minute decides the feel of breaks; without it the drummer does."""

    def __init__(self, rng: Random, style: str, tempo: float | None = None) -> None:
        self.rng = rng
        self.style = style
        self.fast = rng.random() < 0.4 if tempo is None else tempo >= 150
        self.kit = sorted(make_kit(rng, style, self.fast), key=_entrance)
        self.home = list(self.kit)
        self.pieces = {stroke.piece for element in self.kit for bar in element.bars for stroke in bar}
        self.second_answer, self.fourth_answer = self._choose_answer(), self._choose_answer()
        self.habits = Habits(
            second_bars=rng.random() < (0.15 if style in ("electro", "breaks") else 0.4),
            lifts_half=rng.random() < 0.5, quiet_below=rng.choice((2, 2, 3)),
            loud_from=rng.choice((6, 7)), fill_share=rng.uniform(0.55, 1.0), crash_share=rng.uniform(0.2, 0.9),
            kick_opens=rng.random() < {"house": 0.7, "electro": 0.5, "breaks": 0.4}.get(style, 0.85),
            accents_fourth=rng.random() < 0.4, lengths=rng.choice(((12, 12, 24), (12, 24, 24), (12, 12, 48), (12, 24, 48))),
            busiest=rng.randint(*BUSIEST[style]),
        )
        self.roll: Roll | None = None
        self.left_out: str | None = None
        self.filled = False

    def _choose_answer(self) -> tuple[int, str, int]:
        answers = ANSWERS[self.style]
        return self.rng.choices(list(answers), list(answers.values()))[0]

    def write(self, plan: BarPlan) -> list[Hit]:
        """The hits of one bar. A groove that varies by itself in its fourth bar is left alone there."""
        if plan.bar == 0:
            self._begin(plan)
        elif plan.opens_phrase and plan.turn in (None, "drums"):
            self._develop(plan)
        intensity = plan.intensity["drums"]
        hits = self._groove(plan, intensity)
        plain = dict(hits)
        differs = plan.bar % 8 == 3 and self._groove(replace(plan, bar=plan.bar - 1), intensity) != hits
        if not differs:
            self._answer(plan, intensity, hits)
        roll, bars_left = self.roll if plan.section == "build" else None, plan.bars - plan.bar
        if roll:
            roll.play(hits, bars_left)
        filled = not differs and not (roll and bars_left <= 2) and self._fill(plan, intensity, hits)
        _one_hat(hits)
        if hits == plain and not differs:
            self._answer(plan, intensity, hits)
        self._crash(plan, hits)
        self.filled = filled or plan.section == "build" and plan.is_last
        if plan.empties_at < 48:
            for key in [key for key in hits if key[0] >= plan.empties_at]:
                del hits[key]
        _one_hat(hits)
        pieces = vocabulary().pieces
        return [Hit(position, pieces[piece], level) for (position, piece), level in hits.items()]

    def _begin(self, plan: BarPlan) -> None:
        """A section begins: the song's own kit returns, a build gets its roll."""
        if plan.section in ("drop", "intro", "outro"):
            self.kit = list(self.home)
        self.left_out = None
        self.roll = choose_roll(self.rng, self.style, plan.bars) if plan.section == "build" else None

    def _develop(self, plan: BarPlan) -> None:
        """One clear change at a new phrase: a figure anew, a voice left out, its return, or another answer."""
        rng = self.rng
        if self.left_out:
            self.left_out = None
            return
        change = rng.choices(("figure", "omit", "answer", "none"), (3, 2, 3, 1.5 if plan.turn is None else 0))[0]
        if change == "figure":
            fresh = {element.role: element for element in make_kit(rng, self.style, self.fast)}
            roles = [i for i, element in enumerate(self.kit) if element.role in fresh and element.role not in ("kick", "backbeat")]
            if roles:
                index = rng.choice(roles)
                self.kit[index] = fresh[self.kit[index].role]
                self.kit.sort(key=_entrance)
        elif change == "omit" and len(self.kit) > 3:
            self.left_out = rng.choice([e.role for e in self.kit if e.role not in ("kick", "backbeat")])
        elif change == "answer":
            self.fourth_answer = self._choose_answer()

    def _lift(self, plan: BarPlan, element: Element) -> float:
        """How much sooner a voice enters here: the ride in a drop's second half, everything a little in a second drop."""
        lift = 0.05 if self.habits.lifts_half and plan.bar % 8 >= 4 else 0.0
        if plan.section == "drop" and plan.intensity["drums"] > 0.3:
            lift += 0.06 * (plan.visit > 1)
            if element.role == "ride":
                lift += 0.12 * (plan.progress >= 0.5) + 0.08 * (plan.visit > 1)
                lift -= 0.15 * (self.style == "techno" and plan.visit == 1 and plan.progress < 0.5)
        return lift

    def _kickless(self, plan: BarPlan) -> bool:
        if plan.section == "break":
            return plan.progress < 0.8
        if self.habits.kick_opens:
            return False
        return plan.section == "intro" and plan.progress < 0.45 or plan.section == "outro" and plan.progress > 0.55

    def _groove(self, plan: BarPlan, intensity: float) -> Hits:
        """The kit at an intensity; something sounds even when only kick and silence were asked for."""
        kickless = self._kickless(plan)
        silenced = ("kick", "kick double") if plan.section == "break" and plan.progress > 0.6 else ("kick", "kick double", "backbeat")
        must_sound = len(plan.intensity) == 1 or self.style != "ambient" or plan.bar % 2 == 0
        while True:
            hits: Hits = {}
            for element in self.kit:
                if element.role == self.left_out or kickless and element.role in silenced:
                    continue
                reach = intensity + self._lift(plan, element)
                crowded = len(hits) >= self.habits.busiest + CROWDING * max(0.0, reach - 0.75)
                for stroke in () if crowded else element.at(plan.bar):
                    if stroke.need <= reach:
                        level = self._dynamics(plan, stroke.piece, stroke.level)
                        hits[stroke.position, stroke.piece] = max(level, hits.get((stroke.position, stroke.piece), 0))
            _one_hat(hits)
            if hits or not must_sound or intensity > 1:
                return hits
            intensity += 0.1

    def _dynamics(self, plan: BarPlan, piece: str, level: int) -> int:
        """A level as the section's energy plays it: softer where it is calm, louder on top."""
        if plan.energy <= self.habits.quiet_below and level > GHOST and (piece != "kick" or plan.energy <= 1):
            return level - 1
        if plan.energy >= self.habits.loud_from and level in (SOFT, PLAIN) and piece in ("open hat", "ride", "clap", "snare"):
            return level + 1
        return level

    def _answer(self, plan: BarPlan, intensity: float, hits: Hits) -> None:
        """What every fourth bar (and in some songs every second) adds, or takes away where it is there already."""
        if plan.bar % 4 == 3:
            position, piece, level = self.fourth_answer
            for hat in [key for key in hits if self.habits.accents_fourth and key[0] in (30, 42) and key[1].endswith("hat")]:
                hits[hat] = min(ACCENT, hits[hat] + 1)
        elif self.habits.second_bars and plan.bar % 2 and intensity > 0.45:
            position, piece, level = self.second_answer
        else:
            return
        if piece == "kick" and self._kickless(plan):
            piece, level = "rim", SOFT
        if intensity < 0.15 and piece not in ("kick", "closed hat", "rim"):
            piece, level = "closed hat", SOFT
        key = (position, piece)
        blocked = piece == "closed hat" and (position, "open hat") in hits
        if key not in hits and not blocked:
            hits[key] = level
            return
        for position in SPARE_STEPS:
            if (position, "closed hat") in hits and len(hits) > 1:
                del hits[position, "closed hat"]
                return
        spare = [p for p in range(45, 0, -SIXTEENTH) if (p, piece) not in hits and (p, "open hat") not in hits]
        if spare:
            hits[spare[0], piece] = max(GHOST, level - 1)
        else:
            hits.pop(key, None)

    def _fill(self, plan: BarPlan, intensity: float, hits: Hits) -> bool:
        """Writes a fill where a phrase ends; whether it did."""
        rng, habits = self.rng, self.habits
        calm = self.style == "ambient" or plan.section in ("intro", "outro", "break")
        if plan.ends_phrase:
            due = rng.random() < habits.fill_share * (0.45 if self.style == "ambient" else 0.75 if calm and not plan.is_last else 1)
        else:
            due = plan.bar % 4 == 3 and not calm and plan.energy >= 5 and rng.random() < 0.1
        if not due or intensity < 0.18:
            return False
        steps = 6 if not plan.ends_phrase else habits.lengths[2] if plan.is_last else rng.choice(habits.lengths[:2])
        steps = min(steps, 12 if plan.energy <= 2 else 24 if plan.energy <= 4 else 48)
        remembered = habits.fills.get(steps)
        fill = remembered if remembered and rng.random() < 0.75 else make_fill(rng, self.style, steps, self.pieces)
        habits.fills[steps] = fill
        fill.play(hits, softer=plan.energy <= habits.quiet_below)
        return True

    def _crash(self, plan: BarPlan, hits: Hits) -> None:
        """A crash where a section opens, and after fills."""
        if plan.bar % 8:
            return
        chance = self.habits.crash_share * (0.8 if self.filled else 0.3) * (plan.energy >= 4)
        if plan.bar == 0:
            chance = {"drop": 0.95, "break": 0.7, "outro": 0.7, "loop": chance}.get(plan.section, 0.15)
        if self.style == "ambient":
            chance *= 0.35
        if self.rng.random() < chance and (hits or plan.section == "break"):
            loud = plan.section == "drop" and self.style != "ambient"
            hits[0, "crash"] = ACCENT if loud and plan.bar == 0 else PLAIN if plan.energy >= 5 else SOFT


def _entrance(element: Element) -> float:
    """The intensity at which a voice enters."""
    return min((stroke.need for bar in element.bars for stroke in bar), default=1.0)


def _one_hat(hits: Hits) -> None:
    """An open hat silences the closed one at the same step, as on the machine."""
    for position in [position for position, piece in hits if piece == "open hat"]:
        hits.pop((position, "closed hat"), None)
        hits.pop((position, "pedal hat"), None)
