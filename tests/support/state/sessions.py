"""Whole conversations without a graph: views, rendered prompts, a chat model, the next views."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cache
from typing import Any

from langchain_core.language_models import BaseChatModel
from langchain_core.messages import AIMessage, BaseMessage, HumanMessage, SystemMessage
from segue.agents.rendering import answer_type, render_request
from segue.catalog.demo.catalog import open_demo
from segue.models.request import AnswerFormat, Request
from segue.prompts.answer_text import parse_answer
from segue.prompts.library import PromptLibrary
from segue.prompts.parts import Media, Message
from segue.sessions.sampling import sample_session
from segue.state.channels import state_version
from segue.state.values import Agent, Goal, Medium, Profile, TrackCard
from segue.state.views import AnyView, build_view

TURNS = 8
_ROLES: dict[str, type[BaseMessage]] = {"system": SystemMessage, "human": HumanMessage, "ai": AIMessage}


@cache
def prompts() -> PromptLibrary:
    return PromptLibrary()


def langchain_messages(messages: Sequence[Message]) -> list[BaseMessage]:
    """The messages as LangChain's, media as standard content blocks."""
    return [_ROLES[m.role](content=_content(m)) for m in messages]


def _content(message: Message) -> Any:
    if not any(isinstance(part, Media) for part in message.parts):
        return message.text
    return [_block(part.medium) if isinstance(part, Media) else {"type": "text", "text": part.text}
            for part in message.parts]  # fmt: skip


def _block(medium: Medium) -> dict[str, Any]:
    return {"type": medium.kind, "mime_type": medium.mime_type, "base64": "AA=="}


@dataclass
class Played:
    """A finished conversation: its channels, and every (view, request, answer) in order."""

    channels: dict[str, Any]
    calls: list[tuple[AnyView, Request, dict[str, Any]]] = field(default_factory=list)

    @property
    def listener_messages(self) -> list[str]:
        return [m["text"] for m in self.channels["messages"] if m["author"] == "listener"]

    @property
    def picks(self) -> list[TrackCard]:
        ids = [m["track_id"] for m in self.channels["messages"] if m["author"] == "recsys"]
        return [TrackCard.from_json(self.channels["tracks"][i]) for i in ids]

    @property
    def labels(self) -> list[str]:
        return [n["progress"] for n in self.channels["listener_notes"] if n.get("progress")]


def play(
    channels: Mapping[str, Any], model: BaseChatModel, *, seed: int = 0, answer_format: AnswerFormat = "json"
) -> Played:
    """A whole conversation from first channels; every answer must be valid at once."""
    played = Played({name: list(v) if isinstance(v, list) else v for name, v in channels.items()})

    def ask(agent: Agent) -> dict[str, Any]:
        view = build_view(agent, played.channels)
        request = render_request(prompts(), view, answer_format)
        reply = model.invoke(langchain_messages(request.messages), seed=seed)
        values = parse_answer(str(reply.content), answer_format)
        answer_type(view).model_validate(values)
        played.calls.append((view, request, values))
        return values

    _prepare(played.channels, ask)
    turns = played.channels["setup"]["turns"]
    for turn in range(1, turns + 2):
        _listen(played.channels, turn, ask(Agent.LISTENER))
        if turn <= turns:
            _recommend(played.channels, turn, ask(Agent.RECSYS))
    return played


def _prepare(channels: dict[str, Any], ask: Any) -> None:
    taste = {name: text for name, text in ask(Agent.PROFILE).items() if name != "thought"}
    channels["profile"] = Profile(**channels["demographics"], **taste).to_json()
    chosen = ask(Agent.GOAL)
    template = next(t for t in channels["goal_templates"] if t["template_id"] == chosen["template_id"])
    assert template["target_turns"][0] <= chosen["target_turn_count"] <= template["target_turns"][1]
    pairs = {
        s: tuple(chosen[f"{s}_query_example_{i}"] for i in (1, 2))
        for s in ("initial", "iteration", "achieved")
    }
    channels["goal"] = Goal(
        category=template["topic"],
        category_description=template["topic_description"],
        specificity=template["specificity"],
        template_id=template["template_id"],
        listener_goal=chosen["listener_goal"],
        listener_expertise=template["listener_expertise"],
        target_turn_count=chosen["target_turn_count"],
        initial_examples=pairs["initial"],
        iteration_examples=pairs["iteration"],
        achieved_examples=pairs["achieved"],
    ).to_json()


