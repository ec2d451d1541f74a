"""Album covers: a motif in the album's palette, with the names of the album and its artist set on it."""

from __future__ import annotations

import io
import unicodedata
from collections.abc import Callable, Mapping
from types import MappingProxyType

from PIL import Image

from ...core.errors import CatalogError
from ...core.random import stream
from . import cover_figures, cover_scenes
from .canvas import Canvas
from .entries import AlbumEntry
from .palettes import PALETTES, Colour

_MOTIFS: Mapping[str, Callable[[Canvas], None]] = MappingProxyType(
    {
        "landscape": cover_scenes.draw_landscape,
        "moonsea": cover_scenes.draw_moonsea,
        "city": cover_scenes.draw_city,
        "citysun": cover_scenes.draw_citysun,
        "road": cover_scenes.draw_road,
        "desert": cover_scenes.draw_desert,
        "rain": cover_scenes.draw_rain,
        "waves": cover_scenes.draw_waves,
        "cosmic": cover_scenes.draw_cosmic,
        "geometric": cover_figures.draw_geometric,
        "opart": cover_figures.draw_opart,
        "portrait": cover_figures.draw_portrait,
        "botanical": cover_figures.draw_botanical,
        "abstract": cover_figures.draw_abstract,
        "flames": cover_figures.draw_flames,
        "flag": cover_figures.draw_flag,
        "curtain": cover_figures.draw_curtain,
    }
)
# Printed grain by decade; later covers are clean.
_GRAIN: Mapping[int, float] = MappingProxyType({1960: 0.6, 1970: 0.5, 1980: 0.25, 1990: 0.2})
# Pillow's built-in typeface has the letters of English only; these have no decomposition that drops to one.
_PLAIN = str.maketrans({"ł": "l", "Ł": "L", "ø": "o", "Ø": "O", "ı": "i", "ß": "ss", "æ": "ae", "đ": "d"})


def draw(album: AlbumEntry) -> bytes:
    """The cover of `album`: a JPEG file, 640 x 640; the same bytes every time."""
    file = io.BytesIO()
    picture(album).save(file, "JPEG", quality=88)
    return file.getvalue()


def picture(album: AlbumEntry) -> Image.Image:
    """The cover of `album`, 640 x 640, RGB.

    Raises:
        CatalogError: when the album names a motif or palette that does not exist.
    """
    if album.palette not in PALETTES:
        raise CatalogError(f"album {album.title!r} has no palette {album.palette!r}", field="palette")
    canvas = Canvas(PALETTES[album.palette], stream("demo-cover", album.album_id))
    if album.motif == "typographic":
        cover_figures.draw_typographic(
            canvas, "".join(word[0] for word in _plain(album.title).upper().split())
        )
    elif album.motif in _MOTIFS:
        _MOTIFS[album.motif](canvas)
    else:
        raise CatalogError(f"album {album.title!r} has no motif {album.motif!r}", field="cover motif")
    _letter(canvas, album)
    return canvas.finish(_GRAIN.get(album.released.year // 10 * 10, 0.0))


def _letter(canvas: Canvas, album: AlbumEntry) -> None:
    """A band of the ground colour with both names, at the foot or the head of the picture."""
    head = canvas.rng.random() < 0.35 and album.motif in {
        "waves",
        "landscape",
        "geometric",
        "opart",
        "abstract",
    }
    top = 0.0 if head else 0.86
    canvas.rectangle(0, top, 1, top + 0.14, canvas.ground)
    first, second = _plain(album.artist.name).upper(), _plain(album.title)
    canvas.text(first, 0.05, top + 0.025, 0.045, _readable(canvas))
    canvas.text(second, 0.05, top + 0.082, 0.036, canvas.light)


def _readable(canvas: Canvas) -> Colour:
    """The accent where it is light enough to be read on the ground, else the light colour."""
    return canvas.accent if _brightness(canvas.accent) - _brightness(canvas.ground) > 90 else canvas.light


def _brightness(colour: Colour) -> float:
    """Luma of ITU-R BT.601, 0 to 255."""
    red, green, blue = colour
    return 0.299 * red + 0.587 * green + 0.114 * blue


def _plain(text: str) -> str:
    decomposed = unicodedata.normalize("NFKD", text.translate(_PLAIN))
    return "".join(letter for letter in decomposed if not unicodedata.combining(letter))
