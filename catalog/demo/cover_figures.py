"""Cover motifs that show a thing or a form: faces, plants, letters, circles, stripes, fire and curtains."""

from __future__ import annotations

import math

from .canvas import Canvas, Point
from .palettes import Colour, blend


def draw_geometric(canvas: Canvas) -> None:
    """A grid of quarter discs, discs and triangles in flat colours."""
    rng, cells = canvas.rng, canvas.rng.choice((4, 5, 6))
    colours = (canvas.deep, canvas.middle, canvas.light, canvas.accent)
    step = 1 / cells
    for row in range(cells):
        for column in range(cells):
            x, y = column * step, row * step
            back, front = rng.sample(colours, 2)
            canvas.rectangle(x, y, x + step, y + step, back)
            _tile(canvas, x, y, step, front)


def draw_opart(canvas: Canvas) -> None:
    """Rings or rays that seem to move."""
    rng = canvas.rng
    x, y = rng.uniform(0.35, 0.65), rng.uniform(0.35, 0.6)
    if rng.random() < 0.5:
        canvas.rectangle(0, 0, 1, 1, canvas.light)
        rays = rng.choice((24, 32, 40))
        for ray in range(rays):
            angle = ray * 360 / rays
            colour = canvas.deep if ray % 2 else canvas.middle if ray % 4 else canvas.light
            canvas.slice(x, y, 1.3, angle, angle + 360 / rays, colour)
        canvas.circle(x, y, 0.2, canvas.ground)
        canvas.circle(x, y, 0.16, canvas.accent)
        canvas.circle(x, y, 0.07, canvas.light)
        return
    drift = (rng.uniform(-0.2, 0.2), rng.uniform(-0.2, 0.2))
    for ring in range(26):
        share = ring / 26
        colours = (canvas.ground, canvas.light, canvas.ground, canvas.middle)
        colour = canvas.accent if ring == 24 else colours[ring % 4]
        canvas.circle(x + drift[0] * share, y + drift[1] * share, 0.95 * (1 - share), colour)


def draw_portrait(canvas: Canvas) -> None:
    """A head in profile against a disc, cut by one band of colour."""
    rng = canvas.rng
    canvas.gradient(canvas.light, blend(canvas.light, canvas.middle, 0.5))
    canvas.circle(0.5, 0.44, 0.36, canvas.accent)
    if rng.random() < 0.5:
        for bar in range(9):
            canvas.rectangle(
                0, 0.1 + bar * 0.09, 1, 0.115 + bar * 0.09, blend(canvas.accent, canvas.light, 0.5)
            )
    flip = rng.random() < 0.5
    _head(canvas, canvas.ground, flip, rng.uniform(0.15, 0.21), rng.choice(("short", "bun", "long", "afro")))
    band = rng.uniform(0.36, 0.42)
    if rng.random() < 0.5:
        canvas.rectangle(0.36, band, 0.66, band + 0.035, canvas.middle)


def draw_botanical(canvas: Canvas) -> None:
    """Stems with leaves and round blossoms on pale paper."""
    rng = canvas.rng
    canvas.gradient(canvas.light, blend(canvas.light, canvas.middle, 0.2))
    for stem in range(6):
        x = 0.12 + stem * 0.15 + rng.uniform(-0.03, 0.03)
        top, lean = rng.uniform(0.2, 0.5), rng.uniform(-0.12, 0.12)
        points = [(x + lean * (step / 20) ** 2, 1.02 - (1.02 - top) * step / 20) for step in range(21)]
        colour = rng.choice((canvas.deep, canvas.ground, canvas.middle))
        canvas.line(points, 0.007, colour)
        for index in range(4, 19, 2):
            _leaf(
                canvas,
                points[index],
                rng.uniform(0.07, 0.12) * (1.2 - index / 24),
                1 if index % 4 else -1,
                colour,
            )
        if rng.random() < 0.75:
            _blossom(canvas, points[-1], rng.uniform(0.03, 0.06), canvas.accent)


