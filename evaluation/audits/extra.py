"""The packages of the extra `audits`, and what is said when they are not installed."""

from __future__ import annotations

import importlib
from typing import Any

from ...core.errors import ConfigError


def load(package: str, what: str) -> Any:
    """The module named `package`, which `what` needs.

    Raises:
        ConfigError: it is not installed.
    """
    try:
        return importlib.import_module(package)
    except ImportError as error:
        raise ConfigError(
            f"{what} needs {package}, which is not installed",
            hint="pip install 'segue[audits]'",
        ) from error
