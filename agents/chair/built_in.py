"""The recommenders that come with segue, by the names that `--recsys` takes. Each is imported when it is opened."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

_ROOM: Final = f"{__name__.partition('.')[0]}.recommenders"

BUILT_IN: Final[Mapping[str, str]] = {
    "bm25": f"{_ROOM}.baselines.searching:WordSearch",
    "dense": f"{_ROOM}.baselines.searching:MeaningSearch",
    "never-pivots": f"{_ROOM}.baselines.never_pivots:NeverPivots",
    "oracle": f"{_ROOM}.baselines.oracle:Oracle",
    "popularity": f"{_ROOM}.baselines.popularity:Popularity",
    "random": f"{_ROOM}.baselines.chance:Chance",
}
"""Name -> `package.module:Class`. Each is a class like a user's own; a new one needs a line here."""

TRAINED: Final[Mapping[str, str]] = {
    "talkplay": f"{_ROOM}.talkplay.recommender:TalkPlayRecommender",
    "walk": f"{_ROOM}.dual_encoder.recommender:WalkRecommender",
}
"""Name -> class of those that need the folder of a trained model, `NAME:FOLDER`, which is the argument `folder`."""

TRUTH_TELLING: Final = ("oracle",)
"""Those that read the truth about the goal, which has to be granted to them."""
