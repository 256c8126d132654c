"""A whole composed track: the plan, the players, and every bar with its five parts in order."""

from __future__ import annotations

from dataclasses import replace
from random import Random
from typing import Sequence

from ..language import COMPOSED_TRACKS, Bar, Controls, Hit, Note, make_part, vocabulary
from .arp import ArpWriter
from .arrangement import BarPlan, plan_song
from .bass import make_bass
from .chords import ChordWriter
from .drums import DrumWriter
from .harmony import Tonality
from .melody import LeadWriter
from .phrasing import length_index
from .progressions import Progression, choose_progression
from .styles import STYLE_RULES, choose_tempo

#: Whom a track answers, the most likely first.
PARTNERS = {"bass": ("lead", "chords", "arp"), "chords": ("bass", "lead", "arp"), "lead": ("bass", "chords", "arp"),
            "arp": ("lead", "chords", "bass")}

#: How much of its intensity a track keeps while the other has the word.
LISTENING = 0.45

#: So many bars in a row may play the same to the note.
MOST_ALIKE = 4


class Band:
    """The five players of a song in one key. A bar must be asked for after the one before it: players develop what they played."""

    def __init__(self, seed: int, style: str, tonality: Tonality, tempo: float | None = None) -> None:
        rng = Random(seed)
        static = STYLE_RULES[style].static_harmony
        self.home = choose_progression(rng, tonality.mode, static)
        self.other = choose_progression(rng, tonality.mode, static / 2)
        self.form = rng.choices(("home", "break", "arrival"), (5, 2, 3))[0]
        self.turn_bars = rng.choice((1, 2, 2))
        self.imitates = rng.random() < (0.6 if style == "acid" else 0.25)
        self.drums = DrumWriter(Random(rng.random()), style, tempo)
        self.bass = make_bass(Random(rng.random()), style, tonality)
        self.chords = ChordWriter(Random(rng.random()), style, tonality)
        self.lead = LeadWriter(Random(rng.random()), style, tonality)
        self.arp = ArpWriter(Random(rng.random()), style, tonality)
        self.heard: dict[str, dict[int, list[Note]]] = {track: {} for track in COMPOSED_TRACKS}
        self.rng = Random(rng.random())
        self.latest: dict[str, list[Hit] | list[Note]] = {}
        self.alike = 0

    def modulate(self, tonality: Tonality) -> None:
        """Takes the whole band into another key of the same mode."""
        for player in (self.bass, self.chords, self.lead, self.arp):
            player.modulate(tonality)
        self.heard = {track: {} for track in COMPOSED_TRACKS}

    def progression(self, plan: BarPlan) -> Progression:
        """The chords of a section: some songs have others in the break, some bring those into all that follows it."""
        if self.form == "home" or plan.section in ("intro", "outro"):
            return self.home
        if plan.section == "break":
            return self.other
        return self.other if self.form == "arrival" and plan.visit > 1 else self.home

    def play(self, plan: BarPlan) -> dict[str, list[Hit] | list[Note]]:
        """The events of one bar by track; silent tracks are empty."""
        events: dict[str, list[Hit] | list[Note]] = {track: [] for track in COMPOSED_TRACKS}
        progression = self.progression(plan)
        harmony = progression.bar(plan.bar)
        if "drums" in plan.intensity:
            events["drums"] = self.drums.write(plan)
        kick = vocabulary().pieces["kick"]
        kicks = {hit.position for hit in events["drums"] if hit.piece == kick}
        asking = self._asking(plan)
        plan, answers = self._take_turns(plan, asking)
        order = [track for track in ("bass", "chords", "lead", "arp") if track in plan.intensity and track != plan.answering]
        if plan.answering in plan.intensity:
            order.append(plan.answering)
        for track in order:
            avoided = {note.position for note in events[asking]} if asking and answers and track == plan.answering else set()
            if track == "bass":
                events[track] = self.bass.write(plan, harmony, kicks, avoided)
            elif track == "chords":
                events[track] = self.chords.write(plan, harmony, progression, avoided)
            elif track == "lead":
                said = self.heard[asking].get(plan.bar - self.turn_bars) if asking and answers and self.imitates else None
                events[track] = self.lead.imitate(plan, said, avoided) if said else self.lead.write(plan, harmony, avoided)
            else:
                events[track] = self.arp.write(plan, harmony, avoided)
            recent = {bar: notes for bar, notes in self.heard[track].items() if plan.bar - self.turn_bars <= bar < plan.bar}
            self.heard[track] = recent | {plan.bar: events[track]}
        if plan.empties_at < 48:
            events = {track: emptied(events[track], plan.empties_at) for track in events}
        return self._not_worn_out(events)

    def _not_worn_out(self, events: dict[str, list[Hit] | list[Note]]) -> dict[str, list[Hit] | list[Note]]:
        """The events, with one of the busiest track left out where they would be the same for a fifth bar: something small changes."""
        self.alike = self.alike + 1 if events == self.latest else 1
        if self.alike > MOST_ALIKE:
            busiest = max(events, key=lambda track: len(events[track]))
            if len(events[busiest]) > 1:
                left_out = self.rng.randrange(1, len(events[busiest]))
                events = events | {busiest: [event for place, event in enumerate(events[busiest]) if place != left_out]}
                self.alike = 1
        self.latest = events
        return events

    def _asking(self, plan: BarPlan) -> str | None:
        """The track that is answered in this bar's group of four, if any."""
        if plan.answering not in plan.intensity or plan.answering not in PARTNERS:
            return None
        return next((track for track in PARTNERS[plan.answering] if track in plan.intensity), None)

    def _take_turns(self, plan: BarPlan, asking: str | None) -> tuple[BarPlan, bool]:
        """The plan in which whoever has not the word plays less, and whether the word is with the answering track."""
        if asking is None:
            return plan, False
        answers = plan.bar // self.turn_bars % 2 == 1
        listener = asking if answers else plan.answering
        return replace(plan, intensity=plan.intensity | {listener: LISTENING * plan.intensity[listener]}), answers


