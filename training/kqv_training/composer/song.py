"""A whole composed track: the plan, the players, and every bar with its five parts in order."""

from __future__ import annotations

from random import Random

from ..language import COMPOSED_TRACKS, Bar, Controls, Hit, Note, make_part, vocabulary
from .arrangement import BarPlan, plan_song
from .bass import make_bass
from .chords import ChordWriter
from .drums import DrumWriter
from .harmony import Tonality, choose_harmony
from .melody import ArpWriter, LeadWriter
from .styles import STYLE_RULES


class Band:
    """The five players of a song in one key; a modulation hires a band with the same seed in another key."""

    def __init__(self, seed: int, style: str, tonality: Tonality) -> None:
        rng = Random(seed)
        rules = STYLE_RULES[style]
        self.harmony = choose_harmony(rng, tonality.mode, rules.static_harmony)
        self.drums = DrumWriter(Random(rng.random()), style)
        self.bass = make_bass(Random(rng.random()), style, tonality)
        self.chords = ChordWriter(Random(rng.random()), style, tonality)
        self.lead = LeadWriter(Random(rng.random()), style, tonality)
        self.arp = ArpWriter(Random(rng.random()), style, tonality)

    def play(self, plan: BarPlan) -> dict[str, list[Hit] | list[Note]]:
        """The events of one bar by track; silent tracks are empty."""
        events: dict[str, list[Hit] | list[Note]] = {track: [] for track in COMPOSED_TRACKS}
        root, next_root = self.harmony.degree_at(plan.bar), self.harmony.degree_at(plan.bar + 1)
        if "drums" in plan.intensity:
            events["drums"] = self.drums.write(plan)
        kick = vocabulary().pieces["kick"]
        kicks = {hit.position for hit in events["drums"] if hit.piece == kick}
        if "bass" in plan.intensity:
            events["bass"] = self.bass.write(plan, root, next_root, kicks)
        for track, player in (("chords", self.chords), ("lead", self.lead), ("arp", self.arp)):
            if track in plan.intensity:
                events[track] = player.write(plan, root)
        return events


def compose_song(seed: int, style: str) -> list[Bar]:
    """All bars of one track; the same seed and style give the same track."""
    rng = Random(f"{style}:{seed}")
    words, rules = vocabulary(), STYLE_RULES[style]
    modes = rules.modes
    mode = rng.choices(list(modes), list(modes.values()))[0]
    tonality = Tonality(rng.randrange(12), mode)
    tempo = words.tempo_bin(rng.uniform(*rules.tempo))
    band_seed = rng.getrandbits(32)
    band = Band(band_seed, style, tonality)
    bars = []
    for plan in plan_song(rng, style):
        if plan.bar == 0 and bars and rng.random() < 0.06:
            tonality = Tonality((tonality.key + rng.choice((2, 3, 5, 7, 10))) % 12, mode)
            band = Band(band_seed, style, tonality)
        bars.append(compose_bar(band, plan, style, tempo, tonality))
    return bars


def compose_bar(band: Band, plan: BarPlan, style: str, tempo: int, tonality: Tonality) -> Bar:
    """One bar as the band plays it, with its controls and density labels."""
    words = vocabulary()
    controls = Controls(words.styles.index(style), words.sections.index(plan.section), plan.energy, tempo,
                        tonality.key, words.modes.index(tonality.mode))
    events = band.play(plan)
    return Bar(controls, [make_part(track, events[track]) for track in COMPOSED_TRACKS])
