"""Code out of documents, run as a notebook runs it: cell by cell in one namespace, beside a running event loop."""

from __future__ import annotations

import ast
import inspect
import json
import re
import types
from collections.abc import Iterable
from pathlib import Path
from typing import Any

FENCED = re.compile(r"^```python\n(.*?)^```$", re.MULTILINE | re.DOTALL)


def fenced(document: Path) -> list[str]:
    """The Python samples of a Markdown document, in order."""
    return FENCED.findall(document.read_text(encoding="utf-8"))


def code_cells(notebook: Path) -> list[dict[str, Any]]:
    """The code cells of a notebook, in order."""
    cells = json.loads(notebook.read_text(encoding="utf-8"))["cells"]
    return [cell for cell in cells if cell["cell_type"] == "code"]


async def run_cells(cells: Iterable[str]) -> tuple[dict[str, Any], list[Any]]:
    """(the namespace afterwards, the value of each cell's last expression, None without one)."""
    module = types.ModuleType("__main__")
    values = []
    for number, source in enumerate(cells, 1):
        tree = ast.parse(source)
        shown = tree.body.pop() if isinstance(tree.body[-1], ast.Expr) else None
        await _run(tree, f"cell {number}", module.__dict__)
        value = ast.Expression(shown.value) if isinstance(shown, ast.Expr) else None
        values.append(await _run(value, f"cell {number}", module.__dict__) if value else None)
    return module.__dict__, values


async def _run(tree: ast.Module | ast.Expression, name: str, namespace: dict[str, Any]) -> Any:
    kind = "eval" if isinstance(tree, ast.Expression) else "exec"
    code = compile(tree, name, kind, flags=ast.PyCF_ALLOW_TOP_LEVEL_AWAIT)
    value = eval(code, namespace)
    return await value if inspect.iscoroutine(value) else value
