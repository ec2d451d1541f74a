"""`open_recommender`: from a `RecommenderSpec` to what can be asked."""

from __future__ import annotations

from .caller import Occupant
from .http_server import HttpRecommender
from .python_class import PythonRecommender
from .spec import RecommenderSpec


def open_recommender(spec: RecommenderSpec) -> Occupant:
    """The recommender, ready to be asked. A server is not asked yet.

    Raises:
        ModelSetupError: its class cannot be imported or made, or is no recommender.
    """
    return HttpRecommender(spec) if spec.kind == "http" else PythonRecommender(spec)
