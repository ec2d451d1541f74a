"""Stored threads as a data set: which are in, what they are called, and what each field holds."""

from __future__ import annotations

import pytest
from segue.dataset.data_set import conversations_of
from segue.dataset.row_check import check_row
from segue.dataset.splitting import Splitting
from segue.dataset.threads import dataset_of
from segue.state.document import conversation
from support.runs.staging import catalog, session

from .conftest import TURNS, Finished


def test_done_conversations_are_in_and_altered_ones_only_when_asked_for(finished: Finished) -> None:
    plain = dataset_of(*finished.stored)
    expected = [t.thread_id for t in (*finished.trunks, finished.branch)]
    assert list(plain.thread_ids.values()) == expected
    assert dict(plain.splits) == {"train": 5}
    assert (
        finished.altered.thread_id in dataset_of(*finished.stored, include_altered=True).thread_ids.values()
    )
    trunks = dataset_of(*finished.stored, branches=False)
    assert list(trunks.thread_ids.values()) == expected[:-1]
    only = dataset_of(*finished.stored, run=finished.altered.run_id[:6], include_altered=True)
    assert list(only.thread_ids.values()) == [finished.altered.thread_id]


def test_the_first_on_a_session_bears_its_id_and_others_their_threads_as_well(finished: Finished) -> None:
    names = list(dataset_of(*finished.stored).thread_ids)
    assert names[0] == session(0)
    assert names[-1] == f"{session(0)}__{finished.branch.thread_id}"
    assert len(set(names)) == len(names)


def test_a_row_holds_what_the_state_holds(finished: Finished) -> None:
    trunk = finished.trunks[0]
    document = conversation(finished.stored[0].state(trunk))
    row = next(dataset_of(*finished.stored, splitting=Splitting()).rows())
    user, day = session(0).split("__")
    assert (row["session_id"], row["user_id"], row["session_date"]) == (session(0), user, day)
    assert [m["role"] for m in row["conversations"]] == ["user", "music", "assistant"] * TURNS
    for number, turn in enumerate(document["turns"]):
        asked, music, said = row["conversations"][3 * number : 3 * number + 3]
        assert (asked["content"], asked["thought"]) == (
            turn["listener"]["message"],
            turn["listener"]["thought"],
        )
        assert (music["content"], music["thought"]) == (turn["recsys"]["track_id"], turn["recsys"]["thought"])
        assert (said["content"], said["thought"]) == (turn["recsys"]["message"], None)
        label = row["goal_progress_assessments"]
        assert label is not None
        assert label[number] == {
            "turn_number": number + 1,
            "goal_progress_assessment": turn["listener"]["progress"],
        }
    first = row["goal_progress_assessments"]
    assert first is not None and first[0]["goal_progress_assessment"] is None
    goal = row["conversation_goal"]
    assert goal == {name: document["goal"][name] for name in ("category", "specificity", "listener_goal")}
    profile = row["user_profile"]
    assert profile is not None and profile["user_split"] == "train_warm" and profile["user_id"] == user
    assert profile["country_code"] == catalog().session(session(0)).country_code
    assert check_row(row) == row


def test_users_are_warm_or_cold_by_what_training_knows(finished: Finished) -> None:
    data = dataset_of(*finished.stored, splitting=Splitting())
    kinds = {
        (split, (row.get("user_profile") or {}).get("user_split"), row["session_date"] >= "2019-01-01")
        for split, row, _ in conversations_of(data)
    }
    assert kinds == {("train", "train_warm", False), ("test", "test_warm", True)}
    assert dict(data.splits) == {"train": 4, "test": 1}


def test_extras_hold_what_the_schema_leaves_out(finished: Finished) -> None:
    data = dataset_of(*finished.stored)
    document = conversation(finished.stored[0].state(finished.trunks[0]))
    extra = data.extras()[session(0)]
    assert extra["thread_id"] == finished.trunks[0].thread_id and extra["parent"] is None
    assert extra["pool"] == document["pool"] and extra["profiling_tracks"] == document["profiling_tracks"]
    assert extra["target_turn_count"] == document["goal"]["target_turn_count"]
    assert extra["listener_thoughts"] == [turn["listener"]["thought"] for turn in document["turns"]]
    assert extra["recsys_thoughts"] == [turn["recsys"]["thought"] for turn in document["turns"]]
    assert extra["closing_assessment"] == document["closing"]["progress"]
    assert {m["agent"]: m["model"] for m in extra["models"]} == dict.fromkeys(
        ("profile", "goal", "listener", "recsys"), "offline"
    )
    calls = {u["agent"]: u["calls"] for u in extra["usage"]}
    assert calls == {"profile": 1, "goal": 1, "listener": TURNS + 1, "recsys": TURNS}
    assert extra["cost_usd"] == 0 and extra["absent"] == [] and not extra["altered"]
    assert {t["name"] for t in extra["template_digests"]} >= {"recsys/turn.j2", "listener/open.j2"}
    branch = data.extras()[f"{session(0)}__{finished.branch.thread_id}"]
    assert branch["parent"] == finished.trunks[0].thread_id and branch["fork_turn"] == 2


def test_tracks_are_those_of_pools_and_profiles_whole_from_the_catalogue(finished: Finished) -> None:
    shown = dataset_of(*finished.stored).tracks()
    whole = dataset_of(*finished.stored, catalog=catalog()).tracks()
    named = {track_id for trunk in finished.trunks for track_id in finished.stored[0].state(trunk)["tracks"]}
    assert shown.keys() == whole.keys() == named
    track = catalog().track(sorted(named)[0])
    assert whole[track.track_id]["duration"] == track.duration
    assert "duration" not in shown[track.track_id]
    assert shown[track.track_id]["track_name"] == [track.title]
    assert "lyrics" not in whole[track.track_id]


def test_users_are_listed_once(finished: Finished) -> None:
    users = dataset_of(*finished.stored).users()
    assert set(users) == {session(n).split("__")[0] for n in (0, 3)}
    assert users[session(0).split("__")[0]]["age"] == catalog().session(session(0)).age


@pytest.mark.parametrize("split", ["train", "test"])
def test_one_split_alone_can_be_read(finished: Finished, split: str) -> None:
    data = dataset_of(*finished.stored, splitting=Splitting())
    assert len(list(data.rows(split))) == data.splits[split]
