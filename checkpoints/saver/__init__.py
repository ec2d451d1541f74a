"""A LangGraph checkpoint saver for SQLite and PostgreSQL, sync and async: each common part is kept once, compressed.

with SQLAlchemySaver.from_url("sqlite:///threads.db") as saver:
    graph = builder.compile(checkpointer=saver)
"""

from .database.database import Database
from .saver import SQLAlchemySaver
from .serialization import StrictSerializer

__all__ = ["Database", "SQLAlchemySaver", "StrictSerializer"]
