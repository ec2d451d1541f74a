"""`segue branch`: play a turn differently; the trunk stays as it is."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated, Any

import typer

from ..runs.config import BudgetSettings, ExecutionSettings, RunConfig
from .settings import SettingsCommand, takes

if TYPE_CHECKING:
    from ..checkpoints.store.threads import Thread
    from ..runs.experiments.branch import Change, Fork
    from .reading import Reading


def register(app: typer.Typer) -> None:
    app.command("branch", cls=SettingsCommand)(branch)


@takes(ExecutionSettings, BudgetSettings, also=("base_url",))
def branch(
    context: typer.Context,
    config: RunConfig,
    thread: Annotated[str, typer.Argument(help="Thread id, or a unique start of it.")],
    turn: Annotated[int, typer.Option(min=1, help="The turn to play differently.")],
    agent: Annotated[str, typer.Option(help="listener or recsys: who does something else.")],
    say: Annotated[str | None, typer.Option(help="What the agent says on that turn.")] = None,
    track: Annotated[str | None, typer.Option(help="The track that the recsys plays.")] = None,
    model: Annotated[str | None, typer.Option(help="Another model for the agent from there on.")] = None,
    prompt: Annotated[
        list[str] | None, typer.Option(help="AGENT=FILE: another template from there on.")
    ] = None,
    modalities: Annotated[
        list[str] | None, typer.Option(help="text,audio or recsys=text from there on.")
    ] = None,
    seed: Annotated[int | None, typer.Option(help="Another random stream from there on.")] = None,
    count: Annotated[int, typer.Option(min=1, help="How many draws, each with its own stream.")] = 1,
    reason: Annotated[str, typer.Option(help="Why, for the reader.")] = "",
    show: Annotated[bool, typer.Option("--show", help="Print the branches when they are done.")] = False,
    as_json: Annotated[bool, typer.Option("--json", help="One JSON object a line.")] = False,
) -> None:
    """Branch a conversation at a turn and play it on."""
    import asyncio

    from ..core.errors import ConfigError
    from .reading import open_reading

    if agent not in ("listener", "recsys"):
        raise ConfigError(f"--agent {agent!r}: it must be listener or recsys")
    with open_reading(context) as reading:
        parent = reading.played(thread)
        change = _change(
            parent, agent, say, track, model, config.base_url, prompt or [], modalities or [], seed, reason
        )
        made = asyncio.run(_branches(reading, parent, turn, agent, change, count, config))
        _report(reading, made, show, as_json)
    if any(t.status == "failed" for t in made):
        raise typer.Exit(3)


def _change(
    parent: Thread,
    agent: str,
    say: str | None,
    track: str | None,
    model: str | None,
    base_url: str | None,
    prompt: list[str],
    modalities: list[str],
    seed: int | None,
    reason: str,
) -> Change:
    """The flags as a change of the parent's plan."""
    from ..runs.experiments.branch import Change
    from ..runs.modalities import parse_modalities
    from ..runs.plan import load_config
    from ..state.values import Agent
    from .wiring import model_spec, prompt_overrides

    plan, _ = load_config(parent.config)
    fields: dict[str, Any] = {}
    if model is not None or base_url is not None:
        specs = dict(plan.models)
        if model is not None:
            specs[Agent(agent)] = model_spec(model, like=specs[Agent(agent)])
        if base_url is not None:
            specs = {a: model_spec(spec.name, like=spec, base_url=base_url) for a, spec in specs.items()}
        fields["models"] = {a.value: spec.model_dump(mode="json") for a, spec in specs.items()}
    if prompt:
        fields["prompt_overrides"] = {**plan.prompt_overrides, **prompt_overrides(prompt)}
    if modalities:
        have = {m for shown in plan.modalities.values() for m in shown}
        there = {"track_name": 1, "audio": int("audio" in have), "cover": int("image" in have)}
        shown = parse_modalities(modalities, there, otherwise=plan.modalities)
        fields["modalities"] = {a.value: list(kinds) for a, kinds in shown.items()}
    return Change(say=say, track_id=track, plan=fields, seed=seed, reason=reason)


async def _branches(
    reading: Reading, parent: Thread, turn: int, agent: str, change: Change, count: int, config: RunConfig
) -> list[Thread]:
    """Begin all draws, then play them side by side."""
    import asyncio

    from ..runs.conversation import play_thread
    from ..runs.experiments.branch import begin_branch, find_fork, plan_branch
    from ..runs.plan import load_config
    from ..state.values import Agent
    from .output import progress
    from .wiring import open_stage

    async with open_stage(reading, concurrency=config.concurrency) as stage:
        fork: Fork = find_fork(stage, parent, turn, Agent(agent))
        planned = [plan_branch(fork, change, draw=draw) for draw in range(count)]
        stage.open_models(load_config(planned[0].config)[0])
        begun = [await begin_branch(stage, reading.threads, fork, change, branch) for branch in planned]
        room = asyncio.Semaphore(config.concurrency)
        with progress(count) as advance:

            async def play(thread: Thread) -> Thread:
                async with room:
                    done = thread.status == "done"
                    played = thread if done else await play_thread(stage, reading.threads, thread)
                    advance(played.thread_id)
                    return played

            return list(await asyncio.gather(*(play(thread) for thread in begun)))


def _report(reading: Reading, made: list[Thread], show: bool, as_json: bool) -> None:
    from .output import print_json_line, say
    from .reading import document, summary
    from .transcript import print_transcript

    for thread in made:
        row = summary(reading, thread, listed=True)
        if as_json:
            print_json_line(row)
        elif show:
            print_transcript(document(thread, reading.state(thread)))
        else:
            print(f"{row['thread_id']}  {row['status']}  {row['turns']} turns  branch of {row['parent']}")
        if thread.error:
            say(f"{thread.thread_id} failed: {thread.error['message']}")
    if made:
        ids = " ".join(thread.thread_id for thread in made)
        say(f"compare with `segue compare {made[0].parent} {ids}`")
