"""A LangGraph checkpoint saver for SQLite and PostgreSQL, sync and async: each common part is kept once, compressed.

with SQLAlchemySaver.from_url("sqlite:///threads.db") as saver:
    graph = builder.compile(checkpointer=saver)
"""

from importlib import import_module
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from .database.database import Database
    from .saver import SQLAlchemySaver
    from .serialization import StrictSerializer

__all__ = ["Database", "SQLAlchemySaver", "StrictSerializer"]

_HOMES = {
    "Database": ".database.database",
    "SQLAlchemySaver": ".saver",
    "StrictSerializer": ".serialization",
}


def __getattr__(name: str) -> Any:
    """Each when it is asked for: the saver brings LangGraph with it, of which a list of threads has no need."""
    if name not in _HOMES:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    return getattr(import_module(_HOMES[name], __package__), name)
