"""A synthetic first state, and answers that play it through; every private field can be told apart."""

from __future__ import annotations

from typing import Any

from segue.state.values import Agent, Demographics, GoalTemplate, Medium, Persona, TrackCard

MODALITIES = ["text", "audio", "image"]


def card(name: str, number: int) -> TrackCard:
    """A track whose every field carries `name`, so that it can be found in bytes."""
    return TrackCard(
        track_id=f"{name}-track-{number:02d}",
        title=f"{name} title {number:02d}",
        artists=(f"{name} artist {number % 4}",),
        album=f"{name} album {number % 4}",
        release_date=f"{1970 + number}-03-01",
        tags=("folk", "calm") if number % 2 else ("rock", "loud"),
        tempo=90.0 + number,
        key="A minor" if number % 2 else "C major",
        chords=("Am", "F"),
        popularity=float(number),
        lyrics=f"{name} lyrics about number {number:02d} and the sea",
        audio=Medium(kind="audio", digest=f"{number:02d}{name}audio", mime_type="audio/ogg", seconds=3.0),
        image=Medium(kind="image", digest=f"{number:02d}{name}image", mime_type="image/png"),
    )


def template(topic: str, specificity: str, band: tuple[int, int]) -> GoalTemplate:
    return GoalTemplate(
        template_id=f"{topic}-{specificity}",
        topic=topic,  # type: ignore[arg-type]
        topic_name=f"topic {topic}",
        topic_description=f"what conversations of {topic} turn on",
        specificity=specificity,  # type: ignore[arg-type]
        name=f"cell {topic} {specificity}",
        listener_goal=f"template {topic}-{specificity} wants a certain thing",
        listener_expertise="neutral",
        target_turns=band,
        initial_examples=(f"{topic} first opening example", f"{topic} second opening example"),
        iteration_examples=(f"{topic} go on", f"{topic} go on differently"),
        achieved_examples=(f"{topic} thanks", f"{topic} thanks a lot"),
    )


def first_state(*, turns: int = 8, pool: int = 16, **changes: Any) -> dict[str, Any]:
    """Channels to start a conversation from; `changes` replace channels."""
    profiling = [card("profiling", i) for i in range(5)]
    pooled = [card("pool", i) for i in range(pool)]
    templates = [template("A", "LL", (3, 7)), template("B", "HL", (3, 4)), template("K", "LH", (6, 8))]
    state: dict[str, Any] = {
        "setup": {
            "version": 1,
            "session_id": "user__2018-01-01",
            "turns": turns,
            "modalities": {agent.value: list(MODALITIES) for agent in Agent},
        },
        "tracks": {c.track_id: c.to_json() for c in (*profiling, *pooled)},
        "demographics": Demographics(
            age=34, age_group="30s", country_name="Brazil", gender="female", preferred_language="Portuguese"
        ).to_json(),
        "persona": Persona(words=12, register_="plain").to_json(),
        "profiling_ids": [c.track_id for c in profiling],
        "pool_ids": [c.track_id for c in pooled],
        "goal_templates": [t.to_json() for t in templates],
        "messages": [],
        "listener_notes": [],
        "recsys_notes": [],
        "directions": [],
        "records": [],
    }
    return {**state, **changes}
