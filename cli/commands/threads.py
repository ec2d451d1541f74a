"""`segue threads`, `show`, `history` and `tree`: which conversations there are, and one of them in every detail."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any, cast

import typer

from ...core.tables import counted
from .. import arguments, completion
from ..layout import cut
from ..overwriting import Overwrite, require_free

if TYPE_CHECKING:
    from rich.tree import Tree

    from ...api.listing import Sort
    from ...api.reading.searching import Further


def register(app: typer.Typer) -> None:
    for command in (threads, show, history, tree):
        app.command()(command)


@dataclass(frozen=True)
class ThreadsFlags:
    """Which conversations are listed, in which order, and how."""

    run: arguments.OfRun = None
    session: Annotated[str | None, typer.Option(help="Only this session.")] = None
    status: Annotated[
        str | None, typer.Option(help="Only done, failed, running, stopped or imported ones.")
    ] = None
    parent: Annotated[str | None, typer.Option(help="Only branches of this thread.")] = None
    topic: Annotated[str | None, typer.Option(help="Only goals of this topic, A to K.")] = None
    specificity: Annotated[str | None, typer.Option(help="Only goals so specific: LL, HL, LH or HH.")] = None
    model: Annotated[
        str | None, typer.Option(help="Only those that some agent played with this model, or recommender.")
    ] = None
    country: Annotated[str | None, typer.Option(help="Only listeners of this country.")] = None
    progress: Annotated[
        str | None,
        typer.Option(
            metavar="LEAST..MOST", help="Share of the judged tracks that moved toward the goal, such as 0.5.."
        ),
    ] = None
    failed_agent: Annotated[str | None, typer.Option(help="Only those that failed with this agent.")] = None
    score: Annotated[
        str | None, typer.Option(metavar="LEAST..MOST", help="Mean of the judge's scores, such as ..2.5.")
    ] = None
    limit: Annotated[int | None, typer.Option(help="Only the first so many of the order.")] = None
    newest: Annotated[bool, typer.Option("--newest", help="The newest first.")] = False
    sort: Annotated[
        str,
        typer.Option(
            help="created; session, status or goal from A to Z; turns, calls, tokens or cost, the most first."
        ),
    ] = "created"
    as_json: arguments.JsonLines = False

    @property
    def further(self) -> dict[str, str | None]:
        """What only the index knows."""
        names = ("specificity", "model", "country", "progress", "failed_agent", "score")
        return {name: getattr(self, name) for name in names}


@arguments.grouped
def threads(context: typer.Context, options: ThreadsFlags) -> None:
    """List the stored conversations, in order of creation."""
    from ... import open_searchable, open_store

    plain = not any(options.further.values())
    url = context.obj["store"]
    with open_store(url, read_only=True) if plain else open_searchable(url) as store:
        rows = store.summaries(
            run=options.run,
            session=options.session,
            status=options.status,
            parent=options.parent,
            topic=options.topic,
            limit=options.limit,
            newest=options.newest,
            sort=cast("Sort", options.sort),
            **cast("Further", options.further),
        )
    _print(rows, as_json=options.as_json)


_COLUMNS = {
    "thread": "thread_id",
    "session": "session_id",
    "status": "status",
    "turns": "turns",
    "calls": "model_calls",
    "tokens": "tokens",
    "cost": "cost_usd",
    "goal": "goal",
    "parent": "parent",
    "run": "run",
}
_SEATED = {**_COLUMNS, "recsys": "recommender"}
"""Heading -> what a row of JSON calls it."""


def _print(rows: Sequence[Mapping[str, Any]], *, as_json: bool) -> None:
    from ..output import print_rows

    columns = _SEATED if any("recommender" in row for row in rows) else _COLUMNS
    print_rows(
        rows,
        list(columns),
        lambda row: [_cell(row, key) for key in columns.values()],
        right=["turns", "calls", "tokens", "cost"],
        as_json=as_json,
    )


def _cell(row: Mapping[str, Any], key: str) -> object:
    if key != "cost_usd":
        return row.get(key, "model") if key == "recommender" else row[key]
    return cost_of(row)


def cost_of(row: Mapping[str, Any]) -> str:
    """What a listed conversation cost; nothing is said of one that failed before anything was asked."""
    if row["status"] == "failed" and not row["model_calls"]:
        return ""
    return "unpriced" if row["cost_usd"] is None else f"${row['cost_usd']:.4f}"


def show(
    context: typer.Context,
    thread: arguments.Thread,
    thoughts: arguments.Thoughts = False,
    files: Annotated[
        Path | None,
        typer.Option(help="Write profiling.json, conversation_goal.json and chat.json here."),
    ] = None,
    overwrite: Overwrite = False,
    as_json: arguments.OneJson = False,
) -> None:
    """Show one conversation."""
    from ... import open_store
    from ...api.conversation import ORIGINAL_FILES
    from ..output import print_json, say
    from ..transcript import print_transcript

    if files is not None:
        require_free((files / name for name in ORIGINAL_FILES), overwrite=overwrite)
    with open_store(context.obj["store"], read_only=True) as store:
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
    from ... import open_store
    from ..output import print_json, print_rows

    with open_store(context.obj["store"], read_only=True) as store:
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
            _actor(row),
            *(row[key] for key in keys),
            _brief(row["wrote"]),
        ],
        right=["turn", "calls"],
        as_json=as_json,
    )


def tree(
    context: typer.Context,
    thread: Annotated[str, typer.Argument(help="Any thread of the tree.", autocompletion=completion.threads)],
    as_json: arguments.OneJson = False,
) -> None:
    """Draw the branches that a conversation has."""
    from ... import open_store
    from ..output import print_drawn, print_json

    with open_store(context.obj["store"], read_only=True) as store:
        document = store.conversation(thread).tree()
    if as_json:
        print_json(document)
    else:
        print_drawn(_drawn(document))


def _actor(row: Mapping[str, Any]) -> str:
    """Who acted; a recommender by its name."""
    seated = row.get("recommender")
    return f"{row['agent']}: {seated['name']}" if seated else row["agent"] or "input"


def _brief(wrote: Mapping[str, Any]) -> str:
    """What was written, in a few words."""
    if "shortlists" in wrote:
        return f"shortlists: {counted(len(wrote['shortlists'][-1]['track_ids']), 'track')}"
    if "tracks" in wrote:
        return "the first state"
    said = [message["text"] for message in wrote.get("messages", ())]
    return f"{', '.join(wrote)}: {cut(said[0], 60)}" if said else ", ".join(wrote)


def _drawn(thread: Mapping[str, Any], into: Tree | None = None) -> Tree:
    from rich.tree import Tree

    from ..output import styled

    text = f"{thread['thread_id']}  {thread['status']}, {counted(thread['turns'], 'turn')}"
    if fork := thread["fork"]:
        text += f"  from turn {fork['turn']}, {fork['agent']}: {_edits(fork)}"
    label = styled(text)
    node = into.add(label) if into else Tree(label)
    for child in thread["branches"]:
        _drawn(child, node)
    return node


def _edits(fork: Mapping[str, Any]) -> str:
    """What a branch did differently, in a few words."""
    edits = fork["edits"]
    parts = [f"says {cut(edits['say'], 50)!r}"] if "say" in edits else []
    parts += [f"plays {edits['track_id']}"] if "track_id" in edits else []
    parts += [f"seed {edits['seed']}"] if "seed" in edits else []
    plan = edits.get("plan", {})
    parts += [f"{plan['recsys']} recommends"] if "recsys" in plan else []
    others = (name for name in plan if name not in ("recsys", "recsys_reply"))
    parts += [f"other {name.replace('_', ' ')}" for name in others]
    if fork.get("reason"):
        parts.append(f"({fork['reason']})")
    return ", ".join(parts) or "drawn again"
