"""`segue estimate`: what a run will cost and how long it will take, before it is begun."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated

import typer

from ...api.settings import RunConfig
from ...core.tables import counted
from .. import arguments
from ..settings import SettingsCommand, takes

if TYPE_CHECKING:
    from ...api.planning.estimates import Estimate


def register(app: typer.Typer) -> None:
    app.command("estimate", cls=SettingsCommand)(estimate)


@takes(RunConfig, plan=True)
def estimate(
    context: typer.Context,
    config: RunConfig,
    sample: Annotated[
        int | None, typer.Option(min=1, help="Conversations that are rehearsed; 24 by default.")
    ] = None,
    as_json: arguments.OneJson = False,
) -> None:
    """Predict calls, tokens and cost of `segue run` with the same flags. No model is asked."""
    from ...api.planning.estimates import estimate
    from ..output import print_json

    found = estimate(config, store=context.obj["store"], sample=sample)
    if as_json:
        print_json(found.to_json())
    else:
        _print(found, config)


def _print(estimate: Estimate, config: RunConfig) -> None:
    """The prediction on stdout; what it rests on, on stderr."""
    from ...api.evaluation.reports import usd
    from ..output import print_line, say
    from .cost import print_agents, print_saved

    document = estimate.to_json()
    print_line(
        f"{counted(document['conversations'], 'conversation')}: {counted(document['calls'], 'call')}, "
        f"{counted(document['tokens'], 'token')}, "
        f"{usd(document['cost_usd'])} (prices of {document['prices']})"
    )
    if estimate.done:
        print_line(f"{estimate.done} more are done already")
    if document["cost_usd"]:
        long = usd(document["cost_usd_long_answers"])
        print_line(f"if answers are as long as the original pipeline's: {long}")
    print_line()
    print_agents(document)
    print_saved(document)
    print_line()
    print_line(_time(estimate, config))
    say(
        f"rehearsed {counted(estimate.sample, 'conversation')}; {estimate.basis}; retries: 0 %; {_repairs(estimate)}"
    )
    if estimate.error:
        say(f"from the sample alone the cost is sure to ±{100 * estimate.error:.1f} %")
    if config.max_cost is not None and (estimate.usd or 0.0) > config.max_cost:
        say(f"that is more than --max-cost {config.max_cost:g}: the run would stop on the way")


def _repairs(estimate: Estimate) -> str:
    known = [f"{agent} {100 * rate:.1f} %" for agent, rate in estimate.repairs.items()]
    return f"repairs as in the store: {', '.join(known)}" if known else "repairs: 0 %, none being recorded"


def _time(estimate: Estimate, config: RunConfig) -> str:
    if config.batch:
        from ...api.planning.estimates import batch_waves

        waves = batch_waves(config.turns)
        return f"{counted(waves, 'wave')} of batch jobs; the provider takes up to a day for each, and mostly far less"
    if estimate.seconds is not None:
        return f"about {_spell(estimate.seconds)} with {counted(config.concurrency, 'conversation')} at once"
    if estimate.least_seconds:
        return f"at least {_spell(estimate.least_seconds)} by the limits a minute; the models' latency is not known"
    return "how long it takes is not known: no call to these models is recorded in the store"


def _spell(seconds: float) -> str:
    """Seconds in words: `40 s`, `12 min`, `3 h 20 min`."""
    if seconds < 100:
        return f"{seconds:.0f} s"
    minutes = round(seconds / 60)
    return f"{minutes} min" if minutes < 100 else f"{minutes // 60} h {minutes % 60:02d} min"
