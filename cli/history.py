"""`segue history` and `segue tree`: a thread's checkpoints, and how branches hang together."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Annotated, Any

import typer

if TYPE_CHECKING:
    from rich.tree import Tree

    from ..checkpoints.threads import Thread
    from ..checkpoints.timeline import Step


def register(app: typer.Typer) -> None:
    app.command("history")(history)
    app.command("tree")(tree)


def history(
    context: typer.Context,
    thread: Annotated[str, typer.Argument(help="Thread id, or a unique start of it.")],
    turn: Annotated[int | None, typer.Option(help="Only this turn; 0 is the preparation.")] = None,
    state: Annotated[
        str | None, typer.Option(help="Print the whole state at this checkpoint, as JSON.")
    ] = None,
    as_json: Annotated[bool, typer.Option("--json", help="One JSON object a line.")] = False,
) -> None:
    """List a thread's checkpoints: which node acted on which turn, and what it wrote."""
    from ..checkpoints.timeline import steps
    from .output import print_json_line, print_table
    from .reading import open_reading

    with open_reading(context) as reading:
        found = reading.played(thread)
        if state is not None:
            _print_state(reading, found, state)
            return
        rows = [_row(step) for step in steps(reading.saver, found.thread_id) if step.after]
    rows = [row for row in rows if turn is None or row["turn"] == turn]
    if as_json:
        for row in rows:
            print_json_line(row)
        return
    print_table(
        ["checkpoint", "turn", "agent", "outcome", "calls", "wrote"],
        [
            [
                r["checkpoint_id"],
                r["turn"],
                r["agent"] or "input",
                r["outcome"],
                r["calls"],
                _brief(r["wrote"]),
            ]
            for r in rows
        ],
        right=["turn", "calls"],
    )


def _row(step: Step) -> dict[str, Any]:
    record = step.record or {}
    return {
        "checkpoint_id": step.checkpoint_id,
        "step": step.number,
        "turn": record.get("turn", 0),
        "agent": step.agent,
        "edited": step.edited,
        "outcome": record.get("outcome"),
        "calls": len(record.get("calls", ())),
        "created": step.created,
        "wrote": {k: v for k, v in step.written.items() if k != "records"},
    }


def _brief(wrote: Mapping[str, Any]) -> str:
    """What was written, in a few words."""
    if "tracks" in wrote:
        return "the first state"
    said = [m["text"] for m in wrote.get("messages", ())]
    if said:
        return f"{', '.join(wrote)}: {said[0][:60]}"
    return ", ".join(wrote)


def _print_state(reading: Any, thread: Thread, checkpoint: str) -> None:
    from ..checkpoints.timeline import find_state
    from ..state.channels import ConversationState
    from .output import print_json

    found = find_state(reading.saver, thread.thread_id, checkpoint)
    # LangGraph keeps its own channels beside ours, such as which node comes next.
    print_json({name: found[name] for name in ConversationState.__annotations__ if name in found})


def tree(
    context: typer.Context,
    thread: Annotated[str, typer.Argument(help="Any thread of the tree.")],
    as_json: Annotated[bool, typer.Option("--json", help="One JSON document.")] = False,
) -> None:
    """Draw the branches that a conversation has."""
    from .output import console, print_json
    from .reading import open_reading

    with open_reading(context) as reading:
        trunk = reading.threads.get(thread)
        while trunk.parent is not None:
            trunk = reading.threads.get(trunk.parent)
        family = reading.threads.list(session=trunk.session_id)
    if as_json:
        print_json(_branch_json(trunk, family))
    else:
        console().print(_drawn(trunk, family))


def _children(thread: Thread, family: Sequence[Thread]) -> list[Thread]:
    return [t for t in family if t.parent == thread.thread_id]


def _branch_json(thread: Thread, family: Sequence[Thread]) -> dict[str, Any]:
    return {
        "thread_id": thread.thread_id,
        "status": thread.status,
        "turns": thread.turns,
        "fork": thread.fork,
        "branches": [_branch_json(child, family) for child in _children(thread, family)],
    }


def _drawn(thread: Thread, family: Sequence[Thread], into: Tree | None = None) -> Tree:
    from rich.text import Text
    from rich.tree import Tree

    label = Text(f"{thread.thread_id}  {thread.status}, {thread.turns} turns")
    if thread.fork:
        label.append(f"  from turn {thread.fork['turn']}, {thread.fork['agent']}: {_edits(thread.fork)}")
    node = into.add(label) if into else Tree(label)
    for child in _children(thread, family):
        _drawn(child, family, node)
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
