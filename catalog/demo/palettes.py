"""The colours of the covers: named palettes, each from its ground to its brightest accent."""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType

Colour = tuple[int, int, int]
Palette = tuple[Colour, ...]


def _colours(text: str) -> Palette:
    values = (int(word, 16) for word in text.split())
    return tuple((value >> 16, value >> 8 & 255, value & 255) for value in values)


# Five colours each: ground, deep, middle, light, accent.
PALETTES: Mapping[str, Palette] = MappingProxyType(
    {
        name: _colours(text)
        for name, text in {
            "moss": "20302a 3d5a45 7d9471 dcd9bd c9763f",
            "forest": "12261e 1f4a36 4f8a5b e3e8c8 e0b13c",
            "rust": "2b1a17 6b2f22 b5562f ecd9b8 2f7f86",
            "dusk": "231a3c 5b3470 c2567a f6c49a ffe9c7",
            "ice": "0f2233 335d78 8db6c9 eef5f7 d9483b",
            "ink": "10131c 26304a 5c6b8f dfe3ea e8b04b",
            "mono": "141414 3a3a3a 8a8a8a efefef c8102e",
            "ember": "1c0f10 6e1a17 d1432b f6c667 fff1d0",
            "sand": "4a3728 9a6f4a d9b382 f6ead3 2c6e73",
            "teal": "06282d 0e5a62 35a3a0 d8f0e6 ff7a59",
            "noir": "08080c 1c1e2b 4a4d63 c9c6bd e5b93c",
            "citrus": "173f35 f26b21 f9b234 fff3d6 d7263d",
            "violet": "160b33 3b1e73 8a4fd0 e7d3ff ffce4f",
            "plum": "24102b 57204f a2457f f1cfd8 7fb7a4",
            "neon": "0b0620 2b0f54 ff2e88 21e6f2 fdf75e",
            "ocean": "071d3b 0f4c81 3f8fc4 d7ecf6 ffb238",
            "rose": "3a1522 8c2f4b d9778a fbe4e0 3e6f73",
            "candy": "2d1b69 ff5fa2 ff9f68 fff5e1 2ec4e6",
            "gold": "2a1c08 6f4a12 c8922b f7e6bd 8c1c13",
            "tropic": "06323a 0a8f7b f5a623 fff4d9 ef3e5b",
        }.items()
    }
)


def blend(one: Colour, other: Colour, share: float) -> Colour:
    """`one` with `share` (0 to 1) of `other` mixed in."""
    red, green, blue = (round(a + (b - a) * share) for a, b in zip(one, other, strict=True))
    return red, green, blue
