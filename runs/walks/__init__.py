"""Walked conversations given their words by a chat model, on the runtime, each a job of the queue."""
