"""Cover motifs that show a place: hills, seas, cities, roads, deserts, rain and sky."""

from __future__ import annotations

import math

from .canvas import Canvas, Point
from .palettes import Colour, blend


def draw_landscape(canvas: Canvas) -> None:
    """Ranges of hills one behind the other, under a low sun."""
    rng = canvas.rng
    canvas.gradient(blend(canvas.light, canvas.middle, 0.25), canvas.light, 0.75)
    canvas.circle(rng.uniform(0.25, 0.75), rng.uniform(0.25, 0.4), rng.uniform(0.07, 0.13), canvas.accent)
    for layer in range(5):
        near = layer / 4
        colour = blend(canvas.middle, canvas.ground, near)
        canvas.polygon([*_ridge(canvas, 0.45 + 0.11 * layer, 0.09 - 0.01 * layer), (1, 1), (0, 1)], colour)


def draw_moonsea(canvas: Canvas) -> None:
    """A moon over water, its light in broken strips."""
    rng = canvas.rng
    x, horizon = rng.uniform(0.3, 0.7), rng.uniform(0.52, 0.62)
    canvas.gradient(canvas.ground, canvas.middle, horizon)
    canvas.rectangle(0, horizon, 1, 1, blend(canvas.ground, canvas.deep, 0.6))
    _stars(canvas, 60, horizon * 0.8)
    canvas.glow(x, horizon - 0.22, 0.3, canvas.light, 0.45)
    canvas.circle(x, horizon - 0.22, 0.11, canvas.light)
    y = horizon + 0.015
    while y < 1:
        width = rng.uniform(0.03, 0.06 + 0.35 * (y - horizon))
        shift = rng.uniform(-0.04, 0.04)
        canvas.rectangle(
            x + shift - width, y, x + shift + width, y + 0.007, blend(canvas.light, canvas.middle, 0.3)
        )
        y += rng.uniform(0.018, 0.034)
    boat = rng.uniform(0.1, 0.85)
    canvas.polygon(
        [
            (boat, horizon),
            (boat + 0.09, horizon),
            (boat + 0.07, horizon + 0.025),
            (boat + 0.02, horizon + 0.025),
        ],
        canvas.ground,
    )
    canvas.polygon(
        [(boat + 0.045, horizon - 0.1), (boat + 0.045, horizon - 0.008), (boat + 0.09, horizon - 0.008)],
        canvas.accent,
    )


def draw_city(canvas: Canvas) -> None:
    """Night towers with lit windows."""
    rng = canvas.rng
    canvas.gradient(canvas.ground, canvas.deep)
    canvas.glow(rng.uniform(0.2, 0.8), 0.75, 0.6, canvas.middle, 0.6)
    for layer in (0, 1):
        colour = blend(canvas.deep, canvas.ground, 0.3 + 0.7 * layer)
        x = -0.02
        while x < 1:
            width = rng.uniform(0.07, 0.15)
            top = rng.uniform(0.22, 0.6) + 0.12 * layer
            canvas.rectangle(x, top, x + width, 1, colour)
            _windows(canvas, x, top, width, canvas.accent if layer else canvas.light, 0.4 if layer else 0.2)
            x += width + rng.uniform(0.0, 0.02)


def draw_citysun(canvas: Canvas) -> None:
    """A great striped sun behind roofs and palms."""
    rng = canvas.rng
    canvas.gradient(canvas.middle, canvas.light)
    x, y, radius = rng.uniform(0.4, 0.6), 0.5, rng.uniform(0.24, 0.3)
    canvas.circle(x, y, radius, canvas.accent)
    for stripe in range(6):
        height = y + radius * (0.05 + 0.17 * stripe)
        canvas.rectangle(
            0, height, 1, height + 0.006 + 0.004 * stripe, blend(canvas.middle, canvas.light, height)
        )
    left = -0.02
    while left < 1:
        width = rng.uniform(0.06, 0.16)
        top = rng.uniform(0.62, 0.8)
        canvas.rectangle(left, top, left + width, 1, canvas.deep)
        if rng.random() < 0.5:
            canvas.rectangle(left + width * 0.3, top - 0.05, left + width * 0.36, top, canvas.deep)
        left += width
    canvas.rectangle(0, 0.9, 1, 1, canvas.ground)
    for trunk in (rng.uniform(0.08, 0.2), rng.uniform(0.8, 0.92)):
        _palm(canvas, trunk, rng.uniform(0.36, 0.46))