def draw_typographic(canvas: Canvas, initials: str) -> None:
    """Huge letters, cropped and set off against one another."""
    rng = canvas.rng
    canvas.rectangle(0, 0, 1, 1, canvas.light)
    canvas.polygon([(0, 0), (rng.uniform(0.5, 0.9), 0), (rng.uniform(0.2, 0.5), 1), (0, 1)], canvas.middle)
    canvas.circle(rng.uniform(0.6, 0.8), rng.uniform(0.3, 0.6), rng.uniform(0.14, 0.22), canvas.accent)
    for index, letter in enumerate(initials[:3]):
        x, y = 0.26 + 0.24 * index, 0.36 + rng.uniform(-0.08, 0.1)
        canvas.text(letter, x + 0.015, y + 0.015, 0.62, blend(canvas.light, canvas.middle, 0.5), "mm")
        canvas.text(letter, x, y, 0.62, canvas.ground, "mm")
    for bar in range(4):
        canvas.rectangle(0.06, 0.74 + bar * 0.018, rng.uniform(0.3, 0.94), 0.748 + bar * 0.018, canvas.deep)


def draw_abstract(canvas: Canvas) -> None:
    """Soft blots that run into each other, with a few sharp strokes."""
    rng = canvas.rng
    canvas.rectangle(0, 0, 1, 1, canvas.light)
    for _ in range(22):
        colour = rng.choice(canvas.palette[1:])
        canvas.ellipse(rng.random(), rng.random(), rng.uniform(0.06, 0.26), rng.uniform(0.06, 0.26), colour)
    canvas.soften(0.02)
    for _ in range(7):
        start = (rng.random(), rng.random())
        points = [start]
        angle = rng.uniform(0, 6.3)
        for _ in range(14):
            angle += rng.uniform(-0.5, 0.5)
            points.append((points[-1][0] + 0.035 * math.cos(angle), points[-1][1] + 0.035 * math.sin(angle)))
        canvas.line(
            points, rng.uniform(0.004, 0.016), rng.choice((canvas.ground, canvas.accent, canvas.light))
        )


def draw_flames(canvas: Canvas) -> None:
    """Tongues of fire, one inside the other, with sparks."""
    rng = canvas.rng
    canvas.gradient(canvas.ground, blend(canvas.ground, canvas.deep, 0.7))
    canvas.glow(0.5, 0.95, 0.6, canvas.middle, 0.7)
    for layer, colour in enumerate(
        (canvas.deep, canvas.middle, blend(canvas.middle, canvas.light, 0.6), canvas.light)
    ):
        for tongue in range(7):
            x = 0.05 + tongue * 0.15 + rng.uniform(-0.03, 0.03)
            _tongue(canvas, x, rng.uniform(0.35, 0.7) * (1 - 0.2 * layer), 0.10 - 0.02 * layer, colour)
    for _ in range(50):
        canvas.circle(rng.random(), rng.uniform(0.05, 0.7), rng.uniform(0.001, 0.004), canvas.light)


def draw_flag(canvas: Canvas) -> None:
    """Broad hand-cut stripes with a sun in the middle."""
    rng, bands = canvas.rng, 5
    colours = (canvas.deep, canvas.middle, canvas.light, canvas.accent, canvas.ground)
    edges = [0.0, *(index / bands + rng.uniform(-0.04, 0.04) for index in range(1, bands)), 1.0]
    for colour, top, bottom in zip(colours, edges[:-1], edges[1:], strict=True):
        slope = rng.uniform(-0.03, 0.03)
        canvas.polygon(
            [(0, top - 0.04), (1, top - 0.04 + slope), (1, bottom + 0.04), (0, bottom + 0.04)], colour
        )
    for ray in range(16):
        angle = ray * 22.5
        canvas.slice(0.5, 0.45, 0.34, angle, angle + 9, canvas.light)
    canvas.circle(0.5, 0.45, 0.2, canvas.ground)
    canvas.circle(0.5, 0.45, 0.175, canvas.accent)


