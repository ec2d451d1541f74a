"""Whoever was trained, by how a user names it: `talkplay:DIR`, `walk:DIR`, or any recommender of Python."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Any, Final

from ...agents.chair.spec import RecommenderSpec
from ...catalog.catalog import Catalog
from ...core.errors import ConfigError
from ...recommenders.dual_encoder.ranks import open_ranking
from ...recommenders.next_track.queries import TalkQuery
from ...recommenders.talkplay.scoring import TalkPlayScorer
from ...recommenders.talkplay.views import cards_of
from ...recommenders.walk.queries import ItemScorer, ScoreTable, WalkQuery
from .recommending import RecommenderScorer
from .systems import OpenScorer

_TALKPLAY: Final = "talkplay:"
_WALK: Final = "walk:"


class WalkedScorer:
    """A dual encoder of walked conversations: what was played counts as liked."""

    def __init__(self, scorer: ItemScorer) -> None:
        self._scorer = scorer

    def scores(self, queries: Sequence[TalkQuery]) -> ScoreTable:
        """See `TalkScorer`."""
        return self._scorer.scores([WalkQuery(query.said, query.heard) for query in queries])


def openers(names: Sequence[str], catalog: Catalog, seed: int = 0) -> dict[str, OpenScorer]:
    """How those of the names are opened that were trained.

    Raises:
        ConfigError: a name with a colon is no recommender's.
    """
    return {name: opener(name, catalog, seed) for name in names if ":" in name}


def opener(name: str, catalog: Catalog, seed: int = 0) -> OpenScorer:
    """How one is opened: nothing is read yet. Raises as `openers`."""
    spec = RecommenderSpec.of(name)
    if name.startswith(_WALK):
        folder, rank = Path(spec.arguments["folder"]), _only(spec, "rank").get("rank", "walk")
        return lambda task: WalkedScorer(open_ranking(folder, rank).over(task.items).scorer)
    if name.startswith(_TALKPLAY):
        return _talkplay_opener(spec, catalog)
    return lambda _: RecommenderScorer(spec, catalog, seed)


def _talkplay_opener(spec: RecommenderSpec, catalog: Catalog) -> OpenScorer:
    folder, arguments = Path(spec.arguments["folder"]), _only(spec, "decode", "beam", "shuffled")
    return lambda _: TalkPlayScorer(folder, cards_of(catalog), **arguments)


def _only(spec: RecommenderSpec, *known: str) -> dict[str, Any]:
    """The arguments besides the folder. Raises `ConfigError` for one that is not known."""
    arguments = {name: value for name, value in spec.arguments.items() if name != "folder"}
    unknown = next((each for each in arguments if each not in known), None)
    if unknown is not None:
        told = f"there {'is' if len(known) == 1 else 'are'} {' and '.join(known)}"
        raise ConfigError(f"{spec.name}: there is no argument {unknown!r} here", hint=told)
    return arguments
