"""What is written down agrees with the code, and says nothing about the machine it was written on."""

from __future__ import annotations

import importlib.util
import re
import shutil
import subprocess
from pathlib import Path
from types import ModuleType

import pytest
from segue.catalog.columns import SESSION_COLUMNS, TRACK_COLUMNS
from segue.core.settings import settings_of
from segue.runs.settings.config import RunConfig
from segue.state.partition import TABLE

ROOT = Path(__file__).parents[1]
MACHINE_PATH = re.compile(r"(?<![\w.}~-])/(?:" + "|".join(("work", "root", "tmp")) + r")/\w")


def kept_files() -> list[Path]:
    """What is or would be under version control."""
    if shutil.which("git") is None or not (ROOT / ".git").exists():
        pytest.skip("not a working copy under git")
    asked = ["git", "ls-files", "--cached", "--others", "--exclude-standard", "-z"]
    listed = subprocess.run(asked, cwd=ROOT, capture_output=True, encoding="utf-8", check=True).stdout
    return [ROOT / name for name in listed.split("\0") if name and (ROOT / name).is_file()]


def _script(name: str) -> ModuleType:
    spec = importlib.util.spec_from_file_location(name, ROOT / "docs" / f"{name}.py")
    assert spec is not None and spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def test_the_picture_of_the_partition_is_the_table_s() -> None:
    picture = (ROOT / "docs" / "partition.svg").read_text(encoding="utf-8")
    assert picture == _script("draw_partition").draw(), "run docs/draw_partition.py"
    assert all(rule.information.value in picture for rule in TABLE)


def test_the_table_of_settings_is_the_configuration_s() -> None:
    table = (ROOT / "docs" / "settings.md").read_text(encoding="utf-8")
    assert table == _script("write_settings").write(), "run docs/write_settings.py"
    shown = [setting for setting in settings_of(RunConfig).values() if not setting.about.hidden]
    assert all(f"`{setting.flag}` |" in table for setting in shown)


def test_the_format_s_description_is_the_models() -> None:
    page = (ROOT / "docs" / "native-format.md").read_text(encoding="utf-8")
    assert page == _script("write_format").write(), "run docs/write_format.py"
    rows = [line.split(" | ") for line in page.splitlines() if line.startswith("| `")]
    assert {*TRACK_COLUMNS, *SESSION_COLUMNS} <= {row[0].strip("| `") for row in rows}
    fields = [row for row in rows if len(row) == 4]
    assert all(row[3].strip(" |") for row in fields), "a field of which nothing is said"


def test_no_file_names_a_place_on_some_machine() -> None:
    found = []
    for path in kept_files():
        text = path.read_bytes().decode("utf-8", "replace")
        found += [f"{path.relative_to(ROOT)}: {match[0]}" for match in MACHINE_PATH.finditer(text)]
    assert found == []


def test_links_in_the_documents_lead_somewhere() -> None:
    for document in (path for path in kept_files() if path.suffix == ".md"):
        for target in re.findall(r"\]\((?!https?:|#|mailto:)([^)#\s]+)", document.read_text("utf-8")):
            assert (document.parent / target).exists(), f"{document.name} links to {target}"
