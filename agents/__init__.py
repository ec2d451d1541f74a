"""The four agents: a view in, a typed answer out. No LangGraph, no storage."""
