"""Fingerprints compared: what a run's settings were, what they are now, and the refusal to mix them."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Self

from ..core.errors import ChangedRunError
from ..core.hashing import digest_of
from ..prompts.library import PromptLibrary
from .plan import RunPlan

GOALS = "the 44 goal templates"
_FLAGS = {"mean_words": "listener_words", "layout": "prompt_layout"}
"""Keys of a plan that are typed under another name."""
_PERSONAS = "personas"
_SHOWN = 12
"""Characters of a digest that are shown."""


@dataclass(frozen=True)
class Fingerprint:
    """All that decides a run's data, told apart far enough to name what changed.

    Attributes:
        settings: as `RunPlan.canonical` gives them.
        templates: template name -> digest of its own words.
    """

    settings: Mapping[str, Any]
    templates: Mapping[str, str]

    @classmethod
    def of(cls, plan: RunPlan, prompts: PromptLibrary) -> Self:
        goals = digest_of([template.to_json() for template in prompts.goal_templates()])
        return cls(
            plan.canonical(),
            {
                **prompts.laid_out(plan.layout, plan.answer_rules, actions=plan.acts).source_digests(),
                GOALS: goals,
            },
        )

    def to_json(self) -> dict[str, Any]:
        return {"settings": dict(self.settings), "templates": dict(self.templates)}


@dataclass(frozen=True)
class Difference:
    """One key whose value changed; None where it is absent."""

    key: str
    before: Any
    now: Any

    def __str__(self) -> str:
        if self.key == _PERSONAS:
            return "personas: " + "; ".join(_personas_changed(self.before or (), self.now or ()))
        return f"{_FLAGS.get(self.key, self.key)}: {_told(self.before)} -> {_told(self.now)}"


def differences(before: Fingerprint, now: Fingerprint) -> list[Difference]:
    """What changed, key by key; prompts by template."""
    old, new = dict(_flat(before.settings)), dict(_flat(now.settings))
    found = [
        Difference(key, old.get(key), new.get(key))
        for key in dict.fromkeys([*old, *new])
        if key != "prompts_digest" and old.get(key) != new.get(key)
    ]
    templates = [
        Difference(f"prompt {name}", before.templates.get(name), now.templates.get(name))
        for name in sorted(before.templates.keys() | now.templates.keys())
        if before.templates.get(name) != now.templates.get(name)
    ]
    return found + templates


def refusal(name: str, run_id: str, changed: Sequence[Difference]) -> ChangedRunError:
    """The error for a name that is asked to stand for other settings."""
    lines = "".join(f"\n  {difference}" for difference in changed)
    return ChangedRunError(
        f"the run {name!r} ({run_id}) has other settings, and its conversations stay as they are:{lines}",
        hint=f"start a new run with --name ANOTHER, or go back to the settings of {name!r}; `segue branch THREAD "
        "--turn N --agent AGENT` plays a kept conversation differently from a turn on",
    )


def _flat(value: Mapping[str, Any], prefix: str = "") -> Iterator[tuple[str, Any]]:
    for key, item in value.items():
        if isinstance(item, Mapping):
            yield from _flat(item, f"{prefix}{key}.")
        else:
            yield f"{prefix}{key}", item


def _personas_changed(before: Sequence[Mapping[str, Any]], now: Sequence[Mapping[str, Any]]) -> Iterator[str]:
    """By name what was added, left out and changed."""
    old, new = ({entry["name"]: entry for entry in entries} for entries in (before, now))
    for name in dict.fromkeys([*old, *new]):
        if name not in new:
            yield f"{name!r} is left out"
        elif name not in old:
            yield f"{name!r} is new"
        else:
            fields = [field for field in old[name] if old[name][field] != new[name].get(field)]
            yield from (
                f"{name!r} has {field.rstrip('_')} {_told(new[name].get(field))}, before {_told(old[name][field])}"
                for field in fields
            )
    if old == new:
        yield "they stand in another order"


def _told(value: Any) -> str:
    if value is None:
        return "none"
    if isinstance(value, (list, tuple)):
        return ",".join(map(str, value)) or "none"
    text = str(value)
    is_digest = len(text) == 32 and all(c in "0123456789abcdef" for c in text)
    return text[:_SHOWN] if is_digest else text
