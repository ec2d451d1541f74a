"""What a user had on a given day, kept in the repository: plans, a store, what was printed of it, an export, flags.

Run as a script, `python -m support.keeping FOLDER` writes everything but the plans, which are read from `FOLDER/plans`.
What stands in the repository was written by the version of schema 2, before the rooms of the program moved; it is
written anew only for a change of behaviour that is meant.
"""

from __future__ import annotations

import json
import shutil
import signal
import sqlite3
import sys
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from support.command import Command

FILLING: tuple[tuple[str, ...], ...] = (
    ("run", "plans/first.yaml"),
    ("run", "plans/every-key.yaml"),
    ("run", "--turns", "1", "--seed", "7", "--name", "heard and seen"),
    ("ablate", "plans/ablation.yaml"),
    ("judge", "--model", "offline", "--aspects", "recommendation,goal_fulfilment", "--limit", "2"),
)
"""What fills the store; branches and the import come after it."""

BRANCHES: tuple[tuple[str, ...], ...] = (
    ("--turn", "2", "--agent", "recsys", "--say", "Something else, then.", "--reason", "another word"),
    ("--turn", "2", "--agent", "listener", "--say", "anything from the 70s?", "--seed", "5", "--count", "2"),
)
OWN = "own-prompts"
"""The plan whose every template is the user's own: what the package's own words become is no matter to it."""

STRUCTURED = "--json"


def fill(command: Command) -> None:
    """Everything that a store can hold."""
    for arguments in FILLING:
        command(*arguments)
    trunk = trunks(command)[0]
    for flags in BRANCHES:
        command("branch", trunk, *flags)
    command("import", "export", "--name", "published")


def trunks(command: Command) -> list[str]:
    """The conversations of the run `first`."""
    return [row["thread_id"] for row in command("runs", "first", STRUCTURED).rows]


def reads(command: Command) -> Iterator[tuple[str, ...]]:
    """Commands that read the store, each without another model call."""
    rows = command("threads", STRUCTURED).rows
    trunk, other = trunks(command)
    branches = [row["thread_id"] for row in rows if row["parent"] == trunk]
    imported = next(row["thread_id"] for row in rows if row["status"] == "imported")
    for plain in (("threads",), ("runs",), ("runs", "first"), ("cost",), ("cost", "every-key"), ("stats",)):
        yield from (plain, (*plain, STRUCTURED))
    for thread in (trunk, branches[0], imported):
        yield from (("show", thread), ("show", thread, STRUCTURED))
    yield from (("show", trunk, "--thoughts"), ("replay", trunk), ("replay", trunk, "--thoughts"))
    for thread in (trunk, branches[-1]):
        yield from (("history", thread), ("history", thread, STRUCTURED), ("tree", thread))
    yield ("replay", trunk, branches[0], STRUCTURED)
    yield ("tree", trunk, STRUCTURED)
    for compared in (("compare", trunk, *branches), ("compare", trunk, other)):
        yield from (compared, (*compared, STRUCTURED))
    yield from (("judge", "--report"), ("judge", "--report", STRUCTURED))
    for flags in (("--topic", "D"), ("--parent", trunk), ("--status", "imported")):
        yield ("threads", *flags, STRUCTURED)


def exported(command: Command) -> tuple[str, ...]:
    """The flags of the export that is kept: the trunks of the run `first`."""
    first = next(row["run"] for row in command("runs", STRUCTURED).rows if row["names"] == ["first"])
    return ("--run", first, "--no-branches", "--no-pictures")


def cut_off(command: Command, plan: str) -> None:
    """Play `plan` in a process and kill it in the middle of its second conversation."""
    flags = ("run", plan, "--latency", "0.3", "--concurrency", "1")
    with command.start(*flags) as process:
        while len(_finished(command.folder)) < 1:
            assert process.poll() is None, process.communicate()
            time.sleep(0.05)
        time.sleep(1.2)
        process.send_signal(signal.SIGKILL)
        process.wait()


def _finished(folder: Path) -> list[tuple[str]]:
    if not (folder / "segue.db").exists():
        return []
    with sqlite3.connect(folder / "segue.db") as connection:
        try:
            return connection.execute("SELECT thread_id FROM conversation WHERE status = 'done'").fetchall()
        except sqlite3.OperationalError:
            return []


def keep_store(source: Path, target: Path) -> None:
    """A copy in small pages: most tables are nearly empty, and the file lives in the repository."""
    with tempfile.TemporaryDirectory() as scratch:
        path = Path(scratch) / "store.db"
        reading, writing = sqlite3.connect(source), sqlite3.connect(path)
        reading.backup(writing)
        reading.close()
        writing.execute("PRAGMA journal_mode = DELETE")
        writing.execute("PRAGMA page_size = 1024")
        writing.execute("VACUUM")
        writing.close()
        target.write_bytes(path.read_bytes())


def write_json(path: Path, value: Any) -> None:
    path.write_text(json.dumps(value, indent=1, ensure_ascii=False) + "\n", encoding="utf-8")


PLAYED: tuple[tuple[str, ...], ...] = (
    ("run", "plans/first.yaml"),
    ("run", "plans/every-key.yaml"),
    ("run", "plans/example.yaml", "--sessions", "1", "--turns", "1"),
    ("--config", "plans/segue.yaml", "run"),
    ("run", f"plans/{OWN}.yaml"),
)
"""Plans whose runs and threads have ids that must stay what they are."""

