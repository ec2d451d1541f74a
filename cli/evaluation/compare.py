"""`segue compare`: branches side by side, from where they part."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated, Any

import typer

from ...core.tables import counted
from .. import arguments, completion

if TYPE_CHECKING:
    from rich.console import RenderableType

    from ...api.evaluation.reports import Compared, Comparison

MARKS = {"MOVES_TOWARD_GOAL": "✓", "DOES_NOT_MOVE_TOWARD_GOAL": "✗", None: "·"}
SIDE_BY_SIDE, LEAST = 44, 24
"""Columns that one thread has without a terminal, and at least on one that shows them side by side."""


def register(app: typer.Typer) -> None:
    app.command("compare")(compare)


def compare(
    context: typer.Context,
    threads: Annotated[
        list[str],
        typer.Argument(
            help="Two thread ids or more, or unique starts of them.", autocompletion=completion.threads
        ),
    ],
    prices: arguments.Prices = None,
    measures: Annotated[
        bool, typer.Option("--measures", help="Say what exactly each measure counts.")
    ] = False,
    as_json: arguments.OneJson = False,
) -> None:
    """Compare conversations from their nearest common ancestor on: words, picks, labels and numbers.

    Labels stand with the track that they judge. Measures: progress, first_move, turns_to_goal, picks,
    artists, listener_words, recsys_words, repairs, model_calls, tokens, cost; --measures defines them.
    """
    from ... import compare as compare_threads
    from ..output import print_blocks, print_json

    comparison = compare_threads(threads, store=context.obj["store"], prices=prices)
    if as_json:
        print_json(comparison.to_json())
        return
    _print_head(comparison)
    _print_turns(comparison)
    print_blocks(comparison.measure_blocks(meanings=measures))


def _print_head(comparison: Comparison) -> None:
    from ..output import print_line, say

    since = comparison.divergence.since
    if comparison.divergence.ancestor is None:
        say("the threads are not related: they are compared from turn 1 on")
    else:
        print_line(
            f"one conversation up to the {since.agent.value}'s turn {since.turn} "
            f"(nearest common ancestor {comparison.divergence.ancestor})"
        )
    if not comparison.same_session:
        say("the threads are of different sessions: pools and goals differ")
    for line in comparison.compared:
        print_line(_headline(line))


def _headline(line: Compared) -> str:
    thread = line.thread
    fork = thread.fork
    words = f"{thread.thread_id}  {thread.status}, {counted(thread.turns, 'turn')}"
    if fork:
        words += f", branch of {thread.parent} at turn {fork['turn']} ({fork['agent']})"
        words += f": {fork['reason']}" if fork.get("reason") else ""
    return words + (", altered partition" if thread.altered else "")


def _print_turns(comparison: Comparison) -> None:
    """One row a turn, one column a thread, or one below the other where there is no room; what is not the same for
    all stands in bold."""
    from rich.table import Table

    from ..output import page_width, print_drawn, print_line, styled

    width = SIDE_BY_SIDE * len(comparison.compared) + 6
    if page_width(width) < LEAST * len(comparison.compared) + 6:
        for row in comparison.turns():
            for thread_id, move in row["threads"].items():
                print_line()
                print_line(f"turn {row['turn']}, {thread_id}:")
                print_drawn(_cell(move, row["differs"]))
        print_line()
        return
    table = Table(pad_edge=False, header_style="bold", show_lines=True)
    table.add_column("turn", justify="right")
    for line in comparison.compared:
        table.add_column(styled(line.thread_id), overflow="fold", ratio=1)
    for row in comparison.turns():
        cells = [_cell(move, row["differs"]) for move in row["threads"].values()]
        table.add_row(str(row["turn"]), *cells)
    print_drawn(table, piped_width=width)


def _cell(move: dict[str, Any] | None, differs: list[str]) -> RenderableType:
    """Words, pick and label of one turn; what differs between the threads in bold."""
    from ..output import styled
    from ..transcript import UNPLAYED

    if move is None:
        return styled("not played", "dim")
    text = styled(f"“{move['listener']}”", "bold" if "listener" in differs else "")
    if move["track_id"] is None and move["recsys"] is None:
        return text
    if move["track_id"] is None:
        return text.append(f"\n{UNPLAYED[move['action']]}\n“{move['recsys']}”")
    pick = f"\n♪ {move['title']} — {', '.join(move['artists'])}"
    mark = f"  {MARKS[move['progress']]}"
    text.append(styled(pick, "bold yellow" if "track_id" in differs else "not bold yellow"))
    return text.append(styled(mark, "bold" if "progress" in differs else "not bold"))