def draw_road(canvas: Canvas) -> None:
    """A road to the horizon, with its broken line and poles."""
    rng = canvas.rng
    horizon = rng.uniform(0.46, 0.56)
    canvas.gradient(canvas.deep, blend(canvas.middle, canvas.light, 0.5), horizon)
    canvas.circle(0.5, horizon, rng.uniform(0.12, 0.2), canvas.accent)
    canvas.rectangle(0, horizon, 1, 1, blend(canvas.middle, canvas.ground, 0.45))
    canvas.polygon([(0.485, horizon), (0.515, horizon), (0.95, 1), (0.05, 1)], canvas.ground)
    for dash in range(7):
        near, far = (dash + 0.55) / 7, dash / 7
        y0, y1 = (horizon + (1 - horizon) * value**2.2 for value in (far, near))
        w0, w1 = (0.002 + 0.02 * value**2.2 for value in (far, near))
        canvas.polygon([(0.5 - w0, y0), (0.5 + w0, y0), (0.5 + w1, y1), (0.5 - w1, y1)], canvas.light)
    side = rng.choice((-1, 1))
    for pole in range(1, 6):
        depth = (pole / 5) ** 2
        x, foot = 0.5 + side * (0.05 + 0.45 * depth), horizon + (1 - horizon) * depth * 0.75
        height = 0.06 + 0.4 * depth
        canvas.line([(x, foot), (x, foot - height)], 0.003 + 0.008 * depth, canvas.ground)
        canvas.line(
            [(x - 0.09 * depth, foot - height * 0.9), (x + 0.09 * depth, foot - height * 0.9)],
            0.002 + 0.006 * depth,
            canvas.ground,
        )


def draw_desert(canvas: Canvas) -> None:
    """Dunes with a lit and a shaded side, and a line of walkers."""
    rng = canvas.rng
    canvas.gradient(blend(canvas.light, canvas.accent, 0.15), canvas.light, 0.6)
    canvas.circle(rng.uniform(0.2, 0.8), 0.2, 0.08, blend(canvas.light, canvas.accent, 0.75))
    for layer in range(3):
        top = 0.42 + 0.17 * layer
        colour = blend(canvas.middle, canvas.deep, layer * 0.4)
        crest = rng.uniform(0.25, 0.75)
        ridge = _dune(crest, top, rng.uniform(0.12, 0.2))
        canvas.polygon([*ridge, (1, 1), (0, 1)], colour)
        shade = [point for point in ridge if point[0] >= crest]
        canvas.polygon([*shade, (1, 1), (crest + 0.12, 1)], blend(colour, canvas.ground, 0.35))
        if layer == 1:
            _walkers(canvas, ridge)


def draw_rain(canvas: Canvas) -> None:
    """Street lights through a wet window."""
    rng = canvas.rng
    canvas.gradient(canvas.ground, canvas.deep)
    for _ in range(26):
        colour: Colour = rng.choice((canvas.middle, canvas.light, canvas.accent))
        canvas.circle(
            rng.random(), rng.uniform(0.25, 0.95), rng.uniform(0.02, 0.07), blend(colour, canvas.deep, 0.35)
        )
    canvas.soften(0.012)
    for _ in range(70):
        x, y, length = rng.random(), rng.random(), rng.uniform(0.01, 0.16)
        canvas.line(
            [(x, y), (x + rng.uniform(-0.003, 0.003), y + length)],
            0.0025,
            blend(canvas.middle, canvas.light, 0.5),
        )
        canvas.ellipse(x, y + length, 0.005, 0.008, canvas.light)


def draw_waves(canvas: Canvas) -> None:
    """Bands of swell, each with a pale crest."""
    rng = canvas.rng
    canvas.gradient(canvas.light, blend(canvas.light, canvas.middle, 0.6), 0.5)
    canvas.circle(rng.uniform(0.2, 0.8), rng.uniform(0.16, 0.26), rng.uniform(0.08, 0.13), canvas.accent)
    for layer in range(7):
        base, swell = 0.4 + 0.09 * layer, 0.02 + 0.006 * layer
        phase, length = rng.uniform(0, 6.3), rng.uniform(1.2, 2.6)
        crest = [(x / 60, base + swell * math.sin(phase + x / 60 * 6.3 * length)) for x in range(61)]
        canvas.polygon([*crest, (1, 1), (0, 1)], blend(canvas.middle, canvas.ground, layer / 6))
        canvas.line(crest, 0.006, blend(canvas.light, canvas.middle, layer / 9))


