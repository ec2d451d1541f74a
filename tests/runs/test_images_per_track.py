"""Several pictures of a track: from the catalogue to the request, and nothing of it where one is asked for."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import pytest
from PIL import Image
from segue.agents.rendering import render_request
from segue.catalog.catalog import MediaKind
from segue.catalog.media import MediaLibrary
from segue.catalog.session import ListeningSession
from segue.catalog.track import MediaRef, Track
from segue.models.offline.blocks import parse_blocks
from segue.prompts.parts import Media
from segue.runs.preparation.first_states import Preparation
from segue.state.values import Agent
from segue.state.views import ProfileView, build_view
from support.runs.staging import Staged, catalog, prompts, session

COLOURS = ("red", "green", "blue")


class Sleeves:
    """The demo's sessions; every track has the same front, back and inside of a sleeve."""

    name, source, digest = "sleeves", "a test", "sleeves"

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        for colour in COLOURS:
            Image.new("RGB", (40, 40), colour).save(folder / f"{colour}.png")

    def session(self, session_id: str) -> ListeningSession:
        found: ListeningSession = catalog().session(session_id)
        return found

    def session_ids(self, *, min_tracks: int = 1) -> Sequence[str]:
        return tuple(catalog().session_ids(min_tracks=min_tracks))

    def track_ids(self) -> Sequence[str]:
        return tuple(catalog().track_ids())

    def track(self, track_id: str) -> Track:
        front, *others = (MediaRef(path=f"{colour}.png") for colour in COLOURS)
        found: Track = catalog().track(track_id)
        return found.model_copy(update={"cover": front, "images": tuple(others)})

    def media_path(self, track: Track, kind: MediaKind) -> Path | None:
        return None if track.cover is None or kind == "audio" else self.folder / track.cover.path

    def coverage(self) -> dict[str, int]:
        return {"track_name": 1, "cover": 1}


def first_view(made: Staged, folder: Path, images: int) -> ProfileView:
    """The profile agent's view, which shows pictures, of a run with that many pictures of a track."""
    shown = {**dict.fromkeys(Agent, ("text",)), Agent.PROFILE: ("text", "image")}
    plan = made.plan(modalities=shown, images_per_track=images)
    preparation = Preparation(plan, Sleeves(folder), MediaLibrary(folder / "media"), prompts())
    view = build_view(Agent.PROFILE, preparation.first_state(session(0)))
    assert isinstance(view, ProfileView)
    return view


def pictures(view: ProfileView) -> list[str]:
    """Digests of the pictures in the request, in order."""
    request = render_request(prompts(), view, "json")
    return [p.medium.digest for m in request.messages for p in m.parts if isinstance(p, Media)]


@pytest.mark.parametrize(("asked", "shown"), [(1, 1), (2, 2), (3, 3), (8, 3)])
def test_as_many_pictures_are_shown_as_are_asked_for_and_there(
    made: Staged, tmp_path: Path, asked: int, shown: int
) -> None:
    view = first_view(made, tmp_path, asked)
    digests = pictures(view)
    assert len(digests) == shown * len(view.tracks) and len(set(digests)) == shown
    for card in view.tracks:
        assert (card.images is None) == (shown == 1) and len(card.images or ()) == shown - 1


def test_one_picture_leaves_state_and_fingerprint_as_they_were(made: Staged, tmp_path: Path) -> None:
    (card, *_) = first_view(made, tmp_path, 1).tracks
    assert "images" not in card.to_json()
    assert "images_per_track" not in made.plan(images_per_track=1).canonical()
    assert made.plan(images_per_track=2).run_id != made.plan().run_id


def test_agents_that_are_shown_no_pictures_get_none(made: Staged, tmp_path: Path) -> None:
    shown = {**dict.fromkeys(Agent, ("text",)), Agent.RECSYS: ("text", "image")}
    plan = made.plan(modalities=shown, images_per_track=3)
    preparation = Preparation(plan, Sleeves(tmp_path), MediaLibrary(tmp_path / "media"), prompts())
    view = build_view(Agent.PROFILE, preparation.first_state(session(0)))
    assert isinstance(view, ProfileView) and all(c.images is None and c.image is None for c in view.tracks)


def test_the_offline_model_reads_a_prompt_with_several_pictures(made: Staged, tmp_path: Path) -> None:
    request = render_request(prompts(), first_view(made, tmp_path, 3), "json")
    blocks = [b for m in request.messages for top in parse_blocks(m.text) for b in top.walk()]
    tracks = [block for block in blocks if block.name == "track"]
    assert tracks and all(block.fields["picture_2"] is True for block in tracks)
    assert all(block.fields["picture_3"] is True for block in tracks)


def test_how_clips_are_cut_is_part_of_the_plan_where_they_are_heard(made: Staged) -> None:
    heard = {**dict.fromkeys(Agent, ("text",)), Agent.LISTENER: ("text", "audio")}
    assert "clip_version" in made.plan(modalities=heard).canonical()
    assert "clip_version" not in made.plan(modalities=dict.fromkeys(Agent, ("text", "image"))).canonical()
