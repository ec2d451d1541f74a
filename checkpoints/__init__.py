"""The store: checkpoints, the ledger, threads and runs in one SQLite file or PostgreSQL database.

`SQLAlchemySaver` serves any LangGraph program:

    with SQLAlchemySaver.from_url("sqlite:///threads.db") as saver:
        graph = builder.compile(checkpointer=saver)
"""

from .saver import SQLAlchemySaver
from .store.store import Store

__all__ = ["SQLAlchemySaver", "Store"]
