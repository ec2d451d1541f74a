"""`segue threads`, `show`, `history` and `tree`: which conversations there are, and one of them in every detail."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from . import arguments

if TYPE_CHECKING:
    from rich.tree import Tree


def register(app: typer.Typer) -> None:
    for command in (threads, show, history, tree):
        app.command()(command)


def threads(
    context: typer.Context,
    run: arguments.OfRun = None,
    session: Annotated[str | None, typer.Option(help="Only this session.")] = None,
    status: Annotated[
        str | None, typer.Option(help="Only done, failed, running, stopped or imported ones.")
    ] = None,
    parent: Annotated[str | None, typer.Option(help="Only branches of this thread.")] = None,
    topic: Annotated[str | None, typer.Option(help="Only goals of this topic, A to K.")] = None,
    as_json: arguments.JsonLines = False,
) -> None:
    """List the stored conversations."""
    from .. import open_store
    from .output import print_rows

    with open_store(context.obj["store"]) as store:
        found = store.threads(run=run, session=session, status=status, parent=parent, topic=topic)
        rows = [one.summary() for one in found]
    keys = ["thread_id", "session_id", "status", "turns", "model_calls", "tokens", "cost_usd", "goal"]
    print_rows(
        rows,
        ["thread", "session", "status", "turns", "calls", "tokens", "cost", "goal", "parent", "run"],
        lambda row: [_cell(row, key) for key in (*keys, "parent", "run")],
        right=["turns", "calls", "tokens", "cost"],
        as_json=as_json,
    )


def _cell(row: Mapping[str, Any], key: str) -> object:
    if key != "cost_usd":
        return row[key]
    return "unpriced" if row[key] is None else f"${row[key]:.4f}"


def show(
    context: typer.Context,
    thread: arguments.Thread,
    thoughts: arguments.Thoughts = False,
    files: Annotated[
        Path | None,
        typer.Option(help="Write profiling.json, conversation_goal.json and chat.json here."),
    ] = None,
    as_json: arguments.OneJson = False,
) -> None:
    """Show one conversation."""
    from .. import open_store
    from .output import print_json, say
    from .transcript import print_transcript

    with open_store(context.obj["store"]) as store:
        found = store.conversation(thread)
        written = found.write_files(files) if files is not None else None
        document = found.document
    if written is not None:
        for path in written:
            say(f"wrote {path}")
    elif as_json:
        print_json(document)
    else:
        print_transcript(document, thoughts=thoughts)


def history(
    context: typer.Context,
    thread: arguments.Thread,
    turn: Annotated[int | None, typer.Option(help="Only this turn; 0 is the preparation.")] = None,
    state: Annotated[
        str | None, typer.Option(help="Print the whole state at this checkpoint, as JSON.")
    ] = None,
    as_json: arguments.JsonLines = False,
) -> None:
    """List a thread's checkpoints: which node acted on which turn, and what it wrote."""
    from .. import open_store
    from .output import print_json, print_rows

    with open_store(context.obj["store"]) as store:
        found = store.conversation(thread)
        if state is not None:
            print_json(found.state(checkpoint=state))
            return
        rows = found.history(turn)
    keys = ("outcome", "calls")
    print_rows(
        rows,
        ["checkpoint", "turn", "agent", *keys, "wrote"],
        lambda row: [
            row["checkpoint_id"],
            row["turn"],
            row["agent"] or "input",
            *(row[key] for key in keys),
            _brief(row["wrote"]),
        ],
        right=["turn", "calls"],
        as_json=as_json,
    )


def tree(
    context: typer.Context,
    thread: Annotated[str, typer.Argument(help="Any thread of the tree.")],
    as_json: arguments.OneJson = False,
) -> None:
    """Draw the branches that a conversation has."""
    from .. import open_store
    from .output import console, print_json

    with open_store(context.obj["store"]) as store:
        document = store.conversation(thread).tree()
    if as_json:
        print_json(document)
    else:
        console().print(_drawn(document))


def _brief(wrote: Mapping[str, Any]) -> str:
    """What was written, in a few words."""
    if "tracks" in wrote:
        return "the first state"
    said = [message["text"] for message in wrote.get("messages", ())]
    return f"{', '.join(wrote)}: {said[0][:60]}" if said else ", ".join(wrote)


def _drawn(thread: Mapping[str, Any], into: Tree | None = None) -> Tree:
    from rich.text import Text
    from rich.tree import Tree

    label = Text(f"{thread['thread_id']}  {thread['status']}, {thread['turns']} turns")
    if fork := thread["fork"]:
        label.append(f"  from turn {fork['turn']}, {fork['agent']}: {_edits(fork)}")
    node = into.add(label) if into else Tree(label)
    for child in thread["branches"]:
        _drawn(child, node)
    return node


def _edits(fork: Mapping[str, Any]) -> str:
    """What a branch did differently, in a few words."""
    edits = fork["edits"]
    parts = [f"says {edits['say'][:50]!r}"] if "say" in edits else []
    parts += [f"plays {edits['track_id']}"] if "track_id" in edits else []
    parts += [f"seed {edits['seed']}"] if "seed" in edits else []
    parts += [f"other {name.replace('_', ' ')}" for name in edits.get("plan", ())]
    if fork.get("reason"):
        parts.append(f"({fork['reason']})")
    return ", ".join(parts) or "drawn again"
