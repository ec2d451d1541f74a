"""The LangGraph saver: checkpoints of any graph in SQLite or PostgreSQL, each common part kept once."""
