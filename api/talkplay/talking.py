"""To talk with a trained model."""

from __future__ import annotations

from pathlib import Path

from ...catalog.opening import open_catalog
from ...core.settings import require_bounds
from ...recommenders.talkplay.language.trained_model import read_about
from ...recommenders.talkplay.recommender import TalkPlayRecommender
from ...recommenders.talkplay.talking import TalkAnswer as TalkAnswer
from ...recommenders.talkplay.talking import TalkPlayTalk as TalkPlayTalk
from ...recommenders.talkplay.views import cards_of


def talkplay_talk(folder: str | Path, catalog: str | Path | None = None, *, seed: int = 0) -> TalkPlayTalk:
    """A conversation with a trained model; `say` gives its answer to a message.

    Args:
        folder: that `talkplay_train` wrote.
        catalog: of the tracks that may be played; the demo catalogue by default.
        seed: of what is drawn.

    Raises:
        InputError: the folder holds no trained model, or the catalogue cannot be read.
        ConfigError: a package is missing.
    """
    require_bounds("seed", seed, 0, 2**31 - 1)
    read_about(Path(folder))
    cards = cards_of(open_catalog(None if catalog is None else str(catalog)))
    return TalkPlayTalk(TalkPlayRecommender(str(folder)), cards, seed)
