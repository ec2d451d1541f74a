"""`segue replay`: a conversation from the store, and the proof that the ledger explains it."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated

import typer

from ...core.tables import counted
from .. import arguments, completion

if TYPE_CHECKING:
    from ... import OpenStore


def register(app: typer.Typer) -> None:
    app.command("replay")(replay)


def replay(
    context: typer.Context,
    threads: Annotated[
        list[str] | None,
        typer.Argument(
            help="Thread ids; with --verify all of the store by default.", autocompletion=completion.threads
        ),
    ] = None,
    verify: Annotated[
        bool, typer.Option("--verify", help="Run the graph again from the ledger and compare checkpoints.")
    ] = False,
    prompt: Annotated[
        list[str] | None,
        typer.Option(help="With --verify: AGENT=FILE in place of a template, to see the diff."),
    ] = None,
    thoughts: arguments.Thoughts = False,
    as_json: arguments.JsonLines = False,
) -> None:
    """Replay conversations without a single model call."""
    import asyncio

    from ... import open_store, replay
    from ...core.errors import ConfigError
    from ..output import print_json_line
    from ..transcript import print_transcript

    with open_store(context.obj["store"], read_only=True) as store:
        if verify:
            asyncio.run(_verify(store, threads, prompt or [], as_json))
            return
        if not threads:
            raise ConfigError("which conversation?", hint="`segue threads` lists them; `segue replay THREAD`")
        for found in replay(threads, store=store):
            if as_json:
                print_json_line(found.document)
            else:
                print_transcript(found.document, thoughts=thoughts)


async def _verify(store: OpenStore, threads: list[str] | None, prompt: list[str], as_json: bool) -> None:
    from contextlib import aclosing

    from ...api.evaluation.experiments import verify_each
    from ..output import Terminal, print_json_line, print_line, say

    conversations = checkpoints = calls = 0
    with Terminal() as events:
        proved = verify_each(threads, prompt=prompt, store=store, events=events)
        async with aclosing(proved) as proofs:
            async for proof in proofs:
                conversations += 1
                checkpoints, calls = checkpoints + proof.checkpoints, calls + proof.recorded_calls
                if as_json:
                    equal = {"equal": True, "checkpoints": proof.checkpoints}
                    asked = {"recorded_calls": proof.recorded_calls, "model_calls": 0}
                    print_json_line({"thread_id": proof.thread_id, **equal, **asked})
                else:
                    print_line(f"{proof.thread_id}  {counted(proof.checkpoints, 'checkpoint')} equal")
    say(
        f"{counted(conversations, 'conversation')}, {counted(checkpoints, 'checkpoint')} equal, "
        f"{counted(calls, 'call')} from the ledger, "
        "0 to any model"
    )
