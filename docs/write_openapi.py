"""Writes agents/chair/openapi.json from the view that recommenders are sent: `python docs/write_openapi.py`."""

from __future__ import annotations

import json
from pathlib import Path

import segue
from segue.agents.chair.openapi import FILE, made


def write() -> str:
    """The file's text."""
    return json.dumps(made(), indent=2, ensure_ascii=False) + "\n"


if __name__ == "__main__":
    folder = Path(segue.__file__).parent / "agents" / "chair"
    (folder / FILE).write_text(write(), encoding="utf-8")
