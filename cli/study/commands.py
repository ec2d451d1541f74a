"""`segue study`: conversations rated by people: drawn, and served."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from ...core.tables import counted
from .. import arguments
from ..settings import printing
from . import results

if TYPE_CHECKING:
    from ... import OpenStore
    from ...api.evaluation.studies import RaterProgress, Study

app = typer.Typer(
    name="study",
    help="Have people rate conversations: draw a study, serve its pages, report on the ratings.",
    no_args_is_help=True,
    pretty_exceptions_enable=False,
    rich_markup_mode=None,
)


WARNING = (
    "--host {host}: whoever can reach this machine's port sees the pages, and whoever has a rater's link sees that "
    "rater's conversations and answers, and can change them. Nothing else of the store is served. What goes over the "
    "network is not encrypted, links included, unless a proxy with TLS stands before it (then give --address https://…)"
)


def register(root: typer.Typer) -> None:
    app.add_typer(results.app)
    root.add_typer(app, name="study")


def _example() -> str:
    from ...api.evaluation.studies import example_study

    return example_study()


Name = Annotated[str, typer.Argument(metavar="NAME", help="The study's name.")]
Address = Annotated[
    str | None,
    typer.Option(help="Where raters find the pages, such as http://study.example:8348; loopback by default."),
]


@app.command("new")
def new(
    context: typer.Context,
    name: Name,
    plan: Annotated[Path | None, typer.Argument(help="YAML file; --example prints one.")] = None,
    source: Annotated[
        list[str] | None,
        typer.Option(
            metavar="NAME=WHERE",
            help="A run, branches:RUN, a data set or a file of CPCD, and what to call it; may be repeated.",
        ),
    ] = None,
    compare: Annotated[bool, typer.Option("--compare", help="Which of two, in place of ratings.")] = False,
    raters: Annotated[int | None, typer.Option(help="How many people; 26 by default.")] = None,
    conversations: Annotated[
        int | None, typer.Option(help="That each of them is shown; 10 by default.")
    ] = None,
    ratings: Annotated[int | None, typer.Option(help="Of each conversation; 1 by default.")] = None,
    checks: Annotated[
        int | None, typer.Option(help="Attention checks for each rater; none by default.")
    ] = None,
    seed: Annotated[int | None, typer.Option(help="Of the draw; 0 by default.")] = None,
    example: Annotated[
        bool, typer.Option("--example", callback=printing(_example), help="Print a commented plan and end.")
    ] = False,
    as_json: arguments.OneJson = False,
) -> None:
    """Draw a study: which conversations are rated, by whom, in which order."""
    from ...api.evaluation.studies import new_study
    from ..output import print_json

    numbers = {"raters": raters, "conversations": conversations, "ratings": ratings, "checks": checks}
    changes: dict[str, Any] = {**numbers, "seed": seed, "form": "compare" if compare else None}
    changes["sources"] = _sources(source) if source else None
    made = new_study(name, plan, store=context.obj["store"], **changes)
    print_json(made.to_json()) if as_json else _print_study(made)


def _sources(given: list[str]) -> dict[str, str]:
    from ...core.errors import ConfigError

    found: dict[str, str] = {}
    for each in given:
        name, equals, place = each.partition("=")
        if not (name and equals and place):
            raise ConfigError(
                f"--source {each!r}: it must be NAME=WHERE", hint="such as ours=RUN or people=FILE"
            )
        if name in found:
            raise ConfigError(f"--source {each!r}: {name!r} is given twice")
        found[name] = place
    return found


def _print_study(made: Study) -> None:
    from ..output import print_line

    plan, pairs = made.plan, made.plan.form == "compare"
    drawn = counted(made.drawn, "pair" if pairs else "conversation")
    shown = counted(plan.conversations, "pair" if pairs else "conversation")
    print_line(
        f"{made.name}: {drawn} {'of each two sources' if pairs else 'from each source'} "
        f"({', '.join(plan.sources)}), {counted(plan.ratings, 'rating')} of each"
    )
    checks = f" and {counted(plan.checks, 'check')}" if plan.checks else ""
    print_line(
        f"{counted(plan.raters, 'rater')}, {shown}{checks} each, {counted(len(plan.questions), 'question')}; "
        f"{counted(made.asked, 'answer')} in all"
    )
    print_line(f"`segue study serve {made.name}` makes their links and opens the pages")


@app.command("serve")
def serve(
    context: typer.Context,
    name: Name,
    host: Annotated[
        str, typer.Option(help="0.0.0.0 for all who can reach this machine; this machine alone by default.")
    ] = "127.0.0.1",
    port: Annotated[int, typer.Option(help="0 for any that is free.")] = 8348,
    address: Address = None,
) -> None:
    """Open the pages on which raters rate, each by a link of their own. Every click is kept."""
    from ... import open_store
    from ...viewer.needs import require_server
    from ..output import print_line, say

    require_server("segue study serve")
    from ...viewer.study.serving import is_local, serve_study

    def ready(base: str, operator: str) -> None:
        _print_links(name, base, opened)
        print_line(f"progress  {operator}")
        say("Ctrl-C ends it; the same command goes on, by the same links")

    with open_store(context.obj["store"]) as opened:
        if not is_local(host):
            say(WARNING.format(host=host))
        serve_study(opened, name, ready, host=host, port=port, address=address)


def _print_links(name: str, base: str, store: OpenStore) -> None:
    from ...api.evaluation.studies import open_study, study_links
    from ..output import print_line

    for rater, token in study_links(name, store=store).items():
        print_line(f"{rater}  {base}/r/{token}")
    linked = open_study(name, store=store).linked
    print_line(
        f"{counted(linked, 'rater')} can rate at {base}; `segue study links {name} --renew RATER` renews a link"
    )


@app.command("list")
def list_(context: typer.Context, as_json: arguments.JsonLines = False) -> None:
    """List the studies of the store, in order of creation."""
    from ...api.evaluation.studies import studies
    from ..output import print_rows

    def row(study: dict[str, Any]) -> list[object]:
        sources = ", ".join(study["plan"]["sources"])
        return [
            study["study"],
            study["created"][:16],
            sources,
            study["raters"],
            study["given"],
            study["asked"],
        ]

    found = [study.to_json() for study in studies(store=context.obj["store"])]
    columns = ["study", "created", "sources", "raters", "answers", "of"]
    print_rows(found, columns, row, right=["raters", "answers", "of"], as_json=as_json)


@app.command("links")
def links(
    context: typer.Context,
    name: Name,
    renew: Annotated[
        list[str] | None, typer.Option(help="A new link for this rater, the old one leading nowhere.")
    ] = None,
    address: Address = None,
    as_json: arguments.JsonLines = False,
) -> None:
    """Make links for raters who have none yet. Each is told this once: the store keeps a digest of it."""
    from ...api.evaluation.studies import study_links
    from ..output import print_rows, say

    made = study_links(name, raters=renew or (), store=context.obj["store"])
    base = (address or "http://127.0.0.1:8348").rstrip("/")
    rows = [{"rater": rater, "link": f"{base}/r/{token}"} for rater, token in made.items()]
    print_rows(
        rows, ["rater", "link"], lambda row: [row["rater"], row["link"]], right=["link"], as_json=as_json
    )
    if not rows:
        say("every rater has a link; --renew RATER makes another one")


@app.command("progress")
def progress(context: typer.Context, name: Name, as_json: arguments.JsonLines = False) -> None:
    """Show how far each rater is."""
    from ...api.evaluation.studies import study_progress
    from ..output import print_rows

    def row(one: dict[str, Any]) -> list[object]:
        done = f"{one['done']} of {one['tasks']}"
        return [
            one["rater"],
            done,
            one["answers"],
            (one["last"] or "–")[:16],
            "yes" if one["linked"] else "no",
        ]

    found: list[RaterProgress] = study_progress(name, store=context.obj["store"])
    columns = ["rater", "done", "answers", "last", "link"]
    told = [each.to_json() for each in found]
    print_rows(told, columns, row, right=["done", "answers"], as_json=as_json)


@app.command("delete")
def delete(
    context: typer.Context,
    name: Name,
    yes: Annotated[
        bool, typer.Option("--yes", help="Really; otherwise it is only said what would go.")
    ] = False,
) -> None:
    """Delete a study with all its ratings."""
    from ...api.evaluation.studies import delete_study, open_study
    from ..output import print_line

    found = open_study(name, store=context.obj["store"])
    what = f"study {name} with {counted(found.given, 'answer')} of {counted(found.raters, 'rater')}"
    if yes:
        delete_study(name, store=context.obj["store"])
    print_line(f"deleted {what}" if yes else f"{what} would go; --yes deletes it")
