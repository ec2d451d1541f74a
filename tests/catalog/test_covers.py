"""Prepared pictures: square, small, RGB, however they were kept."""

from __future__ import annotations

import io
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from PIL import Image
from segue.catalog.catalog import MediaKind
from segue.catalog.media import MediaLibrary
from segue.catalog.track import MediaRef, Track
from segue.core.errors import CatalogError
from support.catalog.media_folder import Folder, picture, prepare, track


@pytest.mark.parametrize("mode", ["RGBA", "P", "L", "CMYK"])
def test_pictures_of_every_mode_become_rgb(tmp_path: Path, mode: str) -> None:
    path = tmp_path / ("c.tiff" if mode == "CMYK" else "c.png")
    library = MediaLibrary(tmp_path / "media")
    cover = prepare(library, Folder(cover=picture(path, (90, 200), mode)), "image")["image"]
    assert cover is not None
    with Image.open(io.BytesIO(library.read(cover.digest))) as image:
        assert (image.size, image.mode) == ((300, 300), "RGB")


def test_transparent_parts_become_white(tmp_path: Path) -> None:
    Image.new("RGBA", (50, 50), (0, 0, 0, 0)).save(tmp_path / "c.png")
    library = MediaLibrary(tmp_path / "media")
    cover = prepare(library, Folder(cover=tmp_path / "c.png"), "image")["image"]
    assert cover is not None
    with Image.open(io.BytesIO(library.read(cover.digest))) as image:
        assert image.getpixel((150, 150)) == (255, 255, 255)


def test_of_a_moving_picture_the_first_frame_is_the_cover(tmp_path: Path) -> None:
    frames = [Image.new("RGB", (60, 60), colour) for colour in ("red", "blue", "green")]
    frames[0].save(tmp_path / "c.gif", save_all=True, append_images=frames[1:], duration=50)
    library = MediaLibrary(tmp_path / "media")
    cover = prepare(library, Folder(cover=tmp_path / "c.gif"), "image")["image"]
    assert cover is not None
    with Image.open(io.BytesIO(library.read(cover.digest))) as image:
        red, green, blue = image.getpixel((150, 150))  # type: ignore[misc]
    assert red > 200 and green < 50 and blue < 50


def test_deep_grey_pictures_keep_their_shades(tmp_path: Path) -> None:
    shades = np.tile(np.linspace(0, 65_535, 400).astype(np.uint16), (400, 1))
    Image.fromarray(shades).save(tmp_path / "c.png")
    library = MediaLibrary(tmp_path / "media")
    cover = prepare(library, Folder(cover=tmp_path / "c.png"), "image")["image"]
    assert cover is not None
    with Image.open(io.BytesIO(library.read(cover.digest))) as image:
        row = np.asarray(image.convert("L"))[150]
    assert row[5] < 20 and 110 < row[150] < 145 and row[295] > 235


def test_a_large_picture_is_reduced_and_an_enormous_one_refused(tmp_path: Path) -> None:
    library = MediaLibrary(tmp_path / "media")
    large = prepare(library, Folder(cover=picture(tmp_path / "c.jpg", (4000, 2500))), "image")["image"]
    assert large is not None and len(library.read(large.digest)) < 64_000
    Image.new("1", (20_000, 9_000)).save(tmp_path / "d.png")
    with pytest.raises(CatalogError, match=r"d\.png.*'t-1'.*cannot be read as a picture"):
        prepare(library, Folder(cover=tmp_path / "d.png"), "image")


def test_pictures_beyond_the_cover_are_prepared_in_their_order(tmp_path: Path) -> None:
    class Sleeves(Folder):
        def media_path(self, track: Track, kind: MediaKind) -> Path | None:
            return None if track.cover is None else tmp_path / track.cover.path

    for name, colour in (("front.png", "red"), ("back.png", "blue"), ("band.png", "green")):
        Image.new("RGB", (50, 50), colour).save(tmp_path / name)
    refs = tuple(MediaRef(path=name) for name in ("back.png", "band.png"))
    one = track().model_copy(update={"cover": MediaRef(path="front.png"), "images": refs})
    library = MediaLibrary(tmp_path / "media")
    catalog: Any = Sleeves()
    both = library.prepare_images(catalog, one, 5)
    assert len(both) == 2 and library.prepare_images(catalog, one, 1) == both[:1]
    assert library.prepare_images(catalog, track(), 3) == ()
    with Image.open(io.BytesIO(library.read(both[0].digest))) as image:
        assert image.getpixel((9, 9))[2] > 200  # type: ignore[index]