def emptied(events: Sequence[Hit] | Sequence[Note], end: int) -> list[Hit] | list[Note]:
    """The events before step `end`, with no note ringing past it."""
    durations = vocabulary().durations
    kept = [event for event in events if event.position < end]
    return [
        event._replace(duration=min(event.duration, length_index(end - event.position)),
                       slide=event.slide and event.position + durations[event.duration] < end) if isinstance(event, Note) else event
        for event in kept
    ]


def compose_song(seed: int, style: str) -> list[Bar]:
    """All bars of one track; the same seed and style give the same track."""
    rng = Random(f"{style}:{seed}")
    words, rules = vocabulary(), STYLE_RULES[style]
    modes = rules.modes
    mode = rng.choices(list(modes), list(modes.values()))[0]
    tonality = Tonality(rng.randrange(12), mode)
    beats_per_minute = choose_tempo(rng, style)
    tempo = words.tempo_bin(beats_per_minute)
    band = Band(rng.getrandbits(32), style, tonality, beats_per_minute)
    bars = []
    for plan in plan_song(rng, style):
        if plan.bar == 0 and bars and rng.random() < 0.05:
            tonality = Tonality((tonality.key + rng.choice((2, 3, 5, 7, 10))) % 12, mode)
            band.modulate(tonality)
        bars.append(compose_bar(band, plan, style, tempo, tonality))
    return bars


def compose_bar(band: Band, plan: BarPlan, style: str, tempo: int, tonality: Tonality) -> Bar:
    """One bar as the band plays it, with its controls and density labels."""
    words = vocabulary()
    controls = Controls(words.styles.index(style), words.sections.index(plan.section), plan.energy, tempo,
                        tonality.key, words.modes.index(tonality.mode))
    events = band.play(plan)
    return Bar(controls, [make_part(track, events[track]) for track in COMPOSED_TRACKS])
