"""Layouts: in which order a prompt's parts stand, and which templates make them."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Literal

SHARED = "shared/"
"""Folder of what the shared layout has in place of others."""

SHORTLIST = "shortlist/"
"""Folder of what the recsys is sent where its pool is too large to be shown."""

SINGLE = "single/"
"""Folder of what one model is sent that writes a whole conversation."""

Layout = Literal["own", "shared", "shortlist", "single"]
"""`own`: each agent's instructions, then its tracks. `shared`: the pool first, to the byte the same for goal and
recsys, so that a provider's cache serves both; their instructions after it. `shortlist`: as `own`, but the recsys is
shown a few tracks of its pool at the end of each question, so that all before them is the same from turn to turn.
`single`: one model writes both sides at once."""

FOREIGN: Mapping[Layout, tuple[str, ...]] = {
    "own": (SHARED, SHORTLIST, SINGLE),
    "shared": (SHORTLIST, SINGLE),
    "shortlist": (SHARED, SINGLE),
    "single": (SHARED, SHORTLIST, "goal/", "listener/", "profile/", "recsys/"),
}
"""Folders of other layouts."""

REPLACED: Mapping[Layout, tuple[str, ...]] = {
    "own": (),
    "shared": ("goal/ask.j2", "recsys/pool.j2"),
    "shortlist": ("recsys/",),
    "single": (),
}
"""What a layout has others for: templates, and folders of them."""


def elsewhere(layout: Layout) -> str:
    """What helps whose own template a layout does not use."""
    if layout == "shortlist":
        return (
            f"with a shortlist the recsys is sent the templates of {SHORTLIST}, such as shortlist/system.j2"
        )
    if layout == "single":
        return f"one model writes the whole conversation: it is sent {SINGLE}system.j2 and {SINGLE}ask.j2"
    return f"add --prompt-layout {'own' if layout == 'shared' else 'shared'}"
