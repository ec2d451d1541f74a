from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from segue.checkpoints.store.threads import Thread
from segue.dataset.opening import open_dataset
from segue.dataset.rows import ConversationRow, ExtraRow, TrackRow
from segue.evaluation.judging.aspects import ASPECTS, TABLE, Sight, missing
from segue.evaluation.judging.sources import (
    card_of_row,
    cards_of_catalog,
    cards_of_dataset,
    case_of_row,
    cases_of_dataset,
    cases_of_threads,
)
from segue.state.values import TrackCard
from support.agents.scripted import ScriptedCalls, plain_answers
from support.state.playing import play
from support.state.states import first_state

SHARED = Path(__file__).parents[3].parent / "shared" / "data" / "talkplay2-rows"


def row(turns: int = 2, **changes: Any) -> ConversationRow:
    messages = [
        {"turn_number": n, "role": role, "content": f"{role} {n}", "thought": f"{role} thought {n}"}
        for n in range(1, turns + 1)
        for role in ("user", "music", "assistant")
    ]
    fields: dict[str, Any] = {
        "session_id": "s1",
        "conversations": messages,
        "user_profile": {"age": 30, "gender": None, "user_id": "u", "user_split": "train_warm"},
        "conversation_goal": {"category": "H", "specificity": "LH", "listener_goal": "a song by Ann"},
        "goal_progress_assessments": [
            {"turn_number": 1, "goal_progress_assessment": None},
            {"turn_number": 2, "goal_progress_assessment": "MOVES_TOWARD_GOAL"},
        ],
    }
    return {**fields, **changes}  # type: ignore[typeddict-item]


def card(track_id: str) -> TrackCard | None:
    return None if "2" in track_id else TrackCard(track_id=track_id, title=track_id, artists=("A",))


def test_a_published_row_as_a_case() -> None:
    case = case_of_row(row(), None, card, "data:x")
    one, two = case.turns
    assert (one.request, one.track_id, one.reply) == ("user 1", "music 1", "assistant 1")
    assert (one.listener_thought, one.recsys_thought) == ("user thought 1", "music thought 1")
    assert (one.label, two.label) == ("MOVES_TOWARD_GOAL", None), "the label at turn 2 judges turn 1's track"
    assert one.track and one.track.title == "music 1" and two.track is None
    assert case.profile == {"age": 30} and case.pool is None and case.profiling is None
    assert (case.topic, case.specificity, case.source) == ("H", "LH", "data:x")


def test_our_own_columns_bring_pool_and_closing_label() -> None:
    extra: ExtraRow = {
        "pool": ["music 1", "p"],
        "profiling_tracks": ["q"],
        "closing_assessment": "DOES_NOT_MOVE_TOWARD_GOAL",
        "profile": {"top_1_artist": "A"},
    }
    case = case_of_row(row(), extra, card, "data:x")
    assert [c.track_id for c in case.pool or ()] == ["music 1", "p"] and len(case.profiling or ()) == 1
    assert case.turns[1].label == "DOES_NOT_MOVE_TOWARD_GOAL" and case.profile == {"top_1_artist": "A"}
    lacking: ExtraRow = {"pool": ["music 1", "unknown 2"]}
    assert case_of_row(row(), lacking, card, "data:x").pool is None, "part of a pool is another pool"


def test_what_a_published_row_cannot_be_asked() -> None:
    case = case_of_row(row(), None, card, "data:x")
    lacking = {a.name: set(missing(a, case)) for a in TABLE if missing(a, case)}
    assert lacking == {
        "goal_plausibility": {Sight.POOL},
        "profile_appropriateness": {Sight.PROFILING},
        "modality_use": {Sight.MEDIA},
    }
    assert Sight.TRACKS in missing(ASPECTS["recommendation"], case_of_row(row(), None, lambda _: None, "d"))


def test_a_card_from_published_metadata() -> None:
    metadata: TrackRow = {
        "track_id": "t",
        "track_name": ["Song", "Song (live)"],
        "artist_name": ["A", "B"],
        "album_name": ["LP"],
        "tag_list": [f"tag {n}" for n in range(30)],
        "popularity": 12.0,
        "release_date": "1999-01-02",
    }
    found = card_of_row(metadata)
    assert found and (found.title, found.artist, found.album, len(found.tags)) == ("Song", "A, B", "LP", 10)
    assert card_of_row({"track_id": "t", "track_name": [], "artist_name": ["A"]}) is None


def test_a_catalogue_brings_clips_and_covers(tmp_path: Path) -> None:
    from segue.catalog.demo import open_demo
    from segue.catalog.media import MediaLibrary

    catalog = open_demo()
    cards = cards_of_catalog(catalog, MediaLibrary(tmp_path), ("text", "image"), card)
    found = cards(catalog.track_ids()[0])
    assert found and found.image and found.audio is None and found.lyrics
    assert cards("music 1") == card("music 1")


async def test_a_stored_conversation_as_a_case() -> None:
    channels = await play(first_state(turns=2), ScriptedCalls(plain_answers))
    thread = Thread("t1", "r", "s", {})
    [case] = cases_of_threads([thread], lambda _: channels)
    assert (case.case_id, case.source, len(case.turns)) == ("t1", "thread", 2)
    assert case.turns[0].label == "DOES_NOT_MOVE_TOWARD_GOAL" and case.turns[1].label == "MOVES_TOWARD_GOAL"
    assert case.turns[0].track and case.turns[0].track.audio and len(case.pool or ()) == 16
    assert set(case.goal or ()) == {"listener_goal", "category", "specificity"}
    assert not any(missing(a, case) for a in TABLE)
    assert list(cases_of_threads([thread], lambda _: first_state())) == [], "nothing was said yet"


def test_real_rows_in_the_published_layout(tmp_path: Path) -> None:
    source = SHARED / "talkplaydata-challenge.blind-a.excerpt.jsonl"
    if not source.exists():
        pytest.skip("shared data not present")
    dataset = open_dataset(source)
    cases = list(cases_of_dataset(dataset, cards_of_dataset(dataset)))
    lines = [json.loads(line) for line in source.read_text(encoding="utf-8").splitlines()]
    assert [case.case_id for case in cases] == [line["session_id"] for line in lines]
    assert all(case.turns[0].request for case in cases)
    applicable = [a.name for a in TABLE if not missing(a, cases[0])]
    assert "listener_message_quality" in applicable and "goal_plausibility" not in applicable