ESTIMATED = ("first", "every-key", OWN)


def shape(value: Any) -> Any:
    """The keys of a document, and the kinds of what stands under them; of a list, the first item's."""
    if isinstance(value, dict):
        return {key: shape(item) for key, item in value.items()}
    if isinstance(value, list):
        return [shape(item) for item in value[:1]]
    if isinstance(value, bool) or value is None:
        return str(value)
    return "number" if isinstance(value, (int, float)) else "text"


def commands() -> dict[str, list[str]]:
    """Command -> its parameters, from the command line's own tree: `--max-cost VALUE $SEGUE_MAX_COST`, `{plan}`."""
    import typer
    from segue.cli.app import app

    tree = _walk(typer.main.get_command(app))
    return {" ".join(path): [_told(parameter) for parameter in node.params] for path, node in tree}


def _walk(node: Any, path: tuple[str, ...] = ()) -> Iterator[tuple[tuple[str, ...], Any]]:
    yield path, node
    children = node.all() if hasattr(node, "all") else getattr(node, "commands", {})
    for name, child in children.items():
        yield from _walk(child, (*path, name))


def _told(parameter: Any) -> str:
    if parameter.param_type_name == "argument":
        return f"{{{parameter.name}}}"
    names = [*parameter.opts, *parameter.secondary_opts]
    value = [] if parameter.is_flag else ["VALUE"]
    environ = [f"${parameter.envvar}"] if parameter.envvar else []
    return " ".join([*names, *value, *environ])


def play_plans(scratch: Path, folder: Path) -> dict[str, Any]:
    """What `run` and `estimate` say of each plan, each in a folder of its own."""
    played = []
    for number, arguments in enumerate(PLAYED):
        command = user(scratch / str(number), folder)
        rows = command(*arguments, STRUCTURED).rows
        played.append({"arguments": arguments, "rows": rows, "runs": _ids(command)})
    command = user(scratch / "estimates", folder)
    estimates = {
        name: shape(command("estimate", f"plans/{name}.yaml", STRUCTURED).document) for name in ESTIMATED
    }
    return {"played": played, "estimates": estimates}


def _ids(command: Command) -> list[str]:
    stores = [path.name for path in command.folder.glob("*.db")]
    return [row["run"] for row in command("--store", f"sqlite:///{stores[0]}", "runs", STRUCTURED).rows]


def user(folder: Path, golden: Path) -> Command:
    """segue in a new folder that holds the plans."""
    shutil.copytree(golden / "plans", folder / "plans")
    return Command(folder, folder.parent / "cache")


def make_store(scratch: Path, folder: Path) -> None:
    """A store of everything, with what its readers print, and an export of it."""
    command = user(scratch / "whole", folder)
    command("run", "plans/first.yaml")
    command("export", "export", "--no-pictures")
    (command.folder / "segue.db").unlink()
    fill(command)
    keep_store(command.folder / "segue.db", folder / "store.db")
    printed = [{"arguments": read, "out": command(*read).out} for read in reads(command)]
    write_json(folder / "printed.json", printed)
    write_json(folder / "ablation.json", command("ablate", "plans/ablation.yaml", STRUCTURED).document)
    shutil.rmtree(folder / "export", ignore_errors=True)
    command("export", folder / "export", *exported(command))


def make_half(scratch: Path, folder: Path) -> None:
    """A store whose run was killed, and what it came to when it was gone on with."""
    command = user(scratch / "half", folder)
    cut_off(command, f"plans/{OWN}.yaml")
    keep_store(command.folder / "segue.db", folder / "half.db")
    write_json(folder / "resumed.json", _of_own_plan(command))
    make_anew(scratch, folder)


def resume_half(scratch: Path, folder: Path) -> None:
    """What the killed run of that day comes to when it is gone on with now, and the same run begun now: for when the
    offline model has come to speak otherwise."""
    command = user(scratch / "half", folder)
    shutil.copy(folder / "half.db", command.folder / "segue.db")
    write_json(folder / "resumed.json", _of_own_plan(command))
    make_anew(scratch, folder)


def make_anew(scratch: Path, folder: Path) -> None:
    write_json(folder / "anew.json", _of_own_plan(user(scratch / "anew", folder)))


def _of_own_plan(command: Command) -> dict[str, Any]:
    rows = command("run", f"plans/{OWN}.yaml", STRUCTURED).rows
    return {"rows": rows, "shown": [command.show(row["thread_id"]) for row in rows]}


def make(folder: Path) -> None:
    """Write everything anew, the example plan included."""
    with tempfile.TemporaryDirectory() as scratch:
        example = Command(Path(scratch), Path(scratch) / "cache")("run", "--example").out
        (folder / "plans" / "example.yaml").write_text(example, encoding="utf-8")
        make_store(Path(scratch), folder)
        make_half(Path(scratch), folder)
        write_json(folder / "plans.json", play_plans(Path(scratch), folder))
    write_json(folder / "commands.json", commands())


if __name__ == "__main__":
    make(Path(sys.argv[1]))
