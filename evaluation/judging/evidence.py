"""What a judge is shown of a conversation: exactly what the aspect sees, between fences nobody can forge."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any

from ...core.hashing import digest_of
from ...prompts.library import PromptLibrary
from ...prompts.parts import Part, Text
from .aspects import Aspect, Sight, absent
from .cases import Case, CaseTurn

TEMPLATE = "judge/evidence.j2"
FENCE_LENGTH = 16

_LOOKALIKE = re.compile(r"(BEGIN|END)(\s+)(?=MATERIAL)", re.IGNORECASE)


def render_evidence(prompts: PromptLibrary, aspect: Aspect, case: Case) -> tuple[Part, ...]:
    """The case as the aspect sees it, as one block.

    Every value is one line of JSON without `<`, so that no text can open or close a block; words that look
    like our fence are spelled with an escape, which says the same to whoever reads JSON.
    """
    parts = prompts.render(TEMPLATE, **evidence_of(aspect, case))
    return tuple(Text(_disarm(part.text)) if isinstance(part, Text) else part for part in parts)


def fence_of(parts: tuple[Part, ...]) -> str:
    """The code of the fence around `parts`.

    It is a digest of all that the fence encloses: the same request has the same bytes every time, and a text
    that is to hold its own fence would have to hold a digest of itself.
    """
    return digest_of(["fence", [part.to_json() for part in parts]])[:FENCE_LENGTH]


def fenced(parts: tuple[Part, ...], fence: str) -> tuple[Part, ...]:
    """`parts` between the two lines that the system text tells of."""
    return (Text(f"BEGIN MATERIAL {fence}\n"), *parts, Text(f"END MATERIAL {fence}\n"))


def evidence_of(aspect: Aspect, case: Case) -> dict[str, Any]:
    """The variables of the template; what the aspect may not see is None, or not there at all."""

    def shown(sight: Sight, value: Any) -> Any:
        return value if sight in aspect.sees else None

    tracks = Sight.TRACKS in aspect.sees
    return {
        "absent": [sight.value for sight in absent(aspect, case)],
        "goal": shown(Sight.GOAL, _items(case.goal)),
        "profile": shown(Sight.PROFILE, _items(case.profile)),
        "profiling": shown(Sight.PROFILING, case.profiling),
        "pool": shown(Sight.POOL, case.pool),
        "turns": [_turn(turn, aspect, tracks) for turn in case.turns]
        if Sight.REQUESTS in aspect.sees
        else (),
    }


def _turn(turn: CaseTurn, aspect: Aspect, tracks: bool) -> dict[str, Any]:
    before = (
        ("listener_thought", turn.listener_thought if Sight.LISTENER_THOUGHTS in aspect.sees else None),
        ("listener", turn.request),
        ("recsys_thought", turn.recsys_thought if Sight.RECSYS_THOUGHTS in aspect.sees else None),
    )
    after = (
        ("recsys", turn.reply),
        ("label_of_this_track", turn.label if Sight.LABELS in aspect.sees else None),
    )
    return {
        "turn": turn.turn,
        "before": [item for item in before if item[1] is not None],
        "track": turn.track if tracks else None,
        "after": [item for item in after if item[1] is not None],
    }


def _items(value: Mapping[str, Any] | None) -> tuple[tuple[str, Any], ...] | None:
    return tuple(value.items()) if value is not None else None


def _disarm(text: str) -> str:
    """`text` with the blanks of would-be fences as JSON escapes."""
    return _LOOKALIKE.sub(lambda found: found[1] + "".join(f"\\u{ord(c):04x}" for c in found[2]), text)
