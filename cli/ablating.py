"""What `segue ablate` does: wires plan, catalogue, store and graph together, plays, and reports."""

from __future__ import annotations

import asyncio
from pathlib import Path

from ..checkpoints import Store
from ..evaluation.ablation_report import AblationReport, report_ablation
from ..evaluation.effects import Effect
from ..evaluation.measures import MEASURES
from ..evaluation.plots import check_plot
from ..models.prices import PriceTable
from ..runs.config import RunConfig
from ..runs.experiments.ablation import Ablation, Outcome
from ..runs.experiments.ablation_opening import open_ablation, prepare_ablation
from ..runs.experiments.ablation_plan import read_ablation
from .output import Terminal, console, number, print_json, print_table, say
from .reading import Reading, shown_url
from .running import FAILED, heed_interrupts, stopped


def ablate_command(path: Path, store: str, config: RunConfig, *, plot: Path | None, as_json: bool) -> int:
    """Play the plan and return the exit code."""
    plan = read_ablation(path, measures=tuple(MEASURES))
    if plot is not None:
        check_plot(plot)
    ablation = prepare_ablation(plan, path, config)
    with Store.open(store) as opened:
        reading = Reading.of(opened)
        _announce(ablation)
        code, outcome, prices = asyncio.run(_play(ablation, reading))
        if outcome is None:
            return code
        report = report_ablation(plan, outcome, reading.state, reading.ledger, prices)
    if as_json:
        print_json(report.to_json())
    else:
        _print(report)
    if plot is not None:
        report.plot().save(plot)
        say(f"wrote {plot}")
    return code


def _announce(ablation: Ablation) -> None:
    plan, trunks = ablation.plan, len(ablation.trunks)
    sessions = len({session for _, session in ablation.trunks})
    say(f"ablation {plan.name}: branches at turn {plan.turn}, before the {plan.agent} acts")
    if sessions < trunks:
        say(f"{trunks} trunks from {sessions} sessions that qualify, the rest under the next seeds; sessions")
        say("are the independent units, so the intervals rest on them and not on the trunks")
    conversations = trunks * len(ablation.cells) * plan.repetitions
    say(
        f"{trunks} trunks x {len(ablation.cells)} cells x {plan.repetitions} repetitions = "
        f"{conversations} conversations"
    )


async def _play(ablation: Ablation, reading: Reading) -> tuple[int, Outcome | None, PriceTable]:
    """(exit code, what was played, prices); no outcome when it was stopped before the end."""
    with Terminal() as events:
        async with open_ablation(ablation, reading.store, events=events) as runtime:
            with heed_interrupts(runtime.signal):
                outcome = await ablation.play(runtime)
    prices = runtime.meter.prices
    if runtime.signal.stopped:
        say("stopped; what was finished is kept")
        return stopped(runtime.signal), None, prices
    for thread in outcome.failed:
        say(f"{thread.thread_id} failed: {(thread.error or {}).get('message')}")
    say(f"kept in {shown_url(reading.store.url)}")
    return (FAILED if outcome.failed else 0), outcome, prices


def _print(report: AblationReport) -> None:
    out, names = console(), list(report.plan.measures)
    out.print(
        f"{report.played} of {report.planned} conversations from {report.trunks} trunks on "
        f"{report.sessions} sessions; measured from turn {report.plan.turn} on"
    )
    out.print()
    factors = list(report.plan.factors)
    rows = [
        [*c.levels.values(), c.conversations, c.failed, *(number(c.means[n]) for n in names)]
        for c in report.cells
    ]
    print_table([*factors, "done", "failed", *names], rows, right=["done", "failed", *names])
    out.print()
    heads = ["reference", "level", "difference", "95 % interval", "p", "p (Holm)", "sessions"]
    print_table(["measure", "effect", *heads, ""], map(_row, report.effects), right=heads)
    out.print()
    _print_savings(report)


def _row(effect: Effect) -> list[str]:
    interval = "–" if effect.low is None else f"{effect.low:+.3f} … {effect.high:+.3f}"
    return [
        effect.measure,
        effect.label,
        number(effect.reference_mean),
        number(effect.level_mean),
        "–" if effect.difference is None else f"{effect.difference:+.3f}",
        interval,
        *map(_p_value, (effect.p, effect.p_holm)),
        str(effect.units),
        "differs" if effect.found else "",
    ]


def _p_value(p: float | None) -> str:
    if p is None:
        return "–"
    return f"{p:.4f}" if p >= 0.0001 else "<0.0001"


def _print_savings(report: AblationReport) -> None:
    out, saved = console(), report.savings
    out.print(
        f"{saved.calls} calls stand behind these conversations, {saved.calls_paid} were made: "
        f"sharing saved {saved.calls_saved}",
        end="",
    )
    if saved.cost_saved_usd is None:
        out.print("; a model has no listed price, so its cost is not known (see --prices)")
    else:
        out.print(f" (${saved.cost_usd:.4f}, paid ${saved.cost_paid_usd:.4f})")
    unpaired = sum(effect.unpaired for effect in report.effects)
    if unpaired:
        out.print(f"{unpaired} values were left out for want of a counterpart")
