from __future__ import annotations

from collections import Counter
from functools import cache
from itertools import pairwise

import pytest
from segue.models.offline import OfflineChatModel
from segue.models.offline.criteria import read_criteria
from segue.models.offline.facts import key_of
from segue.prompts.answer_text import AnswerFormat
from segue.state.values import Medium, Progress, TrackCard
from support.state.sessions import Played, demo_channels, first_channels, play, prompts


@cache
def conversations(count: int) -> tuple[Played, ...]:
    model = OfflineChatModel()
    return tuple(play(channels, model, seed=i) for i, channels in enumerate(demo_channels(count)))


def distinct_bigrams(texts: list[str]) -> float:
    pairs = Counter(pair for text in texts for pair in pairwise(text.lower().split()))
    return len(pairs) / pairs.total()


def said(played: tuple[Played, ...]) -> list[str]:
    return [text for one in played for text in one.listener_messages]


@pytest.mark.slow
def test_openings_differ_and_nothing_is_said_twice_in_a_conversation() -> None:
    played = conversations(40)
    openings = [one.listener_messages[0] for one in played]
    assert len(set(openings)) == len(openings)
    assert all(len(set(one.listener_messages)) == 8 for one in played)


def test_listeners_vary_and_keep_to_their_length() -> None:
    played = conversations(20)
    assert distinct_bigrams(said(played)) >= 0.5
    for short, long in ((4, 9), (18, 100)):
        lengths = [
            len(text.split())
            for one in played
            if short <= one.channels["persona"]["words"] <= long
            for text in one.listener_messages
        ]
        mean = sum(lengths) / len(lengths)
        assert mean < 11 if long < 10 else mean > 14
    total = said(played)
    assert 10 <= sum(len(text.split()) for text in total) / len(total) <= 15


@pytest.mark.slow
def test_two_hundred_conversations_vary() -> None:
    played = conversations(200)
    assert distinct_bigrams(said(played)) >= 0.35
    openings = {one.listener_messages[0] for one in played}
    assert len(openings) == 200
    assert len({one.channels["goal"]["template_id"] for one in played}) >= 30


def test_no_message_speaks_of_ids_or_of_the_game() -> None:
    for one in conversations(40):
        ids = set(one.channels["pool_ids"])
        for message in one.channels["messages"]:
            words = set(key_of(message["text"]).split())
            assert not words & {"goal", "pool", "catalogue", "selection", "template"}
            assert not any(track_id in message["text"] for track_id in ids)


def test_openings_do_not_name_the_title_that_is_wanted() -> None:
    named = 0
    for one in conversations(40):
        goal = read_criteria(one.channels["goal"]["listener_goal"], None)
        by_title = any(wish.kind == "title" for wish in goal)
        titles = (
            {key_of(card["title"]) for card in one.channels["tracks"].values()} if not by_title else set()
        )
        quoted = [part.split("”")[0] for part in one.listener_messages[0].split("“")[1:]]
        own = {key_of(one.channels["tracks"][i]["title"]) for i in one.channels["profiling_ids"]}
        assert not {key_of(text) for text in quoted} & (titles - own)
        named += by_title
    assert named < 10


def test_examples_are_not_repeated_word_for_word() -> None:
    for one in conversations(40):
        goal = one.channels["goal"]
        examples = {
            key_of(text) for name in ("initial", "iteration", "achieved") for text in goal[f"{name}_examples"]
        }
        assert key_of(one.listener_messages[0]) not in examples


def test_a_goal_is_fulfilled_by_some_track_of_its_pool() -> None:
    missing = 0
    for one in conversations(40):
        wishes = read_criteria(one.channels["goal"]["listener_goal"], None)
        assert wishes
        facts = [
            card for card in one.channels["tracks"].values() if card["track_id"] in one.channels["pool_ids"]
        ]
        assert facts
        missing += not any(progress == Progress.MOVES for progress in one.labels)
    assert missing <= 8


def test_asking_for_another_artist_brings_one() -> None:
    asked = kept = 0
    for one in conversations(40):
        artists = [card.artists[0] for card in one.picks]
        for turn, text in enumerate(one.listener_messages):
            if turn and any(p in text.lower() for p in ("another artist", "someone else", "somebody else")):
                asked += 1
                kept += artists[turn] not in artists[:turn]
    assert asked >= 20
    assert kept >= 0.9 * asked


def test_labels_follow_the_goal() -> None:
    labels = Counter(label for one in conversations(40) for label in one.labels)
    assert labels.total() == 40 * 8
    assert 0.25 <= labels[Progress.MOVES.value] / labels.total() <= 0.75


def test_the_same_seed_plays_the_same_conversation() -> None:
    (channels,) = demo_channels(1)
    first, again = (play(channels, OfflineChatModel(), seed=5) for _ in range(2))
    assert first.channels == again.channels
    assert play(channels, OfflineChatModel(), seed=6).channels != first.channels


@pytest.mark.parametrize("form", ["json", "yaml"])
def test_both_formats_and_all_media_work(form: AnswerFormat) -> None:
    (channels,) = demo_channels(1, modalities=("text", "audio", "image"))
    played = play(channels, OfflineChatModel(), answer_format=form)
    assert len(played.picks) == 8
    assert any(request.media for _, request, _ in played.calls)


def bare_cards(count: int) -> list[TrackCard]:
    """As LFM-1b has them: title, artist, album and nothing else."""
    return [
        TrackCard(
            track_id=f"t{i}", title=f"Song Number {i}", artists=(f"Band {i % 6}",), album=f"Record {i % 9}"
        )
        for i in range(count)
    ]


@pytest.mark.parametrize("topic", range(11))
def test_every_template_can_be_played_on_names_alone(topic: int) -> None:
    templates = prompts().goal_templates()[4 * topic : 4 * topic + 4]
    for template in templates:
        channels = first_channels(
            bare_cards(22), profiling=5, templates=[template] * 3, words=9, register="casual"
        )
        played = play(channels, OfflineChatModel())
        assert played.channels["goal"]["template_id"] == template.template_id
        assert all("None" not in text for text in played.listener_messages)


def full_card(i: int) -> TrackCard:
    moods, genres = ("calm", "dark", "sunny"), ("folk", "techno", "samba")
    return TrackCard(
        track_id=f"id-{i}",
        title=f"Opus {'abcdefghijklmnopqrstuvwxyz'[i]}",
        artists=(f"Player {i % 7}",),
        album=f"Volume {i % 9}",
        release_date=f"{1970 + 2 * i}-01-01",
        tags=(moods[i % 3], genres[(i // 3) % 3], "late night", "harp", "polish"),
        tempo=70.0 + 5 * i,
        key="A minor" if i % 2 else "C major",
        chords=("Am", "F"),
        popularity=4.0 * i,
        lyrics=f"the sea took letter {i} away\nand I waited on the stair",
        image=Medium(kind="image", digest="c" * 32, mime_type="image/jpeg"),
        audio=Medium(kind="audio", digest="d" * 32, mime_type="audio/ogg", seconds=3.0),
    )


@pytest.mark.parametrize("topic", range(11))
def test_every_template_can_be_played_on_full_data(topic: int) -> None:
    for template in prompts().goal_templates()[4 * topic : 4 * topic + 4]:
        channels = first_channels(
            [full_card(i) for i in range(24)],
            profiling=5,
            templates=[template] * 3,
            words=20,
            register="exact",
            modalities=("text", "audio", "image"),
        )
        played = play(channels, OfflineChatModel(), seed=topic)
        assert Progress.MOVES in played.labels or template.specificity[1] == "H"
