"""The pages of a study, asked without a socket."""

from __future__ import annotations

from segue import OpenStore
from segue.api.evaluation.rating import RatingDesk
from segue.viewer.study.serving import create_study_app
from starlette.testclient import TestClient

from support.evaluation.studying import HOST

OPERATOR = "operator-secret"


def rating_pages(store: OpenStore, name: str = "pilot") -> TestClient:
    """What asks the pages as a browser would; redirects are followed."""
    app = create_study_app(RatingDesk(store, name), {HOST}, OPERATOR)
    return TestClient(app, base_url=f"http://{HOST}", headers={"origin": f"http://{HOST}"})
