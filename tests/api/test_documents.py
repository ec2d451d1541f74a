"""What the documents of the face show, run as they stand."""

from __future__ import annotations

from pathlib import Path

import polars as pl
import pytest
import segue
from support.cells import code_cells, fenced, run_cells

DOCS = Path(segue.__file__).parent / "docs"


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """An empty folder to work in."""
    monkeypatch.chdir(tmp_path)
    return tmp_path


@pytest.mark.slow
def test_twenty_lines_play_branch_and_tabulate(folder: Path) -> None:
    script = fenced(DOCS / "python.md")[0]
    assert sum(bool(line.strip()) for line in script.splitlines()) <= 20
    namespace: dict[str, object] = {}
    exec(script, namespace)
    turns = namespace["turns"]
    assert isinstance(turns, pl.DataFrame) and turns["thread_id"].n_unique() == 11 and turns.height == 33


@pytest.mark.slow
async def test_every_sample_of_the_page_runs(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    namespace, _ = await run_cells(fenced(DOCS / "python.md"))
    said = capsys.readouterr().out
    assert "10 done" in said and "no store at 'nowhere.db'" in said
    assert (folder / "dataset" / "README.md").exists() and namespace["proof"].sound


@pytest.mark.slow
async def test_the_notebook_runs_to_its_picture(folder: Path) -> None:
    pytest.importorskip("matplotlib")
    namespace, values = await run_cells(
        "".join(cell["source"]) for cell in code_cells(DOCS / "notebook.ipynb")
    )
    pictures = [value._repr_svg_() for value in values if hasattr(value, "_repr_svg_")]
    assert len(pictures) == 1 and "<svg" in pictures[0]
    assert len(namespace["found"].effects) == 4 and namespace["run"].counts == {"done": 6}


def test_the_notebook_holds_no_outputs() -> None:
    assert all(
        not cell["outputs"] and cell["execution_count"] is None
        for cell in code_cells(DOCS / "notebook.ipynb")
    )


def test_the_page_names_all_that_the_face_gives() -> None:
    page = (DOCS / "python.md").read_text(encoding="utf-8")
    assert [name for name in segue.__all__ if name not in page] == []