def draw_cosmic(canvas: Canvas) -> None:
    """A ringed planet among stars."""
    rng = canvas.rng
    canvas.gradient(canvas.ground, blend(canvas.ground, canvas.deep, 0.8))
    canvas.glow(rng.random(), rng.random(), 0.5, canvas.middle, 0.5)
    canvas.glow(rng.random(), rng.random(), 0.4, canvas.accent, 0.25)
    _stars(canvas, 220, 1.0)
    x, y, radius = rng.uniform(0.38, 0.62), rng.uniform(0.4, 0.55), rng.uniform(0.16, 0.22)
    tilt = rng.uniform(-0.5, 0.5)
    _orbit(canvas, x, y, radius * 1.75, tilt, behind=True)
    canvas.circle(x, y, radius, canvas.middle)
    for band in range(1, 5):
        canvas.circle(
            x + 0.012 * band,
            y - 0.012 * band,
            radius * (1 - 0.17 * band),
            blend(canvas.middle, canvas.light, 0.2 * band),
        )
    _orbit(canvas, x, y, radius * 1.75, tilt, behind=False)
    canvas.circle(rng.uniform(0.1, 0.9), rng.uniform(0.1, 0.25), 0.03, canvas.light)


def _ridge(canvas: Canvas, base: float, height: float) -> list[Point]:
    phases = [(canvas.rng.uniform(0, 6.3), canvas.rng.uniform(0.6, 1.4)) for _ in range(4)]
    return [
        (
            x / 80,
            base
            - sum(
                height / 2**n * math.sin(phase + x / 80 * 5 * 2**n * rate)
                for n, (phase, rate) in enumerate(phases)
            )
            / 1.5,
        )
        for x in range(81)
    ]


def _dune(crest: float, top: float, height: float) -> list[Point]:
    return [
        (x / 60, top + height * (abs(x / 60 - crest) ** 1.3) * (1.1 if x / 60 < crest else 1.7))
        for x in range(61)
    ]


def _walkers(canvas: Canvas, ridge: list[Point]) -> None:
    start = canvas.rng.randrange(5, 25)
    for x, y in ridge[start : start + 15 : 3]:
        canvas.ellipse(x, y - 0.016, 0.007, 0.018, canvas.ground)
        canvas.circle(x, y - 0.04, 0.006, canvas.ground)


def _windows(canvas: Canvas, left: float, top: float, width: float, colour: Colour, lit: float) -> None:
    columns = max(2, int(width / 0.024))
    for row in range(int((1 - top) / 0.035)):
        for column in range(columns):
            if canvas.rng.random() < lit:
                x = left + width * (column + 0.3) / columns
                y = top + 0.02 + row * 0.035
                canvas.rectangle(
                    x, y, x + 0.011, y + 0.017, blend(colour, canvas.ground, canvas.rng.uniform(0, 0.5))
                )


def _palm(canvas: Canvas, foot: float, top: float) -> None:
    lean = canvas.rng.uniform(-0.05, 0.05)
    canvas.line([(foot, 1), (foot + lean * 0.3, (1 + top) / 2), (foot + lean, top)], 0.014, canvas.ground)
    for leaf in range(7):
        angle = math.pi * (0.95 + leaf / 6 * 1.1)
        tip = (foot + lean + 0.15 * math.cos(angle), top + 0.09 * math.sin(angle) + 0.05)
        bend = (foot + lean + 0.08 * math.cos(angle), top + 0.10 * math.sin(angle) - 0.01)
        canvas.polygon([(foot + lean, top - 0.008), bend, tip, (bend[0], bend[1] + 0.03)], canvas.ground)


def _stars(canvas: Canvas, count: int, until: float) -> None:
    for _ in range(count):
        size = canvas.rng.choice((0.001, 0.001, 0.0015, 0.003))
        canvas.circle(canvas.rng.random(), canvas.rng.uniform(0, until), size, canvas.light)


def _orbit(canvas: Canvas, x: float, y: float, radius: float, tilt: float, *, behind: bool) -> None:
    turns = range(32, 65) if behind else range(33)
    points = []
    for step in turns:
        angle = math.pi * step / 32
        across, down = radius * math.cos(angle), radius * 0.28 * math.sin(angle)
        points.append(
            (
                x + across * math.cos(tilt) - down * math.sin(tilt),
                y + across * math.sin(tilt) + down * math.cos(tilt),
            )
        )
    canvas.line(points, 0.014, canvas.accent)
