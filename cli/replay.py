"""`segue replay`: a conversation from the store, and the proof that the ledger explains it."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated, Any

import typer

if TYPE_CHECKING:
    from ..runs.experiments.replay import Replayed
    from .reading import Reading


def register(app: typer.Typer) -> None:
    app.command("replay")(replay)


def replay(
    context: typer.Context,
    threads: Annotated[
        list[str] | None, typer.Argument(help="Thread ids; with --verify all of the store by default.")
    ] = None,
    verify: Annotated[
        bool, typer.Option("--verify", help="Run the graph again from the ledger and compare checkpoints.")
    ] = False,
    prompt: Annotated[
        list[str] | None,
        typer.Option(help="With --verify: AGENT=FILE in place of a template, to see the diff."),
    ] = None,
    thoughts: Annotated[bool, typer.Option("--thoughts", help="Show what both sides think.")] = False,
    as_json: Annotated[bool, typer.Option("--json", help="One JSON object a line.")] = False,
) -> None:
    """Replay conversations without a single model call."""
    from ..core.errors import ConfigError
    from .output import print_json_line
    from .reading import document, open_reading
    from .transcript import print_transcript

    with open_reading(context) as reading:
        if not threads and not verify:
            raise ConfigError("which conversation?", hint="`segue threads` lists them; `segue replay THREAD`")
        found = [reading.played(t) for t in threads] if threads else reading.all_played()
        if verify:
            _verify_all(reading, found, prompt or [], as_json)
            return
        for thread in found:
            shown = document(thread, reading.state(thread))
            if as_json:
                print_json_line(shown)
            else:
                print_transcript(shown, thoughts=thoughts)


def _verify_all(reading: Reading, found: list[Any], prompt: list[str], as_json: bool) -> None:
    import asyncio

    from .output import print_json_line, progress, say

    checkpoints = calls = 0
    with progress(len(found)) as advance:
        for thread in found:
            replayed: Replayed = asyncio.run(_verify(reading, thread, prompt))
            checkpoints, calls = checkpoints + replayed.checkpoints, calls + replayed.recorded_calls
            advance(thread.thread_id)
            if as_json:
                print_json_line(
                    {
                        "thread_id": replayed.thread_id,
                        "equal": True,
                        "checkpoints": replayed.checkpoints,
                        "recorded_calls": replayed.recorded_calls,
                        "model_calls": 0,
                    }
                )
            else:
                print(f"{replayed.thread_id}  {replayed.checkpoints} checkpoints equal", flush=True)
    say(
        f"{len(found)} conversations, {checkpoints} checkpoints equal, {calls} calls from the ledger, "
        "0 to any model"
    )


async def _verify(reading: Reading, thread: Any, prompt: list[str]) -> Replayed:
    from ..runs.config import PlaySettings, prompt_overrides
    from ..runs.experiments.replay import Replayer
    from ..runs.runtime import open_runtime

    async with open_runtime(reading.store, PlaySettings()) as runtime:
        changes = {"prompt_overrides": prompt_overrides(prompt)} if prompt else {}
        return await Replayer(runtime, reading.ledger, changes).verify(thread)
