"""`segue show`: one conversation, to read, as JSON, or as the original's three files."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated, Any

import typer


def register(app: typer.Typer) -> None:
    app.command("show")(show)


def show(
    context: typer.Context,
    thread: Annotated[str, typer.Argument(help="Thread id, or a unique start of it.")],
    thoughts: Annotated[bool, typer.Option("--thoughts", help="Show what both sides think.")] = False,
    files: Annotated[
        Path | None,
        typer.Option(help="Write profiling.json, conversation_goal.json and chat.json here."),
    ] = None,
    as_json: Annotated[bool, typer.Option("--json", help="One JSON document.")] = False,
) -> None:
    """Show one conversation."""
    from .reading import document, open_reading
    from .transcript import print_transcript

    with open_reading(context) as reading:
        found = reading.threads.get(thread)
        channels = reading.state(found)
        shown = document(found, channels)
    if files is not None:
        _write_files(files, found.thread_id, channels)
    elif as_json:
        from .output import print_json

        print_json(shown)
    else:
        print_transcript(shown, thoughts=thoughts)


def _write_files(folder: Path, thread_id: str, channels: dict[str, Any]) -> None:
    import json

    from ..state.original import original_files
    from .output import say

    folder.mkdir(parents=True, exist_ok=True)
    for name, content in original_files(thread_id, channels).items():
        path = folder / name
        path.write_text(json.dumps(content, ensure_ascii=False, indent=2) + "\n", encoding="utf-8")
        say(f"wrote {path}")
