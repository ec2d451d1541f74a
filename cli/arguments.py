"""Arguments that several reading commands take."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

Thread = Annotated[str, typer.Argument(help="Thread id, or a unique start of it.")]
OfRun = Annotated[str | None, typer.Option("--run", help="Only this run: its name, or the start of its id.")]
Thoughts = Annotated[bool, typer.Option("--thoughts", help="Show what both sides think.")]
Show = Annotated[bool, typer.Option("--show", help="Print the conversations when they are done.")]
Altered = Annotated[
    bool, typer.Option("--include-altered", help="With conversations under a changed partition.")
]
Prices = Annotated[
    Path | None, typer.Option(envvar="SEGUE_PRICES", help="YAML file with prices of other models.")
]
OneJson = Annotated[bool, typer.Option("--json", help="One JSON document.")]
JsonLines = Annotated[bool, typer.Option("--json", help="One JSON object a line.")]
