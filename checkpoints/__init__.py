"""The store: checkpoints, the ledger, threads and runs in one SQLite file or PostgreSQL database.

`SQLAlchemySaver` serves any LangGraph program:

    with SQLAlchemySaver.from_url("sqlite:///threads.db") as saver:
        graph = builder.compile(checkpointer=saver)
"""

from .saver.saver import SQLAlchemySaver
from .store.engine import Store

__all__ = ["SQLAlchemySaver", "Store"]
