"""How a text fails to be YAML, and how that is told."""

from __future__ import annotations

from typing import Final

import yaml

NOT_YAML: Final = (yaml.YAMLError, ValueError, RecursionError)
"""A date such as 2016-13-45 is a ValueError, a thousand brackets end the stack."""


def yaml_problem(error: BaseException) -> str:
    """What is wrong with the text, for people."""
    return "it is nested too deeply" if isinstance(error, RecursionError) else str(error)
