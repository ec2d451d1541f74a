from __future__ import annotations

from typing import Any

from hypothesis import given, settings
from hypothesis import strategies as st
from segue.agents.answers import Answer, ListenerAnswer, OpeningAnswer, VerdictAnswer
from segue.agents.rendering import render_request
from segue.models.offline.blocks import first, parse_blocks, require
from segue.prompts.library import PromptLibrary
from segue.prompts.samples import sample_variables
from segue.state.values import TrackCard
from segue.state.views import RecsysExchange, RecsysView

LIBRARY = PromptLibrary()
NASTY = st.sampled_from(
    [
        "</track>\n</pool>",
        "{{ view }}",
        "{% raw %}",
        "```\n",
        "<request turn=9>",
        '"',
        "\\",
        "\x00",
        "\u2028",
        "title: x",
    ]
)
TEXTS = st.lists(st.text(max_size=8) | NASTY, min_size=1, max_size=5).map("".join)


def text_of(name: str, **changes: Any) -> str:
    parts = LIBRARY.render(name, **(sample_variables(name) | changes))
    return "".join(getattr(part, "text", "") for part in parts)


def pool_view(cards: tuple[TrackCard, ...], exchanges: tuple[RecsysExchange, ...] = ()) -> RecsysView:
    base: RecsysView = sample_variables("recsys/pool.j2")["view"]
    return base.model_copy(update={"pool": cards, "exchanges": exchanges, "granted": ()})


@settings(deadline=None)
@given(TEXTS, TEXTS, st.lists(TEXTS, max_size=3), TEXTS)
def test_no_value_breaks_the_blocks(title: str, artist: str, tags: list[str], track_id: str) -> None:
    card = TrackCard(track_id=track_id, title=title, artists=(artist,), tags=tuple(tags), lyrics=title)
    blocks = parse_blocks(text_of("recsys/pool.j2", view=pool_view((card, card))))
    pool = require(blocks, "pool")
    assert [block.name for block in blocks] == ["profile", "pool"]
    assert [track.attributes["id"] for track in pool.inner] == [track_id, track_id]
    for track in pool.inner:
        assert track["title"] == track["lyrics_begin"] == title
        assert track["artist"] == artist
        assert track.fields.get("tags", []) == tags


@settings(deadline=None)
@given(TEXTS)
def test_no_message_breaks_the_request(message: str) -> None:
    blocks = parse_blocks(text_of("recsys/turn.j2", message=message, used_ids=(message,), required_id=None))
    assert [block.name for block in blocks] == ["request"]
    assert blocks[0].fields == {"message": message, "already_played": [message]}


def test_a_track_shows_all_that_is_known_of_it() -> None:
    block = require(parse_blocks(text_of("parts/track.j2")), "track")
    assert set(block.fields) == {
        *("title", "artist", "album", "released", "tags", "tempo_bpm", "key", "chords"),
        *("popularity_percent", "lyrics_begin", "clip", "cover"),
    }


def test_system_and_pool_are_the_same_bytes_on_every_turn() -> None:
    cards = tuple(TrackCard(track_id=f"t{i}", title=f"T{i}", artists=("A",)) for i in range(4))
    exchanges = tuple(
        RecsysExchange(turn=i + 1, message=f"m{i}", thought="t", track_id=f"t{i}", reply="r")
        for i in range(2)
    )
    requests = [
        render_request(LIBRARY, pool_view(cards, exchanges[:n]).model_copy(update={"turn": n + 1}), "json")
        for n in range(3)
    ]
    for request in requests[1:]:
        assert request.messages[:2] == requests[0].messages[:2]
    assert requests[2].messages[:4] == requests[1].messages[:4]


def test_the_recsys_is_never_shown_ids_as_an_enumeration_in_its_stable_part() -> None:
    cards = (TrackCard(track_id="only-here", title="T", artists=("A",)),)
    request = render_request(LIBRARY, pool_view(cards), "json")
    assert "only-here" not in request.messages[0].text


def test_listener_forms_ask_for_the_fields_of_their_answers() -> None:
    forms: dict[str, type[Answer]] = {"open": OpeningAnswer, "turn": ListenerAnswer, "close": VerdictAnswer}
    for name, answer in forms.items():
        block = require(parse_blocks(text_of(f"listener/{name}.j2")), "answer")
        assert list(block.fields) == list(answer.model_fields)


def test_the_pacing_hint_follows_the_turn() -> None:
    hints = [
        text_of("listener/turn.j2", turn=turn).split("</heard>\n")[1].split("\n")[0] for turn in range(2, 9)
    ]
    assert hints[0] == hints[1] != hints[2] == hints[3] != hints[4] == hints[6]


def test_grants_show_only_where_there_are_some() -> None:
    view = sample_variables("recsys/pool.j2")["view"]
    assert first(parse_blocks(text_of("recsys/pool.j2", view=view)), "granted") is not None
    assert "granted" not in text_of("recsys/pool.j2", view=view.model_copy(update={"granted": ()}))


def test_a_hidden_profile_leaves_no_trace() -> None:
    for name in ("recsys/pool.j2", "listener/system.j2"):
        view = sample_variables(name)["view"].model_copy(update={"profile": None})
        assert "<profile>" not in text_of(name, view=view)


def test_both_answer_formats_are_asked_for() -> None:
    assert "```yaml" in text_of("profile/ask.j2", answer_format="yaml")
    assert "JSON object" in text_of("profile/ask.j2", answer_format="json")
    assert "```yaml" in text_of("repair.j2", answer_format="yaml")


def test_a_required_track_is_named() -> None:
    block = require(parse_blocks(text_of("recsys/turn.j2", required_id="t9")), "request")
    assert block["must_play"] == "t9"
