"""Ablations as the store has them: what their branches say, without the files that planned them."""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from ...checkpoints.store.reasons import branches_made_for
from ...checkpoints.store.threads import Thread
from ...core.errors import NotFoundError
from ...core.suggestions import choices
from ...evaluation.ablation_report import AblationReport, report_ablation
from ...runs.experiments.ablation import AblationOutcome, Trial
from ...runs.experiments.ablation_plan import AblationPlan
from ..store import OpenStore

_REASON = re.compile(r"ablation (.+?): ((?:[^=,]+=[^=,]+)(?:, [^=,]+=[^=,]+)*)")
"""As the branches of a cell give it: name, then factor=level of each factor."""


@dataclass(frozen=True)
class StoredAblation:
    """One experiment, by its name and the move that it branches at.

    Attributes:
        factors: factor -> its levels by name, for what was played side by side tells no order.
        trials: branch -> its levels.
    """

    name: str
    turn: int
    agent: str
    factors: Mapping[str, Sequence[str]]
    trials: Sequence[tuple[Thread, Mapping[str, str]]]

    @property
    def trunks(self) -> list[str]:
        """The threads that it branched, each once."""
        return list(dict.fromkeys(str(thread.parent) for thread, _ in self.trials))


def stored_ablations(store: OpenStore) -> list[StoredAblation]:
    """The experiments of which branches are kept, in order of their first branch."""
    found: dict[tuple[str, int, str], list[tuple[Thread, dict[str, str]]]] = defaultdict(list)
    for thread in branches_made_for(store.store, "ablation "):
        fork = thread.fork or {}
        told = _REASON.fullmatch(fork["reason"])
        if told is not None:
            levels = dict(part.split("=", 1) for part in told[2].split(", "))
            found[told[1], fork["turn"], fork["agent"]].append((thread, levels))
    return [_stored(*place, trials) for place, trials in found.items()]


def _stored(
    name: str, turn: int, agent: str, trials: Sequence[tuple[Thread, dict[str, str]]]
) -> StoredAblation:
    seen: dict[str, set[str]] = defaultdict(set)
    for _, levels in trials:
        for factor, level in levels.items():
            seen[factor].add(level)
    factors = {factor: sorted(levels) for factor, levels in seen.items()}
    complete = [(thread, levels) for thread, levels in trials if levels.keys() == factors.keys()]
    complete.sort(key=lambda trial: [trial[1][factor] for factor in factors])
    return StoredAblation(name, turn, agent, factors, complete)


def stored_ablation(
    store: OpenStore, name: str, *, measures: Sequence[str] = (), interactions: bool = False
) -> AblationReport:
    """The report on the last experiment of that name, from the store alone.

    Cells that turned out the same conversation share one thread, which stands here for the first of them. Intervals
    are drawn with the seed 0.

    Args:
        measures: those of the report; the usual two by default.

    Raises:
        NotFoundError: no branch was made for it, or it has no factor with two levels by now.
    """
    known = stored_ablations(store)
    named = [each for each in known if each.name == name]
    if not named:
        names = list(dict.fromkeys(each.name for each in known))
        hint = choices(name, names, what="those kept here are") if names else "`segue ablate` plays one"
        raise NotFoundError(f"no ablation {name!r} is kept here", hint=hint)
    found = named[-1]
    if any(len(levels) < 2 for levels in found.factors.values()):
        raise NotFoundError(
            f"ablation {name!r} has branches of one level alone", hint="`segue ablate` goes on with it"
        )
    prices = store.prices()
    return report_ablation(
        _plan(found, measures, interactions),
        _outcome(store, found),
        store.reader.state,
        store.reader.ledger,
        prices,
    )


def _plan(found: StoredAblation, measures: Sequence[str], interactions: bool) -> AblationPlan:
    """What the branches tell of the plan; what its levels change stands in each branch."""
    told = {
        "name": found.name,
        "sessions": len(found.trunks),
        "turn": found.turn,
        "agent": found.agent,
        "factors": {factor: {level: {} for level in levels} for factor, levels in found.factors.items()},
        "interactions": interactions and len(found.factors) > 1,
    }
    return AblationPlan.model_validate({**told, "measures": list(measures)} if measures else told)


def _outcome(store: OpenStore, found: StoredAblation) -> AblationOutcome:
    trunks = {name: store.reader.threads.get(name) for name in found.trunks}
    outcome = AblationOutcome(len(found.trials), list(trunks.values()))
    for thread, levels in found.trials:
        trunk, edits = trunks[str(thread.parent)], (thread.fork or {}).get("edits") or {}
        outcome.trials.append(
            Trial(
                thread.session_id,
                trunk.config.get("seed", 0),
                edits.get("seed") or 0,
                levels,
                thread,
            )
        )
    return outcome
