"""From a brief to a request: a pure function of brief and templates."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final

from ....models.request import AnswerFormat, Request
from ....prompts.library import PromptLibrary
from ....prompts.parts import Message
from ....state.values import WalkAsker
from ..cues import Cue, CueKind
from .answers import words_schema
from .brief import BriefTrack, BriefTurn, WalkBrief

SYSTEM, ASK = "walk/system.j2", "walk/ask.j2"
TEMPLATES: Final = (SYSTEM, ASK)

_TOLD: Final[Mapping[CueKind, str]] = {
    "openings": "something vague",
    "wishes": "what the music is like",
    "artist": "an artist",
    "artists": "two artists",
    "tag": "a kind of music",
    "era": "a time",
    "title": "one song",
    "more": "more like these",
    "greetings": "a greeting",
    "pleased": "praise",
    "refused": "a refusal",
    "nothing": "no liking",
}
"""Cues as a model is told of them."""


def render_brief(prompts: PromptLibrary, brief: WalkBrief, answer_format: AnswerFormat) -> Request:
    """The request for what is said in one conversation. The instructions come first, the same for all."""
    schema = words_schema(brief)
    told = {"language": brief.language, "turns": tuple(map(_turn, brief.turns))}
    asked = prompts.render(ASK, **told, schema=schema, answer_format=answer_format)
    return Request(
        agent=WalkAsker.INPAINTER,
        messages=(
            Message("system", prompts.render(SYSTEM, replies=brief.replies)),
            Message("human", asked),
        ),
        schema=schema,
        answer_format=answer_format,
        templates=prompts.digests(TEMPLATES),
    )


def _turn(turn: BriefTurn) -> dict[str, Any]:
    begins, refused = turn.begins, turn.begins.values.get("artist", "") if turn.begins else ""
    return {
        "number": turn.number,
        "begins": _TOLD[begins.kind] if begins else "",
        "turned_down": refused,
        "asks": _TOLD[turn.asks.kind],
        "named": _named(turn.asks),
        "adds": turn.adds,
        "words": turn.words,
        "tracks": tuple(map(_track, turn.tracks)),
    }


def _named(cue: Cue) -> tuple[str, ...]:
    return tuple(value for value in cue.values.values() if value)


def _track(track: BriefTrack) -> dict[str, Any]:
    return {
        "title": track.title,
        "artist": track.artists,
        "album": track.album,
        "tags": track.tags,
        "year": track.year,
        "verdict": track.verdict,
    }
