"""What was begun under the rules of answers that `auto` once meant: it goes on under them."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import TypeVar

from ..checkpoints import Store
from ..checkpoints.store.run_sessions import RunSessions
from ..checkpoints.store.threads import Threads
from .events import Events
from .plan import AUTO, earlier_rules, third_rules_alone
from .settings.config import RunConfig

Made = TypeVar("Made")


def as_begun(
    made: Made,
    config: RunConfig,
    store: Store,
    runs: Callable[[Made], Iterable[str]],
    remade: Callable[[RunConfig], Made],
    events: Events,
) -> Made:
    """`made`, or the same under earlier rules where the store has that and nothing of `made`, or has its name for a run
    of those.

    Args:
        made: what `config` came to.
        runs: the ids of its runs.
        remade: what another configuration comes to.
        events: is told of it.
    """
    threads = Threads(store)
    if config.answer_rules != AUTO or threads.known_runs(runs(made)):
        return made
    held = RunSessions(store).named(config.name) if config.name else None
    if held is None and third_rules_alone(config):
        return made  # nothing of the kind can have been begun under earlier ones
    rules = earlier_rules(config) if held is None else threads.run(held)["plan"].get("answer_rules", 1)
    earlier = remade(config.changed(answer_rules=str(rules)))
    if not threads.known_runs(runs(earlier)):
        return made if held is None else earlier
    events.say(
        f"it was begun under rules {rules} of answers, and goes on under them; --answer-rules 3 begins anew"
    )
    return earlier
