"""The store: checkpoints, the ledger, threads and runs in one SQLite file or PostgreSQL database.

`SQLAlchemySaver` serves any LangGraph program, without the rest:

    with SQLAlchemySaver.from_url("sqlite:///threads.db") as saver:
        graph = builder.compile(checkpointer=saver)
"""

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from .saver import SQLAlchemySaver
    from .store.store import Store

__all__ = ["SQLAlchemySaver", "Store"]


def __getattr__(name: str) -> Any:
    """Each when it is asked for: `Store` brings other rooms with it, and the saver LangGraph."""
    if name == "Store":
        from .store.store import Store

        return Store
    if name == "SQLAlchemySaver":
        from .saver import SQLAlchemySaver

        return SQLAlchemySaver
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
