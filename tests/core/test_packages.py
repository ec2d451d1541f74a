"""Packages of extras: all that are missing are named at once."""

from __future__ import annotations

import pytest
from segue.core.errors import ConfigError
from segue.core.packages import Need, require, require_all

DRAWING = Need("no_such_plots.figure", "plots", "a picture", "do without pictures")
TABLES = Need("no_such_arrow", "dataset", "parquet")


def test_one_that_is_missing_is_named_with_what_installs_it() -> None:
    with pytest.raises(ConfigError) as told:
        require("no_such_plots.figure", extra="plots", needed_by="a picture", instead="do without pictures")
    assert told.value.message == "a picture needs no-such-plots, which is not installed"
    assert told.value.hint == "pip install 'segue[plots]', or do without pictures"


def test_all_that_are_missing_are_named_at_once() -> None:
    with pytest.raises(ConfigError) as told:
        require_all([DRAWING, Need("json", "none", "text"), TABLES, TABLES])
    assert told.value.message == (
        "a picture needs no-such-plots; parquet needs no-such-arrow: they are not installed"
    )
    assert told.value.hint == "pip install 'segue[dataset,plots]', or do without pictures"


def test_what_is_installed_is_given() -> None:
    assert require("xml.dom", extra="none", needed_by="nothing").__name__ == "xml.dom"
    require_all([])
