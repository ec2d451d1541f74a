"""A catalogue's tracks with other sessions."""

from __future__ import annotations

import pytest
from segue.catalog.catalog import Catalog
from segue.catalog.opening import open_catalog
from segue.catalog.session import ListeningSession
from segue.catalog.with_sessions import CatalogWithSessions
from segue.core.errors import CatalogError


def session(name: str, *track_ids: str) -> ListeningSession:
    return ListeningSession(session_id=name, user_id=name, origin="simulated", track_ids=track_ids)


def test_sessions_are_the_given_ones_and_all_else_the_catalogue_s() -> None:
    demo = open_catalog(None)
    first, second, third = demo.track_ids()[:3]
    made = CatalogWithSessions(demo, [session("a", first, second, third), session("b", first, first)], "made")
    assert isinstance(made, Catalog)
    assert made.session_ids() == ["a", "b"] and made.session_ids(min_tracks=2) == ["a"]
    assert made.session("b").track_ids == (first, first)
    assert made.track_ids() == demo.track_ids() and made.track(second) == demo.track(second)
    assert made.coverage() == demo.coverage()
    with pytest.raises(CatalogError, match="no session 'c'"):
        made.session("c")


def test_its_digest_changes_with_its_sessions_and_with_the_catalogue_s() -> None:
    demo = open_catalog(None)
    first, second = demo.track_ids()[:2]
    one, other = (CatalogWithSessions(demo, [session("a", each)], "made") for each in (first, second))
    assert len({demo.digest, one.digest, other.digest}) == 3
    assert one.digest == CatalogWithSessions(demo, [session("a", first)], "of another name").digest
