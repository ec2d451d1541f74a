"""The commands in the order people need them, each made when it is asked for: listing them takes no code of theirs."""

from __future__ import annotations

import importlib
from collections.abc import Iterable, Mapping
from typing import Any, Final

import typer
from typer.core import TyperCommand, TyperGroup

from ..core.errors import Interrupted

COMMANDS: Final[Mapping[str, tuple[str, str]]] = {
    "init": (
        "commands.init",
        "Write a plan with every option and what it is, to start from; it can be run as it is.",
    ),
    "run": (
        "commands.run",
        "Play conversations, each kept turn by turn. Running the same command again resumes.",
    ),
    "retry": (
        "commands.run",
        "Play conversations of a run again that failed. Each keeps its error until it succeeds.",
    ),
    "runs": (
        "commands.runs",
        "List the runs, or the sessions that one run covers with the standing of each.",
    ),
    "threads": (
        "commands.threads",
        "List the stored conversations, in order of creation.",
    ),
    "search": (
        "commands.search",
        "Find words in all messages and thoughts, those of the newest conversations first.",
    ),
    "show": (
        "commands.threads",
        "Show one conversation.",
    ),
    "history": (
        "commands.threads",
        "List a thread's checkpoints: which node acted on which turn, and what it wrote.",
    ),
    "tree": (
        "commands.threads",
        "Draw the branches that a conversation has.",
    ),
    "view": (
        "commands.view",
        "Look at what the store holds, as pages in a browser on this machine; or (--export) as one file.",
    ),
    "replay": (
        "commands.replay",
        "Replay conversations without a single model call.",
    ),
    "branch": (
        "commands.branch",
        "Branch a conversation at a turn and play it on. Running the same command again resumes.",
    ),
    "estimate": (
        "commands.estimate",
        "Predict calls, tokens and cost of `segue run` with the same flags. No model is asked.",
    ),
    "cost": (
        "commands.cost",
        "Show what was paid: by agent, kind of token, model and turn, next to the paper's table.",
    ),
    "compare": (
        "evaluation.compare",
        "Compare conversations from their nearest common ancestor on: words, picks, labels and numbers.",
    ),
    "ablate": (
        "evaluation.ablate",
        "Branch many conversations at one turn under every combination of levels, and test what differs.",
    ),
    "bench": (
        "evaluation.bench",
        "Play every recommender with every listener on the same sessions, goals and draws, and compare them.",
    ),
    "judge": (
        "evaluation.judge",
        "Judge conversations aspect by aspect. Every verdict is kept; the same command again resumes.",
    ),
    "study": (
        "study.commands",
        "Have people rate conversations: draw a study, serve its pages, report on the ratings.",
    ),
    "audit": (
        "evaluation.audit",
        "Prove the partition of stored conversations, or (--data, --all) count the known faults of data sets.",
    ),
    "stats": (
        "evaluation.stats",
        "Count conversations, users, tracks, artists and words; show what the goals and listeners are.",
    ),
    "export": (
        "commands.export",
        "Write finished and imported conversations in the published schema, with everything that loads beside it.",
    ),
    "import": (
        "commands.import_",
        "Bring published conversations into the store: to show, measure, judge and export, not to play or branch.",
    ),
    "delete": (
        "commands.upkeep",
        "Delete conversations or whole runs, with their calls and judgements. What others need of them stays.",
    ),
    "copy": (
        "commands.upkeep",
        "Copy conversations and runs into another store, with what they were branched from, their calls and "
        "judgements.",
    ),
    "rename": (
        "commands.upkeep",
        "Give a run another name.",
    ),
    "metrics": (
        "evaluation.metrics",
        "Retrieval metrics on prediction files of the 2026 challenge; baselines; ground truth of an export.",
    ),
    "recommender": (
        "commands.recommender",
        "Try a recommender of your own, or see what one must speak.",
    ),
    "walk": (
        "walk.commands",
        "Make conversations from collections of tracks, and test retrievers on people's own words.",
    ),
    "talkplay": (
        "talkplay.commands",
        "Recommend by a language model that writes tracks as tokens: its data, its training, its scores.",
    ),
    "catalog": (
        "catalog.commands",
        "Look into catalogues of tracks and sessions, and import them.",
    ),
    "store": (
        "commands.store",
        "Check, back up, upgrade and prune the database.",
    ),
}
"""Name -> (module in which it is registered, the first words of its own help)."""


class CommandList(TyperGroup):
    """The root. Of a command that nobody has asked for yet it holds the name and the first words of its help."""

    def __init__(self, **given: Any) -> None:
        super().__init__(**given)
        self.commands: dict[str, Any] = dict(_unmade())

    def get_command(self, context: Any, name: str) -> Any:
        """The command, and those that are registered beside it, with all their options."""
        if name in COMMANDS and isinstance(self.commands[name], _Unmade):
            self.commands |= _made(COMMANDS[name][0])
        return super().get_command(context, name)

    def invoke(self, context: Any) -> Any:
        """Typer would end with 130 and no word where a command is interrupted that does not hear of it itself."""
        try:
            return super().invoke(context)
        except KeyboardInterrupt as error:
            raise Interrupted("interrupted; what was finished is kept") from error

    def all(self) -> Mapping[str, Any]:
        """Every command."""
        return {name: self.get_command(None, name) for name in COMMANDS}

    def format_commands(self, context: Any, formatter: Any) -> None:
        """Lists them as they are."""
        TyperGroup(commands=dict(_unmade())).format_commands(context, formatter)


class _Unmade(TyperCommand):
    """A command of which a list tells."""


def _unmade() -> Iterable[tuple[str, _Unmade]]:
    return ((name, _Unmade(name=name, help=words)) for name, (_, words) in COMMANDS.items())


def _made(module: str) -> Mapping[str, Any]:
    """The commands that a module registers; it imports nothing heavy until they are called."""
    app = typer.Typer(pretty_exceptions_enable=False, rich_markup_mode=None, callback=_nothing)
    importlib.import_module(f".{module}", __package__).register(app)
    group: Any = typer.main.get_command(app)
    return dict(group.commands)


def _nothing() -> None:
    """Makes a group of one command, too."""
