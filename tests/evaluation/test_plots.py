"""The picture of an ablation: drawn where matplotlib is, refused with the way out where it is not."""

from __future__ import annotations

import sys
from pathlib import Path

import pytest
from segue.core.errors import ConfigError
from segue.evaluation.effects import Observation, corrected, interactions, main_effects
from segue.evaluation.plots import check_plot, plot_effects

FACTORS = {"a": ("off", "on"), "b": ("x", "y")}


@pytest.mark.parametrize(("suffix", "begins"), [("png", b"\x89PNG"), ("svg", b"<?xml"), ("pdf", b"%PDF")])
@pytest.mark.parametrize("sessions", [0, 1, 6])
def test_whatever_was_found_can_be_drawn(tmp_path: Path, suffix: str, begins: bytes, sessions: int) -> None:
    """No session gives no difference, one gives no interval."""
    pytest.importorskip("matplotlib")
    rows = [
        Observation(f"s{s}", (), {"a": a, "b": b}, float(s * (a == "on")))
        for s in range(sessions)
        for a in FACTORS["a"]
        for b in FACTORS["b"]
    ]
    measured = {"progress": rows, "picks": rows}
    found = [*main_effects(measured, FACTORS, seed=0), *interactions(measured, FACTORS, seed=0)]
    path = tmp_path / f"effects.{suffix}"
    plot_effects(corrected(found), title="a trial").save(path)
    assert path.read_bytes().startswith(begins)


def test_without_matplotlib_it_says_what_to_install(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "matplotlib.figure", None)
    with pytest.raises(ConfigError, match=r"pip install 'segue\[plots\]'"):
        check_plot(tmp_path / "effects.png")
