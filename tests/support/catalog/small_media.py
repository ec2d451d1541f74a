"""A clip and a cover, as small as media can be."""

from __future__ import annotations

import io

import numpy as np
import soundfile
from PIL import Image


def clip_bytes() -> bytes:
    out = io.BytesIO()
    tone = np.sin(np.arange(3 * 8000) / 9).astype("float32") / 2
    soundfile.write(out, tone, 8000, format="MP3", subtype="MPEG_LAYER_III")
    return out.getvalue()


def cover_bytes() -> bytes:
    out = io.BytesIO()
    Image.new("RGB", (300, 300), "teal").save(out, "JPEG")
    return out.getvalue()
