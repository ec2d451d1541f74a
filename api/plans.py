"""Files of settings: plans, and what else holds options by name."""

from __future__ import annotations

from ..runs.plan_file import PlanFile, example, parse_options, read_plan_file

__all__ = ["PlanFile", "example", "parse_options", "read_plan_file"]
