"""The store: checkpoints, the ledger, threads and runs in one SQLite file or PostgreSQL database.

`SQLAlchemySaver` serves any LangGraph program, without the rest:

    with SQLAlchemySaver.from_url("sqlite:///threads.db") as saver:
        graph = builder.compile(checkpointer=saver)
"""

from typing import TYPE_CHECKING, Any

from .saver import SQLAlchemySaver

if TYPE_CHECKING:
    from .store.store import Store

__all__ = ["SQLAlchemySaver", "Store"]


def __getattr__(name: str) -> Any:
    """`Store`, which brings other rooms with it, when it is asked for."""
    if name != "Store":
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    from .store.store import Store

    return Store