def _listen(channels: dict[str, Any], turn: int, said: dict[str, Any]) -> None:
    note = {"turn": turn, "thought": said["thought"]}
    if "goal_progress_assessment" in said:
        note["progress"] = said["goal_progress_assessment"]
    channels["listener_notes"].append(note)
    if "message" in said:
        channels["messages"].append({"turn": turn, "author": "listener", "text": said["message"]})


def _recommend(channels: dict[str, Any], turn: int, said: dict[str, Any]) -> None:
    used = {m.get("track_id") for m in channels["messages"]}
    assert said["track_id"] in set(channels["pool_ids"]) - used
    channels["recsys_notes"].append({"turn": turn, "thought": said["thought"]})
    message = {"turn": turn, "author": "recsys", "text": said["message"], "track_id": said["track_id"]}
    channels["messages"].append(message)


def first_channels(
    cards: Sequence[TrackCard],
    *,
    profiling: int,
    templates: Sequence[Any],
    words: int = 12,
    register: str = "plain",
    demographics: Mapping[str, Any] | None = None,
    modalities: Sequence[str] = ("text",),
) -> dict[str, Any]:
    """First channels from cards: the first `profiling` ones are the listener's own, the others the pool."""
    shown = {agent.value: list(modalities) for agent in Agent}
    return {
        "setup": {"version": state_version(1), "session_id": "s", "turns": TURNS, "modalities": shown},
        "tracks": {card.track_id: card.to_json() for card in cards},
        "demographics": dict(demographics or {"age": 30, "age_group": "30s", "country_name": "Portugal"}),
        "persona": {"words": words, "register_": register},
        "profiling_ids": [card.track_id for card in cards[:profiling]],
        "pool_ids": [card.track_id for card in cards[profiling:]],
        "goal_templates": [template.to_json() for template in templates],
        **{name: [] for name in ("messages", "listener_notes", "recsys_notes", "directions", "records")},
    }


def demo_channels(count: int, *, modalities: Sequence[str] = ("text",)) -> Iterator[dict[str, Any]]:
    """`count` first channels from the demo catalogue's sessions, with another seed each time round."""
    catalog = open_demo()
    ids = catalog.session_ids(min_tracks=21)
    templates = {t.template_id: t for t in prompts().goal_templates()}
    for number in range(count):
        session = catalog.session(ids[number % len(ids)])
        drawn = sample_session(session, tuple(templates), seed=number // len(ids), mean_words=12)
        cards = [_card(catalog.track(i), modalities) for i in (*drawn.profiling_ids, *drawn.pool_ids)]
        known = ("age", "age_group", "country_code", "country_name", "gender", "preferred_language")
        yield first_channels(
            cards,
            profiling=5,
            templates=[templates[i] for i in drawn.template_ids],
            words=drawn.words,
            register=drawn.register,
            demographics={n: v for n in known if (v := getattr(session, n)) is not None},
            modalities=modalities,
        )


def _card(track: Any, modalities: Sequence[str]) -> TrackCard:
    audio = Medium(kind="audio", digest="a" * 32, mime_type="audio/ogg", seconds=3.0)
    image = Medium(kind="image", digest="b" * 32, mime_type="image/jpeg")
    return TrackCard(
        track_id=track.track_id,
        title=track.track_name[0],
        artists=track.artist_name,
        album=track.album_name[0] if track.album_name else None,
        release_date=track.release_date,
        tags=track.tag_list[:10],
        tempo=track.tempo,
        key=track.key,
        chords=track.chords,
        popularity=track.popularity,
        lyrics=(track.lyrics or "")[:200].strip() or None,
        audio=audio if "audio" in modalities else None,
        image=image if "image" in modalities else None,
    )
