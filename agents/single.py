"""One model writes both sides of a conversation at once (TalkPlay, appendix A.1): a list of entries, checked whole."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from itertools import pairwise
from typing import Annotated, Any, Final, Literal, NamedTuple

from pydantic import Field

from ..models.request import AnswerFormat, Request
from ..prompts.library import PromptLibrary
from ..prompts.parts import Message, Role
from ..state.single_view import SingleView
from ..state.values import Agent, Progress
from .answers import Answer, FieldNote, Sentence
from .asking import Desk, Outcome, ask
from .words import told_id, unfit

USER, MUSIC, ASSISTANT = "user", "music", "assistant"
_SAID: Final = (
    "Write the list of entries, three a turn: first one with role user, whose content the listener says and whose "
    "heard tells good or bad of the track before, or first where there is none; then one with role music, whose "
    "content is the id of the track; then one with role assistant, whose content is said with it."
)


class SingleEntry(Answer):
    """One entry: what the listener says, a track, or what is said with it.

    Attributes:
        heard: what the listener makes of the track before; of the listener's entries alone.
    """

    role: Literal["user", "music", "assistant"]
    content: Sentence
    heard: Literal["first", "good", "bad"] | None = None


class SingleAnswer(Answer):
    """A whole conversation."""

    conversation: Annotated[tuple[SingleEntry, ...], FieldNote(_SAID)] = Field(description=_SAID)


class WrittenTurn(NamedTuple):
    """One turn as it was written. `progress`: the listener's label of the track before; None on turn 1."""

    said: str
    progress: Progress | None
    track_id: str
    replied: str


async def write_conversation(
    view: SingleView, desk: Desk
) -> tuple[tuple[WrittenTurn, ...], Outcome[SingleAnswer]]:
    """All turns of the conversation."""
    request = single_request(desk.prompts, view, desk.answer_format)
    outcome = await ask(desk, request, SingleAnswer, lambda answer: check_single(answer, view))
    return tuple(_turns(outcome.answer.conversation)), outcome


def single_request(prompts: PromptLibrary, view: SingleView, answer_format: AnswerFormat) -> Request:
    """What the model is sent."""
    schema = single_schema(view)
    names = ("single/system.j2", "single/ask.j2")
    roles: tuple[Role, Role] = ("system", "human")
    parts = (prompts.render(n, view=view, answer_format=answer_format, schema=schema) for n in names)
    return Request(
        agent=Agent.RECSYS,
        messages=tuple(Message(role, part) for role, part in zip(roles, parts, strict=True)),
        schema=schema,
        answer_format=answer_format,
        templates=prompts.digests(sorted(names)),
    )


def single_schema(view: SingleView) -> dict[str, Any]:
    """JSON schema of the answer: entries of three kinds, the legal ids as an enumeration."""
    text = {"type": "string", "minLength": 2}
    ids = {"type": "string", "enum": [card.track_id for card in (*view.playlist, *view.negatives)]}
    kinds = [
        _entry(USER, text, {"heard": {"type": "string", "enum": ["first", "good", "bad"]}}),
        _entry(MUSIC, ids),
        _entry(ASSISTANT, text),
    ]
    entries = {"type": "array", "description": _SAID, "items": {"anyOf": kinds}}
    return {
        "title": SingleAnswer.__name__,
        "type": "object",
        "properties": {"conversation": entries},
        "required": ["conversation"],
        "propertyOrdering": ["conversation"],
        "additionalProperties": False,
    }


def _entry(role: str, content: dict[str, Any], more: dict[str, Any] | None = None) -> dict[str, Any]:
    properties = {"role": {"type": "string", "enum": [role]}, **(more or {}), "content": content}
    return {
        "type": "object",
        "properties": properties,
        "required": list(properties),
        "propertyOrdering": list(properties),
        "additionalProperties": False,
    }


def check_single(answer: SingleAnswer, view: SingleView) -> str | None:
    """What is wrong with a conversation, or None: its form first, then its tracks, then its words."""
    entries = answer.conversation
    return _misplaced(entries) or _unheard(entries) or _mischosen(entries, view) or _misworded(entries, view)


