"""The conversation as a LangGraph state machine: builder, nodes, routing."""
