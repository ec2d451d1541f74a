"""One class name has one meaning: none stands twice in the source."""

from __future__ import annotations

import ast
from collections import defaultdict
from pathlib import Path

import segue


def test_no_class_name_stands_twice() -> None:
    root = Path(segue.__path__[0])
    places: dict[str, list[str]] = defaultdict(list)
    for path in sorted(root.rglob("*.py")):
        inside = path.relative_to(root)
        if inside.parts[0] in ("tests", "benchmarks", "build") or inside.parts[0].startswith("."):
            continue
        for node in ast.walk(ast.parse(path.read_text("utf-8"))):
            if isinstance(node, ast.ClassDef):
                places[node.name].append(f"{inside}:{node.lineno}")
    assert {name: where for name, where in places.items() if len(where) > 1} == {}
    assert len(places) > 300, "the source was read"
