"""Views that a recommender is tried on: those of any conversation, and those that come seldom."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

from ..agents.chair.view import RecommenderView
from ..catalog.catalog import Catalog
from ..prompts.library import PromptLibrary
from ..runs.costs.dry_run import AnnouncedMedia
from ..runs.plan import RunPlan
from ..runs.preparation.first_states import Preparation
from ..runs.settings.config import RunConfig
from ..sessions.sampling import MIN_TRACKS
from ..state.values import PLAY_ALONE, Action, Agent, Profile
from ..state.views import RecsysView, build_view

SESSIONS: Final = 3
"""Sessions whose pools are tried."""

_SAID: Final = (
    "something to begin with, please",
    "close, but slower",
    "who else sounds like that?",
    "that's it. one more of the kind",
)


@dataclass(frozen=True)
class TriedView:
    """A view and what it is, in words."""

    name: str
    view: RecommenderView


def tried_views(catalog: Catalog, actions: Sequence[Action] = PLAY_ALONE) -> Iterator[TriedView]:
    """The first turns of some sessions, the last track of a pool, a track that is asked for, an answer that is asked
    for again, a listener of whom nothing is known, and words that are hard to read; where a recommender may ask, also
    what a listener answers.

    Args:
        actions: what may be answered.

    Raises:
        ConfigError: the catalogue has no session that can be played.
    """
    prompts = PromptLibrary()
    plan = RunPlan.of(RunConfig(modalities=("text",)), catalog, prompts)
    preparation = Preparation(plan, catalog, AnnouncedMedia(Path()), prompts, allow_missing_media=True)
    for number, session_id in enumerate(catalog.session_ids(min_tracks=MIN_TRACKS)[:SESSIONS]):
        state, stream = preparation.first_state(session_id), plan.stream(session_id)
        if tuple(actions) != PLAY_ALONE:
            state["setup"] |= {"actions": [action.value for action in actions]}
        for turn in range(1, len(_SAID) + 1):
            yield TriedView(f"session {number + 1}, turn {turn}", _told(state, stream, _SAID[:turn]))
        if number == 0:
            yield from _rare(state, stream)


def _rare(state: dict[str, Any], stream: str) -> Iterator[TriedView]:
    first = _view(state, _SAID[:1])
    pool = [card.track_id for card in first.pool]
    whole = {**state, "setup": {**state["setup"], "turns": len(pool)}}
    said = [_SAID[number % len(_SAID)] for number in range(len(pool))]
    yield TriedView("the last track of the pool", _told(whole, stream, said))
    required = first.model_copy(update={"required_id": pool[-1]})
    yield TriedView("one track is asked for", RecommenderView.of(required, stream))
    problems = (f"it ranks {pool[0]!r} twice, the second time in place 2",)
    yield TriedView("asked again", RecommenderView.of(first, stream, attempt=1, problems=problems))
    unknown = first.model_copy(update={"profile": None})
    if Action.ASK in first.actions:
        yield TriedView("a question was answered", _told(state, stream, _SAID[:2], asks=True))
    yield TriedView("nobody knows the listener", RecommenderView.of(unknown, stream))
    odd = first.model_copy(update={"message": "¿algo más… 静かな曲? \"<b>\\n' 🎷" + " please" * 200})
    yield TriedView("a long message in several scripts", RecommenderView.of(odd, stream))


def _told(state: dict[str, Any], stream: str, said: Sequence[str], *, asks: bool = False) -> RecommenderView:
    return RecommenderView.of(_view(state, said, asks=asks), stream)


def _view(state: dict[str, Any], said: Sequence[str], *, asks: bool = False) -> RecsysView:
    """The view after these messages, all but the last of which were answered with the pool's tracks in turn, or with
    questions."""
    messages: list[dict[str, Any]] = []
    for turn, (text, track_id) in enumerate(zip(said, state["pool_ids"], strict=False), 1):
        messages.append({"turn": turn, "author": Agent.LISTENER.value, "text": text})
        if turn < len(said):
            done = {"action": Action.ASK.value} if asks else {"track_id": track_id}
            messages.append({"turn": turn, "author": Agent.RECSYS.value, "text": "Here it is.", **done})
    taste = {"preferred_musical_culture": "any", "top_1_artist": "any", "top_1_genre": "any"}
    channels = {
        **state,
        "profile": Profile.from_json({**state["demographics"], **taste}).to_json(),
        "messages": messages,
        "recsys_notes": [{"turn": turn, "thought": "A note."} for turn in range(1, len(said))],
    }
    view = build_view(Agent.RECSYS, channels)
    if not isinstance(view, RecsysView):
        raise TypeError("the recsys's view is another one's")
    return view