def draw_curtain(canvas: Canvas) -> None:
    """A stage curtain and one spotlight on an empty chair."""
    for fold in range(24):
        x = fold / 24
        for part in range(4):
            shade = (canvas.deep, blend(canvas.deep, canvas.middle, 0.5), canvas.middle, canvas.ground)[part]
            canvas.rectangle(x + part / 96, 0, x + (part + 1) / 96, 0.8, shade)
    canvas.rectangle(0, 0.78, 1, 1, canvas.ground)
    canvas.glow(0.5, 0.62, 0.34, canvas.light, 0.6)
    canvas.ellipse(0.5, 0.88, 0.24, 0.05, blend(canvas.ground, canvas.light, 0.45))
    canvas.rectangle(0.44, 0.72, 0.56, 0.74, canvas.ground)
    canvas.rectangle(0.44, 0.56, 0.455, 0.9, canvas.ground)
    canvas.rectangle(0.545, 0.74, 0.56, 0.9, canvas.ground)
    canvas.rectangle(0.44, 0.56, 0.455, 0.72, canvas.accent)


def _tile(canvas: Canvas, x: float, y: float, step: float, colour: Colour) -> None:
    corners: list[Point] = [(x, y), (x + step, y), (x + step, y + step), (x, y + step)]
    kind, turn = canvas.rng.randrange(4), canvas.rng.randrange(4)
    if kind == 0:
        corner = corners[turn]
        canvas.slice(*corner, step, 90 * turn, 90 * turn + 90, colour)
    elif kind == 1:
        canvas.circle(x + step / 2, y + step / 2, step * 0.36, colour)
    elif kind == 2:
        canvas.polygon([corner for index, corner in enumerate(corners) if index != turn], colour)
    else:
        for bar in range(3):
            canvas.rectangle(x + step * bar / 3, y, x + step * (bar + 0.5) / 3, y + step, colour)


def _head(canvas: Canvas, colour: Colour, flip: bool, size: float, hair: str) -> None:
    """A profile about (0.5, 0.42); the face looks left, or right when `flip`."""

    def place(x: float, y: float) -> Point:
        return 0.5 + (-x if flip else x) * size, 0.42 + y * size

    if hair == "afro":
        canvas.circle(*place(0.25, -0.45), size * 1.35, blend(colour, canvas.deep, 0.6))
    elif hair == "long":
        outline = [(0.3, -1.2), (0.8, -1.1), (1.3, 0.2), (1.35, 2.4), (0.3, 2.3), (0.2, 0)]
        canvas.polygon([place(*point) for point in outline], blend(colour, canvas.deep, 0.6))
    elif hair == "bun":
        canvas.circle(*place(0.75, -1.25), size * 0.45, blend(colour, canvas.deep, 0.6))
    canvas.ellipse(*place(0.25, -0.3), size * 0.95, size * 1.0, colour)
    face = [
        (-0.62, -0.65), (-0.72, -0.3), (-0.7, -0.15), (-0.98, 0.28), (-0.78, 0.36), (-0.86, 0.52),
        (-0.74, 0.6), (-0.8, 0.76), (-0.66, 1.0), (-0.35, 1.08), (-0.02, 1.0), (-0.05, 1.7),
        (-1.5, 2.2), (-1.9, 3.4),
        (2.3, 3.4), (1.9, 2.2), (0.85, 1.6), (0.8, 0.6), (0.9, -0.4),
    ]  # fmt: skip
    canvas.polygon([place(*point) for point in face], colour)


def _leaf(canvas: Canvas, root: Point, length: float, side: int, colour: Colour) -> None:
    x, y = root
    tip = (x + side * length, y - length * 0.6)
    upper = (x + side * length * 0.35, y - length * 0.65)
    lower = (x + side * length * 0.7, y - length * 0.1)
    canvas.polygon([root, upper, tip, lower], colour)


def _blossom(canvas: Canvas, centre: Point, size: float, colour: Colour) -> None:
    for petal in range(6):
        angle = petal * math.pi / 3
        canvas.circle(
            centre[0] + size * math.cos(angle), centre[1] + size * math.sin(angle), size * 0.55, colour
        )
    canvas.circle(*centre, size * 0.5, canvas.ground)


def _tongue(canvas: Canvas, x: float, height: float, width: float, colour: Colour) -> None:
    sway = canvas.rng.uniform(-0.06, 0.06)
    left, right = [], []
    for step in range(21):
        share = step / 20
        middle = x + sway * math.sin(share * 4) * share
        half = width * (1 - share) ** 0.8 * (0.7 + 0.5 * math.sin(share * math.pi))
        left.append((middle - half, 1.02 - height * share))
        right.append((middle + half, 1.02 - height * share))
    canvas.polygon([*left, *reversed(right)], colour)
