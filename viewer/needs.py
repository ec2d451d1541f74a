"""What the pages need beside segue itself: the packages of the extra `view`."""

from __future__ import annotations

from ..core.packages import Need, require_all


def require_server(needed_by: str) -> None:
    """Raise `ConfigError` where a package is not installed; it names all that are missing, and the command.

    Args:
        needed_by: what cannot be done without them.
    """
    require_all(Need(module, "view", needed_by) for module in ("starlette", "uvicorn"))
