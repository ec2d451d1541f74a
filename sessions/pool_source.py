"""Where the tracks of a pool come from."""

from __future__ import annotations

from typing import Literal

PoolSource = Literal["session", "catalogue"]
