"""`import segue`: its names, what importing them costs, and that each is there for a type checker too."""

from __future__ import annotations

import ast
import subprocess
import sys
from pathlib import Path

import pytest
import segue

HEAVY = ("langgraph", "langchain_core", "polars", "sqlalchemy", "pydantic", "numpy")


@pytest.mark.parametrize("name", segue.__all__)
def test_every_name_is_there(name: str) -> None:
    assert getattr(segue, name) is not None and name in dir(segue)


def test_another_name_is_not() -> None:
    with pytest.raises(AttributeError, match="no attribute 'nothing'"):
        segue.nothing  # type: ignore[attr-defined]  # noqa: B018


def test_a_type_checker_sees_the_same_names() -> None:
    tree = ast.parse(Path(segue.__file__).read_text(encoding="utf-8"))
    typed = next(node for node in tree.body if isinstance(node, ast.If))
    imports = [node for node in typed.body if isinstance(node, ast.ImportFrom)]
    assert {alias.asname for node in imports for alias in node.names} | {"__version__"} == set(segue.__all__)


def test_importing_it_imports_nothing_heavy() -> None:
    code = f"import segue, sys; print([name for name in {HEAVY!r} if name in sys.modules])"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "[]"
