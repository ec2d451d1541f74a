"""Errors of the command line: ours, typer's, and defects."""

from __future__ import annotations

from pathlib import Path

import pytest
from segue.cli.failure import tell_defect
from support.command import Command


@pytest.mark.parametrize(
    ("line", "said"),
    [
        (["nope"], "No such command 'nope'"),
        (["run", "--nope"], "No such option: --nope"),
        (["run", "--turns", "many"], "Invalid value for '--turns'"),
    ],
)
def test_typer_s_own_errors_are_told_as_typer_tells_them(line: list[str], said: str, tmp_path: Path) -> None:
    done = Command(tmp_path, tmp_path / "cache")(*line, code=2)
    assert said in done.err and "Try 'segue" in done.err and "Traceback" not in done.err and done.out == ""


def test_a_defect_shows_its_trace_and_owns_no_terminal(capsys: pytest.CaptureFixture[str]) -> None:
    error = ValueError("red \x1b[31m and \u202e backwards")
    tell_defect(ValueError, error, None)
    err = capsys.readouterr().err
    assert "ValueError: red " in err and "\x1b" not in err and "\u202e" not in err
