"""The three JSON files of the original pipeline, for tools that read them."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from .document import conversation

ORIGINAL_FILES = ("profiling.json", "conversation_goal.json", "chat.json")


def original_files(thread_id: str, channels: Mapping[str, Any]) -> dict[str, Any]:
    """`profiling.json`, `conversation_goal.json` and `chat.json` as plain JSON.

    `chat.json` is a list of messages in order (user, music, assistant in each turn), with the listener's
    thought and label on `user` and the recsys's thought on `music` (on `assistant` where nothing was played), and a
    last `user` entry without content that holds the verdict on the last track.
    """
    document = conversation(channels)
    return {
        "profiling.json": {
            "thread_id": thread_id,
            "session_id": document["session_id"],
            "profile": document["profile"],
            "tracks": [document["tracks"][i] for i in document["profiling_tracks"]],
        },
        "conversation_goal.json": {
            "thread_id": thread_id,
            "goal": document["goal"],
            "templates": document["goal_templates"],
            "pool": [document["tracks"][i] for i in document["pool"]],
        },
        "chat.json": {"thread_id": thread_id, "messages": list(_messages(document))},
    }


def _messages(document: Mapping[str, Any]) -> list[dict[str, Any]]:
    messages: list[dict[str, Any]] = []
    for turn in document["turns"]:
        number, heard, reply = turn["turn"], turn["listener"], turn["recsys"]
        messages.append(_entry(number, "user", heard["message"], heard["thought"], heard["progress"]))
        if reply and reply["track_id"] is None:
            messages.append(_entry(number, "assistant", reply["message"], reply["thought"]))
        elif reply:
            messages.append(_entry(number, "music", reply["track_id"], reply["thought"]))
            messages.append(_entry(number, "assistant", reply["message"]))
    closing = document["closing"]
    if closing:
        number = len(document["turns"]) + 1
        messages.append(_entry(number, "user", "", closing["thought"], closing["progress"]))
    return messages


def _entry(
    turn: int, role: str, content: str, thought: str | None = None, progress: str | None = None
) -> dict[str, Any]:
    return {
        "turn_number": turn,
        "role": role,
        "content": content,
        "thought": thought,
        "goal_progress_assessment": progress,
    }
