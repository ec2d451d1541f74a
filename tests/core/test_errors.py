"""The tree of errors: drawn as it stands, and holding every error of ours."""

from __future__ import annotations

import ast
import inspect
import pickle
from pathlib import Path

import pytest
import segue
from segue.core import errors
from segue.core.errors import AnswerError, CatalogError, Place, ReplayDifference, SegueError, SettingError


def _drawn() -> list[tuple[str, str]]:
    """(name, name of its parent) of each line of the drawing, in order."""
    parents: list[str] = []
    found: list[tuple[str, str]] = []
    for line in (errors.__doc__ or "").splitlines():
        bare = line.lstrip("│├└─ ")
        if not bare.split() or bare.split()[0] not in vars(errors):
            continue
        name, depth = bare.split()[0], (len(line) - len(bare)) // 4
        parents[depth:] = [name]
        found.append((name, parents[depth - 1] if depth else ""))
    return found


def test_the_drawing_is_the_tree() -> None:
    known = [kind for kind in vars(errors).values() if inspect.isclass(kind)]
    kinds = [kind for kind in known if issubclass(kind, Exception) and not issubclass(kind, Warning)]
    assert dict(_drawn()) == {
        kind.__name__: kind.__base__.__name__ if kind is not SegueError else ""
        for kind in kinds
        if kind.__base__
    }
    assert all(inspect.getdoc(kind) for kind in kinds)


@pytest.mark.slow
def test_every_error_of_ours_is_in_the_tree() -> None:
    """Read, not imported. A class with an underscore leaves no module, so nobody can meet it."""
    tree = {name for name, _ in _drawn()}
    root = Path(segue.__path__[0])
    outside = []
    for path in root.rglob("*.py"):
        parts = path.relative_to(root).parts
        if parts[0] in ("core", "tests", "benchmarks", "build") or parts[0].startswith("."):
            continue
        for node in ast.walk(ast.parse(path.read_text("utf-8"))):
            bases = {ast.unparse(base) for base in node.bases} if isinstance(node, ast.ClassDef) else set()
            if bases & {
                *tree,
                "Exception",
                "BaseException",
                "ValueError",
                "RuntimeError",
                "OSError",
                "KeyError",
            }:
                outside.append(f"{path.relative_to(root)}: {node.name}")
    assert [found for found in outside if ": _" not in found] == []


@pytest.mark.parametrize(
    "error",
    [
        SettingError("turns", "must be one value", hint="one"),
        ReplayDifference("it left the line", "- a\n+ b"),
        CatalogError("is broken", file="a.csv", line=3, field="name"),
        AnswerError("no answer", raw="{", place=Place("t-1", 2, "recsys")),
    ],
)
def test_an_error_reaches_another_process_whole(error: SegueError) -> None:
    came = pickle.loads(pickle.dumps(error))
    assert type(came) is type(error) and str(came) == str(error) and vars(came) == vars(error)
