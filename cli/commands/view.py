"""`segue view`: the store as pages in a browser on this machine."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from ...core.tables import counted
from .. import arguments, completion
from ..overwriting import Overwrite, require_free

if TYPE_CHECKING:
    from ...viewer.talks import Talks


def register(app: typer.Typer) -> None:
    app.command()(view)


@dataclass(frozen=True)
class ViewFlags:
    """Where pages are served; or what is written into one file."""

    port: Annotated[
        int | None,
        typer.Option(help="0 for any that is free; by default 8347, or any where that is in use."),
    ] = None
    play: Annotated[
        bool, typer.Option("--play", help="Let pages have branches played; models and a cap are named first.")
    ] = False
    talkplay: Annotated[
        Path | None,
        typer.Option(
            metavar="DIR", help="A model of `segue talkplay train` to talk with, on a page of its own."
        ),
    ] = None
    catalog: Annotated[
        str | None,
        typer.Option(help="With --talkplay: what may be played; the demo catalogue when left out."),
    ] = None
    open_: Annotated[bool, typer.Option("--open", help="Open the pages in the browser.")] = False
    export: Annotated[
        Path | None,
        typer.Option(
            metavar="FILE", help="Serve nothing: write conversations as one HTML file that asks for nothing."
        ),
    ] = None
    thread: Annotated[
        list[str] | None,
        typer.Option(help="To export; several by repeating it.", autocompletion=completion.threads),
    ] = None
    run: arguments.OfRun = None
    data: Annotated[Path | None, typer.Option(help="Export a sample of this data set instead.")] = None
    sample: Annotated[int, typer.Option(min=1, help="Conversations exported at most.")] = 20
    seed: Annotated[int, typer.Option(help="Of the sample's draw.")] = 0
    media: Annotated[
        str | None, typer.Option(metavar="KINDS", help="Put into the file: image, audio or both, by commas.")
    ] = None
    overwrite: Overwrite = False


@arguments.grouped
def view(context: typer.Context, options: ViewFlags) -> None:
    """Look at what the store holds, as pages in a browser on this machine; or (--export) as one file."""
    if options.export is not None:
        _export(context.obj["store"], options.export, options)
        return
    from ... import open_searchable
    from ...viewer.needs import require_server
    from ..output import print_line, say

    require_server("segue view")
    from ...viewer.server import serve

    talks = _talks(options)

    def ready(address: str) -> None:
        print_line(address)
        say("Ctrl-C ends it")
        if options.open_:
            _open(address)

    with open_searchable(context.obj["store"]) as store:
        playing_in = context.obj["store"] if options.play else None
        serve(store, ready, port=options.port, playing_in=playing_in, talks=talks)


def _talks(options: ViewFlags) -> Talks | None:
    """Conversations with the model that is named."""
    if options.talkplay is None:
        if options.catalog is not None:
            from ...core.errors import ConfigError

            raise ConfigError("--catalog is for --talkplay", hint="leave it out, or name a model")
        return None
    from ...api.talkplay.talking import talkplay_talk
    from ...viewer.talks import Talks

    return Talks(str(options.talkplay), talkplay_talk(options.talkplay, options.catalog))


def _export(store: str, file: Path, options: ViewFlags) -> None:
    from ...viewer.exporting import export_data, export_store, kinds_of, write_page
    from ..output import say

    kinds, most = kinds_of(options.media), options.sample
    require_free([file], overwrite=options.overwrite)
    if options.data is not None:
        page = export_data(options.data, sample=most, seed=options.seed, media=kinds)
    else:
        page = export_store(store, options.thread or (), run=options.run, limit=most, media=kinds)
    write_page(page, file)
    say(
        f"wrote {file}: {counted(page.conversations, 'conversation')}, {len(page.html.encode()) / 1e6:.1f} MB"
    )
    if page.lacking:
        say(f"{counted(page.lacking, 'clip or cover')} of those asked for is not in the cache folder")


def _open(address: str) -> None:
    import webbrowser

    from ..output import say

    if not webbrowser.open(address):
        say("no browser was found to open it in")
