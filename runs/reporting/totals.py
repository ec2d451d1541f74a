"""What was uploaded, cached and batched, and how far money has come, said at the end of what was played."""

from __future__ import annotations

from ...models.costs.budget import CappedBudget
from ..runtime import Runtime


def say_totals(runtime: Runtime) -> None:
    """What was uploaded, cached and batched, and how far money under a cap has come, in a line each."""
    counts, meter = runtime.delivery.counts, runtime.meter
    said = ", ".join(f"{counts[name]} {what}" for name, what in DELIVERED.items() if counts[name])
    if said:
        runtime.events.say(said)
    if not isinstance(meter.budget, CappedBudget):
        return
    runtime.events.say(f"${meter.budget.paid:.4f} of ${meter.budget.cap:.4f} are counted")
    if meter.lost_usd:
        runtime.events.say(
            f"up to ${meter.lost_usd:.4f} of that is for answers that never came and may not be billed; "
            "a later run does not count it again"
        )


DELIVERED = {
    "uploads": "media uploaded",
    "created": "caches made",
    "reads": "calls read from caches",
    "implicit": "calls read from caches that the provider keeps by itself",
    "left_to_provider": "prompts left to those, which cost less than caches of ours",
    "lost": "uploads or caches lost and made good",
    "failed": "caches that could not be made",
    "jobs": "batch jobs",
    "calls": "calls in them",
    "failed_calls": "of them asked again",
    "resumed": "answers taken up from earlier jobs",
}
"""`Delivery.counts` in words."""
