"""The recipes of the demo's instruments: which partials, which envelope, plucked, blown, struck or sung."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from types import MappingProxyType


@dataclass(frozen=True)
class Wave:
    """A tone that lasts: a spectrum, an envelope, and how its brightness fades.

    Attributes:
        partials: strengths of the harmonics, the first one first; or one of the shapes saw, square, triangle.
        attack, decay, release: seconds. sustain: level after the decay.
        dark: exponent that weakens the upper harmonics once the brightness has faded, in `fade` seconds.
        vibrato: depth in cents. detune: cents between two voices sounding together, 0 for one.
        breath: share of noise. formants: resonances in Hz, for voices.
    """

    partials: str | tuple[float, ...]
    attack: float = 0.01
    decay: float = 0.3
    sustain: float = 0.7
    release: float = 0.08
    dark: float = 0.0
    fade: float = 0.4
    vibrato: float = 0.0
    detune: float = 0.0
    breath: float = 0.0
    formants: tuple[float, ...] = ()


@dataclass(frozen=True)
class Pluck:
    """A plucked string.

    Attributes:
        softness: how often the pluck is low-passed. ring: what remains after each period, 1 being all.
        body: how much the fundamental is strengthened.
    """

    softness: int
    ring: float
    body: float = 0.0


@dataclass(frozen=True)
class Struck:
    """A struck bell or tine: frequency modulation by `ratio` and `depth`, decays in seconds."""

    ratio: float
    depth: float
    decay: float
    fade: float


Instrument = Wave | Pluck | Struck

_FEMALE = (850.0, 1450.0, 2900.0)
_MALE = (650.0, 1100.0, 2500.0)

INSTRUMENTS: Mapping[str, Instrument] = MappingProxyType(
    {
        "steel": Pluck(1, 0.9965),
        "nylon": Pluck(4, 0.9945),
        "clean": Pluck(2, 0.9975, body=0.2),
        "saz": Pluck(0, 0.9955),
        "sitar": Pluck(0, 0.9985),
        "harp": Pluck(3, 0.997),
        "pick": Pluck(2, 0.996, body=0.4),
        "finger": Pluck(6, 0.995, body=0.6),
        "upright": Pluck(9, 0.990, body=0.8),
        "distorted": Wave("saw", 0.004, 0.9, 0.55, 0.05, dark=0.8, fade=0.5, detune=9),
        "fiddle": Wave("saw", 0.06, 0.3, 0.85, 0.10, dark=0.5, vibrato=18),
        "cello": Wave("saw", 0.09, 0.4, 0.85, 0.20, dark=0.9, vibrato=14),
        "strings": Wave("saw", 0.25, 0.5, 0.9, 0.35, dark=1.0, vibrato=10, detune=12),
        "choir": Wave("saw", 0.35, 0.5, 0.9, 0.45, vibrato=14, detune=10, formants=_FEMALE),
        "warm": Wave("saw", 0.12, 0.5, 0.85, 0.25, dark=1.3, detune=14),
        "drone": Wave((1, 0.6, 0.8, 0.3, 0.4, 0.2, 0.2), 0.2, 0.5, 0.9, 0.4, vibrato=4, detune=5),
        "organ": Wave((1, 0.8, 0.6, 0.5, 0, 0.3, 0, 0.35), 0.012, 0.1, 0.95, 0.05, vibrato=9),
        "accordion": Wave((1, 0.7, 0.7, 0.5, 0.45, 0.3, 0.25, 0.2), 0.03, 0.2, 0.9, 0.07, detune=16),
        "melodica": Wave((1, 0.4, 0.6, 0.2, 0.3, 0.1), 0.03, 0.2, 0.9, 0.07, vibrato=8, breath=0.02),
        "flute": Wave((1, 0.35, 0.12, 0.05), 0.05, 0.2, 0.9, 0.08, vibrato=14, breath=0.05),
        "clarinet": Wave((1, 0.05, 0.55, 0.05, 0.3, 0.03, 0.15), 0.04, 0.2, 0.9, 0.08, vibrato=6),
        "sax": Wave((1, 0.9, 0.8, 0.55, 0.4, 0.3, 0.2, 0.12), 0.03, 0.25, 0.8, 0.08, vibrato=20, breath=0.03),
        "trumpet": Wave(
            (1, 0.95, 0.9, 0.75, 0.55, 0.4, 0.3, 0.2), 0.025, 0.2, 0.8, 0.07, dark=0.4, vibrato=10
        ),
        "square": Wave("square", 0.006, 0.25, 0.7, 0.08, dark=0.5, vibrato=8, detune=7),
        "saw": Wave("saw", 0.005, 0.22, 0.45, 0.06, dark=1.0, fade=0.2, detune=10),
        "sawbass": Wave("saw", 0.004, 0.25, 0.6, 0.04, dark=1.4, fade=0.15),
        "sub": Wave((1, 0.25, 0.1), 0.008, 0.3, 0.8, 0.06),
        "piano": Wave(
            (1, 0.6, 0.35, 0.25, 0.15, 0.1, 0.06, 0.04), 0.003, 1.1, 0.0, 0.12, dark=0.9, fade=0.35
        ),
        "voice_f": Wave("saw", 0.06, 0.3, 0.9, 0.10, vibrato=22, breath=0.012, formants=_FEMALE),
        "voice_m": Wave("saw", 0.05, 0.3, 0.9, 0.10, vibrato=16, breath=0.012, formants=_MALE),
        "epiano": Struck(1.0, 1.6, 1.2, 0.25),
        "bell": Struck(3.5, 1.8, 1.6, 0.5),
        "kalimba": Struck(5.4, 0.9, 0.5, 0.06),
    }
)
