"""Recommenders in the recsys's chair: what one needs to write one, and the contract test."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Any

from ..agents.chair.answers import ClarifyingQuestion as ClarifyingQuestion
from ..agents.chair.answers import Recommendation as Recommendation
from ..agents.chair.python_class import Recommender as Recommender
from ..agents.chair.spec import RecommenderSpec
from ..agents.chair.view import RecommenderView as RecommenderView
from ..catalog.opening import open_catalog
from ..core.settings import blaming, require_bounds
from ..evaluation.recommender_check import Checker
from ..evaluation.recommender_check import RecommenderCheck as RecommenderCheck
from ..evaluation.recommender_check import Tried as Tried
from ..runs.settings.config import RunConfig
from ..state.values import PLAY_ALONE
from .loop import blocking


async def check_recommender_async(
    recommender: str,
    *,
    catalog: str | Path | None = None,
    timeout: float = 30.0,
    actions: str | Sequence[str] = PLAY_ALONE,
) -> RecommenderCheck:
    """Try a recommender on the views of a catalogue: what it was asked, what came back, and what is wrong with it.

    Args:
        recommender: as `RunConfig.recsys` takes it.
        catalog: folder or file; the demo catalogue by default.
        timeout: seconds of a call.
        actions: what it may answer, as `RunConfig.actions` takes it.

    Raises:
        SettingError: an action is none.
        ConfigError: nobody is named so.
        InputError: the catalogue cannot be read.
    """
    require_bounds("timeout", timeout, 0.001, 86_400)
    with blaming("recsys"):
        spec = RecommenderSpec.of(recommender)
    may = RunConfig.partly({"actions": actions})["actions"]
    opened = open_catalog(None if catalog is None else str(catalog))
    return await Checker(spec, opened, timeout, may).check()


check_recommender = blocking(check_recommender_async)


def openapi() -> dict[str, Any]:
    """The OpenAPI document of what a recommender behind HTTP is sent, and may answer."""
    from ..agents.chair.openapi import document

    return document()
