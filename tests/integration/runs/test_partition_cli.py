"""The partition as seen from outside: what arrives at the provider, when segue is run as users run it."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from support.command import Command
from support.gemini.answerers import offline_answerer
from support.gemini.server import GeminiServer
from support.gemini.wire import Ask

GEMINI = ("--model", "google_genai:gemini-2.5-flash", "--turns", 4, "--json")
KEY = {"GOOGLE_API_KEY": "test"}


def agent_of(ask: Ask) -> str:
    """Whose question it is, told from the fields of the answer that is asked for."""
    fields = set((ask.schema or {})["properties"])
    marks = {"recsys": "track_id", "goal": "listener_goal", "profile": "top_1_artist"}
    return next((agent for agent, mark in marks.items() if mark in fields), "listener")


def sent(server: GeminiServer, agent: str) -> str:
    """All text that was sent for `agent`, letters and digits alone: no quoting can hide a value."""
    texts = (text for ask in server.asks if agent_of(ask) == agent for text in ask.texts)
    return plain("\n".join(texts).replace("\\n", "\n"))


def plain(text: str) -> str:
    return "".join(c for c in text.casefold() if c.isalnum())


def private(document: dict[str, Any]) -> dict[str, list[str]]:
    """Who thought or wanted what, in the document of `show --json`."""
    turns, goal = document["turns"], document["goal"]
    examples = [*goal["initial_examples"], *goal["iteration_examples"], *goal["achieved_examples"]]
    return {
        "goal": [goal["listener_goal"], *examples],
        "listener": [turn["listener"]["thought"] for turn in turns] + [document["closing"]["thought"]],
        "recsys": [turn["recsys"]["thought"] for turn in turns],
        "said": [turn[side]["message"] for turn in turns for side in ("listener", "recsys")],
    }


@pytest.mark.slow
def test_private_values_arrive_in_no_other_agent_s_requests(command: Command, gemini: GeminiServer) -> None:
    [row] = command("run", *GEMINI, "--modalities", "text", "--base-url", gemini.url, **KEY).rows
    document = command.show(row["thread_id"])
    values = private(document)
    said = plain("".join(values["said"]))
    recsys, listener = sent(gemini, "recsys"), sent(gemini, "listener")
    hidden = [v for v in (*values["goal"], *values["listener"]) if plain(v) not in said]
    assert len(hidden) > 5
    assert [value for value in hidden if plain(value) in recsys] == []
    assert [value for value in values["recsys"] if plain(value) in listener] == []
    assert plain(values["goal"][0]) in listener, "the search finds what is there"
    assert all(plain(value) in recsys for value in values["recsys"][:-1])
    assert all(plain(value) in recsys for value in values["said"][:-1])


def test_tracks_arrive_only_where_they_may(command: Command, gemini: GeminiServer) -> None:
    [row] = command("run", *GEMINI, "--modalities", "text", "--base-url", gemini.url, **KEY).rows
    document = command.show(row["thread_id"])
    played = {turn["recsys"]["track_id"] for turn in document["turns"]}
    unheard = [document["tracks"][i] for i in document["pool"] if i not in played]
    own = [document["tracks"][i] for i in document["profiling_tracks"]]
    for agent in ("goal", "recsys"):
        assert not lyrics_sent(gemini, agent, own)
    for agent in ("profile", "listener"):
        assert not lyrics_sent(gemini, agent, unheard)
    assert lyrics_sent(gemini, "recsys", unheard) == lyrics(unheard) != set()
    assert lyrics_sent(gemini, "listener", own) == lyrics(own) != set()


def lyrics(cards: list[dict[str, Any]]) -> set[str]:
    return {card["lyrics"] for card in cards if card.get("lyrics")}


def lyrics_sent(server: GeminiServer, agent: str, cards: list[dict[str, Any]]) -> set[str]:
    found = sent(server, agent)
    return {words for words in lyrics(cards) if plain(words) in found}


@pytest.mark.slow
def test_media_arrive_only_where_they_may(command: Command, gemini: GeminiServer) -> None:
    """Clips and covers are told apart by their bytes, as they come over the wire."""
    [row] = command("run", *GEMINI[:2], "--turns", 2, "--json", "--base-url", gemini.url, **KEY).rows
    document = command.show(row["thread_id"])

    def media(ids: list[str]) -> set[str]:
        return {document["tracks"][i][kind]["digest"] for i in ids for kind in ("audio", "image")}

    def arrived(agent: str) -> set[str]:
        return {blob.digest for ask in gemini.asks if agent_of(ask) == agent for blob in ask.media}

    played = [turn["recsys"]["track_id"] for turn in document["turns"]]
    own, pool = media(document["profiling_tracks"]), media(document["pool"])
    assert own - pool and pool - own, "tracks of one album share a cover"
    assert arrived("profile") == own
    assert arrived("goal") == arrived("recsys") == pool
    assert arrived("listener") == own | media(played)


def first_requests(command: Command, folder: Path, hidden: str, word: str) -> dict[str, bytes]:
    """Agent -> its first request as sent, when `word` is in what `hidden` names and the listener says the same."""
    offline = offline_answerer()

    def answer(ask: Ask) -> str:
        fields = json.loads(offline(ask))
        if hidden == "goal" and "listener_goal" in fields:
            fields["listener_goal"] = f"The listener wants {word}."
            fields["initial_query_example_1"] = f"Could you find me some {word}?"
        if agent_of(ask) == "listener":
            if "message" in fields:
                fields["message"] = "Something calm, please."
            fields["thought"] = f"I think of {word}." if hidden == "thought" else "I begin plainly."
        return json.dumps(fields)

    own = Command(folder, command.cache)
    folder.mkdir()
    with GeminiServer(answer) as server:
        own("run", *GEMINI[:2], "--turns", 1, "--modalities", "text", "--base-url", server.url, **KEY)
    asks = [(agent_of(e.ask), e.raw) for e in server.exchanges if e.ask is not None]
    return dict(reversed(asks))


@pytest.mark.slow
@pytest.mark.parametrize("hidden", ["goal", "thought"])
def test_what_the_recsys_may_not_know_changes_no_byte_that_is_sent_for_it(
    command: Command, tmp_path: Path, hidden: str
) -> None:
    one, two = (first_requests(command, tmp_path / word, hidden, word) for word in ("bells", "drums"))
    assert one["recsys"] == two["recsys"]
    assert (one["listener"] != two["listener"]) == (hidden == "goal"), "the listener knows its goal"