def _misplaced(entries: Sequence[SingleEntry]) -> str | None:
    """The entry that stands where another belongs. Music and words may come in either order."""
    for start in range(0, len(entries), 3):
        roles = [entry.role for entry in entries[start : start + 3]]
        if roles[0] != USER or sorted(roles[1:]) != [ASSISTANT, MUSIC]:
            return (
                f"entries {start + 1} to {start + len(roles)} of the conversation are {', '.join(roles)}; each turn is "
                "user, music, assistant"
            )
    return None


def _unheard(entries: Sequence[SingleEntry]) -> str | None:
    """What the listener makes of a track is said in each of its entries but the first, and nowhere else."""
    for number, entry in enumerate(entries):
        if entry.role != USER and entry.heard is not None:
            return f"entry {number + 1} has role {entry.role}; only user entries tell what was heard"
        wanted = "first" if number == 0 else "good or bad"
        if entry.role == USER and (entry.heard == "first") is not (number == 0):
            return f"entry {number + 1} must tell {wanted} as heard, not {entry.heard}"
        if entry.role == USER and entry.heard is None:
            return f"entry {number + 1} must tell {wanted} as heard"
    return None


def _mischosen(entries: Sequence[SingleEntry], view: SingleView) -> str | None:
    turns = list(_turns(entries))
    played = [turn.track_id for turn in turns]
    liked = {card.track_id for card in view.playlist}
    refused = {card.track_id for card in view.negatives}
    again = next((one for place, one in enumerate(played) if one in played[:place]), None)
    unknown = next((one for one in played if one not in liked | refused), None)
    if unknown is not None:
        return f"music {unknown!r} is in neither set; copy one id exactly"
    if again is not None:
        return f"music {again!r} is played twice; each track once"
    if len(turns) != view.turns:
        return f"the conversation has {len(turns)} turns; it must have {view.turns}"
    misses = [turn for turn, one in enumerate(played) if one in refused]
    if len(misses) > view.most_refused:
        return f"{len(misses)} tracks are of the negative set; at most {view.most_refused} may be"
    if misses and misses[-1] == len(played) - 1:
        return f"the last track, {played[-1]!r}, is of the negative set; end with one of the playlist"
    if len(played) - len(misses) < view.least:
        return f"{len(played) - len(misses)} tracks of the playlist are played; at least {view.least} must be"
    return _mislabelled(turns, refused)


def _mislabelled(turns: Sequence[WrittenTurn], refused: set[str]) -> str | None:
    """What is of the negative set is turned down, and nothing else."""
    for number, (turn, after) in enumerate(pairwise(turns), 1):
        wanted = Progress.DOES_NOT_MOVE if turn.track_id in refused else Progress.MOVES
        if after.progress is not wanted:
            of_set, told = ("negative set", "bad") if turn.track_id in refused else ("playlist", "good")
            return f"the track of turn {number} is of the {of_set}, so that turn {number + 1} must tell {told} as heard"
    return None


def _misworded(entries: Sequence[SingleEntry], view: SingleView) -> str | None:
    ids = [card.track_id for card in (*view.playlist, *view.negatives)]
    said: dict[str, int] = {}
    for number, entry in enumerate(entries, 1):
        if entry.role == MUSIC:
            continue
        if problem := unfit({"message": entry.content}):
            return f"entry {number}: {problem}"
        if told := told_id(entry.content, ids):
            return f"entry {number} holds an id, {told!r}; nobody says such a thing"
        before = said.setdefault(" ".join(entry.content.casefold().split()), number)
        if before != number:
            return f"entry {number} says the same as entry {before}; no two are alike"
    return None


def _turns(entries: Sequence[SingleEntry]) -> Iterator[WrittenTurn]:
    for start in range(0, len(entries), 3):
        asked, *others = entries[start : start + 3]
        by_role = {entry.role: entry.content for entry in others}
        yield WrittenTurn(
            asked.content, _LABELS.get(asked.heard or ""), by_role["music"], by_role["assistant"]
        )


_LABELS: Final = {"good": Progress.MOVES, "bad": Progress.DOES_NOT_MOVE}
