"""`Canvas`: a square picture in unit coordinates, with the few strokes that the cover motifs need."""

from __future__ import annotations

import random
from collections.abc import Sequence

import numpy as np
from PIL import Image, ImageDraw, ImageFilter, ImageFont

from .palettes import Colour, Palette

# Drawn at twice the size and then reduced, which smooths the edges that Pillow draws jagged.
SIZE, SCALE = 640, 2
_SIDE = SIZE * SCALE
Point = tuple[float, float]


class Canvas:
    """A picture whose corners are (0, 0) and (1, 1); `rng` and `palette` belong to the album."""

    def __init__(self, palette: Palette, rng: random.Random) -> None:
        self.palette, self.rng = palette, rng
        self.ground, self.deep, self.middle, self.light, self.accent = palette
        self._image = Image.new("RGB", (_SIDE, _SIDE), self.ground)
        self._pen = ImageDraw.Draw(self._image)

    def gradient(self, top: Colour, bottom: Colour, until: float = 1.0) -> None:
        """Colours the picture from its top edge down to `until`."""
        rows = np.linspace(np.array(top, float), np.array(bottom, float), int(_SIDE * until))
        band = np.repeat(rows[:, None, :], _SIDE, axis=1).astype(np.uint8)
        self._image.paste(Image.fromarray(band), (0, 0))

    def polygon(self, points: Sequence[Point], colour: Colour) -> None:
        self._pen.polygon([(x * _SIDE, y * _SIDE) for x, y in points], fill=colour)

    def circle(self, x: float, y: float, radius: float, colour: Colour) -> None:
        self.ellipse(x, y, radius, radius, colour)

    def ellipse(self, x: float, y: float, width: float, height: float, colour: Colour) -> None:
        """An ellipse about (x, y) with half axes `width` and `height`."""
        box = [(x - width) * _SIDE, (y - height) * _SIDE, (x + width) * _SIDE, (y + height) * _SIDE]
        self._pen.ellipse(box, fill=colour)

    def ring(self, x: float, y: float, radius: float, thickness: float, colour: Colour) -> None:
        box = [(x - radius) * _SIDE, (y - radius) * _SIDE, (x + radius) * _SIDE, (y + radius) * _SIDE]
        self._pen.ellipse(box, outline=colour, width=max(1, round(thickness * _SIDE)))

    def rectangle(self, left: float, top: float, right: float, bottom: float, colour: Colour) -> None:
        self._pen.rectangle([left * _SIDE, top * _SIDE, right * _SIDE, bottom * _SIDE], fill=colour)

    def line(self, points: Sequence[Point], thickness: float, colour: Colour) -> None:
        places = [(x * _SIDE, y * _SIDE) for x, y in points]
        self._pen.line(places, fill=colour, width=max(1, round(thickness * _SIDE)), joint="curve")

    def slice(self, x: float, y: float, radius: float, start: float, end: float, colour: Colour) -> None:
        """A slice of a disc; angles in degrees, clockwise from three o'clock."""
        box = [(x - radius) * _SIDE, (y - radius) * _SIDE, (x + radius) * _SIDE, (y + radius) * _SIDE]
        self._pen.pieslice(box, start, end, fill=colour)

    def glow(self, x: float, y: float, radius: float, colour: Colour, strength: float = 0.7) -> None:
        """Soft light about a point."""
        axis = np.linspace(0, 1, _SIDE // 8)
        distance = np.hypot(axis[None, :] - x, axis[:, None] - y) / radius
        mask = (255 * strength * np.exp(-(distance**2) * 2)).astype(np.uint8)
        large = Image.fromarray(mask).resize((_SIDE, _SIDE), Image.Resampling.BILINEAR)
        self._image.paste(Image.new("RGB", (_SIDE, _SIDE), colour), (0, 0), large)

    def soften(self, radius: float) -> None:
        """Blurs what is drawn so far; `radius` as a share of the side."""
        small = self._image.resize((_SIDE // 4, _SIDE // 4), Image.Resampling.BILINEAR)
        blurred = small.filter(ImageFilter.GaussianBlur(radius * _SIDE / 4))
        self._image.paste(blurred.resize((_SIDE, _SIDE), Image.Resampling.BICUBIC))

    def text(self, words: str, x: float, y: float, height: float, colour: Colour, anchor: str = "la") -> None:
        """Words with letters `height` high, smaller where there is less room; `anchor` as in Pillow."""
        font = ImageFont.load_default(height * _SIDE)
        room = {"l": 0.94 - x, "m": 0.9, "r": x - 0.06}[anchor[0]]
        width = font.getlength(words) / _SIDE
        if width > room:
            font = ImageFont.load_default(height * _SIDE * room / width)
        self._pen.text((x * _SIDE, y * _SIDE), words, font=font, fill=colour, anchor=anchor)

    def finish(self, grain: float) -> Image.Image:
        """The picture at its final size, with photographic grain of that strength (0 to 1)."""
        picture = self._image.resize((SIZE, SIZE), Image.Resampling.LANCZOS)
        if grain:
            noise = np.random.default_rng(self.rng.getrandbits(32)).normal(0, 22 * grain, (SIZE, SIZE, 1))
            picture = Image.fromarray(np.clip(np.asarray(picture) + noise, 0, 255).astype(np.uint8))
        return picture
