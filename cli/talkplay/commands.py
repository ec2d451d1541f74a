"""`segue talkplay`: music as tokens of a language model, from conversations to a recommender and its scores."""

from __future__ import annotations

import typer

from . import data, evaluate, reproduce, talk, tokenize, train

app = typer.Typer(
    name="talkplay",
    help="Recommend by a language model that writes tracks as tokens: its data, its training, its scores.",
    no_args_is_help=True,
    pretty_exceptions_enable=False,
    rich_markup_mode=None,
)

for part in (data, tokenize, train, evaluate, talk, reproduce):
    part.register(app)


def register(root: typer.Typer) -> None:
    root.add_typer(app, name="talkplay")
