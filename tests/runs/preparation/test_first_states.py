"""From a session to the first state: everything sampled, everything shown, nothing made up."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from segue.catalog.catalog import MediaKind
from segue.catalog.media import MediaLibrary
from segue.catalog.session import ListeningSession
from segue.catalog.track import Track
from segue.core.errors import CatalogError, InputError, MissingMediaError, NotFoundError
from segue.runs.preparation.first_states import Preparation
from segue.state.channels import ConversationState
from segue.state.values import MAX_TAGS, Agent
from support.runs.staging import Staged, catalog, prompts, session


def prepared(made: Staged, **changes: Any) -> Preparation:
    return Preparation(made.plan(**changes), catalog(), made.media, prompts())


def test_the_first_state_has_every_channel_but_those_of_agents_to_come(made: Staged) -> None:
    state = prepared(made).first_state(session(0))
    channels = {*ConversationState.__annotations__, "truth", "verdicts"}
    assert set(state) == channels - {"profile", "goal", "shortlists"}
    assert json.loads(json.dumps(state)) == state, "plain JSON types only"
    assert state["setup"]["session_id"] == session(0) and state["setup"]["turns"] == 8
    assert state["messages"] == state["listener_notes"] == state["recsys_notes"] == state["directions"] == []


def test_tracks_come_from_the_session_each_in_one_role(made: Staged) -> None:
    state = prepared(made).first_state(session(0))
    own, pool = state["profiling_ids"], state["pool_ids"]
    assert len(own) == 5 and 16 <= len(pool) <= 32
    assert len({*own, *pool}) == len(own) + len(pool)
    assert {*own, *pool} <= set(catalog().session(session(0)).track_ids)
    assert set(state["tracks"]) == {*own, *pool}


def test_what_is_known_of_the_user_is_taken_over_and_no_more(made: Staged) -> None:
    known = catalog().session(session(0))
    facts = prepared(made).first_state(session(0))["demographics"]
    assert facts["age"] == known.age and facts["country_name"] == known.country_name
    assert known.user_id not in json.dumps(facts)


def test_it_depends_on_seed_and_session_alone(made: Staged) -> None:
    first = prepared(made).first_state(session(0))
    prepared(made).first_state(session(1))
    assert prepared(made).first_state(session(0)) == first
    other = prepared(made, seed=1).first_state(session(0))
    assert other["profiling_ids"] != first["profiling_ids"]
    assert prepared(made).first_state(session(1))["pool_ids"] != first["pool_ids"]


def test_the_plan_s_sizes_are_heeded(made: Staged) -> None:
    state = prepared(made, pool_size=17, turns=3, lyrics_chars=10).first_state(session(0))
    assert len(state["pool_ids"]) == 17 and state["setup"]["turns"] == 3
    lyrics = [card["lyrics"] for card in state["tracks"].values() if card.get("lyrics")]
    assert lyrics and all(len(words) <= 10 for words in lyrics)
    silent = prepared(made, lyrics_chars=0).first_state(session(0))
    assert not [card for card in silent["tracks"].values() if card.get("lyrics")]


def test_cards_say_what_the_catalogue_says(made: Staged) -> None:
    for track_id, card in prepared(made).first_state(session(0))["tracks"].items():
        track = catalog().track(track_id)
        assert (card["title"], tuple(card["artists"])) == (track.title, track.artist_name)
        assert tuple(card["tags"]) == track.tag_list[:MAX_TAGS]
        assert "audio" not in card and "image" not in card, "text was asked for, and nothing else"


def test_a_session_that_is_too_small_or_not_there_is_refused(made: Staged) -> None:
    with pytest.raises(InputError, match="distinct tracks; 905 are needed"):
        prepared(made, pool_size=900).first_state(session(0))
    with pytest.raises((NotFoundError, CatalogError, KeyError), match="nobody"):
        prepared(made).first_state("nobody__1999-01-01")


class Bare:
    """The demo catalogue's sessions, with tracks that have neither clip nor cover, nor anything but names."""

    name, source, digest = "bare", "a test", "bare"

    def session_ids(self, *, min_tracks: int = 1) -> tuple[str, ...]:
        return tuple(catalog().session_ids(min_tracks=min_tracks))

    def session(self, session_id: str) -> ListeningSession:
        found: ListeningSession = catalog().session(session_id)
        return found

    def track(self, track_id: str) -> Track:
        found = catalog().track(track_id)
        return Track(track_id=found.track_id, track_name=found.track_name, artist_name=found.artist_name)

    def track_ids(self) -> tuple[str, ...]:
        return tuple(catalog().track_ids())

    def media_path(self, track: Track, kind: MediaKind) -> Path | None:
        return None

    def coverage(self) -> dict[str, int]:
        return {"track_name": len(self.track_ids())}


def bare(made: Staged, *, allow: bool) -> Preparation:
    shown = {**dict.fromkeys(Agent, ("text",)), Agent.RECSYS: ("text", "audio", "image")}
    plan = made.plan(modalities=shown)
    return Preparation(plan, Bare(), MediaLibrary(Path()), prompts(), allow_missing_media=allow)


def test_a_medium_that_was_asked_for_and_is_not_there_stops_the_conversation(made: Staged) -> None:
    with pytest.raises(MissingMediaError, match="has no audio and no image") as caught:
        bare(made, allow=False).first_state(session(0))
    assert caught.value.place is not None and caught.value.place.turn == 0
    assert "--allow-missing-media" in str(caught.value)


def test_what_is_absent_stays_absent_when_that_is_allowed(made: Staged) -> None:
    state = bare(made, allow=True).first_state(session(0))
    assert all(
        set(card) == {"track_id", "title", "artists", "tags", "chords"} for card in state["tracks"].values()
    )
